from __future__ import annotations

import fcntl
import io
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from mcu.errors import SetupError
from mcu.setup import cli
from mcu.setup.context import Context
from mcu.setup.steps import STEPS, Step

ROOT = Path(__file__).resolve().parent.parent.parent


def set_up(cache: Path, *arguments: str) -> list[str]:
    return ["env", f"MCU_CACHE={cache}", sys.executable, "-m", "mcu.setup", *arguments]


def test_only_what_is_not_ready_is_made_in_order(context: Context, screen: io.StringIO) -> None:
    done: list[str] = []
    ready = {"a": False, "b": True, "c": False}

    def step(name: str) -> Step:
        def make(context: Context) -> None:
            done.append(name)
            ready[name] = True

        return Step(name, f"thing {name}", lambda context: ready[name], make)

    steps = [step(name) for name in ready]
    assert cli.run(steps, context) == ["a", "c"]
    assert done == ["a", "c"]
    assert "thing a" in screen.getvalue()
    assert "thing b" not in screen.getvalue()
    shown = len(screen.getvalue())
    assert cli.run(steps, context) == []
    assert len(screen.getvalue()) == shown, "nothing is said when there is nothing to do"


def test_a_step_that_fails_stops_the_rest(context: Context) -> None:
    done: list[str] = []

    def fail(context: Context) -> None:
        raise SetupError("no")

    steps = [
        Step("a", "a", lambda context: False, fail),
        Step("b", "b", lambda context: False, lambda context: done.append("b")),
    ]
    with pytest.raises(SetupError):
        cli.run(steps, context)
    assert not done


def test_the_order_builds_on_what_is_there() -> None:
    names = [step.name for step in STEPS]
    assert names[0] == "packages"
    assert names.index("asterisk") < names.index("module")
    assert names.index("pjsip") < names.index("python")


def test_a_step_without_its_forerunner_says_so(tmp_path: Path) -> None:
    done = subprocess.run(set_up(tmp_path / "cache", "--only", "module"), cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert "asterisk isn't built yet" in done.stdout
    assert "Traceback" not in done.stderr


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = subprocess.run(set_up(tmp_path / "file/cache"), cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert "set MCU_CACHE" in done.stdout


def _hears_interrupts() -> None:
    """A suite started in the background inherits an ignored SIGINT, and Python leaves it so."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_two_set_ups_wait_for_one_another(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        waiting = subprocess.Popen(
            set_up(tmp_path, "--only", "frontend", "--verbose"), cwd=ROOT, stdout=subprocess.PIPE, text=True,
            preexec_fn=_hears_interrupts,
        )  # fmt: skip
        assert waiting.stdout is not None
        with waiting.stdout:
            assert "another set-up is at work" in waiting.stdout.readline()
            assert waiting.poll() is None
            os.kill(waiting.pid, signal.SIGINT)
            assert "interrupted" in waiting.stdout.read()
        assert waiting.wait(10) == cli.INTERRUPTED


def test_a_terminated_set_up_says_that_it_goes_on_later(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        waiting = subprocess.Popen(set_up(tmp_path), cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert waiting.stdout is not None
        with waiting.stdout:
            waiting.stdout.readline()
            guard = threading.Timer(20, waiting.kill)
            guard.start()
            waiting.terminate()
            assert "the next one goes on where this one stopped" in waiting.stdout.read()
            guard.cancel()
        assert waiting.wait(10) == cli.INTERRUPTED
