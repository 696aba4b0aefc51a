"""``mcu token …``: what programs, and this command from elsewhere, show instead of a log-in."""

from __future__ import annotations

from typing import Any

import click

from mcu.cli.output import date, rows
from mcu.cli.session import Session, confirmation, json_option, pass_session
from mcu.core.roles import SCOPES


@click.group()
def token() -> None:
    """Tokens for programs: list, create, delete."""


@token.command("list")
@json_option
@pass_session
def list_(session: Session) -> None:
    """Tokens, without what they are."""
    found = list(session.each("token.list"))
    session.show(
        found,
        lambda: rows(
            ["Id", "Name", "User", "Scopes", "Made", "Used", "Ends"],
            [
                (
                    t["id"],
                    t["name"],
                    t.get("login") or t.get("user", ""),
                    t["scopes"],
                    date(t.get("created_at")),
                    date(t.get("used_at")),
                    date(t.get("expires_at")),
                )
                for t in found
            ],
        ),
    )


@token.command()
@click.argument("name")
@click.option("--user", "login", help="Whose rights bound it; elsewhere by default your own.")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(SCOPES), help="What it is for; several are added.")
@click.option("--days", type=click.IntRange(1, 3650), help="How long it is good (default: until it is deleted).")
@json_option
@pass_session
def create(session: Session, name: str, login: str | None, scopes: tuple[str, ...], days: int | None) -> None:
    """Make a token. It is shown this once; standard output has it alone."""
    if login is None and session.remote is None:
        raise click.UsageError("say whose it is with --user")
    args: dict[str, Any] = {"name": name, "scopes": list(scopes or ("read",))}
    if login is not None:
        args["login"] = login
    if days is not None:
        args["days"] = days
    made = session.call("token.create", **args)
    session.done(made, made["token"])


@token.command()
@click.argument("token", type=int)
@confirmation("Delete the token? Programs that use it are locked out at once.")
@json_option
@pass_session
def delete(session: Session, token: int) -> None:
    """Make a token worthless, by its id."""
    session.call("token.delete", id=token)
    session.done({"deleted": token}, f"Token {token} is worthless now.")
