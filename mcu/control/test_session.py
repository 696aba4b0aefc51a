"""Test sessions over the bus: each site of a room is called, looked at by itself, and signed off by somebody."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from mcu.bus import Handler, Peer
from mcu.control import arguments as arg
from mcu.control import quality
from mcu.control.access.gate import actor
from mcu.control.controller import Controller
from mcu.control.outgoing import Outgoing
from mcu.control.records import past
from mcu.control.records.record import moment
from mcu.core import commands, outages
from mcu.core.dialling.calling import ways_to
from mcu.core.languages import Language
from mcu.core.test_session import HOLD, Finding, SiteTest, TestSession
from mcu.core.test_words import in_language
from mcu.errors import BadRequest, Conflict, McuError, NotFound
from mcu.models import conferences, site_tests
from mcu.models.tables import ConferenceRow, SiteTestRow

Args = dict[str, Any]
EVERY = 2.0  # s between two looks
MOST_SITES = 1000
TRIES = 1  # beyond the first attempt


class TestSessions:
    """The handlers, by name in ``handlers``. One session a room; it goes on after a restart of control, the sites that
    were being looked at from their beginning."""

    __test__ = False  # no class of pytest's

    def __init__(self, controller: Controller, outgoing: Outgoing) -> None:
        self._control = controller
        self._outgoing = outgoing
        self._sessions: dict[str, tuple[str, TestSession]] = {}  # by room: the conference's id, and the session
        self._switch_told = asyncio.Event()  # who is there, for the first time
        controller.listeners.append(self._hear)

    def handlers(self) -> Mapping[str, Handler]:
        return {"test.start": self.start, "test.report": self.report, "test.sign": self.sign, "test.stop": self.stop}

    async def start(self, peer: Peer, args: Args) -> dict[str, Any]:
        """Call the invited sites of ``room``, or ``sites`` of them, and look at each: the report as it now stands."""
        number = arg.number(args, "room")
        bridge = self._control.bridge
        bridge.room(number)
        if number in self._sessions and not self._sessions[number][1].over:
            raise Conflict(f"a test session is on in room {number}")
        chosen = _sites(args)
        sites = bridge.invited.get(number, ()) if chosen is None else chosen
        if not sites:
            raise BadRequest(f"no site is invited to room {number}: name the sites")
        names = {}
        for ident in sites:
            site = bridge.directory.site(ident)
            if site is None:
                raise NotFound(f"there is no site {ident}")
            names[ident] = site.name
        at = time.time()
        await self._control.command(commands.BeginTest(at=at, number=number))
        conference = bridge.conferences[number].id
        if bridge.conferences[number].began_at == at:  # else a meeting is on: it stays one
            self._control.record.soon("test", partial(site_tests.mark_test, conference=conference))
        tests = [SiteTest(site=ident, name=name, since=at) for ident, name in names.items()]
        session = TestSession(number, tests, bridge.thresholds, self._control.settings.testing.seconds)
        self._sessions[number] = conference, session
        present = {p.site for p in bridge.participants(number)}
        for one in tests:
            if one.site not in present:
                await self._call(session, conference, one)
        self._keep(conference, at, session)
        self._control.run_errand(self._watch(number, conference, session))
        return _described(conference, number, session, {})

    async def report(self, peer: Peer, args: Args) -> dict[str, Any]:
        """What was found at each site of a test session, and who signed it off: English unless ``language`` says so."""
        conference, language = arg.text(args, "conference"), arg.language(args, "en")
        rows = await self._control.record.write(site_tests.of, conference)
        signed = {row.site_id: _signature(row) for row in rows}
        for room, (ident, session) in self._sessions.items():
            if ident == conference:
                found = _described(conference, room, session, signed)
                break
        else:
            sites = [{**row.report, **signed[row.site_id]} for row in rows]
            room = conference.partition("-")[0]
            found = {"conference": conference, "room": room, "running": False, "sites": sites}
        found["sites"] = [self._worded(one, language) for one in found["sites"]]
        return found

    def _worded(self, told: Mapping[str, Any], language: Language) -> dict[str, Any]:
        site = self._control.bridge.directory.site(told["site"])
        return {**in_language(told, language), "code": site.code if site else ""}

    async def sign(self, peer: Peer, args: Args) -> dict[str, Any]:
        """Somebody has looked at a ``site``'s result, and says so."""
        conference, note = arg.text(args, "conference"), arg.shown(args, "note", "")
        site = arg.ident(args, "site")
        row = await self._control.record.write(site_tests.sign, conference, site, actor().login, note)
        told = {**row.report, **_signature(row), "conference": conference, "room": conference.partition("-")[0]}
        await past.tell(self._control, "test.changed", told, conference)
        return told

    async def stop(self, peer: Peer, args: Args) -> dict[str, Any]:
        """End the session of ``room``: what it called is hung up, sites that were not looked at have no result."""
        number = arg.number(args, "room")
        self._control.bridge.room(number)
        if number not in self._sessions:
            raise NotFound(f"no test session is on in room {number}")
        conference, session = self._sessions.pop(number)
        return await self._end(number, conference, session)

    async def _end(self, number: str, conference: str, session: TestSession) -> dict[str, Any]:
        ours = {one.call for one in session.sites.values() if one.call}
        for call in [call.id for call in self._control.bridge.dial_out if call.id in ours]:
            await self._control.command(commands.EndCall(at=time.time(), call=call))
        for participant in [p.id for p in self._control.bridge.participants(number) if p.id in ours]:
            whom = {"participant": participant}
            drop = commands.Act(at=time.time(), number=number, name="drop", arguments=whom)
            try:
                await self._control.command(drop)
            except McuError:
                continue  # it has just left
        await self._control.command(commands.EndTest(at=time.time(), number=number))
        self._control.record.soon("test", partial(site_tests.keep, conference=conference, testing=None))
        signed = {row.site_id: _signature(row) for row in await self._control.record.write(site_tests.of, conference)}
        return _described(conference, number, session, signed) | {"running": False}

    async def _call(self, session: TestSession, conference: str, one: SiteTest) -> None:
        bridge = self._control.bridge
        try:
            ways = ways_to(bridge.directory, one.site)
            one.call = (await self._outgoing.call_site(session.room, one.site, ways, one.name, TRIES))["id"]
        except Conflict:
            one.call = next((c.id for c in bridge.dial_out if (c.room, c.site) == (session.room, one.site)), "")
        except McuError as fault:
            bare = not bridge.directory.terminals(one.site)
            why = {"why": str(fault), "error": fault.error_id}
            code, values = ("no_terminal", {}) if bare else ("not_callable", why)
            one.end(time.time(), Finding(check="call", level="failed", code=code, values=values))
            self._found(conference, session, one)

    async def _watch(self, number: str, conference: str, session: TestSession) -> None:
        """Until every site was looked at; then the conference ends when its last one leaves, as others do."""
        try:
            await self._look(number, conference, session)
        except Exception:  # and not where control itself is stopped: the next one goes on
            await self._over(number, conference, session)
            raise
        await self._over(number, conference, session)

    async def _over(self, number: str, conference: str, session: TestSession) -> None:
        if self._sessions.get(number, (conference, session))[1] is not session:
            return  # a session that was begun since has the room now
        self._control.record.soon("test", partial(site_tests.keep, conference=conference, testing=None))
        with contextlib.suppress(McuError):  # the room was deleted meanwhile
            await self._control.command(commands.EndTest(at=time.time(), number=number))

    async def _look(self, number: str, conference: str, session: TestSession) -> None:
        while not session.over and self._sessions.get(number) == (conference, session):
            await asyncio.sleep(EVERY)
            await quality.read(self._control)
            there = self._control.bridge.conferences.get(number)
            people = list(there.everyone()) if there else []
            calls = [call for call in self._control.bridge.dial_out if call.room == number]
            for one in session.look(time.time(), people, calls):
                self._found(conference, session, one)

    # --- over a restart of control ------------------------------------------------------------------------------

    def _keep(self, conference: str, begun_at: float, session: TestSession) -> None:
        sites = [{"site": one.site, "name": one.name, "call": one.call} for one in session.sites.values()]
        testing = {"begun_at": begun_at, "sites": sites}
        self._control.record.soon("test", partial(site_tests.keep, conference=conference, testing=testing))

    def _hear(self, event: str, data: Mapping[str, Any], at: float) -> None:
        if event == "resync":
            self._switch_told.set()

    async def goes_on(self, row: ConferenceRow) -> bool:
        """Whether a session was on here when control stopped, and that was lately: a backup may be a month old."""
        if row.testing is None:
            return False
        found = await self._control.record.write(site_tests.of, row.id)
        times = [row.direction.get("at"), row.testing["begun_at"], *(one.at.timestamp() for one in found)]
        return any(outages.lately(written, time.time()) for written in times)

    async def load(self) -> None:
        """Sessions that were on when control stopped: after rooms, conferences and calls under way."""
        for row in await self._control.record.write(conferences.going_on):
            if row.testing is None:
                continue
            if HOLD not in self._control.bridge.conference(row.room).awaiting:
                self._control.record.soon("test", partial(site_tests.keep, conference=row.id, testing=None))
                text = f"Control was restarted: the test session in room {row.room} was too long ago and does not go on"
                self._control.notify("warning", "test_broken_off", text, room=row.room)
                continue
            done = {found.site_id: found for found in await self._control.record.write(site_tests.of, row.id)}
            tests = [_recalled(kept, row.testing["begun_at"], done) for kept in row.testing["sites"]]
            session = TestSession(
                row.room, tests, self._control.bridge.thresholds, self._control.settings.testing.seconds
            )
            self._sessions[row.room] = row.id, session
            left = sum(one.state != "done" for one in tests)
            text = (
                f"Control was restarted: the test session in room {row.room} goes on, with {left} sites of {len(tests)}"
            )
            self._control.notify("info", "test_resumed", text, room=row.room, left=left, sites=len(tests))
            self._control.run_errand(self._resume(row.room, row.id, session))

    async def _resume(self, number: str, conference: str, session: TestSession) -> None:
        """Those that were not looked at to the end are called, unless they are there or are being called already."""
        await self._switch_told.wait()
        bridge = self._control.bridge
        present = {p.site for p in bridge.participants(number)}
        called = {call.site for call in bridge.dial_out if call.room == number and call.state != "failed"}
        for one in session.sites.values():
            if one.state != "done":
                one.since = time.time()
                if one.site not in present | called:
                    await self._call(session, conference, one)
        await self._watch(number, conference, session)

    def _found(self, conference: str, session: TestSession, one: SiteTest) -> None:
        told = one.describe()
        if one.state == "done":
            step = partial(
                site_tests.found, conference=conference, site=one.site, name=one.name, at=moment(one.at),
                verdict=one.verdict, report=told,
            )  # fmt: skip
            self._control.record.soon("site test", step)
        self._control.tell("test.changed", {**told, "conference": conference, "room": session.room})


