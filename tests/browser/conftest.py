"""A real Chromium on the real panel; behind it a control process in memory."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from mcu.web.app import create_app
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from mcu.config import Settings, Web
from tests.fakes.accounts import FakeAccounts
from tests.fakes.control import FakeControl
from tests.waiting import until_blocking

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 20_000  # ms; only a machine that is busy with other things needs it


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Hundreds of stills would bury what matters when a test fails."""


class Server:
    """The panel on a port of its own; can be stopped and started like a machine that reboots."""

    def __init__(self, settings: Settings, accounts: FakeAccounts) -> None:
        self._settings = settings
        self._accounts = accounts
        self._server: BaseWSGIServer | None = None
        self._port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        self._app = create_app(self._settings, self._accounts)
        hub = self._app.extensions["mcu"].hub
        until_blocking(lambda: hub.connected, "the panel hears control")  # a page that is there is drawn anew then
        self._server = make_server("127.0.0.1", self._port, self._app, threaded=True, request_handler=_Quiet)
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._app.extensions["mcu"].stop()
            self._server.shutdown()
            self._server.server_close()
            self._server = None


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A module's own: playwright runs an event loop in this thread while it lives, and asyncio tests need theirs."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, web=Web(operators=20))


@pytest.fixture
def control(settings: Settings) -> Iterator[FakeControl]:
    fake = FakeControl(settings.control_socket)
    fake.add_room("1001", "Giao ban tuần", layout="2x2")
    fake.add_room("1002", "Tập huấn")
    fake.start()
    yield fake
    fake.end()


@pytest.fixture
def accounts() -> FakeAccounts:
    return FakeAccounts()


@pytest.fixture
def server(settings: Settings, control: FakeControl, accounts: FakeAccounts) -> Iterator[Server]:
    server = Server(settings, accounts)
    yield server
    server.stop()


@pytest.fixture
def stranger(browser: Browser, server: Server) -> Iterator[Page]:
    """A browser on the log-in page. An error in the page's JavaScript fails the test."""
    context = browser.new_context(
        base_url=server.url, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", viewport={"width": 1440, "height": 900}
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on("console", lambda message: "Content Security Policy" in message.text and faults.append(message.text))
    page.goto("/")
    yield page
    context.close()
    assert faults == []


def log_in(page: Page, login: str = "admin", password: str = "right horse") -> None:
    page.get_by_label("Tên đăng nhập").fill(login)
    page.get_by_label("Mật khẩu").fill(password)
    page.get_by_role("button", name="Đăng nhập").click()


@pytest.fixture
def page(stranger: Page) -> Page:
    """The panel with room 1001 on show, and what can be done in it, which is asked for by itself and comes later."""
    log_in(stranger)
    expect(stranger.get_by_role("heading", name="Giao ban tuần")).to_be_visible()
    expect(stranger.locator("#conduct")).to_be_visible()
    return stranger


@pytest.fixture
def jpeg() -> bytes:
    octets = io.BytesIO()
    Image.new("RGB", (320, 180), (20, 90, 100)).save(octets, "JPEG")
    return octets.getvalue()
