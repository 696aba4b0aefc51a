"""The event stream ``/api/v1/events``."""

from __future__ import annotations

from flask import Blueprint, Response, request

from .services import services

blueprint = Blueprint("events", __name__)


@blueprint.get("/api/v1/events")
def stream() -> Response:
    """Server-sent events: ``control``, ``resync`` and everything that control broadcasts (docs/bus.md)."""
    hub = services().hub
    opened = hub.open(request.headers.get("Last-Event-ID") or request.args.get("last_id", ""))
    response = Response(hub.messages(opened), mimetype="text/event-stream")
    response.call_on_close(lambda: hub.close(opened))
    response.headers["X-Accel-Buffering"] = "no"  # nginx would hold the messages back
    return response
