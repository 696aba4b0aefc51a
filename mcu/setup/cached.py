"""Things that are built once into the cache under a name with the hash of their recipe."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from mcu.errors import SetupError
from mcu.setup.places import Places
from mcu.setup.progress import Console

STAMP = ".built.json"
KEPT = 30 * 86400  # seconds after its last use that a thing stays in the cache


def find(places: Places, name: str, key: str) -> Path | None:
    """The complete ``<name>-<version>-<key>`` of the cache, whatever its version."""
    for folder in sorted(places.cache.glob(f"{name}-*-{key}")):
        stamp = folder / STAMP
        if stamp.is_file():
            os.utime(stamp)  # its age is the time since it was last used
            return folder
    return None


def home(places: Places, name: str, version: str, key: str) -> Path:
    """Where a thing will stand: also the prefix it is configured with."""
    return places.cache / f"{name}-{version}-{key}"


def publish(made: Path, final: Path, about: dict[str, str]) -> Path:
    """Move a complete thing to its place in one rename; an incomplete one there before is replaced."""
    if not made.is_dir():
        raise SetupError(f"{final.name}: the build left nothing in {made}")
    (made / STAMP).write_text(json.dumps({**about, "at": time.strftime("%Y-%m-%dT%H:%M:%S%z")}, indent=1))
    if final.exists():
        shutil.rmtree(final)
    final.parent.mkdir(parents=True, exist_ok=True)
    made.rename(final)
    forget_unused(final)
    return final


def forget_unused(new: Path) -> list[Path]:
    """Remove the forerunners of ``new`` that no checkout has asked for in a month."""
    name = new.name.partition("-")[0]
    stale = []
    for folder in new.parent.glob(f"{name}-*"):
        stamp = folder / STAMP
        if folder != new and stamp.is_file() and time.time() - stamp.stat().st_mtime > KEPT:
            shutil.rmtree(folder, ignore_errors=True)
            stale.append(folder)
    return stale


def about(folder: Path) -> dict[str, str]:
    """What was written beside a thing when it was published."""
    try:
        known = json.loads((folder / STAMP).read_text())
    except (OSError, ValueError):
        return {}
    return {str(key): str(value) for key, value in known.items()} if isinstance(known, dict) else {}


class Tree:
    """A tree under construction, with a stamp for each stage that is complete: interrupted, it goes on from there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def has(self, name: str) -> bool:
        return (self.folder / f".stage-{name}").exists()

    def stage(self, name: str, work: Callable[[], None]) -> None:
        if self.has(name):
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        work()
        (self.folder / f".stage-{name}").touch()

    def complete(self, build: Callable[[], Path], console: Console) -> Path:
        """Run ``build``. If it goes on with a tree that was cut off and fails, once more from nothing."""
        if self.folder.exists():
            try:
                return build()
            except SetupError as error:
                console.warn(f"{error}\n  the build that was cut off can't be completed: starting it over")
                self.remove()
        return build()

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
