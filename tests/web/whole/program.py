"""Clients with tokens, and calls of the bus from a test's thread."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from mcu.core.roles import LOCAL, RIGHTS, SCOPES
from tests.fakes.house import House


class Program:
    """A client with a token."""

    def __init__(self, app: Flask, token: str = "") -> None:
        self.client: FlaskClient = app.test_client()
        self.token = token

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            given["Authorization"] = f"Bearer {self.token}"
        return self.client.open(f"/api/v1{path}", method=method, json=body, headers=given)

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.send("GET", path, **headers)


def ask(house: House, method: str, /, **args: Any) -> Any:
    """A call of the bus, as the owner of the socket."""
    return house.do(house.control.gate.run(LOCAL, method, args))


def program(app: Flask, house: House, login: str, scopes: tuple[str, ...] = SCOPES, **user: Any) -> Program:
    """With a token of a user who is made for it if there is none; scopes that its role has not are left out."""
    known = {one["login"]: one["role"] for one in ask(house, "user.list")}
    if login not in known:
        known[login] = ask(house, "user.create", login=login, password="correct horse", **user)["role"]
    fit = [scope for scope in scopes if scope in RIGHTS[known[login]]]
    return Program(app, ask(house, "token.create", login=login, name="test", scopes=fit)["token"])
