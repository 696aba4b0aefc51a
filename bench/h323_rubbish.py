"""A hundred thousand wrong H.323 messages beside a meeting: who crashes, hangs, leaks, or hears a hole.

Setup, TerminalCapabilitySet, OpenLogicalChannel and RegistrationRequest in equal parts, from thousands of addresses of
this machine, in calls that are refused, half open, or up. Meanwhile an H.323 and a SIP terminal are in a room, and
every three seconds an honest terminal calls and another asks for the gatekeeper. Fails if anything fell.

Altered messages hold altered addresses: in a network namespace of its own (``unshare -n``) nothing leaves the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import multiprocessing
import random
import re
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from bench import meeting
from bench.h323_calls import LIMITS, idle, open_files, resident
from tests.calls.h323.rubbish import Rubbish, datagrams, stranger
from tests.h323 import vectors
from tests.probe import Terminal
from tests.probe.h323 import H323Terminal
from tests.probe.h323_light import LightTerminal
from tests.probe.pump import shared
from tests.probe.sound import Hole
from tests.product import Mcu

SETTINGS = LIMITS | {"MCU_H323__MOST_CALLS": "1000", "MCU_H323__FAST_START": "true"}
_OTHER_ROOM = "2001"
_WORD = re.compile(r"Traceback|\blevel=(?:error|critical)\b|Fatal error|never retrieved")


class Attack:
    """``sent`` counts messages by what they are made from."""

    def __init__(self, gateway: tuple[str, int], options: argparse.Namespace, progress: Any) -> None:
        self.gateway, self.options, self.progress = gateway, options, progress
        self.sent: Counter[str] = Counter()
        self.calls = self.unspoken = 0
        self._left = {"setup": 1, "control": 2, "registration": 1}  # of four
        self._quota = {kind: options.messages * part // 4 for kind, part in self._left.items()}

    async def run(self) -> None:
        workers = self.options.workers
        async with asyncio.TaskGroup() as group:
            for number in range(workers):
                group.create_task(self._worker(random.Random(self.options.seed * 1000 + number)))

    async def _worker(self, chance: random.Random) -> None:
        rubbish = Rubbish(chance)
        while True:
            open_ = {kind: left for kind in self._quota if (left := self._quota[kind] - self.sent[kind]) > 0}
            if not open_:
                return
            kind = chance.choices(list(open_), list(open_.values()))[0]
            before = self.sent[kind]
            with contextlib.suppress(OSError, TimeoutError):
                await getattr(self, f"_{kind}")(rubbish, chance)
            self.progress.value = sum(self.sent.values())
            # Each worker takes its part of the rate, however many messages that was.
            await asyncio.sleep(max(0.01, (self.sent[kind] - before) * self.options.workers / self.options.rate))

    async def _setup(self, rubbish: Rubbish, chance: random.Random) -> None:
        """A connection with some Setups, and now and then what should come later."""
        reader, writer = await asyncio.open_connection(*self.gateway, local_addr=(stranger(chance), 0))
        try:
            for _ in range(chance.choice((1, 1, 2, 4, 8))):
                writer.write(rubbish.setup())
                self.sent["setup"] += 1
                if chance.random() < 0.1:
                    writer.write(rubbish.signalling())
                await writer.drain()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(chance.choice((0.005, 0.02, 0.1))):
                        if not await reader.read(65536):
                            break
        finally:
            if chance.random() < 0.3:
                writer.transport.abort()
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _control(self, rubbish: Rubbish, chance: random.Random) -> None:
        """A call that begins as it should, and then says wrong things in H.245."""
        caller = LightTerminal(
            self.gateway, tunnelling=chance.random() < 0.5, video=chance.random() < 0.3, name="Rubbish",
            host=stranger(chance),
        )  # fmt: skip
        async with caller:
            self.calls += 1
            await caller.begin(chance.choice((_OTHER_ROOM, _OTHER_ROOM, _OTHER_ROOM, "", "99999")))
            if not await caller.answered():
                self.unspoken += 1
                return
            if chance.random() < 0.5:
                await asyncio.sleep(0.2)  # into the room
            for _ in range(chance.randrange(10, 80)):
                if not caller.up:
                    return
                caller.say(rubbish.control("terminalCapabilitySet", "openLogicalChannel"))
                self.sent["control"] += 1
                if chance.random() < 0.02:
                    caller.shout(rubbish.signalling())
                await asyncio.sleep(chance.choice((0, 0, 0.01, 0.05)))

    async def _registration(self, rubbish: Rubbish, chance: random.Random) -> None:
        with contextlib.closing(datagrams(stranger(chance))) as sock:
            for _ in range(10):
                sock.sendto(rubbish.registration(), (self.gateway[0], self.gateway[1] + 1))
                self.sent["registration"] += 1
                await asyncio.sleep(0.01)


def attack(gateway: tuple[str, int], options: argparse.Namespace, progress: Any) -> Attack:
    """In a process of its own: the innocents' packets are not to wait for Python's lock."""
    attacker = Attack(gateway, options, progress)
    asyncio.run(attacker.run())
    attacker.progress = None
    return attacker


class Honest:
    """Calls and asks for the gatekeeper every three seconds, as anybody else would."""

    def __init__(self, mcu: Mcu) -> None:
        self.mcu = mcu
        self.calls: list[float] = []
        self.answers: list[float] = []
        self.failures: list[str] = []

    async def run(self) -> None:
        while True:
            await self._call(len(self.calls) % 2 == 0)
            await self._ask()
            await asyncio.sleep(3)

    async def _call(self, tunnelling: bool) -> None:
        async with LightTerminal(self.mcu.h323, tunnelling=tunnelling, name="Honest") as caller:
            try:
                await caller.dial(_OTHER_ROOM)
                self.calls.append(caller.heard_at - caller.setup_at)
            except (OSError, TimeoutError) as fault:
                self.failures.append(f"call: {fault!r}")

    async def _ask(self) -> None:
        """Up to three times, as H.225.0 table 18 has it: datagrams are lost where a thousand come in a second."""
        loop, request = asyncio.get_running_loop(), vectors.pick("gatekeeperRequest").octets
        with contextlib.closing(datagrams("127.0.0.1")) as sock:
            begun = loop.time()
            for _ in range(3):
                await loop.sock_sendto(sock, request, (self.mcu.h323[0], self.mcu.h323[1] + 1))
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(5):
                        await loop.sock_recv(sock, 8192)
                    self.answers.append(loop.time() - begun)
                    return
        self.failures.append("the gatekeeper did not answer")


async def bench(options: argparse.Namespace) -> None:
    async with meeting.product(**SETTINGS) as mcu, contextlib.AsyncExitStack() as stack:
        mcu.bus.call("room.create", number=_OTHER_ROOM, name="Other", guests=True)
        pids, asterisk = mcu.pids(), mcu.pid("asterisk")
        gateway = pids["h323"]
        sip = await stack.enter_async_context(meeting.seat(mcu, 0, kbps=200, watch=True, listen=True))
        await sip.dial(meeting.ROOM)
        h323 = await stack.enter_async_context(H323Terminal(mcu.h323, colour="blue", tone=700, watch=False))
        await h323.dial(meeting.ROOM)
        await sip.hears({700}, {700, sip.tone})
        await h323.hears({sip.tone}, {700, sip.tone})
        await asyncio.sleep(options.quiet)  # what the machine does to sound by itself
        now = time.time() - 0.2
        floor = holes_of(sip, h323, now - options.quiet + 0.5, now)
        files = (open_files(gateway), open_files(asterisk))
        memory = [(0, resident(gateway), resident(asterisk))]
        honest, processes = Honest(mcu), multiprocessing.get_context("spawn")
        progress = stack.enter_context(processes.Manager()).Value("i", 0)
        pool = stack.enter_context(ProcessPoolExecutor(1, processes))
        before, begun, packets = meeting.usage(mcu), time.time(), h323.video.log.packets
        pictures, beside = sip.screen.pictures, asyncio.create_task(honest.run())
        attacking = asyncio.get_running_loop().run_in_executor(pool, attack, mcu.h323, options, progress)
        heard, shared().late = time.time(), 0.0
        holes: list[Hole] = []
        while not attacking.done():
            await asyncio.wait([attacking], timeout=10)
            memory.append((progress.value, resident(gateway), resident(asterisk)))
            until = time.time() - 0.2
            holes += holes_of(sip, h323, heard, until)
            heard = until
            span = time.time() - begun
            print(f"{span:5.0f} s {progress.value:7} messages, {memory[-1][1]:6.1f} MiB, {honest.failures}", flush=True)
        attacker = await attacking
        beside.cancel()
        await asyncio.gather(beside, return_exceptions=True)
        after, span = meeting.usage(mcu), time.time() - begun
        await asyncio.sleep(12)  # who said nothing is thrown out after ten seconds
        left = (open_files(gateway), open_files(asterisk))
        status, registered = mcu.bus.call("h323.status"), mcu.bus.call("h323.registered")
        told = words(mcu)
        restarted = [name for name in pids if mcu.pids().get(name) != pids[name]]
        tenths = [memory[part * (len(memory) - 1) // 10] for part in range(11)]
        rows: list[tuple[str, object]] = [
            (f"messages in {span:.0f} s, {attacker.calls} calls ({attacker.unspoken} unanswered)", dict(attacker.sent)),
            ("processes started anew", restarted or "none"),
            ("errors in the gateway's log", dict(told) or "none"),
            ("honest calls, Setup to sound", meeting.summary(honest.calls)),
            ("gatekeeper asked, to its answer", meeting.summary(honest.answers)),
            ("  that failed", honest.failures or "none"),
            (f"holes in the innocents' sound in {options.quiet} s before: {GAPS}", gaps(floor, options.quiet)),
            ("  during the attack", gaps(holes, span)),
            ("  the longest that the probes themselves were late, ms", 1000 * shared().late),
            ("pictures a second at the SIP terminal", (sip.screen.pictures - pictures) / span),
            ("video packets a second at the H.323 terminal", (h323.video.log.packets - packets) / span),
            ("gateway, MiB, at each tenth", " ".join(f"{one[1]:.0f}" for one in tenths)),
            ("Asterisk, MiB, before and after", f"{memory[0][2]:.0f} {memory[-1][2]:.0f}"),
            ("open files, gateway and Asterisk, before and after", f"{files} {left}"),
            ("calls, connections that are left", f"{status['calls']}, {status['connections']}"),
            ("registered", len(registered["endpoints"])),
        ]
        await h323.hang_up()
        await sip.hang_up()
        meeting.show("Rubbish over H.323", ("what", "measured"), rows)
        meeting.show_cpu("CPU, cores", meeting.share(before, after))
        if restarted:
            print(mcu.logs(30))
        await idle(mcu)  # nothing is left in Asterisk
        failed = restarted or told or honest.failures or status["calls"] != 1 or left[0] > files[0] + 2
    sys.exit(bool(failed))


GAPS = "a minute, longest"


def gaps(holes: list[Hole], span: float) -> str:
    longest = 1000 * max((hole.seconds for hole in holes), default=0.0)
    return f"{60 * len(holes) / span:.1f}, {longest:.0f} ms"


def holes_of(sip: Terminal, h323: H323Terminal, since: float, until: float) -> list[Hole]:
    return sip.ear.holes(h323.tone, since, until) + h323.ear.holes(sip.tone, since, until)


def words(mcu: Mcu) -> Counter[str]:
    """What the gateway's log says that it should not, and the line with it."""
    found: Counter[str] = Counter()
    for file in sorted((mcu.home / "log").glob("h323*")):
        for line in file.read_text(errors="replace").splitlines():
            if _WORD.search(line):
                found[line[:1500]] += 1
    for line, _ in found.most_common(5):
        print(line)
    return Counter({"lines": sum(found.values())} if found else {})


if __name__ == "__main__":
    meeting.run(bench, __doc__ or "", messages=100_000, workers=20, rate=500, quiet=15, seed=1)
