"""What an operator of a branch and the chair of a room reach of the tree, and of terminals that stand nowhere."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from mcu.core import events
from mcu.errors import DialNotPermitted, McuError, NotFound, NotPermitted
from tests.control.conftest import House
from tests.control.test_gate import audit, by, error, tree

__all__ = ["tree"]  # the fixture


async def test_a_terminal_that_stands_nowhere_is_nobody_s_with_a_branch(house: House, tree: dict[str, int]) -> None:
    lan = by("operator", tree["east"])
    await house.call("terminal.create", name="boss", password="verysecret1", display="Chủ tịch")
    before = await house.call("terminal.show", by=lan, name="boss")  # it is everybody's to see, and to call
    for args in ({"password": "mineisnow1"}, {"site": tree["east"]}, {"alias": "77"}):
        assert isinstance(await error(house, "terminal.update", by=lan, name="boss", **args), NotPermitted)
    assert isinstance(await error(house, "terminal.delete", by=lan, name="boss"), NotPermitted)
    assert await house.call("terminal.show", name="boss") == before
    await house.call("terminal.update", by=by("operator"), name="boss", site=tree["east"])
    await house.call("terminal.update", by=lan, name="boss", display="Phó chủ tịch")


@pytest.mark.parametrize("call", ["site.move", "site.change"])
async def test_the_top_of_one_s_own_branch_stays_where_it_is(house: House, tree: dict[str, int], call: str) -> None:
    lan = by("operator", tree["east 1"])
    below = await house.call("site.create", by=lan, name="below", parent=tree["east 1"])
    for parent in (None, tree["east 1"], below["id"]):
        assert isinstance(await error(house, call, by=lan, id=tree["east 1"], parent=parent), NotPermitted)
    assert (await house.call("site.show", id=tree["east 1"]))["parent"] == tree["east"]
    await house.call("site.change", by=lan, id=tree["east 1"], note="x")


async def test_a_chair_sees_what_is_of_the_room(house: House, tree: dict[str, int]) -> None:
    """Its branch, who is invited, who presides; nothing else, and so nobody else is called."""
    for site in ("east 1", "west", "west 1"):
        await house.call("terminal.create", name=site.replace(" ", "_"), password="verysecret1", site=tree[site])
    ha, an = by("chair", room="2000"), by("chair", room="1001")

    async def seen(who: dict[str, object]) -> tuple[list[str], list[str]]:
        sites = [site["name"] for site in (await house.call("site.list", by=who))["items"]]
        return sites, [one["name"] for one in await house.call("terminal.list", by=who)]

    assert await seen(ha) == (["east 1"], ["east_1"])
    assert await seen(an) == ([], [])
    assert await seen(by("chair", room="9999")) == ([], [])
    for args in ({"site": tree["west 1"]}, {"terminal": "west_1"}):
        assert isinstance(await error(house, "call.dial", by=ha, room="2000", **args), NotFound)
    assert isinstance(await error(house, "site.show", by=ha, id=tree["west"]), NotFound)
    assert isinstance(await error(house, "terminal.show", by=ha, name="west"), NotFound)
    assert isinstance(await error(house, "call.all", by=ha, room="2000", branch=tree["west"]), NotFound)

    await house.call("room.set_sites", number="2000", sites=[tree["west 1"]])
    await house.call("room.change", number="1001", presiding_site_id=tree["west"])
    assert await seen(ha) == (["east 1", "west 1"], ["east_1", "west_1"])
    assert await seen(an) == (["west"], ["west"])  # itself, and nothing under it
    assert (await house.call("call.dial", by=ha, room="2000", site=tree["west 1"]))["room"] == "2000"


DIALS: list[tuple[str, dict[str, object]]] = [
    ("address", {"address": "sip:0084901234567@10.0.0.1"}),
    ("nowhere", {"terminal": "boss"}),
    ("invited", {"site": "west 1"}),
    ("branch", {"terminal": "east_1"}),
    ("foreign", {"site": "west"}),
    ("missing", {"terminal": "nobody"}),
]


@pytest.mark.parametrize("free", [False, True])
@pytest.mark.parametrize("role", ["admin", "operator", "branch", "chair", "viewer"])
async def test_who_calls_whom(house: House, tree: dict[str, int], role: str, *, free: bool) -> None:
    """Role by target; ``free``: chairs may call what they like."""
    controller = house.control.controller
    dialling = controller.settings.dialling.model_copy(update={"chair_addresses": free})
    controller.settings = controller.settings.model_copy(update={"dialling": dialling})
    for site in ("east 1", "west", "west 1"):
        await house.call(
            "terminal.create", name=site.replace(" ", "_"), site=tree[site], address=f"10.0.0.{tree[site]}"
        )
    await house.call("terminal.create", name="boss", address="10.0.0.200")
    await house.call("room.set_sites", number="2000", sites=[tree["west 1"]])
    who = {
        "branch": by("operator", tree["east"]),
        "chair": by("chair", room="2000"),
    }.get(role) or by(role)
    found: dict[str, str] = {}
    for name, args in DIALS:
        given = {**args, "site": tree[str(args["site"])]} if "site" in args else dict(args)
        try:
            await house.call("call.dial", by=who, room="2000", **given)
            found[name] = ""
        except McuError as fault:
            found[name] = fault.error_id
    whole = dict.fromkeys((name for name, _ in DIALS), "")
    theirs = {
        "admin": {"missing": "not_found"},
        "operator": {"missing": "not_found"},
        "branch": dict.fromkeys(("invited", "foreign", "missing"), "not_found"),
        "chair": {"foreign": "not_found", "missing": "not_found"}
        | ({} if free else dict.fromkeys(("address", "nowhere"), "dial_not_permitted")),
        "viewer": dict.fromkeys(whole, "not_permitted"),
    }[role]
    assert found == whole | theirs


async def test_a_chair_calls_again_whom_an_operator_called(house: House, tree: dict[str, int]) -> None:
    call = await house.call("call.dial", by=by("operator"), room="2000", address="sip:a@10.0.0.1")
    house.switch.on_event(events.DialFailed(at=time.time(), participant=call["id"], cause=17))
    assert house.control.controller.bridge.dial_out.get(call["id"]).state == "failed"
    again = await house.call("call.again", by=by("chair", room="2000"), call=call["id"])
    assert again["state"] != "failed"


async def test_a_chair_s_refused_call_is_in_the_audit(house: House, tree: dict[str, int]) -> None:
    ha = by("chair", room="2000")
    assert isinstance(await error(house, "call.dial", by=ha, room="2000", address="sip:a@10.0.0.1"), DialNotPermitted)
    assert (await audit(house, act="call.dial"))[0]["result"] == "dial_not_permitted"


async def test_savings_are_told_of_one_s_own_branch(house: House, tree: dict[str, int]) -> None:
    record, at = house.control.controller.record, datetime.now(UTC)
    for name in ("east 1", "west 1"):
        await house.call("site.change", id=tree[name], distance_km=10, people=4)
    record.began("2000-1", "2000", "East", at.timestamp() - 7200)
    for who, name in (("a", "east 1"), ("b", "west 1")):
        told = {"id": who, "room": "2000", "name": who, "number": "1", "kind": "terminal", "site": tree[name]}
        record.arrived({**told, "joined_at": at.timestamp() - 7200}, "2000-1")
        record.departed(who, "2000", at.timestamp() - 3600)
    record.ended("2000-1", at.timestamp() - 3600)
    span = {"since": at.timestamp() - 9000, "until": at.timestamp()}

    async def sites(**args: Any) -> list[str]:
        return sorted(one["name"] for one in (await house.call("savings.report", **span, **args))["sites"])

    assert await sites() == await sites(by=by("operator")) == ["east 1", "west 1"]
    assert await sites(by=by("viewer", tree["east"])) == await sites(branch=tree["east"]) == ["east 1"]
    lan = by("operator", tree["west"])
    assert await sites(by=lan) == await sites(by=lan, branch=tree["west 1"]) == ["west 1"]
    for branch in (tree["east"], 9999):
        assert isinstance(await error(house, "savings.report", by=lan, **span, branch=branch), NotFound)
    for args in ({}, {"branch": tree["east 1"]}):
        ha = by("chair", room="2000")
        assert isinstance(await error(house, "savings.report", by=ha, **span, **args), NotPermitted)
    assert isinstance(await error(house, "h323.registered", by=lan), NotPermitted)


async def test_a_room_s_past_is_not_the_next_one_s_with_its_number(house: House, tree: dict[str, int]) -> None:
    """Minutes and audit are of whose the room was then; a chair's are of the room alone that there is now."""
    lan, binh = by("operator", tree["east"]), by("operator", tree["west"])
    await house.call("room.create", by=lan, number="2001", name="Họp kín", branch_id=tree["east 1"])
    await house.dial("Lãnh đạo", room="2001")
    await house.call("room.act", by=lan, room="2001", act="banner", text="mật")
    house.control.controller._notice("warning", "site_lost", "Lãnh đạo", 0.0, "2001")
    conference = (await house.call("room.show", number="2001"))["conference"]
    house.switch.leave("PJSIP/t-site-00000100")
    await house.until(lambda: any(event == "conference.ended" for event, _ in house.heard), 30)
    await house.call("room.delete", by=lan, number="2001")
    await house.call("room.create", by=binh, number="2001", name="Phòng khác")

    async def listed(who: dict[str, Any], **args: Any) -> list[str]:
        return [one["id"] for one in (await house.call("conference.list", by=who, **args))["items"]]

    ha = by("chair", room="2001")
    for who in (binh, ha):
        assert await listed(who) == await listed(who, room="2001") == []
        for call, args in (
            ("conference.show", {"id": conference}), ("conference.minutes", {"id": conference, "format": "json"}),
            ("test.report", {"conference": conference}),
        ):  # fmt: skip
            refused = await error(house, call, by=who, **args)
            assert isinstance(refused, NotFound)
            assert refused.detail == f"there is no conference {conference}"
    assert [row["act"] for row in (await house.call("audit.list", by=binh, room="2001"))["items"]] == []
    assert (await house.call("status", by=binh))["notices"] == []
    assert await listed(lan) == await listed(by("admin")) == [conference]
    assert (await house.call("conference.show", by=lan, id=conference))["name"] == "Họp kín"
    assert [row["act"] for row in await audit(house, room="2001")] == ["room.delete", "banner"]
    await house.call("conference.people", by=lan, id=conference, site=tree["east 1"], people=3)
    assert [row["act"] for row in (await house.call("audit.list", by=binh, room="2001"))["items"]] == []
    # What is of the new room is told.
    await house.dial("Xã", room="2001")
    now = (await house.call("room.show", number="2001"))["conference"]
    assert now != conference
    for who in (binh, ha):
        assert await listed(who) == [now]
    await house.call("room.act", by=binh, room="2001", act="lock", on=True)
    assert [row["act"] for row in (await house.call("audit.list", by=binh, room="2001"))["items"]] == ["lock"]


