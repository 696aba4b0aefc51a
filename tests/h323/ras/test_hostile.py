"""What nobody should send: mutations, floods, forgeries. Nothing raises, nothing grows."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from mcu.h323 import per
from mcu.h323.media import Address
from mcu.h323.ras import Account
from mcu.h323.ras import messages as ras
from mcu.h323.ras.client import Client, Phase
from mcu.h323.ras.events import Joined, Registered
from mcu.h323.ras.guard import SEEN_MOST
from tests.h323.ras.terminal import EPOCH, Terminal, gatekeeper, told
from tests.h323.ras.wire import GK, MEMBER, Wire
from tests.h323.ras.wire import gatekeeper as outside
from tests.h323.vectors import everything

HUE = Account(name="hue", aliases=("2001",), password="p")
CAPTURED = [vector.octets for vector in everything() if vector.kind == "ras"]


def mutated(octets: bytes, dice: random.Random) -> bytes:
    data = bytearray(octets)
    for _ in range(dice.randint(1, 4)):
        match dice.randrange(4):
            case 0:
                data[dice.randrange(len(data))] = dice.randrange(256)
            case 1:
                del data[dice.randrange(len(data)) :]
            case 2:
                data[dice.randrange(len(data)) : 0] = dice.randbytes(dice.randint(1, 8))
            case _:
                data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        if not data:
            return b"\0"
    return bytes(data)


def test_mutations_never_raise_and_never_fill_the_tables() -> None:
    dice = random.Random(323)
    gk = gatekeeper(HUE, guests=True, most_endpoints=20, most_calls=20, messages_a_second=1e9)
    terminal = Terminal(gk, password="p")
    terminal.rrq()
    samples = [*CAPTURED, terminal.sent]
    terminal.arq("1001")
    samples.append(terminal.sent)
    for turn in range(6000):
        source = Address(f"10.0.{dice.randrange(4)}.{dice.randrange(1, 255)}", dice.randrange(1, 65536))
        gk.feed(mutated(dice.choice(samples), dice), source, turn / 100)
        for octets, _ in gk.take():
            per.decode_ras(octets)  # we send nothing that can't be read
        gk.tick(turn / 100)
    assert len(gk.registry) <= 20
    assert gk.registry.calls <= 20
    assert 0 < gk.garbled < 6000
    # And it still serves.
    terminal.at, terminal.password = 60, "p"
    assert told(terminal.rrq()) == "registrationConfirm"


@settings(max_examples=300)
@given(st.binary(max_size=300))
def test_octets_at_random(octets: bytes) -> None:
    gk = gatekeeper(HUE, guests=True)
    gk.feed(octets, Address("10.0.0.1", 1), 0)
    gk.take()


def test_a_host_that_sends_too_much_is_not_heard() -> None:
    gk = gatekeeper(guests=True, messages_a_second=5)
    flood = Terminal(gk, aliases=("7000",))
    answers = [flood.grq() for _ in range(50)]
    assert sum(answer is not None for answer in answers) == 10
    assert gk.throttled == 40
    assert told(Terminal(gk, host="10.0.0.8", aliases=("7001",)).rrq()) == "registrationConfirm"
    flood.at = 1.0
    assert sum(flood.grq() is not None for _ in range(50)) == 5


def test_many_ipv6_addresses_of_one_link_are_one_that_sends_too_much() -> None:
    gk = gatekeeper(guests=True, messages_a_second=5)
    answers = [Terminal(gk, host=f"2001:db8::{n:x}", aliases=("7000",)).grq() for n in range(1, 51)]
    assert sum(answer is not None for answer in answers) == 10
    assert Terminal(gk, host="2001:db8:0:1::1", aliases=("7001",)).grq() is not None


def test_hosts_answers_and_tokens_are_forgotten() -> None:
    gk = gatekeeper(HUE, messages_a_second=1e9)
    terminal = Terminal(gk, password="p")
    for n in range(3000):
        terminal.at = n / 10
        terminal.rrq()
    assert len(gk._answers) <= 1024
    assert len(gk.guard._memories["hue"].seen) <= SEEN_MOST
    for n in range(3000):
        gk.feed(b"\xff", Address(f"10.{n >> 8}.{n & 255}.1", 1), 301)
    assert len(gk._throttle._buckets) <= 2048


def test_tokens_older_than_what_is_remembered_are_used_up() -> None:
    """Or flooding us with good ones would make room for replaying a bad one."""
    gk = gatekeeper(HUE, messages_a_second=1e9)
    terminal = Terminal(gk, password="p")
    terminal.rrq()
    overheard = terminal.sent
    for n in range(SEEN_MOST + 1):
        terminal.at = 1 + n / 100
        terminal.rrq()
    body = per.decode_ras(overheard)[1]
    thief = Terminal(gk, host="10.6.6.6", at=30)
    assert told(thief.send(overheard)) == "registrationReject securityReplay"
    assert body["requestSeqNum"] == 1


def test_an_echo_is_not_answered_for_ever() -> None:
    """XRS to XRS, rejects to rejects: a forged source must not set two machines talking."""
    gk = gatekeeper(HUE)
    other = Address("10.0.0.1", 1719)
    octets = per.encode_ras(("nonStandardMessage", {"requestSeqNum": 1, "nonStandardData": {
        "nonStandardIdentifier": ("object", (1, 2)), "data": b"x"}}))  # fmt: skip
    for _ in range(5):
        gk.feed(octets, other, 0)
        out = gk.take()
        if not out:
            break
        octets = out[0][0]
    assert out == []


def test_a_name_in_a_message_never_breaks_a_line() -> None:
    gk = gatekeeper(guests=True)
    terminal = Terminal(gk, aliases=("x\r\ny", "\u202eevil", "a" * 200))
    terminal.rrq(endpointVendor=ras.vendor("bad\r\n\0name", "1"))
    (event,) = terminal.events
    assert isinstance(event, Registered)
    assert event.product == "badname 1"
    assert event.aliases == ("xy", "evil", "a" * 200)


def test_a_mutating_gatekeeper_does_not_upset_its_client() -> None:
    dice = random.Random(1719)
    wire = Wire(Client(MEMBER, epoch=EPOCH), {GK: outside(Account(name="mcu", aliases=("1000",)))})
    assert [type(event) for event in wire.start()] == [Joined]
    sent = list(CAPTURED)
    for turn in range(4000):
        at = turn / 10
        if wire.client.registered and turn % 7 == 0:
            call = turn.to_bytes(16, "big")
            wire.client.calls.admit(at, call_id=call, conference_id=call, reference=0, bit_rate=64_000, dialled=["1"])
        for octets, _ in wire.client.take():
            sent = [*sent[-200:], octets]
        # What it asked is answered under its own number, or nothing would get far.
        octets = mutated(dice.choice(sent), dice)
        wire.client.feed(octets[:1] + sent[-1][1:3] + octets[3:] if len(octets) > 3 else octets, GK, at)
        wire.client.tick(at)
        if wire.client.phase is Phase.WAITING:
            wire.client.start(at)
    assert len(wire.client.link.questions) < 4096
    assert len(wire.client.calls) < 2000
    # In peace it finds its way back.
    wire.at = 1000
    wire.client.take()
    wire.client.stop(1000)
    wire.client.take()
    assert [type(event) for event in wire.start()] == [Joined]
