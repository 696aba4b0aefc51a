"""Who joins a meeting in which something is ordered, and who leaves it: chair, roll, microphone, and the place of one
who was here before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mcu.core import effects as do
from mcu.core import microphones
from mcu.core.direction import Direction
from mcu.core.names import display_name
from mcu.core.roster import DIALLED, Memory, Participant

if TYPE_CHECKING:
    from mcu.core.bridge import Bridge
    from mcu.core.conference import Conference

PLACE_KEPT = 600.0  # s within which a terminal that dials in again takes the place it had
RETURN_WITHIN = 120.0  # s in which those whom a restart of the switch took are expected back
MOST_ABSENT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """Somebody who left, and what was ordered then."""

    at: float
    site: int | None
    terminal: str
    renamed: str  # its name in this conference; empty if it had its own
    direction: Direction
    closed: bool | None  # its microphone, apart from any mode; None: as any newcomer's
    deafened: bool
    gain_in: float
    gain_out: float

    def record(self) -> dict[str, Any]:
        """JSON, for ``expected``: all but the direction, which is the conference's."""
        kept = ("site", "terminal", "renamed", "closed", "deafened", "gain_in", "gain_out")
        return {name: getattr(self, name) for name in kept}


def left(conference: Conference, p: Participant, at: float) -> None:
    """Out of the room. Nothing is forgotten of one who is expected back."""
    if p.presents:
        return
    absent = {who: gone for who, gone in conference.absent.items() if 0 <= at - gone.at < PLACE_KEPT}
    absent[p.id] = Gone(
        at=at,
        site=p.site,
        terminal=p.terminal,
        renamed=p.renamed,
        direction=conference.direction,
        closed=microphones.own(conference.direction, p),
        deafened=p.deafened,
        gain_in=p.gain_in,
        gain_out=p.gain_out,
    )
    while len(absent) > MOST_ABSENT:
        del absent[next(iter(absent))]
    conference.absent = absent
    if p.id not in conference.awaiting:
        conference.forget(p.id)


def swept(bridge: Bridge, p: Participant, at: float, *, all_of_them: bool) -> None:
    """The switch does not have it any more; before it is removed. If the whole room is gone that was no hanging up,
    but a switch that was restarted: they are expected back."""
    conference = bridge.conferences.get(p.room)
    if conference is not None and all_of_them and not p.presents and p.id not in conference.awaiting:
        conference.expect(p.id, at + RETURN_WITHIN)


def come_anew(bridge: Bridge, conference: Conference) -> None:
    """Microphones that were open only for a test session: who left with such a one comes back as any newcomer."""
    for who, gone in conference.absent.items():
        conference.absent[who] = replace(gone, closed=gone.closed or None)
        for call in (bridge.dial_out.find(who), bridge.dial_out.kept(who)):
            if call is not None:
                call.muted = call.muted or None


def awaited(conference: Conference, site: int | None, terminal: str) -> bool:
    """Whether this terminal, or another one of its site, is expected back."""
    gone = [conference.absent[who] for who in conference.awaiting if who in conference.absent]
    return any(g.terminal == terminal != "" or g.site == site is not None for g in gone)


def missing(conference: Conference, who: str, known: Mapping[str, Any], at: float) -> None:
    """Left while control was away. ``known``: what its record has of it."""
    expected(conference, who, known, at)
    conference.forget(who)


def expected(conference: Conference, who: str, known: Mapping[str, Any], at: float) -> None:
    """Likewise, but for no wish of its own: nothing ordered of it is forgotten."""
    site, terminal = known.get("site"), known.get("terminal")
    conference.absent[who] = Gone(
        at=at,
        site=site if isinstance(site, int) else None,
        terminal=terminal if isinstance(terminal, str) else "",
        renamed=display_name(str(known.get("renamed") or "")),
        direction=conference.direction,
        closed=conference.direction.before.get(who, _closed(known.get("closed"))),
        deafened=known.get("deafened") is True,
        gain_in=_level(known.get("gain_in")),
        gain_out=_level(known.get("gain_out")),
    )


def remember(conference: Conference, p: Participant, memory: Memory | None) -> None:
    """Found by control after its own restart: what only its record knows of it."""
    if memory is not None:
        p.kind, p.site, p.terminal = memory.kind, memory.site, memory.terminal
        p.dialled = p.kind == DIALLED
    known = conference.remembered.get(p.id)
    if not isinstance(known, Mapping):
        return
    p.name = display_name(str(known.get("name") or ""), p.name)
    p.own_name = display_name(str(known.get("own_name") or ""))
    p.terminal = str(known.get("terminal") or p.terminal)
    p.site = known["site"] if isinstance(known.get("site"), int) else p.site
    role = known.get("came_as")
    p.came_as = role if role in ("host", "guest") else ""
    p.deafened, p.dialled = known.get("deafened") is True, p.dialled or known.get("dialled") is True
    p.address = str(known.get("address") or "")
    p.gain_in, p.gain_out = (_level(known.get(key)) for key in ("gain_in", "gain_out"))


