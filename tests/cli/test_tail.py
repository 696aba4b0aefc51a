"""`mcu tail`: what happens, who wants which of it, and that a gap is told."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.cli.scripted import ScriptedControl

Run = Callable[..., Result]
_PATIENCE = 120.0  # s; a loaded machine starts a process slowly


class Tail:
    """The command as a process of its own, its lines as they come."""

    def __init__(self, home: Path, *words: str) -> None:
        environment = {**os.environ, "MCU_HOME": str(home)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mcu", "tail", *words],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, text=True,
        )  # fmt: skip
        self._lines: dict[str, queue.Queue[str]] = {"stdout": queue.Queue(), "stderr": queue.Queue()}
        self._readers = [threading.Thread(target=self._read, args=(name,), daemon=True) for name in self._lines]
        for reader in self._readers:
            reader.start()

    def _read(self, name: str) -> None:
        with getattr(self.process, name) as pipe:
            for line in pipe:
                self._lines[name].put(line.rstrip("\n"))

    def line(self, name: str = "stdout") -> str:
        return self._lines[name].get(timeout=_PATIENCE)

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(_PATIENCE)
        for reader in self._readers:
            reader.join(_PATIENCE)


@pytest.fixture
def tail(home: Path) -> Iterator[Callable[..., Tail]]:
    started: list[Tail] = []

    def start(*words: str) -> Tail:
        started.append(Tail(home, *words))
        return started[-1]

    yield start
    for one in started:
        one.end()


def test_events_come_as_lines_and_a_gap_is_told(scripted: ScriptedControl, tail: Callable[..., Tail]) -> None:
    plain, for_programs = tail(), tail("--json")
    scripted.until_heard(2)
    scripted.tell("participant.joined", {"id": "0a", "room": "1001", "name": "Xã Tân\x1b Lập", "muted": False})
    assert "participant.joined" in (line := plain.line())
    assert "1001 0a Xã Tân Lập" in line
    told = json.loads(for_programs.line())
    assert (told["event"], told["data"]["room"]) == ("participant.joined", "1001")
    scripted.stop()
    assert "trying again" in plain.line("stderr")
    scripted.start()
    assert plain.line().endswith("resync")
    assert json.loads(for_programs.line())["event"] == "resync"
    scripted.until_heard(2)
    scripted.tell("room.changed", {"number": "1001"})
    assert "room.changed" in plain.line()


def test_only_what_is_wanted(scripted: ScriptedControl, tail: Callable[..., Tail]) -> None:
    one = tail("--room", "1001", "--event", "participant.*", "--event", "room.changed", "--json")
    scripted.until_heard(1)
    scripted.tell("participant.joined", {"id": "0a", "room": "1002"})
    scripted.tell("call.changed", {"id": "0b", "room": "1001"})
    scripted.tell("participant.left", {"id": "0a", "room": "1001"})
    scripted.tell("room.changed", {"number": "1002"})
    scripted.tell("room.changed", {"number": "1001"})
    assert [json.loads(one.line())["event"] for _ in range(2)] == ["participant.left", "room.changed"]


def test_it_stops_after_so_many(scripted: ScriptedControl, tail: Callable[..., Tail]) -> None:
    one = tail("--count", "1")
    scripted.until_heard(1)
    scripted.tell("notice", {"code": "x", "text": "Asterisk is back"})
    assert "Asterisk is back" in one.line()
    assert one.process.wait(_PATIENCE) == 0


def test_once_it_comes_not_again(scripted: ScriptedControl, tail: Callable[..., Tail]) -> None:
    one = tail("--once")
    scripted.until_heard(1)
    scripted.tell("notice", {"code": "x", "text": "here"})
    assert one.line()
    scripted.stop()
    assert one.process.wait(_PATIENCE) == 1


def test_without_a_bridge_it_says_so_at_once(run: Run, home: Path) -> None:
    result: Any = run("tail")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
