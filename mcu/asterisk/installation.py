"""Where an Asterisk keeps its parts: our own build in a private prefix, or a distribution's under /usr."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from pathlib import Path

from mcu.config import Settings
from mcu.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    program: Path
    modules: Path
    data: Path  # holds documentation/, without which several modules refuse their configuration
    sounds: tuple[Path, ...]  # folders of languages, the first one that has a file wins


def find(settings: Settings) -> Installation:
    """The Asterisk under ``settings.asterisk.prefix``.

    Raises ConfigError naming what is missing. Debian and Ubuntu keep modules under lib/<triplet>/asterisk and data in
    /usr/share/asterisk, Fedora modules in lib64; a build of one's own has its data in var/lib/asterisk of its prefix.
    """
    prefix = settings.asterisk.prefix
    if not prefix.is_dir():
        raise ConfigError(f"asterisk.prefix: {prefix} does not exist; `make setup` builds Asterisk there")
    triplet = f"lib/{platform.machine()}-linux-gnu"
    data = _first(
        [prefix / "share/asterisk", prefix / "var/lib/asterisk", Path("/var/lib/asterisk")],
        "documentation/core-en_US.xml",
        "XML documentation",
        prefix,
    )
    sounds = [settings.asterisk.sounds, data / "sounds", Path("/usr/share/asterisk/sounds")]
    return Installation(
        program=_first([prefix / "sbin", prefix / "bin"], "asterisk", "program", prefix) / "asterisk",
        modules=_first(
            [prefix / lib / "asterisk/modules" for lib in ("lib", triplet, "lib64")],
            "chan_pjsip.so",
            "modules",
            prefix,
        ),
        data=data,
        sounds=tuple(dict.fromkeys(folder for folder in sounds if folder.is_dir())),
    )


def _first(folders: list[Path], sign: str, what: str, prefix: Path) -> Path:
    for folder in folders:
        if (folder / sign).exists():
            return folder.resolve()
    tried = ", ".join(str(folder / sign) for folder in folders)
    raise ConfigError(f"asterisk.prefix: no {what} of Asterisk in {prefix} (looked for {tried})")
