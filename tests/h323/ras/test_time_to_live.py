"""A registration lasts as long as it is kept alive, or until its terminal takes its leave."""

from __future__ import annotations

from mcu.h323 import per
from mcu.h323.ras import messages as ras
from mcu.h323.ras.events import Unregistered
from mcu.h323.ras.registry import GRACE
from mcu.h323.transport import transport
from tests.h323.ras.terminal import OPEN, Terminal, gatekeeper, told


def test_a_registration_expires_unless_it_is_kept_alive() -> None:
    gk = gatekeeper(OPEN)
    terminal = Terminal(gk, aliases=("2002",))
    answer = terminal.rrq(timeToLive=60)
    assert answer is not None
    assert answer[1]["timeToLive"] == 60
    assert gk.due() == 60 + GRACE
    terminal.at = 50
    assert told(terminal.keep_alive()) == "registrationConfirm"
    assert terminal.events == []
    assert gk.tick(60 + GRACE) == []
    assert gk.tick(110 + GRACE) == [Unregistered(endpoint=terminal.endpoint, account="open", reason="expired")]
    ((octets, target),) = gk.take()
    name, body = per.decode_ras(octets)
    assert (name, ras.reason_of(body), target) == ("unregistrationRequest", "ttlExpired", terminal.source)
    assert body["endpointIdentifier"] == terminal.endpoint
    assert gk.find("2002") is None
    terminal.at = 140
    assert told(terminal.keep_alive()) == "registrationReject fullRegistrationRequired"


def test_an_unanswered_farewell_is_said_twice() -> None:
    gk = gatekeeper(OPEN)
    terminal = Terminal(gk, aliases=("2002",))
    terminal.rrq()
    gk.stop(1)
    assert [per.decode_ras(octets)[0] for octets, _ in gk.take()] == ["unregistrationRequest"]
    assert gk.due() == 4
    gk.tick(4)
    ((octets, _),) = gk.take()
    seq = per.decode_ras(octets)[1]["requestSeqNum"]
    terminal.at = 5
    terminal.send(per.encode_ras(("unregistrationConfirm", {"requestSeqNum": seq})))
    assert gk.due() is None
    gk.tick(60)
    assert gk.take() == []


def test_a_keep_alive_from_elsewhere_keeps_nothing_alive() -> None:
    gk = gatekeeper(OPEN)
    terminal = Terminal(gk, aliases=("2002",))
    terminal.rrq()
    thief = Terminal(gk, host="10.6.6.6", endpoint=terminal.endpoint)
    assert told(thief.keep_alive()) == "registrationReject fullRegistrationRequired"
    assert told(thief.urq()) == "unregistrationReject notCurrentlyRegistered"
    terminal.port = 40_000  # but a NAT gives it another port
    assert told(terminal.keep_alive()) == "registrationConfirm"


def test_old_equipment_takes_its_leave_by_its_address() -> None:
    terminal = Terminal(gatekeeper(OPEN), aliases=("2002",))
    terminal.rrq()
    address = [transport(terminal.signalling)]
    assert told(Terminal(terminal.gk, host="10.6.6.6").say("unregistrationRequest", callSignalAddress=address)) == (
        "unregistrationReject notCurrentlyRegistered"
    )
    assert told(terminal.say("unregistrationRequest", callSignalAddress=address)) == "unregistrationConfirm"
    assert [type(event) for event in terminal.events] == [Unregistered]
