"""Legs between a real Asterisk and a mixer, of which SIPp plays the SIP side."""

from __future__ import annotations

from mcu.core.events import HungUp, Joined, LegFailed, LegUp
from tests.asterisk.conftest import Bench
from tests.waiting import until_told


async def dialled(bench: Bench) -> LegUp:
    """A leg that is up; the mixer may need to be noticed first."""
    await noticed(bench)
    await bench.switch.dial_leg("0000000a", "1001", "run1", "h264")
    return await bench.heard(LegUp)


async def noticed(bench: Bench) -> None:
    """Return when Asterisk knows that the mixer's SIP side is there."""

    async def seen() -> bool:
        await bench.switch.look_for_mixer()
        return "Avail" in await bench.asterisk.console("pjsip show aor mixer")

    await until_told(seen, "the mixer")


async def test_a_leg_comes_up_and_is_in_the_snapshot(bench: Bench) -> None:
    await bench.mixer()
    up = await dialled(bench)
    assert (up.kind, up.ident, up.mixer) == ("leg", "0000000a", "run1")
    (leg,) = (await bench.switch.snapshot()).legs
    assert (leg.kind, leg.ident, leg.channel, leg.mixer) == ("leg", "0000000a", up.channel, "run1")

    await bench.switch.dial_view("1001", "hd", "1001", "run1")
    view = await bench.heard(LegUp, count=2)
    assert (view.kind, view.ident) == ("view", "1001/hd")
    routes = await bench.asterisk.console("video router show")
    assert "v-1001-hd" in routes
    assert "p-0000000a" in routes

    await bench.switch.hang_up(up.channel)
    gone = await bench.heard(HungUp)
    assert (gone.kind, gone.ident, gone.channel, gone.cause) == ("leg", "0000000a", up.channel, 16)


async def test_a_leg_fails_at_once_when_there_is_no_mixer(bench: Bench) -> None:
    await bench.switch.look_for_mixer()
    await bench.asterisk.says("Unavail", "pjsip show aor mixer")
    await bench.switch.dial_leg("0000000a", "1001", "run1", "h264")
    failed = await bench.heard(LegFailed, timeout=0.5)  # one that it dialled would be given 4 s to answer
    assert (failed.kind, failed.ident, failed.mixer) == ("leg", "0000000a", "run1")
    assert failed.cause == 20
    assert not [event for event in bench.events if isinstance(event, LegUp | HungUp)]


async def test_a_leg_that_the_mixer_refuses_fails_with_its_cause(bench: Bench) -> None:
    await bench.mixer("busy_mixer")
    await noticed(bench)
    await bench.switch.dial_leg("0000000a", "1001", "run1", "h264")
    assert (await bench.heard(LegFailed)).cause == 17  # busy: SIP 486


async def test_a_terminal_in_a_room_does_not_mind_a_missing_mixer(bench: Bench) -> None:
    await bench.call("1001")
    joined = await bench.heard(Joined)
    await bench.switch.dial_leg(joined.participant, "1001", "run1", "h264")
    await bench.heard(LegFailed)
    assert [member.channel for member in (await bench.switch.snapshot()).members] == [joined.channel]
