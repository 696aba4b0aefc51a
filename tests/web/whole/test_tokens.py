"""Tokens over REST: what they may, how long, and what is kept of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from mcu.web import bearer
from sqlalchemy import update

from mcu.models.tables import TokenRow
from mcu.models.tokens import digest
from tests.fakes.house import House
from tests.web.conftest import Panel
from tests.web.whole.program import Program, ask, program


def test_a_token_is_told_once_and_kept_as_a_digest(app: Flask, house: House, admin: Program) -> None:
    made = admin.send("POST", "/tokens", {"name": "Báo cáo", "scopes": ["read"], "days": 30})
    assert (made.status_code, made.json["login"], made.json["scopes"]) == (201, "admin", ["read"])
    token = made.json["token"]
    assert token.startswith("mcu_")
    assert len(token) >= 40
    listed = admin.get("/tokens")
    assert token not in listed.text
    row = next(one for one in listed.json if one["name"] == "Báo cáo")
    assert 29 * 86400 < row["expires_at"] - row["created_at"] < 31 * 86400
    database = house.control._record.database
    with database.session() as session:
        kept = session.get(TokenRow, row["id"])
        assert kept is not None
        assert kept.digest == digest(token)
    assert Program(app, token).get("/rooms").status_code == 200


def test_scopes_bound_a_token(app: Flask, house: House, admin: Program, problem: Any) -> None:
    reader = program(app, house, "admin", ("read",))
    assert reader.get("/rooms").status_code == 200
    problem(reader.send("PATCH", "/rooms/1001", {"locked": True}), 403, "not_permitted")
    problem(reader.get("/users"), 403, "not_permitted")
    problem(reader.get("/tokens"), 403, "not_permitted")
    problem(reader.send("POST", "/tokens", {"name": "x", "scopes": ["admin"]}), 403, "not_permitted")
    blind = program(app, house, "admin", ("act",))
    problem(blind.get("/rooms"), 403, "not_permitted")
    problem(blind.get("/events"), 403, "not_permitted")


def test_nobody_gives_more_than_the_role_has(app: Flask, house: House, admin: Program, problem: Any) -> None:
    ask(house, "user.create", login="lan", password="correct horse", role="viewer")
    problem(admin.send("POST", "/tokens", {"name": "x", "login": "lan", "scopes": ["act"]}), 400, "bad_request")
    made = admin.send("POST", "/tokens", {"name": "x", "login": "lan", "scopes": ["read"]})
    assert made.status_code == 201
    operator = program(app, house, "ha", role="operator")
    problem(operator.send("POST", "/tokens", {"name": "x", "login": "lan", "scopes": ["read"]}), 403, "not_permitted")


def test_a_role_that_shrinks_shrinks_its_tokens(app: Flask, house: House, problem: Any) -> None:
    operator = program(app, house, "lan", role="operator")
    assert operator.send("PATCH", "/rooms/1001", {"locked": True}).status_code == 200
    ask(house, "user.change", login="lan", role="viewer")
    problem(operator.send("PATCH", "/rooms/1001", {"locked": False}), 403, "not_permitted")
    ask(house, "user.delete", login="lan")
    problem(operator.get("/rooms"), 401, "bad_token")


def test_a_token_that_is_over_is_none(app: Flask, house: House, admin: Program, problem: Any) -> None:
    made = admin.send("POST", "/tokens", {"name": "x", "scopes": ["read"], "days": 1}).json
    late = Program(app, made["token"])
    assert late.get("/rooms").status_code == 200
    with house.control._record.database.session() as session:
        gone = datetime.now(UTC) - timedelta(seconds=1)
        session.execute(update(TokenRow).where(TokenRow.id == made["id"]).values(expires_at=gone))
    problem(late.get("/rooms"), 401, "bad_token")
    other = admin.send("POST", "/tokens", {"name": "y", "scopes": ["read"]}).json
    assert admin.send("DELETE", f"/tokens/{other['id']}").status_code == 204
    problem(Program(app, other["token"]).get("/rooms"), 401, "bad_token")
    problem(admin.send("DELETE", f"/tokens/{other['id']}"), 404, "not_found")


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "bearer mcu_", "Bearer YWRtaW46eA==", "Bearer mcu_" + "x" * 5000],
)
def test_what_is_no_token(app: Flask, problem: Any, header: str) -> None:
    answer = app.test_client().get("/api/v1/rooms", headers={"Authorization": header})
    problem(answer, 401, "bad_token")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["Basic YWRtaW46eA==", "mcu_x", "Bearermcu_x", "Digest x"])
def test_other_schemes_are_not_ours_to_judge(app: Flask, house: House, problem: Any, header: str) -> None:
    """A proxy's password, which browsers send with every request, is no wrong token, and a session serves beside it."""
    headers = {"Authorization": header}
    for _ in range(25):
        problem(app.test_client().get("/api/v1/rooms", headers=headers), 401, "unauthorized")
    panel = Panel(app.test_client())
    assert panel.log_in().status_code == 302
    assert panel.get("/rooms", headers=headers).status_code == 200
    problem(panel.client.delete("/api/v1/rooms/1001", headers=headers), 403, "csrf_failed")


def test_guessing_is_slowed_down_and_locks_nobody_out(app: Flask, admin: Program, problem: Any) -> None:
    guesser = Program(app, "mcu_wrong")
    statuses = [guesser.get("/rooms").status_code for _ in range(25)]
    assert statuses[0] == 401
    answer = guesser.get("/rooms")
    problem(answer, 429, "too_many_requests")
    assert "Retry-After" in answer.headers
    assert admin.get("/rooms").status_code == 200


def test_the_last_use_is_noted_once_a_minute(
    app: Flask, house: House, admin: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []
    real = bearer.tokens.used
    monkeypatch.setattr(bearer.tokens, "used", lambda *args: (written.append(args[1]), real(*args)))
    for _ in range(5):
        assert admin.get("/rooms").status_code == 200
    app.extensions["mcu"].tokens.stop()  # after what is being written
    assert len(written) == 1
    assert ask(house, "token.list")[0]["used_at"] is not None


def test_a_token_needs_no_csrf_token_and_a_session_does(app: Flask, admin: Program, problem: Any) -> None:
    assert admin.send("POST", "/rooms", {"number": "2000", "name": "x"}).status_code == 201
    # A cookie beside the token gives nothing: the token alone says who it is.
    wrong = Program(app, "mcu_wrong")
    wrong.client.set_cookie("mcu_session", "x")
    problem(wrong.get("/rooms"), 401, "bad_token")
