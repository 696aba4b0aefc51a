"""Which rate class a terminal can take: real terminals' parameters, the levels' edges, and rubbish."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcu.core.picture.rates import (
    ALL_CLASSES,
    CLASSES,
    CODECS,
    SLIDES_CLASSES,
    Bounds,
    bounds,
    choose_video,
    class_for,
    parse_fmtp,
)


@pytest.mark.parametrize(
    ("fmtp", "expected"),
    [
        ("", "cif"),
        ("packetization-mode=1", "cif"),
        ("profile-level-id=42e01f;packetization-mode=1", "hd"),
        ("profile-level-id=42801F", "hd"),
        ("profile-level-id=640029;max-br=4000", "hd"),
        ("profile-level-id=42e01e", "sd"),
        ("profile-level-id=428016", "cif"),  # 2.2: 640x360 at 30 exceeds 20250 macroblocks a second
        ("profile-level-id=428015", "cif"),
        ("profile-level-id=428014", "cif"),
        ("profile-level-id=42800d", "cif"),
        ("profile-level-id=42800c", "cif15"),
        ("profile-level-id=42800b", "qcif"),
        ("profile-level-id=42f00b", "qcif15"),  # constraint_set3: level 1b
        ("profile-level-id=64000b", "qcif"),  # in High, 1b is level_idc 9
        ("profile-level-id=640009", "qcif15"),
        ("profile-level-id=42000a", "qcif15"),
        # A terminal that says level 1.3 and takes more (RFC 6184, 8.1)
        ("profile-level-id=42800d;max-mbps=108000;max-fs=3600;max-br=2000", "hd"),
        ("profile-level-id=42800d;max-mbps=108000;max-fs=3600", "sd"),  # its 768 kbit/s carry no hd
        ("profile-level-id=428014;max-fs=3600", "cif"),  # larger, but no faster
        ("profile-level-id=42801f;max-br=100;max-fs=1;max-mbps=1", "hd"),  # below the level's own: no signalling
        ("max-fs=3600;max-mbps=108000", "cif"),
        ("Profile-Level-Id = 42E01F ; x", "hd"),
        ("profile-level-id=42e01", "cif"),
        ("profile-level-id=zzzzzz", "cif"),
        ("profile-level-id=42e01f;profile-level-id=42000a", "hd"),
        ("profile-level-id=42e000", "qcif15"),
        ("profile-level-id=42e0ff", "hd"),
        ("profile-level-id=42e00e", "cif"),  # 1.4 is no level: 1.3
    ],
)
def test_the_class_for(fmtp: str, expected: str) -> None:
    assert class_for("h264", fmtp) == expected


@pytest.mark.parametrize("codec", ["vp8", "", "h265", "h263x"])
def test_other_codecs_have_no_class(codec: str) -> None:
    assert class_for(codec, "profile-level-id=42e01f") == ""


@pytest.mark.parametrize("codec", ["h263p", "h263", "h261"])
@pytest.mark.parametrize(
    ("fmtp", "expected"),
    [
        ("CIF=1;QCIF=1", "cif"),
        ("QCIF=1; CIF=1", "cif"),
        ("cif=2", "cif15"),
        ("CIF=3;QCIF=1", "qcif15"),  # 10 pictures a second: the smaller picture runs better
        ("CIF=4;QCIF=2", "qcif15"),
        ("QCIF=1", "qcif15"),
        ("QCIF=2", "qcif15"),
        ("QCIF=3", "qcif7"),
        ("QCIF=4", "qcif7"),
        ("QCIF=32", "qcif7"),
        ("SQCIF=1;CUSTOM=640,480,1", "qcif15"),
        ("CIF4=1", "cif"),  # who takes 704x576 takes what is smaller
        ("CIF4=2;CIF=1;QCIF=1;SQCIF=1;MAXBR=10880", "cif"),
        ("CIF=1;MaxBR=3840", "cif"),
        ("CIF=1;MaxBR=3830", "cif15"),
        ("CIF=1;MAXBR=2500", "qcif15"),
        ("CIF=1;MAXBR=640", "qcif7"),
        ("CIF=1;MAXBR=1", "qcif7"),
        ("CIF=0;QCIF=1", "qcif15"),
        ("CIF=33", "qcif15"),
        ("CIF", "qcif15"),
        ("", "qcif15"),
        ("PROFILE=0;LEVEL=10", "qcif7"),  # 64 kbit/s
        ("profile=0;level=20", "qcif15"),  # 128 kbit/s
        ("profile=0;level=30", "cif"),
        ("profile=3;level=70", "cif"),
        ("profile=0;level=45", "qcif15"),
        ("profile=0;level=1", "qcif15"),
    ],
)
def test_the_class_of_the_old_codecs(codec: str, fmtp: str, expected: str) -> None:
    assert class_for(codec, fmtp) == codec + expected
    assert CLASSES[codec + expected].codec == codec


def test_a_limit_lowers_an_old_codec_too() -> None:
    assert class_for("h263", "CIF=1", 300) == "h263cif15"
    assert class_for("h263", "CIF=1", 1) == "h263qcif7"


@given(st.sampled_from(CODECS), st.text())
def test_the_class_is_of_the_codec(codec: str, fmtp: str) -> None:
    assert CLASSES[class_for(codec, fmtp)].codec == codec


def test_each_class_fits_the_level_it_claims() -> None:
    for rate_class in [one for one in CLASSES.values() if one.codec == "h264"]:
        limit = bounds(f"profile-level-id=4200{rate_class.level_idc:02x}")
        assert limit is not None
        assert limit.admit(rate_class), rate_class.name


@given(st.text())
def test_rubbish_is_some_class(fmtp: str) -> None:
    assert class_for("h264", fmtp) in CLASSES
    parse_fmtp(fmtp)


@given(
    st.binary(min_size=3, max_size=3).map(bytes.hex),
    st.integers(0, 10**6),
    st.integers(0, 10**5),
    st.integers(0, 10**5),
)
def test_the_class_never_exceeds_what_was_told(level: str, mbps: int, fs: int, br: int) -> None:
    fmtp = f"profile-level-id={level};max-mbps={mbps};max-fs={fs};max-br={br}"
    limit = bounds(fmtp)
    assert limit is not None
    assert limit.admit(CLASSES[class_for("h264", fmtp)])


@pytest.mark.parametrize(
    ("most_kbps", "expected"), [(0, "hd"), (1920, "hd"), (1000, "sd"), (384, "cif"), (100, "qcif15"), (1, "qcif15")]
)
def test_a_wish_for_less_is_heard(most_kbps: int, expected: str) -> None:
    assert class_for("h264", "profile-level-id=42e01f", most_kbps) == expected


def test_a_wish_raises_nothing() -> None:
    assert class_for("h264", "profile-level-id=42e00d", 4000) == "cif"
    assert class_for("h264", "", 4000) == "cif"


def test_no_side_may_be_longer_than_the_level_allows() -> None:
    assert not Bounds(10**6, 80, 10**6).admit(CLASSES["qcif"])
    assert Bounds(10**6, 99, 10**6).admit(CLASSES["qcif"])


@pytest.mark.parametrize(
    ("negotiated", "expected"),
    [
        ("", ("", "")),
        ("h264", ("h264", "")),
        ("H264 profile-level-id=42e01f", ("h264", "profile-level-id=42e01f")),
        ("vp8|h264 a=1;b=2", ("h264", "a=1;b=2")),
        ("h263 CIF=1|h261 QCIF=1", ("h263", "CIF=1")),
        ("vp8|h261", ("h261", "")),
        ("h261 CIF=1|h264 a=1|h264 a=2", ("h264", "a=1")),
        ("|| |", ("", "")),
    ],
)
def test_choosing_among_what_was_negotiated(negotiated: str, expected: tuple[str, str]) -> None:
    assert choose_video(negotiated) == expected


@pytest.mark.parametrize(
    ("fmtp", "most_kbps", "expected"),
    [
        ("profile-level-id=42e01f", 0, "hd15"),
        ("profile-level-id=42e01f", 1000, "hd10"),
        ("profile-level-id=42e01f", 540, "hd5"),
        ("profile-level-id=42e01f", 320, "sd15"),
        ("profile-level-id=42e01f", 200, "sd5"),
        ("profile-level-id=42e01f", 64, "qcif15"),
        ("profile-level-id=42e01e;max-fs=3600", 0, "hd10"),
        ("profile-level-id=42e016", 0, "sd15"),
        ("profile-level-id=42e00d", 0, "cif15"),
        ("profile-level-id=42e00a", 0, "qcif15"),
        ("", 0, "cif15"),
    ],
)
def test_slides_keep_their_size_and_lose_pictures(fmtp: str, most_kbps: int, expected: str) -> None:
    assert class_for("h264", fmtp, most_kbps, slides=True) == expected


def test_slides_of_the_older_codecs_and_no_class_twice() -> None:
    assert class_for("h263", "CIF=1;QCIF=1", slides=True) == "h263cif15"
    assert class_for("h261", "QCIF=1", slides=True) == "h261qcif15"
    assert class_for("vp8", "", slides=True) == ""
    assert [name for name in ALL_CLASSES if name in CLASSES] == list(CLASSES), "the best first, as before"
    for rate_class in SLIDES_CLASSES.values():
        limit = bounds(f"profile-level-id=42e0{rate_class.level_idc:02x}")
        assert rate_class.codec != "h264" or (limit is not None and limit.admit(rate_class))
