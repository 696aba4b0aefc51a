"""The acts of a meeting over the bus: `room.act` and `room.direction`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from mcu.bus import Handler, Peer
from mcu.control import arguments as arg
from mcu.control.controller import Controller
from mcu.core import commands, direction_told
from mcu.core import effects as do
from mcu.core.refusals import LATER
from mcu.errors import McuError, NotFound, ParticipantNotFound

Args = dict[str, Any]
_SOUND = do.Mute | do.Deafen | do.Gain
_OUT = do.Kick | do.KickAll
# s. Asterisk answers when nearly all are out: of 200 after 0.8 s, of 400 after more than 3; and whoever asked over the
# bus waits 5.
SENT_OUT_WITHIN = 1.0


class Acts:
    def __init__(self, controller: Controller) -> None:
        self._control = controller
        self._bridge = controller.bridge

    def handlers(self) -> Mapping[str, Handler]:
        return {"room.act": self.act, "room.direction": self.direction}

    async def act(self, peer: Peer, args: Args) -> dict[str, Any]:
        """``changed``: ids of those of whom something else is ordered now. ``step``: by which ``undo`` takes back this
        act and no other; 0: it cannot be. Raises core's refusal, or the switch's, and then the act is taken back."""
        number, name = arg.number(args, "room"), arg.text(args, "act")
        given = {key: value for key, value in args.items() if key not in ("room", "act")}
        command = commands.Act(at=time.time(), number=number, name=name, arguments=given)
        changed, step = await self._stepped(command, number)
        return {"act": name, "changed": changed, "step": step, "direction": self.describe(number)}

    async def direction(self, peer: Peer, args: Args) -> dict[str, Any]:
        number = arg.number(args, "room")
        self._bridge.room(number)
        return self.describe(number)

    def describe(self, number: str) -> dict[str, Any]:
        return direction_told.describe(number, self._bridge.conferences.get(number), time.time())

    async def _stepped(self, command: commands.Act, number: str) -> tuple[list[str], int]:
        """Carry it out and wait until the switch has done its part: ids of those whom it touched, and the number of
        the step that it made, for meanwhile others may make further ones."""
        before = self._step(number)
        effects, awaited = self._control.begin(command)
        step = self._step(number)
        channels = {p.channel: p.id for p in self._bridge.participants()}
        changed = [who for effect in effects for who in _whom(effect, channels) if who]
        refused: McuError | None = None
        if everybody := [done for effect, done in awaited if isinstance(effect, do.KickAll)]:
            await asyncio.wait(everybody, timeout=SENT_OUT_WITHIN)
        for effect, done in awaited:
            if isinstance(effect, do.KickAll) and not done.done():
                continue  # they go all the same, see core.refusals
            if not isinstance(effect, _SOUND | _OUT | do.Lock | do.Move | do.LetIn):
                continue
            try:
                await done
            except McuError as fault:
                if isinstance(fault, ParticipantNotFound) or type(fault) is NotFound:
                    continue  # no such channel: who has just left needs nothing any more
                # What could not be told for the link was lost stays ordered, see core.refusals.
                if not (isinstance(effect, _SOUND | _OUT) and fault.error_id in LATER):
                    refused = refused or fault
        # What could be done again and again makes none of its own; after ``undo`` an earlier one is the latest.
        made = step if step > before else 0
        if refused is not None:
            if made:
                back = commands.TakeBack(at=time.time(), number=number, step=made)
                await self._control.command(back)
            raise refused
        return list(dict.fromkeys(changed)), made

    def _step(self, number: str) -> int:
        """What ``undo`` would take back now; 0: nothing."""
        conference = self._bridge.conferences.get(number)
        return conference.done.number if conference else 0


def _whom(effect: do.Effect, channels: Mapping[str, str]) -> list[str]:
    match effect:
        case do.Mute() | do.Deafen() | do.Gain():
            return [channels.get(effect.channel, "")]
        case do.Kick() | do.KickAll():
            return [channels.get(channel, "") for channel in do.told_to_go(effect)]
        case do.Move() | do.LetIn():
            return [effect.participant]
        case do.Tell(event="participant.changed"):
            return [str(effect.data["id"])]
    return []
