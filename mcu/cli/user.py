"""``mcu user …``: who may log in to the panel, as what, and where."""

from __future__ import annotations

from typing import Any

import click

from mcu.cli import choose
from mcu.cli import password as passwords
from mcu.cli.output import rows
from mcu.cli.session import Session, confirmation, json_option, pass_session
from mcu.core.roles import ROLES


@click.group()
def user() -> None:
    """People who log in to the panel: list, add, change, password, delete."""


@user.command("list")
@json_option
@pass_session
def list_(session: Session) -> None:
    """Everybody who may log in."""
    found = session.call("user.list")
    lines = [(one["login"], one["role"], one.get("branch"), one.get("room")) for one in found]
    session.show(found, lambda: rows(["Login", "Role", "Branch", "Room"], lines))


_branch = click.option("--branch", type=choose.SITE, help="Bound to this site and all under it; `-`: to none.")
_room = click.option("--room", type=choose.ROOM, help="A chair's room.")


def _bounds(session: Session, branch: str | None, room: str | None) -> dict[str, Any]:
    given: dict[str, Any] = {}
    if branch is not None:
        given["branch"] = None if branch == "-" else choose.site(session, branch)
    if room is not None:
        given["room"] = room
    return given


@user.command()
@click.argument("login")
@click.option("--role", type=click.Choice(ROLES), default="operator", show_default=True, help="A viewer only looks on.")
@_branch
@_room
@passwords.stdin_option
@json_option
@pass_session
def add(session: Session, login: str, role: str, branch: str | None, room: str | None, password_stdin: bool) -> None:
    """Let somebody log in; the password is asked for, never taken from the command line."""
    bounds = _bounds(session, branch, room)
    typed = passwords.read(session, password_stdin)
    made = session.call("user.create", login=login, role=role, password=typed, **bounds)
    session.done(made, f"{made['login']} may log in as {made['role']}.")


@user.command()
@click.argument("login")
@click.option("--role", type=click.Choice(ROLES))
@_branch
@_room
@json_option
@pass_session
def change(session: Session, login: str, role: str | None, branch: str | None, room: str | None) -> None:
    """Change what is given of role, branch and room; in force at once."""
    given = ({} if role is None else {"role": role}) | _bounds(session, branch, room)
    if not given:
        raise click.UsageError("nothing to change")
    changed = session.call("user.change", login=login, **given)
    session.done(changed, f"{changed['login']} is {changed['role']} now.")


@user.command()
@click.argument("login")
@passwords.stdin_option
@json_option
@pass_session
def password(session: Session, login: str, password_stdin: bool) -> None:
    """Set another password; whoever is logged in with the old one is logged out."""
    changed = session.call("user.password", login=login, password=passwords.read(session, password_stdin))
    session.done(changed, f"{changed['login']} has another password.")


@user.command()
@click.argument("login")
@confirmation("Delete the user?")
@json_option
@pass_session
def delete(session: Session, login: str) -> None:
    """Take a user's account away, and end the sessions."""
    session.call("user.delete", login=login)
    session.done({"deleted": login}, f"{login} can no longer log in.")
