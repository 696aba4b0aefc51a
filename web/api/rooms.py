"""Rooms: list, make, change, delete, direct, and the picture of one."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Response, request

from ..services import services
from .route import Asked, Route, ask
from .schemas.acts import Act, ActDone, Direction
from .schemas.rooms import InvitedSites, Pin, Room, RoomDetail, RoomIn, RoomPatch, SitesIn, StillQuery

_TAG = "Rooms"


# Of a room's fields, those that an act of the meeting changes: the act, and what its argument is called.
_ACTS = {"locked": ("lock", "on"), "layout": ("layout", "layout")}


def _change(asked: Asked) -> Any:
    """One of the meeting's fields alone is an act as any other; with more it is all of it or nothing."""
    if len(asked.body) == 1 and asked.body.keys() <= _ACTS.keys():
        ((name, value),) = asked.body.items()
        act, argument = _ACTS[name]
        ask("room.act", {"room": asked.path["number"], "act": act, argument: value})
    else:
        ask("room.change", asked.everything)
    return ask("room.show", asked.path)


def _still(asked: Asked) -> Response:
    jpeg = services().stills.jpeg(asked.path["number"], asked.query["width"])
    response = Response(jpeg, mimetype="image/jpeg")
    response.set_etag(hashlib.sha256(jpeg).hexdigest()[:20])
    conditional = response.make_conditional(request)
    assert isinstance(conditional, Response)
    return conditional


ROUTES = [
    Route(verb="GET", path="/rooms", call="room.list", tag=_TAG, answer=list[Room], summary="All rooms"),
    Route(verb="POST", path="/rooms", call="room.create", tag=_TAG, body=RoomIn, answer=Room, status=201,
          errors=(404, 409), summary="Make a room; 409 room_exists when the number is taken"),
    Route(verb="GET", path="/rooms/<number>", call="room.show", tag=_TAG, answer=RoomDetail,
          summary="One room with those who are in it"),
    Route(verb="PATCH", path="/rooms/<number>", call="room.change", tag=_TAG, body=RoomPatch, answer=RoomDetail,
          view=_change, nulls=("branch_id", "presiding_site_id"), errors=(409,),
          summary="Change what is given, all of it or nothing; the rest stays"),
    Route(verb="DELETE", path="/rooms/<number>", call="room.delete", tag=_TAG, status=204, errors=(409,),
          summary="Delete a room; 409 while somebody is in it"),
    Route(verb="GET", path="/rooms/<number>/pin", call="room.pin", tag=_TAG, answer=Pin,
          summary="The PIN that strangers must key in; not for those who may only look on"),
    Route(verb="GET", path="/rooms/<number>/still.jpg", call="room.still", tag=_TAG, query=StillQuery, view=_still,
          files=("image/jpeg",), errors=(304,), summary="The room's composed picture as it is now; 404 without one"),
    Route(verb="GET", path="/rooms/<number>/sites", call="room.sites", tag=_TAG, answer=InvitedSites,
          summary="The invited sites, in the order of the roll call"),
    Route(verb="PUT", path="/rooms/<number>/sites", call="room.set_sites", tag=_TAG, body=SitesIn,
          answer=InvitedSites, largest=256 * 1024, summary="Invite these sites and no others"),
    Route(verb="GET", path="/rooms/<number>/direction", call="room.direction", tag=_TAG, answer=Direction,
          names={"number": "room"}, summary="What chair and operators have ordered in the conference"),
    Route(verb="POST", path="/rooms/<number>/acts", call="room.act", tag=_TAG, body=Act, answer=ActDone,
          names={"number": "room"}, nulls=("participant", "viewer"), errors=(409,),
          summary="Do something in the conference: give the floor, call the roll, mute, drop, …"),
]  # fmt: skip
