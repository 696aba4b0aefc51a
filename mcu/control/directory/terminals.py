"""Accounts of terminals: rows, Asterisk's endpoints, what the H.323 gateway knows them by, and the names they show."""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import dataclasses
import secrets
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

import structlog

from mcu.bus import Handler, Peer
from mcu.control import arguments as arg
from mcu.control import pages
from mcu.control.controller import Controller
from mcu.control.directory.accounts import account_of, load_accounts
from mcu.control.directory.lookup import refresh
from mcu.core.directory.accounts import Protocol, TerminalAccount
from mcu.core.directory.overrides import Overrides
from mcu.core.directory.presets import check_preset, presets, with_preset
from mcu.core.directory.sites import MOST_POSITION
from mcu.errors import AsteriskDown, BadRequest, McuError
from mcu.models import Database, TerminalRow, rows

log = structlog.get_logger("mcu.control")

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # no two of which look alike
Render = Callable[[list[TerminalAccount]], None]
T = TypeVar("T")


class Terminals:
    """``render`` writes Asterisk's configuration for these accounts; it may take long, so it runs in a thread."""

    def __init__(self, controller: Controller, render: Render) -> None:
        self._control = controller
        self._render = render
        self._turn = asyncio.Lock()

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "terminal.list": self.list,
            "terminal.show": self.show,
            "terminal.create": self.create,
            "terminal.update": self.update,
            "terminal.delete": self.delete,
            "terminal.h323": self.h323,
            "preset.list": self.presets,
        }

    async def h323(self, peer: Peer, args: dict[str, Any]) -> builtins.list[dict[str, Any]]:
        """For the gateway, which has to check passwords: H.323 accounts with theirs, presets carried out."""
        accounts = await self._control.record.write(load_accounts)
        return [describe(with_preset(a)) | {"password": a.password} for a in accounts if a.protocol == "h323"]

    async def presets(self, peer: Peer, args: dict[str, Any]) -> builtins.list[dict[str, Any]]:
        """Known devices, and what is done differently for each."""
        return [preset.describe() for preset in presets().values()]

    async def list(self, peer: Peer, args: dict[str, Any]) -> Any:
        """Without passwords, by name; only those at ``site`` if it is given. All, or ``limit`` a page."""
        accounts = await self._control.record.write(load_accounts)
        if (site := arg.ident_or_none(args, "site")) is not None:
            accounts = sorted((a for a in accounts if a.site == site), key=lambda a: (a.position, a.name))
        if "limit" not in args:
            return [describe(account) for account in accounts]
        page, more = pages.cut(pages.after_item(args, accounts, _cursor), pages.limit_in(args), _cursor)
        return {"items": [describe(account) for account in page], "next": more}

    async def show(self, peer: Peer, args: dict[str, Any]) -> dict[str, Any]:
        """Without its password."""
        return describe(account_of(await self._control.record.write(rows.terminal, arg.text(args, "name"))))

    async def create(self, peer: Peer, args: dict[str, Any]) -> dict[str, Any]:
        """A SIP terminal given neither a password nor an address gets a password, told in the answer, this once."""
        given, address = arg.text(args, "password", ""), arg.text(args, "address", "").strip()
        protocol, name = arg.text(args, "protocol", "sip"), arg.text(args, "name")
        password = given or ("" if address or protocol not in ("sip", "browser") else random_password())
        account = TerminalAccount(
            name=name,
            password=password,
            address=address,
            display=arg.shown(args, "display", "") or name,
            protocol=cast("Protocol", protocol),
            alias=arg.text(args, "alias", "").strip(),
            overrides=Overrides.parse(_overrides(args)),
            site=arg.ident_or_none(args, "site"),
            position=self._position(args),
            preset=arg.text(args, "preset", ""),
        )
        check_preset(account.preset, account.protocol)
        await self._add(account)
        told = describe(account)
        return told if password in ("", given) else {**told, "password": password}

    async def update(self, peer: Peer, args: dict[str, Any]) -> dict[str, Any]:
        """Change what is given, of an override too; null takes one away. Name and protocol stay."""
        return describe(await self._change(arg.text(args, "name"), args))

    async def delete(self, peer: Peer, args: dict[str, Any]) -> None:
        await self._remove(arg.text(args, "name"))

    async def _add(self, account: TerminalAccount) -> None:
        async with self._turn:
            await self._control.record.write(rows.add_terminal, row_of(account))
            # An account that Asterisk's configuration cannot hold must not spoil every later one, and one that is
            # refused must not stay in it: Asterisk would let it in.
            await self._apply_or(rows.delete_terminal, account.name)

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
                site=arg.ident_or_none(args, "site") if "site" in args else before.site,
                position=self._position(args, before),
                preset=arg.text(args, "preset", before.preset) if args.get("preset", "") is not None else "",
            )
            check_preset(account.preset, account.protocol)
            await self._control.record.write(rows.change_terminal, row_of(account))
            await self._apply_or(rows.change_terminal, row_of(before))
            return account

    async def _remove(self, name: str) -> None:
        async with self._turn:
            before = await self._control.record.write(rows.terminal, name)
            await self._control.record.write(rows.delete_terminal, name)
            again = row_of(account_of(before))
            again.created_at = before.created_at
            # One that is still in Asterisk's configuration, and so let in, must not be gone from the list.
            await self._apply_or(rows.add_terminal, again)

    async def together(self, work: Callable[[Database, Render], T], changes: Callable[[T], bool]) -> T:
        """Many changes as one: ``work`` writes them in a transaction, and calls what it is given with all accounts
        before that is final. ``changes``: whether anything came of it. Raises what ``work`` raises."""
        async with self._turn:
            try:
                done = await self._control.record.write(work, self._render_effective)
            except Exception:
                with contextlib.suppress(McuError):
                    await self._apply()  # the files are perhaps those of what was not kept
                raise
            if changes(done):
                await self._take_over()
            return done

    async def _apply_or(self, undo: Callable[[Database, Any], Any], row: Any) -> None:
        """In force, or ``undo`` it in the table. Raises what stood in the way."""
        try:
            await self._apply()
        except Exception:
            await self._control.record.write(undo, row)
            with contextlib.suppress(Exception):
                await self._apply()
            raise

    async def _apply(self) -> None:
        """What stands in the table is in force from now on. Raises ConfigError if Asterisk's files cannot hold it."""
        accounts = await self._control.record.write(load_accounts)
        await asyncio.to_thread(self._render_effective, accounts)
        await self._take_over()

    def _render_effective(self, accounts: builtins.list[TerminalAccount]) -> None:
        self._render([with_preset(account) for account in accounts])

    async def _take_over(self) -> None:
        await refresh(self._control)
        self._control.tell("terminals.changed", {})
        try:
            await self._control.switch.reload_endpoints()
        except AsteriskDown as fault:
            log.info("control.endpoints_later", reason=str(fault))  # it reads them when it starts

    def _position(self, args: dict[str, Any], before: TerminalAccount | None = None) -> int:
        """The last at its site, if nothing else is said and it is new there."""
        site = arg.ident_or_none(args, "site")
        if "position" in args or site is None or (before is not None and site == before.site):
            return arg.whole(args, "position", 0, MOST_POSITION, before.position if before else 0)
        return max((one.position + 1 for one in self._control.bridge.directory.terminals(site)), default=0)


def random_password() -> str:
    """For a SIP account; easily keyed in on a terminal's remote control, 80 bits."""
    return "".join(secrets.choice(_LETTERS) for _ in range(16))


def _cursor(account: TerminalAccount) -> str:
    return account.name


def _overrides(args: dict[str, Any]) -> dict[str, Any]:
    value = args.get("overrides", {})
    if not isinstance(value, dict):
        raise BadRequest("overrides must be an object")
    return value


def describe(account: TerminalAccount) -> dict[str, Any]:
    """As the bus tells it, without the password."""
    return {
        "name": account.name,
        "display": account.display,
        "protocol": account.protocol,
        "alias": account.alias,
        "address": account.network,
        "kind": account.kind,
        "endpoint": account.endpoint,
        "overrides": account.overrides.stated(),
        "site": account.site,
        "position": account.position,
        "preset": account.preset,
    }


def row_of(account: TerminalAccount) -> TerminalRow:
    return TerminalRow(
        name=account.name,
        password=account.password,
        address=account.network,
        display=account.display,
        protocol=account.protocol,
        alias=account.alias or None,
        overrides=account.overrides.stated(),
        site_id=account.site,
        position=account.position,
        preset=account.preset,
    )
