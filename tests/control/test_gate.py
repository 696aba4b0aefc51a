"""Who may do what over the bus, what they see of it, and what the audit keeps."""

from __future__ import annotations

from typing import Any

import pytest

from mcu.core.permissions import METHODS
from mcu.core.roles import SCOPES, Actor
from mcu.errors import BadRequest, McuError, NotFound, NotPermitted, RoomNotFound
from tests.control.conftest import House

VIA = {"via": "api"}


def by(role: str, branch: int | None = None, room: str | None = None, **more: Any) -> dict[str, Any]:
    return {"login": f"the {role}", "role": role, "branch": branch, "room": room, **VIA, **more}


@pytest.fixture
async def tree(house: House) -> dict[str, int]:
    """Two districts with a commune each, rooms of both and one of everybody's, 1001."""
    ids: dict[str, int] = {}
    for name, parent in (("east", None), ("west", None), ("east 1", "east"), ("west 1", "west")):
        made = await house.call("site.create", name=name, parent=ids.get(parent or ""))
        ids[name] = made["id"]
    await house.call("room.create", number="2000", name="East", branch_id=ids["east 1"])
    await house.call("room.create", number="3000", name="West", branch_id=ids["west"])
    return ids


async def audit(house: House, **narrowed: Any) -> list[dict[str, Any]]:
    return (await house.call("audit.list", **narrowed))["items"]


async def error(house: House, name: str, /, **args: Any) -> McuError:
    with pytest.raises(McuError) as caught:
        await house.call(name, **args)
    return caught.value


def test_every_call_has_its_line(house: House) -> None:
    handlers = house.control.gate._handlers.keys()
    assert handlers <= METHODS.keys(), "each call of the bus needs a line in mcu/core/permissions.py"
    assert METHODS.keys() <= handlers | {"bus.ping", "bus.subscribe"}, "lines of calls that nobody answers"


@pytest.mark.parametrize("method", sorted(METHODS))
async def test_every_call_takes_its_scope(house: House, method: str) -> None:
    """A token with all scopes but the one that is needed is refused, before anything is looked at."""
    if method.startswith("bus."):
        return
    scope = METHODS[method].scope
    scopes = [one for one in SCOPES if one != ("admin" if scope == "own" else scope)]
    args = {"number": "1001"} if method == "room.change" else {}
    if method == "room.change":
        args |= {"name": "x"}
    who = by("admin", scopes=scopes if scope != "internal" else list(SCOPES))
    assert isinstance(await error(house, method, by=who, **args), NotPermitted)


@pytest.mark.parametrize(
    ("role", "call", "args", "allowed"),
    [
        ("viewer", "room.show", {"number": "1001"}, True),
        ("viewer", "room.pin", {"number": "1001"}, False),
        ("viewer", "room.act", {"room": "1001", "act": "lock", "on": True}, False),
        ("viewer", "user.list", {}, False),
        ("operator", "room.act", {"room": "1001", "act": "lock", "on": True}, True),
        ("operator", "room.change", {"number": "1001", "name": "x"}, True),
        ("operator", "user.list", {}, False),
        ("operator", "audit.list", {}, False),
        ("operator", "audit.list", {"room": "1001"}, True),
        ("operator", "webhook.list", {}, False),
        ("operator", "backup.make", {"path": "/tmp/x"}, False),
        ("chair", "room.act", {"room": "1001", "act": "lock", "on": True}, True),
        ("chair", "room.change", {"number": "1001", "layout": "2x2"}, True),
        ("chair", "room.change", {"number": "1001", "pin": "4711"}, False),
        ("chair", "room.delete", {"number": "1001"}, False),
        ("admin", "user.list", {}, True),
        ("admin", "mixer.hello", {"run": "x"}, False),
        ("admin", "terminal.h323", {}, False),
    ],
)
async def test_roles(house: House, role: str, call: str, args: dict[str, Any], allowed: bool) -> None:
    who = by(role, room="1001" if role == "chair" else None)
    if allowed:
        await house.call(call, by=who, **args)
    else:
        assert isinstance(await error(house, call, by=who, **args), NotPermitted)


