"""What a call at the door looks like, and the answers it can get. The dialplan asks over FastAGI."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from mcu.core.roster import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRequest:
    """A call that dialled ``number`` and stands before the room."""

    channel: str
    uniqueid: str
    number: str  # what was dialled or keyed in, unchecked
    number_tries: int = 0  # how often a number was asked for in this call
    pin: str = field(default="", repr=False)  # what was keyed in, unchecked
    pin_tries: int = 0
    # "terminal" (registered), "known" (by address), "named" (by a number alone), "guest"; "dialled": we called it;
    # "trunk": from the telephone network, which is "named" or "guest" once its number was looked up
    door: str
    endpoint: str  # name of the PJSIP endpoint
    caller_name: str  # as the terminal told it, unchecked
    caller_number: str
    call_id: str = ""  # SIP's Call-ID (RFC 3261 20.8), by which the H.323 gateway names its calls, too
    presents: str = ""  # Call-ID of the call whose second picture (H.239) this is; empty for people
    device: str = ""  # what the terminal says it is (User-Agent), unchecked
    video: str  # negotiated video, "h264 profile-level-id=…;…|h263 …"; empty without
    claimed: bool = False  # it is "named" by a number that the telephone network tells, and callers can choose
    source: str = ""  # IP address that its signalling comes from; empty where that is not known, or stands for many


@dataclass(frozen=True, slots=True, kw_only=True)
class Admit:
    participant: str
    room: str
    name: str  # NFC, fit to be shown
    muted: bool
    view: str  # key of the picture it shall see ("v-1001-hd"); empty without video
    language: str
    presents: str = ""  # whose second picture it is, a participant
    device: str = ""  # kept with the call, for a control that was restarted meanwhile
    role: Role = ""
    brought: bool = False  # into a room that is locked to others


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Into the lobby: the call is answered, hears ``prompt`` and music, and sees a card. See Switch.let_in."""

    participant: str
    room: str
    name: str
    view: str  # key of the card; empty without video
    prompt: str
    language: str
    device: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse:
    """A polite no: ``prompt`` is played, then the call ends with Q.850 ``cause``. Without one it ends at once."""

    prompt: str
    cause: int
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Keys are wanted: ``prompts`` are played one after the other, and the dialplan asks again with what was keyed."""

    want: Literal["number", "pin"]
    prompts: tuple[str, ...]
    language: str


EntryAnswer = Admit | Wait | Refuse | Ask
