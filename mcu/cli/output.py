"""How results are printed: JSON for programs, tables for people, and those plain where nobody looks at a terminal."""

from __future__ import annotations

import io
import json
import sys
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

# Columns of a table that goes into a file or a pipe: each row stays one line there, whatever COLUMNS says.
_UNFOLDED = 4000


def as_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def show(shown: RenderableType) -> None:
    """Print a table, or a text; a table keeps its columns in step by the width of each letter on a terminal."""
    if isinstance(shown, str):
        click.echo("\n".join(map(one_line, shown.split("\n"))))
    elif sys.stdout.isatty():
        Console().print(shown)
    else:
        click.echo(_plain(shown), nl=False)


def _plain(shown: RenderableType) -> str:
    if isinstance(shown, Table):
        shown.box = None
    page = io.StringIO()
    Console(file=page, width=_UNFOLDED, color_system=None, force_terminal=False).print(shown)
    return "".join(f"{line.rstrip()}\n" for line in page.getvalue().splitlines())


def rows(columns: Iterable[str], lines: Iterable[Iterable[object]]) -> Table:
    """A table; cells are shown as they are, never read as markup (a name may hold brackets)."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for line in lines:
        table.add_row(*(Text(cell(value)) for value in line))
    return table


def facts(values: Iterable[tuple[str, object]]) -> Table:
    """What is known of one thing, a line each."""
    table = rows(["", ""], values)
    table.show_header = False
    return table


def cell(value: object) -> str:
    if value is True:
        return "yes"
    if value is False or value is None:
        return "-"
    if isinstance(value, list | tuple):
        return ", ".join(cell(one) for one in value)
    return one_line(str(value))


def one_line(text: str) -> str:
    """Without what could steer a terminal: a name that came over the network is no escape sequence (ECMA-48)."""
    return "".join(" " if c in "\r\n\t" else c for c in text if c in "\r\n\t" or unicodedata.category(c) != "Cc")


def clock(at: float | None) -> str:
    """Seconds since the epoch as local ``HH:MM:SS``."""
    return "-" if at is None else datetime.fromtimestamp(at).strftime("%H:%M:%S")


def date(at: float | str | None, zone: str = "") -> str:
    """Seconds since the epoch, or ISO 8601, as ``YYYY-MM-DD HH:MM`` of ``zone`` (IANA; without one it is ours)."""
    if at is None or at == "":
        return "-"
    try:
        when = datetime.fromisoformat(at) if isinstance(at, str) else datetime.fromtimestamp(at).astimezone()
        there = ZoneInfo(zone) if zone else None
    except (ValueError, ZoneInfoNotFoundError):
        return one_line(str(at))
    return (when.astimezone(there) if when.tzinfo else when).strftime("%Y-%m-%d %H:%M")


def many(count: int, what: str) -> str:
    """``1 site``, ``2 sites``."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
