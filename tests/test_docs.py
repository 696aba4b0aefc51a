"""The documents keep up with the code: settings and commands are in them, and the changelog knows the version."""

import dataclasses
import re
from pathlib import Path

import click
import pytest
from pydantic import BaseModel

import mcu
from mcu import metrics
from mcu.cli import main
from mcu.config import Settings
from mcu.core.acts.registry import SCHEMAS
from mcu.core.directory.overrides import Overrides
from mcu.core.permissions import ADMIN_EVENTS, GENERAL_EVENTS, METHODS
from tests.notices import notice_codes

ROOT = Path(__file__).resolve().parent.parent
OPERATE = (ROOT / "docs/operate.md").read_text(encoding="utf-8")
BUS = (ROOT / "docs/bus.md").read_text(encoding="utf-8")


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
    table = OPERATE.partition("## Settings")[2].partition("\n## ")[0]
    assert f"`{key}`" in table


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


@pytest.mark.parametrize("method", sorted(method for method in METHODS if not method.startswith("bus.")))
def test_every_call_of_the_bus_is_documented(method: str) -> None:
    calls = [line.split(" | ")[0] for line in BUS.splitlines() if line.startswith("| `")]
    assert any(f"`{method}`" in cell for cell in calls)


@pytest.mark.parametrize("event", sorted(GENERAL_EVENTS | ADMIN_EVENTS))
def test_every_event_for_everybody_is_documented(event: str) -> None:
    assert f"`{event}`" in BUS


@pytest.mark.parametrize("override", [field.name for field in dataclasses.fields(Overrides)])
def test_every_override_is_documented(override: str) -> None:
    assert f"`{override}`" in BUS


def test_every_notice_is_documented() -> None:
    assert not {code for code in notice_codes() if f"`{code}`" not in BUS}


def test_every_metric_is_documented() -> None:
    metrics.GATEWAY.status = {"calls": 0}
    try:
        families = list(metrics.REGISTRY.collect())
    finally:
        metrics.GATEWAY.status = None
    names = {f"{one.name}_total" if one.type == "counter" else one.name for one in families}
    assert len(names) > 4
    assert {name for name in names if f"`{name}`" not in OPERATE} == set()


def test_the_changelog_knows_this_version() -> None:
    newest = next(line for line in (ROOT / "CHANGELOG.md").read_text().splitlines() if line.startswith("## "))
    assert newest.split()[1] == mcu.__version__


def test_links_between_documents_lead_somewhere() -> None:
    for document in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_files_that_documents_name_are_there() -> None:
    named = re.compile(r"`((?:mcu|web|tests|bench|dialplan|asterisk-conf|core|control)/[\w./-]+\.\w+)`")
    for document in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]):
        for path in named.findall(document.read_text(encoding="utf-8")):
            assert (ROOT / path).exists() or (ROOT / "mcu" / path).exists(), f"{document.name}: {path}"


def test_the_architecture_names_every_folder_of_core_and_control() -> None:
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    for file in [*ROOT.glob("mcu/core/*/__init__.py"), *ROOT.glob("mcu/control/*/__init__.py")]:
        assert f"`{file.parent.relative_to(ROOT / 'mcu')}/`" in text
