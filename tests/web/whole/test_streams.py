"""The event stream with the real control process: everybody hears what they may see, and no more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from tests.fakes.house import House
from tests.waiting import until_blocking
from tests.web.whole.program import Program, ask, program


class Listening:
    """A stream: what happens from now on is told."""

    def __init__(self, client: Program, query: str = "") -> None:
        headers = {"Authorization": f"Bearer {client.token}"}
        self.answer = client.client.get(f"/api/v1/events{query}", headers=headers, buffered=False)
        self.events = self._read()
        assert next(self.events)[0] == "resync"

    def _read(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for text in self.answer.response:
            for block in (text.decode() if isinstance(text, bytes) else text).split("\n\n"):
                fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line and line[0] != ":")
                if "event" in fields:
                    yield fields["event"], json.loads(fields["data"])

    def until(self, name: str, number: str) -> set[str]:
        """The rooms that were told of until this event of this room came."""
        rooms: set[str] = set()
        for event, data in self.events:
            room = str(data.get("number") if event.startswith("room.") else data.get("room", ""))
            rooms.add(room)
            if (event, room) == (name, number):
                return rooms
        raise AssertionError("the stream ended")


@pytest.fixture(autouse=True)
def control_is_heard(app: Flask) -> None:
    until_blocking(lambda: app.extensions["mcu"].hub.connected, "the panel hears control")


def test_events_of_foreign_rooms_are_not_sent(app: Flask, house: House) -> None:
    east, west = (ask(house, "site.create", name=name)["id"] for name in ("east", "west"))
    ask(house, "room.create", number="2000", name="East", branch_id=east)
    ask(house, "room.create", number="3000", name="West", branch_id=west)
    operator = program(app, house, "lan", role="operator", branch=east)
    chair = program(app, house, "ha", role="chair", room="1001")
    first = Listening(program(app, house, "admin"))
    streams = [Listening(operator), Listening(chair), Listening(operator, "?events=room.*&room=2000")]
    for room in ("3000", "1001", "2000", "3000"):
        ask(house, "room.act", room=room, act="lock", on=True)
        ask(house, "room.act", room=room, act="lock", on=False)
    house.happens(house.switch.join, "0a0b0c0d", "3000", name="West")
    ask(house, "room.delete", number="2000")
    assert {"1001", "2000", "3000"} <= first.until("room.removed", "2000")
    assert "3000" not in streams[0].until("room.removed", "2000")
    assert streams[1].until("room.changed", "1001") <= {"", "1001"}
    assert streams[2].until("room.removed", "2000") <= {"", "2000"}
    for stream in [first, *streams]:
        stream.answer.close()


def test_a_stream_ends_with_its_token(app: Flask, house: House) -> None:
    client = program(app, house, "lan", role="viewer")
    stream = Listening(client)
    (token,) = ask(house, "token.list", login="lan")
    ask(house, "token.delete", id=token["id"])
    list(stream.events)  # comes to its end
    stream.answer.close()
    assert client.get("/events").status_code == 401
