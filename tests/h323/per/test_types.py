"""Each type's encoding against octets worked out by hand from ITU-T X.691."""

from __future__ import annotations

from typing import Any

import pytest

from mcu.errors import Garbled
from mcu.h323 import per
from mcu.h323.per.bits import Reader, Writer
from mcu.h323.per.parts import Choice, List, Sequence, encoding
from mcu.h323.per.plain import (
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
    Size,
)

ANY = Size(0, None)
DIGITS = "#*,0123456789"


def pair(first: Code, second: Code) -> Sequence:
    sequence = Sequence()
    sequence.fill([("a", first, False), ("b", second, False)], None)
    return sequence


@pytest.mark.parametrize(
    ("code", "value", "octets"),
    [
        (Integer(0, 7, False), 5, "a0"),
        (Integer(1, 255, False), 255, "fe"),
        (Integer(1, 256, False), 256, "ff"),
        (Integer(0, 65535, False), 258, "0102"),
        (Integer(0, 4294967295, False), 258, "400102"),  # two octets: 01 in two bits, then aligned
        (Integer(0, 4294967295, False), 0, "0000"),
        (Integer(-262144, 262143, False), -262144, "0000"),
        (Integer(1, None, False), 257, "020100"),
        (Integer(None, None, False), -129, "02ff7f"),
        (Integer(None, None, False), 128, "020080"),
        (Integer(0, 16383, True), 3, "000003"),
        (Integer(0, 16383, True), 16384, "80024000"),
        (Boolean(), True, "80"),
        (Null(), 0, "00"),  # nothing at all takes one octet, 11.1.3
        (Octets(Size(2, 2)), b"\x12\x34", "1234"),
        (Octets(ANY), b"abc", "03616263"),
        (Octets(Size(1, 128)), b"ab", "026162"),
        (Bits(Size(0, 511)), (0b101, 3), "0003a0"),
        (Bits(ANY), (1, 9), "090080"),
        (Identifier(), (0, 0, 8, 245, 0, 15), "060008" + "8175" + "000f"),
        (Identifier(), (2, 100, 3), "03" + "8134" + "03"),
        (Characters(16, Size(1, 256), ""), "Ж", "000416"),
        (Characters(16, Size(1, 256), ""), "\U0001f600", "01d83dde00"),  # two characters of a BMPString
        (Characters(8, Size(1, 1), ""), "5", "35"),
        (Characters(4, Size(1, 128), DIGITS), "12#", "04" + "4500"),
        (Characters(8, Size(1, 64), ""), "ab", "046162"),
        (Free(), "1#", "023123"),
        (Enumerated(["a", "b", "c", "d"], []), "c", "40"),
    ],
)
def test_alone(code: Code, value: Any, octets: str) -> None:
    assert encoding(code, value).hex() == octets
    assert code.read(Reader(bytes.fromhex(octets))) == value


@pytest.mark.parametrize(
    ("code", "value", "octets"),
    [
        (Integer(0, 254, False), 255 - 1, "ff00"),  # one bit, then eight: not aligned
        (Integer(0, 255, False), 254, "80fe"),
        (Octets(Size(2, 2)), b"\xff\xff", "ffff80"),
        (Octets(Size(3, 3)), b"\xff\xff\xff", "80ffffff"),
        (Octets(Size(0, 7)), b"", "80"),  # no octets, no alignment: 11.9.3.3
        (Bits(Size(16, 16)), (0xFFFF, 16), "ffff80"),
        (Bits(Size(17, 17)), (0x1FFFF, 17), "80ffff80"),
        (Characters(4, Size(4, 4), DIGITS), "9999", "e66600"),
        (Characters(4, Size(5, 5), DIGITS), "99999", "80ccccc0"),
        (Characters(4, Size(1, 4), DIGITS), "9", "80c0"),  # sixteen bits at most, of a variable size: aligned
        (Characters(4, Size(1, 3), DIGITS), "9", "98"),
        (Characters(16, Size(1, 1), ""), "A", "802080"),
    ],
)
def test_after_one_bit(code: Code, value: Any, octets: str) -> None:
    both = {"a": True, "b": value}
    assert encoding(pair(Boolean(), code), both).hex() == octets
    assert pair(Boolean(), code).read(Reader(bytes.fromhex(octets))) == both


def extended() -> Sequence:
    group = Sequence()
    group.fill([("g", Integer(0, 255, False), False), ("h", Boolean(), True)], None)
    sequence = Sequence()
    sequence.fill([("r", Boolean(), True)], [("x", Integer(0, 65535, False)), ("", group), ("y", Boolean())])
    return sequence


