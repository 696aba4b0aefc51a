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
    address: str = ""
    vendor: str = ""
    product: str = ""
    version: str = ""
    tunnelling: bool = False
    fast_start: bool = False
    h239: bool = False
    round_trip_ms: float | None = None
    media: dict[str, H323Medium] = Field({})
    trace: bool = Field(False, description="whether its messages are kept")


class TraceIn(In):
    on: StrictBool


class H323Endpoint(Out):
    terminal: str
    aliases: list[str]
    address: str
    product: str = ""
    proved: str = Field("", description="how it showed that it knows the password; empty: not at all")
    heard: float = Field(description="seconds since it was last heard")
    calls: int


class Registrations(Out):
    endpoints: list[H323Endpoint]
    outside: dict[str, Any] = Field({}, description="our own registration with another gatekeeper")


class Layout(Out):
    name: str
    tiles: list[list[float]] = Field(description="x, y, width, height, each 0 to 1")


class Notice(Out):
    at: float
    level: str
    text: str


class Part(Out):
    connected: bool


class GatewayPart(Part):
    enabled: bool = Field(description="whether the settings want H.323 at all")


class Status(Out):
    version: str
    asterisk: Part
    mixer: Part
    h323: GatewayPart
    rooms: int
    participants: int
    notices: list[Notice] = Field([])
