"""Messages as text: readable, ASCII, bounded."""

from __future__ import annotations

from typing import Any

import pytest

from mcu.h323 import per
from mcu.h323.per.text import MAX_DEPTH, MAX_LINES
from tests.h323 import vectors


def test_an_open_logical_channel_ack_reads_like_this() -> None:
    value = per.decode_h245(vectors.pick("masterSlaveDetermination", "video264").octets)
    assert per.text(value).splitlines()[0] == "request.masterSlaveDetermination"
    setup = per.text(per.decode_h225(vectors.pick("setup", "video264").octets)).splitlines()
    assert setup[:2] == ["h323-uu-pdu", "  h323-message-body setup"]
    assert "    protocolIdentifier 0.0.8.2250.0.7" in setup
    assert '      [0] h323-ID "alice"' in setup
    assert "      ip '7f000002'H" in setup
    assert "    activeMC False" in setup


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": b"\x00" * 100}, "a '" + "00" * 32 + ".. (100 octets)'H"),
        ({"a": 'Жук\n"x"\x1b[31m'}, 'a "\\u0416\\u0443\\u043a\\n\\"x\\"\\x1b[31m"'),
        ({"a": "x" * 1000}, 'a "' + "x" * 128 + '.. (1000 characters)"'),
        ({"a": []}, "a []"),
        ({"a": {}}, "a {}"),
        ({"a": ("b", ("c", 0))}, "a b.c 0"),
        ({"a": (5, 3)}, "a 5.3"),
        ({"a": None}, "a None"),
        (("request", ("x", {})), "request.x {}"),
        ([1], "[0] 1"),
        (7, "7"),
        ({"naïve\n": 1}, "na\\xefve\\n 1"),
    ],
)
def test_one_line(value: Any, expected: str) -> None:
    assert per.text(value) == expected


def test_it_has_an_end() -> None:
    wide = {"a": [{"b": number} for number in range(100_000)]}
    lines = per.text(wide).splitlines()
    assert len(lines) == MAX_LINES + 1
    assert lines[-1] == "..."
    deep: Any = 0
    for _ in range(5000):
        deep = {"a": [("b", deep)]}
    assert len(per.text(deep)) < 2 * (MAX_DEPTH + 2) ** 2
    chosen: Any = 0
    for _ in range(5000):
        chosen = ("c", chosen)
    assert len(per.text(chosen)) < 200
    assert len(per.text(tuple(range(10_000)))) < 200


@pytest.mark.parametrize("folder", vectors.FOLDERS)
def test_every_captured_message(folder: str) -> None:
    for vector in vectors.load(folder):
        shown = per.text(getattr(per, f"decode_{vector.kind}")(vector.octets))
        assert shown.isascii()
        assert 0 < len(shown) < 20_000, vector.name
