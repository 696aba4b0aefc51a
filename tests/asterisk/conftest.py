"""A real Asterisk, the switch on it, and a door whose answers a test sets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import TypeVar

import pytest

from mcu.asterisk.fastagi import EntryServer
from mcu.asterisk.secrets import agi_secret
from mcu.asterisk.switch import Switch
from mcu.core.directory.accounts import TerminalAccount
from mcu.core.entry.answers import Admit, EntryAnswer, EntryRequest
from mcu.core.events import Event, SwitchUp
from tests.asterisk.running import RunningAsterisk, free_ports
from tests.asterisk.sipp import Sipp
from tests.waiting import until

Kind = TypeVar("Kind", bound=Event)

PASSWORD = 'p;"[x]=ệ'
STRANGER = '"Stranger" <sip:stranger@127.0.0.1>'


@pytest.fixture(scope="session")
def asterisk() -> Iterator[RunningAsterisk]:
    """One Asterisk for all tests that leave it alive."""
    server = RunningAsterisk(
        [TerminalAccount(name="site1", password=PASSWORD), TerminalAccount(name="hall", address="127.0.0.2")]
    )
    server.start()
    try:
        yield server
    finally:
        server.remove()


@pytest.fixture
def own_asterisk() -> Iterator[RunningAsterisk]:
    """One for a test that ends it."""
    server = RunningAsterisk()
    server.start()
    try:
        yield server
    finally:
        server.remove()


class Bench:
    """One Asterisk with everything around it that a call needs."""

    def __init__(self, server: RunningAsterisk) -> None:
        self.asterisk = server
        self.events: list[Event] = []
        self.requests: list[EntryRequest] = []
        self.answer: Callable[[EntryRequest], EntryAnswer] = lambda request: Admit(
            participant="0000000a",
            room=request.number,
            name="Phòng họp",
            muted=False,
            view="v-1001-hd",
            language="en",
        )
        self.switch = Switch(server.settings, self.events.append)
        agi_port = server.settings.asterisk.agi_port
        self.door = EntryServer("127.0.0.1", agi_port, self._decide, agi_secret(server.settings))
        self._processes: list[Sipp] = []

    async def _decide(self, request: EntryRequest) -> EntryAnswer:
        self.requests.append(request)
        return self.answer(request)

    async def open(self) -> None:
        await self.switch.start()
        await self.door.start()
        await self.heard(SwitchUp, timeout=30)

    async def close(self) -> None:
        for process in self._processes:
            await process.stop()
        if self.switch.connected:
            await self.asterisk.console("channel request hangup all")
            await self.asterisk.emptied()
        await self.switch.stop()
        await self.door.stop()

    async def call(self, number: str, scenario: str = "call", caller: str = STRANGER, tcp: bool = False) -> Sipp:
        sip = self.asterisk.settings.sip.port
        return await self._run(Sipp(scenario, free_ports(1)[0], remote=sip, number=number, caller=caller, tcp=tcp))

    async def mixer(self, scenario: str = "mixer") -> Sipp:
        return await self._run(Sipp(scenario, self.asterisk.settings.mixer.sip_port))

    async def _run(self, sipp: Sipp) -> Sipp:
        self._processes.append(sipp)
        return await sipp.start()

    async def heard(self, kind: type[Kind], count: int = 1, timeout: float = 5.0) -> Kind:
        """The ``count``-th event of that kind, as soon as it is there."""

        def found() -> list[Kind]:
            return [event for event in self.events if isinstance(event, kind)]

        await until(lambda: len(found()) >= count, f"{kind.__name__} number {count}; heard {self.events}", timeout)
        return found()[count - 1]


@pytest.fixture
async def bench(asterisk: RunningAsterisk) -> AsyncIterator[Bench]:
    ready = Bench(asterisk)
    await ready.open()
    yield ready
    await ready.close()


@pytest.fixture
async def own_bench(own_asterisk: RunningAsterisk) -> AsyncIterator[Bench]:
    ready = Bench(own_asterisk)
    await ready.open()
    yield ready
    await ready.close()
