"""SIPp as the terminal that calls, and as the mixer that answers."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from pathlib import Path

from tests.asterisk.running import free_ports
from tests.waiting import until

SCENARIOS = Path(__file__).parent / "scenarios"


def _listens(port: int) -> bool:
    """Somebody has that UDP port of 127.0.0.1 (proc_net_udp(5): addresses in hexadecimal, the machine's byte order)."""
    lines = Path("/proc/net/udp").read_text().splitlines()[1:]
    return f"0100007F:{port:04X}" in (line.split()[1] for line in lines)


class Sipp:
    """One SIPp process with one scenario of scenarios/."""

    def __init__(
        self, scenario: str, port: int, *, remote: int | None = None, number: str = "", tcp: bool = False, **keys: str
    ) -> None:
        self.scenario, self.port, self._remote, self._number, self._keys = scenario, port, remote, number, keys
        self._tcp = tcp
        self._process: asyncio.subprocess.Process | None = None
        self.printed = ""

    async def start(self) -> Sipp:
        program = shutil.which("sipp")
        assert program, "sipp is not installed (Debian's sip-tester)"
        (rtp,) = free_ports(1)
        arguments = ["-sf", str(SCENARIOS / f"{self.scenario}.xml"), "-i", "127.0.0.1", "-p", str(self.port)]
        arguments += ["-m", "1" if self._remote else "1000", "-mp", str(rtp), "-nostdin"]
        arguments += ["-trace_err", "-error_file", "/dev/stderr"]
        if self._tcp:
            arguments += ["-t", "t1"]
        for key, value in self._keys.items():
            arguments += ["-key", key, value]
        if self._remote:
            arguments += ["-s", self._number, f"127.0.0.1:{self._remote}"]
        self._process = await asyncio.create_subprocess_exec(
            program,
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "TERM": "dumb"},
        )
        if self._remote is None:
            await until(lambda: _listens(self.port), f"{self.scenario} at port {self.port}")
        return self

    async def passed(self, timeout: float = 10.0) -> None:
        """Wait for its end. Raises AssertionError with what it printed when the call didn't go as the scenario says."""
        assert self._process is not None
        told = asyncio.ensure_future(self._process.communicate())
        try:
            await until(told.done, f"the end of {self.scenario}", timeout)
        finally:
            told.cancel()
        self.printed = told.result()[1].decode(errors="replace")
        ended = self._process.returncode
        assert ended == 0, f"{self.scenario}: SIPp ended with {ended}\n{self.printed}"

    async def stop(self) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGKILL)
            await self._process.wait()
