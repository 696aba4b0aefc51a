"""Every captured message: decoded as pycrate decodes it, written again, read again."""

from __future__ import annotations

from typing import Any

import pytest

from mcu.h323 import per
from tests.h323 import vectors
from tests.h323.per import stock


def decode(kind: str, octets: bytes) -> Any:
    return getattr(per, f"decode_{kind}")(octets)


def encode(kind: str, value: Any) -> bytes:
    octets: bytes = getattr(per, f"encode_{kind}")(value)
    return octets


def test_all_of_them_are_there() -> None:
    assert len(vectors.everything()) == 851
    assert {vector.kind for vector in vectors.everything()} == {"h225", "h245", "olc", "ras"}


@pytest.mark.parametrize("folder", vectors.FOLDERS)
def test_decoded_as_the_reference_does_and_written_again(folder: str) -> None:
    for vector in vectors.load(folder):
        value = decode(vector.kind, vector.octets)
        assert value == stock.decode(vector.kind, vector.octets), vector.name
        again = encode(vector.kind, value)
        assert decode(vector.kind, again) == value, vector.name
        assert stock.decode(vector.kind, again) == value, vector.name


def test_short_bitmaps_are_all_that_differs() -> None:
    """Older stacks leave trailing zeros out of the extension bitmap; where nothing is extended octets are the same."""
    same = [vector for vector in vectors.everything() if encode_again(vector) == vector.octets]
    assert len(same) > 400
    for vector in vectors.everything():
        assert 0 <= len(encode_again(vector)) - len(vector.octets) <= 12, vector.name


def encode_again(vector: vectors.Vector) -> bytes:
    return encode(vector.kind, decode(vector.kind, vector.octets))


def test_what_pycrate_itself_writes_wrong_is_right_here() -> None:
    """The reason for a writer of our own. If this fails after an update of pycrate, theirs may be mended."""
    wrong = []
    for vector in vectors.everything():
        value = decode(vector.kind, vector.octets)
        try:
            again = stock.decode(vector.kind, stock.encode(vector.kind, decode(vector.kind, vector.octets)))
        except Exception as reason:
            again = reason
        if again != value:
            wrong.append(vector.name.rpartition("_")[2])
    assert len(wrong) == 45
    assert set(wrong) >= {"openLogicalChannelAck", "admissionRequest", "admissionConfirm", "releaseComplete"}


def test_nothing_is_loaded_before_the_first_message() -> None:
    import subprocess
    import sys

    program = "import sys, mcu.h323.per; print([name for name in sys.modules if name.startswith('pycrate')])"
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
