"""Whose microphone is open: what floor, lecture and roll call do to all of them, and what free talk gives back.

As long as ``Direction.closed``, ``Direction.before`` is how the microphones shall be afterwards. An operator's own word
on one microphone goes into it, too, so that it outlives the mode.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mcu.core.acts.draft import Draft
    from mcu.core.conference import Conference
    from mcu.core.direction import Direction
    from mcu.core.roster import Participant


def close_all_but(meeting: Draft, opened: Collection[str]) -> None:
    """Open these, close all others but the chair's, which goes back to what it was.

    Raises AsteriskDown where that takes the switch and it is away.
    """
    direction, people = meeting.direction, meeting.people()
    if not direction.closed:
        meeting.set(closed=True, before={p.id: meeting.is_closed(p) for p in people})
    before = meeting.direction.before
    for p in soonest_heard(people, opened):
        if p.id in opened:
            meeting.mute(p, False)
        elif p.id == direction.chair:
            meeting.mute(p, before.get(p.id, False))
        else:
            meeting.mute(p, True)


def soonest_heard(people: Iterable[Participant], opened: Collection[str] = ()) -> list[Participant]:
    """Who is to speak first, then who speaks: the switch takes 0.1 s and more for 200 microphones, one after the other,
    and which of the silent ones is closed last nobody hears."""
    return sorted(people, key=lambda p: (p.id not in opened, not p.talking))


def of_newcomer(direction: Direction, p: Participant) -> bool:
    """Whether it is closed only for having come: who presides is not."""
    return _muted_for_coming(direction) and p.id != direction.chair and p.came_as != "host"


def own(direction: Direction, p: Participant) -> bool:
    """Its own state: what is given back where modes have closed microphones. Who came since is as any newcomer."""
    return direction.before.get(p.id, of_newcomer(direction, p)) if direction.closed else p.closed


def give_back(meeting: Draft, *, everybody: bool = False) -> None:
    """As they were before; who came since is open, unless who joins is muted. ``everybody``: all are opened."""
    direction = meeting.direction
    for p in meeting.people():
        if everybody:
            meeting.mute(p, False)
        elif direction.closed:
            meeting.mute(p, own(direction, p))
    meeting.set(closed=False, before={})


def taken_back(meeting: Draft, was: Direction, since: Iterable[Participant]) -> None:
    """Undo has gone back to before a mode began, or ended. ``since``: who came after that, unknown to the act."""
    now = meeting.direction
    for p in since if now.closed != was.closed else ():
        if was.closed:
            meeting.mute(p, own(was, p))
            continue
        meeting.set(before={**meeting.direction.before, p.id: p.closed})
        if p.id != now.chair:
            meeting.mute(p, p.id != now.focus)


def say(meeting: Draft, p: Participant, on: bool) -> None:
    """An operator's, or its own, word on one microphone."""
    meeting.mute(p, on)
    if meeting.direction.closed:
        meeting.set(before={**meeting.direction.before, p.id: on})


def at_the_door(conference: Conference, ident: str, host: bool = False) -> bool:
    """Whether who comes in now is muted. ``host``: who presides is not muted only for coming late."""
    direction = conference.direction
    if direction.closed:
        return ident not in (direction.focus, direction.chair)
    return _muted_for_coming(direction) and not host


def _muted_for_coming(direction: Direction) -> bool:
    return direction.mute_joiners and direction.test != "on"


def begin_test(meeting: Draft) -> None:
    """A test session's own conference: those who are there, and who comes, can be heard.

    Raises AsteriskDown where that takes the switch and it is away.
    """
    meeting.set(test="on")
    for p in meeting.people() if meeting.direction.mute_joiners and not meeting.direction.closed else ():
        meeting.mute(p, False)


def end_test(meeting: Draft) -> None:
    """The room's rule holds again, for those who have stayed, too. Where modes have closed microphones it is how they
    are afterwards. Raises AsteriskDown as ``begin_test``."""
    meeting.set(test="over" if meeting.direction.test else "", microphones_owed=False)
    staying = [p for p in soonest_heard(meeting.people()) if of_newcomer(meeting.direction, p)]
    if meeting.direction.closed:
        meeting.set(before={**meeting.direction.before, **{p.id: True for p in staying}})
        return
    for p in staying:
        meeting.mute(p, True)
