"""Framing of the bus, without I/O: messages to octets and octets to messages.

One JSON object a line, UTF-8, ended by ``\\n``:

- request ``{"v": 1, "id": 7, "call": "room.list", "args": {…}}``
- reply   ``{"v": 1, "id": 7, "result": …}`` or ``{"v": 1, "id": 7, "error": {"error_id": …, "detail": …}}``
- event   ``{"v": 1, "event": "participant.joined", "data": {…}}``

A peer ignores keys it does not know; another major version ``v`` is an error, so that old and new never guess.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from mcu.errors import BadRequest, Garbled, McuError

VERSION = 1
MAX_LINE = 8 * 1024 * 1024  # a still of 1280×720 in base64 takes 0.2 MB; rosters of 400 take 0.2 MB


@dataclass(frozen=True, slots=True)
class Request:
    id: int
    call: str
    args: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    id: int
    result: Any = None
    error_id: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """An event: nobody answers it."""

    event: str
    data: dict[str, Any]


Message = Request | Reply | Notice


def encode(message: Message) -> bytes:
    """One line, its ``\\n`` included. Raises BadRequest if a value has no JSON form."""
    body: dict[str, Any] = {"v": VERSION}
    match message:
        case Request():
            body |= {"id": message.id, "call": message.call, "args": message.args}
        case Reply() if message.error_id:
            body |= {"id": message.id, "error": {"error_id": message.error_id, "detail": message.detail}}
        case Reply():
            body |= {"id": message.id, "result": message.result}
        case Notice():
            body |= {"event": message.event, "data": message.data}
    try:
        line = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as fault:
        raise BadRequest(f"not a message for the bus: {fault}") from None
    return line.encode("utf-8", "replace") + b"\n"


def failure(request_id: int, error: McuError) -> Reply:
    return Reply(request_id, error_id=error.error_id, detail=error.detail)


class Decoder:
    """Octets in, messages out; a line that is no message, or too long, raises Garbled and the link is to be closed."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, octets: bytes) -> list[Message]:
        searched = len(self._buffer)
        self._buffer += octets
        messages: list[Message] = []
        start = 0
        while (end := self._buffer.find(b"\n", max(start, searched))) >= 0:
            if end - start > MAX_LINE:
                raise Garbled("line too long")
            messages.append(_parse(bytes(self._buffer[start:end])))
            start = end + 1
        del self._buffer[:start]
        if len(self._buffer) > MAX_LINE:
            raise Garbled("line too long")
        return messages


def _parse(line: bytes) -> Message:
    try:
        body = json.loads(line)
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise Garbled("not JSON") from None
    if not isinstance(body, dict) or body.get("v") != VERSION:
        raise Garbled("not a message of this version")
    number = body.get("id")
    match body:
        case {"event": str(event)}:
            data = body.get("data", {})
            if isinstance(data, dict):
                return Notice(event, data)
        case {"call": str(call)} if isinstance(number, int):
            args = body.get("args", {})
            if isinstance(args, dict):
                return Request(number, call, args)
        case {"error": {"error_id": str(error_id)}} if isinstance(number, int):
            return Reply(number, error_id=error_id, detail=str(body["error"].get("detail", "")))
        case {"result": result} if isinstance(number, int):
            return Reply(number, result)
    raise Garbled("neither request, reply nor event")
