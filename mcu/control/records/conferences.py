"""Conferences that were and that are, over the bus: who was there, their minutes, and what they saved."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from mcu.bus import Handler, Peer
from mcu.control import arguments as arg
from mcu.control import pages
from mcu.control.controller import Controller
from mcu.control.records import past
from mcu.control.records.minutes_rows import minutes_of
from mcu.control.records.record import moment
from mcu.control.records.savings import savings_of
from mcu.errors import BadRequest, NotFound
from mcu.exchange import files, minutes_pdf, minutes_tables, savings
from mcu.models import conferences, story
from mcu.models.tables import ConferenceRow

Args = dict[str, Any]
FORMS = ("json", *files.MIMETYPES)
EVENTS_SHOWN = 500  # the last ones, by conference.show; the minutes have all


class Conferences:
    def __init__(self, controller: Controller) -> None:
        self._control = controller
        self._record = controller.record

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "conference.list": self.list_,
            "conference.show": self.show,
            "conference.people": self.people,
            "conference.minutes": self.minutes,
            "savings.report": self.savings,
        }

    async def list_(self, peer: Peer, args: Args) -> dict[str, Any]:
        """The latest first; ``since`` and ``before`` bound the begin, in seconds since the epoch."""
        room = arg.number(args, "room") if args.get("room") is not None else None
        limit = pages.limit_in(args)
        since, before = arg.moment(args, "since"), arg.moment(args, "before")
        found = await self._record.write(
            conferences.page, room=room, since=since, before=before, after=_after(args), limit=limit + 1
        )
        page, more = pages.cut(found, limit, _cursor)
        idents = [row.id for row in page]
        counted = await self._record.write(story.counts, idents)
        titles = await self._record.write(story.meeting_titles, idents)
        items = [{**_describe(row), "title": titles.get(row.id, ""), **counted[row.id]._asdict()} for row in page]
        return {"items": items, "next": more}

    async def show(self, peer: Peer, args: Args) -> dict[str, Any]:
        """With everybody's attendance and the last events."""
        told = await self._record.read(story.story, _ident(args))
        made = minutes_of(told, time.time(), self._control.settings.schedule.zone)
        described = minutes_tables.as_json(made, arg.language(args, self._control.settings.asterisk.language))
        return {
            **_describe(told.conference),
            **{key: described[key] for key in ("title", "zone", "present", "absent", "people", "sites")},
            "events": described["events"][-EVENTS_SHOWN:],
            "tests": [
                {
                    "site": one.site_id, "name": one.name, "at": one.at.timestamp(), "verdict": one.verdict,
                    "signed_by": one.signed_by, "note": one.note,
                }
                for one in told.tests
            ],
        }  # fmt: skip

    async def people(self, peer: Peer, args: Args) -> dict[str, Any]:
        """How many sat at a site; null takes it back."""
        ident = _ident(args)
        site = arg.ident(args, "site")
        people = None if args.get("people") is None else arg.whole(args, "people", 0, 100_000, 0)
        told = {"id": ident, "room": ident.partition("-")[0], "site": site, "people": people}
        await self._record.write(conferences.count_people, ident, site, people)
        await past.tell(self._control, "conference.people", told, ident)
        return {"id": ident, "site": site, "people": people}

    async def minutes(self, peer: Peer, args: Args) -> dict[str, Any]:
        form, language = _form(args), arg.language(args, self._control.settings.asterisk.language)
        told = await self._record.read(story.story, _ident(args))
        now = time.time()
        made = minutes_of(told, now, self._control.settings.schedule.zone)
        if form == "json":
            return minutes_tables.as_json(made, language)
        writers: dict[str, Callable[[], bytes]] = {
            "csv": lambda: minutes_tables.as_csv(made, language),
            "xlsx": lambda: minutes_tables.as_xlsx(made, language),
            "pdf": lambda: minutes_pdf.as_pdf(made, language, now),
        }
        return files.told(f"minutes-{made.id}.{form}", await asyncio.to_thread(writers[form]))

    async def savings(self, peer: Peer, args: Args) -> dict[str, Any]:
        form, language = _form(args), arg.language(args, self._control.settings.asterisk.language)
        since, until = arg.moment(args, "since"), arg.moment(args, "until")
        if since is None or until is None or since >= until:
            raise BadRequest("since and until must be moments in seconds since the epoch, since before until")
        settings = self._control.settings
        branch = arg.ident_or_none(args, "branch")
        if branch is not None and self._control.bridge.directory.site(branch) is None:
            raise NotFound(f"there is no site {branch}")
        of = None if branch is None else self._control.bridge.directory.branch(branch)
        zone = settings.schedule.zone
        report = await self._record.read(savings_of, since, until, settings.savings, zone, branch=of)
        if form == "json":
            return savings.as_json(report)
        now = time.time()
        writers: dict[str, Callable[[], bytes]] = {
            "csv": lambda: savings.as_csv(report, language),
            "xlsx": lambda: savings.as_xlsx(report, language),
            "pdf": lambda: savings.as_pdf(report, language, now),
        }
        return files.told(f"savings-{since:%Y%m%d}-{until:%Y%m%d}.{form}", await asyncio.to_thread(writers[form]))


def _describe(row: ConferenceRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "room": row.room,
        "name": row.name,
        "began_at": row.began_at.timestamp(),
        "ended_at": row.ended_at.timestamp() if row.ended_at else None,
        "test": row.test,
    }


def _ident(args: Args) -> str:
    found = arg.text(args, "id")
    if not 0 < len(found) <= 40 or not found.isascii():
        raise BadRequest("id must be a conference's")
    return found


def _form(args: Args) -> str:
    found = arg.text(args, "format", "json")
    if found not in FORMS:
        raise BadRequest(f"format must be one of {', '.join(FORMS)}")
    return found


def _cursor(row: ConferenceRow) -> str:
    """Begin in µs and id: rows that come in between do not shift what follows."""
    return f"{round(row.began_at.timestamp() * 1e6)}.{row.id}"


def _after(args: Args) -> tuple[datetime, str] | None:
    text = arg.text(args, "after", "")
    if not text:
        return None
    at, dot, ident = text.partition(".")
    if not (dot and at.isascii() and at.isdigit() and len(at) < 18 and 0 < len(ident) <= 40):
        raise BadRequest(pages.NO_CURSOR)
    return moment(int(at) / 1e6), ident
