"""The command line against a control process on the real bus."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mcu import config
from mcu.cli import main
from tests.cli.scripted import ScriptedControl
from tests.conftest import Install
from tests.fakes.control import FakeControl
from tests.fakes.house import free_port

Run = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in list(os.environ):
        if variable.startswith("MCU_"):
            monkeypatch.delenv(variable)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MCU_HOME", str(tmp_path / "v"))
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "v"


@pytest.fixture
def installation(home: Path, install: Install, monkeypatch: pytest.MonkeyPatch) -> config.Settings:
    """A new one in the home, not running."""
    monkeypatch.setenv("MCU_DATABASE", install(home))
    monkeypatch.setenv("MCU_ASTERISK__AGI_PORT", str(free_port()))
    return config.load()


@pytest.fixture
def control(home: Path) -> Iterator[FakeControl]:
    fake = FakeControl(home / "run/control.sock")
    fake.add_room("1001", "Phòng họp thử")
    fake.start()
    yield fake
    fake.end()


@pytest.fixture
def scripted(home: Path) -> Iterator[ScriptedControl]:
    control = ScriptedControl(home / "run/control.sock")
    control.add_room("1001", "Giao ban")
    control.start()
    yield control
    control.end()


@pytest.fixture
def run(home: Path) -> Run:
    def invoke(*words: str, input: str | None = None) -> Result:
        return CliRunner().invoke(main, words, input=input)

    return invoke


@pytest.fixture
def read(run: Run) -> Callable[..., Any]:
    def invoke(*words: str) -> Any:
        result = run(*words, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return invoke
