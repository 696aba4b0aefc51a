"""``mcu preset …``: what is known of certain devices."""

from __future__ import annotations

import click

from mcu.cli.output import rows
from mcu.cli.session import Session, json_option, pass_session

_LANGUAGE = "en"  # as all that this command line says


@click.group()
def preset() -> None:
    """Known devices, whose overrides a terminal can take over: list."""


@preset.command("list")
@json_option
@pass_session
def list_(session: Session) -> None:
    """Presets for `mcu terminal create --preset`."""
    found = session.call("preset.list")
    session.show(
        found,
        lambda: rows(
            ["Preset", "Protocols", "Device", "Overrides", "Worth knowing"],
            [
                (
                    one["name"],
                    one["protocols"],
                    one["title"],
                    " ".join(f"{key}={str(value).lower()}" for key, value in one["overrides"].items()),
                    one["notes"].get(_LANGUAGE, ""),
                )
                for one in found
            ],
        ),
    )