async def test_what_is_entered_of_a_room_s_past_is_not_told_to_its_next_owner(
    house: House, tree: dict[str, int]
) -> None:
    """Events go out by the room's number: they are of the room that has it now."""
    await house.call("room.create", number="2001", name="Họp", branch_id=tree["east 1"])
    site = tree["east 1"]

    async def hold() -> str:
        begun = len(house.heard)
        await house.call("test.start", room="2001", sites=[site])  # it has no terminal, and is done at once
        await house.until(lambda: "conference.began" in [event for event, _ in house.heard[begun:]])
        ident = str(next(data["id"] for event, data in house.heard[begun:] if event == "conference.began"))
        await house.until(lambda: ("conference.ended", ident) in [(e, d.get("id")) for e, d in house.heard], 30)
        return ident

    async def told(conference: str) -> list[str]:
        begun = len(house.heard)
        await house.call("conference.people", id=conference, site=site, people=3)
        await house.call("test.sign", conference=conference, site=site)
        await house.call("room.change", number="2001", capacity=begun)  # told after those
        await house.until(lambda: house.heard[-1][0] == "room.changed")
        return [event for event, _ in house.heard[begun:] if event != "room.changed"]

    first = await hold()
    assert await told(first) == ["conference.people", "test.changed"]
    await house.call("room.change", number="2001", branch_id=tree["west"])
    assert await told(first) == []
    await house.call("room.change", number="2001", branch_id=tree["east 1"])
    assert await told(first) == ["conference.people", "test.changed"]
    await house.call("room.delete", number="2001")
    await house.call("room.create", number="2001", name="Phòng khác", branch_id=tree["east 1"])
    assert await told(first) == []
    assert await told(await hold()) == ["conference.people", "test.changed"]


