"""Test sessions over the real bus, with a switch that does as it is told."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from sqlalchemy import select

from mcu.config import Settings
from mcu.core import events
from mcu.errors import BadRequest, Conflict, NotFound, RoomNotFound
from mcu.models import Database, OutgoingCallRow, conferences
from mcu.models.tables import ConferenceRow
from tests.control.conftest import House, start, stop
from tests.control.test_outgoing import _site
from tests.waiting import until_told


async def _finished(house: House, conference: str) -> dict[str, object]:
    async def report() -> dict[str, object]:
        told = dict(await house.call("test.report", conference=conference))
        return {} if told["running"] else told

    return await until_told(report, "the end of the session", 20)


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
    in_vietnamese = (await house.call("test.report", conference=conference, language="vi"))["sites"]
    assert {one["summary"] for one in in_vietnamese} == {
        "Không vào được: bận",
        "Không gọi được: điểm cầu chưa có thiết bị",
    }
    signed = await house.call("test.sign", conference=conference, site=site, note="gọi lại chiều nay")
    assert (signed["signed_by"], signed["note"], signed["verdict"]) == ("local", "gọi lại chiều nay", "failed")
    assert [data["site"] for event, data in house.heard if event == "test.changed"] == [bare, site, site]
    await house.call("test.stop", room="1001")
    kept = await house.call("test.report", conference=conference)
    assert [(one["site"], one["signed_by"]) for one in kept["sites"]] == [(bare, ""), (site, "local")]
    kept = await house.call("test.report", conference=conference, language="vi")
    assert kept["sites"][1]["findings"][0]["text"] == "Không vào được: bận"
    with pytest.raises(BadRequest, match="vi, en"):
        await house.call("test.report", conference=conference, language="fr")
    assert (await house.call("conference.show", id=conference))["test"] is True
    minutes = await house.call("conference.minutes", id=conference, language="vi")
    assert minutes["test"]
    assert [(one["name"], one["verdict"], one["signed_by"], one["note"]) for one in minutes["tests"]] == [
        ("Xã Trơ", "failed", "", ""),
        ("Xã Gần", "failed", "local", "gọi lại chiều nay"),
    ]
    failures = [one["text"] for one in minutes["events"] if "Xã Gần" in one["text"]]
    assert failures == ["Không gọi được Xã Gần: bận"]  # once


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


async def test_a_session_goes_on_after_a_restart_of_control(settings: Settings) -> None:
    """What was found stays; who was being called is called on, and who was there is looked at anew."""
    first = await start(settings)
    bare = await _site(first, "Xã Trơ")
    near, far = await _site(first, "Xã Gần", "gan"), await _site(first, "Xã Xa", "xa")
    begun = await first.call("test.start", room="1001", sites=[bare, near, far])
    conference = begun["conference"]
    await first.until(lambda: len(first.switch.asked("dial_terminal")) == 2)
    called = {call["site"]: call["id"] for call in await first.call("call.list", room="1001")}
    first.switch.join(called[near], "1001", channel="PJSIP/t-gan-00000001", name="Xã Gần", number="1")
    await first.until(lambda: any(event == "participant.joined" for event, _ in first.heard))
    await stop(first)

    second = await start(settings, first.switch)
    try:
        report = await second.call("test.report", conference=conference)
        assert (report["running"], [one["site"] for one in report["sites"]]) == (True, [bare, near, far])
        states = {one["site"]: one["state"] for one in report["sites"]}
        assert states.pop(near) in ("calling", "checking"), "it is there, and looked at when its turn comes"
        assert states == {bare: "done", far: "calling"}
        assert "no terminal" in report["sites"][0]["summary"]
        (notice,) = [n for n in (await second.call("status"))["notices"] if n["code"] == "test_resumed"]
        assert notice["text"].endswith("with 2 sites of 3")
        with pytest.raises(Conflict):
            await second.call("test.start", room="1001", sites=[near])
        await second.until(lambda: len(second.switch.asked("dial_terminal")) == 3)
        session = second.control._tests._sessions["1001"][1]
        await second.until(lambda: session.sites[near].state == "checking", 20)
        second.switch.leave("PJSIP/t-gan-00000001")
        for _ in range(2):
            (call,) = await second.call("call.list", room="1001")
            if call["state"] == "waiting":
                await second.call("call.again", call=call["id"])
            second.switch.on_event(events.DialFailed(at=time.time(), participant=call["id"], cause=17))
        found = {one["site"]: one["summary"] for one in (await _finished(second, conference))["sites"]}  # type: ignore[attr-defined]
        assert found[near].startswith("Its call ended")
        assert found[far] == "It did not come: busy"
        held = second.control.controller.record
        assert (await held.write(conferences.conference, conference)).testing is None
    finally:
        await stop(second)


async def test_a_session_of_the_evening_calls_nobody_in_the_morning(settings: Settings) -> None:
    first = await start(settings)
    sites = [await _site(first, f"Xã {n}", f"xa{n}") for n in (1, 2)]
    conference = (await first.call("test.start", room="1001", sites=sites))["conference"]
    await first.until(lambda: len(first.switch.asked("dial_terminal")) == 2)
    await stop(first)
    _night_passes(settings, timedelta(hours=14))

    second = await start(settings)
    try:
        report = await second.call("test.report", conference=conference)
        assert (report["running"], report["sites"]) == (False, [])
        notices = {notice["code"] for notice in (await second.call("status"))["notices"]}
        assert "test_broken_off" in notices
        assert "test_resumed" not in notices
        assert await second.call("call.list") == []
        assert (await second.call("conference.show", id=conference))["ended_at"]
        again = await second.call("test.start", room="1001", sites=sites)  # the room is free for another one
        assert again["conference"] != conference
        await second.until(lambda: len(second.switch.asked("dial_terminal")) == 2)
    finally:
        await stop(second)


def _night_passes(settings: Settings, night: timedelta) -> None:
    """All that was written was written so much earlier."""
    database = Database(settings.database_url)
    with database.session(writing=True) as session:
        for row in session.scalars(select(ConferenceRow)):
            row.began_at -= night
            row.testing = {**(row.testing or {}), "begun_at": row.testing["begun_at"] - night.total_seconds()}  # type: ignore[index]  # it is on
            row.direction = {**row.direction, "at": row.direction["at"] - night.total_seconds()}
        for call in session.scalars(select(OutgoingCallRow)):
            call.at -= night
    database.close()
