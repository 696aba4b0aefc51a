"""Those who are in a room: list, microphone, and out."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint

from mcu.core.names import is_participant_id
from mcu.errors import ParticipantNotFound

from ..services import services
from .rooms import room_number
from .schemas import Changed, Participant, ParticipantPatch, ParticipantsPatch

blueprint = APIBlueprint("participants", __name__, url_prefix="/api/v1", tag="Participants")


def participant_id(text: str) -> str:
    if not is_participant_id(text):
        raise ParticipantNotFound("there is no such participant")
    return text


@blueprint.get("/participants")
@blueprint.output(Participant)
def everybody() -> Any:
    """Everybody in every room."""
    return services().control.call("participant.list")


@blueprint.get("/rooms/<number>/participants")
@blueprint.output(Participant)
def index(number: str) -> Any:
    """Everybody in one room."""
    return services().control.call("participant.list", room=room_number(number))


@blueprint.patch("/rooms/<number>/participants")
@blueprint.input(ParticipantsPatch)
@blueprint.output(Changed)
def change_all(number: str, json_data: ParticipantsPatch) -> Any:
    """Close or open all microphones, or those of ``only``; tells whose were changed, so that it can be taken back."""
    more = {} if json_data.only is None else {"only": json_data.only}
    return services().control.call("participant.mute_all", room=room_number(number), on=json_data.muted, **more)


@blueprint.patch("/rooms/<number>/participants/<participant>")
@blueprint.input(ParticipantPatch)
@blueprint.output({}, status_code=204)
def change(number: str, participant: str, json_data: ParticipantPatch) -> str:
    """Close or open a microphone."""
    services().control.call(
        "participant.mute", room=room_number(number), participant=participant_id(participant), on=json_data.muted
    )
    return ""


@blueprint.delete("/rooms/<number>/participants/<participant>")
@blueprint.output({}, status_code=204)
def kick(number: str, participant: str) -> str:
    """Disconnect a participant."""
    services().control.call("participant.kick", room=room_number(number), participant=participant_id(participant))
    return ""
