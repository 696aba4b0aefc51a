"""The link to Asterisk: it comes, breaks and comes back, against a scripted manager on loopback."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from mcu.asterisk.ami import Ami
from mcu.errors import AsteriskDown, TimedOut
from tests.asterisk.fake_ami import Connection, FakeAmi
from tests.asterisk.running import free_ports
from tests.waiting import until


class Link:
    """An Ami, and what it told. Who tests no timeout gives time enough: both ends live in one process, which may be
    kept from running between any two steps."""

    def __init__(self, port: int, timeout: float = 30) -> None:
        self.told: list[str] = []
        self.ami = Ami(
            "127.0.0.1",
            port,
            "mcu",
            "x",
            on_event=lambda event: self.told.append(str(event.event)),
            on_up=lambda: self.told.append("(up)"),
            on_down=lambda reason: self.told.append(f"(down: {reason})"),
            action_timeout=timeout,
            ping_interval=0.1,
        )


@pytest.fixture
async def server() -> AsyncIterator[FakeAmi]:
    async with FakeAmi() as running:
        yield running


@pytest.fixture
async def link(server: FakeAmi) -> AsyncIterator[Link]:
    made = Link(server.port)
    await made.ami.start()
    await until(lambda: made.ami.connected, "login")
    yield made
    await made.ami.stop()


async def test_events_come_in_order_after_up(server: FakeAmi, link: Link) -> None:
    for name in ("One", "Two", "Three"):
        await server.connections[0].send({"Event": name})
    await until(lambda: len(link.told) == 4, "three events")
    assert link.told == ["(up)", "One", "Two", "Three"]


async def test_the_link_comes_back_after_a_restart(server: FakeAmi, link: Link) -> None:
    await server.go_away()
    await until(lambda: not link.ami.connected, "the loss")
    assert link.told[1].startswith("(down: ")
    with pytest.raises(AsteriskDown):
        await link.ami.action("Status")
    await server.listen()
    await until(lambda: link.ami.connected, "the link again")
    assert (await link.ami.action("Status")).success


async def test_it_connects_when_asterisk_starts_later() -> None:
    (port,) = free_ports(1)
    link = Link(port)
    await link.ami.start()
    await until(lambda: "cannot connect" in link.ami.down_reason, "a first failure")
    server = FakeAmi()
    server.port = port
    async with server:
        await until(lambda: link.ami.connected, "the link")
        await link.ami.stop()
    assert link.told == ["(up)", "(down: stopped)"]


async def test_an_asterisk_that_hangs_is_noticed(server: FakeAmi) -> None:
    server.answer_pings = False
    link = Link(server.port, timeout=0.3)
    await link.ami.start()
    await until(lambda: len(link.told) >= 2, "the loss")
    assert link.told[:2] == ["(up)", "(down: Asterisk did not answer Ping within 0.3 s)"]
    server.answer_pings = True
    await until(lambda: link.ami.connected, "the link again")
    await link.ami.stop()


async def test_half_an_event_is_not_mixed_with_the_next_connections(server: FakeAmi, link: Link) -> None:
    await server.connections[0].send_octets("Event: Old\r\nName: Hộ".encode()[:-1])
    server.connections[0].close()
    await until(lambda: len(server.connections) == 2 and link.ami.connected, "the link again")
    await server.connections[1].send({"Event": "New"})
    await until(lambda: "New" in link.told, "the new event")
    assert "Old" not in link.told


async def test_what_follows_a_shutdown_is_not_heard(server: FakeAmi, link: Link) -> None:
    await server.connections[0].send_octets(b"Event: Shutdown\r\n\r\nEvent: Late\r\n\r\n")
    await until(lambda: len(link.told) >= 2, "the loss")
    assert link.told[1] == "(down: Asterisk is shutting down)"
    await until(lambda: link.ami.connected, "the link again")
    assert "Late" not in link.told


async def test_a_late_answer_belongs_to_nobody() -> None:
    waiting: list[tuple[Connection, dict[str, str]]] = []

    async def hold_back(connection: Connection, action: dict[str, str]) -> None:
        waiting.append((connection, action))
        if action["Action"] == "Second":
            for late in waiting:
                await late[0].reply(late[1], message=late[1]["Action"])

    async with FakeAmi(hold_back) as server:
        link = Link(server.port)
        await link.ami.start()
        await until(lambda: link.ami.connected, "login")
        with pytest.raises(TimedOut):
            await link.ami.action("First", timeout=0.3)
        assert (await link.ami.action("Second")).message == "Second"
        await link.ami.stop()


async def test_stop_fails_what_is_unanswered() -> None:
    async def never(connection: Connection, action: dict[str, str]) -> None:
        pass

    async with FakeAmi(never) as server:
        link = Link(server.port)
        await link.ami.start()
        await until(lambda: link.ami.connected, "login")
        asked = asyncio.ensure_future(link.ami.action("Status"))
        await until(lambda: server.actions == ["Status"], "the action")
        await link.ami.stop()
        with pytest.raises(AsteriskDown, match="stopped"):
            await asked


async def test_a_callback_that_fails_does_not_break_the_link(server: FakeAmi) -> None:
    heard: list[Any] = []

    def fail(event: Any) -> None:
        heard.append(event)
        raise RuntimeError("in a callback")

    ami = Ami("127.0.0.1", server.port, "mcu", "x", on_event=fail)
    await ami.start()
    await until(lambda: ami.connected, "login")
    await server.connections[0].send_octets(b"Event: One\r\n\r\nEvent: Two\r\n\r\n")
    await until(lambda: len(heard) == 2, "both events")
    assert ami.connected
    await ami.stop()


RUBBISH = [b"\0\xff" * 500 + b"\r\n\r\n", b": :\r\n::\r\n\r\n", b"Event\r\n\r\n" * 50, b"\r\n" * 99]


@pytest.mark.parametrize("rubbish", RUBBISH)
async def test_rubbish_is_ignored(server: FakeAmi, link: Link, rubbish: bytes) -> None:
    await server.connections[0].send_octets(rubbish)
    await server.connections[0].send({"Event": "Sound"})
    await until(lambda: "Sound" in link.told, "the event after the rubbish")
    assert link.ami.connected


async def test_a_message_without_an_end_is_given_up(server: FakeAmi, link: Link) -> None:
    with contextlib.suppress(OSError):
        for _ in range(200):
            await server.connections[0].send_octets(b"X: " + b"x" * 65536 + b"\r\n")
    await until(lambda: len(link.told) >= 2, "the loss")
    assert link.told[1] == "(down: Asterisk sent a message without an end)"
