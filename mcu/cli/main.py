"""The command ``mcu`` and its groups. Exit codes: 0 done, 1 refused or failed, 2 wrong usage."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from mcu import __version__
from mcu.cli import profile
from mcu.cli.act import act
from mcu.cli.audit import audit
from mcu.cli.backup import backup, restore
from mcu.cli.batch import batch
from mcu.cli.call import call
from mcu.cli.completion import completion
from mcu.cli.conference import conference, savings
from mcu.cli.direction import direction
from mcu.cli.files import FilePath
from mcu.cli.gateway import gateway
from mcu.cli.meeting import meeting
from mcu.cli.output import one_line
from mcu.cli.participant import participant
from mcu.cli.preset import preset
from mcu.cli.process import PROCESS_COMMANDS
from mcu.cli.rollout import rollout
from mcu.cli.room import room
from mcu.cli.session import Session
from mcu.cli.site import site
from mcu.cli.status import status
from mcu.cli.tail import tail
from mcu.cli.terminal import terminal
from mcu.cli.test import test
from mcu.cli.token import token
from mcu.cli.user import user
from mcu.cli.webhook import webhook
from mcu.errors import McuError


class _Main(click.Group):
    """Turns our own errors into one clear line and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except McuError as error:
            click.echo(f"mcu: {one_line(error.detail)}", err=True)
            sys.exit(1)


@click.group(cls=_Main, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="mcu")
@click.option(
    "--config", type=FilePath(path_type=Path, dir_okay=False), help="Configuration file (default ./mcu.toml)."
)
@click.option("--server", default="", metavar="URL", help="Steer the bridge at https://host:port (or MCU_SERVER).")
@click.option("--token", default="", help="Shown to that bridge; better in MCU_TOKEN or ~/.config/mcu/cli.toml.")
@click.option("--ca", type=FilePath(path_type=Path, dir_okay=False), help="Authority of its certificate, PEM.")
@click.option("--profile", "profile_name", default="", metavar="NAME", help="A bridge out of ~/.config/mcu/cli.toml.")
@click.option("--local", is_flag=True, help="This machine's bridge, whatever the environment and that file say.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs instead of tables.")
@click.pass_context
def main(
    ctx: click.Context,
    config: Path | None,
    server: str,
    token: str,
    ca: Path | None,
    profile_name: str,
    local: bool,
    as_json: bool,
) -> None:
    """A SIP and H.323 video conference bridge (MCU).

    `mcu run` starts everything; the other commands steer a bridge that runs, here or elsewhere.
    """
    if config is not None:
        os.environ["MCU_CONFIG"] = str(config.resolve())  # the processes that `mcu run` starts read the same file
    ctx.obj = session_of(ctx.params, as_json)
    ctx.call_on_close(ctx.obj.close)


def session_of(params: dict[str, Any], as_json: bool = False, limit: float | None = None) -> Session:
    """A session for the options that stand before the command."""

    def remote() -> profile.Remote | None:
        return profile.choose(
            server=params.get("server") or "",
            token=params.get("token") or "",
            ca=params.get("ca"),
            name=params.get("profile_name") or "",
            local=bool(params.get("local")),
        )

    return Session(params.get("config"), as_json, remote, limit)


_COMMANDS = (
    *PROCESS_COMMANDS, act, audit, backup, batch, call, completion, conference, direction, gateway, meeting,
    participant, preset, restore, rollout, room, savings, site, status, tail, terminal, test, token, user, webhook,
)  # fmt: skip
for _command in _COMMANDS:
    main.add_command(_command)
