"""Every call on the bus goes through here: who asks, may they, and what came of it.

What an actor must not see is answered as what is not there, by the same line of code, so that neither wording nor time
tells the two apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

import structlog

from mcu.bus import Handler, Peer
from mcu.control import arguments as arg
from mcu.control.access.asked import Asked
from mcu.control.controller import Controller
from mcu.control.records.past import Past
from mcu.control.view import View
from mcu.core import permissions
from mcu.core.directory.sites import Directory
from mcu.core.permissions import Rule, room_of_event, rule_of
from mcu.core.roles import LOCAL, Actor, check
from mcu.errors import BadRequest, NotFound, NotPermitted, RoomNotFound
from mcu.models import audit

log = structlog.get_logger("mcu.control")

Args = dict[str, Any]
Broadcast = Callable[[str, dict[str, Any]], None]
_ACTOR: ContextVar[Actor] = ContextVar("actor", default=LOCAL)


def actor() -> Actor:
    """Who asked for what is being done now."""
    return _ACTOR.get()


class Gate:
    """``guard`` wraps the table of handlers; ``run`` is the way in for what needs no bus: keypad and schedule."""

    def __init__(self, controller: Controller) -> None:
        self._control = controller
        self._handlers: dict[str, Handler] = {}
        self._branches: dict[str, tuple[int, ...]] = {}  # of rooms, as they were last told
        self._past = Past(controller)
        self._view = View(controller, self._past)

    def guard(self, handlers: Mapping[str, Handler]) -> dict[str, Handler]:
        self._handlers |= handlers
        return {name: self._guarded(name) for name in handlers}

    async def run(self, by: Actor, method: str, args: Args, peer: Peer | None = None) -> Any:
        """Do the call as ``by``. Raises what it raises, NotPermitted, and NotFound for what ``by`` must not see."""
        token = _ACTOR.set(by)
        asked = Asked(by, method, args, rule_of(method, args))
        try:
            with asked.kept(self._control.record):
                rule = await self._allowed(asked)
            if rule.changes:  # to its end, though who asked goes away: only then is known what came of it
                answer = await self._control.finish(self._carry_out(asked, peer))
            else:
                answer = await self._handlers[method](peer, args)  # type: ignore[arg-type]  # see _carry_out
            return await self._view.seen(by, method, rule, answer) if by.bounded else answer
        finally:
            _ACTOR.reset(token)

    async def _allowed(self, asked: Asked) -> Rule:
        by, method, args, rule = asked.by, asked.method, asked.args, asked.rule
        if rule is None:
            raise NotPermitted(f"{method} is for nobody but the owner of the MCU")
        self._is_about(asked, self._room_of(rule, args))  # before a room is deleted, or goes to another branch
        check(by, rule.scope)
        if rule.about == "meeting" and rule.changes and arg.is_ident(meeting := args.get(rule.key)):
            self._is_about(asked, await self._control.record.write(audit.meeting_room, meeting))
        if by.bounded:
            self._is_about(asked, await self._reach(by, method, rule, args, asked.room))
        return rule

    def _is_about(self, asked: Asked, room: str) -> None:
        asked.room, asked.branch = room, self._branch(room)

    async def _carry_out(self, asked: Asked, peer: Peer | None) -> Any:
        with asked.kept(self._control.record, "ok"):
            return await self._handlers[asked.method](peer, asked.args)  # type: ignore[arg-type]  # only hellos use it

    def told(self, broadcast: Broadcast) -> Broadcast:
        """``broadcast`` for events that carry ``branches``: whose room they are about, for whoever hands them on."""

        def tell(event: str, data: dict[str, Any]) -> None:
            if room := room_of_event(event, data):
                if room in self._control.bridge.rooms:
                    self._branches[room] = self._view.branches(room)
                branches = self._branches.get(room, ())
                if event == "room.removed":
                    self._branches.pop(room, None)
                    self._forget_notices(room)
                if branches:
                    data = {**data, "branches": branches}
            broadcast(event, data)

        return tell

    def _branch(self, number: str) -> int | None:
        room = self._control.bridge.rooms.get(number)
        return room.config.branch_id if room else None

    def _forget_notices(self, room: str) -> None:
        """Of a room that is gone: the next one with its number is none of theirs who were told."""
        for notice in self._control.notices:
            if notice.get("room") == room:
                del notice["room"]

    def _guarded(self, method: str) -> Handler:
        async def handle(peer: Peer, args: Args) -> Any:
            self._control.catch_up()
            if "by" not in args:
                rule = rule_of(method, args)
                if rule is not None and rule.scope == "internal":
                    return await self._handlers[method](peer, args)
                return await self.run(LOCAL, method, args, peer)
            by = Actor.parse(args["by"])
            return await self.run(by, method, {key: value for key, value in args.items() if key != "by"}, peer)

        return handle

    # --- what a call is about -----------------------------------------------------------------------------------

    def _room_of(self, rule: Rule, args: Args) -> str:
        """As far as it can be told without a database; empty where it can't."""
        value = args.get(rule.key)
        if not isinstance(value, str):
            value = ""
        if rule.about == "call":
            call = self._control.bridge.dial_out.find(value)
            return call.room if call else ""
        if rule.about == "conference":
            return value.rpartition("-")[0]
        return value if rule.about == "room" else ""

    async def _reach(self, by: Actor, method: str, rule: Rule, args: Args, room: str) -> str:
        """Raises NotFound or NotPermitted for what lies outside of the bounds; gives the room that it is about."""
        if rule.about == "all":
            raise NotPermitted("this is about the whole MCU, and your account is for a part of it")
        if method == "room.create":
            if by.branch is None:
                raise NotPermitted("your account is for one room")
            args["branch_id"] = by.branch if args.get("branch_id") is None else args["branch_id"]
        if method == "room.change" and "branch_id" in args and args["branch_id"] is None:
            raise NotPermitted("a room of your branch stays one")
        if method == "savings.report":
            if by.role == "chair":
                raise NotPermitted("this is about many rooms, and your account is for one")
            args["branch"] = by.branch if args.get("branch") is None else args["branch"]
        given = args.get(rule.key) if rule.key else None
        if given is None and rule.needed:
            raise NotPermitted(f"give {rule.key}: your account is for a part of the MCU")
        if given is not None:
            if rule.about == "meeting":
                room = await self._control.record.write(audit.meeting_room, given) if arg.is_ident(given) else ""
            if rule.about in ("room", "call", "meeting"):
                self._reach_room(by, rule, room, given)
            elif rule.about == "conference":
                room = await self._past.reach(by, given)
            elif rule.about == "site":
                self._reach_site(by, given)
            elif rule.about == "terminal":
                self._reach_terminal(by, given, manage=rule.scope == "manage")
        if method in ("site.move", "site.change") and "parent" in args and given == by.branch:
            raise NotPermitted("this is the top of your own branch, which stays where it is")
        for key in ("room", "to") if method == "room.act" else ("room",):
            if isinstance(other := args.get(key), str) and key != rule.key:
                self._reach_room(by, replace(rule, about="room"), other, other)
        self._reach_sites(by, rule, args)
        if method == "call.dial":
            self._may_dial(by, args)
        if method == "site.move":
            args.setdefault("parent", None)
        for key in permissions.KEPT_KEYS if rule.scope == "manage" else ():
            if key in args and args[key] is None:
                raise NotPermitted(f"{key}: what is in your branch stays there")
        if method == "room.set_sites" and isinstance(args.get("sites"), list):
            args["sites"] = args["sites"] + [
                one for one in self._invited(room) if not self._view.sees_standing(by, one)
            ]
        return room

    def _reach_room(self, by: Actor, rule: Rule, room: str, given: object) -> None:
        there = self._view.has_room(room)
        branches = self._view.branches(room) if there else ()
        if not there or not by.sees_room(room, branches):
            if rule.about != "room":
                raise NotFound(f"there is no {rule.about} {str(given)[:40]}")
            if not isinstance(given, str):
                raise BadRequest(f"{rule.key} must be a text")
            raise RoomNotFound(f"there is no room {given[:16]}")
        if rule.scope == "manage" and not by.runs_room(room, branches):
            raise NotPermitted("this room belongs to no branch: an operator of all of them runs it")

    def _reach_sites(self, by: Actor, rule: Rule, args: Args) -> None:
        for key in permissions.SITE_KEYS:
            if args.get(key) is not None and key not in rule.flags:
                self._reach_site(by, args[key])
        for key in permissions.SITE_LIST_KEYS:
            for site in args[key] if isinstance(args.get(key), list) else ():
                self._reach_site(by, site)
        if isinstance(args.get("terminal"), str):
            self._reach_terminal(by, args["terminal"])

    def _may_dial(self, by: Actor, args: Args) -> None:
        account = self._directory.terminal(str(args.get("terminal") or ""))
        stands = account is not None and self._directory.site(account.site) is not None
        allowed = self._control.settings.dialling.chair_addresses
        permissions.check_dial(by, args, stands=stands, addresses=allowed)

    def _reach_site(self, by: Actor, site: object) -> None:
        if not arg.is_ident(site) or self._directory.site(site) is None or not self._view.sees_standing(by, site):
            raise NotFound(f"there is no site {str(site)[:16]}")

    def _reach_terminal(self, by: Actor, name: object, *, manage: bool = False) -> None:
        account = self._directory.terminal(name) if isinstance(name, str) else None
        if account is None or not self._view.sees_standing(by, account.site):
            raise NotFound(f"there is no terminal {str(name)[:40]}")
        if manage and account.site is None:
            raise NotPermitted("this terminal stands at no site: an operator of the whole tree changes it")

    # --- the tree -----------------------------------------------------------------------------------------------

    @property
    def _directory(self) -> Directory:
        return self._control.bridge.directory

    def _invited(self, room: str) -> tuple[int, ...]:
        return self._control.bridge.invited.get(room, ())
