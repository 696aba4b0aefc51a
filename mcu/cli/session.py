"""What every command shares: the settings, the link to control, and how results are printed."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mcu import config
from mcu.bus import BlockingClient
from mcu.config import Settings

_REACHABLE_IN = 10.0  # seconds that a command waits for control's answer


class Session:
    """Made once a command; the link is opened at the first call."""

    def __init__(self, config_file: Path | None, as_json: bool) -> None:
        self._config_file = config_file
        self.as_json = as_json

    @functools.cached_property
    def settings(self) -> Settings:
        return config.load(self._config_file)

    def call(self, name: str, /, **args: Any) -> Any:
        """Ask control over the bus; raises its McuError."""
        with BlockingClient(self.settings.control_socket, timeout=_REACHABLE_IN) as client:
            return client.call(name, **args)

    def show(self, value: Any, table: Callable[[], Table | str]) -> None:
        """Print ``value`` as JSON, or what ``table`` builds for people."""
        if self.as_json:
            click.echo(json.dumps(value, ensure_ascii=False, indent=2))
            return
        shown = table()
        if isinstance(shown, str):
            click.echo(shown)
        else:
            Console().print(shown)

    def done(self, value: Any, sentence: str) -> None:
        """Say that an act succeeded."""
        self.show(value, lambda: sentence)


def rows(columns: Iterable[str], lines: Iterable[Iterable[object]]) -> Table:
    """A table; cells are shown as they are, never read as markup (a name may hold brackets)."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for line in lines:
        table.add_row(*(Text(_cell(value)) for value in line))
    return table


def _cell(value: object) -> str:
    if value is True:
        return "yes"
    if value is False or value is None:
        return "-"
    return str(value)


def clock(at: float | None) -> str:
    """Seconds since the epoch as local ``HH:MM:SS``."""
    from datetime import datetime

    return "-" if at is None else datetime.fromtimestamp(at).strftime("%H:%M:%S")


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--json`` after the command too, where one's fingers put it."""

    def remember(ctx: click.Context, param: click.Parameter, value: bool) -> None:
        if value:
            ctx.find_object(Session).as_json = True  # type: ignore[union-attr]

    return click.option("--json", is_flag=True, expose_value=False, callback=remember, help="Print JSON.")(command)


pass_session = click.make_pass_decorator(Session)
