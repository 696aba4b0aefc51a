"""Accounts of terminals: rows, Asterisk's endpoints, what the H.323 gateway knows them by, and the names they show."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import secrets
from collections.abc import Callable, Mapping
from typing import Any, cast

import structlog

from mcu.bus import Handler, Peer
from mcu.control import arguments as arg
from mcu.control.accounts import account_of, load_accounts
from mcu.control.controller import Controller
from mcu.control.directory import refresh
from mcu.core.accounts import Protocol, TerminalAccount
from mcu.core.overrides import Overrides
from mcu.errors import AsteriskDown, BadRequest, McuError
from mcu.models import TerminalRow, rows

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
            "terminal.update": self.update,
            "terminal.delete": self.delete,
            "terminal.h323": self.h323,
        }

    async def h323(self, peer: Peer, args: dict[str, Any]) -> list[dict[str, Any]]:
        """For the gateway, which has to check passwords: H.323 accounts with theirs."""
        accounts = await self._control.record.write(load_accounts)
        return [_describe(a) | {"password": a.password} for a in accounts if a.protocol == "h323"]

    async def list(self, peer: Peer, args: dict[str, Any]) -> list[dict[str, Any]]:
        """Without passwords."""
        accounts = await self._control.record.write(load_accounts)
        return [_describe(account) for account in accounts]

    async def create(self, peer: Peer, args: dict[str, Any]) -> dict[str, Any]:
        """A SIP terminal given neither a password nor an address gets a password, told in the answer, this once."""
        given, address = arg.text(args, "password", ""), arg.text(args, "address", "").strip()
        protocol, name = arg.text(args, "protocol", "sip"), arg.text(args, "name")
        password = given or ("" if address or protocol != "sip" else secrets.token_urlsafe(12))
        account = TerminalAccount(
            name=name,
            password=password,
            address=address,
            display=arg.shown(args, "display", "") or name,
            protocol=cast("Protocol", protocol),
            alias=arg.text(args, "alias", "").strip(),
            overrides=Overrides.parse(_overrides(args)),
        )
        await self._control.finish(self._add(account))
        told = _describe(account)
        return told if password in ("", given) else {**told, "password": password}

    async def update(self, peer: Peer, args: dict[str, Any]) -> dict[str, Any]:
        """Change what is given, of an override too; null takes one away. Name and protocol stay."""
        return _describe(await self._control.finish(self._change(arg.text(args, "name"), args)))

    async def delete(self, peer: Peer, args: dict[str, Any]) -> None:
        await self._control.finish(self._remove(arg.text(args, "name")))

    async def _add(self, account: TerminalAccount) -> None:
        async with self._turn:
            await self._control.record.write(rows.add_terminal, _row(account))
            try:
                await self._apply()
            except McuError:
                # An account that Asterisk's configuration cannot hold must not spoil every later one, and one that is
                # refused must not stay in it: Asterisk would let it in.
                await self._control.record.write(rows.delete_terminal, account.name)
                with contextlib.suppress(McuError):
                    await self._apply()
                raise

    async def _change(self, name: str, args: dict[str, Any]) -> TerminalAccount:
        async with self._turn:
            before = account_of(await self._control.record.write(rows.terminal, name))
            overrides = before.overrides.stated() | _overrides(args)
            account = dataclasses.replace(
                before,
                password=arg.text(args, "password", before.password),
                address=arg.text(args, "address", before.address).strip(),
                display=arg.shown(args, "display", before.display) or name,
                alias=arg.text(args, "alias", before.alias).strip(),
                overrides=Overrides.parse(overrides),
            )
            await self._control.record.write(rows.change_terminal, _row(account))
            try:
                await self._apply()
            except McuError:
                await self._control.record.write(rows.change_terminal, _row(before))
                with contextlib.suppress(McuError):
                    await self._apply()
                raise
            return account

    async def _remove(self, name: str) -> None:
        async with self._turn:
            await self._control.record.write(rows.delete_terminal, name)
            await self._apply()

    async def _apply(self) -> None:
        await asyncio.to_thread(self._render, await self._control.record.write(load_accounts))
        await refresh(self._control)
        self._control.tell("terminals.changed", {})
        try:
            await self._control.switch.reload_endpoints()
        except AsteriskDown as fault:
            log.info("control.endpoints_later", reason=str(fault))  # it reads them when it starts


def _overrides(args: dict[str, Any]) -> dict[str, Any]:
    value = args.get("overrides", {})
    if not isinstance(value, dict):
        raise BadRequest("overrides must be an object")
    return value


def _describe(account: TerminalAccount) -> dict[str, Any]:
    return {
        "name": account.name,
        "display": account.display,
        "protocol": account.protocol,
        "alias": account.alias,
        "address": account.network,
        "kind": account.kind,
        "endpoint": account.endpoint,
        "overrides": account.overrides.stated(),
    }


def _row(account: TerminalAccount) -> TerminalRow:
    return TerminalRow(
        name=account.name,
        password=account.password,
        address=account.network,
        display=account.display,
        protocol=account.protocol,
        alias=account.alias or None,
        overrides=account.overrides.stated(),
    )
