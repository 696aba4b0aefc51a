"""Idempotency-Key: the same request is carried out once, also over a restart of the panel."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from flask import Flask
from mcu.web.app import create_app

from mcu.config import Settings
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


def test_refusals_are_kept_and_faults_of_ours_are_not(admin: Program, house: House, problem: Any) -> None:
    for _ in range(2):
        problem(admin.send("POST", "/rooms", {"number": "1001", "name": "x"}, Idempotency_Key="a"), 409, "room_exists")
        problem(admin.send("POST", "/rooms", {"number": "x", "name": "x"}, Idempotency_Key="b"), 400, "bad_request")
    house.happens(house.switch.disconnect)
    body = {"act": "mute_all", "on": True}
    first = admin.send("POST", "/rooms/1001/acts", body, Idempotency_Key="c")
    again = admin.send("POST", "/rooms/1001/acts", body, Idempotency_Key="c")
    assert first.status_code == again.status_code
    assert ("Idempotency-Replayed" in again.headers) == (first.status_code < 500)


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
