"""``mcu terminal …``: terminals that register, or are known by their address or number, and where they stand."""

from __future__ import annotations

from typing import Any

import click

from mcu.cli import choose
from mcu.cli import password as passwords
from mcu.cli.output import facts, rows
from mcu.cli.session import Session, confirmation, json_option, pass_session
from mcu.core.directory.accounts import PROTOCOLS


@click.group()
def terminal() -> None:
    """Terminals that the bridge knows: list, show, create, update, delete."""


def _where(command: Any) -> Any:
    for option in (
        click.option("--override", "overrides", multiple=True, metavar="KEY=VALUE", help="What it needs differently."),
        click.option("--preset", help='A known device of `mcu preset list`, for its overrides; "" for none.'),
        click.option("--position", type=click.IntRange(0), help="Place among its site's terminals: 0 is called first."),
        click.option("--site", type=choose.SITE, help="Where it stands; `-`: nowhere."),
    ):
        command = option(command)
    return command


def _place(session: Session, given: dict[str, Any]) -> dict[str, Any]:
    """Site, position, preset and overrides, as the bus takes them."""
    args = {key: given[key] for key in ("position", "preset") if given[key] is not None}
    if given["site"] is not None:
        args["site"] = None if given["site"] == "-" else choose.site(session, given["site"])
    if given["overrides"]:
        args["overrides"] = _table(given["overrides"])
    return args


@terminal.command("list")
@click.option("--site", type=choose.SITE, help="Only those that stand at this very site.")
@json_option
@pass_session
def list_(session: Session, site: str | None) -> None:
    """All known terminals."""
    found = session.call("terminal.list", **({} if site is None else {"site": choose.site(session, site)}))
    names = {} if session.as_json else choose.site_names(session, [t.get("site") for t in found])
    session.show(
        found,
        lambda: rows(
            ["Name", "Shown as", "Protocol", "Number", "Kind", "Address", "Site", "Preset", "Overrides"],
            [
                (
                    t["name"],
                    t["display"],
                    t["protocol"],
                    t["alias"],
                    t["kind"],
                    t["address"],
                    names.get(t.get("site")),
                    t.get("preset", ""),
                    _stated(t["overrides"]),
                )
                for t in found
            ],
        ),
    )


@terminal.command()
@click.argument("name", type=choose.TERMINAL)
@json_option
@pass_session
def show(session: Session, name: str) -> None:
    """One terminal."""
    found = session.call("terminal.show", name=name)
    names = {} if session.as_json else choose.site_names(session, [found.get("site")])
    shown = found | {"overrides": _stated(found["overrides"]), "site": names.get(found.get("site"))}
    session.show(found, lambda: facts(shown.items()))


@terminal.command()
@click.argument("name")
@click.option("--display", default="", help="Name on the picture (default: NAME).")
@click.option("--protocol", type=click.Choice(PROTOCOLS), default="sip", show_default=True)
@click.option("--alias", default="", help="Its number (E.164), by which it is dialled; H.323: and registers.")
@click.option("--address", default="", help="Known by this address instead of registering with a password.")
@click.option("--with-password", is_flag=True, help="H.323: it must prove a password when it registers.")
@click.option("--random-password", is_flag=True, help="SIP and browser: the bridge makes one, and tells it this once.")
@passwords.stdin_option
@_where
@json_option
@pass_session
def create(
    session: Session,
    /,
    name: str,
    display: str,
    protocol: str,
    alias: str,
    address: str,
    with_password: bool,
    random_password: bool,
    password_stdin: bool,
    **where: Any,
) -> None:
    """Make an account; a password is asked for, never taken from the command line."""
    args: dict[str, Any] = {"name": name, "display": display or name, "protocol": protocol}
    args |= {key: value for key, value in (("alias", alias), ("address", address)) if value}
    args |= _place(session, where)
    registers = protocol in ("sip", "browser") and not address
    if random_password and not registers:
        raise click.UsageError("--random-password is for SIP and browsers that register")
    if with_password or password_stdin or (registers and not random_password):
        args["password"] = passwords.read(session, password_stdin)
    made = session.call("terminal.create", **args)
    told = f" Its password: {made['password']}" if random_password and made.get("password") else ""
    may = "may be called" if protocol == "phone" else "may call"
    session.done(made, f"Terminal {name} {may}.{told}")


@terminal.command()
@click.argument("name", type=choose.TERMINAL)
@click.option("--display", help="Name on the picture.")
@click.option("--alias", help='Its number; "" takes it away.')
@click.option("--address", help='Known by this address; "" takes it away.')
@click.option("--password", "ask", is_flag=True, help="Ask for a new password.")
@passwords.stdin_option
@_where
@json_option
@pass_session
def update(
    session: Session,
    /,
    name: str,
    display: str | None,
    alias: str | None,
    address: str | None,
    ask: bool,
    password_stdin: bool,
    **where: Any,
) -> None:
    """Change an account; --override KEY= takes one away."""
    given = {"display": display, "alias": alias, "address": address}
    args: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    args |= _place(session, where)
    if ask or password_stdin:
        args["password"] = passwords.read(session, password_stdin)
    if not args:
        raise click.UsageError("nothing to change")
    session.done(session.call("terminal.update", name=name, **args), f"Terminal {name} is changed.")


@terminal.command()
@click.argument("name", type=choose.TERMINAL)
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
