"""What is done differently for one odd terminal: the proven cure for equipment that claims more than it can."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mcu.errors import BadRequest

AUDIO_CODECS = ("pcmu", "pcma", "g722", "g7221", "g729")
VIDEO_CODECS = ("h264", "h263p", "h263", "h261")
# Largest picture, in pixels.
PICTURES = {
    "qcif": (176, 144),
    "cif": (352, 288),
    "4cif": (704, 576),
    "720p": (1280, 720),
    "1080p": (1920, 1080),
}

# How keys of a SIP terminal come: RTP events (RFC 4733), SIP INFO, tones in the sound, or whichever it offers.
DTMF = ("auto", "rfc4733", "info", "inband")
SRTP = ("on", "off")  # without it: as the terminal asks

_CHOICES: dict[str, tuple[str, ...]] = {
    "audio_codec": AUDIO_CODECS,
    "video_codec": VIDEO_CODECS,
    "picture": tuple(PICTURES),
    "dtmf": DTMF,
    "srtp": SRTP,
}
_RANGES = {"frame_rate": (1, 60), "kbit_to_terminal": (64, 20_000), "kbit_from_terminal": (64, 20_000)}
# Of SIP, whose sound Asterisk decodes; H.323's, too, but there the gateway refuses what it cannot hand on.
SIP_AUDIO = ("pcmu", "pcma", "g722")
# What only one protocol has; the others are for SIP (browsers are SIP, too) and H.323 alike.
_ONLY = {
    **dict.fromkeys(("frame_rate", "kbit_from_terminal", "no_h239", "no_tunnelling", "no_fast_start"), "h323"),
    **dict.fromkeys(("dtmf", "srtp"), "sip"),
}
_WORDS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """Each value at its default overrides nothing. Codecs are named as in ``mcu.h323.media``."""

    audio_codec: str = ""  # the only one offered to the terminal and taken from it
    video_codec: str = ""
    picture: str = ""  # the largest, a key of PICTURES
    frame_rate: int = 0  # pictures a second, at most
    kbit_to_terminal: int = 0  # kbit/s of the whole call, at most
    kbit_from_terminal: int = 0
    no_h239: bool = False  # no second picture: some terminals and gatekeepers choke on the mere capability
    no_tunnelling: bool = False  # H.245 on its own TCP connection
    no_fast_start: bool = False
    dtmf: str = ""
    srtp: str = ""

    def check(self, protocol: str) -> None:
        """Raises BadRequest for one that a terminal of this protocol cannot be given."""
        speaks = "sip" if protocol == "browser" else protocol
        for key in self.stated():
            if not self.accepted(key, protocol):
                raise BadRequest(f"override {key} is not for {protocol} terminals")
        if speaks == "sip" and self.audio_codec not in ("", *SIP_AUDIO):
            raise BadRequest(f"override audio_codec of a {protocol} terminal must be one of {', '.join(SIP_AUDIO)}")

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Overrides:
        """From JSON, or from what somebody typed ("768", "yes"); None and "" stand for "not overridden".

        Raises BadRequest that names the key, with a "did you mean" for one that does not exist.
        """
        known = {field.name: field for field in dataclasses.fields(cls)}
        read: dict[str, Any] = {}
        for key, value in values.items():
            if key not in known:
                near = difflib.get_close_matches(str(key), known, n=1)
                hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
                raise BadRequest(f"unknown override {str(key)[:40]!r} ({hint})")
            if value is not None and value != "":
                read[key] = _read(key, value)
        return cls(**read)

    def stated(self) -> dict[str, str | int | bool]:
        """What is overridden, as ``parse`` reads it and JSON can hold it."""
        return {
            field.name: value
            for field in dataclasses.fields(self)
            if (value := getattr(self, field.name)) != field.default
        }

    @staticmethod
    def accepted(key: str, protocol: str) -> str:
        """What may be said of one for a terminal of this protocol, in no language: "cif, 4cif", "1-60". Empty where it
        may have none. Raises KeyError for one that there is not."""
        if key not in {field.name for field in dataclasses.fields(Overrides)}:
            raise KeyError(key)
        speaks = "sip" if protocol == "browser" else protocol
        if speaks == "phone" or _ONLY.get(key, speaks) != speaks:
            return ""
        if key in _RANGES:
            return "-".join(map(str, _RANGES[key]))
        return ", ".join(SIP_AUDIO if (key, speaks) == ("audio_codec", "sip") else _CHOICES.get(key, ("true", "false")))

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height of the largest picture in pixels; None without a limit."""
        return PICTURES.get(self.picture)


def _read(key: str, value: Any) -> str | int | bool:
    if key in _CHOICES:
        word = value.lower() if isinstance(value, str) else ""
        if word not in _CHOICES[key]:
            raise BadRequest(f"override {key} must be one of {', '.join(_CHOICES[key])}")
        return word
    if key in _RANGES:
        least, most = _RANGES[key]
        if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10:
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise BadRequest(f"override {key} must be a whole number from {least} to {most}")
        return value
    if isinstance(value, str):
        value = _WORDS.get(value.lower())
    if not isinstance(value, bool):
        raise BadRequest(f"override {key} must be true or false")
    return value
