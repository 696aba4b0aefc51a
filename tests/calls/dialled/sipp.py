"""Sites by the hundred, played by one SIPp: each is called at an address of its own, port 5060, and speaks when told.

Debian's sip-tester, with sockets for each address (``-t ui``) and RTP streams. What makes a site speak is an INFO with
its call's Call-ID, sent to it from here: in Asterisk nobody sees that.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import random
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from mcu.bus import Peer
from tests.calls.dialled.light import ulaw
from tests.patience import Patience
from tests.waiting import until

_SCENARIOS = Path(__file__).parent
_RTP = range(31000, 32700, 4)  # below the ephemeral ports, above those of the products under test
SPEECH, HUSH = 0.4, 0.6  # s: a stream that only stops is no end of speech to Asterisk


def addresses(count: int) -> list[str]:
    """So many loopback addresses, which no other run of tests on this machine takes."""
    net = 16 + os.getpid() % 200
    return [f"127.{net}.{n // 250}.{n % 250 + 1}" for n in range(count)]


class SippSites:
    """``answer``: "200 OK", "180 Ringing" (until it is given up), or why they do not come, as "486 Busy Here"."""

    def __init__(self, at: Sequence[str], answer: str = "200 OK") -> None:
        self.addresses = list(at)
        self.answer = answer
        self._home = Path(tempfile.mkdtemp(prefix="mcu-sipp-"))
        self._process: asyncio.subprocess.Process | None = None
        self._mouth = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._read = 0
        self._calls: dict[str, list[str]] = {address: [] for address in self.addresses}

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def start(self) -> None:
        """Return when all can be called. Raises AssertionError with what SIPp says when they cannot."""
        program = shutil.which("sipp")
        assert program, "sipp is not installed (Debian's sip-tester)"
        taken = sorted(_taken(self.addresses))
        assert not taken, f"port 5060 of {', '.join(taken[:3])} is taken by another program"
        kind = {"1": "rings", "2": "site"}.get(self.answer[0], "refuses")
        scenario = (_SCENARIOS / f"sipp_{kind}.xml").read_text().replace("STATUS", self.answer)
        (self._home / "scenario.xml").write_text(scenario)
        (self._home / "voice.ul").write_bytes(_voice())
        (self._home / "sites.csv").write_text("SEQUENTIAL\n" + "".join(f"{at};\n" for at in self.addresses))
        arguments = ["-sf", "scenario.xml", "-t", "ui", "-inf", "sites.csv", "-ip_field", "0", "-p", "5060"]
        arguments += ["-i", self.addresses[0], "-mi", "127.0.0.1", "-mp", str(_sound_port()), "-max_socket", "10000"]
        arguments += [
            "-ci",
            "127.0.0.1",
            "-nostdin",
            "-trace_logs",
            "-log_file",
            "calls",
            "-trace_err",
            "-error_file",
            "errors",
        ]
        self._process = await asyncio.create_subprocess_exec(
            program,
            *arguments,
            cwd=self._home,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, "TERM": "dumb"},
        )
        patience = Patience(20)
        while len(_taken(self.addresses)) < len(self.addresses):
            assert self._process.returncode is None, f"SIPp ended with {self._process.returncode}\n{self.errors()}"
            assert not patience.over, f"{patience}: SIPp listens\n{self.errors()}"
            await asyncio.sleep(0.05)

    def calls(self, address: str) -> list[str]:
        """The Call-IDs of all calls that came to this one."""
        log = self._home / "calls"
        if log.exists():
            with log.open() as lines:
                lines.seek(self._read)
                while (line := lines.readline()).endswith("\n"):
                    at, call = line.split()
                    self._calls[at].append(call)
                    self._read = lines.tell()
        return self._calls[address]

    def speak(self, address: str) -> None:
        """It says its clip in its latest call, for SPEECH seconds."""
        call = self.calls(address)[-1]
        info = (
            f"INFO sip:{address} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKspeak\r\n"
            f"From: <sip:speak@127.0.0.1>\r\nTo: <sip:{address}>\r\n"
            f"Call-ID: {call}\r\nCSeq: 1 INFO\r\nContent-Length: 0\r\n\r\n"
        )
        self._mouth.sendto(info.encode(), (address, 5060))

    def errors(self) -> str:
        file = self._home / "errors"
        return file.read_text(errors="replace") if file.exists() else ""

    async def finished(self, seconds: float = 30) -> None:
        """Wait for the end of their calls. Raises AssertionError when one did not go as its scenario says."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGUSR1)  # SIPp takes no new calls, and ends with the last one
        process = self._process
        await until(lambda: process.returncode is not None, f"{self.answer}: the end of SIPp's calls", seconds)
        ended = await process.wait()
        assert ended == 0, f"{self.answer}: SIPp ended with {ended}\n{self.errors()}"

    async def close(self) -> None:
        self._mouth.close()
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        shutil.rmtree(self._home, ignore_errors=True)


@contextlib.asynccontextmanager
async def running(at: Sequence[str], answer: str = "200 OK") -> AsyncIterator[SippSites]:
    sites = SippSites(at, answer)
    try:
        await sites.start()
        yield sites
    finally:
        await sites.close()


async def known(bus: Peer, at: Sequence[str], word: str = "xa") -> list[int]:
    """One file with a site for each address, imported: their numbers, in the order of the addresses."""
    lines = [f"Xã {word} {n};{word}{n};{word}{n};{address}" for n, address in enumerate(at)]
    told = await bus.call("site.import", timeout=60, text="\n".join(["Site;Code;Terminal;Address", *lines]))
    assert not told["faults"], told
    found = await bus.call("site.list", limit=1000)
    numbers = {site["code"]: int(site["id"]) for site in found["items"]}
    return [numbers[f"{word}{n}"] for n in range(len(lines))]


def _taken(addresses: Sequence[str]) -> set[str]:
    """Those whose port 5060 somebody has (proc(5), /proc/net/udp). It is not tried by binding it, which would take it
    from SIPp at the moment that it wants it."""
    lines = Path("/proc/net/udp").read_text().splitlines()[1:]
    bound = {line.split()[1] for line in lines}
    return {one for one in addresses if {f"{_in_proc(at)}:{5060:04X}" for at in (one, "0.0.0.0")} & bound}


def _in_proc(address: str) -> str:
    return f"{int.from_bytes(socket.inet_aton(address), sys.byteorder):08X}"


def _sound_port() -> int:
    """Of the first that speaks; SIPp looks for those of the others from there on."""
    for port in random.sample(_RTP, len(_RTP)):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trial, contextlib.suppress(OSError):
            trial.bind(("127.0.0.1", port))
            return port
    raise AssertionError(f"no port is free between {_RTP[0]} and {_RTP[-1]}")


def _voice() -> bytes:
    """A tone of 440 Hz and then silence, G.711 µ-law."""
    tone = bytes(ulaw(8000 * math.sin(2 * math.pi * 440 * n / 8000)) for n in range(round(8000 * SPEECH)))
    return tone + b"\xff" * round(8000 * HUSH)
