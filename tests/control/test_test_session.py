"""Test sessions over the real bus, with a switch that does as it is told."""

from __future__ import annotations

import asyncio
import time

import pytest

from mcu.core import events
from mcu.errors import BadRequest, Conflict, NotFound, RoomNotFound
from tests.control.conftest import House
from tests.control.test_outgoing import _site


async def _finished(house: House, conference: str) -> dict[str, object]:
    async with asyncio.timeout(20):
        while (report := await house.call("test.report", conference=conference))["running"]:
            await asyncio.sleep(0.05)
    return dict(report)


async def test_what_was_found_is_kept_and_signed(house: House) -> None:
    site, bare = await _site(house, "Xã Gần", "gan"), await _site(house, "Xã Trơ")
    begun = await house.call("test.start", room="1001", sites=[site, bare])
    conference = begun["conference"]
    assert {one["site"]: one["state"] for one in begun["sites"]} == {site: "calling", bare: "done"}
    with pytest.raises(Conflict):
        await house.call("test.start", room="1001", sites=[site])
    with pytest.raises(NotFound):
        await house.call("test.sign", conference=conference, site=site)
    for _ in range(2):  # the first attempt, and the one after it
        (call,) = await house.call("call.list", room="1001")
        if call["state"] == "waiting":
            await house.call("call.again", call=call["id"])
        house.switch.on_event(events.DialFailed(at=time.time(), participant=call["id"], cause=17))
    report = await _finished(house, conference)
    found = {one["site"]: one["summary"] for one in report["sites"]}  # type: ignore[attr-defined]
    assert found[site] == "It did not come: busy"
    assert "no terminal" in found[bare]
    signed = await house.call("test.sign", conference=conference, site=site, note="gọi lại chiều nay")
    assert (signed["signed_by"], signed["note"], signed["verdict"]) == ("local", "gọi lại chiều nay", "failed")
    assert [data["site"] for event, data in house.heard if event == "test.changed"] == [bare, site, site]
    await house.call("test.stop", room="1001")
    kept = await house.call("test.report", conference=conference)
    assert [(one["site"], one["signed_by"]) for one in kept["sites"]] == [(bare, ""), (site, "local")]
    assert (await house.call("conference.show", id=conference))["test"] is True


async def test_a_session_of_nothing_is_refused(house: House) -> None:
    with pytest.raises(BadRequest, match="no site is invited"):
        await house.call("test.start", room="1001")
    for sites in ([], ["x"], 7):
        with pytest.raises(BadRequest):
            await house.call("test.start", room="1001", sites=sites)
    with pytest.raises(NotFound):
        await house.call("test.start", room="1001", sites=[4711])
    with pytest.raises(RoomNotFound):
        await house.call("test.start", room="4711", sites=[1])
    with pytest.raises(NotFound):
        await house.call("test.stop", room="1001")
    with pytest.raises(NotFound):
        await house.call("test.report", conference="1001-1")
