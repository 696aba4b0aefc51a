"""The documents keep up with the code: settings and commands are in them, and the changelog knows the version."""

from pathlib import Path

import click
import pytest
from pydantic import BaseModel

import mcu
from mcu.cli import main
from mcu.config import Settings
from mcu.core.acts import SCHEMAS

ROOT = Path(__file__).resolve().parent.parent
OPERATE = (ROOT / "docs/operate.md").read_text(encoding="utf-8")


def _keys(model: type[BaseModel], prefix: str = "") -> list[str]:
    keys: list[str] = []
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            keys += _keys(kind, f"{prefix}{name}.")
        else:
            keys.append(f"{prefix}{name}")
    return keys


@pytest.mark.parametrize("key", _keys(Settings))
def test_every_setting_is_documented(key: str) -> None:
    assert f"`{key}`" in OPERATE


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_has_help_and_a_place_in_the_documents(name: str) -> None:
    command = main.commands[name]
    assert command.help
    if isinstance(command, click.Group):
        assert f"mcu {name} " in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_every_act_is_documented_with_its_arguments(name: str) -> None:
    acts = (ROOT / "docs/acts.md").read_text(encoding="utf-8")
    line = next(line for line in acts.splitlines() if line.startswith(f"| `{name}` |"))
    arguments = line.split(" | ")[1]
    assert all(f"`{argument}`" in arguments for argument in SCHEMAS[name])


def test_the_changelog_knows_this_version() -> None:
    newest = next(line for line in (ROOT / "CHANGELOG.md").read_text().splitlines() if line.startswith("## "))
    assert newest.split()[1] == mcu.__version__


def test_links_between_documents_lead_somewhere() -> None:
    import re

    for document in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"
