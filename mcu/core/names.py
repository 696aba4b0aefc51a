"""Names that people see and identifiers that wires carry: what may be in them."""

from __future__ import annotations

import hashlib
import re
import unicodedata

MAX_NAME = 64  # characters, so up to 256 octets of UTF-8
# The only place that says what these look like.
ROOM_NUMBER = r"[0-9]{1,16}"
PARTICIPANT_ID = r"[a-f0-9]{8}"
TRUNK_ENDPOINT = "sip-trunk"  # of asterisk-conf/pjsip.conf.j2; no terminal can be called so
WORD = r"[A-Za-z0-9_.]{1,32}"  # of ours (view, run of a mixer); dashes separate words
_ROOM, _PARTICIPANT, _WORD = re.compile(ROOM_NUMBER), re.compile(PARTICIPANT_ID), re.compile(WORD)


def clean_name(text: str, limit: int = MAX_NAME) -> str:
    """``text`` fit to be shown on one line: NFC, without controls, at most ``limit`` characters; may come out empty.

    Format characters (category Cf) go too: with the bidirectional ones a caller could write over its neighbours. A cut
    never parts a letter from the marks over and under it (categories M).
    """
    one_line = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    clean = unicodedata.normalize("NFC", " ".join(one_line.split()))
    end = limit
    while 0 < end < len(clean) and unicodedata.category(clean[end])[0] == "M":
        end -= 1
    return clean[:end].rstrip()


def folded(text: str) -> str:
    """For searching: without case, blanks at the ends, or accents. "đ" has no accent in Unicode's eyes, but in ours."""
    apart = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return " ".join("".join(c for c in apart if unicodedata.category(c)[0] != "M").split())


def display_name(*candidates: str) -> str:
    """The first of the names that has anything to show; empty if none has."""
    return next((name for name in map(clean_name, candidates) if name), "")


def room_number(dialled: str) -> str:
    """The room number in what was dialled (blanks are no part of it), or empty if it is none."""
    number = "".join(dialled.split())
    return number if is_room_number(number) else ""


def is_room_number(text: str) -> bool:
    return _ROOM.fullmatch(text) is not None


def is_word(text: str) -> bool:
    return _WORD.fullmatch(text) is not None


def is_participant_id(text: str) -> bool:
    return _PARTICIPANT.fullmatch(text) is not None


def participant_id(told: str, channel: str) -> str:
    """The id from the channel's variable; for a channel that has none, or rubbish, one that stays the same."""
    return told if is_participant_id(told) else hashlib.blake2s(channel.encode(), digest_size=4).hexdigest()


def door_of(channel: str) -> str:
    """By which door a call came in, told from its PJSIP endpoint, "PJSIP/anonymous-00000001"; see asterisk-conf/."""
    endpoint = _endpoint_of(channel)
    if endpoint in ("anonymous", TRUNK_ENDPOINT):
        return "guest"
    return "known" if endpoint.startswith("k-") else "terminal"


def is_telephone(channel: str) -> bool:
    """Does this call go over the trunk?"""
    return _endpoint_of(channel) == TRUNK_ENDPOINT


def _endpoint_of(channel: str) -> str:
    return channel.partition("/")[2].rpartition("-")[0]
