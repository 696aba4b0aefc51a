"""Capabilities <-> Format: what was captured, what the standards write, and back again."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcu.h323.h245 import Peer, audio, capabilities, h263, h264
from mcu.h323.h245.generic import GenericCapability, read_capability
from mcu.h323.h245.peer import merge
from mcu.h323.media import Format
from mcu.h323.per import decode_h245
from tests.h323 import vectors


def captured(folder: str, number: int = 0) -> Peer:
    """The peer that a captured TerminalCapabilitySet tells of."""
    sets = [v for v in vectors.load(folder) if v.name.endswith("terminalCapabilitySet")]
    peer = Peer()
    peer.read(decode_h245(sets[number].octets)[1][1])
    return peer


def test_h323plus_with_h264_and_h239() -> None:
    peer = captured("h239")
    assert peer.audio == (
        Format(codec="pcma", payload_type=8, bit_rate=64_000, frames=20),
        Format(codec="pcmu", payload_type=0, bit_rate=64_000, frames=20),
    )
    h261 = Format(codec="h261", payload_type=31, fmtp="CIF=1;QCIF=1", bit_rate=621_700)
    # it names the payload descriptor of annex A only: single NAL units. Level 2.2 with custom limits, and 1.3
    fmtp = "profile-level-id=42e016;packetization-mode=0;max-mbps=246000;max-fs=8192"
    assert peer.video == (Format(codec="h264", fmtp=fmtp, bit_rate=2_048_000), h261)
    slides = "profile-level-id=42e028;packetization-mode=0;max-mbps=246000;max-fs=8704"
    assert peer.content == (Format(codec="h264", fmtp=slides, bit_rate=540_000),)
    assert peer.h239
    assert peer.user_input == {"alphanumeric", "signal"}
    assert peer.telephone_event == 101


def test_h323plus_with_wideband_audio() -> None:
    peer = captured("dtmf_signal")
    codecs = [(f.codec, f.fmtp) for f in peer.audio]
    assert ("g722", "") in codecs
    assert ("g7221", "bitrate=32000") in codecs  # it writes 32000 where the unit is 100 bit/s
    assert ("g7221", "bitrate=24000") in codecs
    assert not peer.h239


def test_ooh323c_tells_of_audio_only() -> None:
    peer = captured("ooh")
    assert peer.audio == (Format(codec="pcmu", payload_type=0, bit_rate=64_000, frames=240),)
    assert peer.video == ()
    assert peer.content == ()
    assert peer.telephone_event == -1


def test_h323plus_with_h263() -> None:
    peer = captured("v263")
    assert [form for form in peer.video if form.codec != "h264"] == [
        Format(codec="h263", payload_type=34, fmtp="CIF=1;QCIF=1", bit_rate=327_600)
    ]


def test_opal() -> None:
    sets = [captured("opal", number) for number in range(4)]
    opal = next(peer for peer in sets if peer.content and peer.content[0].codec == "h261")
    assert opal.h239 is False  # it has the extended capability without the control
    assert opal.content == (Format(codec="h261", payload_type=31, fmtp="CIF=1;QCIF=1", bit_rate=621_700),)
    assert {f.codec for f in opal.audio} == {"g722", "pcmu", "pcma"}  # of twenty: GSM, Speex, iLBC, AMR are not ours
    assert opal.user_input == {"alphanumeric", "signal"}
    assert opal.telephone_event == 101


def test_every_captured_set_is_understood() -> None:
    sets = [v for v in vectors.everything() if v.name.endswith("terminalCapabilitySet")]
    assert len(sets) >= 26
    for vector in sets:
        peer = Peer()
        peer.read(decode_h245(vector.octets)[1][1])
        assert peer.audio, vector
        assert not peer.held


@pytest.mark.parametrize(
    ("value", "level", "mbps", "fs"),
    [
        (15, "0a", 1_485, 99),
        (22, "0b", 3_000, 396),
        (36, "0d", 11_880, 396),
        (43, "14", 11_880, 396),
        (64, "1e", 40_500, 1_620),
        (71, "1f", 108_000, 3_600),
        (78, "20", 216_000, 5_120),
        (85, "28", 245_760, 8_192),
        (99, "2a", 522_240, 8_704),
        (113, "33", 983_040, 36_864),
        (120, "34", 2_073_600, 36_864),
        (75, "1f", 108_000, 3_600),  # between two levels: the lower
        (3, "0a", 1_485, 99),
        (65_535, "34", 2_073_600, 36_864),
    ],
)
def test_levels_of_h241(value: int, level: str, mbps: int, fs: int) -> None:
    generic = GenericCapability(h264.H264, 0, {h264.PROFILE: 64, h264.LEVEL: value})
    expected = f"profile-level-id=42e0{level};packetization-mode=0;max-mbps={mbps};max-fs={fs}"
    assert h264.fmtps(generic, 0) == [expected]


def test_level_1b_is_level_1_1_with_a_flag() -> None:
    """H.264 A.3.1: in Baseline and Main; High has level_idc 9."""
    generic = GenericCapability(h264.H264, 0, {h264.PROFILE: 64 | 8, h264.LEVEL: 19})
    high, baseline = h264.fmtps(generic, 0)
    assert high.startswith("profile-level-id=640009;")
    assert baseline.startswith("profile-level-id=42f00b;")
    for fmtp in (high, baseline):
        assert h264.capability(fmtp, 0).number(h264.LEVEL) == 19


def test_profiles_of_h241() -> None:
    """A capability with several bits is several formats; extended and those of 10 bits are none of ours."""
    generic = GenericCapability(h264.H264, 0, {h264.PROFILE: 0xFF, h264.LEVEL: 71})
    assert [fmtp[17:23] for fmtp in h264.fmtps(generic, 1)] == ["64001f", "4d001f", "42e01f"]
    assert h264.fmtps(GenericCapability(h264.H264, 0, {h264.PROFILE: 16, h264.LEVEL: 71}), 1) == []


def test_720p_at_a_low_level_comes_back_as_720p() -> None:
    """3600 macroblocks are 14.06 units of 256: rounded down, the peer would think 720p is too large."""
    fmt = Format(codec="h264", fmtp="profile-level-id=42800d;max-mbps=108000;max-fs=3600;max-br=4000")
    name, value = capabilities.video(fmt)
    assert name == "genericVideoCapability"
    generic = read_capability(value)
    assert generic is not None
    assert generic.parameters == {41: 64, 42: 36, 4: 15, 3: 216, 6: 160}
    (again,) = h264.fmtps(generic, 0)
    assert again == "profile-level-id=42e00d;packetization-mode=0;max-mbps=108000;max-fs=3840;max-br=4000"


def test_max_bit_rate_is_in_hundreds() -> None:
    value = h264.capability("profile-level-id=42e01f", 1_920_000).value()
    assert value["maxBitRate"] == 19_200
    assert h264.capability("profile-level-id=42e01f", 0).value()["maxBitRate"] == 140_000  # the level's 14 Mbit/s


@pytest.mark.parametrize("text", ["42e0", "zz", "42e01f00", "f4001f", "42e0ff", ""])
def test_a_profile_that_cannot_be_said_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="profile-level-id"):
        h264.capability(f"profile-level-id={text}", 0)


def test_packetization_modes_of_a_peer() -> None:
    """Mode 1 needs the object identifier, mode 0 is always there; a channel without a descriptor is mode 0."""
    choice = capabilities.video(Format(codec="h264", fmtp="profile-level-id=42e01f"))
    modes = [f.parameters["packetization-mode"] for f in capabilities.read_video(choice, frozenset())]
    assert modes == ["0"]
    both = capabilities.read_video(choice, frozenset({h264.NON_INTERLEAVED, h264.SINGLE_NAL}))
    assert [f.parameters["packetization-mode"] for f in both] == ["1", "0"]
    for descriptor, mode in ((None, "0"), (h264.SINGLE_NAL, "0"), (h264.NON_INTERLEAVED, "1")):
        found = capabilities.read_data_type(("videoData", choice), descriptor, False)
        assert found is not None
        assert found[1].parameters["packetization-mode"] == mode


def _h263(**more: Any) -> dict[str, Any]:
    return h263.h263("CIF4=2;CIF=1;QCIF=1", 384_000, plus=False) | more


def test_h263_and_its_options() -> None:
    plain = capabilities.read_video(("h263VideoCapability", _h263()), frozenset())
    assert plain == [Format(codec="h263", payload_type=34, fmtp="CIF4=2;CIF=1;QCIF=1", bit_rate=384_000)]
    options = {name: name in ("deblockingFilterMode", "advancedIntraCodingMode") for name in h263.OPTIONS}
    custom = {
        "maxCustomPictureWidth": 160,
        "maxCustomPictureHeight": 120,
        "minCustomPictureWidth": 160,
        "minCustomPictureHeight": 120,
        "mPI": {"standardMPI": 2},
        "pixelAspectInformation": ("anyPixelAspectRatio", True),
    }
    value = _h263(h263Options=options | {"customPictureFormat": [custom]}, advancedPrediction=True)
    assert capabilities.read_video(("h263VideoCapability", value), frozenset({2190})) == plain, "packed as all can"
    plus, again = capabilities.read_video(("h263VideoCapability", value), frozenset({2429}))
    assert plus.codec == "h263p"
    assert plus.payload_type == -1
    assert plus.fmtp == "CIF4=2;CIF=1;QCIF=1;CUSTOM=640,480,2;F=1;I=1;J=1"
    assert again == plain[0]


@pytest.mark.parametrize(
    ("descriptor", "dynamic", "codec"),
    [(None, False, "h263"), (2190, False, "h263"), (2190, True, "h263"), (2429, True, "h263p"), (None, True, "h263p")],
)
def test_how_h263_is_packed_says_which_it_is(descriptor: int | None, dynamic: bool, codec: str) -> None:
    found = capabilities.read_data_type(("videoData", ("h263VideoCapability", _h263())), descriptor, dynamic)
    assert found is not None
    assert found[1].codec == codec
    assert found[1].payload_type == (-1 if codec == "h263p" else 34)


def test_h261_and_h263_sizes_are_put_together() -> None:
    """H323Plus announces CIF and QCIF as two capabilities; SDP has one format for both."""
    both = capabilities.read_video(("h261VideoCapability", h263.h261("QCIF=2", 100_000)), frozenset())
    both += capabilities.read_video(("h261VideoCapability", h263.h261("CIF=1", 300_000)), frozenset())
    (merged,) = merge(both)
    assert merged == Format(codec="h261", payload_type=31, fmtp="CIF=1;QCIF=2", bit_rate=300_000)


@pytest.mark.parametrize(
    ("choice", "fmt"),
    [
        (("g711Alaw64k", 20), Format(codec="pcma", payload_type=8, bit_rate=64_000, frames=20)),
        (("g711Ulaw64k", 30), Format(codec="pcmu", payload_type=0, bit_rate=64_000, frames=30)),
        (("g722-64k", 20), Format(codec="g722", payload_type=9, bit_rate=64_000, frames=20)),
        (("g729AnnexA", 2), Format(codec="g729", payload_type=18, fmtp="annexb=no", bit_rate=8_000, frames=20)),
        (("g729AnnexAwAnnexB", 3), Format(codec="g729", payload_type=18, fmtp="annexb=yes", bit_rate=8_000, frames=30)),
    ],
)
def test_audio(choice: tuple[str, int], fmt: Format) -> None:
    assert audio.read(choice) == fmt
    assert audio.capability(fmt) == choice


@pytest.mark.parametrize("choice", [("g728", 20), ("g711Ulaw56k", 20), ("nonStandard", {}), ("_ext_30", b"x")])
def test_audio_that_is_none_of_ours(choice: tuple[str, Any]) -> None:
    assert audio.read(choice) is None


@pytest.mark.parametrize(("said", "rate"), [(240, 24_000), (320, 32_000), (24_000, 24_000), (32_000, 32_000)])
def test_g7221_in_both_units(said: int, rate: int) -> None:
    value = {"capabilityIdentifier": ("standard", audio.G7221), "maxBitRate": said}
    fmt = audio.read(("genericAudioCapability", value))
    assert fmt == Format(codec="g7221", fmtp=f"bitrate={rate}", bit_rate=rate, frames=20)
    # a channel is opened in the words of the peer
    assert audio.capability(fmt, (("genericAudioCapability", value),)) == ("genericAudioCapability", value)
    written = audio.capability(fmt)[1]
    assert written["maxBitRate"] == rate // 100


def test_what_the_peer_calls_it_is_what_it_is_opened_as() -> None:
    fmt = Format(codec="g729", payload_type=18, frames=20)
    assert audio.capability(fmt, (("g711Ulaw64k", 20), ("g729", 4))) == ("g729", 2)
    assert audio.capability(Format(codec="pcmu", frames=40), (("g711Ulaw64k", 30),)) == ("g711Ulaw64k", 30)


FORMATS = st.builds(
    lambda profile, mode, mbps, fs, rate: Format(
        codec="h264",
        fmtp=f"profile-level-id={profile};packetization-mode={mode};max-mbps={mbps * 500};max-fs={fs * 256}",
        bit_rate=rate * 100,
    ),
    st.sampled_from(
        [f"{profile}{level.idc:02x}" for profile in ("42e0", "6400", "4d00") for level in h264.LEVELS if level.idc != 9]
    ),
    st.sampled_from([0, 1]),
    st.integers(5_000, 20_000),
    st.integers(150, 1_000),
    st.integers(1, 1_000_000),
)


@given(FORMATS)
def test_h264_there_and_back(fmt: Format) -> None:
    both = frozenset({h264.NON_INTERLEAVED})
    formats = capabilities.read_video(capabilities.video(fmt), both)
    assert fmt in formats
    assert len(formats) == 2


@given(st.dictionaries(st.sampled_from(["SQCIF", "QCIF", "CIF", "CIF4", "CIF16"]), st.integers(1, 32), min_size=1))
def test_h263_there_and_back(sizes: dict[str, int]) -> None:
    fmtp = ";".join(f"{name}={mpi}" for name, mpi in sizes.items())
    plain, plus, _ = h263.read_h263(h263.h263(fmtp, 0, plus=True))
    assert Format(codec="h263", fmtp=plain).parameters == Format(codec="h263", fmtp=fmtp).parameters
    assert plus == plain


@given(st.text(max_size=60), st.integers(-5, 10**10))
def test_odd_parameters_make_a_capability_or_a_value_error(text: str, bit_rate: int) -> None:
    for codec in ("h264", "h263", "h263p", "h261"):
        try:
            capabilities.video(Format(codec=codec, fmtp=text, bit_rate=bit_rate))
        except ValueError as error:
            assert "profile-level-id" in str(error)  # noqa: PT017
