"""What a test session makes of what it sees."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from mcu.core.dialling.outgoing import OutgoingCall
from mcu.core.dialling.targets import Way, parse_target
from mcu.core.quality import Counters, Line, Thresholds
from mcu.core.roster import Participant
from mcu.core.test_session import SECONDS, SiteTest, TestSession
from mcu.core.test_words import in_language

SITE, START = 7, 1000.0
FLOW = Counters(packets_in=500, octets_in=80_000, packets_out=500, octets_out=80_000, rtt=0.05, jitter_out=0.001)


def session() -> tuple[TestSession, SiteTest]:
    one = SiteTest(site=SITE, name="Xã Lăng", call="0000000a", since=START)
    return TestSession("1001", [one], Thresholds()), one


def person(**more: Any) -> Participant:
    given: dict[str, Any] = {
        "id": "0000000a", "room": "1001", "channel": "PJSIP/x-1", "name": "Xã Lăng", "number": "", "kind": "dialled",
        "entered_at": START, "joined_at": START, "site": SITE, "codec": "h264", "picture": "live", "size": (1280, 720),
        "fmtp": "profile-level-id=42e01f;packetization-mode=1",
    }  # fmt: skip
    return Participant(**(given | more))


def looked_at(sound: Counters | None = FLOW, picture: Counters | None = FLOW, **more: Any) -> SiteTest:
    """A site that is there for the whole time, with these streams."""
    watched, one = session()
    p = person(**({"talking": True} | more))
    watched.look(START + 1, [p], [])
    p.line = Line()
    none = (sound and Counters(), picture and Counters())
    p.line.read(START + 2, none, Thresholds())
    p.line.read(START + 12, (sound, picture), Thresholds())
    watched.look(START + 12, [p], [])
    assert watched.look(START + 2 + SECONDS, [p], []) == [one]
    assert watched.over
    return one


def levels(one: SiteTest) -> dict[str, str]:
    return {finding.check: finding.level for finding in one.findings if finding.level != "good"}


def test_a_site_in_order() -> None:
    one = looked_at()
    assert (one.verdict, one.summary) == ("good", "Picture, sound and line are good")
    assert one.measured["picture_in_kbps"] == 64
    assert (one.measured["width"], one.measured["height"]) == (1280, 720)


@pytest.mark.parametrize(
    ("what", "wrong"),
    [
        ({"talking": False}, {"sound_in": "poor"}),
        ({"sound": dataclasses.replace(FLOW, octets_in=0), "talking": False}, {"sound_in": "failed"}),
        ({"sound": dataclasses.replace(FLOW, octets_out=0)}, {"sound_out": "failed"}),
        ({"picture": "waiting"}, {"picture_in": "failed"}),
        ({"picture": "stalled"}, {"picture_in": "poor"}),
        ({"codec": "", "fmtp": "", "picture": "none"}, {"picture_in": "poor"}),
        ({"sound": dataclasses.replace(FLOW, lost_in=40)}, {"line": "failed"}),
        ({"sound": dataclasses.replace(FLOW, rtt=0.4)}, {"line": "poor"}),
    ],
)
def test_what_is_wrong_is_named(what: dict[str, Any], wrong: dict[str, str]) -> None:
    picture = what.get("picture")
    if isinstance(picture, str):
        streams = {key: value for key, value in what.items() if key == "sound"}
        watched, one = session()
        rest = {key: value for key, value in what.items() if key != "sound"}
        p = person(**({"talking": True} | rest))
        watched.look(START + 1, [p], [])
        p.line = Line()
        p.line.read(START + 2, (Counters(), Counters()), Thresholds())
        p.line.read(START + 12, (streams.get("sound", FLOW), FLOW), Thresholds())
        watched.look(START + 12, [p], [])
        watched.look(START + 2 + SECONDS, [p], [])
    else:
        one = looked_at(**what)
    assert levels(one) == wrong
    assert one.summary


def test_a_telephone_needs_no_picture() -> None:
    one = looked_at(channel="PJSIP/sip-trunk-00000001", codec="", fmtp="")
    assert (one.verdict, one.summary) == ("good", "Sound and line of this telephone are good")
    assert looked_at(codec="", fmtp="").verdict == "poor"


def test_a_site_that_does_not_come_fails_with_the_reason() -> None:
    watched, one = session()
    call = OutgoingCall(
        id="0000000a", room="1001", ways=(Way(target=parse_target("sip:a@10.0.0.1")),), name="Xã Lăng", caller="",
        tries=0, began_at=START, site=SITE, state="dialling",
    )  # fmt: skip
    assert watched.look(START + 40, [], [call]) == []
    call.state, call.cause = "failed", 17
    assert watched.look(START + 50, [], [call]) == [one]
    assert (one.verdict, one.summary) == ("failed", "It did not come: busy")


def test_a_site_that_hangs_up_meanwhile_fails() -> None:
    watched, one = session()
    watched.look(START, [person()], [])
    watched.look(START + 5, [], [])
    assert (one.verdict, one.summary) == ("failed", "Its call ended after 5 s")


def test_of_a_closed_microphone_it_is_not_said_that_it_is_off() -> None:
    one = looked_at(talking=False, muted=True)
    assert levels(one) == {"sound_in": "poor"}
    assert "the MCU has its microphone closed" in one.summary


def test_one_at_the_door_is_on_its_way() -> None:
    watched, one = session()
    watched.look(START + 100, [person(joined_at=0.0)], [])
    assert one.state == "calling"


def test_what_was_found_is_said_in_vietnamese_after_it_was_kept() -> None:
    kept = json.loads(json.dumps(looked_at(sound=dataclasses.replace(FLOW, lost_in=40), talking=False).describe()))
    told = in_language(kept, "vi")
    assert told["summary"].startswith("Có tín hiệu tiếng nhưng không nghe thấy ai nói: micrô có đang tắt không?; ")
    texts = {finding["check"]: finding["text"] for finding in told["findings"]}
    assert texts["picture_in"] == "Hình 1280x720, h264"
    assert texts["line"] == "Đường truyền: mất gói lên 7,4 %, xuống 0,0 %, biến thiên trễ 1 ms, trễ khứ hồi 50 ms"
    assert SiteTest.recall(kept).describe()["summary"] == kept["summary"]
    assert in_language(kept, "en") == kept


def test_what_a_former_version_kept_stays_as_it_is() -> None:
    """It had neither codes nor values."""
    finding = {"check": "call", "level": "failed", "text": "It did not come: busy"}
    kept = {
        "site": 7, "name": "Xã", "state": "done", "verdict": "failed", "summary": "It did not come: busy",
        "findings": [finding], "measured": {}, "participant": "", "terminal": "", "at": 5.0,
    }  # fmt: skip
    assert in_language(kept, "vi") == kept
    assert SiteTest.recall(kept).summary == "It did not come: busy"
