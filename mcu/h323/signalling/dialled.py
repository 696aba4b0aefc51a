"""What number was dialled, out of all the places and forms that terminals put it in.

``number@mcu``, ``mcu##number``, ``##number``, ``number``, URLs; in destinationAddress, the Called party number element,
remoteExtensionAddress or destExtraCallInfo. An address, a host name or our own name alone mean the entry: "".
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterable

from .values import Endpoint

MAX_NUMBER = 64
_NUMBER = re.compile(r"[0-9A-Za-z*#+_.-]{1,64}")
_SCHEME = re.compile(r"^(?:h323|sips?|tel|callto|rtsp):/{0,2}", re.IGNORECASE)
_HOST = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+\.?(?::[0-9]{1,5})?")


def number(candidates: Iterable[str], local: Endpoint) -> str:
    """The first candidate that names something behind us; letters, digits and ``*#+-_.`` only, at most 64."""
    for text in candidates:
        found = _number(text, local)
        if found:
            return found
    return ""


def _number(text: str, local: Endpoint) -> str:
    text = _SCHEME.sub("", unicodedata.normalize("NFKC", text[:512]).strip("\0 "))
    text = re.split(r"[;?]", text, maxsplit=1)[0]
    before, hashes, after = text.partition("##")
    if hashes:  # mcu##number; Polycom writes 10.0.0.1##number
        text = after or before
    text = text.partition("@")[0].strip()
    if text.replace(" ", "").replace("-", "").isdigit():
        text = re.sub(r"[ -]", "", text)  # 1 001, 10-01
    text = text.rstrip("#")
    if not _NUMBER.fullmatch(text) or _is_us(text, local):
        return ""
    return text


def _is_us(text: str, local: Endpoint) -> bool:
    if text.lower() in (local.name.lower(), local.digits) or _HOST.fullmatch(text):
        return True
    try:
        ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return False
    return "." in text or ":" in text
