from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mcu.errors import SetupError
from mcu.setup.command import Runner, count_objects, diagnose, drop_newest_objects
from mcu.setup.progress import Expectation

ROOT = Path(__file__).resolve().parent.parent.parent
COMPILES = """
import sys
from pathlib import Path
from mcu.setup.command import Runner
from mcu.setup.lock import only_one
from mcu.setup.progress import Console, History

folder = Path(sys.argv[1])
with only_one(folder / "lock", Console()) as lock:
    runner = Runner(folder / "log", Console(), History(folder / "history"), lock)
    shell = f"echo $$ > {folder}/pid.new; mv {folder}/pid.new {folder}/pid; exec sleep 600"
    runner.run("compiling", ["sh", "-c", shell])
"""


@pytest.mark.parametrize(
    ("output", "cause"),
    [
        ("x.c:3:10: fatal error: opus/opus.h: No such file or directory\n", "the header opus/opus.h is missing"),
        ("/usr/bin/ld: cannot find -lyuv: No such file or directory", "the library libyuv is missing"),
        ("/usr/bin/ld: cannot find -lyuv\ncollect2: error", "the library libyuv is missing"),
        ("configure: error: *** uuid support not found", "*** uuid support not found"),
        ("E: Unable to locate package baresip", "the package baresip is not in any"),
        ("Err: Temporary failure resolving 'deb.debian.org'", "deb.debian.org can't be resolved"),
        ("cc1: write error: No space left on device", "the disk is full"),
        ("/bin/sh: 1: swig: not found", "the program swig is missing"),
        ("1 out of 3 hunks FAILED -- saving rejects to file x.rej", "a patch does not fit this version: 1 out of 3"),
        ("ERROR: No matching distribution found for panoramisk==1.4", "the Python package panoramisk==1.4"),
        ("g++: fatal error: Killed signal terminated program cc1plus", "the machine ran out of memory"),
        ("all is well", ""),
    ],
)
def test_the_cause_is_read_from_the_output(output: str, cause: str) -> None:
    found = diagnose(output)
    assert (cause in found) if cause else found == ""


@pytest.mark.parametrize("braces", ["configure: error: {0} {missing}", "E: Unable to locate package {x}"])
def test_braces_in_the_output_are_only_text(braces: str) -> None:
    assert "{" in diagnose(braces)


def test_a_failure_names_the_cause_and_shows_the_last_lines(runner: Runner) -> None:
    script = "print('early'); [print('line', n) for n in range(40)]; print('fatal error: a/b.h: No such file'); exit(3)"
    with pytest.raises(SetupError) as caught:
        runner.run("compiling the thing", [sys.executable, "-c", script])
    text = str(caught.value)
    assert text.startswith("compiling the thing failed: the header a/b.h is missing")
    assert str(runner.log) in text
    assert "line 39" in text
    assert "early" not in text
    assert "early" in runner.log.read_text()


def test_the_output_of_earlier_commands_is_not_blamed(runner: Runner) -> None:
    runner.run("first", [sys.executable, "-c", "print('fatal error: old.h: No such file')"])
    with pytest.raises(SetupError) as caught:
        runner.run("second", [sys.executable, "-c", "exit(1)"])
    assert "old.h" not in str(caught.value)
    assert "said nothing" in str(caught.value)


def test_the_end_of_the_log_can_be_followed(runner: Runner) -> None:
    runner.run("talking", [sys.executable, "-c", "print('x' * 9000 + 'end')"])
    assert runner.last_words(100).strip().endswith("xend")
    assert len(runner.last_words(100)) == 100


def test_a_missing_program_is_named(runner: Runner) -> None:
    with pytest.raises(SetupError, match="the program no-such-compiler can't be run"):
        runner.run("compiling", ["no-such-compiler", "x.c"])


def test_an_interruption_ends_the_program_and_its_children(runner: Runner, tmp_path: Path) -> None:
    script = (
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(tmp_path / 'new')!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}')\n"
        f"os.rename({str(tmp_path / 'new')!r}, {str(tmp_path / 'pids')!r})\n"
        "time.sleep(600)\n"
    )

    def interrupt(elapsed: float) -> None:
        if (tmp_path / "pids").exists():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        runner.run("sleeping", [sys.executable, "-c", script], watch=interrupt)
    for pid in (tmp_path / "pids").read_text().split():
        until = time.monotonic() + 60
        while running(int(pid)) and time.monotonic() < until:
            time.sleep(0.02)
        assert not running(int(pid))


def running(pid: int) -> bool:
    """Alive, and not a zombie that nobody has reaped yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_long_step_is_remembered_unless_it_was_resumed(runner: Runner, tmp_path: Path) -> None:
    script = f"from pathlib import Path\nfor n in range(7): Path({str(tmp_path)!r}, f'{{n}}.o').touch()"
    guess = Expectation(100, 100)
    for _ in range(2):
        runner.run_long(
            "making", [sys.executable, "-c", script], name="it", guess=guess, count=lambda: count_objects(tmp_path)
        )
        assert runner.history.expect("it", guess).units == 7


def test_only_the_newest_objects_are_doubted(tmp_path: Path) -> None:
    for name, age in {"old.o": 100, "older.o": 200, "last.o": 0, "beside.o": 1}.items():
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (1e9 - age, 1e9 - age))
    assert sorted(path.name for path in drop_newest_objects(tmp_path)) == ["beside.o", "last.o"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old.o", "older.o"]
    assert drop_newest_objects(tmp_path / "absent") == []


def test_the_lock_outlives_a_killed_set_up_as_long_as_its_compiler_runs(tmp_path: Path) -> None:
    """Or the next set-up would compile in the same tree beside it."""
    killed = subprocess.Popen([sys.executable, "-c", COMPILES, tmp_path], cwd=ROOT)
    try:
        wait_until(lambda: (tmp_path / "pid").exists())
        killed.kill()
        killed.wait()
        with (tmp_path / "lock").open("a") as lock:
            with pytest.raises(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)
            fcntl.flock(lock, fcntl.LOCK_EX)
    finally:
        killed.kill()


def wait_until(true: Callable[[], bool], limit: float = 120.0) -> None:
    until = time.monotonic() + limit
    while not true():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)
