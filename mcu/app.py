"""The composition root: builds and starts what each process consists of. The only place that knows all parts."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import resource
import signal
import sys
from pathlib import Path
from typing import IO

import click
import structlog

from mcu import __version__, log
from mcu.bus import BlockingClient
from mcu.config import Settings, reachable
from mcu.doctor import must_run
from mcu.errors import Conflict, McuError
from mcu.supervise import Program, Supervisor

_log = structlog.get_logger("mcu.run")
_OPEN_FILES = 65536  # a participant holds five descriptors in Asterisk


def run_control(settings: Settings) -> int:
    """The control process, until SIGTERM."""
    from mcu.control import process

    log.setup("control", settings)
    asyncio.run(process.main(settings))
    return 0


def run_mixer(settings: Settings) -> int:
    """A mixer process, until SIGTERM."""
    from mcu.mixer import process

    log.setup("mixer", settings)
    return process.main(settings)


def run_web(settings: Settings) -> int:
    """Panel and REST API under gunicorn, until SIGTERM."""
    from mcu import web  # type: ignore[attr-defined]  # web/ is installed as mcu.web

    log.setup("web", settings)
    web.serve(settings)
    return 0


def run_h323(settings: Settings) -> int:
    """The H.323 gateway, until SIGTERM."""
    from mcu.asterisk.secrets import H323_USER, h323_secret
    from mcu.h323 import process, sip

    log.setup("h323", settings)
    return process.main(settings, sip.Account(H323_USER, h323_secret(settings)))


def run_asterisk(settings: Settings) -> int:
    """Write Asterisk's configuration and become Asterisk."""
    import os

    argv = _asterisk(settings)
    _raise_limits()
    os.execv(argv[0], argv)  # noqa: S606 - a list, no shell, nothing from outside


def run_all(settings: Settings) -> int:
    """Everything, supervised, until Ctrl-C or SIGTERM."""
    _private(settings.home, settings.run_dir, settings.log_dir)
    log.setup("run", settings)
    with _alone(settings.run_dir / "mcu.lock"):
        must_run(settings)
        _raise_limits()
        password = _first_start(settings)
        untold = [password] if password else []  # shown in the banner; a start that never gets so far must not lose it
        try:
            asterisk = Program("asterisk", _asterisk(settings), output=settings.log_dir / "asterisk.out")
            names = ["mixer", "control", *(["h323"] if settings.h323.enabled else []), "web"]
            ours = [Program(name, [sys.executable, "-m", "mcu", name]) for name in names]
            asyncio.run(_supervise(settings, [asterisk, *ours], untold))
        finally:
            for password in untold:
                click.echo(f"\n  The panel's log-in is admin / {password}   (shown only this once)\n")
    return 0


async def _supervise(settings: Settings, programs: list[Program], untold: list[str]) -> None:
    supervisor = Supervisor(programs, settings.run_dir)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, supervisor.stop)
    banner = asyncio.create_task(_say_when_ready(settings, untold))
    try:
        await supervisor.run()
    finally:
        banner.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await banner
    _log.info("stopped")


async def _say_when_ready(settings: Settings, untold: list[str]) -> None:
    """Print where to dial and click once calls and the panel work, with the password that is ``untold`` yet."""
    client = BlockingClient(settings.control_socket, timeout=2)
    while not await asyncio.to_thread(_ready, client, settings):  # noqa: ASYNC110 - other processes set no Event
        await asyncio.sleep(0.2)
    client.close()
    password = untold.pop() if untold else ""
    click.echo(
        f"\n  MCU {__version__} is running.\n"
        f"    Dial    sip:1001@{_reach(settings.sip.bind)}:{settings.sip.port}\n"
        f"    Panel   http://{_reach(settings.web.bind)}:{settings.web.port}/\n"
        + (f"    Log in  admin / {password}   (shown only this once)\n" if password else "")
        + f"    Logs    {settings.log_dir}\n"
        "    Stop    Ctrl-C\n"
    )


def _reach(bind: str) -> str:
    """An address at which this machine reaches what listens on ``bind``, as a URI writes it (RFC 3986 3.2.2)."""
    address = reachable(bind)
    return f"[{address}]" if ":" in address else address


def _ready(client: BlockingClient, settings: Settings) -> bool:
    import socket

    try:
        state = client.call("status")
        with socket.create_connection((settings.web.bind, settings.web.port), timeout=1):
            return bool(state["asterisk"]["connected"] and state["mixer"]["connected"])
    except (McuError, OSError):
        return False


def _first_start(settings: Settings) -> str | None:
    """Make the tables, room 1001 and the administrator; the random password to show once, or None."""
    from mcu.models import first_start

    return first_start(settings)


def _asterisk(settings: Settings) -> list[str]:
    from mcu.asterisk import process, render
    from mcu.control.directory.accounts import terminal_accounts

    render.render(settings, terminal_accounts(settings))
    return process.command_line(settings)


def _alone(lock: Path) -> IO[str]:
    """Two bridges in one home would end each other's processes. Raises Conflict if there is one."""
    file = lock.open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise Conflict(f"`mcu run` is already running in {lock.parent.parent}") from None
    return file


def _private(*directories: Path) -> None:
    for directory in directories:
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(0o700)


def _raise_limits() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(_OPEN_FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
