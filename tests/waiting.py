"""Waiting for what nothing announces. Each looks again and again, and says what it waited for in vain; a crowded
machine is given more time than ``seconds``, see tests/patience.py."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from tests.patience import Patience

Told = TypeVar("Told")


async def until(condition: Callable[[], object], what: str = "what is awaited", seconds: float = 30) -> float:
    """How long it took, in s. Raises AssertionError."""
    patience = Patience(seconds)
    while not condition():
        assert not patience.over, f"{patience}: {what}"
        await asyncio.sleep(0.002)
    return patience.elapsed


async def until_told(ask: Callable[[], Awaitable[Told]], what: str, seconds: float = 30) -> Told:
    """Likewise, for what is asked for with ``await``: the first answer that is neither empty nor false."""
    patience = Patience(seconds)
    while not (told := await ask()):
        assert not patience.over, f"{patience}: {what}"
        await asyncio.sleep(0.02)
    return told


async def until_in_thread(condition: Callable[[], object], what: str, seconds: float = 30) -> None:
    """Likewise, for a condition that blocks, such as a call of the bus: who else lives in the loop goes on."""
    patience = Patience(seconds)
    while not await asyncio.to_thread(condition):
        assert not patience.over, f"{patience}: {what}"
        await asyncio.sleep(0.05)


def until_blocking(condition: Callable[[], object], what: str = "what is awaited", seconds: float = 30) -> None:
    """Likewise, where there is no loop."""
    patience = Patience(seconds)
    while not condition():
        assert not patience.over, f"{patience}: {what}"
        time.sleep(0.01)
