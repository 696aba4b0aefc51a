"""What may go into an AMI action, an AGI command or the dialplan: each value is matched whole, or refused.

AMI has no escaping. A header ends at CR LF, ``Variable:`` splits its values at commas, ``ConfbridgeKick`` takes "all"
and matches channels by prefix; so nothing leaves this process that does not look exactly as it should.
"""

from __future__ import annotations

import re

from mcu.core import names
from mcu.core.picture.rates import ALL_CLASSES
from mcu.errors import BadRequest

RATE_CLASSES = tuple(ALL_CLASSES)
_CLASS = "|".join(RATE_CLASSES)

_ROOM = re.compile(names.ROOM_NUMBER)
_PARTICIPANT = re.compile(names.PARTICIPANT_ID)
_NAME = re.compile(names.WORD)
_CHANNEL = re.compile(r"[A-Za-z0-9]+/[A-Za-z0-9_.@:+-]{1,70}-[0-9a-f]{8}(;[12])?")
_KEY = re.compile(rf"p-{names.WORD}|v-{names.WORD}-({_CLASS})")
_OF_GATEWAY = re.compile(r"PJSIP/h323-[0-9a-f]{8}")
_TAG = re.compile(r"[0-9a-f]{16}")
_UNUSUAL = re.compile(r"[^0-9A-Za-z_.+*#@-]")
_PROMPT = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")


def _checked(pattern: re.Pattern[str], value: str, what: str) -> str:
    if not pattern.fullmatch(value):
        raise BadRequest(f"{value[:40]!r} is no {what}")
    return value


def room(number: str) -> str:
    """A room number, which is also the name of its ConfBridge: 1 to 16 digits."""
    return _checked(_ROOM, number, "room number")


def participant(ident: str) -> str:
    """A participant's id: 8 hexadecimal digits, lower case."""
    return _checked(_PARTICIPANT, ident, "participant id")


def name(word: str, what: str) -> str:
    """A name of ours (view, mixer run): letters, digits, ``_`` and ``.``, at most 32; dashes separate names."""
    return _checked(_NAME, word, what)


def rate_class(word: str) -> str:
    if word not in RATE_CLASSES:
        raise BadRequest(f"{word[:40]!r} is no rate class (known: {', '.join(RATE_CLASSES)})")
    return word


def by_gateway(channel_name: str) -> bool:
    """Whether this is a call of the H.323 gateway's, and not of an account that somebody named so."""
    return _OF_GATEWAY.fullmatch(channel_name) is not None


def channel(channel_name: str) -> str:
    """A whole channel name ("PJSIP/site1-0000002a"): Asterisk matches by prefix, and knows "all" and "participants"."""
    return _checked(_CHANNEL, channel_name, "channel name")


def picture_key(key: str) -> str:
    """A key of the video router, ``p-<participant>`` or ``v-<view>-<class>``."""
    return _checked(_KEY, key, "picture key")


def tag(word: str) -> str:
    """The H.323 gateway's name for a call of its: 16 hexadecimal digits, lower case."""
    return _checked(_TAG, word, "tag of an H.323 call")


def prompt(file: str) -> str:
    """Name of a sound file; "&" or "/" would make Playback look elsewhere."""
    return _checked(_PROMPT, file, "prompt")


def language(code: str) -> str:
    return _checked(_LANGUAGE, code, "language")


def cause(code: int) -> int:
    """A hang-up cause of Q.850 (1 to 127)."""
    if not 1 <= code <= 127:
        raise BadRequest(f"{code} is no Q.850 cause")
    return code


def harmless(number: str) -> str:
    """A caller's number for the channel, of which AMI events show it raw: what else it holds is left out."""
    return _UNUSUAL.sub("", number)[:40]


def quotable(text: str) -> str:
    """A name to be put between quotation marks in ``CallerID:``."""
    return names.clean_name(text.replace("\\", " ").replace('"', " ").replace("<", " ").replace(">", " "))