def _closed(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _level(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def joined(
    bridge: Bridge, conference: Conference, p: Participant, at: float, *, moved: bool = False
) -> list[do.Effect]:
    """In the room now; returned is what sound needs. ``moved``: out of another one, with its microphone as it was."""
    if p.presents:
        return []
    p.bind(*bridge.directory.bounds(p.terminal))
    gone = _take_place(conference, p, at)
    direction = conference.direction
    if not direction.chair and p.came_as == "host":
        direction = replace(direction, chair=p.id)
    direction = fill_roll(direction, p)
    own = gone.closed if gone is not None else None  # None: a newcomer's
    if moved:
        own = p.muted or microphones.of_newcomer(direction, p)
    if direction.closed and own is not None and p.id not in direction.before:
        direction = replace(direction, before={**direction.before, p.id: own})
    conference.direct(direction)
    if gone is not None and not moved and gone.renamed and gone.terminal == p.terminal:
        p.rename(gone.renamed)
        conference.changed(p)
    out: list[do.Effect] = []
    if not bridge.links.switch:
        return out
    closed = microphones.at_the_door(conference, p.id, p.came_as == "host")
    if own is not None and not direction.closed:
        closed = own
    if gone is not None and not moved:  # who was moved is in the same call: ears and levels are what they are
        out += _as_it_was(conference, p, gone)
    if direction.closed and p.id == direction.chair != direction.focus:
        closed = direction.before.get(p.id, False)
    if closed != p.closed:
        p.order(closed)
        out.append(do.Mute(room=conference.number, channel=p.channel, on=closed))
    return out


def fill_roll(direction: Direction, p: Participant) -> Direction:
    """One of a site on the roll has come."""
    roll = direction.roll_call
    if roll is None or p.site is None or any(e.participant == p.id for e in roll.entries):
        return direction
    n = next((n for n, e in enumerate(roll.entries) if e.site == p.site and not e.participant), None)
    if n is None:
        return direction
    entry = replace(roll.entries[n], participant=p.id)
    direction = replace(direction, roll_call=roll.with_entry(n, entry))
    if direction.mode == "roll_call" and n == roll.at and not direction.focus:
        direction = replace(direction, focus=p.id)
    return direction


def _take_place(conference: Conference, p: Participant, at: float) -> Gone | None:
    """Of itself under the same id, or of the same terminal under another; None for a newcomer."""
    if p.id in conference.awaiting:
        del conference.awaiting[p.id]
        return conference.absent.pop(p.id, None)
    old = _forerunner(conference, p, at)
    if not old:
        return None
    gone = conference.absent.pop(old)
    if old in conference.awaiting:
        del conference.awaiting[old]
        conference.direct(conference.direction.renamed(old, p.id))
        conference.done.rename(old, p.id)
    else:
        there = conference.present.keys() | conference.awaiting.keys()
        conference.direct(_back_in(conference.direction, gone.direction.only(there | {old}), old, p.id))
    return gone


def _forerunner(conference: Conference, p: Participant, at: float) -> str:
    """Who left last of those that this one may be: the same terminal, or else another one of the same site."""
    ago = {
        who: gone
        for who, gone in reversed(conference.absent.items())
        if 0 <= at - gone.at < PLACE_KEPT and who not in conference.present
    }
    for who, gone in ago.items():
        if p.terminal and gone.terminal == p.terminal:
            return who
    for who, gone in ago.items():
        if p.site is not None and gone.site == p.site:
            return who
    return ""


def _back_in(now: Direction, then: Direction, old: str, new: str) -> Direction:
    """Its places, as far as nobody has taken them since."""
    was, left_over = then.renamed(old, new), then.without(old)
    fields: dict[str, Any] = {}
    if then.focus == old and not now.focus and now.mode == then.mode:
        fields["focus"] = new
    if then.chair == old and not now.chair:
        fields["chair"] = new
    for name in ("hands", "help"):
        mine = [a for a in getattr(was, name) if a.participant == new]
        fields[name] = tuple(sorted((*getattr(now, name), *mine), key=lambda a: a.since))
    seen_by = {v: who for v, who in was.views.items() if new in (v, who) and v not in {**now.views, **now.browse}}
    fields["views"] = {**now.views, **seen_by}
    turning = {
        v: t
        for v, t in was.browse.items()
        if (v == new and v not in fields["views"]) or (v in now.browse and now.browse[v] == left_over.browse.get(v))
    }
    fields["browse"] = {**now.browse, **turning}
    if now.panes == left_over.panes:
        fields["panes"] = was.panes
    if old in then.banners:
        fields["banners"] = {**now.banners, new: then.banners[old]}
    if now.roll_call and then.roll_call and len(now.roll_call.entries) == len(then.roll_call.entries):
        entries = tuple(
            replace(e, participant=new) if earlier.participant == old and not e.participant else e
            for e, earlier in zip(now.roll_call.entries, then.roll_call.entries, strict=True)
        )
        fields["roll_call"] = replace(now.roll_call, entries=entries)
    return replace(now, **fields)


def _as_it_was(conference: Conference, p: Participant, gone: Gone) -> list[do.Effect]:
    """A new call hears everything, at the level at which it comes."""
    number, out = conference.number, list[do.Effect]()
    if gone.deafened and not p.deafened:
        out.append(do.Deafen(room=number, channel=p.channel, on=True))
    if gone.gain_in != p.gain_in:
        out.append(do.Gain(room=number, channel=p.channel, direction="in", db=gone.gain_in))
    if gone.gain_out != p.gain_out:
        out.append(do.Gain(room=number, channel=p.channel, direction="out", db=gone.gain_out))
    p.deafened, p.gain_in, p.gain_out = gone.deafened, gone.gain_in, gone.gain_out
    return out
