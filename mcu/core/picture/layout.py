"""Layouts: named sets of tiles on a 16:9 canvas, read from text that an administrator may add to (layouts.toml)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mcu.errors import BadRequest, ConfigError

AUTO = "auto"
MAX_TILES = 100
_NAME = re.compile(r"[A-Za-z0-9+._-]{1,32}")
_KEYS = {"name", "grid", "units", "tiles", "automatic", "presentation"}
# Rounding of divided units, far below one pixel of the largest canvas.
_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle in parts of the canvas, 0 to 1, from its upper left corner."""

    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True, slots=True)
class Layout:
    name: str
    tiles: tuple[Rect, ...]  # in the order in which people fill them
    automatic: bool = False
    presentation: bool = False  # automatic while somebody presents


def grid(columns: int, rows: int) -> tuple[Rect, ...]:
    """Equal tiles of the canvas's own shape, row by row, centred."""
    side = 1 / max(columns, rows)
    left, top = (1 - columns * side) / 2, (1 - rows * side) / 2
    return tuple(Rect(left + c * side, top + r * side, side, side) for r in range(rows) for c in range(columns))


class Catalogue:
    """The layouts there are; ``auto`` stands for the smallest automatic one that holds all."""

    def __init__(self, layouts: Iterable[Layout]) -> None:
        self._layouts = {layout.name: layout for layout in layouts}
        self._ladder = sorted((a for a in self._layouts.values() if a.automatic), key=lambda a: len(a.tiles))
        if not self._ladder:
            raise ConfigError("no layout is automatic, so auto has nothing to choose from")
        presenting = sorted((a for a in self._layouts.values() if a.presentation), key=lambda a: len(a.tiles))
        self._presenting = presenting or self._ladder

    def __iter__(self) -> Iterator[Layout]:
        return iter(self._layouts.values())

    @property
    def names(self) -> tuple[str, ...]:
        return (AUTO, *self._layouts)

    def check(self, name: str) -> str:
        """``name``, if it is a layout or ``auto``. Raises BadRequest."""
        if name != AUTO and name not in self._layouts:
            raise BadRequest(f"no layout {name[:40]!r}; there are {', '.join(self.names)}")
        return name

    def choose(self, name: str, people: int, presenting: bool = False) -> Layout:
        """The layout for so many people, a presentation counted. A name that is gone from the files counts as
        ``auto``."""
        if layout := self._layouts.get(name):
            return layout
        ladder = self._presenting if presenting else self._ladder
        return next((a for a in ladder if len(a.tiles) >= people), ladder[-1])


def parse(text: str, source: str) -> list[Layout]:
    """The layouts in a TOML text. Raises ConfigError that names ``source`` and the layout."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise ConfigError(f"{source}: {fault}") from None
    if unknown := set(content) - {"layout"}:
        raise ConfigError(f"{source}: unknown key {sorted(unknown)[0]}")
    entries = content.get("layout", [])
    if not isinstance(entries, list):
        raise ConfigError(f"{source}: write each layout under [[layout]]")
    return [_layout(entry, source, n) for n, entry in enumerate(entries, 1)]


def _layout(entry: Any, source: str, n: int) -> Layout:
    name = entry.get("name") if isinstance(entry, Mapping) else None
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name == AUTO:
        raise ConfigError(f"{source}: layout {n} needs a name of letters, digits and + . _ - (not {AUTO!r})")
    where = f"{source}: layout {name}"
    if unknown := set(entry) - _KEYS:
        raise ConfigError(f"{where}: unknown key {sorted(unknown)[0]}")
    automatic, presentation = entry.get("automatic", False), entry.get("presentation", False)
    for key, value in (("automatic", automatic), ("presentation", presentation)):
        if not isinstance(value, bool):
            raise ConfigError(f"{where}: {key} is true or false")
    if ("grid" in entry) == ("tiles" in entry):
        raise ConfigError(f"{where}: give either grid or units and tiles")
    if "grid" in entry:
        columns, rows = _numbers(entry["grid"], 2, f"{where}: grid")
        if columns != int(columns) or rows != int(rows):
            raise ConfigError(f"{where}: grid takes whole numbers")
        if columns * rows > MAX_TILES:
            raise ConfigError(f"{where}: more than {MAX_TILES} tiles")
        return Layout(name, grid(int(columns), int(rows)), automatic, presentation)
    return Layout(name, _tiles(entry, where), automatic, presentation)


def _tiles(entry: Mapping[str, Any], where: str) -> tuple[Rect, ...]:
    width, height = _numbers(entry.get("units"), 2, f"{where}: units")
    rows = entry["tiles"]
    if not isinstance(rows, list) or not 1 <= len(rows) <= MAX_TILES:
        raise ConfigError(f"{where}: tiles is a list of 1 to {MAX_TILES} rectangles")
    tiles = []
    for n, row in enumerate(rows, 1):
        x, y, w, h = _numbers(row, 4, f"{where}: tile {n}", least=0)
        if not w or not h or x + w > width + _SLACK or y + h > height + _SLACK:
            raise ConfigError(f"{where}: tile {n} does not lie on the canvas of {width:g}x{height:g}")
        tiles.append(Rect(x / width, y / height, w / width, h / height))
    return tuple(tiles)


def _numbers(value: Any, count: int, where: str, least: float = 1) -> list[float]:
    """``count`` numbers from ``least`` to 10000; nan and inf fail the comparison."""
    if (
        not isinstance(value, list)
        or len(value) != count
        or not all(isinstance(v, int | float) and not isinstance(v, bool) and least <= v <= 10_000 for v in value)
    ):
        raise ConfigError(f"{where} needs {count} numbers from {least:g} to 10000")
    return [float(v) for v in value]
