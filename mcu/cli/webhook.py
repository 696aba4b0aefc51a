"""``mcu webhook …``: other programs that are told what happens."""

from __future__ import annotations

from typing import Any

import click

from mcu.cli.output import date, rows
from mcu.cli.session import Session, confirmation, json_option, pass_session


@click.group()
def webhook() -> None:
    """Webhooks: list, create, change, delete, test, deliveries."""


@webhook.command("list")
@json_option
@pass_session
def list_(session: Session) -> None:
    """Who is told what."""
    found = list(session.each("webhook.list"))
    lines = [(w["id"], w["url"], w["events"], w["enabled"]) for w in found]
    session.show(found, lambda: rows(["Id", "Address", "Events", "Enabled"], lines))


@webhook.command()
@click.argument("url")
@click.argument("events", nargs=-1)
@json_option
@pass_session
def create(session: Session, url: str, events: tuple[str, ...]) -> None:
    """Send EVENTS (names, or "participant.*"; default all) to URL. The secret that signs them is shown this once."""
    made = session.call("webhook.create", url=url, events=list(events or ("*",)))
    session.done(made, f"Webhook {made['id']} is told. Its secret: {made['secret']}")


@webhook.command()
@click.argument("webhook", type=int)
@click.option("--url")
@click.option("--event", "events", multiple=True, help="Instead of those so far; give it once for each.")
@click.option("--enable/--disable", "enabled", default=None)
@json_option
@pass_session
def change(session: Session, webhook: int, url: str | None, events: tuple[str, ...], enabled: bool | None) -> None:
    """Change what is given; the rest stays."""
    values: dict[str, Any] = {"url": url, "events": list(events) or None, "enabled": enabled}
    given = {key: value for key, value in values.items() if value is not None}
    if not given:
        raise click.UsageError("nothing to change")
    session.done(session.call("webhook.change", id=webhook, **given), f"Webhook {webhook} is changed.")


@webhook.command()
@click.argument("webhook", type=int)
@confirmation("Delete the webhook?")
@json_option
@pass_session
def delete(session: Session, webhook: int) -> None:
    """Tell it nothing any more."""
    session.call("webhook.delete", id=webhook)
    session.done({"deleted": webhook}, f"Webhook {webhook} is gone.")


@webhook.command()
@click.argument("webhook", type=int)
@json_option
@pass_session
def test(session: Session, webhook: int) -> None:
    """Send it a trial event; `mcu webhook deliveries` shows what it answered."""
    sent = session.call("webhook.test", id=webhook)
    session.done(sent, f"A trial event is on its way to webhook {webhook}.")


@webhook.command()
@click.argument("webhook", type=int)
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@json_option
@pass_session
def deliveries(session: Session, webhook: int, limit: int) -> None:
    """What was sent lately, and how it was taken."""
    found = list(session.each("webhook.deliveries", id=webhook, most=limit))
    session.show(
        found,
        lambda: rows(
            ["Id", "Event", "When", "Tries", "Result", "Next try"],
            [
                (
                    d["id"],
                    d["event"],
                    date(d["at"]),
                    d["tries"],
                    d["result"],
                    date(d["next_at"]) if d["next_at"] else "",
                )
                for d in found
            ],
        ),
    )
