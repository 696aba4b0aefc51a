"""The control process: what it consists of, in order of starting and stopping."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import structlog

from mcu.asterisk.fastagi import EntryServer
from mcu.asterisk.secrets import agi_secret
from mcu.asterisk.switch import Switch
from mcu.bus import Peer, Server, serve
from mcu.config import Settings
from mcu.control import layouts, quality
from mcu.control.access.audit import Audit
from mcu.control.access.gate import Gate
from mcu.control.access.tokens import Tokens
from mcu.control.access.users import Users
from mcu.control.acts import Acts
from mcu.control.backup import Backup
from mcu.control.controller import NOTICES_SHOWN, Controller
from mcu.control.directory.lookup import refresh
from mcu.control.directory.site_files import SiteFiles
from mcu.control.directory.sites import Sites
from mcu.control.directory.terminals import Terminals
from mcu.control.gateway_link import GatewayLink
from mcu.control.housekeeping import forget_old, keep_house
from mcu.control.outgoing import Outgoing
from mcu.control.participants import Participants
from mcu.control.ports import SwitchPort
from mcu.control.records.calls_kept import CallsKept
from mcu.control.records.conferences import Conferences
from mcu.control.records.record import Record
from mcu.control.rooms import Rooms, config_of
from mcu.control.schedule.meetings import Meetings
from mcu.control.schedule.scheduler import SCHEDULE, Scheduler
from mcu.control.test_session import TestSessions
from mcu.control.webhooks import Webhooks
from mcu.core.bridge import Bridge
from mcu.core.commands import PutRoom
from mcu.core.dialling.calling import Dialling
from mcu.core.directory.accounts import TerminalAccount
from mcu.core.directory.sites import Directory
from mcu.core.directory.trunk import Trunk
from mcu.core.events import Event
from mcu.core.limits import Limits
from mcu.core.quality import Thresholds
from mcu.core.roster import Memory
from mcu.errors import ConfigError
from mcu.models import Database, attendance, conferences, first_start, rows

log = structlog.get_logger("mcu.control")

MakeSwitch = Callable[[Settings, Callable[[Event], None]], SwitchPort]


class Control:
    """All of the process. ``start`` and ``stop`` may be used without signals, as tests do."""

    def __init__(self, settings: Settings, make_switch: MakeSwitch = Switch) -> None:
        """Reads the database and the layouts. Raises ConfigError and Unavailable."""
        database = Database(settings.database_url)
        self._record = Record(database)
        told = settings.limits
        limits = Limits(room=told.room_members, bridge=told.members, personal=told.personal_views)
        dialling = Dialling(**settings.dialling.model_dump(exclude={"chair_addresses"}))
        bridge = Bridge(layouts.load(settings.home), limits, dialling)
        bridge.thresholds = Thresholds(**settings.quality.model_dump(exclude={"every"}))
        if settings.trunk.address:
            line = settings.trunk.model_dump(include={"number", "country", "international", "networks"})
            bridge.directory = Directory(trunk=Trunk(host=settings.trunk.host, **line))
        self.controller = Controller(settings, bridge, self._record, lambda hear: make_switch(settings, hear))
        self._gateway = GatewayLink(self.controller.happened, self.controller.notify)
        self.acts = Acts(self.controller)
        self._calls = Participants(self.controller, self._gateway)
        self._rooms = Rooms(self.controller, self.acts)
        self._outgoing = Outgoing(self.controller)
        self._tests = TestSessions(self.controller, self._outgoing)
        self._terminals = Terminals(self.controller, lambda accounts: _render(settings, accounts))
        self._sites = Sites(self.controller)
        self._site_files = SiteFiles(self.controller, self._terminals)
        self._backup = Backup(self.controller)
        self._users = Users(self.controller)
        self._audit = Audit(self.controller)
        self._tokens = Tokens(self.controller)
        self._webhooks = Webhooks(self.controller)
        self.gate = Gate(self.controller)
        self.scheduler = Scheduler(self.controller, partial(self.gate.run, SCHEDULE))
        self._calls_kept = CallsKept(self.controller)
        self.controller.listeners += [self.scheduler.hear, self._calls_kept.hear]
        self._meetings = Meetings(self.controller, self.scheduler)
        self._conferences = Conferences(self.controller)
        self._settings = settings
        self._server: Server | None = None
        agi_port = settings.asterisk.agi_port
        self.door = EntryServer(
            "127.0.0.1", agi_port, self.controller.entry, agi_secret(settings), self.controller.undelivered
        )

    async def start(self) -> None:
        """Serve the bus and the door, then look for Asterisk. Raises Conflict or ConfigError if another one runs."""
        await self._load()
        await self._webhooks.start()
        handlers = {
            **self._calls.handlers(),
            **self.acts.handlers(),
            **self._rooms.handlers(),
            **self._outgoing.handlers(),
            **self._tests.handlers(),
            **self._gateway.handlers(),
            **self._terminals.handlers(),
            **self._sites.handlers(),
            **self._site_files.handlers(),
            **self._backup.handlers(),
            **self._users.handlers(),
            **self._audit.handlers(),
            **self._tokens.handlers(),
            **self._webhooks.handlers(),
            **self._meetings.handlers(),
            **self._conferences.handlers(),
        }
        guarded = self.gate.guard(handlers)
        self._server = await serve(self._settings.control_socket, guarded, on_gone=self._gone, on_event=self._heard)
        self._tell = self.gate.told(self._server.broadcast)
        self.controller.broadcast = self._told
        try:
            await self.door.start()
        except OSError as fault:
            raise ConfigError(f"asterisk.agi_port {self._settings.asterisk.agi_port}: {fault.strerror}") from None
        await self.controller.switch.start()
        self.controller.run_errand(keep_house(self.controller.switch))
        self.controller.run_errand(forget_old(self._record, self._settings.retention.days))
        self.controller.run_errand(self.scheduler.run())
        self.controller.run_errand(quality.watch(self.controller, self._settings.quality.every))

    async def stop(self) -> None:
        """Calls and pictures go on without us."""
        self.controller.leave()
        await self.controller.switch.stop()
        await self.door.stop()
        if self._server is not None:
            await self._server.stop()
        await self._webhooks.stop()
        await self.controller.stop()

    def _told(self, event: str, data: dict[str, Any]) -> None:
        self._tell(event, data)
        self._webhooks.hear(event, data)

    async def _load(self) -> None:
        for row in await self._record.write(rows.rooms):
            config = config_of(row, self.controller.bridge.catalogue.names)
            await self.controller.command(PutRoom(at=time.time(), config=config, locked=row.locked))
        await refresh(self.controller)
        for stay in await self._record.write(attendance.under_way):
            memory = Memory(
                joined_at=stay.joined_at.timestamp(),
                kind=stay.kind,
                room=stay.room,
                site=stay.site_id,
                terminal=stay.terminal,
                name=stay.name,
            )
            self.controller.bridge.memories[stay.participant] = memory
        for found in await self._record.write(conferences.going_on):
            began_at, testing = found.began_at.timestamp(), await self._tests.goes_on(found)
            self.controller.bridge.resume(found.room, found.id, began_at, found.direction, testing=testing)
            self.controller.history.resumed(found.room, found.id, found.direction)
        for notice in await self._record.write(rows.latest_notices, NOTICES_SHOWN):
            self.controller.notices.append(
                {"at": notice.at.timestamp(), "level": notice.level, "code": notice.code, "text": notice.text}
                | {"data": notice.data}
            )
        await self._calls_kept.load()
        await self._tests.load()

    def _heard(self, peer: Peer, event: str, data: dict[str, Any]) -> None:
        if event.startswith("h323."):
            self._gateway.heard(peer, event, data)
        else:
            self.controller.mixer.heard(peer, event, data)

    def _gone(self, peer: Peer) -> None:
        self.controller.mixer.gone(peer)
        self._gateway.gone(peer)


def _render(settings: Settings, accounts: list[TerminalAccount]) -> None:
    from mcu.asterisk.render import render  # only where accounts change: a start must be quick, calls wait for it

    render(settings, accounts)


async def main(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    if password := first_start(settings):
        # Only where control is started by hand on an empty home; `mcu run` does this before, and shows it itself.
        print(f"First start: log in to the panel as admin / {password}", flush=True)
    control = Control(settings)
    try:
        await control.start()
        log.info("control.ready", rooms=len(control.controller.bridge.rooms))
        await stopping.wait()
    finally:
        await control.stop()
    log.info("control.stopped")
