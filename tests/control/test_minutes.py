"""Conferences over the bus: what happened in a real control process, in lists, minutes and reports."""

from __future__ import annotations

import base64
import time
from functools import partial
from typing import Any

import pytest

from mcu.config import Settings
from mcu.control.access import trail
from mcu.control.records import journal as journal_module
from mcu.core import events
from mcu.core.entry.answers import Wait
from mcu.core.languages import LANGUAGES
from mcu.core.roles import LOCAL
from mcu.errors import BadRequest, NotFound
from mcu.models import audit
from mcu.models import database as database_module
from tests.control.conftest import House, request, start, stop
from tests.control.test_database_away import locked_by_another_process


async def site(house: House, name: str, **values: Any) -> int:
    made = await house.call("site.create", name=name, **values)
    return int(made["id"])


async def terminal(house: House, name: str, site: int) -> str:
    """Its channel's name."""
    await house.call("terminal.create", name=name, password="long-enough-1", site=site, display="Xã A")
    return f"PJSIP/t-{name}-00000001"


async def meeting(house: House) -> tuple[str, dict[str, str]]:
    """Two sites and a guest have met; the conference's id and everybody's."""
    first, second = await site(house, "Xã A", people=30, distance_km=20), await site(house, "Xã B")
    await house.call("room.set_sites", number="1001", sites=[second, first])
    who = {"a": await house.dial("Xã A", channel=await terminal(house, "xa_a", first))}
    who["guest"] = await house.dial("Khách mời")
    (listed,) = (await house.call("conference.list"))["items"]
    return listed["id"], who


async def leave(house: House, participant: str) -> None:
    house.switch.leave(next(c for c, m in house.switch.members.items() if m.participant == participant))


async def test_a_conference_s_story_from_the_first_join_to_the_end(house: House) -> None:
    ident, who = await meeting(house)
    for act in (
        {"act": "chair", "participant": who["guest"]},
        {"act": "hand", "participant": who["a"], "on": True},
        {"act": "floor", "participant": who["a"]},
        {"act": "free_talk"},
        {"act": "lock", "on": True},
        {"act": "roll_call"},
        {"act": "roll_call_next", "mark": "absent"},
        {"act": "roll_call_next", "mark": "present"},
        {"act": "roll_call_end"},
        {"act": "mute_all", "on": True},
        {"act": "deafen", "participant": who["a"], "on": True},
    ):
        await house.call("room.act", room="1001", **act)
    shown = await house.call("conference.show", id=ident)
    assert (shown["room"], shown["ended_at"], shown["test"]) == ("1001", None, False)
    assert [(s["name"], s["invited"], s["mark"], s["joins"]) for s in shown["sites"]] == [
        ("Xã B", True, "absent", 0),
        ("Xã A", True, "present", 1),
        ("Khách mời", False, "", 1),
    ]
    kinds = [event["kind"] for event in shown["events"]]
    assert kinds[0] == "began"
    wanted = ["chair", "hand.raised", "mode.floor", "mode.free", "locked", "roll_call.began", "roll_call.ended"]
    assert [kind for kind in kinds if kind in wanted] == [*wanted, "mode.free"]
    told = [event["text"] for event in shown["events"]]
    assert "Mời Xã A phát biểu" in told
    assert "Chủ trì: Khách mời" in told
    assert "Điểm danh Xã B: vắng" in told
    assert told[-2:] == ["Tắt micrô tất cả", "Xã A không nghe được phòng họp"]
    for participant in who.values():
        await leave(house, participant)
    over = await house.call("conference.show", id=ident)
    assert over["ended_at"] >= over["began_at"]
    assert [event["kind"] for event in over["events"]][-1] == "ended"
    assert [event["text"] for event in over["events"]].count("Xã A rời phiên họp") == 1


async def test_minutes_tell_notices_in_their_language(house: House) -> None:
    ident, who = await meeting(house)
    await house.call("room.act", room="1001", act="help", participant=who["guest"], on=True)
    await house.call("room.act", room="1001", act="floor", participant=who["a"])
    await leave(house, who["a"])
    told = {}
    for language in LANGUAGES:
        made = await house.call("conference.minutes", id=ident, format="json", language=language)
        told[language] = [event["text"] for event in made["events"] if event["kind"] == "notice"]
    assert told == {
        "vi": ["Thông báo: Điểm cầu đang phát đã rời phòng 1001; micrô các điểm giữ nguyên"],
        "en": ["Notice: The site that all saw left room 1001; microphones stayed as they were"],
    }
    kinds = [event["kind"] for event in made["events"]]
    assert kinds.count("help.asked") == 1  # and its notice does not say so again


