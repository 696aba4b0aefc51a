"""H.225.0 AliasAddress, as plain values of the codec, to our words and back.

What is read may hold anything; what can't be read is None or left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from mcu.h323 import names
from mcu.h323.transport import read_transport

MAX_ALIASES = 16
_DIALLED = re.compile(r"[0-9*#,]{1,128}")


def alias(text: str) -> tuple[str, Any]:
    """``text`` as the kind of alias it looks like: digits, URL, name. ValueError if it is empty or too long."""
    if _DIALLED.fullmatch(text):
        return "dialledDigits", text
    if re.match(r"(?:h323|sip|tel):", text) and text.isascii() and len(text) <= 512:
        return "url-ID", text
    plane = "".join(c for c in text if c <= "\uffff")  # BMPString has no other characters
    if not 1 <= len(plane) <= 256:
        raise ValueError(f"no alias: {text!r}")
    return "h323-ID", plane


def read_aliases(values: object) -> tuple[tuple[str, str], ...]:
    """(kind, text) of each, kinds of H.225.0; a partyNumber counts as dialledDigits."""
    found = []
    for value in values[:MAX_ALIASES] if isinstance(values, list) else ():
        kind, text = _read_alias(value)
        if text:
            found.append((kind, text))
    return tuple(found)


def _read_alias(value: object) -> tuple[str, str]:
    match value:
        case ("h323-ID", str(text)):
            return "h323-ID", names.from_bmp(text)
        case ("dialledDigits" | "url-ID" | "email-ID" as kind, str(text)):
            return str(kind), names.clean(text, 512)
        case ("transportID", where):
            address = read_transport(where)
            return "transportID", str(address) if address else ""
        case (
            "partyNumber",
            (str(), {"publicNumberDigits": str(digits)} | {"privateNumberDigits": str(digits)} | str(digits)),
        ):
            return "dialledDigits", names.clean(digits, 128)
    return "", ""


def texts(aliases: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(text for _, text in aliases)
