"""The types that H.323 puts on the wire, built from pycrate's compiled H.225.0 v7, H.235 and H.245 v16.

Only pycrate's tables are used. Its own PER codec was measured and is not fit for octets from strangers:

* Its encoder miscounts around the extension bitmap of a SEQUENCE and adds an octet of zeros (X.691 19.7 to 19.9, 11.2):
  H.264 OpenLogicalChannelAck, ARQ, ACF, DRQ and ReleaseComplete cannot be read again.
* A GenericParameter within a GenericParameter makes a type its own ancestor. To name it, for an error or for an unknown
  extension, pycrate then walks that circle forever and takes all memory: 19 octets of H.245 are enough.
* It is five times slower, takes 0.2 s for some messages of 8 KiB, and keeps all state in its types.

Loading takes 0.3 s and 16 MiB, so it happens with the first message, not with the import of this module.
"""

from __future__ import annotations

import functools
from typing import Any

from .parts import Choice, List, Sequence
from .plain import (
    Bits,
    Boolean,
    Characters,
    Code,
    Enumerated,
    Free,
    Identifier,
    Integer,
    Null,
    Octets,
    Open,
    Size,
)

_NUMERIC = " 0123456789"  # NumericString in the order of its characters (X.691 30.5.4)


@functools.cache
def h225() -> Code:
    from pycrate_asn1dir import H225

    return _build(H225.H323_MESSAGES.H323_UserInformation)


@functools.cache
def ras() -> Code:
    from pycrate_asn1dir import H225

    return _build(H225.H323_MESSAGES.RasMessage)


@functools.cache
def h245() -> Code:
    from pycrate_asn1dir import H245

    return _build(H245.MULTIMEDIA_SYSTEM_CONTROL.MultimediaSystemControlMessage)


@functools.cache
def alias() -> Code:
    """AliasAddress, which H.450.1 borrows."""
    from pycrate_asn1dir import H225

    return _build(H225.H323_MESSAGES.AliasAddress)


@functools.cache
def olc() -> Code:
    from pycrate_asn1dir import H245

    return _build(H245.MULTIMEDIA_SYSTEM_CONTROL.OpenLogicalChannel)


_made: dict[int, Code] = {}  # by id() of pycrate's object, which lives as long as its module


def _build(asn1: Any) -> Code:
    """The code of one of pycrate's types, made once."""
    # Types that are used in several places share their parts, but not always their object.
    key = id(asn1._cont) if asn1.TYPE in ("SEQUENCE", "CHOICE") and asn1._cont else id(asn1)
    if key not in _made:
        if asn1.TYPE in ("SEQUENCE", "CHOICE", "SEQUENCE OF", "SET OF"):
            _build_parts(asn1, key)
        else:
            _made[key] = _build_plain(asn1)
    return _made[key]


def _build_parts(asn1: Any, key: int) -> None:
    if asn1.TYPE == "SEQUENCE":
        _made[key] = sequence = Sequence()
        root = [(name, _build(asn1._cont[name]), name in asn1._root_opt) for name in asn1._root]
        sequence.fill(root, None if asn1._ext is None else [_addition(asn1, place) for place in asn1._ext_nest])
    elif asn1.TYPE == "CHOICE":
        _made[key] = choice = Choice()
        extensions = None if asn1._ext is None else [(name, _build(asn1._cont[name])) for name in asn1._ext]
        choice.fill([(name, _build(asn1._cont[name])) for name in asn1._root], extensions)
    else:
        _made[key] = several = List(_size(asn1))
        several.item = _build(asn1._cont)


def _addition(asn1: Any, place: str | list[str]) -> tuple[str, Code]:
    if isinstance(place, list):
        return "", _build(asn1._ext_group_obj[asn1._ext_ident[place[0]]])
    return place, _build(asn1._cont[place])


def _build_plain(asn1: Any) -> Code:
    match asn1.TYPE:
        case "NULL":
            return Null()
        case "BOOLEAN":
            return Boolean()
        case "INTEGER":
            bounds = asn1._const_val
            return Integer(bounds.lb, bounds.ub, bounds.ext is not None) if bounds else Integer(None, None, False)
        case "ENUMERATED":
            return Enumerated(asn1._root, asn1._ext)
        case "OCTET STRING":
            return Octets(_size(asn1))
        case "BIT STRING":
            return Bits(_size(asn1))
        case "OBJECT IDENTIFIER":
            return Identifier()
        case "IA5String" | "PrintableString":
            permitted = "".join(asn1._const_alpha.root) if asn1._const_alpha else ""
            width = next(width for width in (1, 2, 4, 8) if (len(permitted) or 128) <= 1 << width)
            # 30.5.4: where the characters' own codes fit into the width, they are not numbered
            return Characters(width, _size(asn1), "" if width == 8 else permitted)
        case "NumericString":
            return Characters(4, _size(asn1), _NUMERIC)
        case "BMPString":
            return Characters(16, _size(asn1), "")
        case "GeneralString":
            return Free()
        case "OPEN_TYPE":
            return Open()
    raise NotImplementedError(asn1.TYPE)


def _size(asn1: Any) -> Size:
    bounds = asn1._const_sz
    if not bounds:
        return Size(0, None)
    if bounds.ext is not None:
        raise NotImplementedError("an extensible size")
    return Size(bounds.lb, bounds.ub if bounds.ub is not None and bounds.ub < 65536 else None)
