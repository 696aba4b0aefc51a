"""From the first who joins a room to its end: the runs of a room, each a conference with an id of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mcu.core import arrivals, commands, direction_told, microphones, undo_record
from mcu.core import effects as do
from mcu.core.direction import FOCUSED, Banner, Direction, recall
from mcu.core.test_session import HOLD
from mcu.core.undo import Stack

if TYPE_CHECKING:
    from mcu.core.bridge import Bridge
    from mcu.core.conference import Conference

WRITTEN_EVERY = 60.0  # s: by control's record it is known until when the meeting went on
Kept = tuple[Direction, int, str, str, int]


def begin(conference: Conference, at: float) -> list[do.Effect]:
    """The first joins."""
    if conference.id:
        return []
    room = conference.room
    conference.id, conference.began_at = f"{conference.number}-{round(at * 1000)}", at
    conference.direction = replace(
        conference.direction,
        mute_joiners=room.config.mute_joiners,
        ends_at=room.ends_at if room.ends_at and room.ends_at > at else None,
    )
    return [_began(conference)]


def _began(conference: Conference) -> do.Effect:
    data = {
        "id": conference.id,
        "room": conference.number,
        "name": conference.room.config.name,
        "began_at": round(conference.began_at, 3),
    }
    return do.Tell(room=conference.number, event="conference.began", data=data)


def end(conference: Conference, at: float) -> list[do.Effect]:
    """The last one has left, and nobody is expected back. Nothing that was ordered outlives it, nor does the lock."""
    if not conference.id or conference.present or conference.awaiting or conference.resumed:
        return []
    room = conference.room
    data = {"id": conference.id, "room": conference.number, "ended_at": round(at, 3)}
    out: list[do.Effect] = [do.Tell(room=conference.number, event="conference.ended", data=data)]
    if room.locked:
        room.locked = False
        out.insert(0, do.StoreLock(room=conference.number, on=False))
    conference.id, conference.began_at = "", 0.0
    conference.direction, conference.done = Direction(mute_joiners=room.config.mute_joiners), Stack()
    conference.absent.clear()
    return out


def begin_anew(conference: Conference, at: float) -> list[do.Effect]:
    """Another meeting begins, and nobody has to leave for it. What is ordered stays, but for the former one's roll, and
    nothing that was done in that one can be taken back."""
    if not conference.id:
        return []
    number, direction = conference.number, conference.direction
    ended = {"id": conference.id, "room": number, "ended_at": round(at, 3)}
    conference.id, conference.began_at, conference.done = f"{number}-{round(at * 1000)}", at, Stack()
    if direction.mode != "roll_call":
        conference.direct(replace(direction, roll_call=None))
    return [do.Tell(room=number, event="conference.ended", data=ended), _began(conference)]


def set_end(bridge: Bridge, command: commands.SetEnd) -> list[do.Effect]:
    """Raises RoomNotFound."""
    bridge.room(command.number).ends_at = command.ends_at
    if conference := bridge.conferences.get(command.number):
        conference.direct(replace(conference.direction, ends_at=command.ends_at))
        bridge.touch(command.number)
    return []


def pass_time(conference: Conference, at: float) -> None:
    """Who is not expected any longer, text that has been seen long enough."""
    for who in [who for who, until in conference.awaiting.items() if until is not None and until <= at]:
        conference.give_up(who)
    direction = conference.direction
    if direction.banner and _over(direction.banner, at):
        direction = replace(direction, banner=None)
    if any(_over(banner, at) for banner in direction.banners.values()):
        lasting = {who: banner for who, banner in direction.banners.items() if not _over(banner, at)}
        direction = replace(direction, banners=lasting)
    if direction is not conference.direction:
        conference.direct(direction)


def set_back(conference: Conference, by: float) -> None:
    """The clock was, by so many seconds: what was to be soon is to be as soon as it was, and what was before comes
    before what is now."""
    for who, until in conference.awaiting.items():
        conference.awaiting[who] = until - by if until is not None else None
    conference.absent = {who: replace(gone, at=gone.at - by) for who, gone in conference.absent.items()}
    conference.began_at -= by if conference.id else 0.0
    for p in (*conference.everyone(), *conference.lobby.values()):
        for moment in ("entered_at", "joined_at", "spoke_at", "began_at"):  # by which people come one after the other
            if was := getattr(p, moment):
                setattr(p, moment, was - by)
    direction = conference.direction
    conference.direct(
        replace(
            direction,
            banner=_earlier(direction.banner, by) if direction.banner is not None else None,
            banners={who: _earlier(banner, by) for who, banner in direction.banners.items()},
            hands=tuple(replace(hand, since=hand.since - by) for hand in direction.hands),
            help=tuple(replace(asking, since=asking.since - by) for asking in direction.help),
        )
    )


def _earlier(banner: Banner, by: float) -> Banner:
    return replace(banner, until=banner.until - by) if banner.until is not None else banner


def due(conference: Conference) -> list[float]:
    """When time alone changes something."""
    direction = conference.direction
    banners = [banner for banner in (direction.banner, *direction.banners.values()) if banner]
    times = [banner.until for banner in banners] + list(conference.awaiting.values())
    return [moment for moment in times if moment is not None]


def _over(banner: Banner, at: float) -> bool:
    return banner.until is not None and banner.until <= at


def resume(
    bridge: Bridge, room: str, conference_id: str, began_at: float, data: Mapping[str, Any], *, testing: bool
) -> None:
    """What control's record knows of a conference that was going on when control stopped."""
    conference = bridge.conference(room)
    conference.id, conference.began_at, conference.direction = conference_id, began_at, recall(data)
    conference.room.ends_at = conference.direction.ends_at  # also of a further run of the same meeting
    people = data.get("people")
    conference.remembered, conference.recorded = dict(people) if isinstance(people, Mapping) else {}, data
    undo_record.restore(conference.done, data.get("undo"), conference.direction, conference.remembered)
    conference.resumed = True
    if testing:
        conference.expect(HOLD)
    elif conference.direction.test == "on":
        conference.direction = replace(conference.direction, test="over", microphones_owed=True)


