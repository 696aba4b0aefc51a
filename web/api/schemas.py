"""What goes in and out under /api/v1. Answers may carry more keys than are named here."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
    WithJsonSchema,
)

from mcu.core.names import MAX_NAME, PARTICIPANT_ID, ROOM_NUMBER, clean_name
from mcu.core.pins import PIN
from mcu.core.targets import parse_target
from mcu.errors import BadRequest


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
TerminalName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
DialAddress = Annotated[
    str, StringConstraints(max_length=340), AfterValidator(_dialable), WithJsonSchema({"type": "string"})
]
LayoutName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.+-]{1,32}$")]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Out(BaseModel):
    model_config = ConfigDict(extra="allow")


class RoomIn(_In):
    number: RoomNumber = Field(description="what terminals dial")
    name: RoomName
    layout: LayoutName | None = None
    guests: StrictBool = Field(True, description="whether strangers may dial in")
    pin: RoomPin = Field("", description="4 to 12 digits that strangers must key in; empty: none")


class RoomPatch(_In):
    name: RoomName | None = None
    layout: LayoutName | None = None
    locked: StrictBool | None = Field(None, description="locked: nobody else can join")
    guests: StrictBool | None = Field(None, description="whether strangers may dial in")
    pin: RoomPin | None = Field(None, description="4 to 12 digits that strangers must key in; empty: none")


class ParticipantPatch(_In):
    muted: StrictBool


class ParticipantsPatch(_In):
    muted: StrictBool
    only: list[ParticipantId] | None = Field(None, max_length=2000, description="ids; without it everybody")


class CallIn(_In):
    terminal: TerminalName | None = Field(None, description="a known terminal; or")
    address: DialAddress | None = Field(None, description="sip:user@host, h323:host, h323:number or h323:number@host")
    name: RoomName | None = Field(None, description="in the meeting; without it the terminal's, or the address")
    tries: StrictInt = Field(0, ge=0, le=20, description="further attempts if it does not come")


class Terminal(_Out):
    name: str
    display: str
    protocol: Literal["sip", "h323"]
    alias: str = ""
    address: str = ""
    kind: str = Field("", description="registered (by a password), known (by its address) or named (by its alias)")


class Call(_Out):
    id: str = Field(description="the participant's, once it answers")
    room: str
    name: str
    address: str
    protocol: Literal["sip", "h323"]
    state: Literal["dialling", "waiting", "failed"]
    reason: str = Field(
        "", description="busy, no_answer, unreachable, refused, not_found, codec or failed; of the last attempt"
    )
    failures: int = 0
    retry_at: float | None = Field(None, description="next attempt, seconds since the epoch, while waiting")


class Changed(BaseModel):
    changed: list[str] = Field(description="ids of those who were not so before")


class Pin(_Out):
    pin: str = Field(description="empty: none")


class StillQuery(BaseModel):
    width: int = Field(640, ge=64, le=1280, description="pixels")


class Room(_Out):
    number: str
    name: str
    layout: str
    locked: bool
    guests: bool
    asks_pin: bool = Field(False, description="whether strangers must key in a PIN")
    participants: int = Field(description="how many are in")
    since: float | str | None = Field(None, description="start of the running conference, seconds since the epoch")


class H323Format(_Out):
    codec: str
    fmtp: str = ""
    bit_rate: int = Field(0, description="bit/s")
    address: str = ""


class H323Medium(_Out):
    to_terminal: H323Format | None = None
    from_terminal: H323Format | None = None


class H323Call(_Out):
    tag: str
    state: str = Field(description="begun, up or over")
    direction: str = ""
    address: str = ""
    vendor: str = ""
    product: str = ""
    version: str = ""
    tunnelling: bool = False
    fast_start: bool = False
    h239: bool = False
    round_trip_ms: float | None = None
    media: dict[str, H323Medium] = {}
    trace: bool = Field(False, description="whether its messages are kept")


class TraceIn(_In):
    on: StrictBool


class H323Endpoint(_Out):
    terminal: str
    aliases: list[str]
    address: str
    product: str = ""
    proved: str = Field("", description="how it showed that it knows the password; empty: not at all")
    heard: float = Field(description="seconds since it was last heard")
    calls: int


class Registrations(_Out):
    endpoints: list[H323Endpoint]
    outside: dict[str, Any] = Field({}, description="our own registration with another gatekeeper")


class Participant(_Out):
    id: str
    room: str
    name: str
    number: str
    muted: bool
    talking: bool
    picture: Literal["none", "waiting", "live", "stalled"]
    video: bool
    joined_at: float | str | None = None
    device: str = Field("", description="maker, product and version, as the terminal tells them")
    h323: dict[str, Any] | None = Field(None, description="its H.323 call as H323Call; null when it came by SIP")
    slides: bool = Field(False, description="whether it gets the room's presentation on an H.239 channel of its own")


class RoomDetail(_Out):
    number: str
    name: str
    layout: str
    locked: bool
    guests: bool
    asks_pin: bool = False
    since: float | str | None = None
    participants: int | list[Participant]


class Layout(_Out):
    name: str
    tiles: list[tuple[float, float, float, float]] = Field(description="x, y, width, height, each 0 to 1")


class Notice(_Out):
    at: float | str
    level: str
    text: str


class Part(_Out):
    connected: bool


class GatewayPart(Part):
    enabled: bool = Field(description="whether the settings want H.323 at all")


class Status(_Out):
    version: str
    asterisk: Part
    mixer: Part
    h323: GatewayPart
    rooms: int
    participants: int
    notices: list[Notice] = []
