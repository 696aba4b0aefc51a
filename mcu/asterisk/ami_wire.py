"""panoramisk 1.4's AMI protocol with its faults cured. Nothing else of panoramisk is used.

1. A UTF-8 letter split across two reads was lost: octets are decoded incrementally here.
2. CR, LF or NUL in a value began a second header or action: refused before anything is sent.
3. What was unanswered when the connection broke was sent again on the next one, so that a site would be dialled twice:
   it fails with AsteriskDown instead. What a broken connection still delivers is dropped.
4. A future could wait for ever (a list that begins with an error, too): Ami gives each action a time limit, and a list
   ends with its error.
5. (FastAGI is not taken from panoramisk at all: see fastagi.py.)
"""

from __future__ import annotations

import asyncio
import codecs
import re
from collections import deque
from collections.abc import Callable, Mapping, Sequence

import structlog
from panoramisk.actions import Action
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.message import Message

from mcu.errors import AsteriskDown, BadRequest

Fields = Mapping[str, str | Sequence[str]]

_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_BREAKS_LINE = re.compile(r"[\r\n\0]")
_LARGEST_MESSAGE = 1 << 20  # characters; Asterisk's longest are a few thousand

log = structlog.get_logger()


class Request(Action):  # type: ignore[misc]  # panoramisk is untyped
    """One action and what has been answered to it so far.

    ``future`` gives the first response, or for a list all messages up to the one that ends it. Raises BadRequest for a
    header name or value that would break out of its line.
    """

    def __init__(self, action: str, fields: Fields, *, as_list: bool) -> None:
        for header, value in [("Action", action), *fields.items()]:
            if not _HEADER.fullmatch(header):
                raise BadRequest(f"{header[:40]!r} is no AMI header")
            for text in [value] if isinstance(value, str) else value:
                if _BREAKS_LINE.search(text):
                    raise BadRequest(f"a line break or NUL in AMI header {header}")
        super().__init__({**fields, "Action": action}, as_list=as_list)

    def add_message(self, message: Message) -> bool:
        """Take a message that carries our ActionID; True when the action is complete."""
        self.responses.append(message)
        if not self.as_list:
            complete = "response" in message
        else:
            complete = (
                message.response == "Error"
                or message.eventlist.lower() in ("complete", "cancelled")
                or message.event.endswith("Complete")
            )
        if complete and not self.future.done():
            self.future.set_result(self.responses if self.as_list else message)
        return complete or self.future.done()


class Wire(AMIProtocol):  # type: ignore[misc]  # panoramisk is untyped
    """One connection. ``on_event`` gets every event while it lasts, ``on_closed`` the reason when it ends, once."""

    encoding = "utf-8"

    def __init__(self, on_event: Callable[[Message], None], on_closed: Callable[[str], None]) -> None:
        self._on_event = on_event
        self._on_closed = on_closed
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.closed = False

    def request(self, request: Request) -> asyncio.Future[Message | list[Message]]:
        """Send. Raises AsteriskDown on a connection that is closed."""
        if self.closed:
            raise AsteriskDown("the connection to Asterisk is closed")
        future: asyncio.Future[Message | list[Message]] = self.send(request, as_list=request.as_list)
        future.add_done_callback(lambda _: self.responses.pop(request.id, None))
        return future

    def data_received(self, data: bytes) -> None:
        if self.closed:
            return
        super().data_received(self._decoder.decode(data).encode())
        if self.queue and len(self.queue[0]) > _LARGEST_MESSAGE:
            self.close("Asterisk sent a message without an end")

    def handle_message(self, message: Message) -> None:
        if self.closed:
            return  # the rest of a read in which the connection was given up
        request: Request | None = self.responses.get(message.id)
        # OriginateResponse is an event with the action's id and a Response header of its own: in the same read as the
        # action's response it would be taken for a second one, and the outcome of the dial lost.
        if request is not None and (request.as_list or ("response" in message and not message.event)):
            request.add_message(message)
        elif message.event == "Shutdown":
            self.close("Asterisk is shutting down")
        elif message.event:
            try:
                self._on_event(message)
            except Exception:
                log.exception("ami.event_failed", ami_event=message.event)

    def connection_lost(self, exc: Exception | None) -> None:
        self.close(f"connection lost: {exc}" if exc else "Asterisk closed the connection")

    def close(self, reason: str = "closed") -> None:
        if self.closed:
            return
        self.closed = True
        self.transport.close()
        self.queue: deque[str] = deque()
        for request in list(self.responses.values()):
            if not request.future.done():
                request.future.set_exception(AsteriskDown(f"{reason}, before it answered {request.action}"))
                request.future.exception()  # seen: whoever waited may be gone
        self.responses.clear()
        self._on_closed(reason)
