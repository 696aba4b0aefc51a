"""Roll call: site after site is seen and heard by all, and marked present or absent. The marks stay until the
conference ends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from mcu.core import microphones
from mcu.core.acts.draft import Draft
from mcu.core.acts.schema import MOST_LISTED, Argument
from mcu.core.direction import Entry, RollCall
from mcu.errors import BadRequest, Conflict

Arguments = dict[str, Any]


def start(meeting: Draft, a: Arguments) -> None:
    """From the first: the sites and participants that are named, or else the invited sites in their order and then
    whoever else is there."""
    if a["participants"] is None and a["sites"] is None:
        invited = meeting.bridge.invited.get(meeting.number, ())
        entries = _entries(meeting, invited, [p.id for p in meeting.people()])
    else:
        entries = _entries(meeting, a["sites"] or (), a["participants"] or ())
    if not entries:
        raise Conflict("there is nobody to be called")
    _call(meeting, RollCall(entries=entries))


def following(meeting: Draft, a: Arguments) -> None:
    """Mark who is called, and call the next; after the last one the roll call is at its end."""
    roll = _going_on(meeting)
    if a["mark"] is not None:
        roll = _marked(roll, roll.at, a["mark"])
    if roll.at + 1 < len(roll.entries):
        _call(meeting, replace(roll, at=roll.at + 1))
    else:
        _end(meeting, roll)


def to(meeting: Draft, a: Arguments) -> None:
    """Call this one; the call goes on from there."""
    roll = _roll(meeting)
    _call(meeting, replace(roll, at=_index(roll, a["entry"]), ended=False))


def mark(meeting: Draft, a: Arguments) -> None:
    """Whoever is called goes on being called."""
    roll = _roll(meeting)
    meeting.set(roll_call=_marked(roll, _index(roll, a["entry"]), a["mark"]))


def end(meeting: Draft, a: Arguments) -> None:
    _end(meeting, _going_on(meeting))


def _call(meeting: Draft, roll: RollCall) -> None:
    roll = _with_another(meeting, roll)
    called = roll.called.participant
    focus = called if called in meeting.conference.present else ""
    meeting.set(mode="roll_call", roll_call=roll, focus=focus)
    microphones.close_all_but(meeting, {focus, meeting.direction.chair})


def _with_another(meeting: Draft, roll: RollCall) -> RollCall:
    """Where the terminal on the roll has left, another one of its site answers for it."""
    entry = roll.called
    if entry.site is None or entry.participant in meeting.conference.present:
        return roll
    taken = {e.participant for e in roll.entries}
    here = next((p.id for p in meeting.people() if p.site == entry.site and p.id not in taken), entry.participant)
    return roll.with_entry(roll.at, replace(entry, participant=here))


def _end(meeting: Draft, roll: RollCall) -> None:
    meeting.set(roll_call=replace(roll, ended=True))
    if meeting.direction.mode == "roll_call":
        meeting.set(mode="free", focus="")
        microphones.give_back(meeting)


def _entries(meeting: Draft, sites: Iterable[int], participants: Iterable[str]) -> tuple[Entry, ...]:
    """Raises BadRequest for a site that is not in the directory, ParticipantNotFound."""
    entries, taken = [], set[str]()
    there = meeting.people()
    for ident in sites:
        site = meeting.bridge.directory.site(ident)
        if site is None:
            raise BadRequest(f"there is no site {ident}")
        here = next((p.id for p in there if p.site == ident and p.id not in taken), "")
        entries.append(Entry(participant=here, site=ident, name=site.name))
        taken.add(here)
    called = {entry.site for entry in entries}
    for who in participants:
        p = meeting.person(who)
        if p.id not in taken and (p.site is None or p.site not in called):
            entries.append(Entry(participant=p.id, site=p.site, name=p.name))
            taken.add(p.id)
    return tuple(entries)


def _marked(roll: RollCall, n: int, mark: Any) -> RollCall:
    return roll.with_entry(n, replace(roll.entries[n], mark=mark))


def _roll(meeting: Draft) -> RollCall:
    if meeting.direction.roll_call is None:
        raise Conflict("no roll was called in this conference")
    return meeting.direction.roll_call


def _going_on(meeting: Draft) -> RollCall:
    roll = _roll(meeting)
    if roll.ended:
        raise Conflict("the roll call is at its end")
    return roll


def _index(roll: RollCall, entry: int) -> int:
    if entry >= len(roll.entries):
        raise BadRequest(f"entry must be from 0 to {len(roll.entries) - 1}")
    return entry


_ENTRY = Argument(kind="whole", help="its place on the roll, from 0", least=0, most=2 * MOST_LISTED)
_MARKS = ("present", "absent")
ACTS = {
    "roll_call": (
        start,
        {
            "participants": Argument(kind="participants", help="who is called", default=None, null=True),
            "sites": Argument(kind="sites", help="sites that are called, there or not", default=None, null=True),
        },
    ),
    "roll_call_next": (
        following,
        {
            "mark": Argument(
                kind="choice", help="what the one is that was called", choices=_MARKS, default=None, null=True
            )
        },
    ),
    "roll_call_to": (to, {"entry": _ENTRY}),
    "roll_call_mark": (
        mark,
        {"entry": _ENTRY, "mark": Argument(kind="choice", help="empty: none", choices=("", *_MARKS))},
    ),
    "roll_call_end": (end, {}),
}
