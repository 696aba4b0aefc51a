"""Idempotency-Key: the same request is carried out once, also over a restart of the panel."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from flask import Flask
from mcu.web.api import ROUTES
from mcu.web.app import create_app

from mcu.config import Settings
from mcu.errors import AsteriskDown, Busy, ControlDown, McuError, TimedOut, Unavailable
from mcu.models.idempotency import GIVEN_UP
from tests.fakes.house import House
from tests.web.whole.program import Program, program

CALL = {"address": "h323:10.0.0.7"}


def test_the_same_request_has_the_same_answer(admin: Program, problem: Any) -> None:
    first = admin.send("POST", "/rooms/1001/calls", CALL, Idempotency_Key="abc")
    again = admin.send("POST", "/rooms/1001/calls", CALL, Idempotency_Key='"abc"')  # as RFC 8941 writes it
    assert (again.status_code, again.json) == (201, first.json)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(admin.get("/calls").json) == 1
    problem(admin.send("POST", "/rooms/1001/calls", CALL), 409, "conflict")  # without the key it is another one


def test_it_holds_over_a_restart(app: Flask, settings: Settings, house: House, admin: Program) -> None:
    first = admin.send("POST", "/rooms", {"number": "2000", "name": "Họp"}, Idempotency_Key="k")
    fresh = create_app(settings)
    again = Program(fresh, admin.token).send("POST", "/rooms", {"number": "2000", "name": "Họp"}, Idempotency_Key="k")
    fresh.extensions["mcu"].stop()
    assert (first.status_code, again.status_code, again.json) == (201, 201, first.json)


@pytest.mark.parametrize(
    ("path", "body"),
    [("/rooms", {"number": "2000", "name": "y"}), ("/rooms?x=1", {"number": "2000", "name": "x"}), ("/tokens", {})],
)
def test_another_request_with_the_key_is_refused(admin: Program, problem: Any, path: str, body: Any) -> None:
    admin.send("POST", "/rooms", {"number": "2000", "name": "x"}, Idempotency_Key="k")
    problem(admin.send("POST", path, body, Idempotency_Key="k"), 422, "idempotency_key_reused")


def test_keys_of_others_are_others(app: Flask, house: House, admin: Program) -> None:
    operator = program(app, house, "lan", role="operator")
    assert admin.send("POST", "/rooms", {"number": "2000", "name": "x"}, Idempotency_Key="k").status_code == 201
    assert operator.send("POST", "/rooms", {"number": "2001", "name": "x"}, Idempotency_Key="k").status_code == 201


def test_refusals_are_kept(admin: Program, problem: Any) -> None:
    for _ in range(2):
        problem(admin.send("POST", "/rooms", {"number": "1001", "name": "x"}, Idempotency_Key="a"), 409, "room_exists")
        problem(admin.send("POST", "/rooms", {"number": "x", "name": "x"}, Idempotency_Key="b"), 400, "bad_request")


@pytest.mark.parametrize("fault", [TimedOut("late"), ControlDown("the link broke"), AsteriskDown("x"), KeyError("bug")])
def test_what_may_have_been_done_is_not_done_again(
    app: Flask, admin: Program, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    control = app.extensions["mcu"].control
    real, dialled = control.call, []

    def answer_gets_lost(name: str, /, **args: Any) -> Any:
        real(name, **args)
        dialled.append(args["address"])
        raise fault

    monkeypatch.setattr(control, "call", answer_gets_lost)
    first = admin.send("POST", "/rooms/1001/calls", CALL, Idempotency_Key="k")
    again = admin.send("POST", "/rooms/1001/calls", CALL, Idempotency_Key="k")
    assert dialled == ["h323:10.0.0.7"]
    assert first.status_code == again.status_code == getattr(fault, "status", 500)
    assert first.get_json(force=True) == again.get_json(force=True)
    assert again.headers["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize("fault", [Busy("x"), Unavailable("no place", begun=False), ControlDown("x", begun=False)])
def test_what_was_not_begun_may_be_asked_again(
    app: Flask, admin: Program, monkeypatch: pytest.MonkeyPatch, fault: McuError
) -> None:
    def refuse(name: str, /, **args: Any) -> Any:
        raise fault

    with monkeypatch.context() as patched:
        patched.setattr(app.extensions["mcu"].control, "call", refuse)
        assert admin.send("POST", "/rooms/1001/calls", CALL, Idempotency_Key="k").status_code == 503
    again = admin.send("POST", "/rooms/1001/calls", CALL, Idempotency_Key="k")
    assert (again.status_code, "Idempotency-Replayed" in again.headers) == (201, False)


def test_tokens_of_one_user_have_keys_of_their_own(app: Flask, house: House, admin: Program, problem: Any) -> None:
    body = {"name": "x", "scopes": ["read"]}
    assert admin.send("POST", "/tokens", body, Idempotency_Key="k").status_code == 201
    reader = program(app, house, "admin", ("read",))
    problem(reader.send("POST", "/tokens", body, Idempotency_Key="k"), 403, "not_permitted")


def test_no_request_takes_so_long_that_it_is_given_up() -> None:
    assert max(route.seconds or 0 for route in ROUTES) * 1.2 < GIVEN_UP.total_seconds()


def test_one_that_is_still_carried_out_is_not_begun_again(
    app: Flask, admin: Program, problem: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    control = app.extensions["mcu"].control
    real = control.call

    def slow(name: str, /, **args: Any) -> Any:
        begun.set()
        assert go_on.wait(30)
        return real(name, **args)

    monkeypatch.setattr(type(control), "call", lambda self, name, /, **args: slow(name, **args))
    body, answers = {"number": "2000", "name": "x"}, []
    thread = threading.Thread(
        target=lambda: answers.append(admin.send("POST", "/rooms", body, Idempotency_Key="k").status_code)
    )
    thread.start()
    assert begun.wait(30)
    other = Program(app, admin.token)
    problem(other.send("POST", "/rooms", body, Idempotency_Key="k"), 409, "idempotency_running")
    go_on.set()
    thread.join(30)
    assert answers == [201]


def test_what_is_told_once_is_not_kept(admin: Program, house: House) -> None:
    body = {"name": "x", "scopes": ["read"]}
    first = admin.send("POST", "/tokens", body, Idempotency_Key="k").json
    again = admin.send("POST", "/tokens", body, Idempotency_Key="k").json
    assert first["token"]
    assert again == {**first, "token": None}


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 65, '"', '""', "ключ".encode().decode("latin-1")])
def test_keys_that_are_none(admin: Program, problem: Any, key: str) -> None:
    problem(admin.send("POST", "/rooms", {"number": "2000", "name": "x"}, Idempotency_Key=key), 400, "bad_request")
