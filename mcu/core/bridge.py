"""The whole MCU as policy: all rooms, what happens in them, and what follows.

``handle`` takes an event of switch or mixer, or a command, and returns the instructions that follow, in order;
``enter`` answers a call at the door; ``tick`` does what time alone brings. Nothing here waits or does I/O.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mcu.core import call_events, commands, events, line_events, moves, quality, recovery, refusals, runs
from mcu.core import effects as do
from mcu.core.conference import Conference, Links, Room
from mcu.core.dialling import calling, redial
from mcu.core.dialling.dialout import DialOut
from mcu.core.directory.sites import Directory
from mcu.core.entry import door, keys, lobby
from mcu.core.entry.answers import EntryAnswer, EntryRequest
from mcu.core.entry.keypad import Keypads
from mcu.core.entry.pins import PinGuard
from mcu.core.entry.scanners import Scanners
from mcu.core.limits import Fullness, Limits
from mcu.core.names import clean_name
from mcu.core.orders import carry_out
from mcu.core.picture import slides
from mcu.core.picture.layout import Catalogue
from mcu.core.picture.rates import kbps_of
from mcu.core.roster import Memory, Participant, RoomConfig
from mcu.errors import RoomNotFound

# A channel that does not go when told to is told to hang up, and again; after that the next snapshot sweeps it.
HANG_UP_AGAIN, HANG_UP_TRIES = 5.0, 3
CLOCK_SET = 60.0  # s: no event is told so late; one that seems to be came after the clock was set back


class Bridge:
    def __init__(
        self, catalogue: Catalogue, limits: Limits | None = None, dialling: calling.Dialling | None = None
    ) -> None:
        self.catalogue = catalogue
        self.fullness = Fullness(limits or Limits())
        self.pins = PinGuard()
        self.thresholds = quality.Thresholds()
        self.scanners = Scanners()
        self.keypads = Keypads()
        self.links = Links()
        self.dial_out = DialOut(dialling, lambda: self.links.switch, lambda call: calling.renewed(self.directory, call))
        self.directory = Directory()
        self.invited: dict[str, tuple[int, ...]] = {}  # to each room, in the order of the roll call
        self.devices: dict[str, events.DeviceTold] = {}  # by the call's id, as long as the gateway has it
        self.rooms: dict[str, Room] = {}
        self.conferences: dict[str, Conference] = {}
        self.last_mixer = ""  # the run that was here last, also while it is away
        self.views_put: set[str] = set()  # and not dropped: what that run has, its hello tells of those with legs only
        self.switch_seen = False
        self.memories: dict[
            str, Memory
        ] = {}  # of those who were in rooms when control stopped; until the first SwitchUp
        self._where: dict[str, str] = {}  # participant to room number
        self._ending: dict[str, tuple[float, int, str]] = {}  # channels told to go: when, how often, room
        self._dirty: set[str] = set()
        self._now = 0.0

    # --- in and out ---------------------------------------------------------------------------------------------

    def handle(self, message: events.Event | commands.Command) -> list[do.Effect]:
        """What follows. A command that cannot be carried out raises its error and changes nothing."""
        self._pass_to(message.at)
        if isinstance(message, commands.Command):
            return self._finish(carry_out(self, message))
        handler = _HANDLERS.get(type(message))
        return self._finish(handler(self, message) if handler else [])

    def handle_burst(self, burst: Sequence[events.Muted]) -> list[do.Effect]:
        """As ``handle`` for one after another, each about somebody else; but the rooms are settled once, at the end."""
        out: list[do.Effect] = []
        for event in burst:
            self._pass_to(event.at)
            out += call_events.muted(self, event)
        return self._finish(out)

    def enter(
        self, request: EntryRequest, *, at: float, participant: str, guests: bool, language: str
    ) -> tuple[EntryAnswer, list[do.Effect]]:
        """The answer to a call at the door, and what to do meanwhile: its lines are dialled before it is in the room.

        ``participant``: a fresh id.
        """
        self._pass_to(at)
        answer, out = door.enter(self, request, at=at, participant=participant, guests=guests, language=language)
        return answer, self._finish(out)

    def tick(self, at: float) -> list[do.Effect]:
        """What is due by now."""
        self._pass_to(at)
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
        times += [self.dial_out.due(self._now), redial.due(self, self._now)]
        return min((t for t in times if t is not None), default=None)

    def resume(
        self, room: str, conference_id: str, began_at: float, direction: Mapping[str, Any], *, testing: bool = False
    ) -> None:
        """A conference that was going on when control stopped, as its record has it. Before the first SwitchUp.

        ``testing``: its test session goes on.
        """
        runs.resume(self, room, conference_id, began_at, direction, testing=testing)

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

    def was_ended(self, channel: str) -> bool:
        """It is gone: had we told it to?"""
        return self._ending.pop(channel, None) is not None

    def forget_endings(self) -> None:
        self._ending.clear()

    def _pass_to(self, at: float) -> None:
        if self._now - at > CLOCK_SET:
            self.links.switch_lost_at -= self._now - at
            for number, conference in self.conferences.items():
                runs.set_back(conference, self._now - at)
                self._dirty.add(number)
        self._now = at

    def _finish(self, out: list[do.Effect]) -> list[do.Effect]:
        out += redial.close_places(self)
        doors = [self.conferences[number] for number in sorted(self._dirty) if number in self.conferences]
        for stray in [p for conference in doors for p in conference.overdue(self._now)]:
            out += moves.overdue(self, stray)
        for number in sorted(self._dirty):
            if conference := self.conferences.get(number):
                out += lobby.settle(self, conference, self._now)
                runs.pass_time(conference, self._now)
                out += conference.settle(self._now, self.links)
                out += runs.end(conference, self._now)
                out += runs.tell(conference, self._now, self.links.switch_started)
                out += conference.announce()
                if conference.over:
                    del self.conferences[number]
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
            for channel in do.told_to_go(effect):
                self._ending.setdefault(channel, (self._now, 1, effect.room))
        return out

    # --- devices ------------------------------------------------------------------------------------------------

    def tell_device(self, participant: Participant) -> None:
        """What is known of its terminal, by its account and by what the H.323 gateway told."""
        participant.bind(*self.directory.bounds(participant.terminal))
        if told := self.devices.get(participant.call_id):
            participant.device, participant.h323 = clean_name(told.device), told.details
            slides.take_told(participant, told.details)
            participant.limit(kbps_of(told.details.get("bit_rate_limit")))


_HANDLERS: Mapping[type[events.Event], Callable[[Bridge, Any], list[do.Effect]]] = {
    events.Joined: call_events.joined,
    events.Left: call_events.left,
    events.Talking: call_events.talking,
    events.Muted: call_events.muted,
    events.PictureStarted: call_events.picture_started,
    events.VideoNegotiated: call_events.video_negotiated,
    events.PictureStopped: call_events.picture_stopped,
    events.KeyPressed: keys.pressed,
    events.HungUp: call_events.hung_up,
    events.LegUp: line_events.leg_up,
    events.LegFailed: line_events.leg_failed,
    events.DialFailed: call_events.dial_failed,
    events.DeviceTold: call_events.device_told,
    events.DeviceGone: call_events.device_gone,
    do.EffectFailed: refusals.effect_failed,
    events.SwitchUp: recovery.switch_up,
    events.SwitchDown: recovery.switch_down,
    events.TrunkTold: recovery.trunk_told,
    quality.MediaTold: call_events.media_told,
    events.MixerUp: recovery.mixer_up,
    events.MixerDown: recovery.mixer_down,
    events.PictureState: call_events.picture_state,
}
