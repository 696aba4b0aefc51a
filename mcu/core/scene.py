"""What a view shows: the scene that the mixer composes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mcu.core.layout import Layout
from mcu.core.roster import Participant

# The canvas is composed once and scaled down for the smaller classes.
WIDTH, HEIGHT, FPS = 1280, 720, 30


@dataclass(frozen=True, slots=True)
class Tile:
    """One pane; x, y, w, h in parts of the canvas. Who sends no picture gets a card, drawn by the mixer."""

    participant: str
    x: float
    y: float
    w: float
    h: float
    name: str
    speaking: bool
    muted: bool
    crop: bool = False  # the whole picture is shown, with bars if its shape differs


@dataclass(frozen=True, slots=True)
class Scene:
    tiles: tuple[Tile, ...]
    width: int = WIDTH
    height: int = HEIGHT
    fps: int = FPS

    def describe(self) -> dict[str, Any]:
        """As the mixer's ``view.put`` takes it."""
        return {
            "width": self.width,
            "height": self.height,
            "fps": self.fps,
            "tiles": [{field: getattr(tile, field) for field in Tile.__slots__} for tile in self.tiles],
        }


def compose(layout: Layout, seated: Sequence[Participant]) -> Scene:
    """The scene with these people in the layout's tiles, in order."""
    return Scene(
        tuple(
            # Slides have no microphone that could be off.
            Tile(p.id, r.x, r.y, r.w, r.h, p.name, p.talking, p.muted and not p.presents)
            for r, p in zip(layout.tiles, seated, strict=False)  # fewer people than tiles: the rest stays empty
        )
    )
