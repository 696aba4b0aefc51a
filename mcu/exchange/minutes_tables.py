"""The minutes as tables: the same rows for CSV, XLSX and PDF."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from mcu.core.languages import Language
from mcu.core.test_words import in_language
from mcu.exchange.book import Cell, Sheet, write_book, write_csv
from mcu.exchange.event_words import sentence
from mcu.exchange.minutes import Line, Minutes, Seat, Span
from mcu.exchange.words import clock, length, word

_FIGURES = ("loss_in", "loss_out", "rtt_ms", "jitter_ms", "kbps_in", "kbps_out")


def as_csv(minutes: Minutes, language: Language) -> bytes:
    """One line a terminal, and one for each site of which none was there."""
    return write_csv(terminals(minutes, language))


def as_xlsx(minutes: Minutes, language: Language) -> bytes:
    return write_book(
        [
            Sheet(word("summary", language), [[title(minutes, language), ""], *summary(minutes, language)]),
            Sheet(word("sites", language), sites(minutes, language)),
            Sheet(word("terminals", language), terminals(minutes, language)),
            *([Sheet(word("tests", language), tests(minutes, language))] if minutes.tests else []),
            Sheet(word("events", language), events(minutes, language)),
        ]
    )


def title(minutes: Minutes, language: Language) -> str:
    return word("test_minutes" if minutes.test else "minutes", language)


def summary(minutes: Minutes, language: Language) -> list[list[Cell]]:
    zone = ZoneInfo(minutes.zone)
    end = clock(minutes.ended_at, zone, day=True) if minutes.ended_at else word("goes_on", language)
    until = minutes.ended_at or max([minutes.began_at, *(s.until for line in minutes.lines for s in line.spans)])
    found: list[list[Cell]] = [
        [word("room", language), f"{minutes.name} ({minutes.room})"],
        [word("began", language), clock(minutes.began_at, zone, day=True)],
        [word("ended", language), end],
        [word("length", language), length(max(0.0, until - minutes.began_at))],
        [word("sites_present", language), minutes.present],
        [word("sites_absent", language), minutes.absent],
        [word("people_total", language), minutes.people],
    ]
    return [[word("meeting", language), minutes.title], *found] if minutes.title else found


def sites(minutes: Minutes, language: Language) -> list[list[Cell]]:
    """With a heading; one line a site."""
    zone = ZoneInfo(minutes.zone)
    heading = (
        "number", "site", "above", "invited", "roll_call", "people", "usual", "first", "last", "present_for", "stays",
        "line", *_FIGURES,
    )  # fmt: skip
    rows: list[list[Cell]] = [[word(key, language) for key in heading]]
    for number, line in enumerate(minutes.lines, start=1):
        rows.append([
            number,
            line.name,
            line.path if line.is_site else word("no_site", language),
            word("yes" if line.invited else "no", language),
            _mark(line, language),
            line.people,
            line.usual or None,
            *_times(line.spans, zone),
            _minutes(line.seconds),
            len(line.spans),
            word(line.grade, language) if line.grade else "",
            *(line.quality.get(key) for key in _FIGURES),
        ])  # fmt: skip
    return rows


def terminals(minutes: Minutes, language: Language) -> list[list[Cell]]:
    """With a heading; one line a terminal, and one for each site of which none was there."""
    zone = ZoneInfo(minutes.zone)
    heading = (
        "site", "above", "invited", "roll_call", "people", "terminal", "name", "address", "first", "last",
        "present_for", "stays", *_FIGURES,
    )  # fmt: skip
    rows: list[list[Cell]] = [[word(key, language) for key in heading]]
    for line in minutes.lines:
        about: list[Cell] = [
            line.name if line.is_site else "",
            line.path,
            word("yes" if line.invited else "no", language),
            _mark(line, language),
            line.people,
        ]
        rows += [[*about, *_seat(seat, zone)] for seat in line.seats] or [[*about, *[None] * (len(heading) - 5)]]
    return rows


def events(minutes: Minutes, language: Language) -> list[list[Cell]]:
    zone = ZoneInfo(minutes.zone)
    rows: list[list[Cell]] = [[word("time", language), word("event", language)]]
    for one in minutes.happenings:
        told = sentence(one.kind, one.name, one.data, language, zone)
        rows.append([clock(one.at, zone, day=True, seconds=True), told])
    return rows


def tests(minutes: Minutes, language: Language) -> list[list[Cell]]:
    """With a heading; one line a site that a test session has looked at, and who signed it off."""
    zone = ZoneInfo(minutes.zone)
    rows: list[list[Cell]] = [
        [word(key, language) for key in ("site", "verdict", "found", "signed_by", "signed_at", "note")]
    ]
    for one in minutes.tests:
        signed_at = clock(one.signed_at, zone, day=True) if one.signed_at else ""
        verdict = word(one.verdict, language) if one.verdict else ""
        found = str(in_language(one.report, language).get("summary", ""))
        rows.append([one.name, verdict, found, one.signed_by, signed_at, one.note])
    return rows


def as_json(minutes: Minutes, language: Language) -> dict[str, Any]:
    zone = ZoneInfo(minutes.zone)
    return {
        "id": minutes.id,
        "room": minutes.room,
        "name": minutes.name,
        "title": minutes.title,
        "began_at": minutes.began_at,
        "ended_at": minutes.ended_at,
        "zone": minutes.zone,
        "present": minutes.present,
        "absent": minutes.absent,
        "people": minutes.people,
        "test": minutes.test,
        "tests": [
            {
                "name": one.name,
                "verdict": one.verdict,
                "summary": in_language(one.report, language).get("summary", ""),
                "signed_by": one.signed_by,
                "signed_at": one.signed_at,
                "note": one.note,
            }
            for one in minutes.tests
        ],
        "sites": [site(line) for line in minutes.lines],
        "events": [
            {
                "at": one.at,
                "kind": one.kind,
                "name": one.name,
                "text": sentence(one.kind, one.name, one.data, language, zone),
            }
            for one in minutes.happenings
        ],
    }


def site(line: Line) -> dict[str, Any]:
    """As the bus tells it."""
    return {
        "site": line.site,
        "name": line.name,
        "path": line.path,
        "invited": line.invited,
        "mark": line.mark,
        "people": line.people,
        "usual": line.usual,
        "joined_at": line.spans[0].since if line.spans else None,
        "left_at": line.spans[-1].until if line.spans else None,
        "seconds": round(line.seconds),
        "joins": len(line.spans),
        "grade": line.grade,
        "quality": dict(line.quality),
        "terminals": [
            {
                "terminal": seat.terminal,
                "name": seat.name,
                "number": seat.number,
                "kind": seat.kind,
                "seconds": round(seat.seconds),
                "stays": [{"joined_at": span.since, "left_at": span.until} for span in seat.spans],
                "quality": dict(seat.quality),
            }
            for seat in line.seats
        ],
    }


def _seat(seat: Seat, zone: ZoneInfo) -> list[Cell]:
    return [
        seat.terminal,
        seat.name,
        seat.number,
        *_times(seat.spans, zone),
        _minutes(seat.seconds),
        len(seat.spans),
        *(seat.quality.get(key) for key in _FIGURES),
    ]


def _times(spans: tuple[Span, ...], zone: ZoneInfo) -> list[Cell]:
    """Of the first coming and the last going; the day where these are not on one."""
    if not spans:
        return [None, None]
    first, last = spans[0].since, spans[-1].until
    days = {clock(at, zone, day=True).split(" ")[0] for at in (first, last)}
    return [clock(at, zone, day=len(days) > 1) for at in (first, last)]


def _mark(line: Line, language: Language) -> str:
    return word(line.mark, language) if line.mark in ("present", "absent") else ""


def _minutes(seconds: float) -> int:
    return round(seconds / 60)
