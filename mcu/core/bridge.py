"""The whole MCU as policy: all rooms, what happens in them, and what follows.

``handle`` takes an event of switch or mixer, or a command, and returns the instructions that follow, in order;
``enter`` answers a call at the door; ``tick`` does what time alone brings. Nothing here waits or does I/O.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mcu.core import (
    arrivals,
    commands,
    door,
    events,
    keys,
    line_events,
    lobby,
    locks,
    moves,
    quality,
    recovery,
    redial,
    refusals,
    runs,
    slides,
)
from mcu.core import effects as do
from mcu.core.calling import Dialling
from mcu.core.conference import Conference, Links, Room
from mcu.core.dialout import DialOut
from mcu.core.entry import EntryAnswer, EntryRequest
from mcu.core.keypad import Keypads
from mcu.core.layout import Catalogue
from mcu.core.limits import Fullness, Limits
from mcu.core.names import clean_name, participant_id, room_number
from mcu.core.orders import carry_out
from mcu.core.pins import PinGuard
from mcu.core.rates import kbps_of
from mcu.core.roster import Memory, Participant, RoomConfig
from mcu.core.scanners import Scanners
from mcu.core.sites import Directory
from mcu.errors import RoomNotFound

PICTURE_STATES = frozenset({"none", "waiting", "live", "stalled"})
# A channel that does not hang up when told to is told again; after that the next snapshot sweeps it.
UNANSWERED = ("asterisk_down", "timed_out")  # errors of those who wait: it may have been done
HANG_UP_AGAIN, HANG_UP_TRIES = 5.0, 3


class Bridge:
    def __init__(self, catalogue: Catalogue, limits: Limits | None = None, dialling: Dialling | None = None) -> None:
        self.catalogue = catalogue
        self.fullness = Fullness(limits or Limits())
        self.pins = PinGuard()
        self.thresholds = quality.Thresholds()
        self.scanners = Scanners()
        self.keypads = Keypads()
        self.links = Links()
        self.dial_out = DialOut(dialling, lambda: self.links.switch)
        self.directory = Directory()
        self.invited: dict[str, tuple[int, ...]] = {}  # to each room, in the order of the roll call
        self._devices: dict[str, events.DeviceTold] = {}  # by the call's id, as long as the gateway has it
        self.rooms: dict[str, Room] = {}
        self.conferences: dict[str, Conference] = {}
        self.last_mixer = ""  # the run that was here last, also while it is away
        self.views_put: set[str] = set()  # and not dropped: what that run has, its hello tells of those with legs only
        self.switch_seen = False
        self.memories: dict[
            str, Memory
        ] = {}  # of those who were in rooms when control stopped; until the first SwitchUp
        self._where: dict[str, str] = {}  # participant to room number
        self._ending: dict[str, tuple[float, int, str]] = {}  # channels told to hang up: when, how often, room
        self._dirty: set[str] = set()
        self._now = 0.0

    # --- in and out ---------------------------------------------------------------------------------------------

    def handle(self, message: events.Event | commands.Command) -> list[do.Effect]:
        """What follows. A command that cannot be carried out raises its error and changes nothing."""
        self._now = message.at
        if isinstance(message, commands.Command):
            return self._finish(carry_out(self, message))
        handler = _HANDLERS.get(type(message))
        return self._finish(handler(self, message) if handler else [])

    def enter(
        self, request: EntryRequest, *, at: float, participant: str, display: str, guests: bool, language: str
    ) -> tuple[EntryAnswer, list[do.Effect]]:
        """The answer to a call at the door, and what to do meanwhile: its lines are dialled before it is in the room.

        ``participant``: a fresh id. ``display``: the terminal's recorded name, if it has one.
        """
        self._now = at
        answer, out = door.enter(
            self, request, at=at, participant=participant, display=display, guests=guests, language=language
        )
        return answer, self._finish(out)

    def tick(self, at: float) -> list[do.Effect]:
        """What is due by now."""
        self._now = at
        for number, conference in self.conferences.items():
            due = conference.due(self.links)
            if due is not None and due <= at:
                self._dirty.add(number)
        out: list[do.Effect] = []
        for channel, (told_at, tries, room) in list(self._ending.items()):
            if 0 <= at - told_at < HANG_UP_AGAIN:
                continue
            if not self.links.switch or tries >= HANG_UP_TRIES:
                del self._ending[channel]
            else:
                self._ending[channel] = (at, tries + 1, room)
                out.append(do.HangUp(room=room, channel=channel))
        out += redial.missed(self, at)
        out += self.dial_out.tick(at)
        return self._finish(out)

    def due(self) -> float | None:
        """When ``tick`` has something to do, seconds since the epoch; None if only an event can bring anything."""
        times = [c.due(self.links) for c in self.conferences.values()]
        times += [told_at + HANG_UP_AGAIN for told_at, _, _ in self._ending.values()]
        times.append(self.dial_out.due(self._now))
        return min((t for t in times if t is not None), default=None)

    def resume(self, room: str, conference_id: str, began_at: float, direction: Mapping[str, Any]) -> None:
        """A conference that was going on when control stopped, as its record has it. Before the first SwitchUp."""
        runs.resume(self, room, conference_id, began_at, direction)

    # --- looking ------------------------------------------------------------------------------------------------

    def room(self, number: str) -> Room:
        """Raises RoomNotFound."""
        if room := self.rooms.get(number):
            return room
        raise RoomNotFound(f"there is no room {number[:16]}")

    def describe_room(self, number: str) -> dict[str, Any]:
        """As the bus tells it. Raises RoomNotFound."""
        room, conference = self.room(number), self.conferences.get(number)
        since = conference.since if conference else None
        return {
            **room.config.describe(),
            "locked": room.locked,
            "participants": conference.people if conference else 0,
            "since": round(since, 3) if since else None,
        }

    def participants(self, number: str | None = None) -> list[Participant]:
        """Those present, in one room or all."""
        chosen = [self.conferences.get(number)] if number else list(self.conferences.values())
        return [p for c in chosen if c for p in c.present.values()]

    # --- for core's own modules ---------------------------------------------------------------------------------

    def conference(self, number: str) -> Conference:
        """The room's conference, begun if there is none; it will be settled. A room nobody knows is taken as it is."""
        room = self.rooms.get(number)
        if room is None:
            config = RoomConfig(number=number, name=number, guests=False, open=False)
            room = self.rooms[number] = Room(config, stray=True)
        self._dirty.add(number)
        if number not in self.conferences:
            self.conferences[number] = Conference(room, self.catalogue)
        return self.conferences[number]

    def whereabouts(self, participant: str) -> tuple[Conference, Participant] | None:
        conference = self.conferences.get(self._where.get(participant, ""))
        found = conference.find(participant) if conference else None
        return (conference, found) if conference and found else None

    def caller(self, call_id: str) -> Participant | None:
        """Who is in a room, or at its door, by this call; no presentation."""
        everyone = (p for conference in self.conferences.values() for p in conference.everyone())
        return next((p for p in everyone if p.call_id == call_id and not p.presents), None) if call_id else None

    def crowd(self, number: str) -> tuple[int, int]:
        """How many people are in this room and in all, those at the door included, and in all those in lobbies."""
        people = {n: sum(1 for p in c.everyone() if not p.presents) for n, c in self.conferences.items()}
        waiting = sum(len(c.lobby) for c in self.conferences.values())
        return people.get(number, 0), sum(people.values()) + waiting

    def knows(self, ident: str) -> bool:
        """Is it anybody's id now?"""
        return ident in self._where or self.dial_out.find(ident) is not None

    def seat(self, participant: Participant, number: str, joined_at: float | None = None) -> list[do.Effect]:
        """Into a room, now or (as is found out now) since ``joined_at``."""
        self._where[participant.id] = number
        return self.conference(number).join(participant, joined_at or self._now)

    def stand_at_door(self, visitor: Participant) -> None:
        self._where[visitor.id] = visitor.room
        self.conference(visitor.room).entering[visitor.id] = visitor

    def wait_before(self, visitor: Participant) -> Conference:
        """Into the lobby of its room."""
        self._where[visitor.id] = visitor.room
        conference = self.conference(visitor.room)
        conference.lobby[visitor.id] = visitor
        return conference

    def remove(self, participant: str) -> list[do.Effect]:
        """Out of whatever room, or away from whatever door."""
        number = self._where.pop(participant, "")
        conference = self.conferences.get(number)
        if conference is None:
            return []
        self._dirty.add(number)
        return conference.leave(participant, self._now)

    def touch(self, number: str) -> None:
        """This room will be settled and told."""
        self._dirty.add(number)

    def forget_endings(self) -> None:
        self._ending.clear()

    def _finish(self, out: list[do.Effect]) -> list[do.Effect]:
        redial.close_places(self)
        for number in sorted(self._dirty):
            if conference := self.conferences.get(number):
                out += lobby.settle(self, conference, self._now)
                out += runs.pass_time(conference, self._now)
                out += conference.settle(self._now, self.links)
                out += runs.end(conference, self._now)
                out += runs.tell(conference, self._now)
                out += conference.announce()
                if conference.over:
                    del self.conferences[number]
                    # Of those whom ENTRY_TIMEOUT took from the door no other event may ever tell.
                    self._where = {who: where for who, where in self._where.items() if where != number}
                    if conference.room.stray:
                        del self.rooms[number]
                        out += self.dial_out.forget_room(number)
                        out.append(do.Tell(room=number, event="room.removed", data={"number": number}))
            if room := self.rooms.get(number):
                described = self.describe_room(number)
                if described != room.told:
                    room.told = described
                    out.append(do.Tell(room=number, event="room.changed", data=described))
        self._dirty.clear()
        for effect in out:
            if isinstance(effect, do.PutView):
                self.views_put.add(effect.view)
            elif isinstance(effect, do.DropView):
                self.views_put.discard(effect.view)
            if isinstance(effect, do.HangUp) and effect.channel not in self._ending:
                self._ending[effect.channel] = (self._now, 1, effect.room)
        return out

    # --- what happens in the switch -----------------------------------------------------------------------------

    def _joined(self, event: events.Joined) -> list[do.Effect]:
        if not room_number(event.room):
            return []  # somebody else's conference in the same Asterisk
        ident = participant_id(event.participant, event.channel)
        known = self.whereabouts(ident)
        out: list[do.Effect] = []
        if known is None:
            newcomer = recovery.adopt(event, ident)
        else:
            conference, newcomer = known
            if newcomer.joined_at and conference.number == event.room:
                newcomer.channel, newcomer.muted = event.channel, event.muted
                conference.changed(newcomer)
                self.touch(event.room)
                return []
            redial.moved(self, ident, event.room)
            out += self.remove(ident)
        newcomer.channel, newcomer.muted, newcomer.talking = event.channel, event.muted, False
        out += self.seat(newcomer, event.room)
        moves.arrived(self, newcomer)
        return [*out, *arrivals.joined(self, self.conference(event.room), newcomer, event.at)]

    def _left(self, event: events.Left) -> list[do.Effect]:
        known = self.whereabouts(participant_id(event.participant, event.channel))
        if known and known[1].moved_from == event.room:
            return []  # it is on its way into another room
        return self._gone(event.participant, event.channel)

    def _gone(self, told: str, channel: str) -> list[do.Effect]:
        ident = participant_id(told, channel)
        known = self.whereabouts(ident)
        # A later call under the same id is not ended by an earlier one's hang-up.
        if known is None or known[1].channel != channel:
            return []
        redial.leaves(self, known[1])
        return self.remove(ident)

    def _mine(self, event: events.ParticipantEvent) -> Participant | None:
        """The participant an event is about, marked as changed; None for a stranger."""
        known = self.whereabouts(participant_id(event.participant, event.channel))
        if known is None or known[1].channel != event.channel:
            return None
        conference, participant = known
        conference.changed(participant)
        self.touch(conference.number)
        return participant

    def _talking(self, event: events.Talking) -> list[do.Effect]:
        if participant := self._mine(event):
            participant.talking, participant.spoke_at = event.on, event.at
        return []

    def _muted(self, event: events.Muted) -> list[do.Effect]:
        if participant := self._mine(event):
            participant.muted = event.on
            participant.heard_of()
        return []

    def _picture_started(self, event: events.PictureStarted) -> list[do.Effect]:
        if participant := self._mine(event):
            participant.sends_picture = True
            participant.began_at = participant.began_at or event.at
            participant.picture_came(event.codec, event.fmtp)
            if participant.rate_class and participant.picture == "none":
                participant.picture = "waiting"
        return []

    def _video_negotiated(self, event: events.VideoNegotiated) -> list[do.Effect]:
        if participant := self._mine(event):
            participant.negotiate(event.video)
        return []

    def _picture_stopped(self, event: events.PictureStopped) -> list[do.Effect]:
        if participant := self._mine(event):
            participant.sends_picture = False
        return []

    def _hung_up(self, event: events.HungUp) -> list[do.Effect]:
        told = self._ending.pop(event.channel, None) is not None
        if event.kind == "terminal":
            if call := self.dial_out.find(event.ident):
                if event.channel == call.channel:
                    return []  # the one that broke before
                return self.dial_out.failed(event.ident, event.cause, event.at)
            known = self.whereabouts(event.ident)
            if known and known[1].channel != event.channel:
                return []  # an earlier call under the same id
            out = self._gone(event.ident, event.channel)
            return [*out, *redial.ended(self, event.ident, event.cause, event.at, ours=told)]
        if not told:
            line_events.leg_ended(self, event)
        return []

    def _effect_failed(self, event: do.EffectFailed) -> list[do.Effect]:
        match event.effect:
            case do.DialLeg() | do.DialView() | do.DialSlides() as dial:
                line_events.not_dialled(self, dial, event.at)
            case do.Subscribe() as failed:
                return line_events.not_subscribed(self, failed, event.at)
            case do.PutView() as put:
                if conference := self.conferences.get(put.room):
                    conference.put_failed(put.view, event.at)
                    self.touch(put.room)
            case do.Lock() as lock:
                return locks.lock_refused(self, lock)
            case do.Mute() | do.Deafen() | do.Gain() | do.Move():
                return refusals.refused(self, event)
            case do.LetIn() as let_in:
                return lobby.not_let_in(self, let_in, event.at)
            case do.DialTerminal() if event.fault in UNANSWERED:
                pass  # it may ring all the same: what becomes of it will be heard of, or its time runs out
            case do.DialTerminal() as dial:
                return self.dial_out.failed(dial.participant, 20, event.at)
            case _:
                pass  # mutes and kicks were told to who asked; hang-ups are repeated by the clock
        return []

    def _dial_failed(self, event: events.DialFailed) -> list[do.Effect]:
        return self.dial_out.failed(event.participant, event.cause, event.at)

    # --- what the H.323 gateway tells ---------------------------------------------------------------------------

    def _device_told(self, event: events.DeviceTold) -> list[do.Effect]:
        self._devices[event.call_id] = event
        for conference in self.conferences.values():
            for participant in conference.everyone():
                if participant.call_id == event.call_id:
                    self.tell_device(participant)
                    conference.changed(participant)
                    self.touch(conference.number)
        return []

    def _device_gone(self, event: events.DeviceGone) -> list[do.Effect]:
        self._devices.pop(event.call_id, None)
        return []

    def tell_device(self, participant: Participant) -> None:
        if told := self._devices.get(participant.call_id):
            participant.device, participant.h323 = clean_name(told.device), told.details
            slides.take_told(participant, told.details)
            participant.limit(kbps_of(told.details.get("bit_rate_limit")))

    def _media_told(self, event: quality.MediaTold) -> list[do.Effect]:
        quality.take(self, event, self.thresholds)
        return []

    # --- links --------------------------------------------------------------------------------------------------

    def _switch_up(self, event: events.SwitchUp) -> list[do.Effect]:
        return recovery.switch_up(self, event)

    def _switch_down(self, event: events.SwitchDown) -> list[do.Effect]:
        if not self.links.switch:
            return []
        self.links.switch = False
        return [do.Notice(room="", level="warning", code="asterisk_away", text=f"Asterisk is away: {event.reason}")]

    def _mixer_up(self, event: events.MixerUp) -> list[do.Effect]:
        return recovery.mixer_up(self, event)

    def _mixer_down(self, event: events.MixerDown) -> list[do.Effect]:
        return recovery.mixer_down(self, event)

    def _picture_state(self, event: events.PictureState) -> list[do.Effect]:
        known = self.whereabouts(event.participant)
        if known and event.width and event.height:
            known[1].size = event.width, event.height
        if known and event.state in PICTURE_STATES and known[1].picture != event.state:
            known[1].picture = event.state
            known[0].changed(known[1])
            self.touch(known[0].number)
        return []


_HANDLERS: Mapping[type[events.Event], Callable[[Bridge, Any], list[do.Effect]]] = {
    events.Joined: Bridge._joined,
    events.Left: Bridge._left,
    events.Talking: Bridge._talking,
    events.Muted: Bridge._muted,
    events.PictureStarted: Bridge._picture_started,
    events.VideoNegotiated: Bridge._video_negotiated,
    events.PictureStopped: Bridge._picture_stopped,
    events.KeyPressed: keys.pressed,
    events.HungUp: Bridge._hung_up,
    events.LegUp: line_events.leg_up,
    events.LegFailed: line_events.leg_failed,
    events.DialFailed: Bridge._dial_failed,
    events.DeviceTold: Bridge._device_told,
    events.DeviceGone: Bridge._device_gone,
    do.EffectFailed: Bridge._effect_failed,
    events.SwitchUp: Bridge._switch_up,
    events.SwitchDown: Bridge._switch_down,
    quality.MediaTold: Bridge._media_told,
    events.MixerUp: Bridge._mixer_up,
    events.MixerDown: Bridge._mixer_down,
    events.PictureState: Bridge._picture_state,
}
