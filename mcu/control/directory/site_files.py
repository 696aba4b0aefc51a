"""Sites and terminals out of files and into them, over the bus: import, export, and the roll-out of many at once."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from mcu.bus import Handler, Peer
from mcu.control import arguments as arg
from mcu.control.access.gate import actor
from mcu.control.controller import Controller
from mcu.control.directory.accounts import load_accounts
from mcu.control.directory.site_store import carry_out
from mcu.control.directory.terminals import Render, Terminals, random_password
from mcu.core.directory.accounts import TerminalAccount
from mcu.core.directory.sites import Directory
from mcu.core.languages import Language
from mcu.errors import BadRequest, Conflict, NotPermitted
from mcu.exchange import files, rollout
from mcu.exchange.setup_sheets import Server, Sheet, setup_sheets
from mcu.exchange.site_export import export
from mcu.exchange.site_import import Plan
from mcu.exchange.tables import FORMATS, Format, Line, read_table
from mcu.models import Database
from mcu.models.first_start import TRIAL_ROOM

Args = dict[str, Any]
MOST_SHEETS = 1000  # of sites in one answer: some 5 MB in base64, and the bus carries 8
_HOST = re.compile(r"[A-Za-z0-9.:-]{1,253}")
_TOLD = 200  # times at most that progress is told


class SiteFiles:
    def __init__(self, controller: Controller, terminals: Terminals) -> None:
        self._control = controller
        self._terminals = terminals

    def handlers(self) -> Mapping[str, Handler]:
        return {"site.import": self.import_, "site.export": self.export, "site.rollout": self.rollout}

    async def import_(self, peer: Peer, args: Args) -> dict[str, Any]:
        """All of the file, or nothing and every fault."""
        language, lines = self._language(args), await asyncio.to_thread(read_table, content(args))
        made = await self._carry_out(lines, dry_run=arg.flag(args, "dry_run", False))
        return _told(made, language)

    async def export(self, peer: Peer, args: Args) -> dict[str, Any]:
        """``content`` in base64. ``passwords``: with those of the accounts, as another machine needs them."""
        form, language, passwords = _format(args), self._language(args), arg.flag(args, "passwords", False)
        accounts = await self._control.record.write(load_accounts)  # as they are, presets not carried out
        if passwords and actor().role != "admin":
            raise NotPermitted("only an administrator takes passwords along")
        directory = Directory(self._control.bridge.directory.sites(), accounts)
        made = await asyncio.to_thread(export, directory, form, language, passwords=passwords)
        return files.told(f"sites.{form}", made)

    async def rollout(self, peer: Peer, args: Args) -> dict[str, Any]:
        """As an import; accounts, passwords and numbers are made where the file has none, and ``sheets`` holds a PDF
        with a page for each of its sites. Doing it again makes nothing new but the sheets."""
        language, numbers = self._language(args), rollout.number_range(arg.text(args, "numbers", "") or "2001")
        server, dry_run = self._server(args), arg.flag(args, "dry_run", False)
        lines = await asyncio.to_thread(read_table, content(args))
        if len(lines) > MOST_SHEETS:
            raise BadRequest(f"a roll-out takes at most {MOST_SHEETS} lines; split the file")
        bridge = self._control.bridge
        lines = rollout.complete(lines, bridge.directory, bridge.rooms.keys(), numbers, language)
        made = await self._carry_out(lines, dry_run=dry_run, make_password=random_password)
        told = _told(made, language)
        if made.faults or dry_run:
            return told | {"sheets": []}
        sheets = self._sheets(made, {a.name: a for a in await self._control.record.write(load_accounts)})
        pdf = await asyncio.to_thread(setup_sheets, sheets, server, date.today(), language, self._progress())
        name = "phieu-cai-dat.pdf" if language == "vi" else "set-up-sheets.pdf"
        return told | {"sheets": [files.told(name, pdf)]}

    async def _carry_out(
        self, lines: list[Line], *, dry_run: bool, make_password: Callable[[], str] | None = None
    ) -> Plan:
        def work(database: Database, render: Render) -> Plan:
            return carry_out(database, lines, dry_run=dry_run, make_password=make_password, render=render)

        def changes(made: Plan) -> bool:
            return bool(made.nodes or made.accounts) and not dry_run

        made = await self._terminals.together(work, changes)
        if made.nodes and not dry_run:
            self._control.tell("sites.changed", {})
        return made

    def _sheets(self, made: Plan, accounts: Mapping[str, TerminalAccount]) -> list[Sheet]:
        """Passwords that were there before are for administrators alone to see."""
        directory = self._control.bridge.directory
        if actor().role != "admin":
            written = {account.name for account, _ in made.accounts}
            masked = {name: replace(one, password="•" * 8) for name, one in accounts.items() if one.password}
            accounts = {name: one if name in written else masked.get(name, one) for name, one in accounts.items()}
        sheets = []
        for node in made.order:
            if node.id is None:
                raise Conflict(f"site {node.name} went away meanwhile")
            path = tuple(site.name for site in directory.path(node.id)[:-1])
            standing = tuple(accounts[one.name] for one in directory.terminals(node.id) if one.name in accounts)
            if not standing and directory.children(node.id):
                continue  # a level of the tree, where nothing is set up
            sheets.append(Sheet(site=node.name, path=path, code=node.code, accounts=standing))
        return sheets

    def _progress(self) -> Callable[[int, int], None]:
        loop = asyncio.get_running_loop()

        def progress(done: int, total: int) -> None:
            if done == total or done % max(1, total // _TOLD) == 0:
                loop.call_soon_threadsafe(self._control.tell, "rollout.progress", {"done": done, "total": total})

        return progress

    def _server(self, args: Args) -> Server:
        settings = self._control.settings
        address = arg.text(args, "server", "").strip() or settings.sip.announced
        if not _HOST.fullmatch(address):
            raise BadRequest("server must be the address at which terminals reach the MCU")
        return Server(
            address=address,
            sip_port=settings.sip.port,
            h225_port=settings.h323.port,
            ras_port=settings.h323.ras_port,
            room=TRIAL_ROOM if TRIAL_ROOM in self._control.bridge.rooms else "",
        )

    def _language(self, args: Args) -> Language:
        return arg.language(args, self._control.settings.asterisk.language)


def content(args: Args) -> bytes:
    """The file: ``text``, as it is for CSV and in base64 for XLSX."""
    text = args.get("text")
    if text == "":
        raise BadRequest("the file is empty")
    if not isinstance(text, str):
        raise BadRequest("text is missing: the file, in base64 for xlsx")
    if _format(args) == "csv":
        return text.encode("utf-8", "replace")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadRequest("text must be the file in base64") from None


def _format(args: Args) -> Format:
    form = arg.text(args, "format", "csv")
    found = next((one for one in FORMATS if one == form), None)
    if found is None:
        raise BadRequest(f"format must be one of {', '.join(FORMATS)}")
    return found


def _told(made: Plan, language: str) -> dict[str, Any]:
    return {
        "language": language,
        "faults": [fault.describe(language) for fault in made.faults],
        "added": made.added,
        "changed": made.changed,
        "unchanged": made.unchanged,
        "unlisted": made.unlisted,
    }
