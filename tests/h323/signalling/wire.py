"""Single messages as a peer would write them, and what our side wrote."""

from __future__ import annotations

from typing import Any

from mcu.h323 import tpkt
from mcu.h323.media import Address
from mcu.h323.per import encode_h225
from mcu.h323.q931 import Element, Ie, Kind, Message, decode, elements, encode
from mcu.h323.signalling import (
    CallSignalling,
    bodies,
)

from .pair import BOB, CALL_ID

OURS = int.from_bytes(CALL_ID[-2:], "big") & 0x7FFF
THERE = Address("192.0.2.9", 2000)


def packet(
    kind: int,
    body: tuple[str, Any] | None = None,
    *ies: Element,
    reference: int = OURS,
    to_originator: bool = False,
    **pdu: Any,
) -> bytes:
    if body:
        uuie = {"h323-uu-pdu": {"h323-message-body": body, "h245Tunnelling": True} | pdu}
        ies = (*ies, elements.user_user(encode_h225(uuie)))
    return tpkt.frame(encode(Message(kind, reference, to_originator, ies)))


def facility(reason: str, call_id: bytes = CALL_ID, **fields: Any) -> tuple[str, Any]:
    return "facility", bodies.facility(7, call_id, reason)[1] | fields


def sent(call: CallSignalling) -> list[Message]:
    return [decode(octets) for octets in tpkt.Deframer().feed(call.take())]


def causes_sent(call: CallSignalling) -> list[tuple[int, int | None]]:
    return [(message.kind, elements.read_cause(message.get(Ie.CAUSE))) for message in sent(call)]


def answer(name: str, tunnelling: bool, **fields: Any) -> bytes:
    kind = {"callProceeding": Kind.CALL_PROCEEDING, "alerting": Kind.ALERTING, "connect": Kind.CONNECT}[name]
    body = bodies.answer(name, BOB, 7, CALL_ID, None, (), False)
    if name == "connect":
        body["conferenceID"] = bytes(16)
    pdu = {name: fields.pop(name) for name in tuple(fields) if name.startswith(("h245C", "prov"))}
    return packet(kind, (name, body | fields), to_originator=True, h245Tunnelling=tunnelling, **pdu)
