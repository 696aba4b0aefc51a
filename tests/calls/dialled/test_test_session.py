"""A test session finds out by itself what is wrong with a site."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.calls.dialled.light import sites
from tests.calls.dialled.test_sites import Tree, dial, tree
from tests.calls.seating import Seat
from tests.patience import Patience
from tests.probe import Terminal
from tests.product import Mcu
from tests.starvation import Starvation
from tests.waiting import until_in_thread

__all__ = ["tree"]  # the fixture
_JITTER = 0.3  # s; a line is poor from 50 ms on, the sixteenth part of what one packet came late (RFC 3550 6.4.1)


async def _registered(seat: Seat, number: int, account: tuple[str, str]) -> Terminal:
    probe = await seat(number, dial=None, user=account[0], password=account[1])
    await probe.registered()
    return probe


async def _report(mcu: Mcu, conference: str) -> dict[str, Any]:
    return dict(await asyncio.to_thread(mcu.bus.call, "test.report", conference=conference))


async def test_each_site_is_looked_at_and_signed_off(mcu: Mcu, seat: Seat, room: str, tree: Tree) -> None:
    good, (account,) = tree("Xã Đông Hải", 1)
    away, _ = tree("Xã Tây Sơn", 1)
    none, _ = tree("Xã Nam Cường", 0)
    await _registered(seat, 0, account)
    mcu.bus.call("room.set_sites", number=room, sites=[good, away, none])
    begun = await asyncio.to_thread(mcu.bus.call, "test.start", room=room)
    conference = begun["conference"]
    assert conference.startswith(f"{room}-")
    report: dict[str, Any] = {}

    async def finished() -> bool:
        report.update(await _report(mcu, conference))
        return not report["running"]

    patience, starved = Patience(60), Starvation(mcu, "asterisk")
    while not await finished():
        assert not patience.over, f"{patience}: the session ends; {report}"
        await asyncio.sleep(0.5)
    found = {one["site"]: one for one in report["sites"]}
    assert found[away]["verdict"] == "failed"
    assert "unreachable" in found[away]["summary"]
    assert found[none]["verdict"] == "failed"
    assert "no terminal" in found[none]["summary"]
    looked = found[good]
    levels = {finding["check"]: finding["level"] for finding in looked["findings"]}
    line = levels.pop("line")
    assert levels == dict.fromkeys(("picture_in", "sound_in", "picture_out", "sound_out"), "good"), looked
    if starved.seconds() < _JITTER:  # a machine that holds the terminal or Asterisk up for longer makes jitter itself
        assert (line, looked["verdict"]) == ("good", "good"), looked
    measured = looked["measured"]
    assert (measured["codec"], measured["width"] > 0, measured["loss_in"]) == ("h264", True, 0.0)
    assert measured["picture_in_kbps"] > 50
    assert measured["sound_out_kbps"] > 20

    signed = await asyncio.to_thread(mcu.bus.call, "test.sign", conference=conference, site=good, note="rõ")
    assert (signed["signed_by"], signed["note"]) == ("local", "rõ")
    ended = await asyncio.to_thread(mcu.bus.call, "test.stop", room=room)
    assert {one["site"]: one["signed_by"] for one in ended["sites"]} == {good: "local", away: "", none: ""}
    await until_in_thread(lambda: mcu.people(room) == [], "what was called is hung up")
    kept = await _report(mcu, conference)
    assert {one["site"]: one["verdict"] for one in kept["sites"]} == {
        good: looked["verdict"],
        away: "failed",
        none: "failed",
    }


async def test_the_line_of_a_call_is_measured(own_mcu: Mcu, room: str) -> None:
    """Sound both ways at 64 kbit/s, and nothing lost, as own counters of the site say."""
    async with sites(2) as (speaks, listens):
        await dial(own_mcu, room, speaks)
        await dial(own_mcu, room, listens)
        await until_in_thread(lambda: len(own_mcu.people(room)) == 2, "both are there")
        speaks.sound.speak(True)

        seen: list[dict[str, Any]] = []

        def measured() -> bool:
            """Again and again: this process may have held its sites up for a while."""
            quality = {p["name"]: p["quality"] or {} for p in own_mcu.people(room)}
            seen.append(quality)
            known = all(one.get("kbps_out", 0) > 50 and one["grade"] == "good" for one in quality.values())
            return known and 50 < quality[speaks.name]["kbps_in"] < 80

        try:
            await until_in_thread(measured, "the lines were measured, and are good", 60)
        except AssertionError as fault:
            raise AssertionError(f"{fault}; {seen[-1]}") from None
        assert {one.get("kbps_in", 0) for each in seen for name, one in each.items() if name == listens.name} == {0}


async def test_who_is_muted_at_the_door_is_heard_in_a_test_session(mcu: Mcu, seat: Seat, room: str, tree: Tree) -> None:
    """Asterisk does not listen to a closed microphone: it is open while the site is tested, and closed after that."""
    site, (account,) = tree("Xã Hải Đông", 1)
    await _registered(seat, 0, account)
    mcu.bus.call("room.change", number=room, mute_joiners=True)
    begun = await asyncio.to_thread(mcu.bus.call, "test.start", room=room, sites=[site])

    def done() -> bool:
        return not mcu.bus.call("test.report", conference=begun["conference"])["running"]

    await until_in_thread(done, "the site was looked at", 90)
    (found,) = (await _report(mcu, begun["conference"]))["sites"]
    levels = {finding["check"]: finding["level"] for finding in found["findings"]}
    assert (levels.get("sound_in"), found["measured"]["heard"]) == ("good", True), found
    await until_in_thread(lambda: [p["muted"] for p in mcu.people(room)] == [True], "the room's rule holds again")
    await asyncio.to_thread(mcu.bus.call, "test.stop", room=room)
    await until_in_thread(lambda: mcu.people(room) == [], "what was called is hung up")
