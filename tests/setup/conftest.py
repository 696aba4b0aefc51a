"""A set-up in a folder of the test's own."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from mcu.setup import versions
from mcu.setup.command import Runner
from mcu.setup.context import Context
from mcu.setup.places import Places
from mcu.setup.progress import Console, History


@pytest.fixture
def screen() -> io.StringIO:
    """What the set-up prints."""
    return io.StringIO()


@pytest.fixture
def context(tmp_path: Path, screen: io.StringIO) -> Context:
    places = Places(tmp_path / "project", tmp_path / "cache")
    places.project.mkdir()
    places.cache.mkdir()
    console = Console(screen)
    runner = Runner(places.log, console, History(places.cache / "history.json"))
    runner.begin()
    return Context(places, versions.load(), runner, console, for_tests=True, jobs=1)


@pytest.fixture
def runner(context: Context) -> Runner:
    return context.runner
