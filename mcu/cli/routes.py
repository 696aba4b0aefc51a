"""Calls of the bus as requests of the REST API: one line each, and nothing else knows the difference."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from string import Formatter
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    import httpx

    Answer = Callable[[httpx.Response], Any]


def _json(response: httpx.Response) -> Any:
    return response.json() if response.content else None


def _file(response: httpx.Response) -> dict[str, str]:
    """A file as the bus gives it."""
    disposition = response.headers.get("Content-Disposition", "")
    return {
        "name": disposition.partition("filename=")[2].strip('"'),
        "mimetype": response.headers.get("Content-Type", "").partition(";")[0],
        "content": base64.b64encode(response.content).decode(),
    }


def _calendar(response: httpx.Response) -> dict[str, str]:
    return {"ics": response.text}


def _trace(response: httpx.Response) -> dict[str, str]:
    return {"text": response.text, "pcap": ""}


def _picture(response: httpx.Response) -> dict[str, str]:
    return {"jpeg": base64.b64encode(response.content).decode()}


@dataclass(frozen=True, slots=True)
class Route:
    """``path`` takes the arguments that it names; the others are the body, or of GET and DELETE the query."""

    verb: str
    path: str
    renamed: Mapping[str, str] = field(default_factory=dict)  # argument: its name over REST
    answer: Answer = _json

    @property
    def in_path(self) -> frozenset[str]:
        return frozenset(name for _, name, _, _ in Formatter().parse(self.path) if name)

    def request(self, args: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """Path below /api/v1, and the arguments that are not in it."""
        named = self.in_path
        path = self.path.format(**{name: quote(str(args[name]), safe="") for name in named})
        return path, {self.renamed.get(name, name): value for name, value in args.items() if name not in named}


_R = Route
ROUTES: dict[str, Route] = {
    "status": _R("GET", "/status"),
    "layout.list": _R("GET", "/layouts"),
    # rooms and what happens in them
    "room.list": _R("GET", "/rooms"),
    "room.show": _R("GET", "/rooms/{number}"),
    "room.create": _R("POST", "/rooms"),
    "room.change": _R("PATCH", "/rooms/{number}"),
    "room.delete": _R("DELETE", "/rooms/{number}"),
    "room.layout": _R("PATCH", "/rooms/{number}"),
    "room.lock": _R("PATCH", "/rooms/{number}", {"on": "locked"}),
    "room.pin": _R("GET", "/rooms/{number}/pin"),
    "room.still": _R("GET", "/rooms/{number}/still.jpg", answer=_picture),
    "room.act": _R("POST", "/rooms/{room}/acts"),
    "room.direction": _R("GET", "/rooms/{room}/direction"),
    "room.sites": _R("GET", "/rooms/{number}/sites"),
    "room.set_sites": _R("PUT", "/rooms/{number}/sites"),
    "participant.list": _R("GET", "/participants"),
    "participant.mute": _R("PATCH", "/rooms/{room}/participants/{participant}", {"on": "muted"}),
    "participant.mute_all": _R("PATCH", "/rooms/{room}/participants", {"on": "muted"}),
    "participant.kick": _R("DELETE", "/rooms/{room}/participants/{participant}"),
    # calls
    "call.dial": _R("POST", "/rooms/{room}/calls"),
    "call.list": _R("GET", "/calls"),
    "call.again": _R("POST", "/calls/{call}/again"),
    "call.end": _R("DELETE", "/calls/{call}"),
    "terminal.list": _R("GET", "/terminals"),
    "h323.calls": _R("GET", "/h323/calls"),
    "h323.call": _R("GET", "/h323/calls/{tag}"),
    "h323.registered": _R("GET", "/h323/registered"),
    "h323.trace": _R("PUT", "/h323/calls/{tag}/trace"),
    "h323.trace_get": _R("GET", "/h323/calls/{tag}/trace.txt", answer=_trace),
}

# The server carries these out once for a key, however often the request comes.
IDEMPOTENT = {"call.dial", "call.all", "test.start"}
