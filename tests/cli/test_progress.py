"""Work that takes long: a bar for who looks at a terminal, an end for who waits, nothing more for programs."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from mcu.cli import waiting
from tests.cli.scripted import ScriptedControl
from tests.cli.test_mapping import CALL, REPORT

Run = Callable[..., Result]
_PATIENCE = 120.0  # s


def seen(words: list[str], home: Path, wanted: bytes, go_on: threading.Event) -> tuple[bytes, bytes, int]:
    """Standard error on a terminal until ``wanted`` is on it, then all of standard output, and the exit code."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "MCU_HOME": str(home), "TERM": "xterm", "COLUMNS": "100"}
    process = subprocess.Popen(
        [sys.executable, "-m", "mcu", *words], stdout=subprocess.PIPE, stderr=theirs, env=environment
    )
    os.close(theirs)
    written, end = b"", time.monotonic() + _PATIENCE
    try:
        while wanted not in written:
            assert time.monotonic() < end, written
            written += os.read(ours, 4096)
        go_on.set()
        assert process.stdout is not None
        drain = threading.Thread(target=_drain, args=(ours,), daemon=True)
        drain.start()
        output = process.stdout.read()
        code = process.wait(_PATIENCE)
        drain.join(_PATIENCE)
        process.stdout.close()
        return written, output, code
    finally:
        go_on.set()
        process.kill()
        process.wait()
        os.close(ours)


def _drain(terminal: int) -> None:
    """Who writes to a terminal that nobody reads stands still."""
    try:
        while os.read(terminal, 4096):
            pass
    except OSError:
        return  # EIO: the other side is closed


def test_a_roll_out_shows_how_far_it_is(scripted: ScriptedControl, home: Path, tmp_path: Path) -> None:
    go_on = threading.Event()

    def roll_out() -> dict[str, Any]:
        scripted.until_heard()
        scripted.tell("rollout.progress", {"done": 57, "total": 200})
        assert go_on.wait(_PATIENCE)
        return {"faults": [], "added": 200, "changed": 0, "unchanged": 0, "sheets": []}

    scripted.answers["site.rollout"] = roll_out
    file = tmp_path / "sites.csv"
    file.write_text("site\nA\n")
    _, output, code = seen(["rollout", str(file), "--out", str(tmp_path / "out")], home, b"57/200", go_on)
    assert (code, output) == (0, b"200 added, 0 changed, 0 unchanged; nothing was written\n")


def test_a_roll_out_into_a_pipe_tells_by_lines(scripted: ScriptedControl, home: Path, tmp_path: Path) -> None:
    go_on = threading.Event()

    def roll_out() -> dict[str, Any]:
        scripted.until_heard()
        for done in (1, 30, 31, 100):  # of ten lines, one for each tenth that is reached
            scripted.tell("rollout.progress", {"done": done, "total": 200})
        assert go_on.wait(_PATIENCE)
        return {"faults": [], "added": 200, "changed": 0, "unchanged": 0, "sheets": []}

    scripted.answers["site.rollout"] = roll_out
    file = tmp_path / "sites.csv"
    file.write_text("site\nA\n")
    words = [sys.executable, "-m", "mcu", "rollout", str(file), "--out", str(tmp_path / "out")]
    environment = {**os.environ, "MCU_HOME": str(home)}
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, text=True) as process:
        try:
            assert process.stderr is not None
            told = [process.stderr.readline() for _ in range(2)]
            go_on.set()
            process.communicate(timeout=_PATIENCE)
        finally:
            go_on.set()
            process.kill()
    assert told == [f"{file}: 30 of 200\n", f"{file}: 100 of 200\n"]
    assert process.returncode == 0


def test_who_waits_hears_who_did_not_come(scripted: ScriptedControl, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look follows an event: nothing is asked by the clock here."""
    monkeypatch.setattr(waiting, "LOOK_AT_LEAST", 60.0)
    came, absent = CALL | {"id": "0000000a"}, CALL | {"id": "0000000b", "name": "Xã Tân Tiến"}
    scripted.answers["call.all"] = {"calls": [came, absent], "skipped": []}
    looks = iter([[came, absent], [absent | {"state": "waiting"}], [absent | {"state": "failed", "reason": "busy"}]])

    def listed() -> list[dict[str, Any]]:
        scripted.until_heard()
        scripted.tell("call.changed", {"id": "0000000a"})
        return next(looks)

    scripted.answers["call.list"] = listed
    result = run("call", "all", "1001", "--wait")
    assert result.exit_code == 1, result.output
    assert "1 of 2 came" in result.stdout
    assert "Xã Tân Tiến" in result.stdout
    assert "busy" in result.stdout
    scripted.answers["call.list"] = []
    assert run("call", "absent", "1001", "--wait").exit_code == 0
    scripted.answers["call.list"] = [absent]
    late = run("call", "all", "1001", "--wait", "--limit", "1")
    assert (late.exit_code, late.stderr) == (1, "mcu: 1 are still being called; `mcu call list 1001` shows them\n")


def test_a_test_session_is_waited_for(scripted: ScriptedControl, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where no event is heard."""
    monkeypatch.setattr(waiting, "LOOK_AT_LEAST", 0.01)
    scripted.answers["test.start"] = REPORT | {"running": True}
    reports = iter([REPORT | {"running": True}, REPORT])
    scripted.answers["test.report"] = lambda: next(reports)
    assert "line are good" in run("test", "start", "1001", "--wait").stdout
    scripted.answers["test.report"] = REPORT | {"running": True}
    assert "goes on" in run("test", "start", "1001", "--wait", "--limit", "1").stderr


def test_programs_see_no_bar(scripted: ScriptedControl, run: Run, tmp_path: Path) -> None:
    scripted.answers["site.import"] = {"faults": [], "added": 1, "changed": 0, "unchanged": 0}
    file = tmp_path / "sites.csv"
    file.write_text("site\nA\n")
    assert run("site", "import", str(file)).stderr == ""
