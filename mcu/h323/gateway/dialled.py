"""Where a call of ours goes: the user part of the URI that Asterisk dials (mcu/asterisk/dial_string.py), resolved."""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass

from mcu.errors import BadRequest, NotFound
from mcu.h323.media import Address

DEFAULT_PORT = 1720  # H.225.0 call signalling
_RESOLVE_TIMEOUT = 5.0  # s
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_TAG = re.compile(r"[0-9a-f]{16}")
_ALIAS = re.compile(r"[^\s@:\x00-\x1f\U00010000-\U0010ffff]{1,64}")  # what a BMPString can hold


@dataclass(frozen=True, slots=True)
class Dialled:
    """``alias`` or ``host`` or both; port 0 is the default one."""

    alias: str = ""
    host: str = ""
    port: int = 0


def read(text: str) -> Dialled:
    """``2001``, ``10.0.0.7:1720``, ``2001@10.0.0.7``, ``[fd00::7]``, ``hall``. Raises BadRequest.

    A word without a dot is an alias: a host of the local domain can be written with a dot at its end.
    """
    alias, at, authority = text.rpartition("@")
    if alias and not _ALIAS.fullmatch(alias):
        raise BadRequest(f"{alias[:60]!r} is no alias")
    if not at and _ALIAS.fullmatch(text) and "." not in text and "[" not in text:
        return Dialled(alias=text)
    bracketed = re.fullmatch(r"\[([0-9A-Fa-f:.]{2,45})\](?::([0-9]{1,5}))?", authority)
    if bracketed:
        host, port = bracketed[1], bracketed[2] or "0"
    else:
        host, _, port = authority.partition(":")
        if not _HOST.fullmatch(host.rstrip(".")):
            raise BadRequest(f"{authority[:60]!r} is no address")
    if port and (not re.fullmatch(r"[0-9]{1,5}", port) or int(port) > 65535):
        raise BadRequest(f"{port[:20]!r} is no port")
    return Dialled(alias=alias, host=host, port=int(port or 0))


def read_slides(text: str) -> str:
    """The call that Asterisk has slides for (mcu/asterisk/dial_string.py): its tag. "" where it calls a terminal."""
    what, _, tag = text.partition(":")
    return tag if what == "slides" and _TAG.fullmatch(tag) else ""


async def resolve(target: Dialled, find: Callable[[str], Address | None]) -> Address:
    """``find`` knows the terminals that are registered or have accounts. Raises NotFound."""
    if not target.host:
        found = find(target.alias)
        if found is None:
            raise NotFound(f"no terminal is known as {target.alias[:64]}")
        return found
    port = target.port or DEFAULT_PORT
    try:
        return Address(str(ipaddress.ip_address(target.host)), port)
    except ValueError:
        pass
    try:
        async with asyncio.timeout(_RESOLVE_TIMEOUT):
            found_names = await asyncio.get_running_loop().getaddrinfo(target.host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError):
        raise NotFound(f"no host is called {target.host[:64]}") from None
    return Address(str(found_names[0][4][0]).partition("%")[0], port)
