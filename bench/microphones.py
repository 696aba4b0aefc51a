"""Acts that close or open two hundred microphones: until Asterisk has done the last one, until bus and event stream
have told of it, until the act is answered.

Asterisk is listened to by a link of the bench's own to its manager interface: what it says there it has done. To say
it once more takes Asterisk time; ``--listen 0`` does without.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import time
from typing import Any

from bench import meeting
from bench.sites import called, people
from bench.two_hundred import Ears, stream
from mcu.asterisk.secrets import AMI_USER
from mcu.bus import Peer, connect
from tests.product import Mcu

Times = dict[str, list[float]]  # s, by what was measured
WITHIN = 30.0  # s for any of it
PAUSE = 0.5  # s between two acts


class LastOne:
    """Of the bus, or of the event stream: when the last of many microphones was told to be as it was ordered."""

    def __init__(self) -> None:
        self.muted: dict[str, bool] = {}
        self._left: set[str] = set()
        self._on = False
        self._told: asyncio.Future[float] | None = None

    def expect(self, who: set[str], on: bool) -> asyncio.Future[float]:
        self._told = asyncio.get_running_loop().create_future()
        self._left, self._on = set(who), on
        return self._told

    def hear(self, event: str, data: dict[str, Any]) -> None:
        if event != "participant.changed":
            return
        self.muted[data["id"]] = data["muted"]
        if data["muted"] is self._on:
            self._left.discard(data["id"])
        if not self._left and self._told is not None and not self._told.done():
            self._told.set_result(time.perf_counter())


class Wire:
    """Asterisk's manager interface, of which microphones are counted."""

    def __init__(self, mcu: Mcu) -> None:
        self._port = int(mcu.environment["MCU_ASTERISK__AMI_PORT"])
        self._secret = (mcu.home / "asterisk" / "secrets" / "ami").read_text("ascii").strip()
        self._left = 0
        self._done: asyncio.Future[float] | None = None
        self.first = 0.0  # when the first of them was done: of those who are heard, core orders it first

    async def listen(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 20)
        with contextlib.closing(writer):
            writer.write(f"Action: Login\r\nUsername: {AMI_USER}\r\nSecret: {self._secret}\r\n\r\n".encode("ascii"))
            while line := await reader.readline():
                if line in (b"Event: ConfbridgeMute\r\n", b"Event: ConfbridgeUnmute\r\n"):
                    self._left -= 1
                    self.first = self.first or time.perf_counter()
                    if self._left == 0 and self._done is not None:
                        self._done.set_result(time.perf_counter())

    def expect(self, count: int) -> asyncio.Future[float]:
        self._left, self.first, self._done = count, 0.0, asyncio.get_running_loop().create_future()
        return self._done


class Crowd:
    def __init__(self, bus: Peer, wire: Wire | None, on_bus: LastOne, on_web: LastOne) -> None:
        self._bus, self._wire, self._on_bus, self._on_web = bus, wire, on_bus, on_web
        self.times: dict[str, Times] = {}

    async def act(self, what: str, whom: set[str], closed: bool, act: str, /, **arguments: Any) -> None:
        """Do it, and wait for the last of those ``whom`` it closes or opens."""
        told, shown = self._on_bus.expect(whom, closed), self._on_web.expect(whom, closed)
        done = self._wire.expect(len(whom)) if self._wire else None
        begun = time.perf_counter()
        await self._bus.call("room.act", room=meeting.ROOM, act=act, timeout=WITHIN, **arguments)
        answered = time.perf_counter()
        async with asyncio.timeout(WITHIN):
            ends = {"on the bus": await told, "on the event stream": await shown}
            if self._wire and done:
                ends = {"done in Asterisk": await done, "the first done in Asterisk": self._wire.first, **ends}
        times = self.times.setdefault(f"{what} ({len(whom)})", {})
        for name, at in {**ends, "answered": answered}.items():
            times.setdefault(name, []).append(at - begun)
        await asyncio.sleep(PAUSE)

    async def round(self, who: list[str], speaker: str) -> None:
        """From free talk, all open, to free talk."""
        everybody, others = set(who), set(who) - {speaker}
        await self.act("mute all", everybody, True, "mute_all", on=True)
        await self.act("mute all, off", everybody, False, "mute_all", on=False)
        await self.act("floor, from free talk", others, True, "floor", participant=speaker)
        await self.act("free talk", others, False, "free_talk")
        await self.act("lecture", others, True, "lecture", participant=speaker, mute=True)
        await self.act("undo of the lecture", others, False, "undo")


async def bench(options: argparse.Namespace) -> None:
    on_bus, on_web = LastOne(), LastOne()
    limits = {"MCU_LIMITS__ROOM_MEMBERS": "300", "MCU_DIALLING__PER_SECOND": str(options.pace)}
    async with meeting.product(**limits) as mcu, contextlib.AsyncExitStack() as stack:
        bus = await connect(mcu.home / "run" / "control.sock", {}, on_bus.hear)
        stack.callback(bus.close)
        await bus.call("bus.subscribe")
        token = await bus.call("token.create", name="bench", login="admin", scopes=["read"])
        opened, ears = asyncio.Event(), Ears()
        wire = Wire(mcu) if options.listen else None
        ears.hear = on_web.hear  # type: ignore[method-assign]
        stack.callback(asyncio.create_task(stream(mcu, token["token"], ears, opened)).cancel)
        if wire:
            stack.callback(asyncio.create_task(wire.listen()).cancel)
        await asyncio.wait_for(opened.wait(), 10)
        await stack.enter_async_context(called(mcu, bus, options.sites))
        await asyncio.sleep(2)  # Asterisk reads its new configuration
        await bus.call("call.all", room=meeting.ROOM, who="all")
        async with asyncio.timeout(180):
            while len(there := await people(bus)) < options.sites:
                await asyncio.sleep(0.25)
        await asyncio.sleep(3)

        who = [person["id"] for person in there]
        crowd = Crowd(bus, wire, on_bus, on_web)
        before = meeting.usage(mcu)
        for n in range(options.rounds):
            await crowd.round(who, who[7 * n % len(who)])
        cpu = meeting.share(before, meeting.usage(mcu))
    rows = [
        (f"{what}: {name}", meeting.summary(values))
        for what, times in crowd.times.items()
        for name, values in times.items()
    ]
    meeting.show(f"{options.sites} microphones at a time", ("act (microphones): until", "measured"), rows)
    span = 1000 * sum(sum(times["answered"]) + PAUSE * len(times["answered"]) for times in crowd.times.values())
    count = sum(len(times["answered"]) for times in crowd.times.values())
    each = [(name, f"{share * span / count:.0f} ms") for name, share in cpu.items()]
    meeting.show("CPU for an act", ("process", "pause included"), each)


if __name__ == "__main__":
    meeting.run(bench, __doc__ or "", sites=200, rounds=20, pace=20, listen=1)
