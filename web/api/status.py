"""The state of the MCU, and what it offers."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint

from ..services import services
from .schemas import Layout, Status

blueprint = APIBlueprint("status", __name__, url_prefix="/api/v1", tag="Status")


@blueprint.get("/status")
@blueprint.output(Status)
def show() -> Any:
    """Versions, what is up and what is down, recent notices."""
    return services().control.call("status")


@blueprint.get("/layouts")
@blueprint.output(Layout)
def layouts() -> Any:
    """Every layout with its tiles."""
    return services().control.call("layout.list")
