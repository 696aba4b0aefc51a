"""What outlives a control process, and what the one that follows finds again."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from mcu.config import Settings
from mcu.core import effects as do
from mcu.core import events
from mcu.core.entry.answers import Admit
from mcu.errors import RoomNotFound
from mcu.models import Database, OutgoingCallRow, attendance, outgoing_calls
from tests.control.conftest import request, start, stop


async def test_after_a_restart_of_control_calls_and_legs_are_found_again(settings: Settings) -> None:
    first = await start(settings)
    await first.mixer()
    people = [await first.dial(name) for name in ("Bưu điện", "Trường học")]
    await first.until(lambda: len(first.switch.legs) == 3)
    await first.call("room.act", room="1001", act="lock", on=True)
    for ident in people:
        first.mixers[0].tell_picture(ident, "live")
    await first.until(lambda: {d["id"] for _, d in first.heard if d.get("picture") == "live"} == set(people))
    before = await first.call("room.show", number="1001")
    legs, sinks = set(first.switch.legs), [{"view": "1001", "cls": "hd"}]
    await stop(first)

    switch = first.switch
    switch.members = dict(reversed(switch.members.items()))  # Asterisk lists them in an order of its own
    switch.calls.clear()
    second = await start(settings, switch)
    mixer = await second.mixer("run1", legs=people, sinks=sinks)
    for ident in people:  # as the real one does after each hello, at once
        mixer.tell_picture(ident, "live")
    await second.until(lambda: "1001" in mixer.views)
    assert before["direction"]["undo"] == "lock"
    assert await second.call("room.show", number="1001") == before
    assert [tile["participant"] for tile in mixer.views["1001"]["scene"]["tiles"]] == people
    assert set(switch.legs) == legs
    assert switch.asked("dial_leg") == switch.asked("dial_view") == switch.asked("hang_up") == []
    step = before["direction"]["undo_step"]
    back = await second.call("room.act", room="1001", act="undo", step=step)
    assert (back["direction"]["undo"], "1001" in switch.locked) == ("", False)
    await stop(second)


async def test_calls_under_way_are_made_again_by_the_control_that_follows(settings: Settings) -> None:
    first = await start(settings)
    await first.call("room.create", number="1002", name="Hai")
    came, rings, late, over, gone = [
        (await first.call("call.dial", room=room, address=f"h323:{n}@10.0.0.{n}", tries=2))["id"]
        for n, room in ((1, "1001"), (2, "1001"), (3, "1001"), (4, "1001"), (5, "1002"))
    ]
    await first.until(lambda: len(first.switch.asked("dial_terminal")) == 5)
    first.switch.on_event(
        events.DialFailed(at=time.time(), participant=late, cause=17)
    )  # it waits for its next attempt
    await first.call("call.end", call=over)
    await stop(first)

    switch = first.switch
    switch.calls.clear()
    switch.join(came, "1001", channel="PJSIP/h323-00000001", name="Đã vào", number="1")  # while nobody looked
    database = Database(settings.database_url)
    with database.session(writing=True) as session:
        row = session.get(OutgoingCallRow, gone)
        assert row is not None
        row.at -= timedelta(hours=1)
        row = session.get(OutgoingCallRow, rings)
        assert row is not None
        row.at += timedelta(hours=1)  # the clock is behind, until NTP sets it
    database.close()
    second = await start(settings, switch)
    await second.until(lambda: len(switch.asked("dial_terminal")) == 2)
    assert {asked[0] for asked in switch.asked("dial_terminal")} == {rings, late}
    listed = await second.call("call.list")
    assert {(call["id"], call["address"], call["failures"]) for call in listed} == {
        (rings, "h323:2@10.0.0.2", 0), (late, "h323:3@10.0.0.3", 1),
    }  # fmt: skip
    kept = second.control.controller.bridge.dial_out.kept(came)
    assert kept is not None  # should its line break it is called again
    (notice,) = [n for n in (await second.call("status"))["notices"] if n["code"] == "calls_resumed"]
    assert notice["data"] == {"again": 3, "dropped": 1}
    assert [notice["text"]] == [
        "Control was restarted: 3 calls that were under way are made again, 1 are not, for that was too long ago or "
        "their rooms are gone"
    ]
    await second.call("call.end_all", room="1001")
    await stop(second)
    database = Database(settings.database_url)
    assert outgoing_calls.under_way(database) == []
    database.close()


async def test_a_site_at_the_door_is_let_in_by_the_control_that_follows(settings: Settings) -> None:
    """Control dies before the site has its answer: the dialplan asks the next one."""
    first = await start(settings)
    made = await first.call("call.dial", room="1001", address="h323:1@10.0.0.1", name="Xã Một", tries=2)
    asked = request(room=made["id"], channel="PJSIP/h323-00000001", door="dialled")
    await first.control.controller.entry(asked)
    await stop(first)
    switch = first.switch
    switch.called = {made["id"]: asked.channel}
    switch.calls.clear()
    second = await start(settings, switch)
    answer = await second.control.controller.entry(asked)
    assert isinstance(answer, Admit)
    assert (answer.participant, answer.name) == (made["id"], "Xã Một")
    switch.join(answer.participant, "1001", channel=asked.channel, name=answer.name)
    assert await second.call("call.list") == []
    assert switch.asked("dial_terminal") == []
    await stop(second)
    database = Database(settings.database_url)
    assert outgoing_calls.under_way(database) == []
    database.close()


async def test_what_a_notice_names_outlives_control(settings: Settings) -> None:
    first = await start(settings)
    data = {"room": "1001", "name": "Xã Ea Kao", "reason": "busy"}
    notice = do.Notice(room="1001", level="warning", code="call_failed", text="x", data=data)
    first.control.controller._hand_out([notice], 7.0)
    told = (await first.call("status"))["notices"]
    assert told == [
        {"at": 7.0, "level": "warning", "code": "call_failed", "text": "x", "data": data, "room": "1001"},
    ]
    await first.until(lambda: any(event == "notice" and told["data"] == data for event, told in first.heard))
    await stop(first)
    second = await start(settings, first.switch)
    (kept,) = [n for n in (await second.call("status"))["notices"] if n["code"] == "call_failed"]
    assert kept["data"] == data
    assert "room" not in kept  # who may see it is not known any more: its number may be another room's
    await stop(second)


async def test_an_orderly_end_of_control_is_no_loss_to_be_told(settings: Settings) -> None:
    first = await start(settings)
    mixer = await first.mixer()
    await first.control.stop()  # with all its links standing, as at SIGTERM
    await mixer.close()
    first.mixers.clear()
    await stop(first)
    second = await start(settings, first.switch)
    assert (await second.call("status"))["notices"] == []
    await stop(second)


async def test_who_was_in_a_room_and_how_long_is_kept(settings: Settings) -> None:
    first = await start(settings)
    stayed, left, lost = [await first.dial(name) for name in ("Ở lại", "Ra về", "Mất điện")]
    channels = list(first.switch.members)
    first.switch.leave(channels[1])
    await stop(first)
    del first.switch.members[channels[2]]
    second = await start(settings, first.switch)
    await stop(second)
    database = Database(settings.database_url)
    kept = {
        s.participant: (s.name, s.left_at is None)
        for s in attendance.stays(database, "1001", datetime.min.replace(tzinfo=UTC))
    }
    database.close()
    assert kept == {stayed: ("Ở lại", True), left: ("Ra về", False), lost: ("Mất điện", False)}


async def test_rooms_and_their_settings_outlive_control(settings: Settings) -> None:
    first = await start(settings)
    await first.call("room.create", number="2002", name="  Họp   giao ban ", layout="3x3", guests=False)
    await first.call("room.act", room="1001", act="layout", layout="1+5")
    await first.call("room.change", number="1001", name="Thử")
    await first.call("room.act", room="2002", act="lock", on=True)
    await stop(first)
    second = await start(settings)
    rooms = {r["number"]: (r["name"], r["layout"], r["guests"], r["locked"]) for r in await second.call("room.list")}
    assert rooms == {"1001": ("Thử", "1+5", True, False), "2002": ("Họp giao ban", "3x3", False, True)}
    await second.call("room.delete", number="2002")
    with pytest.raises(RoomNotFound):
        await second.call("room.show", number="2002")
    await stop(second)
