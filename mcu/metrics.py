"""Every metric of the MCU, in one place; served by the panel under ``/metrics`` (Prometheus text format).

Base units and ``_total`` as Prometheus asks; no participant or site is ever a label, for their number has no bound.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

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


class GatewayFigures(Collector):
    """What the H.323 gateway counts in its own process; nothing while it does not answer."""

    def __init__(self) -> None:
        self.status: dict[str, Any] | None = None

    def collect(self) -> Iterator[Metric]:
        if self.status is None:
            return
        yield GaugeMetricFamily("mcu_h323_calls", "H.323 calls now.", value=self.status.get("calls", 0))
        begun = CounterMetricFamily("mcu_h323_calls_begun", "H.323 calls since its start.", labels=["direction"])
        for direction in ("in", "out"):
            begun.add_metric([direction], self.status.get(f"calls_{direction}", 0))
        yield begun
        yield CounterMetricFamily(
            "mcu_h323_connections_refused", "TCP connections over an address's limit.",
            value=self.status.get("connections_refused", 0),
        )  # fmt: skip


GATEWAY = GatewayFigures()
REGISTRY.register(GATEWAY)
