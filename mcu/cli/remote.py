"""A bridge elsewhere, over its REST API: the same questions and answers as over the bus, by the table in routes.py."""

from __future__ import annotations

import contextlib
import json
import secrets
import socket
import ssl
import threading
from collections.abc import Iterator
from typing import Any

import httpx

from mcu import __version__
from mcu.cli.link import Event, patience
from mcu.cli.profile import Remote
from mcu.cli.routes import IDEMPOTENT, ROUTES
from mcu.errors import BadRequest, ConfigError, Garbled, McuError, NotPermitted, TimedOut, Unavailable, from_wire

_SILENCE = 45.0  # s without a word on the event stream; the server says ": still here" every 15
_BETWEEN_STREAMS = 1.0  # s, as the server asks for by ``retry``
_LONGEST_LINE = 8 << 20  # octets, as on the bus


class RestLink:
    """One connection that is kept for a command, or for a batch of them."""

    resumes = True

    def __init__(self, remote: Remote, limit: float | None = None) -> None:
        self._remote = remote
        self._limit = limit
        self._closing = threading.Event()
        self._listening: socket.socket | None = None
        self._last_id = ""
        self._client = httpx.Client(
            base_url=f"{remote.server}/api/v1",
            headers={"Authorization": f"Bearer {remote.token}", "User-Agent": f"mcu/{__version__}"},
            verify=_trust(remote),
            trust_env=not remote.local,  # a proxy does not lead to this machine
        )

    def call(self, name: str, /, **args: Any) -> Any:
        route = ROUTES.get(name)
        if route is None:
            raise BadRequest(f"{name} can't be asked of a bridge elsewhere; run the command on its own machine")
        # Dialling twice is worse than not at all: the server carries a key out once, however often it comes.
        headers = {"Idempotency-Key": secrets.token_urlsafe(16)} if name in IDEMPOTENT else {}
        seconds = min(patience(name), self._limit or patience(name))
        with self._told(name, seconds):
            path, body = route.request(args)
            how: dict[str, Any] = {"params": _query(body)} if route.verb in ("GET", "DELETE") else {"json": body}
            response = self._client.request(route.verb, path, headers=headers, timeout=seconds, **how)
        if not response.is_success:
            raise self._fault(response)
        with _readable():
            return route.answer(response)

    def events(self) -> Iterator[Event]:
        """Streams end now and then; the next one goes on after the last message, or begins with ``resync``."""
        while not self._closing.is_set():
            heard = False
            for event in self._stream():
                heard = True
                yield event
            if not heard and not self._closing.is_set():
                raise Unavailable(f"{self._remote.server} ends the event stream at once")
            self._closing.wait(_BETWEEN_STREAMS)

    def _stream(self) -> Iterator[Event]:
        limits = httpx.Timeout(10.0, read=_SILENCE)
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": self._last_id} if self._last_id else {})
        with (
            self._told("events", _SILENCE),
            self._client.stream("GET", "/events", timeout=limits, headers=headers) as stream,
        ):
            if not stream.is_success:
                stream.read()
                raise self._fault(stream)
            self._listening = stream.extensions["network_stream"].get_extra_info("socket")
            try:
                yield from self._messages(stream)
            finally:
                self._listening = None

    def _messages(self, stream: httpx.Response) -> Iterator[Event]:
        """Server-sent events taken apart (WHATWG HTML 9.2.6); a comment is an event without a name."""
        event, data, ident = "message", "", ""
        for line in stream.iter_lines():
            if self._closing.is_set():
                return
            if len(line) + len(data) > _LONGEST_LINE:
                raise Garbled("an event is longer than any can be")
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if not line:
                if data:
                    yield event, _read(event, data)
                    self._last_id = ident or self._last_id
                event, data, ident = "message", "", ""
            elif not field:
                yield "", {}
            elif field == "event":
                event = value
            elif field == "data":
                data += value
            elif field == "id" and value.isascii() and value.isprintable():  # it goes into a header
                ident = value

    def close(self) -> None:
        self._closing.set()
        if (listening := self._listening) is not None:
            with contextlib.suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)  # whoever reads there wakes up
        self._client.close()

    @contextlib.contextmanager
    def _told(self, name: str, seconds: float) -> Iterator[None]:
        """Faults of the network in our own words."""
        server = self._remote.server
        try:
            yield
        except httpx.TimeoutException:
            if not self._closing.is_set():
                raise TimedOut(f"{name}: {server} did not answer within {seconds:g} s") from None
        except ValueError:  # octets that are no text, a number that is none
            raise BadRequest(f"{name}: an argument is nothing that can be sent") from None
        except httpx.TransportError as fault:
            if not self._closing.is_set():
                why = str(fault) or type(fault).__name__
                hint = "; its certificate's authority goes to --ca" if "CERTIFICATE" in why.upper() else ""
                raise Unavailable(f"{server} can't be reached: {why}{hint}") from None

    def _fault(self, response: httpx.Response) -> McuError:
        server = self._remote.server
        if response.is_redirect:
            return BadRequest(f"{server} sends us on to {response.headers.get('Location', '?')}: name that address")
        try:
            problem = response.json()
            error_id, detail = str(problem["error_id"]), str(problem["detail"])
        except (ValueError, KeyError, TypeError):
            return Unavailable(f"{server} answered {response.status_code}, not as an MCU does; is the address right?")
        if response.status_code == 401:
            return NotPermitted(f"{server} does not know this token ({detail}); `mcu token create` there makes one")
        return from_wire(error_id, detail)


def _trust(remote: Remote) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=remote.ca)
    except (OSError, ssl.SSLError) as fault:
        raise ConfigError(f"--ca {remote.ca}: {fault}") from None


@contextlib.contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise Garbled(f"the answer is not understood ({fault}); are both sides of the same version?") from None


def _query(args: dict[str, Any]) -> dict[str, str]:
    def text(value: Any) -> str:
        return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)

    return {key: text(value) for key, value in args.items() if value is not None}


def _read(event: str, data: str) -> dict[str, Any]:
    try:
        read = json.loads(data)
    except ValueError:
        raise Garbled(f"event {event} holds no JSON") from None
    return read if isinstance(read, dict) else {"value": read}
