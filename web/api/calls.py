"""Terminals that the MCU calls: dial, again, end; and the known terminals that can be dialled."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint

from mcu.core.names import is_participant_id
from mcu.errors import BadRequest, NotFound

from ..services import services
from .rooms import room_number
from .schemas import Call, CallIn, Terminal

blueprint = APIBlueprint("calls", __name__, url_prefix="/api/v1", tag="Outgoing calls")


def call_id(text: str) -> str:
    if not is_participant_id(text):
        raise NotFound("there is no such outgoing call")
    return text


@blueprint.get("/terminals")
@blueprint.output(Terminal)
def terminals() -> Any:
    """The terminals that have a record, without their passwords."""
    return services().control.call("terminal.list")


@blueprint.get("/calls")
@blueprint.output(Call)
def everywhere() -> Any:
    """Outgoing calls of every room: those under way, and those that failed."""
    return services().control.call("call.list")


@blueprint.get("/rooms/<number>/calls")
@blueprint.output(Call)
def index(number: str) -> Any:
    """Outgoing calls of one room."""
    return services().control.call("call.list", room=room_number(number))


@blueprint.post("/rooms/<number>/calls")
@blueprint.input(CallIn)
@blueprint.output(Call, status_code=201)
def dial(number: str, json_data: CallIn) -> Any:
    """Call a known terminal or an address into the room. 409 ``conflict`` while it is being called already."""
    number = room_number(number)
    if (json_data.terminal is None) == (json_data.address is None):
        raise BadRequest("give a terminal or an address, and not both")
    return services().control.call("call.dial", room=number, **json_data.model_dump(exclude_none=True))


@blueprint.post("/calls/<call>/again")
@blueprint.output(Call)
def again(call: str) -> Any:
    """Call again now. 409 ``conflict`` while it is being dialled."""
    return services().control.call("call.again", call=call_id(call))


@blueprint.delete("/calls/<call>")
@blueprint.output({}, status_code=204)
def end(call: str) -> str:
    """Give up a call, or take one that failed off the list."""
    services().control.call("call.end", call=call_id(call))
    return ""
