"""Calls that operators have the MCU make, over the bus."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from mcu.bus import Handler, Peer
from mcu.control import arguments as arg
from mcu.control.accounts import load_accounts
from mcu.control.controller import Controller
from mcu.core import commands
from mcu.core.accounts import TerminalAccount
from mcu.core.targets import Target, parse_target
from mcu.errors import BadRequest, NotFound

Args = dict[str, Any]
MOST_TRIES = 20


class Outgoing:
    """The handlers, by name in ``handlers``."""

    def __init__(self, controller: Controller) -> None:
        self._control = controller

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "call.dial": self.dial,
            "call.list": self.list,
            "call.again": self.again,
            "call.end": self.end,
        }

    async def dial(self, peer: Peer, args: Args) -> dict[str, Any]:
        """Call ``terminal`` (a known one's name) or ``address`` into ``room``; the call as it now stands."""
        number = arg.number(args, "room")
        terminal, address = arg.text(args, "terminal", ""), arg.text(args, "address", "").strip()
        if bool(terminal) == bool(address):
            raise BadRequest("give a terminal or an address, and not both")
        if terminal:
            account = await self._account(terminal)
            target, known_as = target_of(account), account.display or account.name
        else:
            target, known_as = parse_target(address), address.partition(":")[2]
        name = arg.shown(args, "name", "") or known_as
        call = self._control.fresh_id()
        await self._control.command(
            commands.CallTerminal(
                at=time.time(),
                number=number,
                participant=call,
                target=target,
                name=name,
                tries=arg.whole(args, "tries", 0, MOST_TRIES, 0),
            )
        )
        return self._control.bridge.dial_out.get(call).describe()

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

    async def _account(self, name: str) -> TerminalAccount:
        for account in await self._control.record.write(load_accounts):
            if account.name == name:
                return account
        raise NotFound(f"there is no terminal {name[:40]}; `mcu terminal list` shows those there are")


def target_of(account: TerminalAccount) -> Target:
    """Where a known terminal is called. Raises BadRequest for one whose address is a whole network."""
    host, _, length = account.network.partition("/")
    if account.network and length not in ("32", "128"):
        raise BadRequest(f"terminal {account.name} is known by the network {account.network}: dial its address instead")
    if account.protocol == "h323":
        # One without an address is where it has registered, under its number or its name.
        user = account.alias or ("" if host else account.name)
        return Target(protocol="h323", account=account.name, user=user, host=host)
    return Target(protocol="sip", account=account.name, host=host)
