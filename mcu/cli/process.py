"""``mcu run``, and each process alone (for systemd); ``mcu doctor``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict

import click

from mcu.cli.output import rows
from mcu.cli.session import Session, json_option, pass_session
from mcu.config import Settings

# mcu.app pulls in every adapter; commands that only steer a running bridge must not wait for that.


def _starter(name: str, help_: str) -> click.Command:
    def start(session: Session) -> None:
        from mcu import app

        run: Callable[[Settings], int] = getattr(app, f"run_{name}")
        sys.exit(run(session.settings))

    return click.command(name, help=help_)(pass_session(start))


@click.command("run")
@pass_session
def run(session: Session) -> None:
    """Run the whole bridge in the foreground; Ctrl-C stops it."""
    from mcu import app

    sys.exit(app.run_all(session.settings))


@click.command()
@json_option
@pass_session
def doctor(session: Session) -> None:
    """Look for what is wrong with this machine or the configuration; exit code 1 if the bridge cannot run."""
    from mcu.doctor import examine

    findings = examine(session.settings)
    session.show(
        [asdict(finding) for finding in findings],
        lambda: rows(
            ["", "What", "Found", "Cure"], [(f.verdict, f.what, f.found, "" if f.ok else f.cure) for f in findings]
        ),
    )
    sys.exit(1 if any(finding.verdict == "WRONG" for finding in findings) else 0)


PROCESS_COMMANDS = (
    run,
    doctor,
    _starter("asterisk", "Write Asterisk's configuration and run Asterisk."),
    _starter("control", "Run the control process."),
    _starter("mixer", "Run a video mixer."),
    _starter("h323", "Run the H.323 gateway."),
    _starter("web", "Run the panel and the REST API."),
)
