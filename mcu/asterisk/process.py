"""How Asterisk is run, and how its console is spoken to."""

from __future__ import annotations

import asyncio
import contextlib

from mcu.asterisk import installation
from mcu.config import Settings
from mcu.errors import AsteriskDown, TimedOut

REMOTE_TIMEOUT = 15.0  # s; a reload of some thousand endpoints takes a few


def command_line(settings: Settings) -> list[str]:
    """What runs Asterisk in the foreground, after render.render(). Raises ConfigError when there is none."""
    return [*_asterisk(settings), "-f"]


def _asterisk(settings: Settings) -> list[str]:
    return [str(installation.find(settings).program), "-C", str(settings.asterisk_dir / "etc" / "asterisk.conf")]


async def remote_command(settings: Settings, command: str) -> str:
    """Give the running Asterisk a console command over its socket in the home, and return what it prints.

    For what AMI would want rights for that its user shall not have (Reload needs class ``config`` or ``system``). The
    command is one argument of one process: no shell sees it. Raises AsteriskDown, TimedOut, ConfigError.
    """
    remote = await asyncio.create_subprocess_exec(
        *_asterisk(settings),
        "-rx",
        command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        printed, _ = await asyncio.wait_for(remote.communicate(), REMOTE_TIMEOUT)
    except TimeoutError:
        raise TimedOut(f"Asterisk did not do {command!r} within {REMOTE_TIMEOUT:g} s") from None
    finally:
        if remote.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                remote.kill()
            await remote.wait()
    text = printed.decode("utf-8", "replace")
    if remote.returncode:
        raise AsteriskDown(f"Asterisk's console: {text.strip()[:200]}")
    return text
