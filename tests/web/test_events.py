from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from mcu.web.events import KNOWN
from mcu.web.hub import EventHub, Listener, Stream
from werkzeug.test import TestResponse

from mcu.core.roles import LOCAL, Actor
from mcu.errors import Unavailable
from tests.fakes.control import FakeControl
from tests.waiting import until_blocking
from tests.web.conftest import Panel

ANYBODY = Listener(LOCAL)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[EventHub]:
    """Its control is not there; tests publish themselves."""
    hub = EventHub(tmp_path / "none.sock", max_streams=3, on_loss=lambda: None, depth=5)
    hub.start()
    yield hub
    hub.stop()


def parse(text: str) -> list[tuple[str, str, Any]]:
    """(id, event, data) of each message, by the rules of the standard."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line and not line.startswith(":"))
        if "event" in fields:
            found.append((fields["id"], fields["event"], json.loads(fields["data"])))
    return found


def read(hub: EventHub, stream: Stream) -> list[tuple[str, str, Any]]:
    """What waits in the stream now."""
    texts = hub.messages(stream, heartbeat=0.001)
    collected = list(itertools.takewhile(lambda text: not text.startswith(":"), texts))
    return parse("".join(collected))


def test_a_new_stream_is_told_to_read_everything(hub):
    assert [event for _, event, _ in read(hub, hub.open("", ANYBODY))] == ["resync"]


def test_events_come_in_order_with_their_data(hub):
    stream = hub.open("", ANYBODY)
    read(hub, stream)
    for n in range(3):
        hub.publish("participant.changed", {"id": "a", "name": "Hà\nGiang\u2028", "n": n})
    events = read(hub, stream)
    assert [data["n"] for _, _, data in events] == [0, 1, 2]
    assert events[0][2]["name"] == "Hà\nGiang\u2028"


def test_a_stream_goes_on_after_the_last_seen_message(hub):
    first = hub.open("", ANYBODY)
    ((last_id, _, _),) = read(hub, first)
    for n in range(4):
        hub.publish("x", {"n": n})
    ids = [ident for ident, _, _ in read(hub, first)]
    assert [data["n"] for _, _, data in read(hub, hub.open(ids[1], ANYBODY))] == [2, 3]
    hub.close(first)
    assert [data["n"] for _, _, data in read(hub, hub.open(last_id, ANYBODY))] == [0, 1, 2, 3]


def test_nothing_missed_means_nothing_sent(hub):
    stream = hub.open("", ANYBODY)
    read(hub, stream)
    hub.publish("x", {})
    ((last_id, _, _),) = read(hub, stream)
    assert read(hub, hub.open(last_id, ANYBODY)) == []


@pytest.mark.parametrize(
    "last_id", ["other-1", "x", "-", "{run}-99", "{run}--1", "{run}-١", "{run}-" + "9" * 40, "\x00"]
)
def test_an_unknown_id_means_resync(hub, last_id):
    hub.publish("x", {})
    stream = hub.open(last_id.format(run=hub._run), ANYBODY)
    assert [event for _, event, _ in read(hub, stream)] == ["resync"]


def test_too_long_away_means_resync(hub):
    stream = hub.open("", ANYBODY)
    ((last_id, _, _),) = read(hub, stream)
    for n in range(6):
        hub.publish("x", {"n": n})
    assert [event for _, event, _ in read(hub, hub.open(last_id, ANYBODY))] == ["resync"]


def test_a_slow_reader_gets_resync_instead_of_a_pile(hub):
    stream = hub.open("", ANYBODY)
    read(hub, stream)
    for n in range(50):
        hub.publish("x", {"n": n})
    assert len(stream.queue) == 1
    assert [event for _, event, _ in read(hub, stream)] == ["resync"]
    hub.publish("x", {"n": 50})
    assert [event for _, event, _ in read(hub, stream)] == ["x"]


def test_streams_are_counted_and_bounded(hub):
    streams = [hub.open("", ANYBODY) for _ in range(3)]
    with pytest.raises(Unavailable):
        hub.open("", ANYBODY)
    hub.close(streams[0])
    assert hub.streams == 2
    hub.open("", ANYBODY)


def test_silence_is_filled_with_comments(hub):
    stream = hub.open("", ANYBODY)
    texts = hub.messages(stream, heartbeat=0.001)
    assert [next(texts)[:5], next(texts)[:3], next(texts), next(texts)] == [
        "retry",
        "id:",
        ": still here\n\n",
        ": still here\n\n",
    ]


def test_stop_ends_every_stream(hub):
    texts = hub.messages(hub.open("", ANYBODY), heartbeat=60)
    next(texts), next(texts)
    hub.stop()
    assert list(texts) == []


# --- through the application, with control's events ---


@pytest.fixture
def hears_control(app: Flask, panel: Panel) -> None:
    """It takes a second from the panel's start; a stream that is opened later is told nothing of it."""
    hub = app.extensions["mcu"].hub
    until_blocking(lambda: hub._count >= 2, "that control is there, and a resync")


