"""AMI messages into events: what is ours becomes one, and nothing else ever fails."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from panoramisk.message import Message

from mcu.asterisk.translate import translate, variables
from mcu.core.events import Event, HungUp, Muted

OURS = ["MCU_KIND=terminal", "MCU_ID=0000000a", 'MCU_NAME=Nhà \\"A\\"\\n\\\\']


def message(event: str, **headers: Any) -> Message:
    return Message({"Event": event, "Channel": "PJSIP/x-00000001", "ChanVariable": OURS, **headers})


def test_variables_lose_the_escapes_of_c() -> None:
    told = variables(message("Hangup"))
    assert told == {"MCU_KIND": "terminal", "MCU_ID": "0000000a", "MCU_NAME": 'Nhà "A"\n\\'}


def test_one_variable_comes_as_text_and_without_an_equals_sign_it_is_none() -> None:
    assert variables(Message({"Event": "X", "ChanVariable": "A=b=c"})) == {"A": "b=c"}
    assert variables(Message({"Event": "X", "ChanVariable": "A"})) == {}
    assert variables(Message({"Event": "X"})) == {}


def test_mute_and_unmute() -> None:
    for event, on in (("ConfbridgeMute", True), ("ConfbridgeUnmute", False)):
        heard = translate(message(event, Conference="1001"), 5.0)
        assert heard == Muted(at=5.0, participant="0000000a", channel="PJSIP/x-00000001", room="1001", on=on)


def test_a_hang_up_without_a_cause_has_cause_0() -> None:
    for cause, number in (("17", 17), ("", 0), ("x", 0)):
        heard = translate(message("Hangup", Cause=cause), 1.0)
        assert isinstance(heard, HungUp)
        assert heard.cause == number


@pytest.mark.parametrize("event", ["Newchannel", "VarSet", "Dial", ""])
def test_other_events_are_nothing(event: str) -> None:
    assert translate(message(event), 1.0) is None


def test_only_keys_that_came_in_count() -> None:
    assert translate(message("DTMFEnd", Direction="Sent", Digit="1"), 1.0) is None
    assert translate(message("DTMFEnd", Direction="Received", Digit="1"), 1.0) is not None


@pytest.mark.parametrize("kind", ["leg", "view"])
def test_a_legs_own_events_are_no_news_about_a_participant(kind: str) -> None:
    told = [f"MCU_KIND={kind}", "MCU_ID=0000000a"]
    assert translate(message("VideoPublishStart", ChanVariable=told), 1.0) is None
    assert isinstance(translate(message("Hangup", ChanVariable=told), 1.0), HungUp)


NAMES = st.sampled_from(
    ["ConfbridgeJoin", "ConfbridgeLeave", "ConfbridgeTalking", "VideoPublishStart", "DTMFEnd", "Hangup"]
)
HEADERS = st.dictionaries(
    st.sampled_from(
        ["Channel", "Conference", "Muted", "Cause", "CallerIDNum", "ChanVariable", "Format", "Digit", "Direction"]
    ),
    st.one_of(st.text(), st.lists(st.text(), min_size=2)),
)


@given(event=NAMES, headers=HEADERS)
def test_any_message_gives_an_event_or_nothing(event: str, headers: dict[str, Any]) -> None:
    told = headers.pop("ChanVariable", [])
    all_told = [*OURS, *([told] if isinstance(told, str) else told)]
    heard = translate(Message({"Event": event, **headers, "ChanVariable": all_told}), 1.0)
    assert heard is None or isinstance(heard, Event)
