"""Real calls to a real mixer: coloured pictures in through legs, the composed picture out of a view leg."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.mixer.rig import HALVES, Rig, until
from tests.probe import Terminal


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with Rig() as rig:
        yield rig
        assert rig.mixer.alive, rig.mixer.output()


def leg(rig: Rig, colour: str, **more: object) -> Terminal:
    return Terminal(rig.mixer.address, colour=colour, watch=False, listen=False, **more)  # type: ignore[arg-type]


def viewer(rig: Rig, **more: object) -> Terminal:
    return Terminal(rig.mixer.address, user="viewer", **more)  # type: ignore[arg-type]


async def test_two_legs_are_seen_in_one_picture(rig: Rig) -> None:
    await rig.control.put("1001", ["aaaa0001", "aaaa0002"], HALVES)
    async with leg(rig, "red") as red, leg(rig, "blue") as blue, viewer(rig) as screen:
        await red.dial("leg-aaaa0001")
        await blue.dial("leg-aaaa0002")
        await screen.dial("view-1001-hd")
        await screen.sees(HALVES, ["red", "blue"])
        assert screen.screen.size == (1280, 720)
        assert screen.screen.facts.level == 31
        assert screen.video.log.missing_since(0) == 0
        await rig.control.put("1001", ["aaaa0002", "aaaa0001"], HALVES)
        await screen.sees(HALVES, ["blue", "red"])
    ups = [(event["kind"], event["ident"]) for event in rig.control.events("leg.up")]
    assert sorted(ups) == [("leg", "aaaa0001"), ("leg", "aaaa0002"), ("view", "1001/hd")]
    await until(lambda: len(rig.control.events("leg.down")) == 3, 5, "three leg.down")
