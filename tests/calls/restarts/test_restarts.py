"""``kill -9`` of each process in a running meeting: what the terminals notice, and what is true again afterwards."""

from __future__ import annotations

import contextlib
import time
from typing import Any

from tests.calls.seating import Seat
from tests.calls.tiles import auto, letterboxed, part
from tests.probe import Offer, Terminal, VideoFormat
from tests.product import Mcu
from tests.starvation import Starvation

_LONGEST_HOLE = 0.1  # seconds without a tone


async def _meeting(seat: Seat) -> list[Terminal]:
    """Three terminals, of which the last one knows nothing newer than H.263."""
    old = Offer(video=(VideoFormat(34, "CIF=1;QCIF=1", "H263"),))
    terminals = [await seat(0), await seat(1), await seat(2, offer=old)]
    tones = {terminal.tone for terminal in terminals}
    for terminal in terminals:
        await _sees(terminal, terminals)
        await terminal.hears(tones - {terminal.tone}, tones)
    return terminals


async def _sees(viewer: Terminal, terminals: list[Terminal]) -> None:
    """All of them, in this order: H.263 is of 4:3, in a tile of 16:9 and as a picture of it."""
    tiles = []
    for tile, terminal in zip(auto(len(terminals)), terminals, strict=True):
        narrow = part(tile, 0.125, 0.0, 0.75, 1.0) if terminal.camera.form.codec == "h263" else tile
        tiles.append(letterboxed(narrow) if viewer.camera.form.codec == "h263" else narrow)
    await viewer.sees(tiles, [terminal.colour for terminal in terminals])


def _no_hole_in_sound(terminals: list[Terminal], since: float, starved: Starvation) -> None:
    """Every terminal heard every other's tone all the time, and no sequence number was left out."""
    until, longest = time.time(), _LONGEST_HOLE + starved.seconds()
    for terminal in terminals:
        assert not terminal.call.ended.is_set()
        assert terminal.sound.log.missing_since(since) == 0
        for other in terminals:
            if other is not terminal:
                holes = [h for h in terminal.ear.holes(other.tone, since, until) if h.seconds > longest]
                assert not holes, f"{terminal.agent.display} without {other.agent.display}: {holes}"


def _truth(mcu: Mcu, room: str) -> dict[str, Any]:
    """What room.show says, flat, without what is allowed to change by itself. The order is part of it."""
    state: dict[str, Any] = dict(mcu.bus.call("room.show", number=room))
    people = state.pop("participants")
    facts = {f"{n}.{key}": value for n, person in enumerate(people) for key, value in person.items()}
    return state | {key: value for key, value in facts.items() if not key.endswith((".talking", ".quality"))}


def _pictures(mcu: Mcu, room: str) -> set[str]:
    return {str(person["picture"]) for person in mcu.bus.call("room.show", number=room)["participants"]}


def _same_truth(mcu: Mcu, room: str, before: dict[str, Any]) -> None:
    """room.show comes to say what it said before."""
    with contextlib.suppress(AssertionError):
        mcu.await_(lambda: _truth(mcu, room) == before, 10, "room.show as before")
    now = _truth(mcu, room)
    assert {key: (before.get(key), now.get(key)) for key in before | now if before.get(key) != now.get(key)} == {}


async def test_the_mixer_dies(own_mcu: Mcu, seat: Seat) -> None:
    terminals = await _meeting(seat)
    idrs = [terminal.screen.facts.idrs for terminal in terminals]
    asked = [terminal.video.sent for terminal in terminals]
    begun, starved = time.time(), Starvation(own_mcu, "asterisk")
    starting = Starvation(own_mcu, "asterisk", "control", "mixer")
    killed = own_mcu.kill("mixer")
    for terminal, before in zip(terminals, idrs, strict=True):
        await terminal.idr_after(before, 20)
        assert time.time() - begun < 3.0 + starting.seconds(), "the picture came back too late"
    for terminal in terminals:
        await _sees(terminal, terminals)
    assert own_mcu.started_anew("mixer", killed)
    for terminal in terminals:
        assert len(terminal.video.log.ssrcs) == 1, "the terminal was shown a new stream"
        assert terminal.video.log.missing_since(begun) == 0
        assert terminal.screen.damaged == 0
    _no_hole_in_sound(terminals, begun, starved)
    assert all(t.call.reinvites == 0 for t in terminals), "terminals had to do something"
    # For a keyframe of H.264 Asterisk asks by RTCP, for one of H.263 by INFO (RFC 5168).
    assert [set(t.call.requests) for t in terminals] == [set(), set(), {"INFO"}]
    assert all(t.video.sent > n for t, n in zip(terminals, asked, strict=True))