async def test_a_branch_s_past_goes_to_the_one_above(house: House, tree: dict[str, int]) -> None:
    record, lan = house.control.controller.record, by("operator", tree["east"])
    at = time.time()
    record.began("2000-1", "2000", "East", at)
    await house.call("room.delete", number="2000")
    ha = by("operator", tree["east 1"])

    async def listed(who: dict[str, Any]) -> list[str]:
        return [one["id"] for one in (await house.call("conference.list", by=who))["items"]]

    assert await listed(lan) == await listed(ha) == ["2000-1"]
    await house.call("site.delete", id=tree["east 1"])
    assert (await listed(lan), await listed(ha)) == (["2000-1"], [])
    await house.call("site.delete", id=tree["east"])
    assert await listed(lan) == await listed(by("operator", tree["west"])) == []
    assert await listed(by("operator")) == ["2000-1"]


async def test_a_conference_goes_along_with_its_room_to_another_branch(house: House, tree: dict[str, int]) -> None:
    record = house.control.controller.record
    record.began("2000-1", "2000", "East", time.time())
    record.ended("2000-1", time.time())
    record.began("2000-2", "2000", "East", time.time())
    await house.call("room.change", number="2000", branch_id=tree["west"])
    for branch, theirs in (("east", ["2000-1"]), ("west", ["2000-2"])):
        found = await house.call("conference.list", by=by("operator", tree[branch]))
        assert [one["id"] for one in found["items"]] == theirs
