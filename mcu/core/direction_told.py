"""A conference's direction as the bus tells it, whole: the answer of ``room.direction``, the event of each change."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from mcu.core.direction import Asking, Banner, Direction, PaneRule, RollCall, Turning
from mcu.core.entry import lobby

if TYPE_CHECKING:
    from mcu.core.conference import Conference


def describe(number: str, conference: Conference | None, at: float) -> dict[str, Any]:
    """None: nobody is in the room. ``at``: of the pictures that turn, which one it is now."""
    d = conference.direction if conference else Direction()
    return {
        "room": number,
        "conference": conference.id or None if conference else None,
        "mode": d.mode,
        "focus": d.focus,
        "chair": d.chair,
        "hands": [_asking(a) for a in d.hands],
        "help": [_asking(a) for a in d.help],
        "roll_call": _roll(d.roll_call),
        "voice_hold": d.voice_hold,
        "views": dict(d.views),
        "browse": [_turning(conference, viewer, turning, at) for viewer, turning in d.browse.items() if conference],
        "panes": [_pane(rule) for rule in d.panes],
        "mute_joiners": d.mute_joiners,
        "presentation_locked": d.presentation_locked,
        "banner": _banner(d.banner),
        "banners": {who: _banner(banner) for who, banner in d.banners.items()},
        "lobby": [lobby.describe(p) for p in conference.lobby.values()] if conference else [],
        "ends_at": d.ends_at,
        "undo": conference.done.name if conference else "",
        "undo_step": conference.done.number if conference else 0,
    }


def _roll(roll: RollCall | None) -> dict[str, Any] | None:
    if roll is None:
        return None
    # By hand: asdict takes ten times as long, and a roll may have hundreds of entries.
    entries = [{"participant": e.participant, "site": e.site, "name": e.name, "mark": e.mark} for e in roll.entries]
    return {"at": roll.at, "ended": roll.ended, "entries": entries}


def _asking(asking: Asking) -> dict[str, Any]:
    return {"participant": asking.participant, "since": round(asking.since, 3)}


def _banner(banner: Banner | None) -> dict[str, Any] | None:
    return asdict(banner) if banner else None


def _turning(conference: Conference, viewer: str, turning: Turning, at: float) -> dict[str, Any]:
    return {
        "viewer": viewer,
        "participants": list(turning.participants),
        "seconds": turning.seconds,
        "at": conference.turned_to(viewer, turning, at),
    }


def _pane(rule: PaneRule) -> dict[str, Any]:
    """As the act takes it."""
    match rule.show:
        case "participant":
            return {"show": rule.show, "participant": rule.participant}
        case "loudest":
            return {"show": rule.show, "rank": rule.rank}
        case "turning" if rule.turning:
            return {
                "show": rule.show,
                "participants": list(rule.turning.participants),
                "seconds": rule.turning.seconds,
            }
        case _:
            return {"show": rule.show}
