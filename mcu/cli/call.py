"""``mcu call …``: terminals that the bridge calls into a meeting."""

from __future__ import annotations

from typing import Any

import click
from rich.table import Table

from mcu.cli import choose
from mcu.cli.output import clock, many, rows
from mcu.cli.session import Session, confirmation, json_option, pass_session
from mcu.cli.waiting import until_done

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
    """Calls that the bridge makes: dial, list, again, end, all, absent, end-all."""


@call.command()
@click.argument("room", type=choose.ROOM)
@click.argument("address", required=False, default="")
@click.option("--terminal", default="", type=choose.TERMINAL, help="A known terminal, instead of an address.")
@click.option("--site", type=choose.SITE, help="A site's terminals in turn, instead of an address.")
@click.option("--name", default="", help="Name in the meeting (default: the terminal's, or the address).")
@click.option("--tries", default=0, show_default=True, type=click.IntRange(0, 20), help="Further attempts.")
@json_option
@pass_session
def dial(session: Session, room: str, address: str, terminal: str, site: str | None, name: str, tries: int) -> None:
    """Call a terminal into ROOM: sip:user@host, h323:host, h323:number, h323:number@host or tel:number."""
    if sum(map(bool, (address, terminal, site))) != 1:
        raise click.UsageError("give an address, --terminal or --site, and only one of them")
    what: dict[str, Any] = {"address": address} if address else {"terminal": terminal}
    if site is not None:
        what = {"site": choose.site(session, site)}
    named = {"name": name} if name else {}
    made = session.call("call.dial", room=room, **what, **named, tries=tries)
    session.done(made, f"Calling {made['name']} ({made['address']}); `mcu call list` shows what becomes of it.")


@call.command("list")
@click.argument("room", required=False, type=choose.ROOM)
@json_option
@pass_session
def list_(session: Session, room: str | None) -> None:
    """Terminals being called, and those that did not come."""
    found = session.call("call.list", **({"room": room} if room else {}))
    session.show(found, lambda: _table(found))


def _table(found: list[dict[str, Any]]) -> Table:
    return rows(
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


def _many(command: Any) -> Any:
    for option in (
        click.option("--limit", type=click.IntRange(1), default=600, show_default=True, help="Seconds to --wait."),
        click.option("--wait", is_flag=True, help="Until each has come or is given up; exit code 1 if some did not."),
        click.option("--tries", type=click.IntRange(0, 20), help="Further attempts for each."),
    ):
        command = option(command)
    return command


@call.command("all")
@click.argument("room", type=choose.ROOM)
@click.option("--branch", type=choose.SITE, help="Only the sites under this one.")
@_many
@json_option
@pass_session
def all_(session: Session, room: str, branch: str | None, tries: int | None, wait: bool, limit: int) -> None:
    """Call every invited site that is not there (gọi tất cả)."""
    args: dict[str, Any] = {"who": "all"}
    if branch is not None:
        args = {"who": "branch", "branch": choose.site(session, branch)}
    _call_many(session, room, args, tries, limit if wait else None)


@call.command()
@click.argument("room", type=choose.ROOM)
@_many
@json_option
@pass_session
def absent(session: Session, room: str, tries: int | None, wait: bool, limit: int) -> None:
    """Call the sites again that are missing (gọi lại các điểm vắng)."""
    _call_many(session, room, {"who": "absent"}, tries, limit if wait else None)


def _call_many(session: Session, room: str, args: dict[str, Any], tries: int | None, limit: int | None) -> None:
    if tries is not None:
        args["tries"] = tries
    made = session.call("call.all", room=room, **args)
    calls, skipped = made["calls"], made["skipped"]
    left = _until_settled(session, room, calls, limit) if limit is not None and calls else []
    told = f"{many(len(calls), 'site')} called" if limit is None else f"{len(calls) - len(left)} of {len(calls)} came"
    session.done(made | ({"absent": left} if limit is not None else {}), f"Room {room}: {told}.")
    if session.as_json:
        raise SystemExit(1 if left else 0)
    if skipped:
        lines = [(one["site"], one.get("name", ""), one["reason"]) for one in skipped]
        session.show(skipped, lambda: rows(["Site", "Name", "Not called because"], lines))
    if left:
        session.show(left, lambda: _table(left))
        raise SystemExit(1)


def _until_settled(session: Session, room: str, calls: list[dict[str, Any]], limit: float) -> list[dict[str, Any]]:
    """Those that did not come, once none is being dialled or waits for its turn. Raises TimedOut."""
    waited_for = {one["id"] for one in calls}

    def look() -> tuple[list[dict[str, Any]], int, int]:
        listed = [one for one in session.call("call.list", room=room) if one["id"] in waited_for]
        return listed, len(waited_for) - sum(one["state"] != "failed" for one in listed), len(waited_for)

    return until_done(
        session,
        f"Calling into room {room}",
        look,
        events={"call.changed", "call.failed"},
        limit=limit,
        late=lambda left: f"{left} are still being called; `mcu call list {room}` shows them",
    )


@call.command("end-all")
@click.argument("room", type=choose.ROOM)
@confirmation("Give up all calls that are under way?")
@json_option
@pass_session
def end_all(session: Session, room: str) -> None:
    """Give up every call into ROOM that has not come yet."""
    ended = session.call("call.end_all", room=room)
    session.done(ended or {"ended": room}, f"Nobody is called into room {room} any more.")
