"""H.263's and H.261's parameters: sizes with their minimum picture intervals, and a bit rate (RFC 4629, RFC 4587).

An interval counts 1001/30000 s: ``CIF=2`` is 15 pictures a second.
"""

from __future__ import annotations

import math
from dataclasses import replace

from mcu.h323.media import Format, read_fmtp, write_fmtp

_FASTEST = 30  # pictures a second at interval 1, nearly
_MOST = {"h261": 4}  # H.261 3.1: at most three pictures are left out between two
_MOST_H263 = 32
_RATE_UNIT = 100  # bit/s: RFC 4629's MAXBR
# Pixels across, largest first: what may be left when a picture must not be larger.
_SIZES = {"cif16": 1408, "cif4": 704, "cif": 352, "qcif": 176, "sqcif": 128}


def plain(form: Format) -> Format:
    """What our encoder makes of it: the sizes alone, none of the annexes and no picture of the terminal's own size."""
    words = read_fmtp(form.fmtp)
    return replace(form, fmtp=write_fmtp({name.upper(): words[name] for name in _SIZES if name in words}))


def rated(form: Format, bit_rate: int) -> Format:
    """With the most bit/s that it takes."""
    words = {name.upper(): value for name, value in read_fmtp(form.fmtp).items() if name not in ("maxbr", "br")}
    return replace(form, fmtp=write_fmtp({**words, "MAXBR": max(bit_rate // _RATE_UNIT, 1)}))


def limited(form: Format, size: tuple[int, int] | None, frame_rate: int) -> Format:
    """With no picture wider than ``size`` and no more of them a second than ``frame_rate`` (0: as it was)."""
    words = read_fmtp(form.fmtp)
    widest = max(size[0], _SIZES["qcif"]) if size else _SIZES["cif16"]  # QCIF is what each of them knows
    most = _MOST.get(form.codec, _MOST_H263)
    slowest = min(math.ceil(_FASTEST / frame_rate), most) if frame_rate else 1
    found: dict[str, str | int] = {}
    for name, value in words.items():
        if name not in _SIZES:
            found[name.upper()] = value
        elif _SIZES[name] <= widest:
            found[name.upper()] = max(int(value) if value.isdigit() else 1, slowest)
    if not any(name.lower() in _SIZES for name in found):
        found["QCIF"] = slowest
    return replace(form, fmtp=write_fmtp(found))
