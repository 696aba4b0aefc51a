"""Keep a set of programs running: start, restart with back-off, stop together. Knows nothing of what they do."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import structlog

_log = structlog.get_logger("mcu.run")

# Seconds before the next start after a death. The first is quick, for a meeting may be waiting for the picture;
# a program that dies again and again must not eat the machine.
_BACK_OFF = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0)
_HEALTHY_AFTER = 30.0  # a program that lived this long starts over at the quick end
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


@dataclass(frozen=True, slots=True)
class Program:
    """What to run. ``output`` takes what a program prints that is not for people; None lets it through."""

    name: str
    argv: list[str]
    output: Path | None = None
    grace: float = 5.0  # seconds between the polite signal and SIGKILL at stop
    environment: dict[str, str] = field(default_factory=dict)


class Supervisor:
    """Runs ``programs`` until ``stop`` is called; each one's pid stands in ``run_dir/<name>.pid``.

    They are started in their order, at once, and stopped in the reverse order, one after the other: who uses another
    goes first, so that nobody reports a partner's orderly end as a loss.
    """

    def __init__(
        self, programs: list[Program], run_dir: Path, on_death: Callable[[str, int], None] | None = None
    ) -> None:
        self._programs = programs
        self._run_dir = run_dir
        self._on_death = on_death
        self._stopping = asyncio.Event()
        self._stops = {program.name: asyncio.Event() for program in programs}
        self._ended = {program.name: asyncio.Event() for program in programs}

    async def run(self) -> None:
        """Return when all programs have ended after ``stop``."""
        async with asyncio.TaskGroup() as group:
            for program in self._programs:
                group.create_task(self._keep(program), name=program.name)
            group.create_task(self._stop_in_order())

    def stop(self) -> None:
        self._stopping.set()

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    async def _stop_in_order(self) -> None:
        await self._stopping.wait()
        for program in reversed(self._programs):
            self._stops[program.name].set()
            await self._ended[program.name].wait()

    async def _keep(self, program: Program) -> None:
        try:
            await self._keep_alive(program)
        finally:
            self._ended[program.name].set()

    async def _keep_alive(self, program: Program) -> None:
        deaths = 0
        while not self._stopping.is_set():
            started = time.monotonic()
            code = await self._live(program)
            if self._stopping.is_set():
                return
            deaths = 0 if time.monotonic() - started > _HEALTHY_AFTER else deaths
            pause = _BACK_OFF[min(deaths, len(_BACK_OFF) - 1)]
            deaths += 1
            _log.error("process.died", name=program.name, how=describe(code), restart_in_seconds=pause)
            if self._on_death is not None:
                self._on_death(program.name, code)
            await self._pause(pause)

    async def _live(self, program: Program) -> int:
        """One life of a program: its exit code, negative for a signal."""
        out = None
        pid_file = self._run_dir / f"{program.name}.pid"
        try:
            out = None if program.output is None else program.output.open("ab")
            process = await asyncio.create_subprocess_exec(
                *program.argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env={**os.environ, **program.environment},
                start_new_session=True,  # Ctrl-C in the terminal reaches only us; we stop the others in order
                preexec_fn=_die_with_parent,
            )
        except OSError as fault:
            _log.error("process.start_failed", name=program.name, reason=str(fault))
            return 127
        finally:
            if out is not None:
                out.close()
        try:
            pid_file.write_text(f"{process.pid}\n", encoding="ascii")
        except OSError as fault:  # a full disk must not end the others, and with them every call
            _log.error("process.pid_not_written", name=program.name, reason=str(fault))
        _log.info("process.started", name=program.name, pid=process.pid)
        try:
            return await self._watch(program, process)
        finally:
            with contextlib.suppress(OSError):  # nor must a disk that takes no writes any more
                pid_file.unlink()

    async def _watch(self, program: Program, process: asyncio.subprocess.Process) -> int:
        ended = asyncio.create_task(process.wait())
        told = asyncio.create_task(self._stops[program.name].wait())
        await asyncio.wait({ended, told}, return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        if not ended.done():
            with contextlib.suppress(ProcessLookupError):  # it ended by itself this moment
                process.terminate()
            done, _ = await asyncio.wait({ended}, timeout=program.grace)
            if not done:
                _log.warning("process.killed", name=program.name, after_seconds=program.grace)
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        return await ended

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return


def describe(code: int) -> str:
    """``-9`` → ``killed by SIGKILL``; ``1`` → ``exit code 1``."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"


def _die_with_parent() -> None:
    """In the child: be terminated when the supervisor dies, however it dies (prctl(2))."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
