"""What a view shows: the scene that the mixer composes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from mcu.core.direction import Banner
from mcu.core.picture.layout import Rect
from mcu.core.roster import Participant

# The canvas is composed once and scaled down for the smaller classes.
WIDTH, HEIGHT, FPS = 1280, 720, 30
CARD_FPS = 5  # nothing moves on it


@dataclass(frozen=True, slots=True)
class Tile:
    """One pane; x, y, w, h in parts of the canvas. Who sends no picture gets a card, drawn by the mixer; so does a
    ``name`` without a participant."""

    participant: str
    x: float
    y: float
    w: float
    h: float
    name: str
    speaking: bool
    muted: bool
    crop: bool = False  # the whole picture is shown, with bars if its shape differs
    hand: bool = False  # raised


@dataclass(frozen=True, slots=True)
class Scene:
    tiles: tuple[Tile, ...]
    width: int = WIDTH
    height: int = HEIGHT
    fps: int = FPS
    banner: Banner | None = None

    def describe(self) -> dict[str, Any]:
        """As the mixer's ``view.put`` takes it."""
        told: dict[str, Any] = {
            "width": self.width,
            "height": self.height,
            "fps": self.fps,
            "tiles": [{field: getattr(tile, field) for field in Tile.__slots__} for tile in self.tiles],
        }
        if self.banner is not None:
            told["banner"] = {"text": self.banner.text, "scroll": self.banner.scroll}
        return told


def compose(
    placed: Iterable[tuple[Rect, Participant]], hands: Collection[str] = (), banner: Banner | None = None
) -> Scene:
    """The scene with each of these in its pane. ``hands``: who has one raised."""
    return Scene(
        tuple(
            # Slides have no microphone that could be off.
            Tile(p.id, r.x, r.y, r.w, r.h, p.name, p.talking, p.muted and not p.presents, hand=p.id in hands)
            for r, p in placed
        ),
        banner=banner,
    )


def card(text: str, below: str = "") -> Scene:
    """A text alone, for who waits, and in a line below it what for."""
    banner = Banner(text=below) if below else None
    return Scene((Tile("", 0.0, 0.0, 1.0, 1.0, text, False, False),), fps=CARD_FPS, banner=banner)
