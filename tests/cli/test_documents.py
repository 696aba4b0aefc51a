"""The documents name no command, act or option that is not there; the reference leaves none out."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from mcu.cli import main
from mcu.core.acts.registry import SCHEMAS

DOCS = Path(__file__).resolve().parents[2] / "docs"
CLI = (DOCS / "cli.md").read_text(encoding="utf-8")
ALL = [file.read_text(encoding="utf-8") for file in [*DOCS.glob("*.md"), DOCS.parent / "README.md"]]


def shown(text: str) -> list[str]:
    """Commands as they stand in the documents, between backticks or in blocks."""
    blocks = "\n".join(re.findall(r"```\n(.*?)```", text, re.S))
    lines = [line.split(" # ")[0].strip() for line in blocks.splitlines() if line.strip().startswith("mcu ")]
    inline = re.findall(r"`(mcu [^`]+)`", re.sub(r"```.*?```", "", text, flags=re.S))
    return lines + [" ".join(one.split()) for one in inline]


def whole(command: str) -> bool:
    """Not one with "…" or a place for something."""
    return "…" not in command and not re.search(r"\b[A-Z]{3,}\b|\|", command.replace("FREQ=WEEKLY;BYDAY=MO", ""))


COMMANDS = sorted({one for text in ALL for one in shown(text.replace(".venv/bin/mcu", "mcu")) if whole(one)})


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_that_is_shown_is_one(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(click, "confirm", lambda *args, **more: True)
    words = [word for word in shlex.split(command)[1:] if word != "--help"]
    with main.make_context("mcu", words) as context:
        inner: click.Context = context
        while isinstance(inner.command, click.Group):
            words = [*inner._protected_args, *inner.args]
            name, found, rest = inner.command.resolve_command(inner, words)
            assert found is not None
            if isinstance(found, click.Group) and not rest:
                return  # a group alone
            # Of those that stand alone in a sentence ("mcu room create") only the name is checked.
            short = len(words) == 1
            inner = found.make_context(name, rest, parent=inner, resilient_parsing=short or found.name == "savings")
            if not isinstance(found, click.Group):
                return


def test_there_is_something_to_check() -> None:
    assert len(COMMANDS) > 50


@pytest.mark.parametrize("name", sorted(set(main.commands) - {"asterisk", "control", "mixer", "h323", "web", "run"}))
def test_every_command_is_in_the_reference(name: str) -> None:
    assert f"mcu {name}" in CLI


@pytest.mark.parametrize("act", sorted(SCHEMAS))
def test_every_act_is_in_the_reference(act: str) -> None:
    assert re.search(rf"[` ]{act}[` ]", CLI)
