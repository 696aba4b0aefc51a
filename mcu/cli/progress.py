"""A bar for work that takes long, from the events that tell of it; on standard error, if that is a terminal."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from mcu.cli.link import Link
from mcu.cli.session import Session
from mcu.errors import McuError

# Done and total, of an event; None for one that is about something else.
Reading = Callable[[str, dict[str, Any]], "tuple[int, int] | None"]


@contextlib.contextmanager
def following(session: Session, what: str, reading: Reading) -> Iterator[None]:
    """Show how far ``what`` is while the block runs. Without a terminal, or where events can't be had, nothing."""
    if session.as_json or not sys.stderr.isatty():
        yield
        return
    link = session.new_link()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        listener = threading.Thread(target=_listen, args=(link, reading, show), daemon=True)
        listener.start()
        try:
            yield
        finally:
            link.close()
            listener.join(timeout=5)


def _listen(link: Link, reading: Reading, show: Callable[[int, int], None]) -> None:
    with contextlib.suppress(McuError):  # the work itself says what is wrong
        for event, data in link.events():
            if (read := reading(event, data)) is not None:
                show(*read)


def counted(event_name: str) -> Reading:
    """Events of this name that hold ``done`` and ``total``."""

    def read(event: str, data: dict[str, Any]) -> tuple[int, int] | None:
        return (int(data["done"]), int(data["total"])) if event == event_name else None

    return read
