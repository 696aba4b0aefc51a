"""Asterisk and a mixer as core sees them, in memory: carries out effects and keeps the truth to compare with."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import resources
from typing import Any

from mcu.core import commands, events
from mcu.core import effects as do
from mcu.core.bridge import Bridge
from mcu.core.entry.answers import Admit, EntryAnswer, EntryRequest, Wait
from mcu.core.picture.layout import Catalogue, parse
from mcu.core.roster import RoomConfig

ROOMS = ("1001", "1002")
HD = "profile-level-id=42e01f;packetization-mode=1"
CIF = "profile-level-id=42800d"


def catalogue() -> Catalogue:
    return Catalogue(
        parse(resources.files("mcu.core.picture").joinpath("layouts.toml").read_text("utf-8"), "layouts.toml")
    )


@dataclass(frozen=True)
class Dial:
    kind: str
    ident: str
    mixer: str
    key: str = ""  # of slides
    codec: str = ""  # of a leg


@dataclass
class World:
    bridge: Bridge = field(default_factory=lambda: Bridge(catalogue()))
    at: float = 1_000_000.0
    switch: bool = False
    mixer: str = ""  # the run on the bus; empty while away
    members: dict[str, events.Member] = field(default_factory=dict)  # by channel
    at_the_door: dict[str, tuple[str, str, str, str]] = field(default_factory=dict)  # channel: id, room, codec, fmtp
    waiting: dict[str, events.Member] = field(default_factory=dict)  # in lobbies, by channel
    legs: dict[str, events.Leg] = field(default_factory=dict)  # by channel
    dials: list[Dial] = field(default_factory=list)
    views: dict[str, do.PutView] = field(default_factory=dict)  # as the mixer has them
    locked: set[str] = field(default_factory=set)
    started: str = ""  # when the switch was; empty: it does not say
    called: Mapping[str, str] = field(default_factory=dict)  # who rings or is at the door, and on which channel
    moves: bool = False  # who is moved arrives at once
    bursts: bool = False  # what the switch tells of microphones comes together
    told: dict[str, dict[str, object]] = field(
        default_factory=dict
    )  # participants, as a listener of the bus knows them
    log: list[do.Effect] = field(default_factory=list)
    details: dict[str, dict[str, Any]] = field(default_factory=dict)  # by channel: what the gateway tells of its call
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        for number in ROOMS:
            self.command(commands.PutRoom(at=self.at, config=RoomConfig(number=number, name=f"Phòng {number}")))

    # --- towards core

    def happen(self, event: events.Event) -> list[do.Effect]:
        return self.carry_out(self.bridge.handle(event))

    def command(self, command: commands.Command) -> list[do.Effect]:
        return self.carry_out(self.bridge.handle(command))

    def act(self, name: str, /, number: str = "1001", **arguments: object) -> list[do.Effect]:
        return self.command(commands.Act(at=self.at, number=number, name=name, arguments=arguments))

    def tick(self, seconds: float) -> list[do.Effect]:
        self.at += seconds
        return self.carry_out(self.bridge.tick(self.at))

    def wait(self, seconds: float) -> None:
        """Let time pass; every timer runs when it is due."""
        end = self.at + seconds
        while (due := self.bridge.due()) is not None and due <= end:
            self.at = max(self.at, due)
            self.tick(0)
            self.answer_all()
        self.tick(end - self.at)

    # --- what terminals do

    def enter(
        self, room: str = "1001", video: str = f"h264 {HD}", name: str = "Huế", presents: str = "", **more: Any
    ) -> tuple[EntryAnswer, str]:
        """``more``: what else the request holds."""
        n = next(self._numbers)
        channel = f"PJSIP/t-site-{n:08x}"
        request = EntryRequest(
            channel=channel,
            uniqueid=f"{n}.0",
            number=room,
            door=more.pop("door", "terminal"),
            endpoint=more.pop("endpoint", "t-site"),
            caller_name=name,
            caller_number="",
            video=video,
            call_id=f"{n}@h323",
            presents=presents,
            **more,
        )
        answer, effects = self.bridge.enter(request, at=self.at, participant=f"{n:08x}", guests=True, language="vi")
        if isinstance(answer, Admit):
            codec, _, fmtp = video.partition(" ")
            self.at_the_door[channel] = answer.participant, answer.room, codec, fmtp
        elif isinstance(answer, Wait):
            codec, _, fmtp = video.partition(" ")
            self.waiting[channel] = events.Member(
                participant=answer.participant, channel=channel, room=answer.room, name=answer.name, number="",
                muted=False, talking=False, codec=codec, fmtp=fmtp, subscribed=answer.view,
            )  # fmt: skip
        self.carry_out(effects)
        return answer, channel

    def join(self, channel: str) -> None:
        ident, room, codec, fmtp = self.at_the_door.pop(channel)
        known = self.bridge.whereabouts(ident)
        self.members[channel] = events.Member(
            participant=ident,
            channel=channel,
            room=room,
            name="Huế",
            number="",
            muted=bool(known and known[1].muted),
            talking=False,
            presents=known[1].presents if known else "",
            call_id=known[1].call_id if known else "",
            codec=codec,
            fmtp=fmtp,
            subscribed=known[1].key if known else "",
        )
        self.say_joined(channel)

    def come(self, room: str = "1001", video: str = f"h264 {HD}") -> str:
        """Through the door and into the room: the channel."""
        _, channel = self.enter(room, video)
        self.join(channel)
        return channel

    def present(self, owner: str) -> str:
        """The second picture of the terminal on channel ``owner``: its own channel."""
        answer, channel = self.enter("", presents=self.call_id(owner))
        assert isinstance(answer, Admit), answer
        self.join(channel)
        self.show(channel, HD)
        return channel

    @staticmethod
    def call_id(channel: str) -> str:
        return f"{int(channel.rpartition('-')[2], 16)}@h323"

    def appear(self, room: str) -> str:
        """Into the room without control at the door: it was away, or asked another process."""
        n = next(self._numbers)
        channel = f"PJSIP/guest-{n:08x}"
        self.members[channel] = events.Member(
            participant=f"{n:08x}", channel=channel, room=room, name="Lạ", number="", muted=False, talking=False
        )
        self.say_joined(channel)
        return channel

    def say_joined(self, channel: str) -> None:
        m = self.members[channel]
        self.say(
            events.Joined(
                at=self.at, participant=m.participant, channel=channel, room=m.room, muted=m.muted, name=m.name
            )
        )

    def leave(self, channel: str) -> None:
        m = self.members.pop(channel)
        if not any(other.room == m.room for other in self.members.values()):
            self.locked.discard(m.room)
        self.say(events.Left(at=self.at, participant=m.participant, channel=channel, room=m.room))
        self.say(events.HungUp(at=self.at, channel=channel, kind="terminal", ident=m.participant, cause=16))

    def turn_away(self, channel: str) -> None:
        """A call ends between door and room."""
        ident = self.at_the_door.pop(channel)[0]
        self.say(events.HungUp(at=self.at, channel=channel, kind="terminal", ident=ident, cause=16))

    def go_away(self, channel: str) -> None:
        """Hang up in the lobby."""
        m = self.waiting.pop(channel)
        self.say(events.HungUp(at=self.at, channel=channel, kind="terminal", ident=m.participant, cause=16))

    def press(self, channel: str, keys: str) -> None:
        """In the meeting or in its lobby."""
        m = self.members.get(channel) or self.waiting[channel]
        for key in keys:
            self.say(events.KeyPressed(at=self.at, participant=m.participant, channel=channel, digit=key))

    def talk(self, channel: str, on: bool) -> None:
        m = self.members[channel] = replace(self.members[channel], talking=on)
        self.say(events.Talking(at=self.at, participant=m.participant, channel=channel, room=m.room, on=on))

    def show(self, channel: str, fmtp: str, codec: str = "h264") -> None:
        """A first picture; one in another codec than was negotiated changes nothing else."""
        m = self.members[channel]
        if m.codec in ("", codec):
            m = replace(m, codec=codec, fmtp=fmtp)
        m = self.members[channel] = replace(m, sends_picture=True, sends=codec)
        self.say(events.PictureStarted(at=self.at, participant=m.participant, channel=channel, codec=codec, fmtp=fmtp))

    def negotiate(self, channel: str, codec: str, fmtp: str) -> None:
        """A re-INVITE with another codec; its pictures are to follow."""
        m = self.members[channel] = replace(self.members[channel], codec=codec, fmtp=fmtp)
        if m.sends != codec:
            self.members[channel] = replace(m, sends="", sends_picture=False)
        video = f"{codec} {fmtp}"
        self.say(events.VideoNegotiated(at=self.at, participant=m.participant, channel=channel, video=video))

    # --- what legs and links do

    def limit(self, channel: str, bit_rate: int) -> None:
        """The terminal asks by H.323's flow control to be sent no more."""
        self.gateway_tells(channel, bit_rate_limit=bit_rate)

    def content(self, channel: str, fmtp: str = HD, bit_rate: int = 0, codec: str = "h264") -> None:
        """The terminal takes slides by H.239; without ``codec`` not now, for it may present itself."""
        told = {"codec": codec, "fmtp": fmtp, "bit_rate": bit_rate} if codec else None
        self.gateway_tells(channel, tag=channel[-8:] * 2, content=told)

    def gateway_tells(self, channel: str, **details: Any) -> None:
        told = self.details.setdefault(channel, {})
        told.update(details)
        self.happen(events.DeviceTold(at=self.at, call_id=self.call_id(channel), device="", details=dict(told)))

    def answer(self, dial: Dial) -> None:
        self.dials.remove(dial)
        channel = f"PJSIP/{'h323' if dial.key else 'mixer'}-{next(self._numbers):08x}"
        self.legs[channel] = events.Leg(
            kind=dial.kind, ident=dial.ident, channel=channel, mixer=dial.mixer, key=dial.key, codec=dial.codec
        )
        told = {"kind": dial.kind, "ident": dial.ident, "mixer": dial.mixer, "codec": dial.codec}
        self.say(events.LegUp(at=self.at, channel=channel, **told))

    def answer_all(self) -> None:
        for dial in list(self.dials):
            if dial in self.dials:
                self.answer(dial)

    def refuse(self, dial: Dial, cause: int = 20) -> None:
        self.dials.remove(dial)
        told = {"kind": dial.kind, "ident": dial.ident, "mixer": dial.mixer, "codec": dial.codec}
        self.say(events.LegFailed(at=self.at, cause=cause, **told))

    def drop_leg(self, channel: str, cause: int = 16) -> None:
        leg = self.legs.pop(channel)
        self.say(events.HungUp(at=self.at, channel=channel, kind=leg.kind, ident=leg.ident, cause=cause))

    def switch_up(self) -> None:
        self.switch = True
        self.happen(events.SwitchUp(at=self.at, snapshot=self.snapshot()))

    def switch_down(self) -> None:
        self.switch = False
        self.dials.clear()  # nobody will hear their end
        self.happen(events.SwitchDown(at=self.at, reason="test"))

    def snapshot(self) -> events.Snapshot:
        return events.Snapshot(
            members=tuple(self.members.values()),
            waiting=tuple(self.waiting.values()),
            legs=tuple(self.legs.values()),
            locked=frozenset(self.locked),
            started=self.started,
            called=dict(self.called),
        )

    def mixer_up(self, run: str, *, calls_kept: bool) -> None:
        """``calls_kept``: only its link was gone; else it is a new process."""
        here = [leg for leg in self.legs.values() if calls_kept and leg.mixer == run]
        if not calls_kept:
            self.views.clear()
        self.mixer = run
        self.happen(
            events.MixerUp(
                at=self.at,
                mixer=run,
                legs=tuple(leg.ident for leg in here if leg.kind == "leg"),
                views=tuple(leg.ident for leg in here if leg.kind == "view"),
            )
        )

    def mixer_down(self) -> None:
        run, self.mixer = self.mixer, ""
        self.happen(events.MixerDown(at=self.at, mixer=run))

    def say(self, event: events.Event) -> None:
        if self.switch:
            self.happen(event)

    # --- from core

    def carry_out(self, effects: list[do.Effect]) -> list[do.Effect]:
        self.log += effects
        burst: list[events.Muted] = []
        # What the switch answers with an event comes last: bus and mixer have been told by then.
        for effect in sorted(effects, key=self._answers):
            match effect:
                case do.DialLeg():
                    assert self.switch
                    assert effect.mixer == self.mixer
                    self.dials.append(Dial("leg", effect.participant, effect.mixer, codec=effect.codec))
                case do.DialView():
                    assert self.switch
                    assert effect.mixer == self.mixer
                    self.dials.append(Dial("view", f"{effect.view}/{effect.rate_class}", effect.mixer))
                case do.DialSlides():
                    assert self.switch
                    self.dials.append(Dial("slides", effect.participant, "h323", effect.key))
                case do.HangUp() if self.switch and effect.channel in self.legs:
                    self.drop_leg(effect.channel)
                case do.HangUp() if self.switch and effect.channel in self.members:
                    self.leave(effect.channel)
                case do.HangUp() if self.switch and effect.channel in self.at_the_door:
                    self.turn_away(effect.channel)
                case do.HangUp() if self.switch and effect.channel in self.waiting:
                    self.go_away(effect.channel)
                case do.LetIn():
                    assert self.switch
                    if m := self.waiting.pop(effect.channel, None):
                        self.members[effect.channel] = replace(m, muted=effect.muted, subscribed=effect.view)
                        self.say_joined(effect.channel)
                case do.Subscribe():
                    assert self.switch
                    if effect.channel in self.members:
                        self.members[effect.channel] = replace(self.members[effect.channel], subscribed=effect.key)
                    elif effect.channel in self.legs:
                        self.legs[effect.channel] = replace(self.legs[effect.channel], key=effect.key)
                case do.PutView():
                    assert self.mixer
                    self.views[effect.view] = effect
                case do.DropView():
                    self.views.pop(effect.view, None)
                case do.Lock():
                    (self.locked.add if effect.on else self.locked.discard)(effect.room)
                case do.Mute():
                    m = self.members[effect.channel] = replace(self.members[effect.channel], muted=effect.on)
                    told = events.Muted(
                        at=self.at, participant=m.participant, channel=m.channel, room=m.room, on=effect.on
                    )
                    if self.bursts:
                        burst.append(told)
                    else:
                        self.say(told)
                case do.Kick():
                    self.leave(effect.channel)
                case do.KickAll():
                    for channel in [m.channel for m in self.members.values() if m.room == effect.room]:
                        if channel in self.members:  # a presentation goes with whose it is
                            self.leave(channel)
                case do.Deafen() | do.Gain():
                    assert self.switch
                    assert effect.channel in self.members
                case do.Move():
                    assert self.switch
                    assert self.members[effect.channel].room == effect.room
                    if self.moves:
                        self._move(effect)
                case do.Tell():
                    self._hear(effect)
        if burst and self.switch:
            self.carry_out(self.bridge.handle_burst(burst))
        return effects

    def _answers(self, effect: do.Effect) -> bool:
        if isinstance(effect, do.HangUp):
            return effect.channel not in self.legs
        return isinstance(effect, do.Mute | do.Kick | do.KickAll | do.Move | do.LetIn)

    def _move(self, move: do.Move) -> None:
        """From one room into the other, told in Asterisk's order."""
        m = self.members[move.channel]
        self.members[move.channel] = replace(m, room=move.to, subscribed=move.view, talking=False, muted=move.muted)
        if not any(other.room == move.room for other in self.members.values()):
            self.locked.discard(move.room)
        self.say(events.Left(at=self.at, participant=m.participant, channel=m.channel, room=move.room))
        self.say_joined(move.channel)

    def _hear(self, tell: do.Tell) -> None:
        match tell.event:
            case "participant.joined":
                assert tell.data["id"] not in self.told
                self.told[str(tell.data["id"])] = dict(tell.data)
            case "participant.changed":
                assert tell.data["id"] in self.told
                self.told[str(tell.data["id"])] = dict(tell.data)
            case "participant.left":
                del self.told[str(tell.data["id"])]
            case "resync":
                self.told = {p.id: p.describe() for p in self.bridge.participants()}


def ident(world: World, channel: str) -> str:
    """The participant's of a channel that is in a room."""
    return world.members[channel].participant
