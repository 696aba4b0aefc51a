"""The control process as a whole: from a call at the door to the mixer's picture, and back from every loss."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import closing

import pytest

from mcu.bus import connect
from mcu.config import Settings
from mcu.control.process import Control
from mcu.core import events
from mcu.core.entry.answers import Admit, Ask
from mcu.errors import (
    AsteriskDown,
    BadRequest,
    ConfigError,
    Conflict,
    MixerDown,
    NotFound,
    ParticipantNotFound,
    RoomNotFound,
    Unavailable,
)
from mcu.models import Database, RoomRow, rows, upgrade
from tests.control.conftest import House, request


async def test_a_call_is_dialled_to_the_mixer_from_the_door_on(house: House) -> None:
    await house.mixer()
    answer = await house.control.controller.entry(request("Xã Tân Lập"))
    assert isinstance(answer, Admit)
    assert (answer.room, answer.name, answer.view) == ("1001", "Xã Tân Lập", "v-1001-hd")
    await house.until(lambda: len(house.switch.legs) == 2)
    assert house.switch.asked("dial_view") == [("1001", "hd", "1001", "run1")]
    assert house.switch.asked("dial_leg") == [(answer.participant, "1001", "run1", "h264")]


async def test_a_call_that_ends_before_it_has_its_answer_leaves_no_line(house: House) -> None:
    await house.mixer()
    asked = request("Xã Tân Lập")
    answer = await house.control.controller.entry(asked)
    await house.until(lambda: len(house.switch.legs) == 2)
    house.control.controller.undelivered(asked, answer)
    await house.until(lambda: [leg.kind for leg in house.switch.legs.values()] == ["view"])
    again = await house.control.controller.entry(asked)
    assert again != answer


async def test_the_picture_shows_who_is_there_who_talks_and_who_is_muted(house: House) -> None:
    mixer = await house.mixer()
    first, second = await house.dial("Huế"), await house.dial("Đà Nẵng", video="")
    await house.until(lambda: len(mixer.views.get("1001", {"scene": {"tiles": []}})["scene"]["tiles"]) == 2)
    tiles = mixer.views["1001"]["scene"]["tiles"]
    assert [(t["participant"], t["name"], t["x"], t["w"]) for t in tiles] == [
        (first, "Huế", 0.0, 0.5),
        (second, "Đà Nẵng", 0.5, 0.5),
    ]
    assert [c["name"] for c in mixer.views["1001"]["classes"]] == ["hd"]
    muted = await house.call("room.act", room="1001", act="mute", participant=second, on=True)
    assert muted["changed"] == [second]
    await house.until(lambda: mixer.views["1001"]["scene"]["tiles"][1]["muted"])
    listed = await house.call("participant.list", room="1001")
    assert [(p["id"], p["muted"], p["video"]) for p in listed] == [(first, False, True), (second, True, False)]
    await house.call("room.act", room="1001", act="drop", participant=first)
    await house.until(lambda: len(mixer.views["1001"]["scene"]["tiles"]) == 1)
    assert ("participant.left", first) in [(e, d.get("id")) for e, d in house.heard]


async def test_the_same_call_asking_twice_is_one_participant(house: House) -> None:
    answers = [await house.control.controller.entry(request()) for _ in range(2)]
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("number", "door", "prompt"),
    [
        ("7777", "terminal", "mcu-unknown-number"),
        ("10 01", "guest", ""),
        ("1001'; drop table rooms", "guest", "mcu-unknown-number"),
    ],
)
async def test_numbers_at_the_door(house: House, number: str, door: str, prompt: str) -> None:
    answer = await house.control.controller.entry(request(room=number, door=door))
    assert (answer.prompts[0] if isinstance(answer, Ask) else "") == prompt


async def test_the_switch_looks_for_a_new_mixer_before_it_is_dialled(house: House) -> None:
    await house.dial()
    await house.mixer()
    await house.until(lambda: len(house.switch.legs) == 2)
    asked = [call[0] for call in house.switch.calls]
    assert asked.index("look_for_mixer") < asked.index("dial_view")


async def test_a_mixer_that_was_restarted_gets_everything_anew_and_old_legs_go(house: House) -> None:
    old = await house.mixer("run1")
    await house.dial()
    await house.until(lambda: len(house.switch.legs) == 2)
    before = set(house.switch.legs)
    await old.close()
    new = await house.mixer("run2")
    await house.until(lambda: len(house.switch.legs) == 2 and not before & set(house.switch.legs))
    assert {leg.mixer for leg in house.switch.legs.values()} == {"run2"}
    await house.until(lambda: "1001" in new.views)
    state = await house.call("status")
    assert [n["code"] for n in state["notices"]] == ["mixer_away", "mixer_restarted"]
    assert state["mixer"]["run"] == "run2"


async def test_of_a_trunk_nothing_is_known_while_the_switch_is_away(house: House) -> None:
    async def registered() -> object:
        return (await house.call("status"))["trunk"]["registered"]

    house.switch.on_event(events.TrunkTold(at=time.time(), registered=True))
    assert await registered() is True
    await house.switch.stop()
    assert await registered() is None
    house.switch.connect()
    assert await registered() is True


async def test_a_leg_that_fails_is_dialled_again(house: House) -> None:
    house.switch.mixer_answers = False
    await house.mixer()
    await house.dial()
    await house.until(lambda: len(house.switch.asked("dial_leg")) >= 2)
    house.switch.mixer_answers = True
    await house.until(lambda: len(house.switch.legs) == 2)


async def test_a_room_is_made_whole_even_if_who_asked_goes_away(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    writing, go_on, add = threading.Event(), threading.Event(), rows.add_room

    def slowly(database: Database, row: RoomRow) -> None:
        writing.set()
        assert go_on.wait(10)
        add(database, row)

    monkeypatch.setattr(rows, "add_room", slowly)
    asker = await connect(house.settings.control_socket)
    asked = asyncio.create_task(asker.call("room.create", number="1002", name="Hai"))
    await house.until(writing.is_set)
    asker.close()
    with pytest.raises(Unavailable):
        await asked
    await house.call("status")  # by now control has seen the end of that link
    go_on.set()
    await house.until(lambda: "1002" in house.control.controller.bridge.rooms)


async def test_a_restart_of_asterisk_empties_the_rooms_and_is_told(house: House) -> None:
    await house.mixer()
    await house.dial()
    house.switch.restart()
    assert await house.call("participant.list") == []
    codes = [n["code"] for n in (await house.call("status"))["notices"]]
    assert codes == ["asterisk_away", "asterisk_back"]
    await house.until(
        lambda: ("resync", {}) in [(e, {k: v for k, v in d.items() if k != "seq"}) for e, d in house.heard]
    )


async def test_without_asterisk_commands_say_so(house: House) -> None:
    ident = await house.dial()
    house.switch.disconnect()
    with pytest.raises(AsteriskDown):
        await house.call("room.act", room="1001", act="mute", participant=ident, on=True)
    assert (await house.call("status"))["asterisk"]["connected"] is False


async def test_one_room_does_not_wait_for_another(house: House) -> None:
    await house.call("room.create", number="1002", name="Hai")
    one, two = await house.dial(), await house.dial(room="1002")
    house.switch.holds["1001"] = asyncio.Event()
    slow = asyncio.create_task(house.call("room.act", room="1001", act="mute", participant=one, on=True))
    await house.call("room.act", room="1002", act="mute", participant=two, on=True)
    assert not slow.done()
    house.switch.holds["1001"].set()
    await slow


async def test_a_mixer_that_hangs_holds_up_no_mute_and_no_entry(house: House) -> None:
    await house.mixer(hangs=True)
    ident = await house.dial()
    await house.call("room.act", room="1001", act="mute", participant=ident, on=True)
    assert (await house.call("participant.list"))[0]["muted"] is True


async def test_pictures_of_participants_and_of_the_room(house: House) -> None:
    mixer = await house.mixer()
    ident = await house.dial()
    assert (await house.call("participant.list"))[0]["picture"] == "waiting"
    mixer.tell_picture(ident, "live")
    await house.until(lambda: "live" in [data.get("picture") for _, data in house.heard])
    still = await house.call("room.still", number="1001", width=320)
    assert still["jpeg"] == "/9gzMjA="
    await mixer.close()
    await house.until(lambda: not house.control.controller.mixer.connected)
    with pytest.raises(MixerDown):
        await house.call("room.still", number="1001", width=320)


async def test_events_are_numbered_without_a_gap(house: House) -> None:
    await house.dial()
    await house.call("room.act", room="1001", act="layout", layout="2x2")
    numbers = [data["seq"] for _, data in house.heard]
    assert len(numbers) >= 3
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


@pytest.mark.parametrize(
    ("call", "args", "error"),
    [
        ("room.show", {}, BadRequest),
        ("room.show", {"number": "12ab"}, BadRequest),
        ("room.show", {"number": "4711"}, RoomNotFound),
        ("room.show", {"number": 1001}, BadRequest),
        ("room.create", {"number": "1"}, None),
        ("room.create", {"number": "12345678901234567", "name": "x"}, BadRequest),
        ("room.create", {"number": "5", "name": "x", "layout": "9x9"}, BadRequest),
        ("room.act", {"room": "1001", "act": "layout", "layout": "\r\nAction: Originate"}, BadRequest),
        ("room.act", {"room": "1001", "act": "lock", "on": "yes"}, BadRequest),
        ("room.change", {"number": "1001", "name": "\x00\x1b"}, BadRequest),
        ("room.change", {"number": "1001"}, BadRequest),
        ("room.act", {"room": "1001", "act": "mute_all", "on": True}, Conflict),
        ("room.still", {"number": "1001", "width": 100000}, BadRequest),
        ("room.still", {"number": "1001"}, NotFound),
        ("room.act", {"room": "1001", "act": "mute", "participant": "0badf00d", "on": True}, ParticipantNotFound),
        ("room.act", {"room": "9", "act": "drop", "participant": "0badf00d"}, RoomNotFound),
        ("mixer.hello", {"run": "a-b"}, BadRequest),
        ("mixer.hello", {"run": "a", "legs": "x"}, BadRequest),
        ("mixer.hello", {"run": "a", "views": [{"view": 1}]}, BadRequest),
    ],
)
async def test_what_is_asked_wrongly_is_refused(
    house: House, call: str, args: dict[str, object], error: type[Exception] | None
) -> None:
    if error is None:
        await house.call(call, **args)
        return
    with pytest.raises(error):
        await house.call(call, **args)


async def test_a_second_control_says_what_is_in_its_way(house: House, settings: Settings) -> None:
    same_home = Control(settings, lambda _, hear: house.switch)
    with pytest.raises(Conflict, match=r"control\.sock"):
        await same_home.start()
    await same_home.stop()
    same_port = settings.model_copy(update={"home": settings.home / "other"})
    with closing(Database(same_port.database_url)) as database:
        upgrade(database)
    other = Control(same_port, lambda _, hear: house.switch)
    with pytest.raises(ConfigError, match="agi_port"):
        await other.start()
    await other.stop()
