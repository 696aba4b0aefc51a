"""What happens in the telephone switch and in the mixer, as the conference policy sees it.

The adapters (mcu.asterisk, mcu.mixer) translate what they hear on their wires into these; core decides what follows.
``at`` is seconds since the epoch (UTC), taken by the adapter when the event came in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    at: float


# --- from Asterisk -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantEvent(Event):
    """Something about one terminal's call in a room; ``participant`` is the id the entry gave to its channel."""

    participant: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined(ParticipantEvent):
    room: str
    muted: bool
    name: str
    number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left(ParticipantEvent):
    room: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Talking(ParticipantEvent):
    room: str
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Muted(ParticipantEvent):
    room: str
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureStarted(ParticipantEvent):
    """The first video frame of a terminal reached the switch (again, after a hold or a pause, or in another codec)."""

    codec: str  # in which it comes
    fmtp: str  # the terminal's format parameters as negotiated, e.g. "profile-level-id=42e00d;packetization-mode=1"


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoNegotiated(ParticipantEvent):
    """Something else than before, within the call."""

    video: str  # "h264 profile-level-id=…;…|h263 …"; empty without


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureStopped(ParticipantEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPressed(ParticipantEvent):
    digit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HungUp(Event):
    """A channel of ours is gone (``kind``), whose ``ident`` is in its variables."""

    channel: str
    kind: str  # "terminal", "leg", "view", "slides"
    ident: str  # participant id, or "<view>/<class>" of a view leg
    cause: int  # Q.850


@dataclass(frozen=True, slots=True, kw_only=True)
class LegUp(Event):
    """A leg between the switch and the mixer was answered (``kind`` "leg" or "view"), or one that brings a terminal
    its slides ("slides")."""

    channel: str
    kind: str
    ident: str
    mixer: str  # the run id of the mixer that it leads to
    codec: str = ""  # that it was dialled for


@dataclass(frozen=True, slots=True, kw_only=True)
class LegFailed(Event):
    kind: str
    ident: str
    mixer: str
    cause: int
    codec: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DialFailed(Event):
    """A terminal that was called did not answer."""

    participant: str
    cause: int  # Q.850


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchUp(Event):
    """The link to Asterisk stands (again). ``snapshot`` is the whole truth; memory from before is stale."""

    snapshot: Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchDown(Event):
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkTold(Event):
    """Whether the MCU is registered with the telephone network; told at every change, and again after SwitchUp."""

    registered: bool


# --- from the H.323 gateway -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceTold(Event):
    """What is known of the terminal at the far end of a call; told again whenever something else is negotiated."""

    call_id: str
    device: str  # maker, product and version, for people
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceGone(Event):
    """The gateway's call ended."""

    call_id: str


# --- from the mixer ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MixerUp(Event):
    mixer: str  # run id, new at every start of the mixer process
    legs: tuple[str, ...]  # participants whose leg stands in this mixer
    views: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MixerDown(Event):
    mixer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureState(Event):
    """What the mixer sees of one participant's picture: "none", "waiting" (for a keyframe), "live" or "stalled"."""

    participant: str
    state: str
    width: int
    height: int


# --- the truth read back from the switch ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One terminal in one room, as Asterisk has it."""

    participant: str
    channel: str
    room: str
    name: str
    number: str
    muted: bool
    talking: bool
    call_id: str = ""  # of a call that came by the H.323 gateway
    endpoint: str = ""  # of such a call: whose terminal the gateway says it is; of others their channel's name tells
    device: str = ""  # as it was given with the answer at the door
    presents: str = ""  # likewise
    codec: str = ""  # of its video; empty when none was negotiated
    fmtp: str = ""
    subscribed: str = ""  # key of the picture it receives
    sends_picture: bool = False  # its video has been seen by the router
    sends: str = ""  # in this codec
    age: float = 0.0  # s since the call began: of those in the lobby


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    kind: str  # "leg", "view" or "slides"
    ident: str
    channel: str
    mixer: str
    key: str = ""  # of the picture that it is subscribed to: slides'
    codec: str = ""  # that it was dialled for


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    members: tuple[Member, ...] = ()
    waiting: tuple[Member, ...] = ()  # in lobbies
    legs: tuple[Leg, ...] = ()
    locked: frozenset[str] = field(default_factory=frozenset)  # room numbers
    started: str = ""  # when Asterisk was started, as it says it; empty where it is not known
    called: Mapping[str, str] = field(default_factory=dict)  # channels of who rings, or answered and is in no room yet