def _recalled(kept: Mapping[str, Any], begun_at: float, done: Mapping[int | None, SiteTestRow]) -> SiteTest:
    """As it was found in this session, or to be looked at still."""
    row = done.get(kept["site"])
    if row is not None and row.at.timestamp() >= begun_at:
        return SiteTest.recall(row.report, kept["call"])
    return SiteTest(site=kept["site"], name=kept["name"], call=kept["call"], since=time.time())


def _sites(args: Args) -> tuple[int, ...] | None:
    value = args.get("sites")
    if value is None:
        return None
    whole = isinstance(value, list) and all(isinstance(one, int) and not isinstance(one, bool) for one in value)
    if not whole or not 0 < len(value) <= MOST_SITES:
        raise BadRequest(f"sites must be a list of 1 to {MOST_SITES} sites' ids")
    return tuple(dict.fromkeys(value))


def _described(
    conference: str, room: str, session: TestSession, signed: Mapping[int | None, dict[str, Any]]
) -> dict[str, Any]:
    nobody = {"signed_by": "", "signed_at": None, "note": ""}
    sites = [{**one.describe(), **signed.get(one.site, nobody)} for one in session.sites.values()]
    return {"conference": conference, "room": room, "running": not session.over, "sites": sites}


def _signature(row: Any) -> dict[str, Any]:
    signed_at = row.signed_at.timestamp() if row.signed_at else None
    return {"signed_by": row.signed_by, "signed_at": signed_at, "note": row.note}
