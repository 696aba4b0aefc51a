"""Calls under way outlive control: a site that was about to be called is called by the control that follows."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from mcu.control.controller import Controller
from mcu.core import outages
from mcu.core.dialling import redial
from mcu.core.dialling.outgoing import recall
from mcu.models import OutgoingCallRow, outgoing_calls


class CallsKept:
    def __init__(self, controller: Controller) -> None:
        self._control = controller

    def hear(self, event: str, data: Mapping[str, Any], at: float) -> None:
        """Every call's changes. One that was answered is kept until its terminal is in the room, or is gone from its
        door (``ForgetCall``): that may be another control's in a moment."""
        if event != "call.changed" and not (event == "participant.joined" and data.get("dialled")):
            return
        ident, bridge = data["id"], self._control.bridge
        call, known = bridge.dial_out.find(ident), bridge.whereabouts(ident)
        if call is None and known is not None and not known[1].joined_at:
            call = bridge.dial_out.kept(ident)
        if call is not None and (call.coming(waiting=True) or call.state == "answered"):
            self._control.record.keep_call(ident, at, call.record())
        else:
            self._control.record.forget_call(ident)

    async def load(self) -> None:
        """What was under way when control stopped: after rooms and conferences, before Asterisk is looked for."""
        again = dropped = 0
        for row in await self._control.record.write(outgoing_calls.under_way):
            if self._resumed(row):
                again += 1
            else:
                dropped += 1
                self._control.record.forget_call(row.id)
        if again or dropped:
            text = f"Control was restarted: {again} calls that were under way are made again"
            text += f", {dropped} are not, for that was too long ago or their rooms are gone" if dropped else ""
            self._control.notify("warning" if dropped else "info", "calls_resumed", text, again=again, dropped=dropped)

    def _resumed(self, row: OutgoingCallRow) -> bool:
        """Nobody at the site expects one that did not change for long: while it goes on it changes every 80 s
        (dialout.LAST_RETRY)."""
        now = time.time()
        call = recall(row.id, row.call, now)
        if call is None or not outages.lately(row.at.timestamp(), now):
            return False
        return redial.resumed(self._control.bridge, call)