@pytest.mark.parametrize(
    ("value", "octets"),
    [
        ({"r": True}, "60"),
        ({}, "00"),
        ({"y": True}, "8110" + "0180"),  # extension, no r; three places, 001; an open type of one octet
        ({"r": False, "x": 3, "y": False}, "c0a8" + "020003" + "0100"),
        ({"g": 9}, "8120" + "020009"),  # the group is a SEQUENCE with a bit for h
        ({"g": 9, "h": True}, "8120" + "038009" + "80"),
        ({"_ext_4": b"zz"}, "8204" + "027a7a"),
    ],
)
def test_extension_additions(value: dict[str, Any], octets: str) -> None:
    written = encoding(extended(), value)
    assert extended().read(Reader(written)) == value
    assert written.hex() == octets


def test_additions_from_an_older_version_have_a_short_bitmap() -> None:
    assert extended().read(Reader(bytes.fromhex("8040" + "020003"))) == {"x": 3}


def test_an_open_type_ends_where_its_length_says() -> None:
    """A newer version may have put more into an extension than is known here."""
    octets = bytes.fromhex("8150" + "04" + "0003ffff" + "0180")
    assert extended().read(Reader(octets)) == {"x": 3, "y": True}
    with pytest.raises(Garbled, match="end early"):
        extended().read(Reader(bytes.fromhex("8150" + "01" + "00" + "0180")))


def test_a_choice_keeps_what_it_does_not_know() -> None:
    choice = Choice()
    choice.fill([("a", Null()), ("b", Boolean()), ("c", Null())], [("x", Integer(0, 255, False))])
    for value, octets in [
        (("b", True), "30"),
        (("x", 7), "800107"),
        (("_ext_3", b"z"), "83017a"),
        (("_ext_70", b"z"), "c00146017a"),
    ]:
        assert encoding(choice, value).hex() == octets
        assert choice.read(Reader(bytes.fromhex(octets))) == value
    with pytest.raises(Garbled):
        choice.read(Reader(b"\x60"))  # the fourth of three
    for wrong in [("_ext_0", b""), ("_ext_70000", b""), ("nobody", 0), ("_ext_-1", b""), ("_ext_²", b"")]:
        with pytest.raises(Garbled):
            encoding(choice, wrong)


def test_a_number_beyond_its_limit_is_the_limit() -> None:
    assert Integer(1, 19200, False).read(Reader(b"\xff\xff")) == 19200  # maxBitRate of H.261
    with pytest.raises(Garbled):
        Size(1, 19200).read(Reader(b"\xff\xff"))


def test_lists_of_nothing_take_no_time() -> None:
    several = List(ANY)
    several.item = Null()
    with pytest.raises(Garbled, match="too many"):
        several.read(Reader(b"\xbf\xff"))


@pytest.mark.parametrize(
    ("code", "value"),
    [
        (Integer(1, 7, False), 8),
        (Integer(1, None, False), 0),
        (Integer(1, 7, False), "x"),
        (Octets(Size(2, 4)), b"1"),
        (Octets(ANY), "text"),
        (Octets(ANY), 7),
        (Octets(ANY), bytes(16384)),
        (Bits(ANY), (8, 3)),
        (Bits(ANY), (-1, 3)),
        (Identifier(), (3, 1)),
        (Identifier(), (0, 40)),
        (Identifier(), (0, 1, -1)),
        (Identifier(), (0, *range(100))),
        (Characters(4, Size(1, 4), DIGITS), "12345"),
        (Characters(4, Size(1, 4), DIGITS), "a"),
        (Characters(8, Size(1, 4), ""), "Ж"),
        (Characters(16, Size(1, 4), ""), "\ud800"),
        (Characters(16, Size(1, 4), ""), b"ab"),
        (Enumerated(["a"], None), "b"),
    ],
)
def test_not_written(code: Code, value: Any) -> None:
    with pytest.raises((Garbled, ValueError)):  # the outermost call makes Garbled of both
        encoding(code, value)


def test_half_a_pair_is_read_as_a_replacement() -> None:
    octets = encoding(Characters(16, Size(1, 4), ""), "ab")
    code = Characters(16, Size(1, 4), "")
    assert code.read(Reader(octets[:1] + b"\xd8\x00\x00a")) == "\ufffda"


def test_nineteen_octets_that_no_other_reader_survives() -> None:
    """GenericParameters inside one another with an unknown value: pycrate 0.8.1 takes all memory for it."""
    octets = bytes.fromhex("10801020020008010017010017010018900101")
    ((_, (_, message))) = per.decode_h245(octets)
    (first,) = message["messageContent"]
    (second,) = first["parameterValue"][1]
    (third,) = second["parameterValue"][1]
    assert third["parameterValue"] == ("_ext_9", b"\x01")
    assert per.encode_h245(per.decode_h245(octets)) == octets


def test_bits_are_written_as_they_are_read() -> None:
    writer = Writer()
    for count in range(1, 70):
        writer.bits((1 << count) - 1 - (count & 1), count)
    reader = Reader(writer.octets())
    assert [reader.bits(count) for count in range(1, 70)] == [(1 << count) - 1 - (count & 1) for count in range(1, 70)]
