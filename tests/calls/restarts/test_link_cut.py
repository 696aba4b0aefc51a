"""The link between control and Asterisk is cut for five seconds: no act is lost or done twice.

Control runs in this process, behind a link of our own; Asterisk and the rest are the product's. The supervisor is
stopped meanwhile, so that it starts no other control.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from mcu.asterisk.switch import Switch
from mcu.bus import Peer, connect
from mcu.config import Settings, load
from mcu.control.process import Control
from mcu.errors import AsteriskDown
from tests.calls.dialled.light import LightSite, sites
from tests.patience import Patience
from tests.product import Mcu
from tests.waiting import until_in_thread

_CUT = 5.0  # s


@dataclass
class Link:
    """TCP to Asterisk's AMI, which can be cut. ``to_asterisk`` and ``to_control``: does it carry what is sent? What
    follows ``last`` is not answered."""

    target: int
    to_asterisk: bool = True
    to_control: bool = True
    last: bytes = b""
    up: bool = True
    port: int = 0
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.up:
            writer.close()
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        self._writers += [writer, far_writer]
        for source, sink, carries in ((reader, far_writer, "to_asterisk"), (far_reader, writer, "to_control")):
            task = asyncio.create_task(self._carry(source, sink, carries))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, carries: str) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await source.read(65536):
                if self.last and carries == "to_asterisk" and self.last in data:
                    self.to_control = False
                if getattr(self, carries):
                    sink.write(data)
        sink.close()

    def cut(self) -> None:
        self.up = False
        for writer in self._writers:
            writer.close()
        self._writers.clear()

    def mend(self) -> None:
        self.up = self.to_asterisk = self.to_control = True
        self.last = b""

    async def close(self) -> None:
        self.cut()
        if self._server:
            self._server.close()
            await self._server.wait_closed()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@dataclass
class House:
    """Control in this process."""

    mcu: Mcu
    link: Link
    control: Control
    client: Peer

    async def call(self, method: str, /, **args: Any) -> Any:
        return await self.client.call(method, **args)

    async def people(self, room: str) -> list[dict[str, Any]]:
        return list((await self.call("room.show", number=room))["participants"])

    @property
    def connected(self) -> bool:
        return self.control.controller.switch.connected

    async def muted(self, room: str) -> dict[str, bool]:
        return {p["name"]: p["muted"] for p in await self.people(room)}

    async def dial(self, room: str, site: LightSite) -> str:
        return str((await self.call("call.dial", room=room, address=site.uri, name=site.name))["id"])


@pytest.fixture
async def house(own_mcu: Mcu, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    for name, value in own_mcu.environment.items():
        if name.startswith("MCU_"):
            monkeypatch.setenv(name, value)
    settings = load()
    link = Link(settings.asterisk.ami_port)
    await link.start()

    def make_switch(given: Settings, hear: Any) -> Switch:
        asterisk = given.asterisk.model_copy(update={"ami_port": link.port})
        return Switch(given.model_copy(update={"asterisk": asterisk}), hear)

    os.kill(own_mcu.supervisor, signal.SIGSTOP)
    own_mcu.kill("control")
    control = Control(settings, make_switch)
    try:
        await control.start()
        client = await connect(settings.control_socket, {})
        house = House(own_mcu, link, control, client)
        await until_connected(house)
        yield house
        client.close()
        await client.wait_closed()
    finally:
        await control.stop()
        await link.close()
        os.kill(own_mcu.supervisor, signal.SIGCONT)
        await asyncio.to_thread(own_mcu.await_, own_mcu.ready, 30, "the supervisor's own control is back")


async def until_there(house: House, room: str, people: int) -> None:
    """Wait until at least so many are in the room."""
    patience = Patience(20)
    while len(await house.people(room)) < people:
        assert not patience.over, f"{patience}: {people} in room {room}"
        await asyncio.sleep(0.05)


async def until_connected(house: House) -> None:
    await until_in_thread(lambda: house.connected, "the link stands", 30)


async def test_acts_while_the_link_is_cut(house: House) -> None:
    room = "1001"
    async with sites(3) as (first, second, third):
        ids = [await house.dial(room, first), await house.dial(room, second)]
        await until_there(house, room, 2)

        # Taken on and sent, but never delivered; and the link breaks before an answer: done once it is back.
        house.link.to_asterisk = False
        ordered = asyncio.create_task(house.call("room.act", room=room, act="mute", participant=ids[0], on=True))
        dialled = await house.dial(room, third)
        house.link.cut()
        assert (await ordered)["changed"] == [ids[0]]
        await until_in_thread(lambda: not house.connected, "control knows that the link is down")
        for method, args in (
            ("room.act", {"act": "mute", "participant": ids[1], "on": True}),
            ("room.act", {"act": "floor", "participant": ids[1]}),
            ("room.act", {"act": "drop", "participant": ids[1]}),
            ("call.dial", {"address": third.uri}),
        ):
            with pytest.raises(AsteriskDown):
                await house.call(method, room=room, **args)
        await asyncio.sleep(_CUT)
        assert third.calls == 0
        house.link.mend()
        await until_connected(house)

        # What was refused is not done later, by anybody; what was taken on is done, and once.
        await until_in_thread(lambda: third.calls == 1, "the third site is called")
        await until_there(house, room, 3)
        wanted = {first.name: True, second.name: False, third.name: False}
        patience = Patience(20)
        while (muted := await house.muted(room)) != wanted:
            assert not patience.over, f"{patience}: {wanted}; they are {muted}"
            await asyncio.sleep(0.05)
        assert {p["id"] for p in await house.people(room)} == {*ids, dialled}
        assert (await house.call("room.direction", room=room))["mode"] == "free"
        assert (first.calls, second.calls, third.calls) == (1, 1, 1)
        assert await house.call("call.list", room=room) == []


async def test_what_was_done_but_not_answered(house: House) -> None:
    """Delivered, and then the link breaks: the truth is read back, and nothing is done a second time."""
    room = "1001"
    async with sites(2) as (first, second):
        ids = [await house.dial(room, first)]
        await until_there(house, room, 1)
        house.link.to_control = False
        act = asyncio.create_task(house.call("room.act", room=room, act="mute", participant=ids[0], on=True))
        dialled = await house.dial(room, second)
        await until_in_thread(lambda: second.calls == 1, "the second site is called")
        house.link.cut()
        await act
        await asyncio.sleep(_CUT)
        first.hang_up(16)
        house.link.mend()
        await until_connected(house)
        await asyncio.sleep(0)
        patience = Patience(20)
        while [p["id"] for p in await house.people(room)] != [dialled]:
            assert not patience.over, f"{patience}: the second site alone; there are {await house.people(room)}"
            await asyncio.sleep(0.05)
        assert await house.call("call.list", room=room) == []
        assert (first.calls, second.calls) == (1, 1), "who hung up is left alone, and nobody is called twice"


@pytest.mark.parametrize("done", [True, False])
async def test_a_move_whose_answer_is_lost(house: House, done: bool) -> None:
    """The terminal is where Asterisk has it, and what it was."""
    await house.call("room.create", number="1002", name="Hai")
    async with sites(1) as (site,):
        who = await house.dial("1001", site)
        await until_there(house, "1001", 1)
        await house.call("room.act", room="1001", act="rename", participant=who, name="Phòng họp 2")
        await house.call("room.act", room="1001", act="gain", participant=who, direction="in", db=6)
        if done:
            house.link.last = b"Action: Redirect"
        else:
            house.link.to_asterisk = False
        move = asyncio.create_task(house.call("room.act", room="1001", act="move", participant=who, to="1002"))
        room = "1002" if done else "1001"
        if done:
            await until_in_thread(lambda: "1002" in house.mcu.console("confbridge list"), "Asterisk has moved it")
        house.link.cut()
        await asyncio.gather(move, return_exceptions=True)
        await until_in_thread(lambda: not house.connected, "control knows that the link is down")
        house.link.mend()
        await until_connected(house)
        await until_there(house, room, 1)
        (there,) = await house.people(room)
        assert (there["id"], there["name"], there["gain_in"], there["dialled"]) == (who, "Phòng họp 2", 6.0, True)
        assert house.control.controller.bridge.dial_out.kept(who) is not None, (
            "it is called again should its line break"
        )
        assert site.calls == 1
