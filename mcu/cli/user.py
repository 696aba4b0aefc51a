"""``mcu user …``: who may log in to the panel."""

from __future__ import annotations

import sys

import click

from mcu.cli.output import rows
from mcu.cli.session import Session, confirmation, json_option, pass_session
from mcu.errors import BadRequest

ROLES = ("admin", "operator", "viewer")

_from_stdin = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input, its first line, instead of asking."
)


@click.group()
def user() -> None:
    """People who log in to the panel: list, add, password, delete."""


@user.command("list")
@json_option
@pass_session
def list_(session: Session) -> None:
    """Everybody who may log in."""
    found = session.call("user.list")
    session.show(found, lambda: rows(["Login", "Role"], [(one["login"], one["role"]) for one in found]))


@user.command()
@click.argument("login")
@click.option("--role", type=click.Choice(ROLES), default="operator", show_default=True, help="A viewer only looks on.")
@_from_stdin
@json_option
@pass_session
def add(session: Session, login: str, role: str, password_stdin: bool) -> None:
    """Let somebody log in; the password is asked for, never taken from the command line."""
    made = session.call("user.create", login=login, role=role, password=_password(password_stdin))
    session.done(made, f"{made['login']} may log in as {made['role']}.")


@user.command()
@click.argument("login")
@_from_stdin
@json_option
@pass_session
def password(session: Session, login: str, password_stdin: bool) -> None:
    """Set another password; whoever is logged in with the old one is logged out."""
    changed = session.call("user.password", login=login, password=_password(password_stdin))
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


def _password(from_stdin: bool) -> str:
    if not from_stdin:
        typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        return typed
    try:
        line = sys.stdin.readline().rstrip("\r\n")
    except UnicodeDecodeError:
        raise BadRequest("the password on standard input is no text") from None
    if not line:
        raise BadRequest("no password on standard input")
    return line
