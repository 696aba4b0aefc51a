"""Where the tiles of the automatic layouts stand, by the rule and not by the product's own arithmetic."""

from __future__ import annotations

from tests.probe.screen import Rect

# (columns, rows) in the order in which "auto" grows.
_LADDER = ((1, 1), (2, 1), (2, 2), (3, 2), (3, 3), (4, 3), (4, 4), (5, 4), (5, 5))


def auto(people: int) -> list[Rect]:
    """The tiles of so many people: equal ones of the canvas's shape, row by row, the block in the middle."""
    columns, rows = next(shape for shape in _LADDER if shape[0] * shape[1] >= people)
    side = 1 / columns
    top = (1 - rows * side) / 2
    return [(side * (n % columns), top + side * (n // columns), side, side) for n in range(people)]


def letterboxed(rect: Rect) -> Rect:
    """The same tile where the 16:9 canvas stands in a picture shown as 4:3 (CIF, QCIF), with bars above and below."""
    return rect[0], 0.125 + 0.75 * rect[1], rect[2], 0.75 * rect[3]


def part(rect: Rect, x: float, y: float, width: float, height: float) -> Rect:
    """A part of a tile, given in shares of it."""
    return rect[0] + x * rect[2], rect[1] + y * rect[3], width * rect[2], height * rect[3]


def of_cif(tile: Rect) -> Rect:
    """Where a picture of 4:3 stands in its tile of 16:9."""
    return part(tile, 0.125, 0.0, 0.75, 1.0)
