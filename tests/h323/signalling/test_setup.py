"""What a Setup says: who calls, and what was dialled. Keys in a call."""

from __future__ import annotations

from typing import Any

import pytest

from mcu.h323 import tpkt
from mcu.h323.per import decode_h225, encode_h225
from mcu.h323.q931 import Element, Ie, Kind, Message, elements, encode
from mcu.h323.signalling import (
    CallSignalling,
    Keypad,
    SetupReceived,
    bodies,
)

from .pair import ALICE, BOB, Pair, target
from .wire import packet, sent

# --- names and numbers


@pytest.mark.parametrize(
    ("display", "aliases", "name", "number"),
    [
        (b"Room 5\0", [("dialledDigits", "2000")], "Room 5", "2000"),
        ("Зал".encode("cp1251"), [("h323-ID", "zal")], "Зал", ""),
        (b"???", [("h323-ID", "Зал")], "Зал", ""),
        (b"Zal", [("h323-ID", "Зал"), ("dialledDigits", "7")], "Зал", "7"),
        (b"", [("h323-ID", "zal")], "zal", ""),
        (b"", [], "", ""),
    ],
)
def test_who_calls(display: bytes, aliases: list[tuple[str, str]], name: str, number: str) -> None:
    call = CallSignalling.answering(BOB, 0)
    body = bodies.setup(ALICE, target(), None, (), ())[1] | {"sourceAddress": aliases}
    if not aliases:
        del body["sourceAddress"]
    (setup,) = call.feed(packet(Kind.SETUP, ("setup", body), Element(Ie.DISPLAY, display)), 1)
    assert isinstance(setup, SetupReceived)
    assert (setup.peer.name, setup.peer.number) == (name, number)
    assert setup.peer == call.peer


@pytest.mark.parametrize(
    ("aliases", "called", "number"),
    [
        ([("h323-ID", "board room"), ("dialledDigits", "1001")], "", "1001"),
        ([("transportID", ("ipAddress", {"ip": b"\x7f\0\0\1", "port": 1720}))], "1001", "1001"),
        ([("h323-ID", "192.0.2.2")], "", ""),
        ([], "", ""),
        ([("url-ID", "h323:1001@192.0.2.2")], "", "1001"),
    ],
)
def test_what_was_dialled(aliases: list[Any], called: str, number: str) -> None:
    call = CallSignalling.answering(BOB, 0)
    body = bodies.setup(ALICE, target(alias=""), None, (), ())[1]
    del body["destCallSignalAddress"]  # as Polycom may
    if aliases:
        body["destinationAddress"] = aliases
    ies = (elements.called_number(called),) if called else ()
    (setup,) = call.feed(packet(Kind.SETUP, ("setup", body), *ies), 1)
    assert isinstance(setup, SetupReceived)
    assert setup.number == number


def test_a_number_that_is_keyed_into_setup() -> None:
    call = CallSignalling.answering(BOB, 0)
    body = bodies.setup(ALICE, target(alias=""), None, (), ())
    (setup,) = call.feed(packet(Kind.SETUP, body, elements.keypad("1001#")), 1)
    assert isinstance(setup, SetupReceived)
    assert setup.number == "1001"


def test_a_display_name_of_newer_versions_counts_before_the_element() -> None:
    call = CallSignalling.answering(BOB, 0)
    body = bodies.setup(ALICE, target(), None, (), ())[1] | {"displayName": [{"name": "Phòng họp"}]}
    (setup,) = call.feed(packet(Kind.SETUP, ("setup", body), Element(Ie.DISPLAY, b"old")), 1)
    assert isinstance(setup, SetupReceived)
    assert setup.peer.name == "Phòng họp"


def test_a_setup_without_a_call_reference_is_a_call_all_the_same() -> None:
    call = CallSignalling.answering(BOB, 0)
    body = bodies.setup(ALICE, target(), None, (), ())
    (setup,) = call.feed(packet(Kind.SETUP, body, reference=0), 1)
    assert isinstance(setup, SetupReceived)
    call.connect(display="Weekly")
    (message,) = sent(call)
    assert (message.reference, message.to_originator) == (0, True)
    assert message.get(Ie.DISPLAY) == b"Weekly"


def test_keys_one_by_one_and_long() -> None:
    pair = Pair().connected()
    pair.caller.keypad("1234567890" * 5)
    assert pair.settle()[1] == [Keypad(("1234567890" * 5)[:32]), Keypad(("1234567890" * 5)[32:])]
    message = packet(Kind.INFORMATION, None, Element(Ie.KEYPAD, b"5\xff"))
    assert pair.callee.feed(message + packet(Kind.INFORMATION), 101) == [Keypad("5")]


def test_version_1_has_no_call_identifier() -> None:
    call = CallSignalling.answering(BOB, 0)
    body = bodies.setup(ALICE, target(), None, (), ())[1]
    body = {k: v for k, v in body.items() if k in ("protocolIdentifier", "sourceInfo", "activeMC", "conferenceID")}
    body |= {
        "protocolIdentifier": (0, 0, 8, 2250, 0, 1),
        "conferenceGoal": ("create", 0),
        "callType": ("pointToPoint", 0),
    }
    uuie = encode_h225({"h323-uu-pdu": {"h323-message-body": ("setup", body)}})
    (setup,) = call.feed(tpkt.frame(encode(Message(Kind.SETUP, 5, False, (elements.user_user(uuie),)))), 1)
    assert isinstance(setup, SetupReceived)
    assert setup.peer.protocol == 1
    assert call.call_id == call.conference_id == target().conference_id
    assert not call.tunnelling
    call.connect(BOB.address)
    octets = elements.read_user_user(sent(call)[0].get(Ie.USER_USER))
    assert octets is not None
    pdu = decode_h225(octets)["h323-uu-pdu"]
    assert pdu["h323-message-body"][1]["protocolIdentifier"][-1] == 1
