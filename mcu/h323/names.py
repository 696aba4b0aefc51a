"""Names as old terminals write them, made readable.

A name comes as octets (Display element) or as a BMPString (h323-ID). The standard says ISO 646 and UCS-2; what is
sent is UTF-8, UCS-2 in either order, and code pages: CP1251, Latin-1, GB 2312, and in Vietnam VISCII and TCVN3, even
one octet a character inside a BMPString. What is what is told by what reads as words; where nothing does, it is
Latin-1.
"""

from __future__ import annotations

import re
import unicodedata

from . import vietnamese
from .charsets import tcvn3, viscii

MAX_CHARACTERS = 64
_MAX_OCTETS = 1024
_HIGH = frozenset((0x00, 0x01, 0x04, 0x1E, 0x20, 0x21))  # Latin, more of it, Cyrillic, Vietnamese, signs

_WORD = re.compile(r"[^\W\d_]+")
_UPPER, _LOWER = "А-ЯЁЂЃЄЅІЇЈЉЊЋЌЎЏҐ", "а-яёђѓєѕіїјљњћќўџґ"
_CYRILLIC_WORD = re.compile(f"[{_UPPER}]+|[{_UPPER}]?[{_LOWER}]+|(?:[{_UPPER}][{_LOWER}]{{2,}})+(?:[{_UPPER}]{{2,}})?")


def clean(text: str, limit: int = MAX_CHARACTERS) -> str:
    """On one line, NFC, without control and format characters, at most ``limit`` characters; may come out empty."""
    kept = "".join(" " if c.isspace() else c for c in text[: 4 * _MAX_OCTETS] if c.isspace() or _shown(c))
    return unicodedata.normalize("NFC", " ".join(kept.split()))[:limit].rstrip()


def _shown(character: str) -> bool:
    return unicodedata.category(character)[0] != "C" and character != "\ufffd"


def from_octets(octets: bytes) -> str:
    """A Display element's contents as text."""
    octets = octets[:_MAX_OCTETS]
    # Octet 3 may be a charset octet with the extension bit set (0xB1, Q.931 figure 4-17 variants); letters follow it.
    if octets[:1] == b"\xb1" and octets[1:].isascii():
        octets = octets[1:]
    octets = octets.rstrip(b"\0") if len(octets) % 2 or (octets.isascii() and b"\0" not in octets[:-1]) else octets
    return clean(_ucs2(octets) or _eight_bit(octets.replace(b"\0", b"")))


def from_bmp(text: str) -> str:
    """A BMPString as text: code pages that hide in it, one octet a character, and swapped octets are put right."""
    text = text[:_MAX_OCTETS].strip("\0")
    if text and all(ord(c) < 0x100 for c in text):
        return clean(text if text.isascii() else _eight_bit(text.encode("latin-1")))
    swapped = [c for c in text if ord(c) & 0xFF == 0 and ord(c) >= 0x2000]
    if text and len(swapped) == len(text):
        return clean("".join(chr(ord(c) >> 8) for c in text))
    return clean(text)


def _ucs2(octets: bytes) -> str:
    """Text if these octets are UCS-2: a mark says so, or most characters share their high octet with an alphabet."""
    if len(octets) % 2 or len(octets) < 2:
        return ""
    if octets[:2] in (b"\xfe\xff", b"\xff\xfe"):
        return octets.decode("utf-16", "ignore")
    for codec, high in (("utf-16-be", octets[::2]), ("utf-16-le", octets[1::2])):
        if b"\0" not in octets and not set(high) <= {0x04}:
            continue
        if set(high) <= _HIGH:
            text = octets.decode(codec, "ignore").strip("\0")
            if text and all(unicodedata.category(c) not in ("Cc", "Cn", "Co") for c in text):
                return text
    return ""


def _eight_bit(octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        pass
    cyrillic = octets.decode("cp1251", "ignore")
    latin = octets.decode("cp1252", "ignore")
    if _reads_cyrillic(cyrillic):
        return cyrillic
    readings = [text for text in (tcvn3(octets), viscii(octets)) if vietnamese.reads(text)]
    if readings and not (_reads_latin(latin) and len(_WORD.findall(latin)) < 2):
        return min(readings, key=vietnamese.unlikeliness)
    return _reads_chinese(octets) or latin


def _reads_latin(text: str) -> bool:
    """Letters only, cased as words are, with a vowel in each word that has more than ASCII."""
    if not all(unicodedata.category(c) in ("Lu", "Ll", "Nd") or c.isspace() or c in "-.,'()_/" for c in text):
        return False
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    cased = all(word.islower() or word.isupper() or word.istitle() for word in words)
    return cased and all(set(_bare(word.lower())) & set("aeiouyæøœ") for word in words)


def _reads_cyrillic(text: str) -> bool:
    """Words of Cyrillic are Cyrillic throughout and cased as words are; read so, a Western name has lone letters of it
    among others, a Chinese one capitals anywhere. One letter alone proves nothing."""
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    return any(len(word) > 1 for word in words) and all(_CYRILLIC_WORD.fullmatch(word) for word in words)


def _reads_chinese(octets: bytes) -> str:
    """Text if all that is not ASCII are pairs of octets that GB 2312 has characters for, two of them at least."""
    runs = re.findall(rb"[\x80-\xff]+", octets)
    if any(len(run) % 2 for run in runs) or sum(map(len, runs)) < 4:
        return ""
    try:
        return octets.decode("gb2312")
    except UnicodeDecodeError:
        return ""


def _bare(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
