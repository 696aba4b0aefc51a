"""A planned meeting with real calls: its site is called, it is told, and everybody is disconnected at its end."""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.calls.seating import Seat
from tests.product import Mcu
from tests.waiting import until_in_thread

SECONDS = 30  # that are left of the meeting when it is planned


@pytest.fixture
def site(mcu: Mcu) -> Iterator[tuple[int, str, str]]:
    """One with a terminal that registers: its id, the terminal's name and password."""
    name, password = f"t{secrets.token_hex(4)}", "mat khau dai"
    made = int(mcu.bus.call("site.create", name="Xã Ea Kao", people=40, distance_km=12)["id"])
    mcu.bus.call("terminal.create", name=name, password=password, site=made, display="Xã Ea Kao")
    yield made, name, password
    mcu.bus.call("terminal.delete", name=name)
    mcu.bus.call("site.delete", id=made)


async def test_a_site_is_called_for_the_meeting_and_disconnected_at_its_end(
    mcu: Mcu, seat: Seat, room: str, site: tuple[int, str, str]
) -> None:
    ident, user, password = site

    mcu.bus.call("room.set_sites", number=room, sites=[ident])
    probe = await seat(0, dial=None, user=user, password=password)
    await probe.registered()
    begins = datetime.fromtimestamp(time.time() + SECONDS - 60, UTC).replace(tzinfo=None, microsecond=0)
    plan = {"room": room, "title": "Giao ban", "begins": begins.isoformat(), "zone": "UTC", "minutes": 1}
    made = mcu.bus.call("meeting.create", **plan, call_before=5, warn_before=0, ends=True)
    await until_in_thread(lambda: [p["site"] for p in mcu.people(room)] == [ident], "the site was called and is there")
    direction = mcu.bus.call("room.direction", room=room)
    assert direction["ends_at"] == pytest.approx(made["next"]["ends_at"])
    await until_in_thread(lambda: mcu.people(room) == [], "it was disconnected", SECONDS + 30)
    assert time.time() >= made["next"]["ends_at"]
    await until_in_thread(
        lambda: {one["state"] for one in mcu.bus.call("meeting.show", id=made["id"])["occurrences"]} <= {"ended"},
        "the planned meeting is over",
    )
    await until_in_thread(
        lambda: mcu.bus.call("conference.list", room=room)["items"][0]["ended_at"], "the conference is over"
    )
    (listed,) = mcu.bus.call("conference.list", room=room)["items"]
    assert (listed["title"], listed["sites"]) == ("Giao ban", 1)
    minutes = mcu.bus.call("conference.minutes", id=listed["id"])
    (line,) = minutes["sites"]
    assert (line["name"], line["invited"], line["joins"]) == ("Xã Ea Kao", True, 1)
    assert {"joined", "left", "meeting.ended"} <= {event["kind"] for event in minutes["events"]}
    pdf = mcu.bus.call("conference.minutes", id=listed["id"], format="pdf")
    assert base64.b64decode(pdf["content"]).startswith(b"%PDF-")
    mcu.bus.call("meeting.delete", id=made["id"])