async def test_minutes_name_whom_an_act_was_for(house: House) -> None:
    ident, who = await meeting(house)
    await house.call("room.change", number="1001", lobby="all")
    waits = await house.control.controller.entry(request("Người lạ", channel="PJSIP/t-x-00000099"))
    assert isinstance(waits, Wait)
    for act in (
        {"act": "view", "viewer": who["guest"], "participant": who["a"]},
        {"act": "mute_all", "on": True, "only": [who["a"]]},
        {"act": "deafen", "site": 1, "on": True},
        {"act": "layout", "layout": "auto"},
        {"act": "rename", "participant": who["a"], "name": "Xã A mới"},
        {"act": "refuse", "participant": waits.participant},
    ):
        await house.call("room.act", room="1001", **act)
    told = {}
    for language in LANGUAGES:
        made = await house.call("conference.minutes", id=ident, format="json", language=language)
        told[language] = [event["text"] for event in made["events"] if event["kind"].startswith("act.")]
    assert told == {
        "vi": [
            "Chọn hình cho Khách mời", "Tắt micrô của Xã A", "Xã A không nghe được phòng họp",
            "Đổi bố cục hình: tự động", "Đổi tên Xã A thành Xã A mới", "Không cho một người ở phòng chờ vào họp",
        ],
        "en": [
            "A picture was chosen for Khách mời", "Xã A was muted", "Xã A no longer heard the room",
            "The layout was changed: automatic", "Xã A was renamed Xã A mới", "Somebody in the lobby was turned away",
        ],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("call", "args", "told"),
    [
        ("participant.mute", {"participant": "{a}", "on": True}, "Xã A was muted"),
        ("participant.mute_all", {"on": True}, "All were muted"),
        ("participant.kick", {"participant": "{a}"}, "Xã A was disconnected"),
        ("room.layout", {"layout": "auto"}, "The layout was changed: automatic"),
    ],
)
async def test_acts_that_an_older_version_kept_are_told_by_their_names_of_today(
    house: House, call: str, args: dict[str, Any], told: str
) -> None:
    ident, who = await meeting(house)
    given = {key: value.format(**who) if isinstance(value, str) else value for key, value in args.items()}
    columns = trail.row(LOCAL, call, {"room": "1001", **given}, "1001", "ok")
    house.control.controller.record.soon("audit", partial(audit.add, columns=columns))
    made = await house.call("conference.minutes", id=ident, format="json", language="en")
    assert [event["text"] for event in made["events"] if event["kind"].startswith("act.")] == [told]


async def test_talking_is_not_kept(house: House) -> None:
    ident, who = await meeting(house)
    before = len((await house.call("conference.show", id=ident))["events"])
    channel = next(c for c, m in house.switch.members.items() if m.participant == who["a"])
    for on in (True, False) * 20:
        told = events.Talking(at=time.time(), participant=who["a"], channel=channel, room="1001", on=on)
        house.control.controller.happened(told)
    assert len((await house.call("conference.show", id=ident))["events"]) == before


async def test_people_of_a_site_are_entered_and_taken_back(house: House) -> None:
    ident, _ = await meeting(house)
    assert await house.call("conference.people", id=ident, site=1, people=31) == {"id": ident, "site": 1, "people": 31}
    (listed,) = (await house.call("conference.list"))["items"]
    assert (listed["sites"], listed["people"]) == (2, 31)
    await house.call("conference.people", id=ident, site=1, people=None)
    assert (await house.call("conference.show", id=ident))["people"] == 0
    for wrong in ({"id": "9-9", "site": 1, "people": 1}, {"id": ident, "site": 99, "people": 1}):
        with pytest.raises(NotFound):
            await house.call("conference.people", **wrong)
    for people in (-1, 1.5, "7", True):
        with pytest.raises(BadRequest):
            await house.call("conference.people", id=ident, site=1, people=people)


@pytest.mark.parametrize(("form", "begins"), [("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK"), ("pdf", b"%PDF-")])
async def test_minutes_and_savings_are_files(house: House, form: str, begins: bytes) -> None:
    ident, _ = await meeting(house)
    made = await house.call("conference.minutes", id=ident, format=form)
    assert made["name"] == f"minutes-{ident}.{form}"
    assert base64.b64decode(made["content"]).startswith(begins)
    now = time.time()
    saved = await house.call("savings.report", since=now - 3600, until=now + 3600, format=form, language="en")
    assert base64.b64decode(saved["content"]).startswith(begins)


async def test_minutes_and_savings_as_json(house: House) -> None:
    ident, _ = await meeting(house)
    assert (await house.call("conference.minutes", id=ident))["present"] == 2
    now = time.time()
    span = {"since": now - 3600, "until": now + 3600}
    report = await house.call("savings.report", **span)
    assert (report["conferences"], report["assumptions"]["least_minutes"]) == (0, 5)  # it has only begun


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("conference.show", {"id": "1001-99"}),
        ("conference.show", {"id": "x" * 41}),
        ("conference.show", {"id": "\x00"}),
        ("conference.show", {}),
        ("conference.minutes", {"id": "1001-99", "format": "docx"}),
        ("conference.list", {"after": "x"}),
        ("conference.list", {"after": "9999999999999999999.1"}),
        ("conference.list", {"since": -1}),
        ("conference.list", {"since": 1e300}),
        ("conference.list", {"limit": 0}),
        ("savings.report", {"since": 5}),
        ("savings.report", {"since": 5, "until": 5}),
        ("savings.report", {"since": 5, "until": 9, "language": "fr"}),
    ],
)
async def test_what_is_wrong_is_said(house: House, name: str, args: dict[str, Any]) -> None:
    with pytest.raises((BadRequest, NotFound)):
        await house.call(name, **args)


