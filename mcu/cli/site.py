"""``mcu site …``: the tree of sites, and files of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.text import Text
from rich.tree import Tree

from mcu.cli import choose, files
from mcu.cli.import_words import ImportWords
from mcu.cli.output import facts, one_line, rows
from mcu.cli.session import Session, confirmation, json_option, pass_session
from mcu.core.directory.sites import FARTHEST
from mcu.core.languages import LANGUAGES
from mcu.errors import BadRequest

_FIELDS = ("code", "position", "people", "distance_km", "latitude", "longitude", "note")
_FILE = files.FilePath(path_type=Path, dir_okay=False, allow_dash=True)
_FORMAT = click.Choice(["csv", "xlsx"])
_LANGUAGE = click.Choice(LANGUAGES)


@click.group()
def site() -> None:
    """Sites, the places that take part: list, show, add, change, move, delete, import, export."""


def _settings(command: Any) -> Any:
    for option in (
        click.option("--note", help="Anything worth knowing."),
        click.option("--longitude", type=click.FloatRange(-180, 180)),
        click.option("--latitude", type=click.FloatRange(-90, 90)),
        click.option("--distance-km", type=click.FloatRange(0, FARTHEST), help="Way to the meeting, for the savings."),
        click.option("--people", type=click.IntRange(0, 100_000), help="How many usually sit there."),
        click.option("--position", type=click.IntRange(0), help="Place among its siblings."),
        click.option("--code", help='Official code, by which files and commands name it; "" takes it away.'),
    ):
        command = option(command)
    return command


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {key: values[key] for key in _FIELDS if values[key] is not None}


@site.command("list")
@click.option("--under", type=choose.SITE, help="Only this site's branch.")
@click.option("--flat", is_flag=True, help="A table instead of the tree.")
@json_option
@pass_session
def list_(session: Session, under: str | None, flat: bool) -> None:
    """The sites as a tree."""
    found = list(session.each("site.list"))
    if under is not None:
        found = _branch(found, choose.site(session, under))
    session.show(found, lambda: _table(found) if flat else _tree(found))


def _table(sites: list[dict[str, Any]]) -> Any:
    lines = [(s["id"], s.get("code"), s["name"], s.get("parent"), s.get("people"), s.get("note")) for s in sites]
    return rows(["Id", "Code", "Name", "Under", "People", "Note"], lines)


def _branch(sites: list[dict[str, Any]], root: int) -> list[dict[str, Any]]:
    inside, more = {root}, True
    while more:  # parents may come after their children
        found = {s["id"] for s in sites if s.get("parent") in inside} - inside
        inside, more = inside | found, bool(found)
    return [s for s in sites if s["id"] in inside]


def _tree(sites: list[dict[str, Any]]) -> Tree | str:
    if not sites:
        return "There are no sites yet: `mcu site add NAME`, or `mcu site import FILE`."
    tree = Tree("", hide_root=True)
    branches: dict[Any, Tree] = {}
    left = list(sites)
    known = {s["id"] for s in sites}
    while left:
        waiting = []
        for one in left:
            parent = one.get("parent")
            if parent in known and parent not in branches:
                waiting.append(one)
                continue
            branches[one["id"]] = branches.get(parent, tree).add(_line(one))
        if len(waiting) == len(left):  # a ring of parents: shown flat rather than not at all
            for one in waiting:
                tree.add(_line(one))
            break
        left = waiting
    return tree


def _line(one: dict[str, Any]) -> Text:
    text = Text(one_line(one["name"]))
    text.append(f"  {one['code'] or '-'}  id:{one['id']}" if one.get("code") else f"  id:{one['id']}", "dim")
    if one.get("people"):
        text.append(f"  {one['people']} people", "dim")
    return text


@site.command()
@click.argument("site", type=choose.SITE)
@json_option
@pass_session
def show(session: Session, site: str) -> None:
    """One site: where it is in the tree, and its terminals."""
    found = session.call("site.show", id=choose.site(session, site))
    session.show(found, lambda: facts(_facts(found)))


def _facts(found: dict[str, Any]) -> list[tuple[str, object]]:
    lines: list[tuple[str, object]] = []
    for key, value in found.items():
        if isinstance(value, list) and any(isinstance(one, dict) for one in value):
            named = [one.get("display") or one.get("name") or one for one in value]
            lines.append((key, " / ".join(map(str, named)) if key == "path" else named))
        else:
            lines.append((key, value))
    return lines


@site.command()
@click.argument("name")
@click.option("--under", type=choose.SITE, help="The site that it is under; without it a root.")
@click.option("--parent", type=choose.SITE, hidden=True)  # as it was called first
@_settings
@json_option
@pass_session
def add(session: Session, /, name: str, under: str | None, parent: str | None, **values: Any) -> None:
    """Add a site to the tree."""
    named = under if under is not None else parent
    above = {} if named is None else {"parent": choose.site(session, named)}
    made = session.call("site.create", name=name, **above, **_given(values))
    session.done(made, f"{made['name']} is site {made['id']}.")


@site.command()
@click.argument("site", type=choose.SITE)
@click.option("--name")
@_settings
@json_option
@pass_session
def change(session: Session, /, site: str, name: str | None, **values: Any) -> None:
    """Change what is given; the rest stays."""
    given = _given(values) | ({} if name is None else {"name": name})
    if not given:
        raise click.UsageError("nothing to change")
    changed = session.call("site.change", id=choose.site(session, site), **given)
    session.done(changed, f"{changed['name']} is changed.")


@site.command()
@click.argument("site", type=choose.SITE)
@click.option("--under", type=choose.SITE, help="The site that it is under from now on.")
@click.option("--root", is_flag=True, help="Under nothing.")
@click.option("--position", type=click.IntRange(0), help="Place among its siblings.")
@json_option
@pass_session
def move(session: Session, site: str, under: str | None, root: bool, position: int | None) -> None:
    """Hang a site, with all under it, elsewhere in the tree."""
    if (under is None) == (not root):
        raise click.UsageError("give --under SITE or --root")
    args = {"parent": None if under is None else choose.site(session, under)}
    more = {} if position is None else {"position": position}
    moved = session.call("site.move", id=choose.site(session, site), **args, **more)
    session.done(moved, f"{moved['name']} is moved.")


@site.command()
@click.argument("site", type=choose.SITE)
@click.option("--branch", is_flag=True, help="With all that is under it.")
@confirmation("Delete the site?")
@json_option
@pass_session
def delete(session: Session, site: str, branch: bool) -> None:
    """Take a site away; one that has others under it is refused without --branch."""
    ident = choose.site(session, site)
    gone = session.call("site.delete", id=ident, **({"branch": True} if branch else {}))
    session.done(gone or {"deleted": ident}, f"Site {site} is gone.")


@site.command("import")
@click.argument("file", type=_FILE)
@click.option("--format", "form", type=_FORMAT, help="Default: by the file's name.")
@click.option("--language", type=_LANGUAGE, help="Of what is told (default: the bridge's).")
@click.option("--dry-run", is_flag=True, help="Only say what is wrong, and what would change.")
@json_option
@pass_session
def import_(session: Session, file: Path, form: str | None, language: str | None, dry_run: bool) -> None:
    """Read sites and terminals out of a CSV or XLSX file: all of it, or nothing and every fault by its line."""
    more = {} if language is None else {"language": language}
    result = session.call("site.import", **files.sheet(file, form), dry_run=dry_run, **more)
    told = ImportWords(result, language)
    session.show(result, lambda: told.faults() if result["faults"] else told.done(dry_run=dry_run))
    if result["faults"]:
        raise told.refused(file)


@site.command()
@click.option("--format", "form", type=_FORMAT, help="Default: by the file's name, else csv.")
@click.option("--language", type=_LANGUAGE, help="Of the headings (default: the bridge's).")
@click.option("--passwords", is_flag=True, help="With those of the accounts, as another bridge needs them.")
@click.option("--out", type=files.FilePath(path_type=Path), help="File or folder; without it standard output.")
@json_option
@pass_session
def export(session: Session, form: str | None, language: str | None, passwords: bool, out: Path | None) -> None:
    """Write all sites and terminals into a file that `import` reads."""
    ending = "" if out is None or out.is_dir() else out.suffix.lower().removeprefix(".")
    if form is None and ending not in ("", *_FORMAT.choices):
        raise click.UsageError(f"{out}: it is written as csv or xlsx; say which with --format")
    chosen = form or ending or "csv"
    if passwords and session.remote is not None:
        raise BadRequest("passwords leave the bridge only on its own machine")
    more: dict[str, Any] = {"passwords": True} if passwords else {}
    if language is not None:
        more["language"] = language
    found = session.call("site.export", format=chosen, **more)
    if session.as_json and out is None:
        session.show(found, str)
    elif (path := files.deliver(found, out, 0o600 if passwords else 0o644)) is not None:
        session.done({"written": str(path)}, f"Written: {path}")
