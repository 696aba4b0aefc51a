"""Webhooks: over the bus, and what is told to each.

Every event that one wants becomes a row first, so it survives a restart; it is sent until it is taken, in order, at
least once. A worker for each sees to that, and whoever tells an event waits for none of it.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import structlog

from mcu.bus import Handler, Peer
from mcu.control import arguments as arg
from mcu.control import pages
from mcu.control.controller import Controller
from mcu.control.webhook_sender import Post, Poster
from mcu.core.permissions import ADMIN_EVENTS
from mcu.core.webhook import check_patterns, check_url, delay, encode, secret_of, sign, wants
from mcu.errors import BadRequest, Conflict, McuError, NotFound
from mcu.models import webhooks as rows
from mcu.models.tables import DeliveryRow, WebhookRow

log = structlog.get_logger("mcu.control")

Args = dict[str, Any]
MOST_WAITING = 10_000  # deliveries to one; an hour of a busy meeting
TRIAL = "webhook.test"
_BATCH = 100
_SECRET = 32  # octets
_KEPT = timedelta(days=7)  # of what was delivered
_TIDY_EVERY = 3600.0  # s
_AGAIN = 5.0  # s until we look again, where the database or we failed


class Webhooks:
    def __init__(self, controller: Controller, poster: Poster | None = None) -> None:
        self._control = controller
        self._record = controller.record
        self._private = controller.settings.webhooks.private
        self._poster = poster or Post(private=self._private)
        self._hooks: dict[int, WebhookRow] = {}
        self._waiting: dict[int, int] = {}
        self._full: set[int] = set()
        # The last one that each took: what is read while that cannot be written is not sent once more.
        self._taken: dict[int, int] = {}
        self._wake: dict[int, asyncio.Event] = {}
        self._workers: dict[int, asyncio.Task[None]] = {}
        self._tidied = time.monotonic()

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "webhook.list": self.list_,
            "webhook.create": self.create,
            "webhook.change": self.change,
            "webhook.delete": self.delete,
            "webhook.test": self.test,
            "webhook.deliveries": self.deliveries,
        }

    async def start(self) -> None:
        """Go on with what was on its way."""
        self._waiting = await self._record.write(rows.backlog)
        for row in await self._record.write(rows.webhooks):
            self._take(row)

    async def stop(self) -> None:
        for worker in self._workers.values():
            worker.cancel()
        await asyncio.gather(*self._workers.values(), return_exceptions=True)
        await self._poster.close()

    def hear(self, event: str, data: Mapping[str, Any]) -> None:
        """An event that control has told."""
        if event in ADMIN_EVENTS:
            return
        at = datetime.now(UTC)
        for row in self._hooks.values():
            if row.enabled and wants(row.events, event):
                self._put(row, event, data, at)

    # --- over the bus -------------------------------------------------------------------------------------------

    async def list_(self, peer: Peer, args: Args) -> list[dict[str, Any]]:
        return [self._describe(row) for row in self._hooks.values()]

    async def create(self, peer: Peer, args: Args) -> dict[str, Any]:
        """``url``, ``events``; the secret is told in the answer, this once."""
        url = check_url(_url(args), private=self._private)
        events, secret = check_patterns(args.get("events", ["*"])), secret_of(secrets.token_bytes(_SECRET))
        row = await self._write(rows.add_webhook, url, secret, events)
        return {**self._describe(row), "secret": secret}

    async def change(self, peer: Peer, args: Args) -> dict[str, Any]:
        """What is given of ``url``, ``events`` and ``enabled``."""
        columns: dict[str, Any] = {}
        if args.get("url") is not None:
            columns["url"] = check_url(_url(args), private=self._private)
        if args.get("events") is not None:
            columns["events"] = check_patterns(args["events"])
        if args.get("enabled") is not None:
            columns["enabled"] = arg.flag(args, "enabled")
        if not columns:
            raise BadRequest("nothing to change: give url, events or enabled")
        return self._describe(await self._write(rows.change_webhook, _ident(args), datetime.now(UTC), **columns))

    async def _write(self, work: Callable[..., WebhookRow], *args: Any, **columns: Any) -> WebhookRow:
        """In the table and in force."""
        row = await self._record.write(work, *args, **columns)
        self._take(row)
        return row

    async def delete(self, peer: Peer, args: Args) -> None:
        ident = _ident(args)
        await self._record.write(rows.delete_webhook, ident)  # first: one that cannot be deleted is served on
        if (worker := self._workers.pop(ident, None)) is not None:
            worker.cancel()
        self._hooks.pop(ident, None)
        self._waiting.pop(ident, None)
        self._wake.pop(ident, None)
        self._full.discard(ident)
        self._taken.pop(ident, None)

    async def test(self, peer: Peer, args: Args) -> dict[str, Any]:
        """Send a trial event; ``webhook.deliveries`` tells what came of it."""
        ident = _ident(args)
        if ident in self._hooks and not self._hooks[ident].enabled:
            raise Conflict(f"webhook {ident} is disabled")
        at = datetime.now(UTC)
        made = await self._record.write(rows.add_trial, ident, TRIAL, _body(TRIAL, {}, at), at)
        self._waiting[ident] = self._waiting.get(ident, 0) + 1
        self._wake[ident].set()
        return {"delivery": made}

    async def deliveries(self, peer: Peer, args: Args) -> dict[str, Any]:
        limit = pages.limit_in(args)
        found = await self._record.write(rows.deliveries, _ident(args), pages.after_row(args), limit + 1)
        page, more = pages.cut(found, limit, lambda row: str(row.id))
        return {"items": [_told(row) for row in page], "next": more}

    # --- within -------------------------------------------------------------------------------------------------

    def _take(self, row: WebhookRow) -> None:
        """As it is from now on: what is under way to the address of before is broken off, and sent again."""
        if (worker := self._workers.pop(row.id, None)) is not None:
            worker.cancel()
        self._hooks[row.id] = row
        self._waiting.setdefault(row.id, 0)
        if row.enabled:
            self._wake[row.id] = asyncio.Event()
            self._workers[row.id] = asyncio.create_task(self._serve(row, self._wake[row.id]))

    def _put(self, row: WebhookRow, event: str, data: Mapping[str, Any], at: datetime) -> None:
        if self._waiting[row.id] >= MOST_WAITING:
            if row.id not in self._full:
                self._full.add(row.id)
                text = f"Webhook {row.id} has {MOST_WAITING} events waiting; more are not kept for it"
                self._soon(partial(self._control.notify, "warning", "webhook_full", text, webhook=row.id))
            return
        self._waiting[row.id] += 1
        body = _body(event, data, at)

        def step(session: Any) -> None:
            rows.add_delivery(session, row.id, event, body, at)

        self._record.soon("delivery", step)
        self._wake[row.id].set()

    def _soon(self, what: Any) -> None:
        """Not within the telling of an event: a notice is one itself."""
        asyncio.get_running_loop().call_soon(what)

    async def _serve(self, row: WebhookRow, wake: asyncio.Event) -> None:
        """Send what waits, for as long as this webhook is as it is."""
        while True:
            wake.clear()
            try:
                if not await self._send_waiting(row, wake):
                    return
            except McuError as fault:
                log.warning("control.webhook_waits", webhook=row.id, reason=str(fault))
                await asyncio.sleep(_AGAIN)
            except Exception:
                log.exception("control.webhook_failed", webhook=row.id)
                await asyncio.sleep(_AGAIN)

    async def _send_waiting(self, row: WebhookRow, wake: asyncio.Event) -> bool:
        """What waits now, or wait for some; false when it is given up."""
        failing, before = self._record.failing, self._waiting[row.id]
        batch = await self._record.write(rows.pending, row.id, self._taken.get(row.id, 0), _BATCH)
        for delivery in batch:
            if not await self._deliver(row, delivery):
                return False
        if batch:
            return True
        if failing:  # what was put is in memory still, and nobody wakes us when it is written
            await asyncio.sleep(_AGAIN)
            return True
        # What was put before we read stands in the table, or was lost.
        self._count_down(row.id, before)
        await self._tidy()
        await wake.wait()
        return True

    def _count_down(self, ident: int, by: int) -> None:
        self._waiting[ident] = max(0, self._waiting[ident] - by)
        if self._waiting[ident] < MOST_WAITING // 2:
            self._full.discard(ident)

    async def _deliver(self, row: WebhookRow, delivery: DeliveryRow) -> bool:
        """Until it is taken; false when that is given up. What comes later waits."""
        tries, due = delivery.tries, delivery.next_at
        while True:
            wait = (due - datetime.now(UTC)).total_seconds() if due else 0.0
            if wait > 0:
                await asyncio.sleep(wait)
            tries += 1
            taken, result = await self._send(row, delivery)
            if taken:
                self._taken[row.id] = delivery.id
                self._keep(delivery, tries, result, None)
                self._count_down(row.id, 1)
                return True
            pause = delay(tries)
            due = datetime.now(UTC) + timedelta(seconds=pause or 0.0)
            self._keep(delivery, tries, result, due)
            if pause is None:
                await self._give_up(row, result)
                return False

    def _keep(self, delivery: DeliveryRow, tries: int, result: str, next_at: datetime | None) -> None:
        """The newest attempt counts."""

        def step(session: Any) -> None:
            rows.settle(session, delivery.id, tries, result, next_at)

        self._record.soon("delivery settled", step, replaces=f"delivery {delivery.id}")

    async def _send(self, row: WebhookRow, delivery: DeliveryRow) -> tuple[bool, str]:
        # Rows' numbers come again, after a backup is restored too; a receiver leaves out an id that it has had.
        ident = f"mcu-{row.id}-{delivery.id}-{round(delivery.at.timestamp() * 1_000_000)}"
        now = int(time.time())
        body = encode(delivery.body)
        headers = {
            "webhook-id": ident,
            "webhook-timestamp": str(now),
            "webhook-signature": sign(row.secret, ident, now, body),
        }
        return await self._poster.post(row.url, headers, body)

    async def _give_up(self, row: WebhookRow, result: str) -> None:
        changed = await self._record.write(rows.change_webhook, row.id, datetime.now(UTC), enabled=False)
        self._workers.pop(row.id, None)
        self._hooks[row.id] = changed
        text = f"Webhook {row.id} took nothing for 24 hours ({result}) and is disabled; enabled anew it goes on"
        self._control.notify("warning", "webhook_disabled", text, webhook=row.id, result=result)

    async def _tidy(self) -> None:
        if time.monotonic() - self._tidied >= _TIDY_EVERY:
            self._tidied = time.monotonic()
            await self._record.write(rows.forget_delivered, datetime.now(UTC) - _KEPT)

    def _describe(self, row: WebhookRow) -> dict[str, Any]:
        return {
            "id": row.id,
            "url": row.url,
            "events": row.events,
            "enabled": row.enabled,
            "created_at": round(row.created_at.timestamp(), 3),
            "waiting": self._waiting.get(row.id, 0),
        }


def _body(event: str, data: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    return {"type": event, "timestamp": at.isoformat(), "data": dict(data)}


def _url(args: Args) -> str:
    url = args.get("url")
    if not isinstance(url, str):
        raise BadRequest("url is missing")
    return url


def _ident(args: Args) -> int:
    ident = args.get("id")
    if not arg.is_ident(ident):
        raise NotFound(f"there is no webhook {str(ident)[:16]}")
    return ident


def _told(row: DeliveryRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "event": row.event,
        "at": round(row.at.timestamp(), 3),
        "next_at": None if row.next_at is None else round(row.next_at.timestamp(), 3),
        "tries": row.tries,
        "result": row.result,
    }
