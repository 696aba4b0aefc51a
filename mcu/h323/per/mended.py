"""pycrate's aligned PER, mended where it does not follow ITU-T X.691. Importing this module patches pycrate 0.8.1.

What was wrong in a SEQUENCE (or SET) with extension additions, in ``_to_per`` of pycrate_asn1rt/asnobj_construct.py:

* The additions were encoded before the bitmap that precedes them had been counted, so alignment inside them started
  from a wrong bit offset, and the padding after the bitmap followed a running offset that already included them. The
  result has an octet of zeros too many: H.264 OpenLogicalChannelAck, ARQ, ACF, DRQ, ReleaseComplete could not be read again.
  X.691 19.7 to 19.9: first the count and the bitmap, then each addition as an open type field; 11.2: an open type is an
  encoding of its own that starts at an octet boundary, so its alignment starts from zero.
* An addition unknown to our version of the protocol lost its place in the bitmap by one, or fell out.

And in the decoder: when an open type held more octets than its known contents took, the rest was read as the next field
(X.691 11.2: the length determinant says where the field ends). The version is pinned; a test fails with the stock
encoder.
"""

from __future__ import annotations

from typing import Any

from pycrate_asn1rt.asnobj_construct import _CONSTRUCT
from pycrate_asn1rt.codecs import ASN1CodecPER
from pycrate_core.utils import TYPE_UINT

UNKNOWN = "_ext_"  # pycrate's name for an addition that it does not know: _ext_<place in the bitmap, from 0>

stock_to_per = _CONSTRUCT._to_per
stock_open = ASN1CodecPER.decode_unconst_open


def to_per(self: Any) -> list[tuple[int, Any, int]]:
    """The fields of a SEQUENCE as (kind, value, bits), additions included."""
    whole: dict[str, Any] = self._val
    known = self._ext or ()
    root = {name: value for name, value in whole.items() if name not in known and not name.startswith(UNKNOWN)}
    self._val = root  # a copy: pycrate takes values equal to their default out of the caller's own
    fields: list[tuple[int, Any, int]] = stock_to_per(self)
    if len(root) == len(whole):
        return fields
    fields[0] = (TYPE_UINT, 1, 1)  # the extension bit, X.691 19.1
    places: list[int] = []
    additions: list[tuple[int, Any, int]] = []
    octets = 0
    for place, name, component, value in _additions(self, whole):
        ASN1CodecPER._off.append(0)  # each addition starts at an octet boundary
        if component is None:
            additions += ASN1CodecPER.encode_unconst_buf(value)
        else:
            component._val = value
            parent, component._parent = component._parent, self if name else component._parent
            additions += ASN1CodecPER.encode_unconst_open(component)
            component._parent = parent
        octets += ASN1CodecPER._off.pop()
        places.append(place)
    count = max(len(self._ext_nest), places[-1] + 1)
    if count > 64:  # X.691 11.9: more than 64 is no normally small length; no H.323 type comes near
        raise ValueError(f"{count} extension additions")
    fields.append((TYPE_UINT, count - 1, 7))
    fields.append((TYPE_UINT, sum(1 << (count - 1 - place) for place in places), count))
    ASN1CodecPER._off[-1] += 7 + count
    if ASN1CodecPER._off[-1] % 8:
        fields += ASN1CodecPER.encode_pad()
    ASN1CodecPER._off[-1] += octets
    return fields + additions


def _additions(self: Any, whole: dict[str, Any]) -> list[tuple[int, str, Any, Any]]:
    """(place in the bitmap, name, pycrate's object or None where unknown, value) of what is present, in order."""
    found: list[tuple[int, str, Any, Any]] = []
    for place, name in enumerate(self._ext_nest):
        if isinstance(name, list):  # a group, [[ ]]: X.691 19.9 encodes it as one SEQUENCE
            group = {inner: whole[inner] for inner in name if inner in whole}
            if group:
                found.append((place, "", self._ext_group_obj[self._ext_ident[name[0]]], group))
        elif name in whole:
            found.append((place, name, self._cont[name], whole[name]))
    unknown = sorted(int(name[len(UNKNOWN) :]) for name in whole if name.startswith(UNKNOWN))
    if unknown and unknown[0] < len(self._ext_nest):
        raise ValueError(f"addition {unknown[0]} is not unknown")
    return found + [(place, "", None, whole[f"{UNKNOWN}{place}"]) for place in unknown]


def decode_open(cla: Any, char: Any, wrapped: Any = None) -> Any:
    """An open type's value; the reader stands behind its last octet afterwards, whatever its contents took."""
    if wrapped is None:
        return stock_open(char)
    if cla._off[-1] % 8:
        cla.decode_pad(char)
    octets = cla.decode_count(char)
    contents = char.get_bytes(8 * octets)
    cla._off[-1] += 8 * octets
    wrapped.from_aper(contents)
    return wrapped._val


_CONSTRUCT._to_per = to_per
ASN1CodecPER.decode_unconst_open = classmethod(decode_open)
