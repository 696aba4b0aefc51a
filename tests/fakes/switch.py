"""A telephone switch without telephony: it keeps who is where, and says so as the real one does."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from mcu.core import events
from mcu.core.dialling.targets import Target
from mcu.core.quality import Counters
from mcu.errors import AsteriskDown, BadRequest, NotFound, ParticipantNotFound, RoomNotFound


@dataclass
class FakeSwitch:
    """Implements mcu.control.ports.SwitchPort. ``calls`` is what it was asked, in order."""

    on_event: Callable[[events.Event], None]
    members: dict[str, events.Member] = field(default_factory=dict)  # by channel
    legs: dict[str, events.Leg] = field(default_factory=dict)  # by channel
    waiting: dict[str, events.Member] = field(default_factory=dict)  # in a lobby, by channel
    locked: set[str] = field(default_factory=set)
    called: dict[str, str] = field(default_factory=dict)  # channels of who rings or is at the door, by participant
    calls: list[tuple[object, ...]] = field(default_factory=list)
    connected: bool = False
    mixer_answers: bool = True
    refuses: set[str] = field(default_factory=set)  # what is answered with BadRequest
    refused_channels: set[str] = field(default_factory=set)  # whatever is asked about these
    holds: dict[str, asyncio.Event] = field(default_factory=dict)  # room: its mutes wait for this
    lines: dict[str, tuple[Counters | None, Counters | None]] = field(default_factory=dict)  # by channel
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    # --- what control asks

    async def start(self) -> None:
        self.connect()

    async def stop(self) -> None:
        if self.connected:
            self.connected = False
            self.on_event(events.SwitchDown(at=time.time(), reason="stopped"))

    async def mute(self, room: str, channel: str, on: bool) -> None:
        self._asked("mute", room, channel, on)
        if room in self.holds:
            await self.holds[room].wait()
        member = self._member(room, channel)
        self.members[channel] = replace(member, muted=on)
        self._say(events.Muted(at=time.time(), participant=member.participant, channel=channel, room=room, on=on))

    async def kick(self, room: str, channel: str) -> None:
        self._asked("kick", room, channel)
        self._member(room, channel)
        self.leave(channel)

    async def kick_all(self, room: str) -> None:
        self._asked("kick_all", room)
        inside = [member.channel for member in self.members.values() if member.room == room]
        if not inside:
            raise RoomNotFound(room)
        for channel in inside:
            self.leave(channel)

    async def deafen(self, room: str, channel: str, on: bool) -> None:
        self._asked("deafen", room, channel, on)
        self._member(room, channel)

    async def gain(self, room: str, channel: str, direction: str, db: float) -> None:
        self._asked("gain", room, channel, direction, db)
        self._member(room, channel)

    async def move(self, room: str, channel: str, participant: str, to: str, view: str, muted: bool = False) -> None:
        self._asked("move", room, channel, participant, to, view, muted)
        member = self._member(room, channel)
        at = time.time()
        self._say(events.Left(at=at, participant=participant, channel=channel, room=room))
        self.members[channel] = replace(member, room=to, subscribed=view, muted=muted, talking=False)
        self._say_joined(self.members[channel])

    async def whisper(self, channel: str, prompts: tuple[str, ...], language: str) -> None:
        self._asked("whisper", channel, prompts, language)

    async def let_in(self, room: str, channel: str, participant: str, view: str, muted: bool) -> None:
        self._asked("let_in", room, channel, participant, view, muted)
        if channel not in self.waiting:
            raise NotFound(channel)
        self.members[channel] = replace(self.waiting.pop(channel), room=room, subscribed=view, muted=muted)
        self._say_joined(self.members[channel])

    async def lock(self, room: str, on: bool) -> None:
        self._asked("lock", room, on)
        if not any(m.room == room for m in self.members.values()):
            raise RoomNotFound(room)
        (self.locked.add if on else self.locked.discard)(room)

    async def dial_leg(self, participant: str, room: str, mixer: str, codec: str) -> None:
        self._asked("dial_leg", participant, room, mixer, codec)
        self._dial("leg", participant, mixer, f"PJSIP/mixer-{next(self._numbers):08x}")

    async def dial_view(self, view: str, rate_class: str, room: str, mixer: str) -> None:
        self._asked("dial_view", view, rate_class, room, mixer)
        self._dial("view", f"{view}/{rate_class}", mixer, f"PJSIP/mixer-{next(self._numbers):08x}")

    async def dial_slides(self, participant: str, room: str, tag: str, key: str, codec: str) -> None:
        self._asked("dial_slides", participant, room, tag, key, codec)
        self._dial("slides", participant, "h323", f"PJSIP/h323-{next(self._numbers):08x}")

    async def dial_terminal(self, participant: str, room: str, target: Target, name: str) -> None:
        self._asked("dial_terminal", participant, room, str(target), name)

    async def stop_dialling(self, participant: str) -> None:
        self._asked("stop_dialling", participant)

    async def subscribe(self, channel: str, key: str) -> None:
        self._asked("subscribe", channel, key)
        if channel not in self.members:
            raise NotFound(channel)
        self.members[channel] = replace(self.members[channel], subscribed=key)

    async def hang_up(self, channel: str, cause: int = 16) -> None:
        self._asked("hang_up", channel)
        if channel not in self.legs:
            raise NotFound(channel)
        self.drop_leg(channel)

    async def media(self) -> dict[str, tuple[Counters | None, Counters | None]]:
        self._asked("media")
        return {channel: lines for channel, lines in self.lines.items() if channel in self.members}

    async def version(self) -> str:
        self._asked("version")
        return "22.0.0"

    async def look_for_mixer(self) -> None:
        self._asked("look_for_mixer")

    async def keep_log_small(self) -> None:
        self._asked("keep_log_small")

    async def reload_endpoints(self) -> None:
        self._asked("reload_endpoints")

    # --- what a test makes happen

    def connect(self) -> None:
        self.connected = True
        self.on_event(events.SwitchUp(at=time.time(), snapshot=self.snapshot()))

    def disconnect(self) -> None:
        self.connected = False
        self.on_event(events.SwitchDown(at=time.time(), reason="the test pulled the plug"))

    def restart(self) -> None:
        """As after kill -9: every call is gone."""
        self.disconnect()
        self.members.clear()
        self.legs.clear()
        self.locked.clear()
        self.connect()

    def snapshot(self) -> events.Snapshot:
        return events.Snapshot(
            members=tuple(self.members.values()),
            legs=tuple(self.legs.values()),
            locked=frozenset(self.locked),
            called=dict(self.called),
        )

    def join(
        self, participant: str, room: str, *, channel: str = "", name: str = "", number: str = "", **more: object
    ) -> str:
        channel = channel or f"PJSIP/guest-{next(self._numbers):08x}"
        self.members[channel] = events.Member(
            participant=participant,
            channel=channel,
            room=room,
            name=name,
            number=number,
            muted=False,
            talking=False,
            **more,  # type: ignore[arg-type]  # fields of Member
        )
        self._say_joined(self.members[channel])
        return channel

    def leave(self, channel: str, cause: int = 16) -> None:
        member = self.members.pop(channel)
        at, ident = time.time(), member.participant
        self._say(events.Left(at=at, participant=ident, channel=channel, room=member.room))
        self._say(events.HungUp(at=at, channel=channel, kind="terminal", ident=ident, cause=cause))

    def drop_leg(self, channel: str) -> None:
        leg = self.legs.pop(channel)
        self._say(events.HungUp(at=time.time(), channel=channel, kind=leg.kind, ident=leg.ident, cause=16))

    def asked(self, name: str) -> list[tuple[object, ...]]:
        return [call[1:] for call in self.calls if call[0] == name]

    def _dial(self, kind: str, ident: str, mixer: str, channel: str) -> None:
        def answered() -> None:
            if not self.connected:
                return
            at = time.time()
            if self.mixer_answers:
                self.legs[channel] = events.Leg(kind=kind, ident=ident, channel=channel, mixer=mixer)
                self.on_event(events.LegUp(at=at, channel=channel, kind=kind, ident=ident, mixer=mixer))
            else:
                self.on_event(events.LegFailed(at=at, kind=kind, ident=ident, mixer=mixer, cause=20))

        asyncio.get_running_loop().call_soon(answered)

    def _asked(self, *call: object) -> None:
        self.calls.append(call)
        if not self.connected:
            raise AsteriskDown("no link")
        if call[0] in self.refuses or self.refused_channels.intersection(map(str, call)):
            raise BadRequest(f"{call[0]}: not today")

    def _member(self, room: str, channel: str) -> events.Member:
        member = self.members.get(channel)
        if member is None or member.room != room:
            raise ParticipantNotFound(channel)
        return member

    def _say_joined(self, m: events.Member) -> None:
        at, room = time.time(), m.room
        self._say(
            events.Joined(at=at, participant=m.participant, channel=m.channel, room=room, muted=m.muted, name=m.name)
        )

    def _say(self, event: events.Event) -> None:
        if self.connected:
            self.on_event(event)
