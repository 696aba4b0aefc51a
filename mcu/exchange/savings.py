"""The report of savings as JSON, CSV, XLSX and PDF; its assumptions stand in each."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any
from zoneinfo import ZoneInfo

from mcu.core.languages import Language
from mcu.core.savings import Assumptions, Report, Saved
from mcu.exchange.book import Cell, Sheet, write_book, write_csv
from mcu.exchange.pdf import Document
from mcu.exchange.words import clock, figure, word

_FIGURES = ("people", "vehicles", "km", "hours", "money", "co2")


@dataclass(frozen=True, slots=True, kw_only=True)
class SavingsReport:
    since: float  # seconds since the epoch
    until: float
    zone: str
    assumptions: Assumptions
    found: Report

    @property
    def period(self) -> str:
        zone = ZoneInfo(self.zone)
        first, last = clock(self.since, zone, day=True), clock(self.until, zone, day=True)
        return f"{first} – {last}"


def as_json(report: SavingsReport) -> dict[str, Any]:
    return {
        "since": report.since,
        "until": report.until,
        "assumptions": asdict(report.assumptions),
        "conferences": report.found.conferences,
        "total": _rounded(report.found.total),
        "sites": [{"site": place.id, "name": place.name, **_rounded(saved)} for place, saved in report.found.by_site],
        "unknown": [{"site": place.id, "name": place.name} for place in report.found.unknown],
    }


def as_csv(report: SavingsReport, language: Language) -> bytes:
    """The sites, the total, and the assumptions below."""
    rows = _sites(report, language)
    return write_csv([*rows, [], [word("assumptions", language)], *([text] for text in assumptions(report, language))])


def as_xlsx(report: SavingsReport, language: Language) -> bytes:
    heading: list[Cell] = [word("assumptions", language)]
    return write_book(
        [
            Sheet(word("summary", language), [[word("savings", language), None], *_summary(report, language)]),
            Sheet(word("sites", language), _sites(report, language)),
            Sheet(word("assumptions", language), [heading, *([text] for text in assumptions(report, language))]),
        ]
    )


def as_pdf(report: SavingsReport, language: Language, made_at: float) -> bytes:
    """Raises Unavailable where no font is installed."""
    made = word("made", language, time=clock(made_at, ZoneInfo(report.zone), day=True))
    document = Document(word("savings", language), f"{report.period} · {made}", language)
    document.facts([(str(what), _shown(value, language)) for what, value in _summary(report, language)])
    document.heading(word("assumptions", language))
    for text in assumptions(report, language):
        document.line(f"– {text}")
    document.heading(word("sites", language))
    rows = [[_shown(cell, language) for cell in row] for row in _sites(report, language)]
    document.table(rows, (30, 9, 9, 13, 11, 16, 12))
    return document.finish()


def assumptions(report: SavingsReport, language: Language) -> list[str]:
    a = report.assumptions

    def say(key: str, value: float, **more: str) -> str:
        digits = 0 if float(value).is_integer() else 2
        return word(key, language, value=figure(value, language, digits), **more)

    return [
        say("a_per_vehicle", a.people_per_vehicle),
        say("a_speed", a.speed),
        say("a_cost", a.cost_per_km, currency=a.currency),
        say("a_hour", a.cost_per_hour, currency=a.currency),
        say("a_co2", a.co2_per_km),
        say("a_detour", a.detour),
        say("a_people", a.least_people),
        say("a_stay", a.least_minutes),
    ]


def _summary(report: SavingsReport, language: Language) -> list[list[Cell]]:
    found = report.found
    names = [_name(key, report, language) for key in _FIGURES]
    return [
        [word("period", language), report.period],
        [word("conferences", language), found.conferences],
        *([name, value] for name, value in zip(names, _figures(found.total), strict=True)),
        [word("unknown", language), len(found.unknown)],
    ]


def _sites(report: SavingsReport, language: Language) -> list[list[Cell]]:
    """With a heading and the total."""
    heading: list[Cell] = [word("site", language), *(_name(key, report, language) for key in _FIGURES)]
    rows: list[list[Cell]] = [heading]
    rows += [[place.name, *_figures(saved)] for place, saved in report.found.by_site]
    rows.append([word("total", language), *_figures(report.found.total)])
    return rows


def _name(key: str, report: SavingsReport, language: Language) -> str:
    if key == "people":
        return word("people_one", language)
    return word(key, language, currency=report.assumptions.currency)


def _figures(saved: Saved) -> list[Cell]:
    return [
        saved.people,
        saved.vehicles,
        round(saved.km, 1),
        round(saved.hours, 1),
        round(saved.money),
        round(saved.co2, 1),
    ]


def _rounded(saved: Saved) -> dict[str, float]:
    return {key: round(value, 3) for key, value in asdict(saved).items()}


def _shown(cell: Cell, language: Language) -> str:
    if cell is None or isinstance(cell, str):
        return cell or ""
    return figure(cell, language, 1 if isinstance(cell, float) else 0)
