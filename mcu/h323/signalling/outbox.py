"""What waits to be sent: H.225 messages, and the tunnelled H.245 messages that ride in them (H.323 8.2.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mcu.h323 import tpkt
from mcu.h323.per import encode_h225
from mcu.h323.q931 import Element, Kind, Message, elements, encode

from .bodies import EMPTY, Body

MAX_H245 = 4000  # octets of one tunnelled message
_BATCH = 5000  # octets of H.245 in one H.225 message, well inside a TPKT of 8 KiB


@dataclass(slots=True)
class _Draft:
    kind: Kind
    body: Body | None
    elements: tuple[Element, ...]
    reference: int
    to_originator: bool
    tunnelling: bool
    ours: bool  # part of the call: tunnelled messages may ride in it
    services: tuple[bytes, ...] = ()  # APDUs of H.450.1


class Outbox:
    def __init__(self) -> None:
        self._drafts: list[_Draft] = []
        self._h245: list[bytes] = []

    def add(
        self,
        kind: Kind,
        body: Body | None,
        ies: tuple[Element, ...],
        *,
        reference: int,
        to_originator: bool,
        tunnelling: bool = False,
        ours: bool = True,
    ) -> None:
        self._drafts.append(_Draft(kind, body, ies, reference, to_originator, tunnelling, ours))

    def serve(self, apdus: list[bytes], reference: int, to_originator: bool, tunnelling: bool) -> None:
        """APDUs of supplementary services, in a Facility of their own."""
        self._drafts.append(
            _Draft(Kind.FACILITY, EMPTY, (), reference, to_originator, tunnelling, True, services=tuple(apdus))
        )

    def tunnel(self, message: bytes) -> None:
        self._h245.append(message)

    def take(self, reference: int, to_originator: bool, tunnelling: bool) -> bytes:
        """All as octets; H.245 goes along if ``tunnelling``, in a Facility of its own where nothing else is sent."""
        batches = self._batches() if tunnelling else []
        last = max((n for n, draft in enumerate(self._drafts) if draft.ours and draft.body), default=-1)
        parts: list[bytes] = []
        for number, draft in enumerate(self._drafts):
            ridden: list[bytes] = []
            if number == last and batches:
                for batch in batches[:-1]:
                    parts.append(_facility(reference, to_originator, batch))
                ridden, batches = batches[-1], []
            parts.append(_octets(draft, ridden))
        parts += [_facility(reference, to_originator, batch) for batch in batches]
        self._drafts.clear()
        return b"".join(parts)

    def _batches(self) -> list[list[bytes]]:
        batches: list[list[bytes]] = []
        room = 0
        for message in self._h245:
            if not batches or len(message) > room:
                batches.append([])
                room = _BATCH
            batches[-1].append(message)
            room -= len(message)
        self._h245.clear()
        return batches


def _facility(reference: int, to_originator: bool, batch: list[bytes]) -> bytes:
    return _octets(_Draft(Kind.FACILITY, EMPTY, (), reference, to_originator, True, True), batch)


def _octets(draft: _Draft, h245: list[bytes]) -> bytes:
    ies = draft.elements
    if draft.body:
        pdu: dict[str, Any] = {"h323-message-body": draft.body, "h245Tunnelling": draft.tunnelling}
        if h245:
            pdu["h245Control"] = h245
        if draft.services:
            pdu["h4501SupplementaryService"] = list(draft.services)
        ies = (*ies, elements.user_user(encode_h225({"h323-uu-pdu": pdu})))
    return tpkt.frame(encode(Message(draft.kind, draft.reference, draft.to_originator, ies)))
