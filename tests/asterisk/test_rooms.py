"""Calls into rooms of a real Asterisk: joining, refusal, and what control can do to a member."""

from __future__ import annotations

import asyncio

import pytest

from mcu.core.entry.answers import Admit, EntryAnswer, EntryRequest, Refuse
from mcu.core.events import HungUp, Joined, Left, Muted
from tests.asterisk.conftest import Bench


async def test_a_call_joins_the_room_that_control_named(bench: Bench) -> None:
    call = await bench.call("1001")
    joined = await bench.heard(Joined)
    assert (joined.participant, joined.room, joined.name, joined.muted) == ("0000000a", "1001", "Phòng họp", False)
    assert joined.number == "stranger"
    request = bench.requests[0]
    assert (request.number, request.door, request.endpoint) == ("1001", "guest", "anonymous")
    assert (request.caller_name, request.caller_number) == ("Stranger", "stranger")
    assert request.channel == joined.channel
    assert request.video.startswith("h264 ")
    assert "max-fs=3600" in request.video

    await bench.switch.kick("1001", joined.channel)
    await call.passed()
    assert (await bench.heard(Left)).participant == "0000000a"
    gone = await bench.heard(HungUp)
    assert (gone.kind, gone.ident, gone.channel) == ("terminal", "0000000a", joined.channel)


async def test_a_call_over_tcp_joins_and_is_hung_up_on(bench: Bench) -> None:
    call = await bench.call("1001", tcp=True)
    joined = await bench.heard(Joined)
    await bench.switch.hang_up(joined.channel)
    await call.passed()


async def test_a_refusal_reaches_the_terminal_as_its_status(bench: Bench) -> None:
    bench.answer = lambda _: Refuse(prompt="mcu-no-such-room", cause=1, language="en")
    call = await bench.call("4711", "refused_404")
    await call.passed()
    assert not [event for event in bench.events if isinstance(event, Joined | HungUp)]


@pytest.mark.parametrize("name", ['Hội nghị "A", \\n ${EXTEN} $[1+1] ; nhà họp;(x) &', "🏫" * 64, "\\" * 64])
async def test_names_come_through_whatever_they_hold(bench: Bench, name: str) -> None:

    def admit(request: EntryRequest) -> EntryAnswer:
        return Admit(participant="0000000b", room="1001", name=name, muted=True, view="", language="vi")

    bench.answer = admit
    await bench.call("1001")
    joined = await bench.heard(Joined)
    assert joined.name == name
    assert joined.muted
    member = (await bench.switch.snapshot()).members[0]
    assert (member.name, member.muted, member.subscribed) == (name, True, "")


async def test_members_are_muted_and_heard_again(bench: Bench) -> None:
    await bench.call("1001")
    joined = await bench.heard(Joined)
    await bench.switch.mute("1001", joined.channel, True)
    assert (await bench.heard(Muted)).on
    assert (await bench.switch.snapshot()).members[0].muted
    await bench.switch.mute("1001", joined.channel, False)
    assert not (await bench.heard(Muted, count=2)).on


async def test_a_locked_room_is_in_the_snapshot_and_lets_nobody_in(bench: Bench) -> None:
    await bench.call("1001")
    await bench.heard(Joined)
    await bench.switch.lock("1001", True)
    assert (await bench.switch.snapshot()).locked == {"1001"}
    latecomer = await bench.call("1001")
    await latecomer.passed()
    assert len([event for event in bench.events if isinstance(event, Joined)]) == 1
    await bench.switch.lock("1001", False)
    assert (await bench.switch.snapshot()).locked == frozenset()


async def test_a_terminal_gets_another_picture_while_it_is_in_the_room(bench: Bench) -> None:
    await bench.call("1001")
    channel = (await bench.heard(Joined)).channel
    assert (await bench.switch.snapshot()).members[0].subscribed == "v-1001-hd"
    await bench.switch.subscribe(channel, "v-1001-cif")
    member = (await bench.switch.snapshot()).members[0]
    assert (member.subscribed, member.codec, member.sends_picture) == ("v-1001-cif", "h264", False)
    assert "max-mbps=108000" in member.fmtp
    await bench.switch.subscribe(channel, "")
    assert (await bench.switch.snapshot()).members[0].subscribed == ""


async def test_the_terminal_rings_until_control_is_back(bench: Bench) -> None:
    await bench.door.stop()
    await bench.call("1001")
    await bench.asterisk.says("1 active channel", "core show channels")
    await bench.door.start()
    assert (await bench.heard(Joined)).room == "1001"


async def test_without_control_a_call_is_turned_away(bench: Bench) -> None:
    await bench.door.stop()
    call = await bench.call("1001", "refused_503")
    await call.passed(timeout=60)  # it rings for 20 s first: control may be starting again


async def test_a_control_that_hangs_keeps_nobody_waiting_for_ever(bench: Bench) -> None:
    async def hang(request: EntryRequest) -> EntryAnswer:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    bench.door._handler = hang
    call = await bench.call("1001", "refused_503")
    await call.passed(timeout=40)


async def test_an_answer_that_would_reach_the_dialplan_is_no_answer(bench: Bench) -> None:
    def answer(request: EntryRequest) -> EntryAnswer:
        room = "1001" if len(bench.requests) > 1 else "1001,mcu_bridge,admin"
        return Admit(participant="0000000a", room=room, name="", muted=False, view="", language="en")

    bench.answer = answer
    await bench.call("1001")
    assert (await bench.heard(Joined)).room == "1001"
    assert len(bench.requests) == 2