async def test_the_mixer_dies_again_and_again(own_mcu: Mcu, seat: Seat) -> None:
    terminals = await _meeting(seat)
    begun, starved = time.time(), Starvation(own_mcu, "asterisk")
    for _ in range(3):
        idrs = terminals[0].screen.facts.idrs
        own_mcu.kill("mixer")
        await terminals[0].idr_after(idrs, 20)
    for terminal in terminals:
        await _sees(terminal, terminals)
    _no_hole_in_sound(terminals, begun, starved)
    listed = own_mcu.bus.call("status")["mixer"]
    assert listed["connected"]


async def test_control_dies(own_mcu: Mcu, seat: Seat, room: str) -> None:
    terminals = await _meeting(seat)
    person = own_mcu.bus.call("room.show", number=room)["participants"][0]
    own_mcu.bus.call("room.act", room=room, act="mute", participant=person["id"], on=True)
    own_mcu.await_(lambda: own_mcu.bus.call("room.show", number=room)["participants"][0]["muted"], 3, "muted")
    own_mcu.bus.call("room.act", room=room, act="mute", participant=person["id"], on=False)
    own_mcu.await_(lambda: not own_mcu.bus.call("room.show", number=room)["participants"][0]["muted"], 3, "not muted")
    tones = {terminal.tone for terminal in terminals}
    for terminal in terminals:
        await terminal.hears(tones - {terminal.tone}, tones)
    own_mcu.await_(lambda: _pictures(own_mcu, room) == {"live"}, 8, "three live pictures")
    before = _truth(own_mcu, room)
    begun, starved = time.time(), Starvation(own_mcu, "asterisk")
    filming = Starvation(own_mcu, "asterisk", "mixer")
    pictures = [terminal.video.log.frames for terminal in terminals]  # as they come, decoded or not yet
    killed = own_mcu.kill("control")
    own_mcu.await_(lambda: own_mcu.started_anew("control", killed) and own_mcu.ready(), 15, "control is back")
    _same_truth(own_mcu, room, before)
    for terminal in terminals:
        await _sees(terminal, terminals)
    _no_hole_in_sound(terminals, begun, starved)
    lasted = time.time() - begun - filming.seconds()
    for terminal, count in zip(terminals, pictures, strict=True):
        seen = terminal.video.log.frames - count
        assert seen > 0.8 * 30 * lasted, f"{terminal.agent.display} saw {seen} pictures in {lasted:.1f} s"
    # The meeting can be steered again, and takes newcomers.
    fourth = await seat(3)
    await _sees(fourth, [*terminals, fourth])
    own_mcu.bus.call("room.act", room=room, act="drop", participant=person["id"])
    await _sees(fourth, [*terminals[1:], fourth])


async def test_web_dies(own_mcu: Mcu, seat: Seat, room: str) -> None:
    terminals = await _meeting(seat)
    own_mcu.await_(lambda: _pictures(own_mcu, room) == {"live"}, 8, "three live pictures")
    before, begun, starved = _truth(own_mcu, room), time.time(), Starvation(own_mcu, "asterisk")
    killed = own_mcu.kill("web")
    own_mcu.await_(lambda: own_mcu.started_anew("web", killed) and own_mcu.ready(), 15, "the panel is back")
    _same_truth(own_mcu, room, before)
    for terminal in terminals:
        await _sees(terminal, terminals)
    _no_hole_in_sound(terminals, begun, starved)


async def test_asterisk_dies(own_mcu: Mcu, seat: Seat, room: str) -> None:
    await _meeting(seat)
    killed = own_mcu.kill("asterisk")
    own_mcu.await_(lambda: own_mcu.started_anew("asterisk", killed) and own_mcu.ready(), 15, "Asterisk is back")
    own_mcu.await_(lambda: own_mcu.bus.call("room.show", number=room)["participants"] == [], 5, "nobody in the room")
    notices = own_mcu.bus.call("status")["notices"]
    assert any("asterisk" in notice["text"].lower() for notice in notices), notices
    again = [await seat(number) for number in range(2)]
    for terminal in again:
        await terminal.sees(auto(2), [t.colour for t in again], seconds=10)
    await again[0].hears({again[1].tone}, {t.tone for t in again})
