"""Every address against every role: what is not allowed is refused, what is foreign looks as if it were not there."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from mcu.web.api import ROUTES
from mcu.web.api.route import PREFIX, Route
from werkzeug.test import TestResponse

from mcu.core.permissions import rule_of
from mcu.core.roles import RIGHTS, SCOPES
from tests.fakes.house import House
from tests.web.whole.program import Program, ask, program

# What a body must hold for the request to get as far as control. A route with a body that is missing here fails.
BODIES: dict[str, Any] = {
    "POST /rooms": {"number": "2900", "name": "x"},
    "PATCH /rooms/<number>": {"name": "x"},
    "PUT /rooms/<number>/sites": {"sites": []},
    "POST /rooms/<number>/acts": {"act": "mute_all", "on": True},
    "PATCH /rooms/<number>/participants": {"muted": True},
    "PATCH /rooms/<number>/participants/<participant>": {"muted": True},
    "POST /rooms/<number>/calls": {"address": "h323:10.0.0.7"},
    "POST /rooms/<number>/calls/all": {},
    "POST /rooms/<number>/test": {},
    "POST /conferences/<conference>/test/signatures": {"site": 1},
    "POST /sites": {"name": "x", "parent": 2},
    "POST /sites/import": {"text": "x", "dry_run": True},
    "POST /sites/rollout": {"text": "x", "dry_run": True},
    "PATCH /sites/<id>": {"name": "x"},
    "POST /sites/<id>/move": {"parent": 1},
    "POST /terminals": {"name": "xa9", "site": 2},
    "PATCH /terminals/<name>": {"display": "x"},
    "POST /meetings": {"room": "3000", "title": "x", "begins": "2030-01-01T08:00"},
    "PATCH /meetings/<id>": {"title": "x"},
    "POST /meetings/<id>/cancellations": {"begins": "2030-01-01T08:00"},
    "POST /meetings/<id>/moves": {"begins": "2030-01-01T08:00", "to": "2030-01-01T09:00"},
    "PUT /conferences/<conference>/people": {"site": 1, "people": 5},
    "POST /users": {"login": "new", "password": "correct horse", "role": "viewer"},
    "PATCH /users/<login>": {"role": "viewer"},
    "PUT /users/<login>/password": {"password": "correct horse"},
    "POST /tokens": {"name": "x", "scopes": ["read"]},
    "POST /webhooks": {"url": "http://127.0.0.1:1/"},
    "PATCH /webhooks/<id>": {"enabled": False},
    "PUT /h323/calls/<tag>/trace": {"on": True},
}
QUERIES = {"GET /savings": "?since=0&until=1"}
# The things of the western branch, which the eastern operator and the chair of another room must not see.
FOREIGN = {
    "number": "3000", "participant": "0a0b0c0d", "conference": "3000-1", "name": "xa_west", "tag": "00112233",
    "login": "admin",
}  # fmt: skip
# Addresses that are no route of the table, and why they need no line in it.
OTHERS = {
    f"{PREFIX}/events": "filtered for who listens, see test_events",
    f"{PREFIX}/openapi.json": "tells nothing of ours",
    "/": "a page without data", "/rooms/<number>": "a page without data",
    "/login": "the way in", "/logout": "the way out", "/language/<code>": "", "/static/<path:filename>": "",
    "/healthz": "for monitors", "/readyz": "for monitors", "/metrics": "for monitors",
}  # fmt: skip


def line(route: Route) -> str:
    return f"{route.verb} {route.path}"


class World:
    """Two branches with a room each, things in the western one, and who wants at them."""

    def __init__(self, app: Flask, house: House) -> None:
        east, west = (ask(house, "site.create", name=name)["id"] for name in ("east", "west"))
        ask(house, "room.create", number="2000", name="East", branch_id=east)
        ask(house, "room.create", number="3000", name="West", branch_id=west)
        ask(house, "terminal.create", name="xa_west", site=west)
        begins = {"begins": "2030-01-01T08:00:00", "minutes": 60, "zone": "Asia/Ho_Chi_Minh"}
        self.meeting = ask(house, "meeting.create", room="3000", title="x", **begins)["id"]
        house.happens(house.switch.join, "0a0b0c0d", "3000", name="UBND xã Tây")
        self.call = ask(house, "call.dial", room="3000", address="sip:a@10.0.0.9")["id"]
        self.west = west
        self.viewer = program(app, house, "viewer", role="viewer")
        self.operator = program(app, house, "east operator", role="operator", branch=east)
        self.chair = program(app, house, "chair", role="chair", room="2000")
        self.by_role = {"viewer": self.viewer, "operator": self.operator, "chair": self.chair}

    def request(self, client: Program, route: Route, **other: Any) -> TestResponse:
        things = {**FOREIGN, "call": self.call, "id": self.west if "/sites" in route.path else self.meeting, **other}
        path = re.sub(r"<(\w+)>", lambda found: str(things[found[1]]), route.path)
        body = BODIES[line(route)] if route.body is not None else None
        return client.send(route.verb, path + QUERIES.get(line(route), ""), body)


@pytest.fixture
def world(app: Flask, house: House) -> World:
    return World(app, house)


def arguments(route: Route) -> dict[str, Any]:
    """As control gets them, as far as the rule looks at them."""
    body = BODIES.get(line(route)) if route.body is not None else None
    return {**(body or {}), **({"number": "3000"} if "<number>" in route.path else {})}


def test_every_address_is_in_the_table(app: Flask) -> None:
    known = {(PREFIX + route.path, route.verb) for route in ROUTES}
    for rule in app.url_map.iter_rules():
        for verb in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            assert rule.rule in OTHERS or (rule.rule, verb) in known, f"{verb} {rule.rule} has no line and no reason"
    for route in ROUTES:
        assert route.body is None or line(route) in BODIES, f"{line(route)} needs a body for this test"


def test_strangers_are_told_nothing(app: Flask, world: World) -> None:
    for route in ROUTES:
        answer = world.request(Program(app), route)
        assert (answer.status_code, answer.json["error_id"]) == (401, "unauthorized"), line(route)


def test_roles_that_have_not_the_right_are_refused(world: World) -> None:
    for role, client in world.by_role.items():
        for route in ROUTES:
            rule = rule_of(route.call, arguments(route))
            assert rule is not None
            if rule.scope == "own" or rule.scope in RIGHTS[role]:  # type: ignore[index]
                continue
            answer = world.request(client, route)
            assert (answer.status_code, answer.json["error_id"]) == (403, "not_permitted"), (role, line(route))


def test_what_is_foreign_looks_as_if_it_were_not_there(world: World) -> None:
    missing = {
        "number": "9000", "conference": "9000-1", "name": "nobody", "call": "0f0f0f0f", "id": 999999,
        "participant": "0f0f0f0f",
    }  # fmt: skip
    tried = 0
    for client in (world.operator, world.chair):
        for route in ROUTES:
            if not set(route.arguments) & missing.keys() or "/tokens" in route.path:
                continue
            if client is world.chair and re.search("/(sites|terminals)/", route.path):
                continue  # who chairs a room may see of all sites who they are
            foreign, absent = world.request(client, route), world.request(client, route, **missing)
            if foreign.status_code == 403:
                assert absent.status_code == 403, line(route)
                continue
            tried += 1
            assert foreign.status_code == absent.status_code == 404, (line(route), foreign.json, absent.json)
            told = foreign.json
            for name, value in {**FOREIGN, "call": world.call}.items():
                if name in missing:
                    told["detail"] = told["detail"].replace(str(value), str(missing[name]))
            for ident in (world.west, world.meeting):
                told["detail"] = re.sub(rf"(?<= ){ident}$", str(missing["id"]), told["detail"])
            assert told == absent.json, line(route)
    assert tried > 30


def test_lists_hold_nothing_foreign(world: World) -> None:
    for client in (world.operator, world.chair):
        for path in ("/rooms", "/participants", "/calls", "/meetings", "/conferences"):
            text = client.get(path).text
            assert "3000" not in text, path
            assert "Tây" not in text, path
    for path in ("/sites", "/terminals"):
        assert "west" not in world.operator.get(path).text
    assert [room["number"] for room in world.chair.get("/rooms").json] == ["2000"]


def test_a_picture_is_not_shared_across_bounds(app: Flask, house: House, admin: Program, world: World) -> None:
    stills = app.extensions["mcu"].stills
    asked: list[str] = []

    def picture(room: str, width: int) -> bytes:
        asked.append(room)
        return b"\xff\xd8 picture" if app.extensions["mcu"].control.call("room.show", number=room) else b""

    object.__setattr__(stills, "_ask", picture)
    assert admin.get("/rooms/3000/still.jpg").status_code == 200
    assert world.operator.get("/rooms/3000/still.jpg").status_code == 404
    assert world.chair.get("/rooms/3000/still.jpg").status_code == 404
    assert len(asked) == 3


@pytest.mark.parametrize("scope", SCOPES)
def test_a_token_may_what_its_scopes_say_and_no_more(app: Flask, house: House, world: World, scope: str) -> None:
    client = program(app, house, "admin", tuple(one for one in SCOPES if one != scope))
    for route in ROUTES:
        rule = rule_of(route.call, arguments(route))
        assert rule is not None
        if (rule.scope if rule.scope != "own" else "admin") == scope:
            answer = world.request(client, route)
            assert (answer.status_code, answer.json["error_id"]) == (403, "not_permitted"), line(route)
