"""Calls of the bus as requests of the REST API: one line each, and nothing else knows the difference."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mcu.errors import BadRequest

if TYPE_CHECKING:
    import httpx

    Answer = Callable[[httpx.Response], Any]


def _json(response: httpx.Response) -> Any:
    return response.json() if response.content else None


def _file(response: httpx.Response) -> Any:
    """A file as the bus gives it; a report that is asked for as JSON is the answer itself."""
    disposition = response.headers.get("Content-Disposition", "")
    if not disposition and response.headers.get("Content-Type", "").startswith("application/json"):
        return response.json()
    return {
        "name": disposition.partition("filename=")[2].strip('"'),
        "mimetype": response.headers.get("Content-Type", "").partition(";")[0],
        "content": base64.b64encode(response.content).decode(),
    }


def _calendar(response: httpx.Response) -> dict[str, str]:
    return {"ics": response.text}


def _trace(response: httpx.Response) -> dict[str, str]:
    """Over the bus both forms come at once, here the one that is asked for."""
    if response.headers.get("Content-Type", "").startswith("text/"):
        return {"text": response.text, "pcap": ""}
    return {"text": "", "pcap": base64.b64encode(response.content).decode()}


def _picture(response: httpx.Response) -> dict[str, str]:
    return {"jpeg": base64.b64encode(response.content).decode()}


@dataclass(frozen=True, slots=True)
class Route:
    """``path`` takes the arguments that it names; the others are the body, or of GET and DELETE the query.

    ``narrowed``: the path instead, where an argument that it names is given, or ``where``. ``pages``: it takes
    ``limit`` and ``after``; other lists come whole.
    """

    verb: str
    path: str
    answer: Answer = _json
    narrowed: str = ""
    where: str = ""
    pages: bool = False

    def paths(self) -> tuple[str, ...]:
        return (self.path, self.narrowed) if self.narrowed else (self.path,)

    def request(self, args: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """Path below /api/v1, and the arguments that are not in it."""
        narrowed = self.narrowed and (_named(self.narrowed) | {*filter(None, [self.where])}) <= args.keys()
        path = self.narrowed if narrowed else self.path
        left_out = {*_named(path), self.where} | (set() if self.pages else {"limit", "after"})
        filled = path.format(**{name: _segment(name, args[name]) for name in _named(path)})
        return filled, {name: value for name, value in args.items() if name not in left_out}


def _segment(name: str, value: object) -> str:
    """One step of a path; those that would lead elsewhere (RFC 3986 5.2.4) name nothing."""
    if str(value) in ("", ".", ".."):
        raise BadRequest(f"there is no {name} {str(value)!r}")
    return quote(str(value), safe="")


def _named(path: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(path) if name}


_R = Route
ROUTES: dict[str, Route] = {
    "status": _R("GET", "/status"),
    "layout.list": _R("GET", "/layouts"),
    # rooms, and what happens in them
    "room.list": _R("GET", "/rooms"),
    "room.show": _R("GET", "/rooms/{number}"),
    "room.create": _R("POST", "/rooms"),
    "room.change": _R("PATCH", "/rooms/{number}"),
    "room.delete": _R("DELETE", "/rooms/{number}"),
    "room.pin": _R("GET", "/rooms/{number}/pin"),
    "room.still": _R("GET", "/rooms/{number}/still.jpg", answer=_picture),
    "room.sites": _R("GET", "/rooms/{number}/sites"),
    "room.set_sites": _R("PUT", "/rooms/{number}/sites"),
    "room.act": _R("POST", "/rooms/{room}/acts"),
    "room.direction": _R("GET", "/rooms/{room}/direction"),
    "participant.list": _R("GET", "/participants", narrowed="/rooms/{room}/participants"),
    # calls and test sessions
    "call.list": _R("GET", "/calls", narrowed="/rooms/{room}/calls"),
    "call.dial": _R("POST", "/rooms/{room}/calls"),
    "call.all": _R("POST", "/rooms/{room}/calls/all"),
    "call.end_all": _R("DELETE", "/rooms/{room}/calls"),
    "call.again": _R("POST", "/calls/{call}/again"),
    "call.end": _R("DELETE", "/calls/{call}"),
    "test.start": _R("POST", "/rooms/{room}/test"),
    "test.stop": _R("DELETE", "/rooms/{room}/test"),
    "test.report": _R("GET", "/conferences/{conference}/test"),
    "test.sign": _R("POST", "/conferences/{conference}/test/signatures"),
    # sites and terminals
    "site.list": _R("GET", "/sites", pages=True),
    "site.show": _R("GET", "/sites/{id}"),
    "site.create": _R("POST", "/sites"),
    "site.change": _R("PATCH", "/sites/{id}"),
    "site.move": _R("POST", "/sites/{id}/move"),
    "site.delete": _R("DELETE", "/sites/{id}"),
    "site.import": _R("POST", "/sites/import"),
    "site.rollout": _R("POST", "/sites/rollout"),
    "site.export": _R("GET", "/sites/export", answer=_file),
    "terminal.list": _R("GET", "/terminals"),
    "terminal.show": _R("GET", "/terminals/{name}"),
    "terminal.create": _R("POST", "/terminals"),
    "terminal.update": _R("PATCH", "/terminals/{name}"),
    "terminal.delete": _R("DELETE", "/terminals/{name}"),
    "preset.list": _R("GET", "/presets"),
    # planned meetings and conferences
    "meeting.list": _R("GET", "/meetings", pages=True),
    "meeting.show": _R("GET", "/meetings/{id}"),
    "meeting.create": _R("POST", "/meetings"),
    "meeting.change": _R("PATCH", "/meetings/{id}"),
    "meeting.delete": _R("DELETE", "/meetings/{id}"),
    "meeting.cancel_occurrence": _R("POST", "/meetings/{id}/cancellations"),
    "meeting.move_occurrence": _R("POST", "/meetings/{id}/moves"),
    "meeting.calendar": _R("GET", "/meetings/{id}/calendar.ics", answer=_calendar),
    "conference.list": _R("GET", "/conferences", pages=True),
    "conference.show": _R("GET", "/conferences/{id}"),
    "conference.people": _R("PUT", "/conferences/{id}/people"),
    "conference.minutes": _R("GET", "/conferences/{id}/minutes", answer=_file),
    "savings.report": _R("GET", "/savings", answer=_file),
    # people and programs
    "user.list": _R("GET", "/users"),
    "user.create": _R("POST", "/users"),
    "user.change": _R("PATCH", "/users/{login}"),
    "user.password": _R("PUT", "/users/{login}/password"),
    "user.delete": _R("DELETE", "/users/{login}"),
    "token.list": _R("GET", "/tokens"),
    "token.create": _R("POST", "/tokens"),
    "token.delete": _R("DELETE", "/tokens/{id}"),
    "audit.list": _R("GET", "/audit", pages=True),
    "webhook.list": _R("GET", "/webhooks"),
    "webhook.create": _R("POST", "/webhooks"),
    "webhook.change": _R("PATCH", "/webhooks/{id}"),
    "webhook.delete": _R("DELETE", "/webhooks/{id}"),
    "webhook.test": _R("POST", "/webhooks/{id}/test"),
    "webhook.deliveries": _R("GET", "/webhooks/{id}/deliveries", pages=True),
    # the H.323 gateway
    "h323.calls": _R("GET", "/h323/calls"),
    "h323.call": _R("GET", "/h323/calls/{tag}"),
    "h323.hang_up": _R("DELETE", "/h323/calls/{tag}"),
    "h323.registered": _R("GET", "/h323/registered"),
    "h323.trace": _R("PUT", "/h323/calls/{tag}/trace"),
    "h323.trace_get": _R(
        "GET", "/h323/calls/{tag}/trace.txt", answer=_trace, narrowed="/h323/calls/{tag}/trace.pcap", where="packets"
    ),
}

# The server carries these out once for a key, however often the request comes.
IDEMPOTENT = {"call.dial", "call.all", "test.start"}