async def test_a_foreign_room_is_answered_as_one_that_is_missing(house: House, tree: dict[str, int]) -> None:
    lan = by("operator", tree["east"])
    assert [room["number"] for room in await house.call("room.list", by=lan)] == ["1001", "2000"]
    for call, args in (
        ("room.show", {}), ("room.pin", {}), ("room.change", {"name": "x"}), ("room.delete", {}), ("room.still", {}),
        ("room.sites", {}), ("room.set_sites", {"sites": []}),
    ):  # fmt: skip
        foreign = await error(house, call, by=lan, number="3000", **args)
        missing = await error(house, call, by=lan, number="9000", **args)
        assert type(foreign) is type(missing) is RoomNotFound
        assert foreign.detail.replace("3000", "9000") == missing.detail
    for call, args in (
        ("room.act", {"act": "mute_all", "on": True}), ("room.direction", {}), ("participant.list", {}),
        ("call.dial", {"address": "sip:a@10.0.0.1"}), ("call.all", {}), ("call.list", {}), ("meeting.list", {}),
        ("meeting.create", {"title": "x", "begins": "2030-01-01T08:00", "minutes": 60, "zone": "UTC"}),
        ("test.start", {}), ("audit.list", {}), ("conference.list", {}),
    ):  # fmt: skip
        assert isinstance(await error(house, call, by=lan, room="3000", **args), RoomNotFound)
    for call in ("test.report", "test.sign"):
        assert isinstance(await error(house, call, by=lan, conference="3000-1"), NotFound)
    for call in ("conference.show", "conference.minutes", "conference.people"):
        assert isinstance(await error(house, call, by=lan, id="3000-1"), NotFound)


async def test_one_room_is_a_chair_s(house: House, tree: dict[str, int]) -> None:
    ha = by("chair", room="2000")
    assert [room["number"] for room in await house.call("room.list", by=ha)] == ["2000"]
    assert isinstance(await error(house, "room.show", by=ha, number="1001"), RoomNotFound)
    assert (await house.call("room.show", by=ha, number="2000"))["name"] == "East"
    assert isinstance(await error(house, "room.show", by=by("chair"), number="1001"), RoomNotFound)  # of no room


async def test_a_room_of_everybody_s_is_used_but_not_run(house: House, tree: dict[str, int]) -> None:
    lan = by("operator", tree["east"])
    await house.call("room.act", by=lan, room="1001", act="lock", on=True)
    assert (await house.call("room.show", by=lan, number="1001"))["locked"]
    assert isinstance(await error(house, "room.change", by=lan, number="1001", pin="4711"), NotPermitted)
    assert isinstance(await error(house, "room.delete", by=lan, number="1001"), NotPermitted)
    await house.call("room.delete", by=lan, number="2000")


async def test_an_operator_s_new_room_is_of_the_branch(house: House, tree: dict[str, int]) -> None:
    lan = by("operator", tree["east"])
    assert (await house.call("room.create", by=lan, number="2001", name="x"))["branch_id"] == tree["east"]
    foreign = await error(house, "room.create", by=lan, number="2002", name="x", branch_id=tree["west"])
    assert isinstance(foreign, NotFound)
    assert isinstance(await error(house, "room.change", by=lan, number="2001", branch_id=None), NotPermitted)
    assert isinstance(await error(house, "room.change", by=lan, number="2001", branch_id=tree["west"]), NotFound)


async def test_sites_of_other_branches_are_not_there(house: House, tree: dict[str, int]) -> None:
    lan = by("operator", tree["east"])
    listed = (await house.call("site.list", by=lan))["items"]
    assert [site["name"] for site in listed] == ["east", "east 1"]
    for call, args in (
        ("site.show", {}), ("site.change", {"name": "x"}), ("site.delete", {}), ("site.move", {"parent": tree["east"]}),
    ):  # fmt: skip
        foreign = await error(house, call, by=lan, id=tree["west 1"], **args)
        missing = await error(house, call, by=lan, id=9999, **args)
        assert type(foreign) is type(missing) is NotFound
        assert foreign.detail.replace(str(tree["west 1"]), "9999") == missing.detail
    assert isinstance(await error(house, "site.move", by=lan, id=tree["east 1"], parent=tree["west"]), NotFound)
    assert isinstance(await error(house, "site.create", by=lan, name="top"), NotPermitted)
    assert isinstance(await error(house, "site.list", by=lan, under=tree["west"]), NotFound)
    assert (await house.call("site.create", by=lan, name="east 2", parent=tree["east"]))["parent"] == tree["east"]
    foreign = await error(house, "call.dial", by=lan, room="2000", site=tree["west 1"])
    assert isinstance(foreign, NotFound)
    assert isinstance(await error(house, "room.set_sites", by=lan, number="2000", sites=[tree["west 1"]]), NotFound)


