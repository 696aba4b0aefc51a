"""The state of the MCU, and what it offers."""

from __future__ import annotations

from .route import Route
from .schemas.status import Layout, Status

ROUTES = [
    Route(verb="GET", path="/status", call="status", tag="Status", answer=Status,
          summary="Versions, what is up and what is down, recent notices"),
    Route(verb="GET", path="/layouts", call="layout.list", tag="Status", answer=list[Layout],
          summary="Every layout with its tiles"),
]  # fmt: skip
