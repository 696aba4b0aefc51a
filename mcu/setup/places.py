"""Where the set-up reads and writes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Places:
    """The project's folder and the cache, which several checkouts of the project may share."""

    project: Path
    cache: Path

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ, project: Path = PROJECT) -> Places:
        """``MCU_CACHE``, else ``XDG_CACHE_HOME/mcu``, else ``~/.cache/mcu``."""
        given = environment.get("MCU_CACHE")
        cache = Path(given) if given else Path(environment.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mcu"
        return cls(project, cache.expanduser().absolute())

    @property
    def prefix(self) -> Path:
        """Symlinks into the cache: ``asterisk``, ``pjsip``, ``modules``, ``sounds``."""
        return self.project / ".prefix"

    @property
    def venv(self) -> Path:
        return self.project / ".venv"

    @property
    def builds(self) -> Path:
        """Trees that are being built; one that is complete is removed."""
        return self.cache / "build"

    @property
    def log(self) -> Path:
        return self.cache / "log" / "setup.log"


def point(link: Path, target: Path) -> None:
    """Let the symlink ``link`` show ``target``; a reader sees the old or the new one, never none."""
    if link.is_symlink() and os.readlink(link) == str(target):
        return
    link.parent.mkdir(parents=True, exist_ok=True)
    new = link.with_name(f".{link.name}.{os.getpid()}")
    new.unlink(missing_ok=True)
    new.symlink_to(target)
    new.replace(link)
