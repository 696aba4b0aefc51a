"""The lobby on a real Asterisk: who waits is found again, let in, moved and told something alone."""

from __future__ import annotations

import pytest

from mcu.core.entry.answers import EntryAnswer, EntryRequest, Refuse, Wait
from mcu.core.events import HungUp, Joined, Left
from mcu.errors import NotFound
from tests.asterisk.conftest import Bench
from tests.waiting import until, until_told


def _wait(request: EntryRequest) -> EntryAnswer:
    return Wait(
        participant="0000000c",
        room=request.number,
        name="Nhà",
        view="v-1001w-hd",
        prompt="mcu-lobby",
        language="en",
        device="Probe 1",
    )


async def _in_lobby(bench: Bench) -> str:
    """The channel that waits there."""

    async def waiting() -> str:
        return next((one.channel for one in (await bench.switch.snapshot()).waiting), "")

    return await until_told(waiting, "somebody in the lobby")


async def test_who_waits_is_found_and_let_in(bench: Bench) -> None:
    bench.answer = _wait
    await bench.call("1001")
    channel = await _in_lobby(bench)
    seen = await bench.switch.snapshot()
    assert seen.members == ()
    (member,) = seen.waiting
    assert (member.participant, member.room, member.name, member.subscribed) == (
        "0000000c", "1001", "Nhà", "v-1001w-hd",
    )  # fmt: skip
    assert (member.codec, member.device, member.number) == ("h264", "Probe 1", "stranger")
    assert not [event for event in bench.events if isinstance(event, Joined)]
    await bench.switch.let_in("1001", channel, "0000000c", "v-1001-hd", True)
    joined = await bench.heard(Joined)
    assert (joined.participant, joined.room, joined.channel, joined.muted) == ("0000000c", "1001", channel, True)
    seen = await bench.switch.snapshot()
    assert seen.waiting == ()
    assert [(m.room, m.subscribed, m.name) for m in seen.members] == [("1001", "v-1001-hd", "Nhà")]


async def test_who_waits_hears_music(bench: Bench) -> None:
    bench.answer = _wait
    await bench.call("1001")
    channel = await _in_lobby(bench)
    # The prompt comes first. What is heard, tests/calls/door/test_lobby.py tells.
    await bench.asterisk.says("Application: BridgeWait", f"core show channel {channel}")
    assert "mcu" in await bench.asterisk.console("moh show classes")
    await bench.switch.hang_up(channel)
    gone = await bench.heard(HungUp)
    assert (gone.ident, gone.kind) == ("0000000c", "terminal")


async def test_a_member_is_moved_and_keeps_its_call(bench: Bench) -> None:
    await bench.call("1001")
    channel = (await bench.heard(Joined)).channel
    await bench.switch.lock("1001", True)
    await bench.switch.move("1001", channel, "0000000a", "1002", "v-1002-hd")
    assert (await bench.heard(Left)).room == "1001"
    joined = await bench.heard(Joined, count=2)
    assert (joined.room, joined.channel, joined.participant) == ("1002", channel, "0000000a")
    assert (await bench.switch.snapshot()).members[0].subscribed == "v-1002-hd"
    await bench.switch.move("1002", channel, "0000000a", "1001", "")
    await bench.heard(Joined, count=3)
    assert (await bench.switch.snapshot()).members[0].subscribed == ""


async def test_a_locked_room_takes_whom_an_operator_lets_in(bench: Bench) -> None:
    await bench.call("1001")
    await bench.heard(Joined)
    await bench.switch.lock("1001", True)
    bench.answer = _wait
    await bench.call("1001")
    channel = await _in_lobby(bench)
    await bench.switch.let_in("1001", channel, "0000000c", "", False)
    assert (await bench.heard(Joined, count=2)).channel == channel


async def test_one_terminal_alone_is_told_something(bench: Bench) -> None:
    """What is heard, tests/calls/door/test_keypad.py tells; here that it ends, and leaves the room as it was."""
    await bench.call("1001")
    channel = (await bench.heard(Joined)).channel
    await bench.switch.whisper(channel, ("mcu-hand-raised", "mcu-goodbye") * 3, "en")  # seconds in which it is seen
    await bench.asterisk.says("ChanSpy", "core show channels concise")

    async def over() -> bool:
        return "Local/" not in await bench.asterisk.console("core show channels concise")

    await until_told(over, "the end of it")
    assert [m.channel for m in (await bench.switch.snapshot()).members] == [channel]
    assert "mcu-hand-raised" not in bench.asterisk.log  # nothing was missing


async def test_nobody_is_let_in_who_does_not_wait(bench: Bench) -> None:
    with pytest.raises(NotFound):
        await bench.switch.let_in("1001", "PJSIP/anonymous-0badf00d", "0000000c", "", False)


async def test_a_scanner_is_refused_without_a_word(bench: Bench) -> None:
    bench.answer = lambda _: Refuse(prompt="", cause=1, language="en")
    call = await bench.call("1001", "refused_404")
    await call.passed()
    await until(lambda: bench.requests, "the door")
    assert bench.requests[0].source == "127.0.0.1"
