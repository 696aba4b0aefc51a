"""Views in the engine: scenes put and dropped, with the bitmaps of their names and cards kept as long as they show."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial

from mcu.errors import BadRequest, NotFound
from mcu.mixer import banner, labels
from mcu.mixer._native import Engine, Legs, Overlay, RateClass, Scene, Tile
from mcu.mixer.lettering import Bitmap, clean_name
from mcu.mixer.scene import BannerSpec, SceneSpec, TileSpec, ViewSpec

_BANNER_HEIGHT = 0.07  # of the canvas


class Views:
    """May be used from any thread; one change at a time. Names are drawn here, which takes about 1 ms each once."""

    def __init__(self, engine: Engine, legs: Legs) -> None:
        self._engine = engine
        self._legs = legs
        self._lock = threading.Lock()
        self._specs: dict[str, ViewSpec] = {}
        self._bitmaps: dict[str, set[str]] = {}  # by view: the keys that it uses

    def put(self, spec: ViewSpec) -> None:
        """Show this from the next tick on; the same again changes nothing. Raises BadRequest if the engine refuses."""
        with self._lock:
            keys: set[str] = set()
            scene = self._scene(spec.scene, keys)
            classes = [RateClass(c.name, c.width, c.height, c.fps, c.kbps, c.level_idc, c.codec) for c in spec.classes]
            try:
                self._engine.put_view(spec.view, scene, classes)
            except ValueError as fault:
                self._forget(keys)
                raise BadRequest(f"view.put: {fault}") from None
            self._specs[spec.view] = spec
            self._legs.view_changed(spec.view, [c.name for c in spec.classes])
            former = self._bitmaps.get(spec.view, set())
            self._bitmaps[spec.view] = keys
            self._forget(former - keys)

    def drop(self, view: str) -> None:
        """Forget the view and all that was kept for it. One that does not exist is no error."""
        with self._lock:
            self._specs.pop(view, None)
            self._engine.drop_view(view)
            self._legs.view_changed(view, [])
            self._forget(self._bitmaps.pop(view, set()))

    def still(self, view: str, max_width: int) -> bytes:
        """The picture as JPEG, at most ``max_width`` pixels wide (0: as it is). Raises NotFound."""
        jpeg: bytes = self._engine.still(view, max_width).jpeg
        if not jpeg:
            raise NotFound(f"no view {view}")
        return jpeg

    def names(self) -> list[str]:
        return list(self._specs)

    def _scene(self, spec: SceneSpec, keys: set[str]) -> Scene:
        tiles = [self._tile(tile, spec, keys) for tile in spec.tiles]
        overlays = self._banner(spec.banner, spec, keys) if spec.banner else []
        return Scene(spec.width, spec.height, spec.fps, tiles, overlays)

    def _banner(self, told: BannerSpec, scene: SceneSpec, keys: set[str]) -> list[Overlay]:
        height = round(scene.height * _BANNER_HEIGHT)
        text = clean_name(told.text, banner.MOST_TEXT)
        if not told.scroll:
            key = f"banner/{scene.width}x{height}/{text}"
            drawn = self._draw(key, partial(banner.standing, text, scene.width, height), keys)
            return [Overlay(key, 0.0, 0.0, 1.0, _BANNER_HEIGHT)] if drawn else []
        key, ground = f"passing/{height}/{text}", f"strip/{height}"
        if not self._draw(key, partial(banner.passing, text, height), keys):
            return []
        self._draw(ground, partial(banner.strip, height), keys)
        return [
            Overlay(ground, 0.0, 0.0, 1.0, _BANNER_HEIGHT),
            Overlay(key, 0.0, 0.0, scroll=banner.SPEED),
        ]

    def _tile(self, tile: TileSpec, scene: SceneSpec, keys: set[str]) -> Tile:
        label = card = ""
        name = clean_name(tile.name)
        if tile.participant == "":
            card = f"waiting/{name}"
            self._draw(card, partial(labels.waiting, name), keys)
        elif tile.participant is not None:
            width, height = max(1, round(tile.w * scene.width)), max(1, round(tile.h * scene.height))
            hand = "hand/" if tile.hand else ""
            label = f"label/{hand}{width}x{height}/{name}"
            if not self._draw(label, partial(labels.label, name, width, height, tile.hand), keys):
                label = ""
            card = f"card/{hand}{name}"
            self._draw(card, partial(labels.card, name, hand=tile.hand), keys)
        return Tile(
            tile.participant or "", tile.x, tile.y, tile.w, tile.h, tile.crop, tile.speaking, tile.muted, label, card
        )

    def _draw(self, key: str, draw: Callable[[], Bitmap | None], keys: set[str]) -> bool:
        if key not in keys and not any(key in used for used in self._bitmaps.values()):
            bitmap = draw()
            if bitmap is None:
                return False
            self._engine.put_bitmap(key, bitmap.width, bitmap.height, bitmap.rgba)
        keys.add(key)
        return True

    def _forget(self, keys: set[str]) -> None:
        for key in self._unused(keys):
            self._engine.drop_bitmap(key)

    def _unused(self, keys: set[str]) -> Iterator[str]:
        return (key for key in keys if not any(key in used for used in self._bitmaps.values()))
