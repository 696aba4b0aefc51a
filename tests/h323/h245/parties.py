"""Two control sessions that talk to each other, and what both offer."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from mcu.h323.h245 import Control, FastChannel, Offer
from mcu.h323.h245.events import ChannelOffered, Event
from mcu.h323.media import Address, Format, Kind
from mcu.h323.per import decode_h245, encode_h245

MODE1 = "profile-level-id=42e01f;packetization-mode=1;max-mbps=108000;max-fs=3600"
MODE0 = MODE1.replace("packetization-mode=1", "packetization-mode=0")
PCMA = Format(codec="pcma", payload_type=8, bit_rate=64_000, frames=20)
PCMU = Format(codec="pcmu", payload_type=0, bit_rate=64_000, frames=20)
G722 = Format(codec="g722", payload_type=9, bit_rate=64_000, frames=20)
G7221 = Format(codec="g7221", payload_type=115, fmtp="bitrate=32000", bit_rate=32_000, frames=20)
H264 = Format(codec="h264", payload_type=97, fmtp=MODE1, bit_rate=2_000_000)
H264_SINGLE = Format(codec="h264", payload_type=98, fmtp=MODE0, bit_rate=2_000_000)
H263P = Format(codec="h263p", payload_type=99, fmtp="CIF=1;QCIF=1;J=1", bit_rate=768_000)
H263 = Format(codec="h263", payload_type=34, fmtp="CIF=1;QCIF=1", bit_rate=768_000)
H261 = Format(codec="h261", payload_type=31, fmtp="CIF=1;QCIF=1", bit_rate=384_000)
SLIDES = Format(codec="h264", payload_type=100, fmtp=MODE1, bit_rate=1_000_000)

OFFER = Offer(
    audio=(G722, G7221, PCMA, PCMU),
    video=(H264, H264_SINGLE, H263P, H263, H261),
    content=(SLIDES,),
    telephone_event=101,
)

RTP, RTCP = Address("192.0.2.1", 5000), Address("192.0.2.1", 5001)
THEIR_RTP, THEIR_RTCP = Address("198.51.100.7", 6000), Address("198.51.100.7", 6001)
PICTURE, SOUND, SLIDES_CHANNEL = 11, 12, 13  # channels of ``sending``
NONSTANDARD = {
    "nonStandardData": {
        "nonStandardIdentifier": ("h221NonStandard", {"t35CountryCode": 181, "t35Extension": 0, "manufacturerCode": 1}),
        "data": b"odd",
    }
}

Drop = Callable[[str, Any], bool]


class Pair:
    """``a`` and ``b`` with a wire between them. ``log`` holds (from, message name) of all that went over it."""

    def __init__(self, a_type: int = 190, b_type: int = 50, seed: int = 1, a: Offer = OFFER, b: Offer = OFFER) -> None:
        self.at = 0.0
        self.a = Control(a, a_type, self.at, random.Random(seed))
        self.b = Control(b, b_type, self.at, random.Random(seed + 1000))
        self.a_events: list[Event] = []
        self.b_events: list[Event] = []
        self.log: list[tuple[str, str]] = []
        self.drop: Drop = lambda sender, message: False

    def started(self) -> Pair:
        self.a.start(self.at)
        self.b.start(self.at)
        self.run()
        self.clear()
        return self

    def clear(self) -> None:
        self.a_events.clear()
        self.b_events.clear()
        self.log.clear()

    def run(self) -> None:
        """Carries messages until nothing more is said."""
        for _ in range(200):
            self.a_events += self.a.tick(self.at)
            self.b_events += self.b.tick(self.at)
            from_a, from_b = self.a.take(), self.b.take()
            if not from_a and not from_b:
                return
            for octets in from_a:
                if self._passes("a", octets):
                    self.b_events += self.b.feed(octets, self.at)
            for octets in from_b:
                if self._passes("b", octets):
                    self.a_events += self.a.feed(octets, self.at)
        raise AssertionError(f"they never stop talking: {self.log[-20:]}")

    def wait(self, seconds: float) -> None:
        """Lets time pass, as slowly as both want to be called."""
        until = self.at + seconds
        while True:
            self.run()
            due = [when for when in (self.a.due(), self.b.due()) if when is not None]
            if not due or min(due) > until:
                break
            self.at = max(self.at, min(due))
        self.at = until

    def _passes(self, sender: str, octets: bytes) -> bool:
        message = decode_h245(octets)
        if self.drop(sender, message):
            return False
        self.log.append((sender, message[1][0]))
        return True

    def said(self, sender: str) -> list[str]:
        return [name for who, name in self.log if who == sender]


def losing(*names: str, sender: str = "") -> Drop:
    """Loses every message of these names, from one side or both."""
    return lambda who, message: message[1][0] in names and (not sender or who == sender)


def one(events: list[Event], kind: type) -> Any:
    """The only event of its kind."""
    found = [event for event in events if isinstance(event, kind)]
    assert len(found) == 1, events
    return found[0]


def none(events: list[Event], *kinds: type) -> bool:
    return not any(isinstance(event, kinds) for event in events)


def opened(kind: Kind = "audio", fmt: Format = PCMU) -> tuple[Pair, int]:
    """A channel of ``a`` that ``b`` has taken."""
    pair = Pair().started()
    number = pair.a.open(kind, fmt, None, RTCP)
    pair.run()
    pair.b.accept(one(pair.b_events, ChannelOffered).number, THEIR_RTP, THEIR_RTCP)
    pair.run()
    return pair, number


def sending() -> Pair:
    """``a`` sends picture, sound and slides."""
    pair = Pair().started()
    pair.a.adopt(FastChannel(True, "video", H264, PICTURE, 2, THEIR_RTP, None))
    pair.a.adopt(FastChannel(True, "audio", PCMU, SOUND, 1, THEIR_RTP, None))
    pair.a.adopt(FastChannel(True, "content", SLIDES, SLIDES_CHANNEL, 32, THEIR_RTP, None))
    pair.b.adopt(FastChannel(False, "video", H264, PICTURE, 2, THEIR_RTP, None))
    return pair


def tell(pair: Pair, kind: str, name: str, body: Any, at: float = 1.0) -> tuple[list[Any], list[Any]]:
    """(events, answers) of a message to ``a``."""
    events = pair.a.feed(encode_h245((kind, (name, body))), at)
    return events, [decode_h245(octets)[1] for octets in pair.a.take()]
