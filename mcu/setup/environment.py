"""The Python environment ``.venv``: our package (editable) with its native extension, its dependencies, pjsua2."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path
from typing import Any

from mcu.errors import SetupError
from mcu.setup.context import Context
from mcu.setup.fingerprint import files_under, fingerprint

NATIVE = (".cpp", ".cc", ".c", ".hpp", ".h", ".cmake", "CMakeLists.txt")
STAMP = ".mcu-setup.json"
PJSUA2 = "pjsua2.pth"
PINS = Path(__file__).with_name("constraints.txt")  # written anew by `make pins`


def key(context: Context, pjsip: Path) -> str:
    """Hash over what the environment depends on beside the Python sources, which are used where they are."""
    project = context.places.project
    files = [project / "pyproject.toml", PINS, project / "CMakeLists.txt", *files_under(project / "mcu/mixer", NATIVE)]
    # An editable installation lists its packages: one that is new to it is imported as empty.
    packages = sorted(
        str(each.relative_to(project)) for top in ("mcu", "web") for each in (project / top).rglob("__init__.py")
    )
    return fingerprint(files, [pjsip.name, sys.version, sys.executable, *packages], project)


def ready(context: Context, pjsip: Path) -> bool:
    """Whether ``.venv`` is what this state of the project needs; one made for the tests also serves to run."""
    venv_ = context.places.venv
    stamp = stamp_of(venv_)
    there = (venv_ / "bin/python").exists() and (venv_ / "bin/mcu").exists()
    return there and stamp.get("key") == key(context, pjsip) and (stamp.get("tests") is True or not context.for_tests)


def make(context: Context, pjsip: Path) -> None:
    """Make the environment or bring it up to date."""
    folder, runner, project = context.places.venv, context.runner, context.places.project
    if stamp_of(folder).get("pjsip") != pjsip.name:
        # CMake judges by dates, and another PJSIP from the cache may be older than the objects.
        for built in (project / "build").glob("cp3*"):
            shutil.rmtree(built)
    (folder / STAMP).unlink(missing_ok=True)
    if version_of(folder) != sys.version:
        try:
            venv.EnvBuilder(clear=True, with_pip=True, symlinks=True).create(folder)
        except (OSError, subprocess.CalledProcessError) as error:
            raise SetupError(
                f"the Python environment {folder} can't be made ({error}): install python3-venv"
            ) from error
    python = folder / "bin/python"
    pip: list[str | Path] = [
        python,
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
        "--retries",
        "5",
    ]
    site = site_packages(folder)
    (site / PJSUA2).write_text(f"{context.places.prefix / 'pjsip/lib/python'}\n")
    # The build's own requirements stand in the environment, not in one of pip's throw-away ones: only so can CMake
    # go on where it was, and a changed line of C++ costs seconds.
    runner.run_timed(
        "installing the build's Python packages", [*pip, *build_requirements(project)], name="venv-build", guess=10
    )
    wanted = dependencies(project, for_tests=context.for_tests)
    runner.run_timed("installing Python packages", [*pip, *wanted], name=f"venv-{len(wanted)}", guess=60)
    context.console.step_begins()

    def show(elapsed: float) -> None:
        share = ninja_share(runner.last_words())
        context.console.progress("compiling the native extension", share, elapsed * (1 - share) / max(share, 0.02))

    runner.run(
        "compiling the native extension",
        [*pip, "--verbose", "--no-build-isolation", "--no-deps", "--editable", project],
        watch=show,
        cwd=project,
        env={
            "MCU_PJSIP_PREFIX": str(context.places.prefix / "pjsip"),
            "CMAKE_BUILD_PARALLEL_LEVEL": str(context.jobs),
            "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        },
    )
    runner.run("trying the Python environment", [python, "-c", "import mcu, pjsua2"], cwd=folder)
    stamp = {"key": key(context, pjsip), "tests": context.for_tests, "pjsip": pjsip.name}
    new = folder / f"{STAMP}.new"
    new.write_text(json.dumps(stamp))
    new.replace(folder / STAMP)


def ninja_share(output: str) -> float:
    """How much of a compilation is done, from ninja's last ``[17/42]``; 0 before the first."""
    found = re.findall(r"\[(\d+)/(\d+)\]", output)
    if not found:
        return 0.0
    done, total = (int(number) for number in found[-1])
    return done / max(total, 1)


def stamp_of(folder: Path) -> dict[str, object]:
    """What the environment was made from; empty if that was never finished."""
    try:
        known = json.loads((folder / STAMP).read_text())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def version_of(folder: Path) -> str:
    """``sys.version`` of an environment's Python; empty if it doesn't work (any more)."""
    try:
        done = subprocess.run(
            [folder / "bin/python", "-c", "import pip, sys; print(sys.version, end='')"],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout


def site_packages(folder: Path) -> Path:
    return folder / f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"


def build_requirements(project: Path) -> list[str]:
    """``build-system.requires`` of pyproject.toml."""
    return [str(line) for line in described(project)["build-system"]["requires"]]


def dependencies(project: Path, *, for_tests: bool) -> list[str]:
    """``project.dependencies`` of pyproject.toml, with those of the extra ``test``."""
    known = described(project)["project"]
    extra = known["optional-dependencies"]["test"] if for_tests else []
    return [str(line) for line in [*known["dependencies"], *extra]]


def described(project: Path) -> dict[str, Any]:
    """pyproject.toml with the tables that are read here. Raises SetupError if it hasn't got them."""
    file = project / "pyproject.toml"
    try:
        known = tomllib.loads(file.read_text())
        known["build-system"]["requires"], known["project"]["dependencies"]
        known["project"]["optional-dependencies"]["test"]
    except (OSError, KeyError, TypeError, tomllib.TOMLDecodeError) as error:
        raise SetupError(f"{file}: {type(error).__name__} {error}") from error
    return known