def events_of(response: TestResponse) -> Iterator[tuple[str, Any]]:
    for text in response.response:
        assert not text.startswith(b":"), "nothing came for a whole heartbeat"
        yield from ((event, data) for _, event, data in parse(text.decode()))


def wait_for(events: Iterator[tuple[str, Any]], wanted: str) -> Any:
    """The data of the next event of that name."""
    return next(data for event, data in events if event == wanted)


def test_what_happens_in_rooms_reaches_the_panel(panel, control, hears_control):
    response = panel.get("/events", buffered=False)
    assert response.mimetype == "text/event-stream"
    assert response.headers["Cache-Control"] == "no-store"
    events = events_of(response)
    assert next(events) == ("resync", {})
    someone = control.join("1001", "UBND xã Tân Lập <b>")
    assert wait_for(events, "participant.joined")["name"] == "UBND xã Tân Lập <b>"
    control.change(someone, talking=True)
    assert wait_for(events, "participant.changed")["talking"] is True
    control.leave(someone)
    assert wait_for(events, "participant.left")["id"] == someone
    control.notice("asterisk_away")
    assert wait_for(events, "notice")["code"] == "asterisk_away"
    response.close()


def test_control_going_and_coming_is_told(panel, control: FakeControl, hears_control):
    response = panel.get("/events", buffered=False)
    events = events_of(response)
    assert next(events) == ("resync", {})  # which covers all that comes before it is read
    control.stop()
    assert wait_for(events, "control") == {"connected": False}
    control.start()
    assert wait_for(events, "control") == {"connected": True}
    assert wait_for(events, "resync") == {}
    response.close()


def test_a_control_that_hangs_is_told_like_one_that_is_gone(panel, control: FakeControl, hears_control, monkeypatch):
    monkeypatch.setattr("mcu.web.hub.PING_AFTER", 0.1)
    monkeypatch.setattr("mcu.web.hub.PING_LIMIT", 0.2)  # from the next link on
    response = panel.get("/events", buffered=False)
    events = events_of(response)
    assert next(events) == ("resync", {})
    go_on = control.hang()
    assert wait_for(events, "control") == {"connected": False}
    go_on.set()
    assert wait_for(events, "control") == {"connected": True}
    assert wait_for(events, "resync") == {}
    response.close()


def test_a_closed_stream_gives_its_place_back(app, panel):
    hub = app.extensions["mcu"].hub
    responses = [panel.get("/events", buffered=False) for _ in range(3)]
    assert hub.streams == 3
    for response in responses:
        response.close()
    panel.client.head("/api/v1/events").close()
    assert hub.streams == 0


def operator(branch: int) -> Listener:
    return Listener(Actor(login="lan", role="operator", branch=branch, via="web"))


