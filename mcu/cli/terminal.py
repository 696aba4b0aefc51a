"""``mcu terminal …``: SIP and H.323 terminals that register, or are known by their address or number."""

from __future__ import annotations

from typing import Any

import click

from mcu.cli.output import rows
from mcu.cli.session import Session, confirmation, json_option, pass_session
from mcu.core.accounts import PROTOCOLS


@click.group()
def terminal() -> None:
    """Terminals that the bridge knows: list, create, update, delete."""


_override = click.option(
    "--override", "overrides", multiple=True, metavar="KEY=VALUE", help="What this terminal needs done differently."
)


@terminal.command("list")
@json_option
@pass_session
def list_(session: Session) -> None:
    """All known terminals."""
    found = session.call("terminal.list")
    session.show(
        found,
        lambda: rows(
            ["Name", "Shown as", "Protocol", "Number", "Kind", "Address", "Overrides"],
            [
                (t["name"], t["display"], t["protocol"], t["alias"], t["kind"], t["address"], _stated(t["overrides"]))
                for t in found
            ],
        ),
    )


@terminal.command()
@click.argument("name")
@click.option("--display", default="", help="Name on the picture (default: NAME).")
@click.option("--protocol", type=click.Choice(PROTOCOLS), default="sip", show_default=True)
@click.option("--alias", default="", help="H.323: its number, by which it registers and is dialled.")
@click.option("--address", default="", help="Known by this address instead of registering with a password.")
@click.option("--with-password", is_flag=True, help="H.323: it must prove a password when it registers.")
@_override
@json_option
@pass_session
def create(
    session: Session,
    name: str,
    display: str,
    protocol: str,
    alias: str,
    address: str,
    with_password: bool,
    overrides: tuple[str, ...],
) -> None:
    """Make an account; a password is asked for, never taken from the command line."""
    args: dict[str, Any] = {"name": name, "display": display or name, "protocol": protocol}
    if address:
        args["address"] = address
    if protocol == "h323":
        args |= {"alias": alias, "overrides": _table(overrides)}
    elif alias or overrides:
        raise click.UsageError("--alias and --override are for --protocol h323")
    if with_password or (protocol == "sip" and not address):
        args["password"] = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    session.done(session.call("terminal.create", **args), f"Terminal {name} may call.")


@terminal.command()
@click.argument("name")
@click.option("--display", help="Name on the picture.")
@click.option("--alias", help='H.323: its number; "" takes it away.')
@click.option("--address", help='Known by this address; "" takes it away.')
@click.option("--password", "ask", is_flag=True, help="Ask for a new password.")
@_override
@json_option
@pass_session
def update(
    session: Session,
    name: str,
    display: str | None,
    alias: str | None,
    address: str | None,
    ask: bool,
    overrides: tuple[str, ...],
) -> None:
    """Change an account; --override KEY= takes one away."""
    given = {"display": display, "alias": alias, "address": address}
    args: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    if overrides:
        args["overrides"] = _table(overrides)
    if ask:
        args["password"] = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    if not args:
        raise click.UsageError("nothing to change")
    session.done(session.call("terminal.update", name=name, **args), f"Terminal {name} is changed.")


@terminal.command()
@click.argument("name")
@confirmation("Delete the terminal's account?")
@json_option
@pass_session
def delete(session: Session, name: str) -> None:
    """Take a terminal's account away."""
    session.call("terminal.delete", name=name)
    session.done({"deleted": name}, f"Terminal {name} is gone.")


def _table(given: tuple[str, ...]) -> dict[str, str | None]:
    """``KEY=VALUE`` taken apart; control knows which keys there are."""
    read: dict[str, str | None] = {}
    for one in given:
        key, equals, value = one.partition("=")
        if not equals:
            raise click.UsageError(f"--override {one}: KEY=VALUE is wanted")
        read[key.strip()] = value.strip() or None
    return read


def _stated(overrides: dict[str, Any]) -> str:
    return " ".join(f"{key}={str(value).lower()}" for key, value in overrides.items())
