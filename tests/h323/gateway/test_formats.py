"""Which formats are used: the terminal's rate and the overrides of an odd one decide what Asterisk is asked for."""

from __future__ import annotations

import pytest

from mcu.core.directory.overrides import Overrides
from mcu.core.picture.rates import CODECS, class_for
from mcu.h323.gateway.formats import (
    VIDEO,
    affordable,
    common_audio,
    common_video,
    limited,
    local_offer,
    numbered,
    video_limit,
)
from mcu.h323.media import Format

HD = "profile-level-id=42e01f;packetization-mode=1;max-mbps=108000;max-fs=3600"
OURS = local_offer(2_000_000)


@pytest.mark.parametrize(
    ("bit_rate", "picture"),
    [(0, "hd"), (1_920_000, "hd"), (1_024_000, "sd"), (512_000, "cif"), (256_000, "cif15"), (64_000, "qcif15")],
)
def test_a_terminal_on_a_slow_line_gets_the_picture_that_it_can_pay_for(bit_rate: int, picture: str) -> None:
    form = affordable(Format(codec="h264", payload_type=97, fmtp=HD, bit_rate=bit_rate), 0)
    assert class_for("h264", form.fmtp) == picture
    assert form.bit_rate == bit_rate


def test_a_limit_within_the_call_counts_as_well() -> None:
    form = affordable(Format(codec="h264", payload_type=97, fmtp=HD, bit_rate=1_920_000), 400_000)
    assert class_for("h264", form.fmtp) == "cif"


def test_a_small_terminal_is_never_asked_for_more_than_it_said() -> None:
    small = "profile-level-id=42e00b;packetization-mode=0;max-mbps=3000;max-fs=396"
    form = affordable(Format(codec="h264", payload_type=97, fmtp=small, bit_rate=1_024_000), 0)
    assert class_for("h264", form.fmtp) == class_for("h264", small)


def test_wideband_sound_comes_first() -> None:
    theirs = [Format(codec=codec, payload_type=number) for codec, number in (("pcmu", 0), ("g729", 18), ("g722", 9))]
    assert [form.codec for form in common_audio(theirs, OURS.audio)] == ["g722", "pcmu"]


def test_of_several_profiles_ours_is_taken_and_of_its_modes_the_better() -> None:
    theirs = [
        Format(codec="h264", fmtp="profile-level-id=64001f;packetization-mode=1;max-mbps=108000;max-fs=3600"),
        Format(codec="h264", fmtp="profile-level-id=42e01f;packetization-mode=0;max-mbps=108000;max-fs=3600"),
        Format(codec="h264", fmtp=HD),
        Format(codec="h261", fmtp="CIF=1", payload_type=31),
    ]
    form, last = common_video(theirs, OURS.video)
    assert form.fmtp == HD
    assert form.payload_type >= 96
    assert last.codec == "h261"


def test_payload_types_do_not_collide() -> None:
    listed = [Format(codec="h264", payload_type=97), Format(codec="h264"), Format(codec="h263p")]
    assert len({form.payload_type for form in numbered(listed)}) == 3


def test_overrides_narrow_what_is_offered() -> None:
    odd = Overrides(audio_codec="pcma", picture="cif", frame_rate=15, kbit_from_terminal=384, kbit_to_terminal=512)
    offer = local_offer(2_000_000, odd)
    assert [form.codec for form in offer.audio] == ["pcma"]
    assert offer.video[0].bit_rate == 320_000
    words = offer.video[0].parameters
    assert (words["profile-level-id"], words["max-fs"], words["max-mbps"]) == ("42e00c", "396", "5940")
    assert video_limit(odd) == 448_000
    assert class_for("h264", limited(Format(codec="h264", fmtp=HD), odd).fmtp) == "cif15"


def test_an_override_for_a_codec_that_we_lack_leaves_sound() -> None:
    assert local_offer(2_000_000, Overrides(audio_codec="g729")).audio


def test_asterisk_allows_what_we_offer() -> None:
    assert tuple(CODECS) == VIDEO
