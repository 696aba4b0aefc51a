"""Control's heart: every event and command goes through core here, and what follows is handed out."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, TypeVar

import structlog

from mcu.config import Settings
from mcu.control.access import trail
from mcu.control.bursts import Bursts
from mcu.control.mixer_link import MixerLink
from mcu.control.performer import Performer
from mcu.control.ports import SwitchPort
from mcu.control.records.history import History
from mcu.control.records.record import Record
from mcu.core import effects as do
from mcu.core.bridge import Bridge
from mcu.core.commands import Command
from mcu.core.entry.answers import Admit, EntryAnswer, EntryRequest, Wait
from mcu.core.events import Event, HungUp, Muted, SwitchDown, SwitchUp
from mcu.core.refusals import LATER
from mcu.core.roster import DIALLED
from mcu.errors import McuError
from mcu.models import audit

log = structlog.get_logger("mcu.control")
T = TypeVar("T")

NOTICES_SHOWN = 50
# s; OPTIONS and its answer take a few ms on loopback. A dial before that fails, and costs 0.3 s.
LOOK_TIME = 0.05
FINISH_WITHIN = 3.0  # s at our end for what was begun; the supervisor gives us 5
# The dialplan asks again when an answer got lost; the same call then gets the same answer.
_ANSWERS_KEPT = 512
_NO_DATA: Mapping[str, Any] = MappingProxyType({})


class Controller:
    """``make_switch`` gets the function that takes events. ``broadcast`` tells all subscribers of the bus."""

    def __init__(
        self,
        settings: Settings,
        bridge: Bridge,
        record: Record,
        make_switch: Callable[[Callable[[Event], None]], SwitchPort],
    ) -> None:
        self.settings = settings
        self.bridge = bridge
        self.record = record
        self.history = History(record)
        self.listeners: list[Callable[[str, Mapping[str, Any], float], None]] = [self.history.hear]
        record.on_notice = self.notify
        self.switch = make_switch(self.happened)
        self.mixer = MixerLink(self.happened, self._make_way)
        self.performer = Performer(self.switch, self.mixer, self._effect_failed)
        self.broadcast: Callable[[str, dict[str, Any]], None] = lambda event, data: None
        self.notices: deque[dict[str, Any]] = deque(maxlen=NOTICES_SHOWN)
        self.since = time.time()
        self.switch_since: float | None = None
        self.switch_version = ""
        self._seq = 0
        self._answers: dict[tuple[str, int, int], tuple[float, EntryAnswer]] = {}
        self._alarm: asyncio.TimerHandle | None = None
        self._errands: set[asyncio.Task[None]] = set()
        self._begun: set[asyncio.Task[Any]] = set()
        self._leaving = False
        self._bursts = Bursts(self._happened_together)
        # Asked once: formatting every event of a large room would cost more than deciding on it.
        self._trace = logging.getLogger("mcu.control").isEnabledFor(logging.DEBUG)

    # --- what comes in ------------------------------------------------------------------------------------------

    def happened(self, event: Event) -> None:
        """Something happened in switch or mixer. A fault of ours is logged; the next event finds us at work."""
        if self._leaving:
            return
        if self._trace:
            log.debug("control.event", what=repr(event))
        if self._bursts.hold(event):
            return
        try:
            effects = self.bridge.handle(event)
        except Exception:
            log.exception("control.event_failed", event_name=type(event).__name__, event_text=repr(event)[:500])
            return
        self._hand_out(effects, event.at)
        if isinstance(event, SwitchUp | SwitchDown):
            self._link_changed(event)

    def _happened_together(self, burst: list[Muted]) -> None:
        if self._leaving:
            return
        try:
            effects = self.bridge.handle_burst(burst)
        except Exception:
            log.exception("control.event_failed", event_name="Muted", event_text=repr(burst)[:500])
            return
        self._hand_out(effects, burst[-1].at)

    def catch_up(self) -> None:
        """What has been heard of is so from now on: who asks next is told of it."""
        self._bursts.catch_up()

    async def command(self, command: Command) -> None:
        """Carry it out. Raises core's refusal, or what the switch answered."""
        _, awaited = self.begin(command)
        for effect, done in awaited:
            if isinstance(effect, do.Mute | do.Kick | do.KickAll | do.Lock):
                try:
                    await done
                except McuError as fault:
                    # A microphone that could not be told for the link was lost stays ordered, see core.refusals.
                    if not (isinstance(effect, do.Mute) and fault.error_id in LATER):
                        raise

    def begin(self, command: Command) -> tuple[list[do.Effect], list[tuple[do.Effect, asyncio.Future[None]]]]:
        """Decide on it, and have it begun: all that follows, and of what the adapters do when it is done. Raises core's
        refusal."""
        self.catch_up()
        effects = self.bridge.handle(command)
        return effects, self._hand_out(effects, command.at)

    async def finish(self, work: Coroutine[Any, Any, T]) -> T:
        """Do it to its end even if who asked goes away: else a room is in the table that is not in force, or the other
        way round. The gate carries every call that changes something out through here, so handlers need not."""
        task = asyncio.create_task(work)
        self._begun.add(task)
        task.add_done_callback(self._begun.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(_untold)
            raise

    async def entry(self, request: EntryRequest) -> EntryAnswer:
        """The answer to a call at the door, at once: nothing here waits."""
        self.catch_up()
        at = time.time()
        key = _question(request)
        if key in self._answers and at - self._answers[key][0] < 30:
            return self._answers[key][1]
        answer, effects = self.bridge.enter(
            request,
            at=at,
            participant=self.fresh_id(),
            guests=self.settings.sip.guests,
            language=self.settings.asterisk.language,
        )
        self._answers[key] = at, answer
        while len(self._answers) > _ANSWERS_KEPT:
            del self._answers[next(iter(self._answers))]
        admitted = answer.participant if isinstance(answer, Admit | Wait) else ""
        log.info("control.entry", channel=request.channel, number=request.number, door=request.door, admitted=admitted)
        self._hand_out(effects, at)
        return answer

    def undelivered(self, request: EntryRequest, answer: EntryAnswer) -> None:
        """A call ended before it had its answer: its lines to the mixer need not wait for the door's time limit.

        One that we made has its id from the beginning: its end is told as everybody's. Until then it lives, and gets
        the same answer when it asks again.
        """
        if request.door == DIALLED:
            return
        self._answers.pop(_question(request), None)
        if isinstance(answer, Admit | Wait):
            gone = HungUp(at=time.time(), channel=request.channel, kind="terminal", ident=answer.participant, cause=16)
            self.happened(gone)

    # --- what goes out ------------------------------------------------------------------------------------------

    def _hand_out(self, effects: list[do.Effect], at: float) -> list[tuple[do.Effect, asyncio.Future[None]]]:
        submitted = []
        for effect in effects:
            if self._trace and not isinstance(effect, do.Tell | do.PutView):
                log.debug("control.effect", what=repr(effect))
            match effect:
                case do.Tell():
                    self.announce(effect.event, effect.data, at)
                case do.Notice():
                    self._notice(effect.level, effect.code, effect.text, at, effect.room, effect.data)
                    self.history.noticed(effect.room, effect.level, effect.code, effect.text, effect.data, at)
                case do.StoreLock():
                    self.record.store_lock(effect.room, effect.on)
                case do.StoreLayout():
                    self.record.store_layout(effect.room, effect.layout)
                case do.Keyed():
                    standing = self.bridge.rooms.get(effect.room)
                    columns = trail.keyed(effect, standing.config.branch_id if standing else None)
                    self.record.soon("audit", partial(audit.add, columns=columns))
                case do.ForgetCall():
                    self.record.forget_call(effect.call)
                case do.StoreDirection():
                    self.record.store_direction(effect.conference, effect.data)
                case _:
                    submitted.append((effect, self.performer.submit(effect)))
        self._set_alarm()
        return submitted

    def announce(self, event: str, data: Mapping[str, Any], at: float) -> None:
        """An event that the record and the schedule want to hear of, too."""
        self.tell(event, data)
        for hear in self.listeners:
            hear(event, data, at)

    def tell(self, event: str, data: Mapping[str, Any]) -> None:
        """An event to all subscribers, numbered so that one who missed any notices."""
        self._seq += 1
        self.broadcast(event, {**data, "seq": self._seq})

    def notify(self, level: str, code: str, text: str, **data: Any) -> None:
        """A notice that core has no part in (``data``: see ``effects.Notice``); none while control itself is on its way
        out. With a ``room`` it is about that, and in the record of the conference there."""
        if self._leaving:
            return
        at, room = time.time(), str(data.get("room", ""))
        self._notice(level, code, text, at, room, data)
        if room:
            self.history.noticed(room, level, code, text, data, at)

    def _notice(
        self, level: str, code: str, text: str, at: float, room: str = "", data: Mapping[str, Any] = _NO_DATA
    ) -> None:
        told: dict[str, Any] = {"at": at, "level": level, "code": code, "text": text, "data": dict(data)}
        if room:
            told["room"] = room
        log.log(30 if level == "warning" else 20, "control.notice", code=code, text=text)
        self.notices.append(told)
        self.tell("notice", told)
        self.record.note(at=at, level=level, code=code, text=text, data=data)

    def _effect_failed(self, effect: do.Effect, fault: Exception) -> None:
        error_id = fault.error_id if isinstance(fault, McuError) else ""
        self.happened(do.EffectFailed(at=time.time(), effect=effect, fault=error_id))

    # --- time ---------------------------------------------------------------------------------------------------

    def _set_alarm(self) -> None:
        due = self.bridge.due()
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if due is not None:
            # At least 5 ms: something that stays due must not become a busy loop.
            self._alarm = asyncio.get_running_loop().call_later(max(0.005, due - time.time()), self._tick)

    def _tick(self) -> None:
        self._alarm = None
        self.catch_up()
        at = time.time()
        try:
            effects = self.bridge.tick(at)
        except Exception:
            log.exception("control.tick_failed")
            effects = []
        self._hand_out(effects, at)

    # --- links --------------------------------------------------------------------------------------------------

    def _link_changed(self, event: SwitchUp | SwitchDown) -> None:
        self.switch_since = event.at
        if isinstance(event, SwitchUp):
            log.info("control.switch_up", members=len(event.snapshot.members), legs=len(event.snapshot.legs))
            present = [p.id for p in self.bridge.participants()]
            self.record.only_present(present, self.history.only_in(self.bridge.conferences), event.at)
            self.run_errand(self._learn_version())
            if self.mixer.connected:
                self.run_errand(self.switch.look_for_mixer())
        else:
            log.warning("control.switch_down", reason=event.reason)

    async def _make_way(self) -> None:
        """A new mixer is there: have the switch see it before it is dialled."""
        if self.switch.connected:
            await self.switch.look_for_mixer()
            await asyncio.sleep(LOOK_TIME)

    async def _learn_version(self) -> None:
        self.switch_version = await self.switch.version()

    def run_errand(self, errand: Any) -> None:
        """A coroutine that nobody waits for; its failure is logged."""
        task = asyncio.create_task(self._errand(errand))
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def _errand(self, errand: Any) -> None:
        try:
            await errand
        except Exception as fault:
            log.warning("control.errand_failed", reason=str(fault))

    def leave(self) -> None:
        """What happens from now on is the next process's business: the links that we close are no losses to be told."""
        self._leaving = True

    async def stop(self) -> None:
        self.catch_up()  # nothing is told any more, but no timer of it is left
        if self._alarm is not None:
            self._alarm.cancel()
        for task in list(self._errands):
            task.cancel()
        await asyncio.gather(*self._errands, return_exceptions=True)
        if self._begun:
            await asyncio.wait(self._begun, timeout=FINISH_WITHIN)
        await self.performer.stop()
        await self.record.close()

    def fresh_id(self) -> str:
        """A participant's, and of the outgoing call that is to become one."""
        while self.bridge.knows(ident := secrets.token_hex(4)):
            pass
        return ident


def _untold(task: asyncio.Task[Any]) -> None:
    """What nobody is there to be told of any more."""
    if not task.cancelled() and (fault := task.exception()) is not None:
        log.warning("control.untold_failure", reason=str(fault))


def _question(request: EntryRequest) -> tuple[str, int, int]:
    """One call asks anew with each number and PIN that was keyed in."""
    return request.uniqueid or request.channel, request.number_tries, request.pin_tries
