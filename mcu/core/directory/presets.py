"""Known devices and what is done differently for them, from presets.toml beside this file."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

from mcu.core.directory.accounts import PROTOCOLS, Protocol, TerminalAccount
from mcu.core.directory.overrides import Overrides
from mcu.core.languages import LANGUAGES
from mcu.errors import BadRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """``title``: as people know the device; ``notes``: what to know about it, by language."""

    name: str
    title: str
    protocols: tuple[Protocol, ...]
    overrides: Overrides
    notes: Mapping[str, str]

    def describe(self) -> dict[str, Any]:
        """As the bus tells it."""
        return {
            "name": self.name,
            "title": self.title,
            "protocols": list(self.protocols),
            "overrides": self.overrides.stated(),
            "notes": dict(self.notes),
        }


@functools.cache
def presets() -> Mapping[str, Preset]:
    """By name, in the file's order. Raises BadRequest for a file of ours that holds nonsense."""
    text = resources.files(__package__).joinpath("presets.toml").read_text(encoding="utf-8")
    return {name: _preset(name, table) for name, table in tomllib.loads(text).items()}


def with_preset(account: TerminalAccount) -> TerminalAccount:
    """The account as it is carried out: what its preset overrides and it does not itself. A preset that is no longer
    in the file overrides nothing."""
    preset = presets().get(account.preset)
    if preset is None:
        return account
    both = Overrides.parse(preset.overrides.stated() | account.overrides.stated())
    return replace(account, overrides=both)


def check_preset(name: str, protocol: str) -> None:
    """Raises BadRequest for one that there is not, or that does not speak the protocol."""
    if not name:
        return
    preset = presets().get(name)
    if preset is None:
        raise BadRequest(f"{name[:40]!r} is no preset; there are {', '.join(presets())}")
    if protocol not in preset.protocols:
        raise BadRequest(f"{preset.title} speaks {' and '.join(preset.protocols)}, not {protocol}")


def _preset(name: str, table: Mapping[str, Any]) -> Preset:
    preset = Preset(
        name=name,
        title=table["title"],
        protocols=tuple(one for one in PROTOCOLS if one in table["protocols"]),
        overrides=Overrides.parse(table.get("overrides", {})),
        notes={language: table[language] for language in LANGUAGES},
    )
    for protocol in preset.protocols:
        preset.overrides.check(protocol)
    return preset
