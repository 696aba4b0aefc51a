"""A bar for work that takes long, from the events that tell of it; on standard error, if that is a terminal. Into a
pipe a line now and then, where that is asked for."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from mcu.cli.link import Link
from mcu.cli.session import Session
from mcu.errors import McuError

# Done and total, of an event; None for one that is about something else.
Reading = Callable[[str, dict[str, Any]], "tuple[int, int] | None"]
Show = Callable[[int, int], None]


@contextlib.contextmanager
def following(session: Session, what: str, reading: Reading, *, lines: bool = False) -> Iterator[None]:
    """Show how far ``what`` is while the block runs. Without a terminal ten ``lines`` at most, or nothing; nothing
    either where events can't be had."""
    terminal = sys.stderr.isatty()
    if session.as_json or not (terminal or lines):
        yield
        return
    with _bar(what) if terminal else contextlib.nullcontext(_lines(what)) as show:
        link = session.new_link()
        listener = threading.Thread(target=_listen, args=(link, reading, show), daemon=True)
        listener.start()
        try:
            yield
        finally:
            link.close()
            listener.join(timeout=5)


@contextlib.contextmanager
def _bar(what: str) -> Iterator[Show]:
    # How long it has taken is told from the beginning: what comes before the first figure takes its time, too.
    count = TextColumn("{task.fields[count]}")
    columns = (TextColumn("{task.description}"), BarColumn(), count, TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None, count="")
        yield lambda done, total: bar.update(task, completed=done, total=total, count=f"{done}/{total}")


def _lines(what: str) -> Show:
    told = 0

    def show(done: int, total: int) -> None:
        nonlocal told
        if total > 0 and done * 10 // total > told:
            told = done * 10 // total
            click.echo(f"{what}: {done} of {total}", err=True)

    return show


def _listen(link: Link, reading: Reading, show: Show) -> None:
    with contextlib.suppress(McuError):  # the work itself says what is wrong
        for event, data in link.events():
            if (read := reading(event, data)) is not None:
                show(*read)


def counted(event_name: str) -> Reading:
    """Events of this name that hold ``done`` and ``total``."""

    def read(event: str, data: dict[str, Any]) -> tuple[int, int] | None:
        return (int(data["done"]), int(data["total"])) if event == event_name else None

    return read
