"""The minutes to print and to sign: what it was, who was there, what happened."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from mcu.core.languages import Language
from mcu.exchange.book import Cell
from mcu.exchange.minutes import Minutes
from mcu.exchange.minutes_tables import events, sites, summary, tests, title
from mcu.exchange.pdf import Document
from mcu.exchange.words import clock, figure, word

# Of the sites' table: what fits on a page, and how wide each is.
_COLUMNS = {
    "number": 3.2, "site": 17, "above": 16, "roll_call": 7, "people": 6, "first": 8, "last": 8, "present_for": 7,
    "stays": 5.5, "line": 7, "loss_in": 7, "loss_out": 7, "rtt_ms": 7,
}  # fmt: skip
_TESTED = (20, 9, 34, 11, 12, 14)
# Of interest for the minutes of a meeting; the rest is in the other forms.
_LEFT_OUT = frozenset({"hand.lowered", "help.ended", "joiners.muted", "joiners.open"})
MOST_EVENTS = 3000  # some 60 pages


def as_pdf(minutes: Minutes, language: Language, made_at: float) -> bytes:
    """Raises Unavailable where no font is installed."""
    zone = ZoneInfo(minutes.zone)
    made = word("made", language, time=clock(made_at, zone, day=True))
    document = Document(title(minutes, language), f"{minutes.name} ({minutes.room}) · {made}", language, wide=True)
    document.facts([(str(what), _shown(value, language)) for what, value in summary(minutes, language)])
    document.heading(word("sites", language))
    rows = sites(minutes, language)
    wanted = [rows[0].index(word(key, language)) for key in _COLUMNS]
    shown = [[_shown(row[column], language) for column in wanted] for row in rows]
    document.table(shown, list(_COLUMNS.values()))
    if minutes.tests:
        document.heading(word("tests", language))
        document.table([[_shown(cell, language) for cell in row] for row in tests(minutes, language)], _TESTED)
    document.heading(word("events", language))
    chosen = [one for one in minutes.happenings if one.kind not in _LEFT_OUT]
    told = events(replace(minutes, happenings=tuple(chosen[:MOST_EVENTS])), language)
    document.table([[_shown(cell, language) for cell in row] for row in told], (16, 84))
    if len(chosen) > MOST_EVENTS:
        document.line(word("truncated", language, count=len(chosen) - MOST_EVENTS))
    return document.finish()


def _shown(cell: Cell, language: Language) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return figure(cell, language, 0 if cell.is_integer() else 1)
    return figure(cell, language) if isinstance(cell, int) else cell
