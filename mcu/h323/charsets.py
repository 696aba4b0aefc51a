"""VISCII (RFC 1456) and TCVN3 (TCVN 5712:1993, VN3), which Python has no codecs for."""

from __future__ import annotations

_VISCII_LOW = {0x02: "Ẳ", 0x05: "Ẵ", 0x06: "Ẫ", 0x14: "Ỷ", 0x19: "Ỹ", 0x1E: "Ỵ"}
_VISCII_HIGH = (
    "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐ"
    "ỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲ"
    "Õắằặấầẩậẽẹếềểễệố"
    "ồổỗỠƠộờởịỰỨỪỬơớƯ"
    "ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳ"
    "ĐứÒÓÔạỷừửÙÚỹỵÝỡư"
    "àáâãảăữẫèéêẻìíĩỉ"
    "đựòóôõỏọụùúũủýợỮ"
)
_TCVN3 = {
    octet: letter
    for start, letters in (
        (0xA1, "ĂÂÊÔƠƯĐăâêôơưđ"),
        (0xB5, "àảãáạ"),
        (0xBB, "ằẳẵắ"),
        (0xC6, "ặầẩẫấậè"),
        (0xCE, "ẻẽéẹềểễếệìỉ"),
        (0xDC, "ĩíịò"),
        (0xE1, "ỏõóọồổỗốộờởỡớợù"),
        (0xF1, "ủũúụừửữứựỳỷỹýỵ"),
    )
    for octet, letter in enumerate(letters, start)
}


def viscii(octets: bytes) -> str:
    return "".join(_VISCII_LOW.get(o, chr(o)) if o < 0x80 else _VISCII_HIGH[o - 0x80] for o in octets)


def tcvn3(octets: bytes) -> str:
    """What the table has no letter for becomes U+FFFD."""
    return "".join(chr(o) if o < 0x80 else _TCVN3.get(o, "\ufffd") for o in octets)
