"""A thousand calls that come, are wired to and fro, and go; with AddressSanitizer and LeakSanitizer in the module."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.waiting import until

from .ami import Ami
from .channels import channel_of
from .conftest import none_left
from .switch import Switch, build
from .terminal import Terminal

CALLS = 1000
AT_ONCE = 40
KEYS = [f"p-{i}" for i in range(12)]  # few, so that keys are taken over and have several subscribers

# Asterisk itself is not instrumented, so that a leak's stack ends in its allocator and doesn't name who called. But it
# leaks nothing of its own here: whatever is reported is taken as the module's.
SANITIZER = "detect_leaks=1:exitcode=0:halt_on_error=0:detect_stack_use_after_return=0:log_path={log}"


@pytest.fixture
def sanitized(tmp_path: Path) -> Iterator[Switch]:
    module = build(
        tmp_path / "res_video_router.so", "-fsanitize=address", "-fsanitize-recover=address", "-fno-omit-frame-pointer"
    )
    library = subprocess.run(["cc", "-print-file-name=libasan.so"], capture_output=True, text=True, check=True)
    switch = Switch(tmp_path / "switch", module)
    switch.start(
        {
            "LD_PRELOAD": str(Path(library.stdout.strip()).resolve()),
            "ASAN_OPTIONS": SANITIZER.format(log=tmp_path / "sanitizer"),
        },
        seconds=90,
    )
    yield switch
    switch.stop()


def reports(folder: Path) -> str:
    """What the sanitizers found, errors and leaks."""
    return "\n".join(file.read_text() for file in folder.glob("sanitizer.*"))


class Caller:
    """Places calls one after the other, each a little different."""

    def __init__(self, name: str, switch: Switch, ami: Ami, dice: random.Random) -> None:
        self._name = name
        self._switch = switch
        self._ami = ami
        self._dice = dice
        self.seen = 0

    async def call(self, left: Iterator[int]) -> None:
        terminal = await Terminal(self._name, self._switch.sip).open()
        try:
            for _ in left:
                await self._one(terminal)
        finally:
            await terminal.close()

    async def _one(self, terminal: Terminal) -> None:
        wiring = {"X_Publish": self._dice.choice(KEYS), "X_Subscribe": self._dice.choice(KEYS)}
        for role in self._dice.choice(([], [], ["X_Publish"], ["X_Subscribe"])):
            del wiring[role]
        await terminal.dial(self._dice.choice(("room", "leg")), X_Room=str(self._dice.randrange(3)), **wiring)
        terminal.video.start(fps=15)
        before = len(terminal.video.received)
        if self._dice.random() < 0.3:
            await self._meddle(terminal)
        with contextlib.suppress(TimeoutError):  # nobody may publish what it is subscribed to
            await terminal.video.until(lambda before=before: len(terminal.video.received) > before + 5, 0.4)
        terminal.video.stop()
        await terminal.hang_up()
        self.seen += len(terminal.video.received) - before
        terminal.video.received.clear()

    async def _meddle(self, terminal: Terminal) -> None:
        """What control does to a live call, and what its terminal may do."""
        channel = await channel_of(self._ami, terminal)
        for _ in range(3):
            match self._dice.randrange(5):
                case 0 | 1:
                    key = self._dice.choice([*KEYS, ""])
                    await self._ami.set_variable(channel, "VIDEO_SUBSCRIBE()", key)
                case 2:
                    await self._ami.set_variable(channel, "VIDEO_PUBLISH()", self._dice.choice([*KEYS, ""]))
                case 3:
                    await self._ami.action(
                        "Redirect", Channel=channel, Context="terminals", Exten="other", Priority="1"
                    )
                case 4:
                    if terminal.video.remote:
                        terminal.video.ask_keyframe()


async def test_a_thousand_calls_leave_nothing_behind(sanitized: Switch, tmp_path: Path) -> None:
    ami = Ami()
    await ami.connect(sanitized.ami)
    left = iter(range(CALLS))
    callers = [Caller(f"t{i}", sanitized, ami, random.Random(i)) for i in range(AT_ONCE)]
    await asyncio.gather(*(caller.call(left) for caller in callers))
    await none_left(ami)
    assert sum(caller.seen for caller in callers) > CALLS  # pictures did flow
    await until(
        lambda: re.search(r"Video Patch Bay +0 ", sanitized.cli("module show like res_video_router.so")),
        "nobody uses the module",
    )
    await ami.close()
    assert sanitized.stop(60) == 0
    found = reports(tmp_path)
    assert not found, found
