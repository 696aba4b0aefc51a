"""``mcu call …``: terminals that the bridge calls into a meeting."""

from __future__ import annotations

import click

from mcu.cli.output import clock, rows
from mcu.cli.session import Session, json_option, pass_session

_REASONS = {
    "busy": "busy",
    "no_answer": "no answer",
    "unreachable": "unreachable",
    "refused": "refused",
    "not_found": "no such number",
    "codec": "no common codec",
    "failed": "failed",
}


@click.group()
def call() -> None:
    """Calls that the bridge makes: dial, list, again, end."""


@call.command()
@click.argument("room")
@click.argument("address", required=False, default="")
@click.option("--terminal", default="", help="A known terminal, instead of an address.")
@click.option("--name", default="", help="Name in the meeting (default: the terminal's, or the address).")
@click.option("--tries", default=0, show_default=True, type=click.IntRange(0, 20), help="Further attempts.")
@json_option
@pass_session
def dial(session: Session, room: str, address: str, terminal: str, name: str, tries: int) -> None:
    """Call a terminal into ROOM: sip:user@host, h323:host, h323:number or h323:number@host."""
    made = session.call("call.dial", room=room, address=address, terminal=terminal, name=name, tries=tries)
    session.done(made, f"Calling {made['name']} ({made['address']}); `mcu call list` shows what becomes of it.")


@call.command("list")
@click.argument("room", required=False)
@json_option
@pass_session
def list_(session: Session, room: str | None) -> None:
    """Terminals being called, and those that did not come."""
    found = session.call("call.list", **({"room": room} if room else {}))
    session.show(
        found,
        lambda: rows(
            ["Id", "Room", "Name", "Address", "State", "Reason", "Next attempt"],
            [
                (
                    c["id"],
                    c["room"],
                    c["name"],
                    c["address"],
                    c["state"],
                    _REASONS.get(c["reason"], c["reason"]),
                    clock(c["retry_at"]) if c["retry_at"] else "",
                )
                for c in found
            ],
        ),
    )


@call.command()
@click.argument("call")
@json_option
@pass_session
def again(session: Session, call: str) -> None:
    """Call a terminal again now that did not come."""
    made = session.call("call.again", call=call)
    session.done(made, f"Calling {made['name']} again.")


@call.command()
@click.argument("call")
@json_option
@pass_session
def end(session: Session, call: str) -> None:
    """Give a call up, or take a failed one off the list."""
    session.call("call.end", call=call)
    session.done({"ended": call}, f"Call {call} is ended.")
