"""Instructions go out in order; those for many channels wait for their answers together."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from mcu.control.performer import AT_ONCE, Performer
from mcu.core import effects as do
from mcu.errors import ParticipantNotFound
from tests.fakes.switch import FakeSwitch


@dataclass
class SlowSwitch(FakeSwitch):
    """Answers when it is told to."""

    begun: list[str] = field(default_factory=list)
    answers: asyncio.Event = field(default_factory=asyncio.Event)
    gone: str = ""

    async def mute(self, room: str, channel: str, on: bool) -> None:
        await self._do(f"{'mute' if on else 'open'} {channel}", channel)

    async def kick(self, room: str, channel: str) -> None:
        await self._do(f"kick {channel}", channel)

    async def _do(self, what: str, channel: str) -> None:
        self.begun.append(what)
        await self.answers.wait()
        if channel == self.gone:
            raise ParticipantNotFound(channel)


class NoMixer:
    async def put_view(self, view: str, scene: Any, classes: Any) -> None: ...
    async def drop_view(self, view: str) -> None: ...


async def _settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_what_many_channels_are_told_is_not_waited_for_one_by_one() -> None:
    switch, failed = SlowSwitch(lambda event: None), []
    performer = Performer(switch, NoMixer(), lambda effect, fault: failed.append(effect))
    mutes = [do.Mute(room="1001", channel=f"c{n}", on=True) for n in range(3)]
    later = [do.Mute(room="1001", channel="c0", on=False), do.Kick(room="1001", channel="c1")]
    done = [performer.submit(effect) for effect in (*mutes, *later)]
    await _settled()
    assert switch.begun == ["mute c0", "mute c1", "mute c2"], "and c0's second one waits for its first"
    switch.gone = "c1"
    switch.answers.set()
    await asyncio.gather(*done, return_exceptions=True)
    assert switch.begun[3:] == ["open c0", "kick c1"]
    assert failed == [mutes[1], later[1]]
    assert [one.exception() is None for one in done] == [True, False, True, True, False]
    await performer.stop()


async def test_a_meeting_that_ends_waits_for_all_who_are_sent_out_together() -> None:
    switch = SlowSwitch(lambda event: None)
    performer = Performer(switch, NoMixer(), lambda effect, fault: None)
    done = [performer.submit(do.Mute(room="1001", channel="c0", on=True))]
    done += [performer.submit(do.Kick(room="1001", channel=f"c{n}")) for n in range(3)]
    await _settled()
    assert switch.begun == ["mute c0"], "what is told to one channel keeps its order"
    switch.answers.set()
    await done[0]
    switch.answers.clear()
    await _settled()
    assert switch.begun[1:] == ["kick c0", "kick c1", "kick c2"]
    switch.answers.set()
    await asyncio.gather(*done)
    await performer.stop()


async def test_there_is_an_end_to_how_many_wait_together() -> None:
    switch = SlowSwitch(lambda event: None)
    performer = Performer(switch, NoMixer(), lambda effect, fault: None)
    done = [performer.submit(do.Mute(room="1001", channel=f"c{n}", on=True)) for n in range(AT_ONCE + 5)]
    await _settled()
    assert len(switch.begun) == AT_ONCE
    switch.answers.set()
    await asyncio.gather(*done)
    assert len(switch.begun) == AT_ONCE + 5
    await performer.stop()
