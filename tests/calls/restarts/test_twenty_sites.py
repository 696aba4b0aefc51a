"""Asterisk dies in a meeting of twenty sites that were called: all are called back, and everything is as it was."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from tests.calls.dialled.light import LightSite, sites
from tests.calls.dialled.test_sites import dial
from tests.product import Mcu
from tests.starvation import Starvation
from tests.waiting import until_in_thread

_SITES = 20
_BACK_WITHIN = 15.0  # s


def _microphones(mcu: Mcu, room: str) -> dict[str, bool]:
    return {person["name"]: person["muted"] for person in mcu.people(room)}


def _direction(mcu: Mcu, room: str) -> dict[str, Any]:
    told = mcu.bus.call("room.direction", room=room)
    return {key: told[key] for key in ("mode", "focus", "chair", "conference")}


async def _hears(site: LightSite) -> None:
    """Sound that is no silence comes to it from now on."""
    before = site.sound.loud
    await until_in_thread(lambda: site.sound.loud > before + 10, f"{site.name} hears who has the floor")


async def test_all_are_called_back_and_the_floor_is_where_it_was(own_mcu: Mcu, room: str) -> None:
    async with sites(_SITES) as there:
        ids = {site.name: await dial(own_mcu, room, site) for site in there}
        await until_in_thread(lambda: len(own_mcu.people(room)) == _SITES, "all are there", 30)
        speaker, chair, listener = there[7], there[0], there[13]
        call = own_mcu.bus.call
        await asyncio.to_thread(call, "room.act", room=room, act="chair", participant=ids[chair.name])
        await asyncio.to_thread(call, "room.act", room=room, act="floor", participant=ids[speaker.name])
        speaker.sound.speak(True)
        there[5].sound.speak(True)  # who is muted, and talks all the same
        wanted = {site.name: site not in (speaker, chair) for site in there}
        await until_in_thread(lambda: _microphones(own_mcu, room) == wanted, "the others' microphones are closed")
        await _hears(listener)
        before = await asyncio.to_thread(_direction, own_mcu, room)
        assert (before["mode"], before["focus"]) == ("floor", ids[speaker.name])

        starved = Starvation(own_mcu, "asterisk", "control")
        begun = time.monotonic()
        own_mcu.kill("asterisk")
        await until_in_thread(lambda: all(site.calls == 2 and site.up for site in there), "all are called again", 60)
        await until_in_thread(lambda: len(own_mcu.people(room)) == _SITES, "all are there again", 60)
        await until_in_thread(lambda: _microphones(own_mcu, room) == wanted, "microphones are as they were", 20)
        assert time.monotonic() - begun < _BACK_WITHIN + starved.seconds()
        assert await asyncio.to_thread(_direction, own_mcu, room) == before
        assert {person["name"]: person["id"] for person in own_mcu.people(room)} == ids
        await _hears(listener)
        speaker.sound.speak(False)
        await until_in_thread(lambda: _silent(listener), "only who has the floor is heard")
        assert [site.calls for site in there] == [2] * _SITES, "each was called once, and once again"


_last: dict[str, tuple[float, int]] = {}


def _silent(site: LightSite) -> bool:
    """Nothing loud came for a second."""
    now = time.monotonic()
    since, count = _last.get(site.name, (now, -1))
    if count != site.sound.loud:
        _last[site.name] = now, site.sound.loud
        return False
    return now - since > 1
