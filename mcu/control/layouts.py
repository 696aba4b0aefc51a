"""The layouts that this installation has: ours and the administrator's."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from mcu.core.picture.layout import Catalogue, parse
from mcu.errors import ConfigError

FILE = "layouts.toml"


def load(home: Path) -> Catalogue:
    """Ours, added to or replaced by name by those in ``home/layouts.toml``. Raises ConfigError."""
    layouts = parse(
        resources.files("mcu.core.picture").joinpath(FILE).read_text(encoding="utf-8"), f"mcu/core/picture/{FILE}"
    )
    own = home / FILE
    if own.is_file():
        try:
            layouts += parse(own.read_text(encoding="utf-8"), str(own))
        except (OSError, UnicodeDecodeError) as fault:
            raise ConfigError(f"{own}: {fault}") from None
    return Catalogue(layouts)
