"""RequestMode: what the peer would rather get (H.245 8.9)."""

from __future__ import annotations

from typing import Any

import pytest

from mcu.h323.h245.events import ModeRequested
from mcu.h323.per import decode_h245, encode_h245
from tests.h323.h245.parties import NONSTANDARD, PCMA, sending, tell


def _mode(*elements: Any) -> dict[str, Any]:
    return {"sequenceNumber": 5, "requestedModes": [[{"type": element} for element in elements]]}


def test_a_mode_is_granted() -> None:
    pair = sending()
    h261 = (
        "videoMode",
        ("h261VideoMode", {"resolution": ("cif", 0), "bitRate": 3840, "stillImageTransmission": False}),
    )
    (event,), answers = tell(pair, "request", "requestMode", _mode(("audioMode", ("g711Alaw64k", 0)), h261))
    assert isinstance(event, ModeRequested)
    assert answers == []
    assert event.audio is not None
    assert event.audio.codec == PCMA.codec
    assert event.video is not None
    assert event.video.codec == "h261"
    pair.a.accept_mode()
    (answer,) = [decode_h245(octets)[1] for octets in pair.a.take()]
    assert answer == (
        "requestModeAck",
        {"sequenceNumber": 5, "response": ("willTransmitMostPreferredMode", 0)},
    )
    with pytest.raises(ValueError, match="nobody"):
        pair.a.reject_mode()


@pytest.mark.parametrize("rate", [240, 320])
def test_generic_audio_modes(rate: int) -> None:
    value = {"capabilityIdentifier": ("standard", (0, 0, 7, 7221, 1, 0)), "maxBitRate": rate}
    events, answers = tell(sending(), "request", "requestMode", _mode(("audioMode", ("genericAudioMode", value))))
    if rate == 320:
        assert events[0].audio.codec == "g7221"
    else:  # 24 kbit/s is another codec, and not offered
        assert [name for name, _ in answers] == ["requestModeReject"]


@pytest.mark.parametrize("video", ["genericVideoMode", "h263VideoMode"])
def test_video_modes(video: str) -> None:
    pair = sending()
    value: Any = {"capabilityIdentifier": ("standard", (0, 0, 8, 241, 0, 0, 1))}
    if video == "h263VideoMode":
        flags = dict.fromkeys(("unrestrictedVector", "arithmeticCoding", "advancedPrediction", "pbFrames"), False)
        value = {"resolution": ("qcif", 0), "bitRate": 640, **flags}
    (event,), _ = tell(pair, "request", "requestMode", _mode(("videoMode", (video, value))))
    assert event.audio is None
    assert event.video.codec == ("h264" if video == "genericVideoMode" else "h263p")
    if video == "h263VideoMode":
        assert (event.video.fmtp, event.video.bit_rate) == ("QCIF=1", 64_000)


def test_a_mode_that_nobody_answers_is_refused() -> None:
    pair = sending()
    pair.a_events += pair.a.feed(
        encode_h245(("request", ("requestMode", _mode(("audioMode", ("g711Ulaw64k", 0)))))), 0.0
    )
    pair.wait(6.0)
    assert [name for name in pair.said("a") if "roundTrip" not in name] == ["requestModeReject"]


def test_the_second_best_of_several_modes() -> None:
    pair = sending()
    modes = [[{"type": ("audioMode", ("g728", 0))}], [{"type": ("audioMode", ("g711Alaw64k", 0))}]]
    tell(pair, "request", "requestMode", {"sequenceNumber": 5, "requestedModes": modes})
    pair.a.accept_mode()
    (answer,) = [decode_h245(octets)[1] for octets in pair.a.take()]
    assert answer[1]["response"][0] == "willTransmitLessPreferredMode"


@pytest.mark.parametrize("element", [("audioMode", ("g728", 0)), ("videoMode", ("h262VideoMode", None))])
def test_a_mode_that_is_none_of_ours_is_refused(element: Any) -> None:
    if element[1][1] is None:
        element = ("videoMode", ("nonStandard", NONSTANDARD["nonStandardData"]))
    events, answers = tell(sending(), "request", "requestMode", _mode(element))
    assert events == []
    assert answers == [("requestModeReject", {"sequenceNumber": 5, "cause": ("modeUnavailable", 0)})]


def test_a_mode_that_is_wanted_no_longer() -> None:
    pair = sending()
    tell(pair, "request", "requestMode", _mode(("audioMode", ("g711Ulaw64k", 0))))
    assert tell(pair, "indication", "requestModeRelease", {}) == ([], [])
    with pytest.raises(ValueError, match="nobody"):
        pair.a.accept_mode()
