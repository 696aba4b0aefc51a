"""Accounts of terminals: rows, Asterisk's endpoints, and the names they show."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Mapping
from typing import Any

import structlog

from mcu.bus import Handler, Peer
from mcu.control import arguments as arg
from mcu.control.controller import Controller
from mcu.core.accounts import TerminalAccount
from mcu.errors import AsteriskDown, McuError
from mcu.models import TerminalRow, load_accounts, rows

log = structlog.get_logger("mcu.control")

Render = Callable[[list[TerminalAccount]], None]


class Terminals:
    """``render`` writes Asterisk's configuration for these accounts; it may take long, so it runs in a thread."""

    def __init__(self, controller: Controller, render: Render) -> None:
        self._control = controller
        self._render = render
        self._turn = asyncio.Lock()

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "terminal.list": self.list,
            "terminal.create": self.create,
            "terminal.delete": self.delete,
        }

    def show(self, accounts: list[TerminalAccount]) -> None:
        """Take over what the terminals are called."""
        self._control.displays = {a.endpoint: a.display for a in accounts}

    async def list(self, peer: Peer, args: dict[str, Any]) -> list[dict[str, Any]]:
        """Without passwords."""
        accounts = await self._control.record.write(load_accounts)
        return [_describe(account) for account in accounts]

    async def create(self, peer: Peer, args: dict[str, Any]) -> dict[str, Any]:
        """Given neither a password nor an address, it makes a password and tells it in the answer, this once."""
        given, address = arg.text(args, "password", ""), arg.text(args, "address", "").strip()
        password = given or ("" if address else secrets.token_urlsafe(12))
        account = TerminalAccount(
            name=arg.text(args, "name"), password=password, address=address, display=arg.shown(args, "display", "")
        )
        row = TerminalRow(
            name=account.name, password=password, address=account.network, display=account.display or account.name
        )
        await self._control.finish(self._add(row))
        told = _describe(account) | {"display": row.display}
        return told if given or address else {**told, "password": password}

    async def delete(self, peer: Peer, args: dict[str, Any]) -> None:
        await self._control.finish(self._remove(arg.text(args, "name")))

    async def _add(self, row: TerminalRow) -> None:
        async with self._turn:
            await self._control.record.write(rows.add_terminal, row)
            try:
                await self._apply()
            except McuError:
                # An account that Asterisk's configuration cannot hold must not spoil every later one, and one that is
                # refused must not stay in it: Asterisk would let it in.
                await self._control.record.write(rows.delete_terminal, row.name)
                with contextlib.suppress(McuError):
                    await self._apply()
                raise

    async def _remove(self, name: str) -> None:
        async with self._turn:
            await self._control.record.write(rows.delete_terminal, name)
            await self._apply()

    async def _apply(self) -> None:
        accounts = await self._control.record.write(load_accounts)
        await asyncio.to_thread(self._render, accounts)
        self.show(accounts)
        try:
            await self._control.switch.reload_endpoints()
        except AsteriskDown as fault:
            log.info("control.endpoints_later", reason=str(fault))  # it reads them when it starts


def _describe(account: TerminalAccount) -> dict[str, Any]:
    return {
        "name": account.name,
        "display": account.display,
        "address": account.network,
        "kind": "known" if account.address else "registered",
        "endpoint": account.endpoint,
    }
