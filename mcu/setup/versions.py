"""The pinned versions, read from ``versions.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mcu.errors import SetupError

FILE = Path(__file__).with_name("versions.toml")


@dataclass(frozen=True)
class Versions:
    asterisk: str
    asterisk_series: str
    asterisk_debian: str
    pjsip: str
    mirror: str
    suite: str
    keyring: Path
    mirrors_by_checksum: tuple[str, ...]
    sha256: dict[str, str]


def load(file: Path = FILE) -> Versions:
    """Raises SetupError naming the file and the key that is wrong."""
    try:
        known: dict[str, Any] = tomllib.loads(file.read_text())
        return Versions(
            asterisk=known["asterisk"]["version"],
            asterisk_series=known["asterisk"]["series"],
            asterisk_debian=known["asterisk"]["debian"],
            pjsip=known["pjsip"]["version"],
            mirror=known["archive"]["mirror"],
            suite=known["archive"]["suite"],
            keyring=Path(known["archive"]["keyring"]),
            mirrors_by_checksum=tuple(known["archive"]["mirrors_by_checksum"]),
            sha256=dict(known["archive"]["sha256"]),
        )
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise SetupError(f"{file}: {type(error).__name__} {error}") from error
