"""Rooms and who is in them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, StrictBool, StrictInt

from mcu.core.picture.view import STILL_WIDTHS

from .common import In, LayoutName, Out, ParticipantId, RoomName, RoomNumber, RoomPin, WholeId

Entry = Literal["anyone", "pin", "known", "list"]
Lobby = Literal["off", "host", "all"]
Language = Literal["", "vi", "en"]
_PIN = "4 to 12 digits that strangers must key in; empty: none"
_HOST_PIN = "who keys in this one presides; empty: none"
_ENTRY = "who may come in: anyone, with the PIN, known terminals, invited sites"
_LOBBY = "who waits to be let in: nobody, all until the host is there, all"


class _RoomRules(In):
    """What may be said of a room when it is made, and changed afterwards."""

    layout: LayoutName | None = None
    host_pin: RoomPin | None = Field(None, description=_HOST_PIN)
    entry: Entry | None = Field(None, description=_ENTRY)
    lobby: Lobby | None = Field(None, description=_LOBBY)
    capacity: StrictInt | None = Field(None, ge=0, le=10_000, description="0: what the installation allows")
    language: Language | None = Field(None, description="of the spoken prompts; empty: the installation's")
    mute_joiners: StrictBool | None = None
    branch_id: WholeId | None = Field(None, description="the site whose operators run it; null: everybody's")
    presiding_site_id: WholeId | None = None


class RoomIn(_RoomRules):
    number: RoomNumber = Field(description="what terminals dial")
    name: RoomName
    guests: StrictBool = Field(True, description="whether strangers may dial in")
    pin: RoomPin = Field("", description=_PIN)


class RoomPatch(_RoomRules):
    name: RoomName | None = None
    locked: StrictBool | None = Field(None, description="locked: nobody else can join")
    guests: StrictBool | None = Field(None, description="whether strangers may dial in")
    pin: RoomPin | None = Field(None, description=_PIN)


class ParticipantPatch(In):
    muted: StrictBool


class ParticipantsPatch(In):
    muted: StrictBool
    only: list[ParticipantId] | None = Field(None, max_length=2000, description="ids; without it everybody")


class Changed(Out):
    changed: list[str] = Field(description="ids of those who were not so before")


class Pin(Out):
    pin: str = Field(description="empty: none")
    host_pin: str = Field("", description="who keys in this one presides; empty: none")


class StillQuery(In):
    width: int = Field(640, ge=STILL_WIDTHS[0], le=STILL_WIDTHS[1], description="pixels")


class _RoomFields(Out):
    number: str
    name: str
    layout: str
    locked: bool
    guests: bool
    open: bool = Field(True, description="whether anybody may come in")
    asks_pin: bool = Field(False, description="whether strangers must key in a PIN")
    asks_host_pin: bool = Field(False, description="whether there is a PIN by which one presides")
    entry: Entry = Field("anyone", description=_ENTRY)
    lobby: Lobby = Field("off", description=_LOBBY)
    capacity: int = Field(0, description="0: what the installation allows")
    language: Language = Field("", description="of the spoken prompts; empty: the installation's")
    mute_joiners: bool = False
    branch_id: int | None = Field(None, description="the site whose operators run it; null: everybody's")
    presiding_site_id: int | None = None


class Room(_RoomFields):
    participants: int = Field(description="how many are in")
    since: float | None = Field(None, description="start of the running conference, seconds since the epoch")


class Quality(Out):
    """Of a call's line; in: from the terminal."""

    loss_in: float = Field(description="per cent")
    loss_out: float
    jitter_ms: float
    rtt_ms: float
    kbps_in: int
    kbps_out: int
    grade: str


class Participant(Out):
    id: str
    room: str
    name: str
    number: str
    muted: bool
    talking: bool
    picture: Literal["none", "waiting", "live", "stalled"]
    video: bool
    joined_at: float | None = None
    device: str = Field("", description="maker, product and version, as the terminal tells them")
    h323: dict[str, Any] | None = Field(None, description="its H.323 call as H323Call; null when it came by SIP")
    slides: bool = Field(False, description="whether it gets the room's presentation on an H.239 channel of its own")
    site: int | None = Field(None, description="the site that it stands at")
    terminal: str = Field("", description="its account's name")
    role: str = Field("", description="chair, host, guest or empty")
    hand: bool = False
    deafened: bool = False
    gain_in: float = Field(0, description="dB")
    gain_out: float = Field(0, description="dB")
    dialled: bool = Field(False, description="whether we called it")
    telephone: bool = Field(False, description="whether it is a telephone, which has no picture")
    channel: str = Field("", description="Asterisk's name of its call")
    codec: str = Field("", description="of the picture; empty: none")
    view: str = Field("", description="what the mixer calls the picture that it gets")
    kind: str = Field("", description="guest, known or terminal: by which door it came")
    presents: str = Field("", description="the participant whose presentation this is; empty: it is none")
    quality: Quality | None = Field(None, description="of its line; null until it is known")


class RoomDetail(_RoomFields):
    since: float | None = None
    conference: str | None = Field(None, description="id of the conference that is going on")
    direction: dict[str, Any] | None = Field(None, description="as Direction")
    participants: list[Participant]


class SitesIn(In):
    sites: list[WholeId] = Field(max_length=10_000, description="ids of sites, in the order of the roll call")


class InvitedSites(Out):
    number: str
    sites: list[dict[str, Any]] = Field(description="as Site")