def test_what_is_told_of_a_foreign_room_is_not_sent(hub):
    mine, chair = hub.open("", operator(7)), hub.open("", Listener(Actor(login="ha", role="chair", room="1001")))
    for stream in (mine, chair):
        read(hub, stream)
    hub.publish("participant.joined", {"id": "a", "room": "1001", "branches": [7, 1]})
    hub.publish("participant.joined", {"id": "b", "room": "2001", "branches": [8, 1]})
    hub.publish("participant.joined", {"id": "c", "room": "3001"})
    hub.publish("notice", {"code": "pin_guessed", "text": "room 2001"})
    hub.publish("notice", {"code": "asterisk_away", "text": "…"})
    hub.publish("something.new", {})
    told = read(hub, mine)
    assert [data.get("id") or data["code"] for _, _, data in told] == ["a", "c", "asterisk_away"]
    assert "branches" not in told[0][2]
    assert [data.get("id") or data["code"] for _, _, data in read(hub, chair)] == ["a", "asterisk_away"]


def test_a_room_that_goes_to_another_branch_is_gone_for_those_who_saw_it(hub):
    before, after = hub.open("", operator(7)), hub.open("", operator(8))
    ((last_id, _, _),) = read(hub, before)
    read(hub, after)
    hub.publish("room.changed", {"number": "1001", "branches": [7]})
    hub.publish("room.changed", {"number": "1001", "branches": [8]})
    told = [(event, data) for _, event, data in read(hub, before)]
    assert told == [("room.changed", {"number": "1001"}), ("room.removed", {"number": "1001"})]
    assert [event for _, event, _ in read(hub, after)] == ["room.changed"]
    assert [event for _, event, _ in read(hub, hub.open(last_id, operator(7)))] == ["room.changed", "room.removed"]


def test_a_stream_may_want_some_events_and_one_room_only(hub):
    stream = hub.open("", Listener(LOCAL, room="1001", events=("participant.", "notice")))
    assert [event for _, event, _ in read(hub, stream)] == ["resync"]
    hub.publish("participant.left", {"room": "1001"})
    hub.publish("participant.left", {"room": "1002"})
    hub.publish("room.changed", {"number": "1001"})
    hub.publish("notice", {"code": "x"})
    hub.publish("control", {"connected": False})
    assert [event for _, event, _ in read(hub, stream)] == ["participant.left", "notice", "control"]


@pytest.mark.parametrize(("event", "data"), [("users.changed", {"login": "lan"}), ("tokens.changed", {"token": 4})])
def test_a_stream_ends_with_the_rights_of_who_listens(hub, event, data):
    stream = hub.open("", Listener(Actor(login="lan", role="viewer"), token=4))
    other = hub.open("", Listener(Actor(login="ha", role="viewer"), token=5))
    hub.publish(event, data)
    assert (stream.ended, other.ended) == (True, False)
    list(hub.messages(stream))  # comes to its end
    assert [event for _, event, _ in read(hub, other)] == ["resync"]


@pytest.mark.parametrize(
    "query", ["room=10a", "events=Participant", "events=a,b;c", "events=" + ",".join("ab" for _ in range(60))]
)
def test_filters_that_are_none_are_refused(panel, problem, query):
    problem(panel.get(f"/events?{query}"), 400, "bad_request")


@pytest.mark.parametrize("asked", ["foo.*", "participant.jumped", "notice,participants.*", "notic"])
def test_an_event_that_there_is_not_is_refused_with_those_there_are(panel, problem, asked):
    refused = problem(panel.client.get(f"/api/v1/events?events={asked}"), 400, "bad_request")
    assert asked.rpartition(",")[2] in refused["detail"]
    assert "participant.joined" in refused["detail"]


@pytest.mark.parametrize("asked", ["participant.*", "notice,control", "rollout.progress"])
def test_events_that_there_are_can_be_chosen(panel, asked):
    stream = panel.client.get(f"/api/v1/events?events={asked}")
    assert stream.status_code == 200
    stream.close()


def test_every_event_of_the_sources_and_the_documents_is_known():
    root = Path(__file__).parents[2]
    told = set()
    for folder in ("control", "core"):
        for file in (root / "mcu" / folder).rglob("*.py"):
            told |= set(
                re.findall(r'(?:\btell\((?:self\._control, )?|_tell\(|event=)"([a-z0-9_]+\.[a-z_]+)"', file.read_text())
            )
    assert len(told) > 20
    assert told <= set(KNOWN)
    documented = (root / "docs" / "bus.md").read_text()
    assert [name for name in KNOWN if f"`{name}`" not in documented] == []
