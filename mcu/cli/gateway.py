"""``mcu gateway …``: what the H.323 gateway knows of its calls and registrations, and traces of both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.table import Table

from mcu.cli import files
from mcu.cli.output import clock, rows
from mcu.cli.session import Session, json_option, pass_session

_FILE = files.FilePath(path_type=Path, dir_okay=False)


@click.group()
def gateway() -> None:
    """The H.323 gateway: calls, show, hang-up, registered, trace, save-trace."""


def _device(call: dict[str, Any]) -> str:
    return " ".join(call[key] for key in ("vendor", "product", "version") if call[key])


def _codecs(call: dict[str, Any], way: str) -> str:
    return ", ".join(told[way]["codec"] for told in call["media"].values() if told[way])


@gateway.command()
@json_option
@pass_session
def calls(session: Session) -> None:
    """H.323 calls that stand."""
    found = session.call("h323.calls")
    session.show(
        found,
        lambda: rows(
            ["Tag", "Name", "Number", "Address", "Terminal", "Receives", "Sends", "Since", "Trace"],
            [
                (
                    c["tag"],
                    c["name"],
                    c["number"],
                    c["address"],
                    _device(c),
                    _codecs(c, "to_terminal"),
                    _codecs(c, "from_terminal"),
                    clock(c["since"]),
                    c["trace"],
                )
                for c in found
            ],
        ),
    )


@gateway.command()
@click.argument("tag")
@json_option
@pass_session
def show(session: Session, tag: str) -> None:
    """All that is known of one call: terminal, capabilities, what was negotiated."""
    call = session.call("h323.call", tag=tag)
    session.show(call, lambda: _as_table(call))


def _as_table(values: dict[str, Any]) -> Table:
    return rows(["", ""], list(_flat(values)))


def _flat(values: dict[str, Any], before: str = "") -> list[tuple[str, object]]:
    lines: list[tuple[str, object]] = []
    for key, value in values.items():
        if isinstance(value, dict):
            lines += _flat(value, f"{before}{key} ")
        else:
            lines.append((f"{before}{key}", ", ".join(map(str, value)) if isinstance(value, list) else value))
    return lines


@gateway.command("hang-up")
@click.argument("tag")
@json_option
@pass_session
def hang_up(session: Session, tag: str) -> None:
    """End a call."""
    session.call("h323.hang_up", tag=tag)
    session.done({"ended": tag}, f"H.323 call {tag} is ended.")


@gateway.command()
@json_option
@pass_session
def registered(session: Session) -> None:
    """Terminals that are registered with the built-in gatekeeper, and our own registration elsewhere."""
    found = session.call("h323.registered")
    session.show(
        found,
        lambda: rows(
            ["Terminal", "Aliases", "Address", "Product", "Proved by", "Heard (s ago)", "Calls"],
            [
                (
                    e["terminal"],
                    ", ".join(e["aliases"]),
                    e["address"],
                    e["product"],
                    e["proved"],
                    e["heard"],
                    e["calls"],
                )
                for e in found["endpoints"]
            ],
        ),
    )
    if found["outside"]["address"]:
        outside = found["outside"]
        state = "registered" if outside["registered"] else f"not registered: {outside.get('reason', '')}"
        session.say(f"Gatekeeper {outside['address']}: {state}")


@gateway.command()
@click.argument("tag", required=False, default="")
@click.option("--address", default="", help="All calls from and to this address, instead of one call.")
@click.option("--off", is_flag=True, help="Stop keeping them.")
@json_option
@pass_session
def trace(session: Session, tag: str, address: str, off: bool) -> None:
    """Keep the messages of a call (or of an address), decoded and as they were."""
    if bool(tag) == bool(address):
        raise click.UsageError("give the tag of a call or --address, and not both")
    which = {"address": address} if address else {"tag": tag}
    session.call("h323.trace", on=not off, **which)
    session.done({"trace": not off, **which}, "Nothing is kept any more." if off else "Messages are kept from now on.")


@gateway.command("save-trace")
@click.argument("tag")
@click.option("--text", type=_FILE, help="Write the decoded messages here.")
@click.option("--pcap", type=_FILE, help="Write the packets here, for Wireshark.")
@json_option
@pass_session
def save_trace(session: Session, tag: str, text: Path | None, pcap: Path | None) -> None:
    """The messages that were kept of a call; without a file the decoded ones are printed."""

    def kept(**more: bool) -> dict[str, Any]:
        found: dict[str, Any] = session.call("h323.trace_get", tag=tag, **more)
        return found

    if text is not None:
        files.write(text, kept()["text"].encode())
    if pcap is not None:
        packets = {} if session.remote is None else {"packets": True}
        files.write(pcap, files.decoded(kept(**packets)["pcap"]))
    if text is None and pcap is None:
        found = kept()
        session.show(found, lambda: str(found["text"]))
    else:
        written = [str(path) for path in (text, pcap) if path is not None]
        session.done({"written": written}, f"Written: {', '.join(written)}")
