"""The room as a whole: locks, its end, more time."""

from __future__ import annotations

from typing import Any

from mcu.core import effects as do
from mcu.core import locks
from mcu.core.acts.draft import Draft
from mcu.core.acts.schema import Argument
from mcu.core.test_session import HOLD
from mcu.errors import Conflict

Arguments = dict[str, Any]
_MOST_MINUTES = 24 * 60


def lock(meeting: Draft, a: Arguments) -> None:
    """Nobody else gets in. The lock ends with the conference, when the last one has left."""
    on = a["on"]
    if meeting.conference.present:
        meeting.bridge.links.need_switch()
    if on == meeting.locked:  # nothing changes, but the switch is told again: it may not know
        meeting.at_last.append(lambda: locks.set_lock(meeting.bridge, meeting.number, on))
    meeting.locked = on


def lock_presentation(meeting: Draft, a: Arguments) -> None:
    """Nobody else can present: what is shown stays."""
    meeting.set(presentation_locked=a["on"])


def drop_all(meeting: Draft, a: Arguments) -> None:
    """Everybody out, also who is on the way back; nobody of them is called again."""
    meeting.bridge.links.need_switch()
    if people := meeting.people():
        meeting.effects.append(do.KickAll(room=meeting.number, channels=tuple(p.channel for p in people)))
    meeting.at_last.append(lambda: _await_nobody(meeting))


def _await_nobody(meeting: Draft) -> list[do.Effect]:
    conference, bridge, out = meeting.conference, meeting.bridge, list[do.Effect]()
    for who in [who for who in conference.awaiting if who != HOLD]:
        call = bridge.dial_out.find(who)
        if call is not None and call.room == conference.number:
            out += bridge.dial_out.cancel(who)
        elif bridge.whereabouts(who) is None:
            bridge.dial_out.forget(who)  # it has left, and why is told later: that makes no difference now
        conference.give_up(who)
    return out


def end(meeting: Draft, a: Arguments) -> None:
    """The conference is over: everybody out, nobody is called or waited for any more."""
    drop_all(meeting, a)
    conference, bridge = meeting.conference, meeting.bridge

    def close() -> list[do.Effect]:
        out = bridge.dial_out.end_all(conference.number)
        for visitor in [*conference.lobby.values(), *conference.entering.values()]:
            out += bridge.remove(visitor.id)
            bridge.dial_out.forget(visitor.id)
            out.append(do.HangUp(room=conference.number, channel=visitor.channel))
        conference.give_up(HOLD)
        return out

    meeting.at_last.append(close)


def extend(meeting: Draft, a: Arguments) -> None:
    """The meeting ends so many minutes later."""
    ends_at = meeting.direction.ends_at
    if ends_at is None:
        raise Conflict("this meeting has no end: it goes on until somebody ends it")
    meeting.set(ends_at=ends_at + 60 * a["minutes"])
    conference = meeting.conference

    def keep() -> list[do.Effect]:
        conference.room.ends_at = conference.direction.ends_at
        return []

    meeting.at_last.append(keep)


ACTS = {
    "lock": (lock, {"on": Argument(kind="flag", help="whether nobody else gets in")}),
    "lock_presentation": (
        lock_presentation,
        {"on": Argument(kind="flag", help="whether nobody else can present")},
    ),
    "drop_all": (drop_all, {}),
    "end": (end, {}),
    "extend": (
        extend,
        {"minutes": Argument(kind="whole", help="how many more", least=1, most=_MOST_MINUTES)},
    ),
}
