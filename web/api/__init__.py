"""REST under /api/v1."""

from flask import Blueprint

from . import calls, gateway, meetings, participants, people, rooms, sites, status
from .openapi import document
from .route import PREFIX, register

ROUTES = [
    *status.ROUTES,
    *rooms.ROUTES,
    *participants.ROUTES,
    *calls.ROUTES,
    *sites.ROUTES,
    *meetings.ROUTES,
    *people.ROUTES,
    *gateway.ROUTES,
]

blueprint = Blueprint("api", __name__, url_prefix=PREFIX)
register(blueprint, ROUTES)


@blueprint.get("/openapi.json")
def openapi() -> dict[str, object]:
    """Everything here, for programs that write programs."""
    return document(ROUTES)


__all__ = ["ROUTES", "blueprint"]
