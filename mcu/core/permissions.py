"""The table of every call on the bus: what right it takes, and what it is about.

A call that has no line here is refused to everybody who is not the owner of the socket, and fails a test.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mcu.core.roles import Actor, Scope
from mcu.errors import DialNotPermitted

About = Literal["", "room", "site", "terminal", "call", "conference", "meeting", "all"]

# Arguments that name a site, or sites, wherever they stand: nobody reaches beyond the own branch by any of them.
SITE_KEYS = ("site", "under", "parent", "parent_id", "branch", "branch_id", "presiding_site", "presiding_site_id")
SITE_LIST_KEYS = ("sites",)
# Null in these would take what is managed out of the branch.
KEPT_KEYS = ("parent", "site")
# What a chair may change of a room by ``room.change``; the rest is the room's settings, which stay for the next time.
_DIRECTS = frozenset({"number", "layout", "locked", "mute_joiners"})


@dataclass(frozen=True, slots=True)
class Rule:
    """``about`` and ``key``: the argument that names a thing, and of what kind; "all" is about everything there is.
    ``items``: of a list in the answer, the key under which each item names such a thing. ``needed``: who is bounded
    must give ``key``. ``changes``: an audit row is kept. ``flags``: of SITE_KEYS, those that name no site here."""

    scope: Scope | Literal["own", "internal"]
    about: About = ""
    key: str = ""
    items: str = ""
    needed: bool = False
    changes: bool = True
    flags: tuple[str, ...] = ()


def _read(about: About = "", key: str = "", items: str = "") -> Rule:
    return Rule("read", about, key, items, changes=False)


METHODS: dict[str, Rule] = {
    "bus.ping": _read(),
    "bus.subscribe": _read("all"),
    "status": _read(),
    "layout.list": _read(),
    "room.list": _read("room", items="number"),
    "room.show": _read("room", "number"),
    "room.direction": _read("room", "room"),
    "room.still": _read("room", "number"),
    "room.sites": _read("room", "number"),
    "room.pin": Rule("act", "room", "number", changes=False),
    "room.create": Rule("manage"),
    "room.change": Rule("manage", "room", "number"),  # or act: see rule_of
    "room.delete": Rule("manage", "room", "number"),
    "room.set_sites": Rule("manage", "room", "number"),
    "room.act": Rule("act", "room", "room"),
    "participant.list": _read("room", "room", "room"),
    "call.list": _read("room", "room", "room"),
    "call.dial": Rule("dial", "room", "room"),
    "call.all": Rule("dial", "room", "room"),
    "call.end_all": Rule("dial", "room", "room"),
    "call.again": Rule("dial", "call", "call"),
    "call.end": Rule("dial", "call", "call"),
    "test.start": Rule("dial", "room", "room"),
    "test.stop": Rule("dial", "room", "room"),
    "test.report": _read("conference", "conference"),
    "test.sign": Rule("act", "conference", "conference"),
    "site.list": _read("site", items="id"),
    "site.show": _read("site", "id"),
    "site.create": Rule("manage", "site", "parent", needed=True),
    "site.change": Rule("manage", "site", "id"),
    "site.move": Rule("manage", "site", "id"),
    "site.delete": Rule("manage", "site", "id", flags=("branch",)),
    "site.import": Rule("manage", "all"),
    "site.export": Rule("manage", "all", changes=False),
    "site.rollout": Rule("manage", "all"),
    "preset.list": _read(),
    "terminal.list": _read("site", items="site"),
    "terminal.show": _read("terminal", "name"),
    "terminal.create": Rule("manage", "site", "site", needed=True),
    "terminal.update": Rule("manage", "terminal", "name"),
    "terminal.delete": Rule("manage", "terminal", "name"),
    "terminal.h323": Rule("internal"),
    "meeting.list": _read("room", "room", "room"),
    "meeting.show": _read("meeting", "id"),
    "meeting.calendar": _read("meeting", "id"),
    "meeting.create": Rule("manage", "room", "room", needed=True),
    "meeting.change": Rule("manage", "meeting", "id"),
    "meeting.delete": Rule("manage", "meeting", "id"),
    "meeting.cancel_occurrence": Rule("manage", "meeting", "id"),
    "meeting.move_occurrence": Rule("manage", "meeting", "id"),
    "conference.list": _read("room", "room", "room"),
    "conference.show": _read("conference", "id"),
    "conference.minutes": _read("conference", "id"),
    "conference.people": Rule("act", "conference", "id"),
    "savings.report": _read("site", "branch"),
    "user.list": Rule("admin", changes=False),
    "user.create": Rule("admin"),
    "user.change": Rule("admin"),
    "user.password": Rule("admin"),
    "user.delete": Rule("admin"),
    "token.list": Rule("own", changes=False),
    "token.create": Rule("own"),
    "token.delete": Rule("own"),
    "audit.list": Rule("admin", "room", "room", changes=False),  # or manage: see rule_of
    "webhook.list": Rule("admin", changes=False),
    "webhook.deliveries": Rule("admin", changes=False),
    "webhook.create": Rule("admin"),
    "webhook.change": Rule("admin"),
    "webhook.delete": Rule("admin"),
    "webhook.test": Rule("admin"),
    "backup.make": Rule("admin"),
    "h323.status": _read("all"),
    "h323.calls": _read("all"),
    "h323.call": _read("all"),
    "h323.registered": _read("all"),
    "h323.hang_up": Rule("act", "all"),
    "h323.trace": Rule("admin"),
    "h323.trace_get": Rule("admin", changes=False),
    "h323.hello": Rule("internal"),
    "mixer.hello": Rule("internal"),
}

# Told to everybody; whatever else names no room is for those who see all of them.
GENERAL_EVENTS = frozenset({"control", "resync", "sites.changed", "terminals.changed", "rollout.progress"})
# Of accounts: for administrators and our own processes, and never told to a webhook.
ADMIN_EVENTS = frozenset({"users.changed", "tokens.changed"})
# Notices about the parts of the MCU. Others may name a room.
GENERAL_NOTICES = frozenset({
    "asterisk_away", "asterisk_back", "gateway_away", "gateway_back", "mixer_away", "mixer_restarted", "bridge_full",
    "record_failing", "record_back", "trunk_away", "trunk_back",
})  # fmt: skip


def rule_of(method: str, args: Mapping[str, Any]) -> Rule | None:
    """The line for this call; None where there is none."""
    if method == "room.change" and args.keys() <= _DIRECTS:
        return Rule("act", "room", "number")
    if method == "audit.list" and args.get("room"):
        return Rule("manage", "room", "room", changes=False)
    return METHODS.get(method)


def check_dial(actor: Actor, args: Mapping[str, Any], *, stands: bool, addresses: bool) -> None:
    """Of ``call.dial``, when what it names is within the bounds: a chair's account, which is handed out for one room,
    must not become a way to call abroad at the bridge's cost. What an operator has called, a chair may call again.

    ``stands``: the terminal that is named stands at a site; ``addresses``: chairs may call what they like. Raises
    DialNotPermitted.
    """
    if actor.role != "chair" or addresses:
        return
    if args.get("address"):
        raise DialNotPermitted("a chair calls sites and terminals of the directory; an operator calls other addresses")
    if args.get("terminal") and not stands:
        raise DialNotPermitted("this terminal stands at no site: an operator calls it")


def room_of_event(event: str, data: Mapping[str, Any]) -> str:
    """The number of the room that an event is about; empty if it is about none."""
    number = data.get("number") if event.startswith("room.") else data.get("room")
    return number if isinstance(number, str) else ""


def hears(actor: Actor, event: str, data: Mapping[str, Any], branches: Collection[int]) -> bool:
    """Whether an event is for this one. ``branches``: whose room it is about, as for Actor.sees_room."""
    if event in ADMIN_EVENTS:
        return actor.role == "admin"
    if not actor.bounded or event in GENERAL_EVENTS:
        return True
    if room := room_of_event(event, data):
        return actor.sees_room(room, branches)
    return event == "notice" and data.get("code") in GENERAL_NOTICES
