"""All acts of a meeting by name, whoever asks for one: the panel, the API, the CLI, a keypad, a schedule.

An act is carried out whole, or raises an error of mcu.errors and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from mcu.core import effects as do
from mcu.core import microphones
from mcu.core.acts import floor as act_floor
from mcu.core.acts import people as act_people
from mcu.core.acts import picture as act_picture
from mcu.core.acts import roll as act_roll
from mcu.core.acts import room as act_room
from mcu.core.acts import sound as act_sound
from mcu.core.acts.draft import Draft
from mcu.core.acts.schema import Argument, check_all
from mcu.core.conference import Conference
from mcu.core.undo import Sound, Step
from mcu.errors import BadRequest, Conflict, ParticipantNotFound

if TYPE_CHECKING:
    from mcu.core.bridge import Bridge


def perform(bridge: Bridge, number: str, name: str, given: Mapping[str, Any], at: float) -> list[do.Effect]:
    """Raises BadRequest, RoomNotFound, ParticipantNotFound, Conflict or AsteriskDown, and then changes nothing.

    ``site`` may be given in place of ``participant``: its first terminal that is there.
    """
    if name not in ACTS:
        raise BadRequest(f"there is no act {name[:40]!r}")
    carry, schema = ACTS[name]
    empty = name in ("lock", "layout") or (name == "end" and _called(bridge, number))
    conference = _conference(bridge, number, empty=empty, named=given.get("participant"))
    arguments = check_all(name, schema, _by_site(conference, schema, given))
    meeting = Draft(bridge, conference, at)
    carry(meeting, arguments)
    return put_in_force(meeting, "" if name in FINAL else name)


def arrange(
    bridge: Bridge, number: str, at: float, locked: bool | None, layout: str | None = None, *, back: bool = False
) -> list[do.Effect]:
    """Lock and layout, also of a room in which nobody is. ``back``: to what was before the latest step.

    Raises BadRequest, RoomNotFound or AsteriskDown.
    """
    meeting = Draft(bridge, _conference(bridge, number, empty=True), at)
    if locked is not None:
        act_room.lock(meeting, {"on": locked})
    if layout is not None:
        act_picture.layout(meeting, {"layout": layout})
    if back:
        top = meeting.conference.done.top
        if top is not None and (top.layout, top.locked) == (meeting.layout, meeting.locked):
            meeting.conference.done.pop()
    return put_in_force(meeting, "" if back else "lock" if layout is None else "layout")


def undo(meeting: Draft, a: dict[str, Any]) -> None:
    """What the latest act changed is as it was before it, as far as those whom it touched are still there."""
    stack = meeting.conference.done
    step = stack.top
    if step is None:
        raise Conflict("there is nothing that could be taken back")
    if a["step"] not in (0, step.number):
        raise Conflict("something else has been done since")
    present = meeting.conference.present
    was = meeting.direction
    meeting.direction = step.restored(was)
    if step.layout in meeting.bridge.catalogue.names:
        meeting.layout = step.layout
    if step.locked != meeting.locked:
        act_room.lock(meeting, {"on": step.locked})
    called = present.get(meeting.direction.focus)
    came = called is not None and (called.id != step.before.focus or called.id not in step.there)
    if called is not None and came and meeting.direction.closed:
        meeting.mute(called, False)  # since then, perhaps back under another id
    for who, sound in step.sound.items():
        if there := present.get(who):
            meeting.mute(there, sound.muted)
            meeting.deafen(there, sound.deafened)
            meeting.gain(there, "in", sound.gain_in)
            meeting.gain(there, "out", sound.gain_out)
    since = [p for p in meeting.people() if p.id not in step.there and p.id not in step.sound]
    microphones.taken_back(meeting, was, since)
    meeting.names = {who: name for who, name in step.names.items() if who in present}

    def done() -> list[do.Effect]:
        stack.pop()
        return []

    meeting.at_last.append(done)


def take_back(bridge: Bridge, number: str, step: int, at: float) -> list[do.Effect]:
    """The switch refused part of what was just done. Nothing, if something else was done since."""
    conference = bridge.conferences.get(number)
    if conference is None or conference.done.top is None or conference.done.top.number != step:
        return []
    return perform(bridge, number, "undo", {}, at)


def put_in_force(meeting: Draft, name: str) -> list[do.Effect]:
    """What the act has drafted is so from now on. ``name``: by which it can be taken back; empty: it cannot."""
    conference, room = meeting.conference, meeting.conference.room
    before, layout, locked = conference.direction, room.config.layout, room.locked
    names = {who: conference.present[who].name for who in meeting.names}
    sound = _take_sound(meeting)
    conference.direct(meeting.direction)
    out = [*meeting.effects, *meeting.finish()]
    changed = (before, layout, locked) != (meeting.direction, room.config.layout, room.locked)
    if name and (changed or sound or names):
        conference.done.push(
            Step(
                number=conference.done.fresh_number(meeting.at),
                act=name,
                before=before,
                after=meeting.direction,
                layout=layout,
                locked=locked,
                there=frozenset(conference.present),
                sound=sound,
                names=names,
            )
        )
    meeting.bridge.touch(conference.number)
    return out


def _take_sound(meeting: Draft) -> dict[str, Sound]:
    """What the orders under way make of those whom they are for; returned is how it was before."""
    conference = meeting.conference
    by_channel = {p.channel: p for p in conference.present.values()}
    before: dict[str, Sound] = {}
    for effect in meeting.effects:
        if isinstance(effect, do.Kick | do.KickAll):
            for channel in do.told_to_go(effect):
                by_channel[channel].dropped = True
        if not isinstance(effect, do.Mute | do.Deafen | do.Gain):
            continue
        p = by_channel[effect.channel]
        was = Sound(muted=p.closed, deafened=p.deafened, gain_in=p.gain_in, gain_out=p.gain_out)
        match effect:
            case do.Mute():
                p.order(effect.on)
            case do.Deafen():
                p.deafened, p.owed = effect.on, p.owed - {"ears"}
                conference.changed(p)
            case do.Gain():
                p.gain_in, p.gain_out = (effect.db, p.gain_out) if effect.direction == "in" else (p.gain_in, effect.db)
                p.owed -= {effect.direction}
                conference.changed(p)
        before.setdefault(p.id, was)
    return before


def _conference(bridge: Bridge, number: str, *, empty: bool, named: object = None) -> Conference:
    """``named``: whom the act is about, as far as it says so."""
    room, conference = bridge.room(number), bridge.conferences.get(number)
    if empty:
        return conference or Conference(room, bridge.catalogue)  # for this act alone: nobody is there
    if conference is None or not conference.attended:
        if isinstance(named, str):
            raise ParticipantNotFound(f"no participant {named[:32]} in room {number}")
        raise Conflict(f"nobody is in room {number}")
    return conference


def _called(bridge: Bridge, number: str) -> bool:
    """Somebody is being called into the room."""
    return any(call.room == number and call.coming(waiting=True) for call in bridge.dial_out)


def _by_site(conference: Conference, schema: Mapping[str, Argument], given: Mapping[str, Any]) -> Mapping[str, Any]:
    if "site" not in given or "site" in schema or "participant" not in schema:
        return given
    site = given["site"]
    if not isinstance(site, int) or isinstance(site, bool) or given.get("participant") is not None:
        raise BadRequest("give participant, or site, which is a whole number")
    there = next((p for p in conference.present.values() if p.site == site and not p.presents), None)
    if there is None:
        raise ParticipantNotFound(f"no terminal of site {site} is in room {conference.number}")
    return {**{key: value for key, value in given.items() if key != "site"}, "participant": there.id}


Carry = Callable[[Draft, dict[str, Any]], None]
ACTS: Mapping[str, tuple[Carry, Mapping[str, Argument]]] = {
    **act_floor.ACTS,
    **act_roll.ACTS,
    **act_picture.ACTS,
    **act_sound.ACTS,
    **act_people.ACTS,
    **act_room.ACTS,
    "undo": (
        undo,
        {"step": Argument(kind="whole", help="this one and no later one; 0: the latest", default=0, most=2**53)},
    ),
}
SCHEMAS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    name: {argument: declared.describe() for argument, declared in arguments.items()}
    for name, (_, arguments) in ACTS.items()
}
"""For who offers acts to people: name to its arguments, each with ``type``, ``required``, ``default``, ``help``."""
# Of these nothing can be taken back; what people do for themselves is theirs to take back.
FINAL = frozenset({"drop", "drop_all", "end", "move", "extend", "admit", "refuse", "hand", "help", "undo"})
