"""Builds the engine's C++ tests with a sanitizer and runs them: tests of its parts, the fuzzer, the churn of threads.

``MCU_FUZZ_SECONDS`` makes the fuzzer run for longer than its 10 seconds.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def build(sanitizer: str) -> Path:
    folder = ROOT / "build" / f"native-{sanitizer}"
    settings = [
        "-DMCU_PYTHON=OFF",
        "-DMCU_TESTS=ON",
        f"-DMCU_SANITIZE={sanitizer}",
        "-DCMAKE_BUILD_TYPE=RelWithDebInfo",
    ]
    run("cmake", "-S", str(ROOT), "-B", str(folder), "-G", "Ninja", *settings)
    run("cmake", "--build", str(folder), "--parallel", "2")
    return folder / "tests" / "native"


def run(*command: str) -> str:
    # History: enough of it that a report of the thread sanitizer shows both sides.
    environment = os.environ | {"TSAN_OPTIONS": "halt_on_error=1 history_size=4", "UBSAN_OPTIONS": "print_stacktrace=1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-5000:]}\n{done.stderr[-8000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def address() -> Path:
    return build("address")


@pytest.fixture(scope="module")
def thread() -> Path:
    return build("thread")


def test_parts(address: Path) -> None:
    run(str(address / "engine_tests"))


def test_damaged_streams(address: Path) -> None:
    output = run(str(address / "engine_fuzz"), os.environ.get("MCU_FUZZ_SECONDS", "10"))
    assert "good: in" in output


def test_churn(address: Path) -> None:
    run(str(address / "engine_churn"), "5")


def test_churn_without_data_races(thread: Path) -> None:
    run(str(thread / "engine_churn"), "5")
