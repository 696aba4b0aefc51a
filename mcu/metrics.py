"""Every metric of the MCU, in one place; served by the panel under ``/metrics`` (Prometheus text format).

Base units and ``_total`` as Prometheus asks; no participant or site is ever a label, for their number has no bound.
"""

from __future__ import annotations

from typing import Any

from prometheus_client import CollectorRegistry, Gauge

REGISTRY = CollectorRegistry()

ROOMS = Gauge("mcu_rooms", "Rooms that can be dialled.", registry=REGISTRY)
PARTICIPANTS = Gauge("mcu_participants", "Terminals in a meeting now.", registry=REGISTRY)
EVENT_STREAMS = Gauge("mcu_web_event_streams", "Open event streams: about one a panel.", registry=REGISTRY)
PART_UP = Gauge("mcu_part_up", "1 while a part of the MCU works.", ["part"], registry=REGISTRY)


def take_status(state: dict[str, Any] | None) -> None:
    """Set the gauges from control's ``status``; None when control does not answer."""
    PART_UP.labels("control").set(0 if state is None else 1)
    for part in ("asterisk", "mixer", "h323"):
        if state is not None and not state[part].get("enabled", True):
            continue  # switched off is not down
        PART_UP.labels(part).set(0 if state is None else int(state[part]["connected"]))
    if state is not None:
        ROOMS.set(state["rooms"])
        PARTICIPANTS.set(state["participants"])
