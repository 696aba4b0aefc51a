"""Who is in a room, and what is known about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mcu.core.names import is_telephone
from mcu.core.picture.layout import AUTO
from mcu.core.picture.rates import CODECS, choose_video, class_for
from mcu.core.quality import Line

DIALLED = "dialled"  # kind of a participant whom the MCU called, and the door of those calls
PRESENTATION = "presentation"  # kind of a participant that is somebody's second picture

Entry = Literal["anyone", "pin", "known", "list"]
LobbyRule = Literal["off", "host", "all"]
Role = Literal["", "host", "guest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomConfig:
    """A standing meeting number and its settings."""

    number: str
    name: str
    layout: str = AUTO
    guests: bool = True  # strangers may come in
    open: bool = True  # anybody may come in
    pin: str = field(default="", repr=False)  # that strangers must key in; empty: none
    host_pin: str = field(default="", repr=False)  # who keys in this one instead is the chair; empty: none
    # Strangers with the PIN and all others; everybody with a PIN; known terminals only; those of invited sites only.
    entry: Entry = "anyone"
    lobby: LobbyRule = "off"  # who waits: nobody; all until a host is in; all until somebody lets them in
    capacity: int = 0  # people; 0: what the installation allows
    language: str = ""  # of prompts and cards; empty: the installation's
    mute_joiners: bool = False
    branch_id: int | None = None  # the site whose branch of the tree runs this room; None: everybody's
    presiding_site_id: int | None = None  # whose terminals are hosts

    def describe(self) -> dict[str, Any]:
        """As the bus tells it: of the PINs only whether there are any."""
        return {
            "number": self.number,
            "name": self.name,
            "layout": self.layout,
            "guests": self.guests,
            "open": self.open,
            "asks_pin": bool(self.pin),
            "asks_host_pin": bool(self.host_pin),
            "entry": self.entry,
            "lobby": self.lobby,
            "capacity": self.capacity,
            "language": self.language,
            "mute_joiners": self.mute_joiners,
            "branch_id": self.branch_id,
            "presiding_site_id": self.presiding_site_id,
        }


@dataclass(slots=True, kw_only=True)
class Participant:
    """One terminal's call in a room, or on its way from the door into it (``joined_at`` of 0)."""

    id: str
    room: str
    channel: str
    name: str
    number: str
    kind: str  # the door it came by, or PRESENTATION
    entered_at: float
    own_name: str = ""  # under which it came, once it was renamed
    joined_at: float = 0.0
    muted: bool = False
    talking: bool = False
    spoke_at: float = 0.0  # begin or end of speech, whichever was last
    call_id: str = ""  # SIP's
    presents: str = ""  # whose second picture it is, a participant; empty for people
    began_at: float = 0.0  # a presentation's first picture
    dismissed: bool = False  # a presentation that was told to end
    device: str = ""  # maker, product, version, as far as the terminal tells
    h323: Mapping[str, Any] | None = None  # what the gateway tells of its call
    codec: str = ""  # of its video; empty without
    fmtp: str = ""
    sends: str = ""  # codec of the pictures that come from it, once they do; empty until then
    most_kbps: int = 0  # that it asked to be kept to during the call; 0 without such a wish
    bound_kbps: int = 0  # that an administrator keeps it to; 0 without such an override
    bound_size: tuple[int, int] | None = None  # largest picture, in pixels, likewise
    sends_picture: bool = False
    picture: str = "none"  # as the mixer sees it
    size: tuple[int, int] = (0, 0)  # of its pictures, in pixels, once the mixer has seen one
    came_as: Role = ""  # as the door found: "host" by PIN or of the presiding site, "guest" of strangers
    subscribed: str | None = ""  # key of the picture it gets; None when an attempt to set it failed
    subscribe_at: float = 0.0  # not again before this
    wrong_pins: int = 0  # keyed in during this call
    source: str = ""  # address that its signalling comes from, as far as it is known
    slides_tag: str = ""  # the gateway's name for its call
    slides_class: str = ""  # of the presentation's view, that its H.239 channel takes; empty where it takes none
    slides: bool = False  # it gets them, on that channel
    site: int | None = None  # where its terminal stands
    terminal: str = ""  # the account's name; empty for a stranger
    chair: bool = False  # it presides
    hand: bool = False  # it asks for the floor
    deafened: bool = False
    gain_in: float = 0.0  # dB by which the room hears it louder
    gain_out: float = 0.0  # dB by which it hears the room louder
    dialled: bool = False  # the MCU called it
    address: str = ""  # where, if it was no known terminal: as people write it
    line: Line | None = None  # how good it is; None until it was measured
    moved_from: str = ""  # a room, while it is on its way into another
    dropped: bool = False  # an operator told it to go: nobody calls it again
    ordered: bool | None = None  # its microphone, as long as an order for it is under way
    orders: int = 0  # that are under way
    owed: frozenset[str] = frozenset()  # "ears", "in", "out": ordered while the link to the switch broke

    rate_class: str = field(init=False, default="")  # the one that fits this terminal; empty without video
    view: str = field(init=False, default="")  # of its room's views the one it watches
    key: str = field(init=False, default="")  # of the picture it shall get, if any: its class of that view

    def __post_init__(self) -> None:
        self.place(self.room, self.codec, self.fmtp)

    def place(self, room: str, codec: str, fmtp: str) -> None:
        """In this room, with this negotiated video. Class and key are kept, for they are asked for at every event."""
        if room != self.room or not self.view:
            self.view = room
        self.room, self.codec, self.fmtp = room, codec, fmtp
        most = min(filter(None, (self.most_kbps, self.bound_kbps)), default=0)
        self.rate_class = class_for(codec, fmtp, most, largest=self.bound_size)
        self.watch(self.view)

    def watch(self, view: str) -> None:
        """This one of its room's views."""
        self.view = view
        self.key = view_key(view, self.rate_class) if self.rate_class and not self.presents else ""

    @property
    def renamed(self) -> str:
        """The name that somebody gave to it for this conference; empty if it has its own."""
        return self.name if self.own_name not in ("", self.name) else ""

    def rename(self, name: str) -> None:
        self.own_name, self.name = self.own_name or self.name, name

    @property
    def closed(self) -> bool:
        """Its microphone, as it was last ordered, or told where no order is under way."""
        return self.muted if self.ordered is None else self.ordered

    def order(self, on: bool) -> None:
        """The switch is being told to close its microphone, or to open it."""
        self.ordered, self.orders = on, self.orders + 1

    def heard_of(self) -> None:
        """An order for its microphone was carried out, or failed."""
        self.orders = max(0, self.orders - 1)
        if not self.orders:
            self.ordered = None

    @property
    def leg_codec(self) -> str:
        """What its leg to the mixer must carry."""
        return self.sends or self.codec

    def negotiate(self, video: str) -> None:
        """Other video was negotiated within the call, in the form that ``choose_video`` takes."""
        self.place(self.room, *choose_video(video))
        if self.sends and self.sends not in [offer.partition(" ")[0] for offer in video.split("|")]:
            self.sends = ""  # it is about to send something else

    def picture_came(self, codec: str, fmtp: str) -> None:
        """A first picture. Its codec need not be the negotiated one: who answered with several may send any of them."""
        if codec in CODECS:
            self.sends = codec
        if not self.codec or codec in ("", self.codec):
            self.place(self.room, codec or self.codec, fmtp or self.fmtp)

    def limit(self, kbps: int) -> None:
        """It asks to be sent no more than this; 0 lifts the limit."""
        self.most_kbps = kbps
        self.place(self.room, self.codec, self.fmtp)

    def bind(self, kbps: int, size: tuple[int, int] | None) -> None:
        """An administrator keeps its terminal to this; 0 and None to nothing."""
        if (kbps, size) != (self.bound_kbps, self.bound_size):
            self.bound_kbps, self.bound_size = kbps, size
            self.place(self.room, self.codec, self.fmtp)

    def describe(self) -> dict[str, Any]:
        """As the bus tells it."""
        return {
            "id": self.id,
            "room": self.room,
            "name": self.name,
            "number": self.number,
            "channel": self.channel,
            "muted": self.muted,
            "talking": self.talking,
            "picture": self.picture,
            "video": bool(self.rate_class),
            "codec": self.codec,
            "view": self.key,
            "joined_at": round(self.joined_at, 3),
            "kind": self.kind,
            "presents": self.presents,
            "device": self.device,
            "h323": self.h323,
            "slides": self.slides,
            "site": self.site,
            "terminal": self.terminal,
            "role": "chair" if self.chair else self.came_as,
            "hand": self.hand,
            "deafened": self.deafened,
            "gain_in": self.gain_in,
            "gain_out": self.gain_out,
            "dialled": self.dialled,
            "telephone": is_telephone(self.channel),
            "quality": self.line.quality.describe() if self.line and self.line.quality else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What only control's own record knows of somebody whom it finds in a room after its restart."""

    joined_at: float
    kind: str
    room: str
    site: int | None = None
    terminal: str = ""
    name: str = ""


def view_key(view: str, rate_class: str) -> str:
    """The name under which the switch knows one class of a view."""
    return f"v-{view}-{rate_class}"
