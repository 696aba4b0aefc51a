"""Rooms: list, make, change, delete, and the picture of one."""

from __future__ import annotations

import hashlib
from typing import Any

from apiflask import APIBlueprint
from flask import Response, request
from werkzeug.wrappers import Response as BaseResponse

from mcu.core.names import is_room_number
from mcu.errors import RoomNotFound

from ..services import services
from .schemas import Pin, Room, RoomDetail, RoomIn, RoomPatch, StillQuery

blueprint = APIBlueprint("rooms", __name__, url_prefix="/api/v1/rooms", tag="Rooms")


def room_number(text: str) -> str:
    """The number out of an address. Raises RoomNotFound for what can be no room's number."""
    if not is_room_number(text):
        raise RoomNotFound(f"there is no room {text[:20]}")
    return text


@blueprint.get("")
@blueprint.output(Room)
def index() -> Any:
    """All rooms."""
    return services().control.call("room.list")


@blueprint.post("")
@blueprint.input(RoomIn)
@blueprint.output(Room, status_code=201)
def create(json_data: RoomIn) -> Any:
    """Make a room. 409 ``room_exists`` when the number is taken."""
    return services().control.call("room.create", **json_data.model_dump(exclude_none=True))


@blueprint.get("/<number>")
@blueprint.output(RoomDetail)
def show(number: str) -> Any:
    """One room with those who are in it."""
    return services().control.call("room.show", number=room_number(number))


@blueprint.get("/<number>/pin")
@blueprint.output(Pin)
def pin(number: str) -> Any:
    """The PIN that strangers must key in; not for those who may only look on."""
    return services().control.call("room.pin", number=room_number(number))


@blueprint.patch("/<number>")
@blueprint.input(RoomPatch)
@blueprint.output(RoomDetail)
def change(number: str, json_data: RoomPatch) -> Any:
    """Change what is given, all of it or nothing; the rest stays."""
    number, control = room_number(number), services().control
    control.call("room.change", number=number, **json_data.model_dump(exclude_none=True))
    return control.call("room.show", number=number)


@blueprint.delete("/<number>")
@blueprint.output({}, status_code=204)
def delete(number: str) -> str:
    """Delete a room. 409 ``conflict`` while somebody is in it."""
    services().control.call("room.delete", number=room_number(number))
    return ""


@blueprint.get("/<number>/still.jpg")
@blueprint.input(StillQuery, location="query")
@blueprint.doc(responses={200: {"description": "JPEG", "content": {"image/jpeg": {}}}})  # type: ignore[arg-type]
def still(number: str, query_data: StillQuery) -> BaseResponse:
    """The room's composed picture as it is now. 404 when there is none."""
    jpeg = services().stills.jpeg(room_number(number), query_data.width)
    response = Response(jpeg, mimetype="image/jpeg")
    response.set_etag(hashlib.sha256(jpeg).hexdigest()[:20])
    return response.make_conditional(request)
