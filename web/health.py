"""For machines that watch us: alive, ready, figures. No log-in, and nothing secret in them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from mcu.errors import McuError
from mcu.metrics import EVENT_STREAMS, GATEWAY, REGISTRY, take_status

from .problems import problem
from .services import services

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """200 as long as this process answers at all."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
def readyz() -> Response:
    """200 when the control process answers too. The other parts come back by themselves: they are only told."""
    try:
        state = services().control.call("status")
    except McuError as error:
        return problem(503, error.error_id, error.detail)
    told = ["ready"]
    for part in ("asterisk", "mixer", "h323"):
        if state[part].get("enabled", True):
            told.append(f"{part} {'up' if state[part]['connected'] else 'down'}")
    return Response("\n".join(told) + "\n", mimetype="text/plain")


@blueprint.get("/metrics")
def metrics() -> Response:
    """Read at the moment of the scrape, so nothing has to be kept in step."""
    try:
        state = services().control.call("status")
    except McuError:
        state = None
    take_status(state)
    GATEWAY.status = _gateway(state)
    EVENT_STREAMS.set(services().hub.streams)
    return Response(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


def _gateway(state: dict[str, Any] | None) -> dict[str, Any] | None:
    if state is None or not state["h323"]["connected"]:
        return None
    try:
        found: dict[str, Any] = services().control.call("h323.status")
    except McuError:
        return None
    return found
