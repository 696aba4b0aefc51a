from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from mcu.web.api.route import Route
from mcu.web.app import create_app
from werkzeug.test import TestResponse

from mcu.config import Settings
from tests.fakes.accounts import FakeAccounts
from tests.fakes.control import FakeControl
from tests.web.declared import faults


class Panel:
    """A browser with cookies that sends the CSRF token, as the panel's JavaScript does."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.token = ""

    def log_in(self, login: str = "admin", password: str = "right horse", next: str = "") -> TestResponse:
        form = {"login": login, "password": password, "csrf_token": self.form_token()}
        response = self.client.post("/login" + (f"?next={next}" if next else ""), data=form)
        if response.status_code == 302:
            page = self.client.get("/").text
            self.token = re.search(r'<meta name="csrf-token" content="([^"]+)"', page).group(1)
        return response

    def form_token(self) -> str:
        return re.search(r'name="csrf_token" type="hidden" value="([^"]+)"', self.client.get("/login").text).group(1)

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(f"/api/v1{path}", **more)

    def send(self, method: str, path: str, body: Any = None) -> TestResponse:
        return self.client.open(f"/api/v1{path}", method=method, json=body, headers={"X-CSRFToken": self.token})


@pytest.fixture(autouse=True)
def as_declared(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every answer of a route that a test is given is as the OpenAPI document says."""
    found: list[str] = []
    real = Route._answer

    def answer(route: Route, given: Mapping[str, str]) -> Response:
        response = real(route, given)
        found.extend(f"{route.verb} {route.path}: {fault}" for fault in faults(route, response))
        return response

    monkeypatch.setattr(Route, "_answer", answer)
    yield
    assert not found, "\n".join(sorted(set(found)))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


@pytest.fixture
def control(settings: Settings) -> Iterator[FakeControl]:
    fake = FakeControl(settings.control_socket)
    fake.add_room("1001", "Giao ban tuần")
    fake.add_room("1002", "Tập huấn")
    fake.start()
    yield fake
    fake.end()


@pytest.fixture
def accounts() -> FakeAccounts:
    return FakeAccounts()


@pytest.fixture
def app(settings: Settings, control: FakeControl, accounts: FakeAccounts) -> Iterator[Flask]:
    app = create_app(settings, accounts)
    yield app
    app.extensions["mcu"].stop()


@pytest.fixture
def stranger(app: Flask) -> Panel:
    """Nobody has logged in."""
    return Panel(app.test_client())


@pytest.fixture
def panel(stranger: Panel) -> Panel:
    assert stranger.log_in().status_code == 302
    return stranger


@pytest.fixture
def viewer(app: Flask) -> Panel:
    panel = Panel(app.test_client())
    assert panel.log_in("viewer", "only looking").status_code == 302
    return panel


Problem = Callable[[TestResponse, int, str], dict[str, Any]]


@pytest.fixture
def problem() -> Problem:
    """Check that an answer is problem JSON (RFC 9457) with this status and error_id."""

    def check(response: TestResponse, status: int, error_id: str) -> dict[str, Any]:
        assert response.content_type == "application/problem+json"
        body = response.get_json(force=True)
        assert (response.status_code, body["status"], body["error_id"]) == (status, status, error_id)
        assert {"type", "title", "detail"} <= body.keys()
        return body

    return check
