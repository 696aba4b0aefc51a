"""The state of the MCU, and its H.323 calls."""

from __future__ import annotations

from typing import Any

from pydantic import Field, StrictBool

from .common import In, Out


class H323Format(Out):
    codec: str
    fmtp: str = ""
    bit_rate: int = Field(0, description="bit/s")
    address: str = ""


class H323Medium(Out):
    to_terminal: H323Format | None = None
    from_terminal: H323Format | None = None


class H323Call(Out):
    tag: str
    state: str = Field(description="begun, up or over")
    direction: str = ""
    number: str = Field("", description="that was dialled")
    door: str = ""
    terminal: str = Field("", description="its account's name")
    name: str = ""
    aliases: list[str] = Field([])
    address: str = ""
    sip_call_id: str = Field("", description="of its other half, towards Asterisk")
    since: float | None = None
    vendor: str = ""
    product: str = ""
    version: str = ""
    tunnelling: bool = False
    fast_start: bool = False
    h239: bool = False
    presents: bool = False
    content: H323Format | None = Field(None, description="the presentation that it can be sent now; null: none")
    slides: bool = False
    held: bool = False
    bit_rate_limit: int = Field(0, description="bit/s")
    fast_updates: dict[str, int] = Field({}, description="keyframes asked for: to_terminal, from_terminal")
    round_trip_ms: float | None = None
    media: dict[str, H323Medium] = Field({})
    trace: bool = Field(False, description="whether its messages are kept")


class TraceIn(In):
    on: StrictBool


class H323Endpoint(Out):
    terminal: str
    aliases: list[str]
    address: str
    source: str = Field("", description="where its last request came from")
    product: str = ""
    proved: str = Field("", description="how it showed that it knows the password; empty: not at all")
    heard: float = Field(description="seconds since it was last heard")
    calls: int


class Registrations(Out):
    endpoints: list[H323Endpoint]
    garbled: int = Field(0, description="requests that could not be read")
    throttled: int = Field(0, description="requests that came too fast")
    outside: dict[str, Any] = Field({}, description="our own registration with another gatekeeper")


class Layout(Out):
    name: str
    tiles: list[list[float]] = Field(description="x, y, width, height, each 0 to 1")


class Notice(Out):
    at: float
    level: str
    code: str = Field("", description="for programs")
    text: str = Field(description="English, as in the log")
    data: dict[str, Any] = Field({}, description="what the text names, by code: name, reason, room, …")
    room: str = Field("", description="that it is about, if it is about one")


class Part(Out):
    connected: bool
    since: float | None = Field(None, description="seconds since the epoch")


class AsteriskPart(Part):
    version: str = ""


class MixerPart(Part):
    run: str = Field("", description="another one after each start")
    pid: int | None = None


class ControlPart(Out):
    since: float


class GatewayPart(Part):
    enabled: bool = Field(description="whether the settings want H.323 at all")


class TrunkPart(Out):
    address: str = Field(description="of the line to the telephone network; empty: there is none")
    registered: bool | None = Field(None, description="null: not known yet, or this line needs no registration")


class Status(Out):
    version: str
    asterisk: AsteriskPart
    mixer: MixerPart
    h323: GatewayPart
    trunk: TrunkPart | None = None
    control: ControlPart | None = None
    rooms: int
    participants: int
    notices: list[Notice] = Field([])
