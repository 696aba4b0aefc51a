"""panoramisk 1.4's faults: each check runs against stock panoramisk, where the fault must show, and against ours.

So a new panoramisk that has mended one makes its test fail, and the cure can go.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from typing import Any, Protocol

import panoramisk
import pytest
from panoramisk.fast_agi import Application

from mcu.asterisk.ami import Ami
from mcu.asterisk.fastagi import EntryServer
from mcu.core.entry.answers import EntryAnswer, EntryRequest
from mcu.errors import AsteriskDown, BadRequest, TimedOut
from tests.asterisk.fake_ami import Answer, Connection, FakeAmi
from tests.waiting import until


class Client(Protocol):
    """What the checks need of an AMI client."""

    events: list[Any]

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    def ready(self) -> bool: ...
    def ask(self, action: str, fields: dict[str, str], as_list: bool = False) -> Awaitable[Any]: ...
    def complaint(self) -> str: ...


class Stock:
    def __init__(self, port: int, caplog: pytest.LogCaptureFixture) -> None:
        self.events: list[Any] = []
        self._caplog = caplog
        self._manager = panoramisk.Manager(
            host="127.0.0.1", port=port, username="mcu", secret="x", ping_delay=60, reconnect_timeout=0
        )

    async def start(self) -> None:
        self._manager.loop = asyncio.get_running_loop()
        self._manager.register_event("*", lambda _, event: self.events.append(event))
        await self._manager.connect()

    async def stop(self) -> None:
        self._manager.connect = lambda: None  # or it would go on connecting
        self._manager.close()
        await settled()
        self._manager.close()  # what was being connected meanwhile

    def ready(self) -> bool:
        return bool(self._manager.authenticated)

    def ask(self, action: str, fields: dict[str, str], as_list: bool = False) -> Awaitable[Any]:
        future: Awaitable[Any] = self._manager.send_action({"Action": action, **fields}, as_list=as_list)
        return future

    def complaint(self) -> str:
        return " ".join(r.getMessage() for r in self._caplog.records if r.levelno >= logging.WARNING)


class Ours:
    def __init__(self, port: int, caplog: pytest.LogCaptureFixture) -> None:
        self.events: list[Any] = []
        self._ami = Ami("127.0.0.1", port, "mcu", "x", on_event=self.events.append, action_timeout=3)

    async def start(self) -> None:
        await self._ami.start()

    async def stop(self) -> None:
        await self._ami.stop()

    def ready(self) -> bool:
        return self._ami.connected

    def ask(self, action: str, fields: dict[str, str], as_list: bool = False) -> Awaitable[Any]:
        return (self._ami.list_action if as_list else self._ami.action)(action, fields)

    def complaint(self) -> str:
        return self._ami.down_reason


Make = Callable[[int], Client]


@pytest.fixture
def stock(caplog: pytest.LogCaptureFixture) -> Make:
    return lambda port: Stock(port, caplog)


@pytest.fixture
def ours(caplog: pytest.LogCaptureFixture) -> Make:
    return lambda port: Ours(port, caplog)


@asynccontextmanager
async def linked(make: Make, answer: Answer | None = None) -> AsyncIterator[tuple[Client, FakeAmi]]:
    async with FakeAmi(answer) as server:
        client = make(server.port)
        await client.start()
        try:
            await until(client.ready, "login")
            yield client, server
        finally:
            await client.stop()


async def settled() -> None:
    """Let everything that loopback has already delivered be read: each turn of the loop polls the sockets once."""
    for _ in range(20):
        await asyncio.sleep(0)


# --- 1. a letter split across two reads ------------------------------------------------------------------------------


async def name_in_two_reads(make: Make) -> str:
    async with linked(make) as (client, server):
        octets = "Event: Named\r\nName: Hội nghị\r\n\r\n".encode()
        middle = octets.index("ộ".encode()) + 1
        await server.connections[0].send_octets(octets[:middle])
        await settled()
        await server.connections[0].send_octets(octets[middle:])
        await until(lambda: [event for event in client.events if event.event == "Named"], "the event")
        return next(str(event.name) for event in client.events if event.event == "Named")


async def test_a_letter_split_across_two_reads_survives(ours: Make) -> None:
    assert await name_in_two_reads(ours) == "Hội nghị"


async def test_stock_loses_a_letter_split_across_two_reads(stock: Make) -> None:
    assert await name_in_two_reads(stock) == "Hi nghị"


# --- 2. line breaks in values ----------------------------------------------------------------------------------------


async def actions_after_injection(make: Make) -> list[str]:
    async with linked(make) as (client, server):
        evil = "x\r\n\r\nAction: Originate\r\nChannel: PJSIP/evil"
        with pytest.raises(BadRequest) if isinstance(client, Ours) else nullcontext():
            await client.ask("Setvar", {"Variable": "A", "Value": evil})
        await client.ask("CoreStatus", {})
        return server.actions


async def test_a_line_break_in_a_value_is_refused(ours: Make) -> None:
    assert await actions_after_injection(ours) == ["CoreStatus"]


async def test_stock_sends_a_second_action_out_of_a_value(stock: Make) -> None:
    assert await actions_after_injection(stock) == ["Setvar", "Originate", "CoreStatus"]


@pytest.mark.parametrize("bad", ["a\rb", "a\nb", "a\0b"])
@pytest.mark.parametrize("where", ["action", "header", "value", "list"])
async def test_nothing_breaks_out_of_its_line(ours: Make, bad: str, where: str) -> None:
    async with linked(ours) as (client, server):
        action = bad if where == "action" else "Setvar"
        fields: Any = {"header": {bad: "x"}, "value": {"Value": bad}, "list": {"Variable": ["x", bad]}}.get(where, {})
        with pytest.raises(BadRequest):
            await client.ask(action, fields)
        assert server.actions == []


# --- 3. what was unanswered when the link broke ----------------------------------------------------------------------


async def originates_after_reconnect(make: Make) -> int:
    async def hang_up_on_first(connection: Connection, action: dict[str, str]) -> None:
        if action["Action"] == "Originate" and len(server.connections) == 1:
            connection.close()
        else:
            await connection.reply(action)

    async with linked(make, hang_up_on_first) as (client, server):
        asked = asyncio.ensure_future(client.ask("Originate", {"Channel": "PJSIP/site"}))
        await until(lambda: len(server.connections) == 2 and client.ready(), "the second link")
        await asyncio.wait({asyncio.ensure_future(client.ask("CoreStatus", {}))})
        await settled()
        if isinstance(client, Ours):
            with pytest.raises(AsteriskDown):
                await asked
        else:
            await asyncio.wait({asked}, timeout=30)
        return server.actions.count("Originate")


async def test_what_was_unanswered_fails_and_is_not_sent_again(ours: Make) -> None:
    assert await originates_after_reconnect(ours) == 1


async def test_stock_dials_twice_after_a_reconnect(stock: Make) -> None:
    assert await originates_after_reconnect(stock) == 2


# --- 4. waiting for ever, silent login failures, no link -------------------------------------------------------------


async def never(connection: Connection, action: dict[str, str]) -> None:
    """No answer."""


async def test_an_action_without_an_answer_times_out(ours: Make) -> None:
    async with linked(ours, never) as (client, _):
        with pytest.raises(TimedOut, match="CoreStatus"):
            await client.ask("CoreStatus", {})


async def test_stock_waits_for_ever(stock: Make) -> None:
    async with linked(stock, never) as (client, _):
        future = asyncio.ensure_future(client.ask("CoreStatus", {}))
        done, _ = await asyncio.wait({future}, timeout=1)
        assert not done
        future.cancel()


async def no_such_list(connection: Connection, action: dict[str, str]) -> None:
    await connection.reply(action, "Error", "No active conferences.")


async def test_a_list_that_begins_with_an_error_ends_with_it(ours: Make) -> None:
    async with linked(ours, no_such_list) as (client, _):
        (answer,) = await client.ask("ConfbridgeListRooms", {}, as_list=True)
        assert answer.message == "No active conferences."


async def test_stock_waits_for_ever_for_a_list_that_begins_with_an_error(stock: Make) -> None:
    async with linked(stock, no_such_list) as (client, _):
        future = asyncio.ensure_future(client.ask("ConfbridgeListRooms", {}, as_list=True))
        done, _ = await asyncio.wait({future}, timeout=1)
        assert not done
        future.cancel()


async def complaint_of_refused_login(make: Make) -> str:
    async with FakeAmi(refuse_login=True) as server:
        client = make(server.port)
        await client.start()
        await until(lambda: server.connections and server.connections[0].actions, "the login")
        if isinstance(client, Ours):
            await until(lambda: "not connected" not in client.complaint(), "its reason")
        await settled()
        complaint = client.complaint()
        await client.stop()
        assert not client.ready()
        return complaint


async def test_a_refused_login_tells_the_reason(ours: Make) -> None:
    complaint = await complaint_of_refused_login(ours)
    assert "AMI user mcu" in complaint
    assert "Authentication failed" in complaint


async def test_stock_says_nothing_about_a_refused_login(stock: Make) -> None:
    assert "Authentication failed" not in await complaint_of_refused_login(stock)


async def test_without_a_link_an_action_says_so(ours: Make) -> None:
    with pytest.raises(AsteriskDown, match="not connected yet"):
        await ours(1).ask("CoreStatus", {})


async def test_stock_stumbles_without_a_link(stock: Make) -> None:
    with pytest.raises(AttributeError):
        await stock(1).ask("CoreStatus", {})


# --- an outcome that comes with its action's response (no fault of theirs; ours once) --------------------------------


async def outcomes_of_dial(make: Make) -> list[str]:
    async def both_at_once(connection: Connection, action: dict[str, str]) -> None:
        if action["Action"] == "Originate":
            ident = f"ActionID: {action['ActionID']}\r\n"
            response = f"Response: Success\r\n{ident}Message: Originate successfully queued\r\n\r\n"
            outcome = f"Event: OriginateResponse\r\n{ident}Response: Failure\r\nReason: 5\r\n\r\n"
            await connection.send_octets((response + outcome).encode())
        else:
            await connection.reply(action)

    async with linked(make, both_at_once) as (client, _):
        await asyncio.wait({asyncio.ensure_future(client.ask("Originate", {"Channel": "PJSIP/site"}))}, timeout=5)
        await client.ask("CoreStatus", {})  # by its answer all before it has been read
        return [str(event.reason) for event in client.events if event.event == "OriginateResponse"]


async def test_an_outcome_in_the_same_read_as_its_response_is_heard(ours: Make) -> None:
    assert await outcomes_of_dial(ours) == ["5"]


# --- 5. a FastAGI client that leaves early ---------------------------------------------------------------------------


class Spins(Exception):
    pass


class CountingReader(asyncio.StreamReader):
    """At its end from the start; reading it again and again is an error instead of an endless loop."""

    def __init__(self) -> None:
        super().__init__()
        self.feed_eof()
        self.reads = 0

    def _count(self) -> None:
        self.reads += 1
        if self.reads > 100:
            raise Spins

    async def read(self, n: int = -1) -> bytes:
        self._count()
        return await super().read(n)

    async def readuntil(self, separator: Any = b"\n") -> bytes:
        self._count()
        return await super().readuntil(separator)


class ClosedWriter:
    def close(self) -> None:
        pass

    async def wait_closed(self) -> None:
        pass

    def get_extra_info(self, name: str) -> None:
        return None


async def test_a_client_that_leaves_early_costs_nothing() -> None:
    async def never_asked(request: EntryRequest) -> EntryAnswer:
        raise AssertionError(request)

    reader = CountingReader()
    await EntryServer("127.0.0.1", 0, never_asked, "x")._serve(reader, ClosedWriter())  # type: ignore[arg-type]
    assert reader.reads == 1


async def test_stock_spins_when_a_client_leaves_early() -> None:
    with pytest.raises(Spins):
        await Application(loop=asyncio.get_running_loop()).handler(CountingReader(), ClosedWriter())
