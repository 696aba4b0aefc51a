from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from mcu.errors import SetupError
from mcu.setup import environment
from mcu.setup.context import Context

ROOT = Path(__file__).resolve().parent.parent.parent
PJSIP = Path("/cache/pjsip-2.17-abc")


def test_native_sources_and_build_files_count_python_sources_do_not(context: Context) -> None:
    project = context.places.project
    keys = {environment.key(context, PJSIP), environment.key(context, Path("/cache/pjsip-2.17-def"))}
    for name in ("pyproject.toml", "CMakeLists.txt", "mcu/mixer/engine/pool.cpp", "mcu/mixer/engine/pool.h"):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(name)
        keys.add(environment.key(context, PJSIP))
    assert len(keys) == 6
    (project / "mcu/mixer/agent.py").write_text("x = 1")
    assert environment.key(context, PJSIP) in keys
    # but a package that is new does: the editable installation has to hear of it
    (project / "mcu/h323").mkdir()
    (project / "mcu/h323/__init__.py").touch()
    assert environment.key(context, PJSIP) not in keys


def finished(context: Context, *, tests: bool) -> None:
    folder = context.places.venv
    for name in ("python", "mcu"):
        (folder / "bin").mkdir(parents=True, exist_ok=True)
        (folder / "bin" / name).touch()
    (folder / environment.STAMP).write_text(json.dumps({"key": environment.key(context, PJSIP), "tests": tests}))


def test_one_made_for_the_tests_serves_to_run_but_not_the_other_way(context: Context) -> None:
    to_run = replace(context, for_tests=False)
    assert not environment.ready(context, PJSIP)
    finished(context, tests=False)
    assert environment.ready(to_run, PJSIP)
    assert not environment.ready(context, PJSIP)
    finished(context, tests=True)
    assert environment.ready(context, PJSIP)
    assert environment.ready(to_run, PJSIP)


@pytest.mark.parametrize("stamp", ["", "[]", '{"key": 1}'])
def test_a_stamp_that_makes_no_sense_is_none(context: Context, stamp: str) -> None:
    finished(context, tests=True)
    (context.places.venv / environment.STAMP).write_text(stamp)
    assert not environment.ready(context, PJSIP)


def test_a_broken_environment_has_no_version(tmp_path: Path) -> None:
    assert environment.version_of(tmp_path) == ""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python").symlink_to(tmp_path / "gone")
    assert environment.version_of(tmp_path) == ""


def test_what_is_to_be_installed_is_read(tmp_path: Path) -> None:
    assert any(line.startswith("nanobind") for line in environment.build_requirements(ROOT))
    to_run, to_test = (environment.dependencies(ROOT, for_tests=for_tests) for for_tests in (False, True))
    assert any(line.startswith("pytest") for line in set(to_test) - set(to_run))
    assert set(to_run) < set(to_test)


@pytest.mark.parametrize(
    ("output", "share"),
    [("", 0), ("Configuring", 0), ("[1/4] Building CXX a.o\n  [3/4] Building CXX b.o\nwarning: x[y]", 0.75)],
)
def test_a_compilation_is_followed_by_what_ninja_says(output: str, share: float) -> None:
    assert environment.ninja_share(output) == share


@pytest.mark.parametrize("content", [None, "[project", "[project]\ndependencies = []", "project = 1"])
def test_an_incomplete_description_is_named(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "pyproject.toml").write_text(content)
    with pytest.raises(SetupError, match=r"pyproject\.toml"):
        environment.build_requirements(tmp_path)


def test_every_dependency_is_pinned_exactly() -> None:
    pins = [line for line in environment.PINS.read_text().splitlines() if line and not line.startswith("#")]
    assert all("==" in line for line in pins)
    shown = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False)
    assert shown.returncode == 0, shown.stdout


def test_the_set_up_needs_nothing_but_the_standard_library() -> None:
    """It runs before there is any environment: ``-I -S`` hides every installed package."""
    script = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import mcu.setup.cli"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_an_old_python_gets_a_sentence(tmp_path: Path) -> None:
    script = "import sys, runpy; sys.version_info = (3, 9, 2); runpy.run_module('mcu.setup', run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Python 3.11 or newer is needed" in done.stderr
    assert "Traceback" not in done.stderr