async def test_a_branch_is_deleted_by_its_operator(house: House, tree: dict[str, int]) -> None:
    lan = by("operator", tree["east"])
    under = await house.call("site.create", by=lan, name="east 2", parent=tree["east"])
    await house.call("site.create", by=lan, name="east 3", parent=under["id"])
    assert isinstance(await error(house, "site.delete", by=lan, id=tree["west"], branch=True), NotFound)
    assert await house.call("site.delete", by=lan, id=under["id"], branch=True) == {"deleted": 2}


async def test_what_is_in_a_branch_stays_there(house: House, tree: dict[str, int]) -> None:
    lan = by("operator", tree["east"])
    await house.call("terminal.create", name="xa", password="secret-12345", site=tree["east 1"])
    for call, args in (
        ("site.move", {"id": tree["east 1"], "parent": None}), ("site.move", {"id": tree["east 1"], "position": 1}),
        ("site.change", {"id": tree["east 1"], "parent": None}), ("terminal.update", {"name": "xa", "site": None}),
    ):  # fmt: skip
        assert isinstance(await error(house, call, by=lan, **args), NotPermitted)
    assert (await house.call("site.show", id=tree["east 1"]))["parent"] == tree["east"]
    assert (await house.call("terminal.show", name="xa"))["site"] == tree["east 1"]
    everybody = by("operator")
    assert (await house.call("terminal.update", by=everybody, name="xa", site=None))["site"] is None
    assert (await house.call("site.move", by=everybody, id=tree["east 1"], parent=None))["parent"] is None


async def test_invited_sites_of_other_branches_are_neither_told_nor_lost(house: House, tree: dict[str, int]) -> None:
    lan = by("operator", tree["east"])
    await house.call("room.set_sites", number="2000", sites=[tree["west 1"], tree["east 1"]])
    for told in (
        await house.call("room.sites", by=lan, number="2000"),
        await house.call("room.set_sites", by=lan, number="2000", sites=[tree["east 1"]]),
    ):
        assert [site["name"] for site in told["sites"]] == ["east 1"]
    told = await house.call("room.sites", number="2000")
    assert [site["name"] for site in told["sites"]] == ["east 1", "west 1"]


async def test_nobody_is_moved_to_a_foreign_room(house: House, tree: dict[str, int]) -> None:
    someone = await house.dial("Hà Nội", room="2000")
    lan = by("operator", tree["east"])
    refused = await error(house, "room.act", by=lan, room="2000", act="move", participant=someone, to="3000")
    assert isinstance(refused, RoomNotFound)


async def test_participants_and_calls_of_foreign_rooms_are_not_listed(house: House, tree: dict[str, int]) -> None:
    mine = await house.dial("A", room="2000")
    await house.dial("B", room="3000")
    call = await house.call("call.dial", room="3000", address="sip:a@10.0.0.1")
    lan = by("operator", tree["east"])
    assert [one["id"] for one in await house.call("participant.list", by=lan)] == [mine]
    assert await house.call("call.list", by=lan) == []
    foreign = await error(house, "call.end", by=lan, call=call["id"])
    missing = await error(house, "call.end", by=lan, call="00000000")
    assert type(foreign) is type(missing) is NotFound
    assert foreign.detail.replace(call["id"], "00000000") == missing.detail


async def test_events_carry_whose_they_are(house: House, tree: dict[str, int]) -> None:
    await house.call("room.act", room="2000", act="lock", on=True)
    await house.until(lambda: any(d.get("number") == "2000" and d.get("locked") for _, d in house.heard))
    data = next(d for _, d in reversed(house.heard) if d.get("number") == "2000")
    assert data["branches"] == [tree["east"], tree["east 1"]]
    await house.call("room.delete", number="2000")
    await house.until(lambda: any(event == "room.removed" for event, _ in house.heard))
    removed = next(d for event, d in house.heard if event == "room.removed")
    assert removed["branches"] == [tree["east"], tree["east 1"]]


@pytest.mark.parametrize(
    "who",
    [
        {}, {"login": "x"}, {"login": "x", "role": "root"}, {"login": 1, "role": "admin"}, None, "admin", [],
        {"login": "x", "role": "admin", "scopes": ["all"]}, {"login": "x", "role": "admin", "scopes": "read"},
        {"login": "x", "role": "operator", "branch": "1"}, {"login": "x", "role": "operator", "branch": True},
        {"login": "x", "role": "chair", "room": "1001;"}, {"login": "x", "role": "admin", "via": "telepathy"},
    ],
)  # fmt: skip
async def test_an_actor_that_is_none_is_nobody(house: House, who: object) -> None:
    with pytest.raises(BadRequest):
        await house.call("status", by=who)


