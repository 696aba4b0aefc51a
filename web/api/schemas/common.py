"""What the schemas share: texts that fit, and strictness on the way in. Answers may carry more than is named."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Generic, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictInt,
    StringConstraints,
    WithJsonSchema,
)

from mcu.core.dialling.targets import parse_target
from mcu.core.entry.pins import PIN
from mcu.core.names import MAX_NAME, PARTICIPANT_ID, ROOM_NUMBER, clean_name
from mcu.errors import BadRequest

from ..addresses import TERMINAL_NAME


def _fit_to_show(text: str) -> str:
    """As core shows it; what core would have to leave out is refused here, where somebody can mend it."""
    text = unicodedata.normalize("NFC", text).strip()
    if not text:
        raise ValueError("must not be empty")
    if not text.isprintable():
        raise ValueError("must be one line of visible characters")
    if len(text) > MAX_NAME:
        raise ValueError(f"must be at most {MAX_NAME} characters")
    return clean_name(text)


def _dialable(text: str) -> str:
    try:
        return str(parse_target(text))
    except BadRequest as fault:
        raise ValueError(fault.detail) from None


RoomNumber = Annotated[str, StringConstraints(pattern=f"^{ROOM_NUMBER}$")]
RoomName = Annotated[
    str, AfterValidator(_fit_to_show), WithJsonSchema({"type": "string", "minLength": 1, "maxLength": MAX_NAME})
]
RoomPin = Annotated[str, StringConstraints(pattern=f"^({PIN.pattern})?$")]
ParticipantId = Annotated[str, StringConstraints(pattern=f"^{PARTICIPANT_ID}$")]
TerminalName = Annotated[str, StringConstraints(pattern=f"^{TERMINAL_NAME}$")]
DialAddress = Annotated[
    str, StringConstraints(max_length=340), AfterValidator(_dialable), WithJsonSchema({"type": "string"})
]
WholeId = Annotated[StrictInt, Field(ge=1, le=2**31 - 1)]
Moment = Annotated[float, Field(ge=0, le=253370764799, description="seconds since the epoch")]
LayoutName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.+-]{1,32}$")]


class In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Out(BaseModel):
    model_config = ConfigDict(extra="allow")


Item = TypeVar("Item")


class Page(Out, Generic[Item]):
    """A list that can grow."""

    items: list[Item]
    next: str | None = Field(None, description="give it as `after` to have the next page; null: this was the last")


class PageQuery(In):
    limit: int = Field(100, ge=1, le=1000)
    after: str = Field("", max_length=64, description="`next` of the page before")


class Problem(Out):
    """RFC 9457. `error_id` is stable and for programs, `detail` for people."""

    type: str
    title: str
    status: int
    detail: str
    error_id: str
    errors: dict[str, list[str]] = Field({}, description="by field, what is wrong with the request")
