"""Those who are in a room: list, microphone, and out."""

from __future__ import annotations

from typing import Any

from .route import Asked, Route, ask
from .schemas.rooms import Changed, Participant, ParticipantPatch, ParticipantsPatch

_TAG = "Participants"
_ROOM = {"number": "room"}


def _mute(asked: Asked) -> Any:
    return ask("room.act", {**asked.path, "act": "mute", "on": asked.body["muted"]})


def _mute_all(asked: Asked) -> Any:
    """The chair's as well: whoever calls for all microphones without the panel at hand means all of them."""
    only = {"only": asked.body["only"]} if "only" in asked.body else {}
    act = {"act": "mute_all", "on": asked.body["muted"], "except_chair": False}
    return {"changed": ask("room.act", {**asked.path, **act, **only})["changed"]}


def _drop(asked: Asked) -> Any:
    return ask("room.act", {**asked.path, "act": "drop"})


ROUTES = [
    Route(verb="GET", path="/participants", call="participant.list", tag=_TAG, answer=list[Participant],
          summary="Everybody in every room"),
    Route(verb="GET", path="/rooms/<number>/participants", call="participant.list", tag=_TAG, names=_ROOM,
          answer=list[Participant], summary="Everybody in one room"),
    Route(verb="PATCH", path="/rooms/<number>/participants", call="room.act", tag=_TAG, names=_ROOM,
          body=ParticipantsPatch, answer=Changed, view=_mute_all, errors=(409,),
          summary="Close or open all microphones, or those of `only`; tells whose were changed"),
    Route(verb="PATCH", path="/rooms/<number>/participants/<participant>", call="room.act", tag=_TAG,
          names=_ROOM, body=ParticipantPatch, view=_mute, status=204, errors=(409,),
          summary="Close or open a microphone"),
    Route(verb="DELETE", path="/rooms/<number>/participants/<participant>", call="room.act", tag=_TAG,
          names=_ROOM, view=_drop, status=204, errors=(409,), summary="Disconnect a participant"),
]  # fmt: skip
