"""Columns of a file of sites and their terminals: one line a terminal, or a site without any. Headings are in
Vietnamese or English, in any order, with or without accents."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mcu.core.directory.sites import FARTHEST, MOST_POSITION
from mcu.core.names import clean_name, folded
from mcu.exchange.faults import Fault
from mcu.exchange.tables import Line


@dataclass(frozen=True, slots=True)
class Column:
    """``also``: other headings that people write for it."""

    key: str
    vi: str
    en: str
    also: tuple[str, ...] = ()

    def heading(self, language: str) -> str:
        return self.vi if language == "vi" else self.en


COLUMNS = (
    Column("under", "Thuộc", "Under", ("trực thuộc", "cấp trên", "đơn vị cấp trên", "parent")),
    Column("site", "Điểm cầu", "Site", ("tên điểm cầu", "tên", "site name", "name")),
    Column("code", "Mã", "Code", ("mã điểm cầu", "mã đơn vị", "site code")),
    Column("order", "Thứ tự", "Order", ("stt", "position")),
    Column("people", "Số người", "People"),
    Column("distance_km", "Khoảng cách (km)", "Distance (km)", ("khoảng cách", "distance", "distance_km")),
    Column("latitude", "Vĩ độ", "Latitude"),
    Column("longitude", "Kinh độ", "Longitude"),
    Column("note", "Ghi chú", "Note", ("notes",)),
    Column("terminal", "Thiết bị", "Terminal", ("tên thiết bị", "tài khoản", "account")),
    Column("display", "Tên hiển thị", "Shown as", ("display", "display name")),
    Column("protocol", "Giao thức", "Protocol"),
    Column("number", "Số gọi", "Number", ("số", "số máy", "alias", "e.164", "e164")),
    Column("address", "Địa chỉ", "Address", ("địa chỉ ip", "ip")),
    Column("password", "Mật khẩu", "Password"),
    Column("turn", "Thứ tự gọi", "Call order"),
    Column("preset", "Loại máy", "Preset", ("kiểu máy", "model", "device")),
    Column("overrides", "Tuỳ chỉnh", "Overrides", ("tùy chỉnh",)),
)
_BY_HEADING = {
    folded(heading): column for column in COLUMNS for heading in (column.key, column.vi, column.en, *column.also)
}
TERMINAL_KEYS = tuple(column.key for column in COLUMNS[9:])


LONGEST = 1000  # characters of a name as it is read; one that is longer than MAX_NAME is a fault, not cut


class Heading:
    """Which cell of a line holds what."""

    def __init__(self, line: Line | None, faults: list[Fault]) -> None:
        """Adds a fault for each heading that says nothing, or the same as another one; without a column of sites there
        is nothing to read."""
        self.names: dict[str, str] = {}
        self._places: dict[str, int] = {}
        for place, text in enumerate(line.cells if line else ()):
            column = _BY_HEADING.get(folded(text))
            number = line.number if line else 1
            if not text:
                continue
            if column is None:
                near = difflib.get_close_matches(folded(text), _BY_HEADING, n=1)
                hint_vi = f' Có phải là "{_BY_HEADING[near[0]].vi}"?' if near else ""
                hint_en = f' Is it "{_BY_HEADING[near[0]].en}"?' if near else ""
                vi, en = f'Không có cột "{text[:40]}".{hint_vi}', f'There is no column "{text[:40]}".{hint_en}'
                faults.append(Fault(number, text[:40], vi, en))
            elif column.key in self._places:
                faults.append(Fault(number, text, "Cột này có hai lần.", "This column is there twice."))
            else:
                self._places[column.key], self.names[column.key] = place, text
        if "site" not in self._places:
            vi, en = 'Thiếu cột "Điểm cầu".', 'There is no column "Site".'
            faults.append(Fault(line.number if line else 1, "", vi, en))

    @property
    def readable(self) -> bool:
        return "site" in self._places

    def has(self, key: str) -> bool:
        return key in self._places

    def place(self, key: str) -> int | None:
        return self._places.get(key)

    def cell(self, line: Line, key: str) -> str:
        """Empty where the line is too short or the file has no such column."""
        place = self._places.get(key, len(line.cells))
        return line.cells[place] if place < len(line.cells) else ""

    def fault(self, line: Line, key: str, vi: str, en: str) -> Fault:
        return Fault(line.number, self.names.get(key, ""), vi, en)


def site_values(heading: Heading, line: Line, faults: list[Fault]) -> dict[str, Any]:
    """What a line says of its site, but for its name, code and place, in the columns that the file has; an empty cell
    says nothing, zero or empty."""
    found: dict[str, Any] = {}
    for key, read in _READ.items():
        if not heading.has(key):
            continue
        text = heading.cell(line, key)
        try:
            found["position" if key == "order" else key] = read(text)
        except _Wrong as wrong:
            faults.append(heading.fault(line, key, wrong.vi, wrong.en))
    return found


def whole(text: str, most: int) -> int:
    """Raises ``_Wrong``."""
    if not text:
        return 0
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) > most:
        raise _Wrong(f"Phải là số nguyên từ 0 đến {most}.", f"This must be a whole number from 0 to {most}.")
    return int(text)


class _Wrong(Exception):
    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.vi, self.en = vi, en


def _real(least: float, most: float, *, empty: float | None) -> Callable[[str], float | None]:
    def read(text: str) -> float | None:
        if not text:
            return empty
        try:
            value = float(text.replace(",", ".").replace("\N{MINUS SIGN}", "-"))  # 17,5 is how Vietnam writes it
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            vi, en = f"Phải là số từ {least:g} đến {most:g}.", f"This must be a number from {least:g} to {most:g}."
            raise _Wrong(vi, en)
        return value

    return read


_READ: Mapping[str, Callable[[str], Any]] = {
    "order": lambda text: whole(text, MOST_POSITION),
    "people": lambda text: whole(text, 100_000),
    "distance_km": _real(0, FARTHEST, empty=0.0),
    "latitude": _real(-90, 90, empty=None),
    "longitude": _real(-180, 180, empty=None),
    "note": lambda text: clean_name(text, 256),
}


def turn(heading: Heading, line: Line, faults: list[Fault]) -> int | None:
    """A terminal's place among its site's; None where the line says nothing of it."""
    text = heading.cell(line, "turn")
    try:
        return whole(text, MOST_POSITION) if text else None
    except _Wrong as wrong:
        faults.append(heading.fault(line, "turn", wrong.vi, wrong.en))
        return None


# --- a path in one cell -----------------------------------------------------------------------------------------------


def write_path(names: list[str]) -> str:
    r"""``A > B``, from the top; a ``>`` or ``\`` in a name has a backslash before it."""
    return " > ".join(re.sub(r"([\\>])", r"\\\1", name) for name in names)


def read_path(text: str) -> list[str]:
    """The names that ``write_path`` put together."""
    names, current, escaped = [], "", False
    for character in text:
        if escaped or character not in "\\>":
            current, escaped = current + character, False
        elif character == "\\":
            escaped = True
        else:
            names.append(current)
            current = ""
    return [name for part in [*names, current] if (name := clean_name(part, LONGEST))]
