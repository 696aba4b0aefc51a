"""``mcu rollout``: a file of sites becomes accounts, numbers, and set-up sheets with a page for each site."""

from __future__ import annotations

from pathlib import Path

import click

from mcu.cli import files
from mcu.cli.import_words import ImportWords
from mcu.cli.progress import counted, following
from mcu.cli.session import Session, json_option, pass_session
from mcu.core.languages import LANGUAGES
from mcu.errors import BadRequest


@click.command()
@click.argument("file", type=files.FilePath(path_type=Path, dir_okay=False, allow_dash=True))
@click.option(
    "--out", type=files.FilePath(path_type=Path, file_okay=False), required=True, help="Folder for the set-up sheets."
)
@click.option("--format", "form", type=click.Choice(["csv", "xlsx"]), help="Default: by the file's name.")
@click.option("--server-address", default="", help="Address that the sheets tell terminals to register with.")
@click.option("--numbers", default="", metavar="FIRST-LAST", help="Numbers to give out (default: 2001 and on).")
@click.option(
    "--language", type=click.Choice(LANGUAGES), help="Of what is told, and of the sheets (default: the bridge's)."
)
@click.option("--dry-run", is_flag=True, help="Only say what is wrong, and what would be made.")
@json_option
@pass_session
def rollout(
    session: Session,
    file: Path,
    out: Path,
    form: str | None,
    server_address: str,
    numbers: str,
    language: str | None,
    dry_run: bool,
) -> None:
    """Make sites, terminals, passwords and numbers out of a CSV or XLSX FILE, and set-up sheets (PDF, a page a site).

    The sheets hold passwords: folder and file are their owner's alone. Doing it again makes only the sheets anew.
    """
    sheet = files.sheet(file, form)
    if not dry_run:
        _folder(out)
    given = {"server": server_address, "numbers": numbers, "language": language}
    more = {key: value for key, value in given.items() if value}
    with following(session, str(file), counted("rollout.progress"), lines=True):
        result = session.call("site.rollout", **sheet, dry_run=dry_run, **more)
    told = ImportWords(result, language)
    if result["faults"]:
        session.show(result, told.faults)
        raise told.refused(file)
    sheets = result.pop("sheets", [])
    written = []
    for one in sheets:
        path = out / Path(one["name"]).name
        files.write(path, files.decoded(one["content"]), mode=0o600)
        written.append(str(path))
    session.done({**result, "written": written}, told.sheets(written))


def _folder(out: Path) -> None:
    try:
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as fault:
        raise BadRequest(f"{out}: {fault.strerror}") from None