async def test_lists_come_in_pages_the_latest_first(house: House) -> None:
    for number in ("1001", "1002", "1003"):
        if number != "1001":
            await house.call("room.create", number=number, name=number)
        await house.dial("Xã A", room=number)
    seen: list[str] = []
    after = ""
    while after is not None:
        page = await house.call("conference.list", limit=1, after=after)
        seen += [one["room"] for one in page["items"]]
        after = page["next"]
    assert seen == ["1003", "1002", "1001"]
    assert [one["room"] for one in (await house.call("conference.list", room="1002"))["items"]] == ["1002"]


async def test_minutes_do_not_change_with_who_is_invited_next(house: House) -> None:
    sites = [(await house.call("site.create", name=name))["id"] for name in ("Một", "Hai", "Ba")]
    await house.call("room.set_sites", number="1001", sites=sites[:2])
    await house.dial("A")
    await house.until(lambda: any(event == "conference.began" for event, _ in house.heard))
    house.switch.leave(next(iter(house.switch.members)))
    await house.until(lambda: any(event == "conference.ended" for event, _ in house.heard))
    (held,) = (await house.call("conference.list"))["items"]

    async def told() -> list[tuple[str, bool]]:
        minutes = await house.call("conference.minutes", id=held["id"], format="json")
        assert minutes["absent"] == 2
        return [(site["name"], site["invited"]) for site in minutes["sites"] if site["invited"]]

    assert await told() == [("Một", True), ("Hai", True)]
    await house.call("room.set_sites", number="1001", sites=sites[2:])
    await house.call("site.delete", id=sites[1])
    assert await told() == [("Một", True), ("Hai", True)]
    made = await house.call("conference.minutes", id=held["id"], format="csv")
    rows = base64.b64decode(made["content"]).decode("utf-8-sig").splitlines()[1:]
    assert [row.split(",")[0] for row in rows] == ['"Một"', '"Hai"', '""']


async def test_a_conference_outlives_control(settings: Settings) -> None:
    first = await start(settings)
    ident, who = await meeting(first)
    await first.call("room.act", room="1001", act="floor", participant=who["a"])
    await stop(first)
    second = await start(settings, first.switch)
    direction = await second.call("room.direction", room="1001")
    assert (direction["conference"], direction["mode"], direction["focus"]) == (ident, "floor", who["a"])
    await leave(second, who["guest"])
    shown = await second.call("conference.show", id=ident)
    kinds = [event["kind"] for event in shown["events"]]
    assert kinds.count("began") == 1
    assert kinds.count("joined") == 2
    assert (kinds.count("mode.floor"), kinds[-1]) == (1, "left")
    assert [one["ended_at"] for one in (await second.call("conference.list"))["items"]] == [None]
    await stop(second)


async def test_one_that_ended_while_control_was_away_has_ended(settings: Settings) -> None:
    first = await start(settings)
    ident, _ = await meeting(first)
    await stop(first)
    first.switch.members.clear()
    second = await start(settings, first.switch)
    await second.until(lambda: "1001" not in second.control.controller.bridge.conferences, 60)
    assert (await second.call("conference.show", id=ident))["ended_at"] is not None
    await stop(second)


async def test_a_locked_database_is_told_and_the_meeting_goes_on(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "_BUSY_MS", 20)
    monkeypatch.setattr(journal_module, "FIRST_RETRY", 0.02)
    monkeypatch.setattr(journal_module, "LAST_RETRY", 0.05)
    house = await start(settings)
    ident, who = await meeting(house)
    await house.call("conference.list")  # all is written
    with locked_by_another_process(house):
        late = await house.dial("Đến muộn")
        await house.until(lambda: "record_failing" in [d.get("code") for _, d in house.heard], 30)
        await house.call("room.act", room="1001", act="floor", participant=late)
        await leave(house, who["guest"])
        assert (await house.call("room.direction", room="1001"))["focus"] == late
        assert [p["id"] for p in await house.call("participant.list", room="1001")] == [who["a"], late]
    await house.until(lambda: "record_back" in [d.get("code") for _, d in house.heard], 30)
    shown = await house.call("conference.show", id=ident)
    told = [event["text"] for event in shown["events"]]
    assert [t for t in told if "Đến muộn" in t or "rời" in t] == [
        "Đến muộn vào họp", "Mời Đến muộn phát biểu", "Khách mời rời phiên họp",
    ]  # fmt: skip
    await stop(house)
