"""Two hundred sites in one conference: how long calling them takes, acts and events, and what control costs meanwhile.

The sites are played by SIPp, each at an address of its own (127.x.0.n, port 5060), with G.711 sound and no picture; two
terminals with pictures sit among them, so that there is one to make, and somebody who is listened to.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import time
from typing import Any

import httpx

from bench import meeting, wire
from bench.sites import Dialling, called, ended, people, talk
from mcu.bus import Peer, connect
from tests.probe import ClipFormat, palette
from tests.product import Mcu

Told = tuple[float, str, dict[str, Any]]
TONE = 950  # Hz, of the one whose sound is listened to


class Ears:
    """Every event of the bus, or of the event stream, with the moment at which it came."""

    def __init__(self) -> None:
        self._waiting: list[tuple[asyncio.Future[Told], str, dict[str, Any]]] = []
        self.count = 0

    def hear(self, event: str, data: dict[str, Any]) -> None:
        self.count += 1
        at = time.perf_counter()
        for waiting in list(self._waiting):
            future, name, wanted = waiting
            if name == event and all(data.get(key) == value for key, value in wanted.items()):
                self._waiting.remove(waiting)
                if not future.done():
                    future.set_result((at, event, data))

    def expect(self, event: str, **wanted: Any) -> asyncio.Future[Told]:
        future: asyncio.Future[Told] = asyncio.get_running_loop().create_future()
        self._waiting.append((future, event, wanted))
        return future


async def stream(mcu: Mcu, token: str, ears: Ears, opened: asyncio.Event) -> None:
    """The web's event stream, as a program reads it."""
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        httpx.AsyncClient(timeout=None) as client,  # it is open as long as the bench lasts
        client.stream("GET", f"http://127.0.0.1:{mcu.web_port}/api/v1/events", headers=headers) as answer,
    ):
        answer.raise_for_status()
        opened.set()
        name = ""
        async for line in answer.aiter_lines():
            if line.startswith("event:"):
                name = line[6:].strip()
            elif line.startswith("data:"):
                ears.hear(name, json.loads(line[5:]))


