"""Calls that operators have the MCU make, over the bus."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from mcu.bus import Handler, Peer
from mcu.control import arguments as arg
from mcu.control.controller import Controller
from mcu.control.directory.accounts import account_of
from mcu.core import commands
from mcu.core.dialling.calling import WHO, Skipped, allowed, chosen, way_to, ways_to
from mcu.core.dialling.targets import Target, Way, parse_target
from mcu.core.directory.accounts import TerminalAccount
from mcu.core.directory.trunk import shown_as
from mcu.core.languages import first_of
from mcu.errors import BadRequest, Conflict
from mcu.models import rows

Args = dict[str, Any]
MOST_TRIES = 20


class Outgoing:
    """The handlers, by name in ``handlers``."""

    def __init__(self, controller: Controller) -> None:
        self._control = controller

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "call.dial": self.dial,
            "call.all": self.all,
            "call.list": self.list,
            "call.again": self.again,
            "call.end": self.end,
            "call.end_all": self.end_all,
        }

    async def dial(self, peer: Peer, args: Args) -> dict[str, Any]:
        """Call ``site`` (its terminals in their order, until one answers), ``terminal`` (a known one's name) or
        ``address`` into ``room``; the call as it now stands."""
        number = arg.number(args, "room")
        name = arg.shown(args, "name", "")
        terminal, address = arg.text(args, "terminal", ""), arg.text(args, "address", "").strip()
        given, directory = args.get("site"), self._control.bridge.directory
        if [given is not None, bool(terminal), bool(address)].count(True) != 1:
            raise BadRequest("give a site, a terminal or an address, and one of them only")
        site: int | None = None
        if given is not None:
            site = arg.ident(args, "site")
            ways = ways_to(directory, site)
            found = directory.site(site)
            known_as = found.name if found else ""
        elif terminal:
            account = await self._account(terminal)
            ways, known_as, site = (way_to(directory, account),), account.display or account.name, account.site
        else:
            ways = (allowed(directory, Way(target=parse_target(address))),)
            known_as = self._shown(number, ways[0].target) or address.partition(":")[2]
        tries = arg.whole(args, "tries", 0, MOST_TRIES, 0)
        return await self._call(number, ways, name or known_as, tries, site)

    async def all(self, peer: Peer, args: Args) -> dict[str, Any]:
        """Call every invited site of ``room`` that is not there, or (``who`` "branch") those of a ``branch`` of the
        tree. The calls as they now stand, in the order of the invitation, and the sites that are not called and why."""
        number = arg.number(args, "room")
        who = arg.text(args, "who", "all")
        if who not in WHO:
            raise BadRequest(f"who must be one of {', '.join(WHO)}")
        branch = arg.ident_or_none(args, "branch")
        if (branch is not None) != (who == "branch"):
            raise BadRequest("a branch belongs to who = branch")
        tries = arg.whole(args, "tries", 0, MOST_TRIES, 0)
        calls, skipped = [], []
        for choice in list(chosen(self._control.bridge, number, who, branch)):
            if isinstance(choice, Skipped):
                skipped.append({"site": choice.site, "reason": choice.reason})
                continue
            site, ways = choice
            try:
                calls.append(await self.call_site(number, site.id, ways, site.name, tries))
            except Conflict:
                skipped.append({"site": site.id, "reason": "full"})
        return {"calls": calls, "skipped": skipped}

    async def list(self, peer: Peer, args: Args) -> list[dict[str, Any]]:
        number = arg.number(args, "room") if args.get("room") is not None else None
        if number is not None:
            self._control.bridge.room(number)
        return [call.describe() for call in self._control.bridge.dial_out if number in (None, call.room)]

    async def again(self, peer: Peer, args: Args) -> dict[str, Any]:
        call = arg.text(args, "call")
        await self._control.command(commands.CallAgain(at=time.time(), call=call))
        return self._control.bridge.dial_out.get(call).describe()

    async def end(self, peer: Peer, args: Args) -> None:
        await self._control.command(commands.EndCall(at=time.time(), call=arg.text(args, "call")))

    async def end_all(self, peer: Peer, args: Args) -> dict[str, Any]:
        """Give up every call into ``room`` that was not answered; their ids."""
        number = arg.number(args, "room")
        ended = [call.id for call in self._control.bridge.dial_out if call.room == number]
        await self._control.command(commands.EndCalls(at=time.time(), number=number))
        return {"ended": ended}

    async def call_site(self, number: str, site: int, ways: tuple[Way, ...], name: str, tries: int) -> dict[str, Any]:
        """A site's call that waits or has failed is taken up again, with what its terminals are now."""
        for call in self._control.bridge.dial_out:
            if (call.room, call.site) == (number, site) and call.state == "waiting":
                await self._control.command(commands.CallAgain(at=time.time(), call=call.id, ways=ways))
                return call.describe()
        return await self._call(number, ways, name, tries, site)

    async def _call(
        self, number: str, ways: tuple[Way, ...], name: str, tries: int, site: int | None
    ) -> dict[str, Any]:
        call = self._control.fresh_id()
        await self._control.command(
            commands.CallTerminal(
                at=time.time(),
                number=number,
                participant=call,
                target=ways[0].target,
                terminal=ways[0].terminal,
                others=ways[1:],
                name=name,
                tries=tries,
                site=site,
            )
        )
        return self._control.bridge.dial_out.get(call).describe()

    def _shown(self, number: str, target: Target) -> str:
        """A telephone's name, if nobody gave it one; empty for other addresses."""
        if target.protocol != "tel":
            return ""
        room = self._control.bridge.rooms.get(number)
        language = first_of(room and room.config.language, self._control.settings.asterisk.language)
        return shown_as(target.user, "", language)

    async def _account(self, name: str) -> TerminalAccount:
        return account_of(await self._control.record.write(rows.terminal, name))
