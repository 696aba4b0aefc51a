from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcu.web.hub import EventHub, Stream
from werkzeug.test import TestResponse

from mcu.errors import Unavailable
from tests.fakes.control import FakeControl


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
    assert [event for _, event, _ in read(hub, hub.open(""))] == ["resync"]


def test_events_come_in_order_with_their_data(hub):
    stream = hub.open("")
    read(hub, stream)
    for n in range(3):
        hub.publish("participant.changed", {"id": "a", "name": "Hà\nGiang\u2028", "n": n})
    events = read(hub, stream)
    assert [data["n"] for _, _, data in events] == [0, 1, 2]
    assert events[0][2]["name"] == "Hà\nGiang\u2028"


def test_a_stream_goes_on_after_the_last_seen_message(hub):
    first = hub.open("")
    ((last_id, _, _),) = read(hub, first)
    for n in range(4):
        hub.publish("x", {"n": n})
    ids = [ident for ident, _, _ in read(hub, first)]
    assert [data["n"] for _, _, data in read(hub, hub.open(ids[1]))] == [2, 3]
    hub.close(first)
    assert [data["n"] for _, _, data in read(hub, hub.open(last_id))] == [0, 1, 2, 3]


def test_nothing_missed_means_nothing_sent(hub):
    stream = hub.open("")
    read(hub, stream)
    hub.publish("x", {})
    ((last_id, _, _),) = read(hub, stream)
    assert read(hub, hub.open(last_id)) == []


@pytest.mark.parametrize(
    "last_id", ["other-1", "x", "-", "{run}-99", "{run}--1", "{run}-١", "{run}-" + "9" * 40, "\x00"]
)
def test_an_unknown_id_means_resync(hub, last_id):
    hub.publish("x", {})
    stream = hub.open(last_id.format(run=hub._run))
    assert [event for _, event, _ in read(hub, stream)] == ["resync"]


def test_too_long_away_means_resync(hub):
    stream = hub.open("")
    ((last_id, _, _),) = read(hub, stream)
    for n in range(6):
        hub.publish("x", {"n": n})
    assert [event for _, event, _ in read(hub, hub.open(last_id))] == ["resync"]


def test_a_slow_reader_gets_resync_instead_of_a_pile(hub):
    stream = hub.open("")
    read(hub, stream)
    for n in range(50):
        hub.publish("x", {"n": n})
    assert len(stream.queue) == 1
    assert [event for _, event, _ in read(hub, stream)] == ["resync"]
    hub.publish("x", {"n": 50})
    assert [event for _, event, _ in read(hub, stream)] == ["x"]


def test_streams_are_counted_and_bounded(hub):
    streams = [hub.open("") for _ in range(3)]
    with pytest.raises(Unavailable):
        hub.open("")
    hub.close(streams[0])
    assert hub.streams == 2
    hub.open("")


def test_silence_is_filled_with_comments(hub):
    stream = hub.open("")
    texts = hub.messages(stream, heartbeat=0.001)
    assert [next(texts)[:5], next(texts)[:3], next(texts), next(texts)] == [
        "retry",
        "id:",
        ": still here\n\n",
        ": still here\n\n",
    ]


def test_stop_ends_every_stream(hub):
    texts = hub.messages(hub.open(""), heartbeat=60)
    next(texts), next(texts)
    hub.stop()
    assert list(texts) == []


# --- through the application, with control's events ---


def events_of(response: TestResponse) -> Iterator[tuple[str, Any]]:
    for text in response.response:
        assert not text.startswith(b":"), "nothing came for a whole heartbeat"
        yield from ((event, data) for _, event, data in parse(text.decode()))


def wait_for(events: Iterator[tuple[str, Any]], wanted: str) -> Any:
    """The data of the next event of that name."""
    return next(data for event, data in events if event == wanted)


def test_what_happens_in_rooms_reaches_the_panel(panel, control):
    response = panel.get("/events", buffered=False)
    assert response.mimetype == "text/event-stream"
    assert response.headers["Cache-Control"] == "no-store"
    events = events_of(response)
    assert wait_for(events, "control") == {"connected": True}
    someone = control.join("1001", "UBND xã Tân Lập <b>")
    assert wait_for(events, "participant.joined")["name"] == "UBND xã Tân Lập <b>"
    control.change(someone, talking=True)
    assert wait_for(events, "participant.changed")["talking"] is True
    control.leave(someone)
    assert wait_for(events, "participant.left")["id"] == someone
    control.notice("asterisk_away")
    assert wait_for(events, "notice")["code"] == "asterisk_away"
    response.close()


def test_control_going_and_coming_is_told(panel, control: FakeControl):
    response = panel.get("/events", buffered=False)
    events = events_of(response)
    assert wait_for(events, "control") == {"connected": True}
    control.stop()
    assert wait_for(events, "control") == {"connected": False}
    control.start()
    assert wait_for(events, "control") == {"connected": True}
    assert wait_for(events, "resync") == {}
    response.close()


def test_a_control_that_hangs_is_told_like_one_that_is_gone(panel, control: FakeControl, monkeypatch):
    monkeypatch.setattr("mcu.web.hub.PING_AFTER", 0.1)
    monkeypatch.setattr("mcu.web.hub.PING_LIMIT", 0.2)  # from the next link on
    response = panel.get("/events", buffered=False)
    events = events_of(response)
    assert wait_for(events, "control") == {"connected": True}
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
