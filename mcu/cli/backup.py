"""``mcu backup`` and ``mcu restore``: all that an installation knows, in one file and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mcu.cli.files import FilePath
from mcu.cli.output import date, many
from mcu.cli.session import Session, confirmation, json_option, pass_session
from mcu.errors import BadRequest, ControlDown

# mcu.models.backup brings SQLAlchemy along, which other commands must not wait for.

_FILE = FilePath(path_type=Path, dir_okay=False)


@click.command()
@click.argument("file", type=_FILE)
@json_option
@pass_session
def backup(session: Session, file: Path) -> None:
    """Write all that the bridge knows into FILE (.tar.gz), whether it runs or not.

    Passwords are in it, so it is its owner's alone. A file that is there already is left as it is.
    """
    _on_its_own_machine(session)
    if not file.name.endswith(".tar.gz"):
        raise click.UsageError(f"{file}: the name must end in .tar.gz")
    path = file.resolve()
    if not path.parent.is_dir():
        raise BadRequest(f"{path.parent} is no folder")
    made = _make(session, path)
    session.done(made, f"Written: {made['path']}, {many(made['rows'], 'row')}, {made['size'] / 1e6:.1f} MB.")


def _on_its_own_machine(session: Session) -> None:
    if session.remote is not None:
        raise BadRequest(f"log in to the machine of {session.remote.server}: backups are made on their own machine")


def _make(session: Session, path: Path) -> dict[str, Any]:
    try:
        session.call("status")
    except ControlDown:
        from mcu.models import backup as backups

        return backups.make(session.settings, path)
    made: dict[str, Any] = session.call("backup.make", path=str(path))
    return made


@click.command()
@click.argument("file", type=_FILE)
@confirmation("Put the backup in the place of all that is there now?")
@json_option
@pass_session
def restore(session: Session, file: Path) -> None:
    """Put what FILE holds in the place of all that is there. The bridge must not run; what was there is kept beside."""
    _on_its_own_machine(session)
    from mcu.models import backup as backups

    done = backups.restore(session.settings, file)
    kept = f" What was there before is kept in {done['kept']}." if done["kept"] else ""
    session.done(done, f"Back to {date(done['made_at'])}: {many(done['rows'], 'row')}.{kept}")