async def test_the_owner_of_the_socket_may_everything(house: House) -> None:
    assert (await house.call("user.list"))[0]["login"] == "admin"
    await house.call("room.act", room="1001", act="lock", on=True)
    (row,) = await audit(house, act="lock")
    assert (row["login"], row["role"], row["via"], row["room"], row["result"]) == (
        "local",
        "admin",
        "cli",
        "1001",
        "ok",
    )


async def test_the_audit_tells_who_did_what_and_what_came_of_it(house: House) -> None:
    someone = await house.dial("Hà Nội")
    await house.call("room.act", by=by("operator"), room="1001", act="mute", participant=someone, on=True)
    await error(house, "room.delete", by=by("viewer"), number="1001")
    await error(house, "room.act", by=by("operator"), room="1001", act="mute", participant="00000000", on=True)
    await house.call("room.show", by=by("viewer"), number="1001")
    rows = await audit(house, room="1001")
    told = [(r["login"], r["act"], r["target"], r["result"]) for r in rows]
    assert told == [
        ("the operator", "mute", "00000000", "participant_not_found"),
        ("the viewer", "room.delete", "", "not_permitted"),
        ("the operator", "mute", someone, "ok"),
    ]
    assert rows[-1]["detail"] == {"participant": someone, "on": True}


async def test_the_audit_holds_no_secrets(house: House) -> None:
    await house.call("room.create", number="2000", name="x", pin="47110815", host_pin="08154711")
    await house.call("user.create", login="lan", password="correct horse 815", role="viewer")
    made = await house.call("token.create", login="lan", name="t", scopes=["read"])
    await house.call("terminal.create", name="xa", password="terminal-815-secret")
    await error(house, "webhook.create", url="https://hooks.example/815?key=815815", events=["UPPER"], secret="815")
    text = str(await audit(house))
    assert "hooks.example" in text
    for secret in ("47110815", "08154711", "correct horse", "terminal-815", made["token"], "815815"):
        assert secret not in text


async def test_the_audit_comes_in_pages(house: House) -> None:
    for on in (True, False) * 3:
        await house.call("room.act", room="1001", act="lock", on=on)
    whole = await audit(house, act="lock")
    found: list[dict[str, Any]] = []
    after = ""
    while after is not None:
        page = await house.call("audit.list", act="lock", limit=4, after=after)
        found += page["items"]
        after = page["next"]
    assert found == whole
    assert [row["id"] for row in whole] == sorted((row["id"] for row in whole), reverse=True)
    for args in ({"after": "x"}, {"after": "9" * 30}, {"limit": 0}, {"limit": 1001}, {"since": "x"}, {"since": -1}):
        assert isinstance(await error(house, "audit.list", **args), BadRequest)


def test_an_actor_comes_through_the_wire() -> None:
    actor = Actor(login="lan", role="operator", branch=7, via="api", scopes=frozenset({"read", "act"}))
    assert Actor.parse(actor.describe()) == actor
    assert actor.rights == {"read", "act"}


async def test_notices_of_foreign_rooms_are_not_told(house: House, tree: dict[str, int]) -> None:
    lan = by("operator", tree["east"])
    controller = house.control.controller
    for room in ("2000", "3000", ""):
        controller._notice("warning", "site_lost", f"in {room}", 0.0, room)
    controller.notify("warning", "gateway_away", "for all")
    seen = [notice["text"] for notice in (await house.call("status", by=lan))["notices"]]
    assert seen == ["in 2000", "for all"]
    assert len((await house.call("status"))["notices"]) == 4


async def test_the_audit_of_a_room_has_what_was_done_to_its_meetings(house: House) -> None:
    begins = "2030-01-01T08:00"
    made = await house.call(
        "meeting.create", room="1001", title="x", begins=begins, minutes=60, zone="UTC", rrule="FREQ=DAILY;COUNT=9"
    )
    await house.call("meeting.change", id=made["id"], title="y")
    await house.call("meeting.move_occurrence", id=made["id"], begins=begins, to="2030-01-01T10:00")
    await house.call("meeting.cancel_occurrence", id=made["id"], begins=begins)
    await house.call("meeting.delete", id=made["id"])
    assert isinstance(await error(house, "meeting.delete", id=made["id"]), NotFound)
    acts = [(one["act"], one["result"]) for one in await audit(house, room="1001")]
    assert acts[::-1] == [
        (f"meeting.{act}", "ok") for act in ("create", "change", "move_occurrence", "cancel_occurrence", "delete")
    ]
