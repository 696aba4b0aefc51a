"""The supervisor with real processes: restarts what dies, stops politely, then by force, and leaves nobody behind."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mcu.supervise import Program, Supervisor, describe
from tests.product import alive
from tests.waiting import until, until_blocking

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time, pathlib, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "pathlib.Path(sys.argv[1]).touch(); time.sleep(600)",
]


async def _pid(run_dir: Path, name: str, other_than: int = 0) -> int:
    file = run_dir / f"{name}.pid"
    found = 0

    def there() -> bool:
        nonlocal found
        with contextlib.suppress(FileNotFoundError, ValueError):  # it goes with a process, and is empty for a moment
            found = int(file.read_text())
        return found not in (0, other_than)

    await until(there, f"the pid of {name}")
    return found


async def test_what_dies_is_started_again(tmp_path: Path) -> None:
    deaths: list[tuple[str, int]] = []
    supervisor = Supervisor([Program("a", SLEEP), Program("b", SLEEP)], tmp_path, lambda *death: deaths.append(death))
    running = asyncio.create_task(supervisor.run())
    first, other = await _pid(tmp_path, "a"), await _pid(tmp_path, "b")
    os.kill(first, signal.SIGKILL)
    second = await _pid(tmp_path, "a", other_than=first)
    assert deaths == [("a", -signal.SIGKILL)]
    assert await _pid(tmp_path, "b") == other
    supervisor.stop()
    await asyncio.wait_for(running, 60)
    for pid in (second, other):
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    assert list(tmp_path.glob("*.pid")) == []


async def test_who_ignores_the_polite_signal_is_killed(tmp_path: Path) -> None:
    supervisor = Supervisor([Program("s", [*STUBBORN, str(tmp_path / "ready")], grace=0.2)], tmp_path)
    running = asyncio.create_task(supervisor.run())
    pid = await _pid(tmp_path, "s")
    await until((tmp_path / "ready").exists, "a program that ignores the signal")
    supervisor.stop()
    await asyncio.wait_for(running, 60)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_program_that_cannot_start_does_not_stop_the_others(tmp_path: Path) -> None:
    tried = asyncio.Event()
    supervisor = Supervisor(
        [Program("none", ["/nonexistent/program"]), Program("a", SLEEP)], tmp_path, lambda name, code: tried.set()
    )
    running = asyncio.create_task(supervisor.run())
    await asyncio.wait_for(tried.wait(), 60)
    assert await _pid(tmp_path, "a")
    supervisor.stop()
    await asyncio.wait_for(running, 60)


async def test_a_pid_that_cannot_be_written_down_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "b.pid").mkdir()
    died: list[str] = []
    supervisor = Supervisor([Program("a", SLEEP), Program("b", SLEEP)], tmp_path, lambda name, code: died.append(name))
    running = asyncio.create_task(supervisor.run())
    first = await _pid(tmp_path, "a")
    os.kill(first, signal.SIGKILL)
    assert await _pid(tmp_path, "a", other_than=first)
    assert died == ["a"]
    supervisor.stop()  # nor can it be taken away
    await asyncio.wait_for(running, 60)


async def test_a_pid_that_cannot_be_taken_away_does_not_stop_the_others(tmp_path: Path) -> None:
    died = asyncio.Event()
    supervisor = Supervisor([Program("a", SLEEP), Program("b", SLEEP)], tmp_path, lambda name, code: died.set())
    running = asyncio.create_task(supervisor.run())
    pid, other = await _pid(tmp_path, "a"), await _pid(tmp_path, "b")
    (tmp_path / "a.pid").unlink()
    (tmp_path / "a.pid").mkdir()
    os.kill(pid, signal.SIGKILL)
    await asyncio.wait_for(died.wait(), 60)
    os.kill(other, 0)
    assert not running.done()
    supervisor.stop()
    await asyncio.wait_for(running, 60)


def test_children_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    code = (
        "import asyncio, sys; from pathlib import Path; from mcu.supervise import Program, Supervisor;"
        "child = Program('a', [sys.executable, '-c', 'import time; time.sleep(600)']);"
        "asyncio.run(Supervisor([child], Path(sys.argv[1])).run())"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stderr=subprocess.DEVNULL)
    child = asyncio.run(_pid(tmp_path, "a"))
    parent.kill()
    parent.wait()

    until_blocking(lambda: not alive(child), "the end of the child")


def test_an_exit_is_described_in_words() -> None:
    assert [describe(-9), describe(1), describe(-99)] == ["killed by SIGKILL", "exit code 1", "killed by signal 99"]
