"""Whom a room calls, by which terminals, and how fast: sites are called one by one, or all that are not there.

Every answered call costs Asterisk a burst of work (SRTP, the way into the room, its leg to the mixer), so calls begin
at a pace; those that ring cost next to nothing, but there is an end to how many ring at once.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from mcu.core.dialling.outgoing import OutgoingCall
from mcu.core.dialling.targets import Way, target_of
from mcu.core.directory.accounts import TerminalAccount
from mcu.core.directory.sites import Directory, Site
from mcu.errors import BadRequest, NotFound, NoTrunk

if TYPE_CHECKING:
    from mcu.core.bridge import Bridge

Who = Literal["all", "absent", "branch"]
WHO: tuple[Who, ...] = ("all", "absent", "branch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialling:
    """How calls are made."""

    per_second: float = 5.0  # calls begun; 200 sites take 40 s
    at_once: int = 100  # calls that ring
    redials: int = 5  # of a site that was lost


class Pace:
    """A bucket of one second's calls (but at least one) that fills at ``per_second``."""

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._most = max(1.0, per_second)
        self._tokens = self._most
        self._at = 0.0

    def take(self, at: float) -> bool:
        """May one more begin now? ``at``: seconds; a clock that was set back costs nobody a wait."""
        self._fill(at)
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def due(self, at: float) -> float:
        """When the next one may begin."""
        self._fill(at)
        return at + max(0.0, 1 - self._tokens) / self._per_second

    def _fill(self, at: float) -> None:
        tokens = min(self._most, self._tokens + max(0.0, at - self._at) * self._per_second)
        self._tokens = max(tokens, 1.0) if tokens > 1 - 1e-6 else tokens  # ``due`` was rounded
        self._at = at


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A site that is not called. ``reason``: present, called_already, no_terminal, not_callable (its terminals have no
    address that could be dialled, or are phones that no trunk leads to) or unknown."""

    site: int
    reason: str


def way_to(directory: Directory, account: TerminalAccount) -> Way:
    """Raises BadRequest for a terminal whose address is a whole network, and for a phone that no trunk leads to."""
    return allowed(directory, Way(target=target_of(account), terminal=account.name))


def allowed(directory: Directory, way: Way) -> Way:
    """Itself; of a telephone with the number as it is dialled here. Raises BadRequest where none can be called, or this
    one may not."""
    if way.target.protocol != "tel":
        if directory.trunk is not None:
            directory.trunk.check_address(way.target.user, way.target.host)
        return way
    if directory.trunk is None:
        raise NoTrunk("there is no line to the telephone network: the setting trunk.address")
    return replace(way, target=replace(way.target, user=directory.trunk.dialled(way.target.user)))


def ways_to(directory: Directory, site: int) -> tuple[Way, ...]:
    """The terminals of a site, in the order in which they are tried.

    Raises NotFound for a site that is not there or has no terminal, BadRequest when none of them can be called."""
    found = directory.site(site)
    if found is None:
        raise NotFound(f"there is no site {site}")
    accounts = directory.terminals(site)
    if not accounts:
        raise NotFound(f"site {found.name} has no terminal")
    ways, fault = [], None
    for account in accounts:
        try:
            ways.append(way_to(directory, account))
        except BadRequest as refused:
            fault = fault or refused
    if not ways and fault is not None:
        raise fault
    return tuple(ways)


def renewed(directory: Directory, call: OutgoingCall) -> bool:
    """Before an attempt: the call's terminals are where their accounts say now. One that was deleted, or stands at
    another site, is called no more; False if none is left."""
    now = [_as_it_is(directory, call, way) for way in call.ways]
    left = tuple(way for way in now if way is not None)
    if not left:
        return False
    at_way = sum(1 for way in now[: call.at_way] if way is not None)
    call.ways, call.at_way = left, at_way if at_way < len(left) else 0
    return True


def _as_it_is(directory: Directory, call: OutgoingCall, way: Way) -> Way | None:
    account = directory.terminal(way.terminal)
    try:
        if not way.terminal:  # an address that somebody wrote
            return allowed(directory, way)
        if account is None or (call.site is not None and account.site != call.site):
            return None
        return way_to(directory, account)
    except BadRequest:
        return None


def chosen(bridge: Bridge, room: str, who: Who, branch: int | None) -> Iterator[tuple[Site, tuple[Way, ...]] | Skipped]:
    """The invited sites that ``call.all`` is for, in the order of the invitation: how each is reached, or why not.

    "branch" takes those under ``branch``; "absent" leaves alone those whose call waits for its next attempt, which the
    others call at once. Raises RoomNotFound, and NotFound for a branch that is not there.
    """
    bridge.room(room)
    directory = bridge.directory
    branch_sites: Container[int] | None = None
    if who == "branch" and (branch is None or not (branch_sites := directory.branch(branch))):
        raise NotFound(f"there is no site {branch}")
    conference = bridge.conferences.get(room)
    present = {p.site for p in conference.everyone()} if conference else set()
    coming = {call.site for call in bridge.dial_out if call.room == room and call.coming(waiting=who == "absent")}
    for site in bridge.invited.get(room, ()):
        if branch_sites is not None and site not in branch_sites:
            continue
        found = directory.site(site)
        if found is None:
            yield Skipped(site=site, reason="unknown")
        elif site in present:
            yield Skipped(site=site, reason="present")
        elif site in coming:
            yield Skipped(site=site, reason="called_already")
        else:
            yield _reached(directory, found)


def _reached(directory: Directory, site: Site) -> tuple[Site, tuple[Way, ...]] | Skipped:
    try:
        return site, ways_to(directory, site.id)
    except NotFound:
        return Skipped(site=site.id, reason="no_terminal")
    except BadRequest:
        return Skipped(site=site.id, reason="not_callable")