async def acts(bus: Peer, ears: Ears, web: Ears, who: list[str], rounds: int) -> list[tuple[str, object]]:
    answered, done, seen = [], [], []
    for n in range(rounds + rounds % 2):  # who is muted is heard again: muted twice tells nothing
        ident, on = who[n // 2 % len(who)], n % 2 == 0
        on_bus = ears.expect("participant.changed", id=ident, muted=on)
        on_web = web.expect("participant.changed", id=ident, muted=on)
        begun = time.perf_counter()
        await bus.call("room.act", room=meeting.ROOM, act="mute", participant=ident, on=on)
        answered.append(time.perf_counter() - begun)
        async with asyncio.timeout(20):
            (at, _, _), (shown, _, _) = await on_bus, await on_web
        done.append(at - begun)
        seen.append(shown - begun)
        await asyncio.sleep(0.1)
    return [
        ("mute: answered", meeting.summary(answered)),
        ("mute: Asterisk has done it and said so", meeting.summary(done)),
        ("mute: on the event stream", meeting.summary(seen)),
    ]


async def floors(bus: Peer, ears: Ears, web: Ears, who: list[str], rounds: int) -> list[tuple[str, object]]:
    answered, first, seen = [], [], []
    for n in range(rounds):
        ident = who[7 * n % len(who)]
        told = ears.expect("direction.changed", mode="floor", focus=ident)
        shown = web.expect("direction.changed", mode="floor", focus=ident)
        opened = ears.expect("participant.changed", id=ident, muted=False)
        begun = time.perf_counter()
        await bus.call("room.act", room=meeting.ROOM, act="floor", participant=ident)
        answered.append(time.perf_counter() - begun)
        async with asyncio.timeout(20):
            await told
            seen.append((await shown)[0] - begun)
            if n:  # with the first one it was open
                first.append((await opened)[0] - begun)
        await asyncio.sleep(0.3)
    begun = time.perf_counter()
    await bus.call("room.act", room=meeting.ROOM, act="free_talk")
    freed = time.perf_counter() - begun
    return [
        ("floor: answered, all microphones as ordered", meeting.summary(answered)),
        ("floor: the site's microphone is open", meeting.summary(first)),
        ("floor: on the event stream", meeting.summary(seen)),
        ("free talk: all microphones open", f"{1000 * freed:.0f} ms"),
    ]


async def joined(mcu: Mcu, ears: Ears) -> list[tuple[str, object]]:
    """Ten terminals with pictures come and go, one after the other."""
    answers, shown, pictures = [], [], []
    for number in range(1, 11):
        form = ClipFormat(palette(number)[0], kbps=700, frames=300)
        async with meeting.seat(mcu, number, watch=True, clip=form) as newcomer:
            told = ears.expect("participant.joined", name=f"Site {number + 1}")
            begun = time.perf_counter()
            await newcomer.dial(meeting.ROOM)
            answers.append(newcomer.call.answered_at - newcomer.call.invited_at)
            async with asyncio.timeout(20):
                shown.append((await told)[0] - begun)
            pictures.append(await newcomer.first_picture(15))
        await asyncio.sleep(0.7)  # the shared encoder makes a keyframe at most every half second
    return [
        ("a terminal joins: 200 OK", meeting.summary(answers)),
        ("a terminal joins: on the bus", meeting.summary(shown)),
        ("a terminal joins: first decodable picture", meeting.summary(pictures)),
    ]


async def measured(options: argparse.Namespace, rows: list[tuple[str, object]]) -> None:
    ears, web, dialling = Ears(), Ears(), Dialling()
    limits = {"MCU_LIMITS__ROOM_MEMBERS": str(options.sites + 100), "MCU_DIALLING__PER_SECOND": str(options.pace)}

    def hear(event: str, data: dict[str, Any]) -> None:
        ears.hear(event, data)
        dialling.hear(event, data)

    async with meeting.product(**limits) as mcu, contextlib.AsyncExitStack() as stack:
        bus = await connect(mcu.home / "run" / "control.sock", {}, hear)
        stack.callback(bus.close)
        await bus.call("bus.subscribe")
        token = await bus.call("token.create", name="bench", login="admin", scopes=["read"])
        opened = asyncio.Event()
        reader = asyncio.create_task(stream(mcu, token["token"], web, opened))
        stack.callback(reader.cancel)
        await asyncio.wait_for(opened.wait(), 10)
        sites = await stack.enter_async_context(called(mcu, bus, options.sites))
        voice = await stack.enter_async_context(meeting.seat(mcu, 0, tone=TONE))
        await voice.dial(meeting.ROOM)
        ear = await stack.enter_async_context(meeting.seat(mcu, 11, tone=0, listen=True))
        await ear.dial(meeting.ROOM)
        await asyncio.sleep(2)  # Asterisk reads its new configuration

        before, begun = meeting.usage(mcu), time.monotonic()
        answer = await bus.call("call.all", room=meeting.ROOM, who="all")
        rows.append(("call.all answered", f"{time.monotonic() - begun:.2f} s"))
        assert len(answer["calls"]) == options.sites, answer["skipped"]
        while len(there := await people(bus)) < options.sites + 2:
            if time.monotonic() - begun > 180:
                raise SystemExit(f"only {len(there)} came: {await bus.call('call.list', room=meeting.ROOM)}")
            await asyncio.sleep(0.25)
        rows.append((f"{options.sites} sites called and there", f"{time.monotonic() - begun:.1f} s"))
        rows += dialling.rows()
        meeting.show_cpu("While they are called", meeting.share(before, meeting.usage(mcu)))

        rows += await joined(mcu, ears)
        await asyncio.sleep(3)
        before = meeting.usage(mcu)
        await asyncio.sleep(options.seconds)
        meeting.show_cpu("Nobody speaks", meeting.share(before, meeting.usage(mcu)))
        before, heard = meeting.usage(mcu), ears.count
        turns = await talk(sites, options.seconds)
        share = meeting.share(before, meeting.usage(mcu))
        meeting.show_cpu("They speak in turn", share)
        rows.append(("turns of speech a second, events on the bus a second",
                     f"{turns / options.seconds:.1f}, {(ears.count - heard) / options.seconds:.1f}"))  # fmt: skip
        rows.append(("control's CPU, share of a core", f"{100 * share['control']:.1f} %"))

        who = [person["id"] for person in there if person["kind"] == "dialled"]
        (speaker,) = [person["id"] for person in there if person["name"] == "Site 1"]
        rows += await wire.muted(bus, speaker, TONE, ear, options.acts // 3)
        rows += await acts(bus, ears, web, who, options.acts)
        talking = asyncio.create_task(talk(sites, 3600))
        stack.callback(talking.cancel)
        busy = await wire.muted(bus, speaker, TONE, ear, options.acts // 3)
        busy += await wire.all_muted(bus, TONE, ear, options.acts // 10)
        busy += await acts(bus, ears, web, who, options.acts)
        rows += [(f"{what}, while they speak", value) for what, value in busy]
        rows += await floors(bus, ears, web, who, max(3, options.acts // 10))
        talking.cancel()
        rows += await ended(mcu, bus, sites)


async def bench(options: argparse.Namespace) -> None:
    rows: list[tuple[str, object]] = []
    try:
        await measured(options, rows)
    finally:
        meeting.show(f"{options.sites} sites in one conference", ("what", "measured"), rows)


if __name__ == "__main__":
    meeting.run(bench, __doc__ or "", sites=200, seconds=20, acts=100, pace=5)
