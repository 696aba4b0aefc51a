"""A real Asterisk for tests: rendered into a home of its own, on free ports, ended by its process id."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from mcu import config
from mcu.asterisk import process, render
from mcu.config import Settings
from mcu.core.directory.accounts import TerminalAccount
from tests.ports import free_port
from tests.waiting import until_told


def free_ports(count: int) -> list[int]:
    """TCP ports that are free on loopback for UDP, too."""
    return [free_port() for _ in range(count)]


class RunningAsterisk:
    """Asterisk in the foreground as a child of the test."""

    def __init__(self, terminals: Iterable[TerminalAccount] = ()) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="mcu-ast-"))
        sip, ami, agi, mixer = free_ports(4)
        # The two that Asterisk takes at random out of its range must not collide with another test run's.
        first = 30000 + os.getpid() % 200 * 100
        base = config.load()
        self.settings: Settings = base.model_copy(
            update={
                "home": self.home,
                "sip": base.sip.model_copy(update={"port": sip}),
                "rtp": base.rtp.model_copy(update={"first": first, "last": first + 99}),
                "asterisk": base.asterisk.model_copy(update={"ami_port": ami, "agi_port": agi, "language": "en"}),
                "mixer": base.mixer.model_copy(update={"sip_port": mixer}),
            }
        )
        self.terminals = list(terminals)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        render.render(self.settings, self.terminals)
        with (self.home / "out").open("ab") as out:
            self._process = subprocess.Popen(
                process.command_line(self.settings), stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
            )

    def kill(self) -> None:
        """End it as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def remove(self) -> None:
        self.kill()
        shutil.rmtree(self.home, ignore_errors=True)

    @property
    def log(self) -> str:
        file = self.settings.log_dir / "asterisk.log"
        return file.read_text(errors="replace") if file.exists() else ""

    async def console(self, command: str) -> str:
        return await process.remote_command(self.settings, command)

    async def says(self, what: str, command: str) -> None:
        """Wait until that is somewhere in the console's answer."""

        async def found() -> bool:
            return what in await self.console(command)

        await until_told(found, f"{what!r} in {command!r}")

    async def emptied(self) -> None:
        """Wait until there is no channel."""

        async def none() -> bool:
            return (await self.console("core show channels")).find("\n0 active channels") >= 0

        await until_told(none, "no channel")
