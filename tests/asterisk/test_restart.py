"""Asterisk dies and is started again, and so does the link to it."""

from __future__ import annotations

from mcu.asterisk.snapshot import DIALLED_ID
from mcu.asterisk.switch import Switch
from mcu.core.events import Event, Joined, SwitchDown, SwitchUp
from tests.asterisk.conftest import Bench
from tests.patience import Patience
from tests.waiting import until, until_told


async def test_a_killed_asterisk_is_missed_and_welcomed_back(own_bench: Bench) -> None:
    await own_bench.call("1001")
    await own_bench.heard(Joined)
    own_bench.asterisk.kill()
    await own_bench.heard(SwitchDown)
    assert not own_bench.switch.connected
    own_bench.asterisk.start()
    again = await own_bench.heard(SwitchUp, count=2, timeout=20)
    assert again.snapshot.members == ()
    assert [type(event) for event in own_bench.events][-2:] == [SwitchDown, SwitchUp]
    await own_bench.call("1001")
    await own_bench.heard(Joined, count=2)


async def test_a_control_that_has_just_started_knows_everything(bench: Bench) -> None:
    await bench.call("1001")
    joined = await bench.heard(Joined)
    await bench.switch.mute("1001", joined.channel, True)
    await bench.switch.lock("1001", True)
    events: list[Event] = []
    newcomer = Switch(bench.asterisk.settings, events.append)
    await newcomer.start()
    await until(lambda: events, "its first event")
    first = events[0]
    assert isinstance(first, SwitchUp)
    (member,) = first.snapshot.members
    assert (member.participant, member.channel, member.room) == ("0000000a", joined.channel, "1001")
    assert (member.name, member.number, member.muted) == ("Phòng họp", "stranger", True)
    assert (member.codec, member.subscribed) == ("h264", "v-1001-hd")
    assert first.snapshot.locked == {"1001"}
    await newcomer.stop()


async def test_a_half_dialled_leg_of_a_former_control_is_hung_up(bench: Bench) -> None:
    """The mixer never answers; the control that dialled is no more when the next one comes."""
    await bench.mixer("silent_mixer")
    former = Switch(bench.asterisk.settings, lambda _: None)
    await former.start()
    await until(lambda: former.connected, "the former control")
    patience = Patience(20)
    while DIALLED_ID not in await bench.asterisk.console("core show channels concise"):
        assert not patience.over, f"{patience}: a leg that is dialled"
        await former.look_for_mixer()
        await former.dial_leg("0000000a", "1001", "run1", "h264")
    await former.stop()
    events: list[Event] = []
    newcomer = Switch(bench.asterisk.settings, events.append)
    await newcomer.start()
    await until(lambda: events, "its first event")

    async def swept() -> bool:
        return DIALLED_ID not in await bench.asterisk.console("core show channels concise")

    await until_told(swept, "the end of what was half dialled")
    assert isinstance(events[0], SwitchUp)
    assert events[0].snapshot.legs == ()
    await newcomer.stop()
