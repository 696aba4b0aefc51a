"""AMI events into the events that core decides on. Pure: one message in, one event or none out."""

from __future__ import annotations

import re
from collections.abc import Callable

from panoramisk.message import Message

from mcu.core.events import (
    Event,
    HungUp,
    Joined,
    KeyPressed,
    Left,
    Muted,
    PictureStarted,
    PictureStopped,
    Talking,
    TrunkTold,
    VideoNegotiated,
)

_ESCAPED = re.compile(r"\\(.)")
_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def variables(message: Message) -> dict[str, str]:
    """The channel variables that manager.conf's ``channelvars`` puts into every event of a channel.

    Each comes as a header of its own, ``ChanVariable: NAME=value``, its value with the escapes of C (main/utils.c,
    ast_escape_c). A line without "=" is no variable.
    """
    raw = message.get("ChanVariable", [])
    pairs = [line.partition("=") for line in ([raw] if isinstance(raw, str) else raw)]
    return {name: _ESCAPED.sub(_unescape, value) for name, separator, value in pairs if separator}


def _unescape(found: re.Match[str]) -> str:
    return _ESCAPES.get(found[1], found[1])


def text(message: Message, header: str) -> str:
    """One header's value; "" when it is absent, its first value when it stands there more than once."""
    value = message.get(header, "")
    return value if isinstance(value, str) else value[0]


def number(message: Message, header: str) -> int:
    try:
        return int(text(message, header))
    except ValueError:
        return 0


def caller_number(message: Message) -> str:
    told = text(message, "CallerIDNum")
    return "" if told == "<unknown>" else told


def _joined(message: Message, told: dict[str, str], at: float) -> Event:
    return Joined(
        at=at,
        participant=told["MCU_ID"],
        channel=text(message, "Channel"),
        room=text(message, "Conference"),
        muted=text(message, "Muted") == "Yes",
        name=told.get("MCU_NAME", ""),
        number=caller_number(message),
    )


def _left(message: Message, told: dict[str, str], at: float) -> Event:
    return Left(at=at, participant=told["MCU_ID"], channel=text(message, "Channel"), room=text(message, "Conference"))


def _talking(message: Message, told: dict[str, str], at: float) -> Event:
    return Talking(
        at=at,
        participant=told["MCU_ID"],
        channel=text(message, "Channel"),
        room=text(message, "Conference"),
        on=text(message, "TalkingStatus") == "on",
    )


def _muted(message: Message, told: dict[str, str], at: float) -> Event:
    return Muted(
        at=at,
        participant=told["MCU_ID"],
        channel=text(message, "Channel"),
        room=text(message, "Conference"),
        on=text(message, "Event") == "ConfbridgeMute",
    )


def _picture_started(message: Message, told: dict[str, str], at: float) -> Event:
    return PictureStarted(
        at=at,
        participant=told["MCU_ID"],
        channel=text(message, "Channel"),
        codec=text(message, "Format"),
        fmtp=text(message, "Fmtp"),
    )


def _video_negotiated(message: Message, told: dict[str, str], at: float) -> Event:
    return VideoNegotiated(
        at=at, participant=told["MCU_ID"], channel=text(message, "Channel"), video=text(message, "Formats")
    )


def _picture_stopped(message: Message, told: dict[str, str], at: float) -> Event:
    return PictureStopped(at=at, participant=told["MCU_ID"], channel=text(message, "Channel"))


def _key_pressed(message: Message, told: dict[str, str], at: float) -> Event | None:
    if text(message, "Direction") != "Received":
        return None
    return KeyPressed(at=at, participant=told["MCU_ID"], channel=text(message, "Channel"), digit=text(message, "Digit"))


# Of terminals only: a leg's or a view's pictures and sound are no news about a participant.
_OF_TERMINALS: dict[str, Callable[[Message, dict[str, str], float], Event | None]] = {
    "ConfbridgeJoin": _joined,
    "ConfbridgeLeave": _left,
    "ConfbridgeTalking": _talking,
    "ConfbridgeMute": _muted,
    "ConfbridgeUnmute": _muted,
    "VideoPublishStart": _picture_started,
    "VideoPublishStop": _picture_stopped,
    "VideoFormats": _video_negotiated,
    "DTMFEnd": _key_pressed,
}


def translate(message: Message, at: float) -> Event | None:
    """The event that ``message`` means to core, or None. ``at`` is seconds since the epoch (UTC)."""
    if text(message, "Event") == "Registry":  # there is one registration only, the trunk's
        return TrunkTold(at=at, registered=text(message, "Status") == "Registered")
    told = variables(message)
    kind, ident = told.get("MCU_KIND", ""), told.get("MCU_ID", "")
    if not kind or not ident:
        return None  # a call that was not admitted (yet), or none of ours
    name = text(message, "Event")
    if name == "Hangup":
        return HungUp(at=at, channel=text(message, "Channel"), kind=kind, ident=ident, cause=number(message, "Cause"))
    maker = _OF_TERMINALS.get(name)
    return maker(message, told, at) if maker is not None and kind == "terminal" else None
