"""The messages of a call, for who wants to know why a terminal does not get on with us: as text and as a pcap file."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from mcu.errors import McuError
from mcu.h323 import per, q931, sip, tpkt
from mcu.h323.gateway import pcap
from mcu.h323.media import Address
from mcu.h323.q931 import elements

Way = Literal["in", "out"]
MOST_RECORDS = 5000
MOST_OCTETS = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Record:
    at: float  # seconds since the epoch
    kind: Literal["h225", "h245", "note"]
    way: Way
    octets: bytes
    ends: (
        tuple[Address, Address] | None
    )  # ours and the peer's; None inside a tunnel, whose carrier is in the trace, too


class Trace:
    """``on`` switches it; what is beyond the bounds is not kept, and said so."""

    def __init__(self, local: Address, peer: Address, on: bool) -> None:
        self.on = on
        self._ends = (local, peer)
        self._records: list[Record] = []
        self._octets = 0
        self._full = False

    def signalling(self, way: Way, octets: bytes) -> None:
        """A piece of the H.225 connection's stream."""
        if self.on:
            self._keep("h225", way, octets, self._ends)

    def control(self, way: Way, message: bytes, ends: tuple[Address, Address] | None) -> None:
        """An H.245 message."""
        if self.on:
            self._keep("h245", way, message, ends)

    def note(self, text: str) -> None:
        if self.on:
            self._keep("note", "in", text.encode(), None)

    def asterisk(self, event: sip.SipEvent) -> None:
        """What the other side of the gateway says."""
        if self.on:
            fields = [getattr(event, field.name) for field in dataclasses.fields(event)]
            told = [one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one) for one in fields]
            self.note(f"SIP {type(event).__name__} {' '.join(told)}".strip())

    def _keep(self, kind: Literal["h225", "h245", "note"], way: Way, octets: bytes, ends: object) -> None:
        if self._full:
            return
        if len(self._records) >= MOST_RECORDS or self._octets + len(octets) > MOST_OCTETS:
            self._full = True
            kind, octets, ends = "note", b"the trace is full, what follows was not kept", None
        pair = ends if isinstance(ends, tuple) else None
        self._records.append(Record(time.time(), kind, way, octets, pair))
        self._octets += len(octets)

    def text(self) -> str:
        """All messages decoded, in order, each under a line with its time and way."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        streams = {"in": tpkt.Deframer(), "out": tpkt.Deframer()}
        yield f"H.323 call between us at {self._ends[0]} and {self._ends[1]}"
        for record in self._records:
            head = f"{datetime.fromtimestamp(record.at, UTC).isoformat(timespec='milliseconds')} "
            head += {"in": "<-", "out": "->"}[record.way]
            if record.kind == "note":
                yield f"{head} {record.octets.decode('utf-8', 'replace')}"
            elif record.kind == "h245":
                yield f"{head} H.245 {_h245(record.octets)}"
            else:
                for packet in streams[record.way].feed(record.octets):
                    yield f"{head} H.225 {_h225(packet)}"

    def pcap(self) -> bytes:
        """For Wireshark: the octets in IP and TCP headers that are made up around the true addresses and ports."""
        writer = pcap.Writer()
        for record in self._records:
            if record.ends is None:
                continue
            ours, theirs = record.ends
            octets = tpkt.frame(record.octets) if record.kind == "h245" else record.octets
            source, target = (theirs, ours) if record.way == "in" else (ours, theirs)
            writer.add(record.at, source, target, octets)
        return writer.octets()


def _h245(octets: bytes) -> str:
    try:
        return per.text(per.decode_h245(octets))
    except McuError as fault:
        return f"garbled ({fault}): {octets[:200].hex()}"


def _h225(packet: bytes) -> str:
    try:
        message = q931.decode(packet)
        uuie = elements.read_user_user(message.get(q931.Ie.USER_USER))
        inner = "" if not uuie else "\n" + per.text(per.decode_h225(uuie))
    except McuError as fault:
        return f"garbled ({fault}): {packet[:200].hex()}"
    known = message.kind in q931.Kind.__members__.values()
    name = q931.Kind(message.kind).name.lower() if known else f"message {message.kind:#x}"
    return f"{name}, call reference {message.reference}{inner}"
