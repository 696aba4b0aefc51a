"""The engine's figures as plain values, for the bus."""

from __future__ import annotations

from typing import Any

from mcu.mixer._native import ClassStats, Engine, SourceStats, ViewStats

_SOURCE = (
    "name", "frames_in", "frames_decoded", "frames_dropped", "frames_hidden", "bytes_in", "losses", "errors",
    "keyframes_asked", "width", "height", "fps", "decode_ns",
)  # fmt: skip
_CLASS = (
    "name", "width", "height", "fps", "kbps", "sinks", "frames", "bytes", "idrs", "keyframes_asked", "skipped",
    "failed", "fault", "encode_ns",
)  # fmt: skip
_VIEW = (
    "name", "width", "height", "fps", "frames", "ticks_missed", "compose_ns", "pictures_shown", "pictures_repeated",
    "wait_ms",
)  # fmt: skip


def engine_stats(engine: Engine) -> dict[str, Any]:
    """``{"sources": […], "views": [… "classes": […]]}``; counts since the start of each, ``_ns`` are CPU time."""
    stats = engine.stats()
    return {"sources": [_source(s) for s in stats.sources], "views": [_view(v) for v in stats.views]}


def _source(source: SourceStats) -> dict[str, Any]:
    return {"state": source.state.name, **{name: getattr(source, name) for name in _SOURCE}}


def _view(view: ViewStats) -> dict[str, Any]:
    return {**{name: getattr(view, name) for name in _VIEW}, "classes": [_class(c) for c in view.classes]}


def _class(rate_class: ClassStats) -> dict[str, Any]:
    return {name: getattr(rate_class, name) for name in _CLASS}
