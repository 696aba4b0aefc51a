"""Who imports whom: the arrows of docs/architecture.md, checked in every module's own source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOUNDATION = {"errors", "config", "log", "metrics", "supervise"}  # know nothing of ours but each other
EVERYTHING = {"*"}

# Each layer (its longest name counts) and the layers of ours that it may import, itself aside.
LAYERS: dict[str, set[str]] = {
    "errors": set(),
    "config": {"errors"},
    "log": {"config"},
    "metrics": set(),
    "supervise": set(),
    "core": {"errors"},
    "models": FOUNDATION,
    # Files that people bring and take away.
    "exchange": {"errors", "core"},
    "bus": FOUNDATION,
    # The adapters: core's types, never each other.
    "asterisk": FOUNDATION | {"core"},
    "mixer": FOUNDATION | {"core", "bus"},
    "h323": FOUNDATION | {"core", "bus"},
    # Asks core, and acts through the one adapter that is not at the other end of the bus.
    "control": FOUNDATION | {"core", "bus", "models", "asterisk", "exchange"},
    # Over the bus to control; the panel's log-in reads the tables.
    "web": FOUNDATION | {"core", "bus", "models"},
    "cli": FOUNDATION | {"core", "bus", "cli.process", "cli.backup"},
    "cli.backup": FOUNDATION | {"cli", "models"},  # the tables themselves, where no control runs
    "cli.process": FOUNDATION | {"cli", "app", "doctor"},  # `mcu run` and the processes alone
    # Recipes run before anything is installed.
    "setup": {"errors", "asterisk.recipe", "mixer.recipe"},
    "asterisk.recipe": {"errors", "setup"},
    "mixer.recipe": {"errors", "setup"},
    "doctor": EVERYTHING,
    "app": EVERYTHING,
    "__main__": {"cli"},
}


def modules() -> dict[str, Path]:
    """Every module of ours by its name, without the leading "mcu."; web/ is installed as mcu.web."""
    found = {}
    for file in [*ROOT.glob("mcu/**/*.py"), *ROOT.glob("web/**/*.py")]:
        parts = file.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[1:] if parts[0] == "mcu" else parts).removesuffix(".__init__")
        if name != "__init__":  # mcu's own: the version
            found[name] = file
    return found


MODULES = modules()


def layer(module: str) -> str:
    """The layer that a module of ours is in; "" if it is in none."""
    parts = module.split(".")
    names = [".".join(parts[:n]) for n in range(len(parts), 0, -1)]
    return next((name for name in names if name in LAYERS), "")


def imported(module: str, source: str) -> Iterator[tuple[int, str]]:
    """Line and name of what a module imports of ours, wherever in it that is."""
    package = module if MODULES[module].name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            # One dot is the package itself, each further one its parent.
            up = ["mcu", *package.split(".")][: (2 + package.count(".")) - (node.level - 1)] if node.level else []
            base = ".".join([*up, *filter(None, [node.module])])
            names = [f"{base}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            head, _, rest = name.partition(".")
            if head == "mcu" and rest and rest != "__version__":
                yield node.lineno, rest


def wrong(module: str, source: str) -> list[str]:
    mine = layer(module)
    allowed = LAYERS[mine] | {mine}
    found = []
    for line, name in imported(module, source):
        theirs = layer(name)
        if theirs not in allowed and "*" not in allowed:
            found.append(f"line {line}: {mine} must not import {theirs or name}")
    return found


@pytest.mark.parametrize("module", sorted(MODULES))
def test_imports_point_one_way(module: str) -> None:
    assert layer(module), f"{module} is in no layer: put it into LAYERS and into docs/architecture.md"
    assert wrong(module, MODULES[module].read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("module", "source", "what"),
    [
        ("core.bridge", "from mcu import log", "log"),
        ("core.bridge", "def f():\n    import mcu.asterisk.ami", "asterisk"),
        ("asterisk.ami", "from mcu.mixer import legs", "mixer"),
        ("models.rows", "from mcu.core.roster import RoomConfig", "core"),
        ("web.api.rooms", "from ...asterisk import values", "asterisk"),
        ("web.app", "from mcu.control import process", "control"),
        ("cli.room", "from mcu import app", "app"),
    ],
)
def test_a_wrong_arrow_is_found(module: str, source: str, what: str) -> None:
    (found,) = wrong(module, source)
    assert found.endswith(f"must not import {what}")


def test_relative_imports_are_read() -> None:
    assert wrong("web.api.rooms", "from ..services import services\nfrom .schemas import Room") == []
