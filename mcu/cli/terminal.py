"""``mcu terminal …``: terminals that register with a password, or are known by their address."""

from __future__ import annotations

import click

from mcu.cli.session import Session, json_option, pass_session, rows


@click.group()
def terminal() -> None:
    """Terminals that the bridge knows: list, create, delete."""


@terminal.command("list")
@json_option
@pass_session
def list_(session: Session) -> None:
    """All known terminals."""
    found = session.call("terminal.list")
    session.show(
        found,
        lambda: rows(
            ["Name", "Shown as", "Kind", "Address"], [(t["name"], t["display"], t["kind"], t["address"]) for t in found]
        ),
    )


@terminal.command()
@click.argument("name")
@click.option("--display", default="", help="Name on the picture (default: NAME).")
@click.option("--address", default="", help="Known by this address instead of registering with a password.")
@json_option
@pass_session
def create(session: Session, name: str, display: str, address: str) -> None:
    """Make a SIP account; its password is asked for, never taken from the command line."""
    args = {"name": name, "display": display or name}
    if address:
        args["address"] = address
    else:
        args["password"] = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    session.done(session.call("terminal.create", **args), f"Terminal {name} may call.")


@terminal.command()
@click.argument("name")
@click.confirmation_option(prompt="Delete the terminal's account?")
@json_option
@pass_session
def delete(session: Session, name: str) -> None:
    """Take a terminal's account away."""
    session.call("terminal.delete", name=name)
    session.done({"deleted": name}, f"Terminal {name} is gone.")