def resumed(conference: Conference, at: float) -> None:
    """The switch has told who is there: nothing is ordered any more of those who are not. One who dials in again soon
    has its place back."""
    if not conference.resumed:
        return
    conference.resumed = False
    there = conference.present.keys() | conference.awaiting.keys()
    for who in sorted(conference.direction.names() - there):
        known = conference.remembered.get(who, {})
        arrivals.missing(conference, who, known if isinstance(known, Mapping) else {}, at)
    for who in conference.done.names() - there:
        conference.done.forget(who)
    conference.remembered, conference.recorded = {}, {}
    conference.direct(conference.direction)


def tell(conference: Conference, at: float, started: str) -> list[do.Effect]:
    """What the bus, the record and the operators have not been told yet of what is ordered here. ``started``: when the
    switch was."""
    direction = conference.direction
    known = conference.told
    now = (direction, tuple(conference.lobby), conference.done.name, conference.id)
    out: list[do.Effect] = []
    if now != known:
        conference.told = now
        described = direction_told.describe(conference.number, conference, at)
        out.append(do.Tell(room=conference.number, event="direction.changed", data=described))
        out += _focus_left(conference, known[0], direction)
    kept = (direction, conference.done.changes, conference.id, started, int(at // WRITTEN_EVERY))
    # As long as the switch has not told who is there, the record knows more than we.
    if conference.id and not conference.resumed and kept != conference.kept:
        conference.kept = kept
        out.append(do.StoreDirection(room=conference.number, conference=conference.id, data=record(conference)))
    return out


def unwritten(conference: Conference, at: float) -> bool:
    """Whether the record does not say that it still goes on."""
    return bool(conference.present) and conference.kept[-1] != int(at // WRITTEN_EVERY)


def record(conference: Conference) -> dict[str, Any]:
    """JSON, for ``resume``: the direction, of each participant what the switch cannot tell, and what can be undone; for
    ``outages``: when this was written, under which run of the switch, and who was expected back."""
    people = {
        p.id: {
            "name": p.name,
            "own_name": p.own_name,
            "renamed": p.renamed,
            "site": p.site,
            "terminal": p.terminal,
            "came_as": p.came_as,
            "deafened": p.deafened,
            "gain_in": p.gain_in,
            "gain_out": p.gain_out,
            "dialled": p.dialled,
            "address": p.address,
            "closed": microphones.own(conference.direction, p),
        }
        for p in conference.present.values()
        if not p.presents
    }
    undo = undo_record.record(conference.done, conference.direction, people)
    absent = ((who, gone) for who, gone in conference.absent.items() if who in conference.awaiting)
    awaited = {who: {**gone.record(), "until": conference.awaiting[who]} for who, gone in absent}
    *_, started, minute = conference.kept
    outage = {"at": minute * WRITTEN_EVERY, "switch": started, "awaited": awaited}
    return {**conference.direction.record(), "people": people, "undo": undo, **outage}


def _focus_left(conference: Conference, before: Direction, now: Direction) -> list[do.Effect]:
    gone = before.focus and before.focus not in conference.present and not now.focus
    same = before.mode == now.mode in FOCUSED and _called(before) == _called(now)
    if not (gone and same and conference.id):
        return []
    text = (
        f"Room {conference.number}: whom all saw ({now.mode.replace('_', ' ')}) has left; microphones stay as they are"
    )
    data = {"room": conference.number, "mode": now.mode}
    return [do.Notice(room=conference.number, level="warning", code="focus_left", text=text, data=data)]


def _called(direction: Direction) -> int:
    return direction.roll_call.at if direction.roll_call else 0
