"""Waiting for work that the bridge does by itself: one way for all commands with ``--wait``."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Collection
from typing import Any, TypeVar

from mcu.cli.link import Link
from mcu.cli.progress import following
from mcu.cli.session import Session
from mcu.errors import McuError, TimedOut

T = TypeVar("T")
LOOK_AT_LEAST = 2.0  # s between two looks where no event tells of anything, or events can't be had


def until_done(
    session: Session,
    what: str,
    look: Callable[[], tuple[T, int, int]],
    *,
    events: Collection[str],
    limit: float,
    late: Callable[[int], str],
) -> T:
    """What ``look`` found once all is done; it gives that, how many are done, and of how many. It is asked whenever one
    of ``events`` comes. ``what`` stands beside the bar.

    Raises TimedOut after ``limit`` seconds, with the sentence that ``late`` makes of how many are left.
    """
    done = total = 0

    def reading(event: str, data: dict[str, Any]) -> tuple[int, int] | None:
        return (done, total) if total else None

    end, wake, link = time.monotonic() + limit, threading.Event(), session.new_link()
    listener = threading.Thread(target=_listen, args=(link, events, wake), daemon=True)
    listener.start()
    try:
        with following(session, what, reading):
            while True:
                wake.clear()
                found, done, total = look()
                if done >= total:
                    return found
                if (left := end - time.monotonic()) <= 0:
                    raise TimedOut(late(total - done))
                wake.wait(min(left, LOOK_AT_LEAST))
    finally:
        link.close()
        listener.join(timeout=5)


def _listen(link: Link, events: Collection[str], wake: threading.Event) -> None:
    with contextlib.suppress(McuError):  # the look at the work itself says what is wrong
        for event, _ in link.events():
            if event in events or event == "resync":
                wake.set()
