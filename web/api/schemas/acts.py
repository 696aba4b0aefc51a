"""Acts in a meeting, made of the arguments that core declares, so that the two cannot part."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, StrictFloat, StrictInt, StringConstraints, create_model

from mcu.core.acts.registry import SCHEMAS

from .common import In, LayoutName, Out, ParticipantId, RoomNumber, WholeId


class PaneRule(In):
    """What fills one pane of the layout."""

    show: Literal["auto", "participant", "loudest", "turning", "presentation", "blank"]
    participant: ParticipantId | None = Field(None, description="of participant")
    rank: StrictInt | None = Field(None, ge=1, le=64, description="of loudest: 1 is who spoke last")
    participants: list[ParticipantId] | None = Field(None, max_length=1000, description="of turning; without it all")
    seconds: StrictInt | StrictFloat | None = Field(None, ge=2, le=3600, description="of turning")


_PLAIN: dict[str, Any] = {
    "participant": ParticipantId,
    "participants": Annotated[list[ParticipantId], Field(max_length=1000)],
    "sites": Annotated[list[WholeId], Field(max_length=1000)],
    "flag": StrictBool,
    "text": Annotated[str, StringConstraints(max_length=200)],
    "name": Annotated[str, StringConstraints(min_length=1, max_length=200)],
    "room": RoomNumber,
    "layout": LayoutName,
    "rules": Annotated[list[PaneRule], Field(max_length=64)],
}


def _type(argument: Mapping[str, Any]) -> Any:
    kind = argument["type"]
    if kind == "choice":
        found: Any = Literal[tuple(argument["choices"])]
    elif kind in ("whole", "number"):
        number: Any = StrictInt if kind == "whole" else StrictInt | StrictFloat
        found = Annotated[number, Field(ge=argument["least"], le=argument["most"])]
    else:
        found = _PLAIN[kind]
    return found | None if argument.get("null") else found


def _model(act: str, arguments: Mapping[str, Mapping[str, Any]]) -> type[In]:
    fields: dict[str, Any] = {"act": (Literal[act], ...)}
    by_site = "participant" in arguments and "site" not in arguments
    for name, argument in arguments.items():
        kind, told = _type(argument), argument["help"]
        if name == "participant" and by_site:
            fields[name] = (kind | None, Field(None, description=f"{told}; or give site"))
        elif argument["required"]:
            fields[name] = (kind, Field(description=told))
        else:
            fields[name] = (kind, Field(argument["default"], description=told))
    if by_site:
        fields["site"] = (WholeId | None, Field(None, description="its first terminal that is there"))
    return create_model("Act" + "".join(word.capitalize() for word in act.split("_")), __base__=In, **fields)


_UNION: Any = reduce(or_, [_model(act, arguments) for act, arguments in SCHEMAS.items()])
Act = Annotated[_UNION, Field(discriminator="act")]


class Direction(Out):
    """What chair and operators have ordered."""

    room: str
    conference: str | None = None
    mode: Literal["free", "broadcast", "floor", "lecture", "roll_call", "voice"]
    focus: str = Field("", description="participant that all see")
    chair: str = ""
    hands: list[dict[str, Any]] = Field([], description="who asks for the floor, in order: participant, since")
    roll_call: dict[str, Any] | None = None
    views: dict[str, str] = Field({}, description="by viewer, whom it sees")
    browse: list[dict[str, Any]] = Field([])
    panes: list[dict[str, Any]] = Field([])
    mute_joiners: bool = False
    presentation_locked: bool = False
    banner: dict[str, Any] | None = None
    banners: dict[str, dict[str, Any]] = Field({}, description="by participant, what it alone is shown")
    voice_hold: float = Field(0, description="seconds that somebody must talk before the picture follows")
    lobby: list[dict[str, Any]] = Field([])
    help: list[dict[str, Any]] = Field([])
    ends_at: float | None = None
    undo: str = Field("", description="the act that `undo` takes back")
    undo_step: int = Field(0, description="its number, as `undo` takes it")


class ActDone(Out):
    act: str
    changed: list[Any] = Field(description="ids of participants of whom something else is ordered now")
    step: int = Field(0, description="by which `undo` takes back this act and no other; 0: it cannot be taken back")
    direction: Direction
