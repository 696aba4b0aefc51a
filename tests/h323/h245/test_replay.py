"""Every captured session again, with ours in the place of either side: it says what the real one said."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from mcu.h323.h245 import Control, Offer, olc
from mcu.h323.h245.events import (
    ChannelAccepted,
    ChannelOffered,
    Determined,
    Ended,
    Event,
    FastUpdate,
    Lost,
    PeerCapabilities,
    TokenGranted,
    TokenRequested,
    UserInput,
)
from mcu.h323.h245.fast import FastChannel
from mcu.h323.h245.olc import Proposal
from mcu.h323.h245.peer import Peer
from mcu.h323.media import Address, Format
from mcu.h323.per import decode_h245, encode_h245
from tests.h323.h245.dialogues import Dialogue, dialogues

AT = 1.0
ALL = list(dialogues())

# Said about a channel by its number: what the peer says about ours bears the number that the real side had given.
OF_OURS = {
    "openLogicalChannelAck",
    "openLogicalChannelReject",
    "closeLogicalChannelAck",
    "requestChannelClose",
    "miscellaneousCommand",
    "flowControlCommand",
}


class Captured(random.Random):
    """Draws the number that the real side has drawn."""

    def __init__(self, number: int) -> None:
        super().__init__(0)
        self._number = number

    def randrange(self, *_: Any) -> int:
        return self._number

    def randint(self, *_: Any) -> int:
        return 95


class Side:
    """Our session in the place of ``me``: it is made to do what ``me`` did of its own accord."""

    def __init__(self, dialogue: Dialogue, me: str) -> None:
        self.dialogue, self.me = dialogue, me
        mine = [decode_h245(octets) for sender, octets in dialogue.messages if sender == me]
        drawn = [body[1] for _, body in mine if body[0] == "masterSlaveDetermination"]
        self.asks = bool(drawn)  # for the determination; who was asked first leaves it at that
        first = drawn[0] if drawn else {"terminalType": 50, "statusDeterminationNumber": 1}
        self.control = Control(_offer(mine), first["terminalType"], 0.0, Captured(first["statusDeterminationNumber"]))
        self.events: list[Event] = []
        self.numbers: dict[int, int] = {}  # the real side's number of a channel: ours
        self.said: list[Any] = []

    def replay(self) -> None:
        if self.asks:
            self.control.start(AT)
        for sender, octets in self.dialogue.messages:
            if sender == self.me:
                self._do(*decode_h245(octets)[1])
            else:
                self._hear(octets)
        self.events += self.control.tick(AT)
        self._flush()

    def _flush(self) -> None:
        self.said += [decode_h245(octets) for octets in self.control.take()]

    def _hear(self, octets: bytes) -> None:
        kind, (name, body) = decode_h245(octets)
        if name in OF_OURS:
            for key in ("forwardLogicalChannelNumber", "logicalChannelNumber"):
                if key in body:
                    body = {**body, key: self.numbers.get(body[key], body[key])}
        self.events += self.control.feed(encode_h245((kind, (name, body))), AT)
        self._flush()

    def _do(self, name: str, body: Any) -> None:
        """What the real side said because its user or its program wanted it."""
        control = self.control
        if name == "terminalCapabilitySet" and not self.asks:
            control.start(AT)
        elif name == "openLogicalChannel":
            proposal = olc.read(body)
            assert proposal is not None
            assert proposal.rtcp is not None
            number = control.open(proposal.kind, proposal.format, proposal.rtp, proposal.rtcp)
            self.numbers[proposal.number] = number
        elif name == "openLogicalChannelAck":
            answer = olc.read_acknowledgement(body)
            assert answer.rtp is not None
            assert answer.rtcp is not None
            control.accept(body["forwardLogicalChannelNumber"], answer.rtp, answer.rtcp)
        elif name == "closeLogicalChannel":
            number = body["forwardLogicalChannelNumber"]
            if number not in self.numbers:  # fast start opened it
                fmt = Format(codec="pcmu", payload_type=0)
                there = Address("127.0.0.9", 9000)
                self.numbers[number] = control.adopt(FastChannel(True, "audio", fmt, number, 1, there, None))
            control.close(self.numbers[number])
        elif name == "userInput":
            form, value = body
            control.user_input(value if form == "alphanumeric" else value["signalType"])
        elif name == "miscellaneousCommand":
            if body["logicalChannelNumber"] not in control._channels.theirs:  # fast start opened it
                proposal = Proposal(body["logicalChannelNumber"], "video", Format(codec="h261"), 2, None, None)
                control._channels.adopt(proposal, sending=False)
            control.fast_update(body["logicalChannelNumber"])
        elif name == "genericRequest":
            control.request_token(103)
        elif name == "genericResponse":
            control.grant_token()
        elif name == "genericCommand":
            control.release_token()
        elif name == "endSessionCommand":
            control.end()
        self._flush()


def _offer(mine: list[Any]) -> Offer:
    """What the real side offers in its capability set; everything that is in use where it never sent one."""
    sets = [body[1] for _, body in mine if body[0] == "terminalCapabilitySet"]
    peer = Peer()
    if sets:
        peer.read(sets[0])
    return Offer(audio=peer.audio, video=peer.video, content=peer.content, h239=peer.h239, telephone_event=101)


CASES = [(dialogue, side) for dialogue in ALL for side in dialogue.sides]


@pytest.mark.parametrize(("dialogue", "me"), CASES, ids=lambda value: str(value))
def test_it_says_what_the_real_side_said(dialogue: Dialogue, me: str) -> None:
    side = Side(dialogue, me)
    side.replay()
    real = [decode_h245(octets) for sender, octets in dialogue.messages if sender == me]

    # logicalChannelActive is of no use to anybody: we don't say it.
    wanted = Counter(body[0] for _, body in real if body[0] != "miscellaneousIndication")
    said = Counter(body[0] for _, body in side.said)
    if not wanted["endSessionCommand"]:  # the connection was closed without: we do answer EndSession
        del said["endSessionCommand"]
    assert said == wanted
    assert not side.control.garbled
    assert not side.control.unsent
    assert all(not isinstance(event, Lost) for event in side.events)
    assert _bodies(side.said, "terminalCapabilitySetAck") == _bodies(real, "terminalCapabilitySetAck")
    if side.asks:  # else the number that it decided with is not known
        assert _bodies(side.said, "masterSlaveDeterminationAck") == _bodies(real, "masterSlaveDeterminationAck")
    heard = {decode_h245(octets)[1][0] for sender, octets in dialogue.messages if sender != me}
    assert any(isinstance(event, Ended) for event in side.events[-1:]) == ("endSessionCommand" in heard)
    for name in ("openLogicalChannel", "openLogicalChannelAck"):
        for ours, theirs in zip(_bodies(side.said, name), _bodies(real, name), strict=True):
            _same_channel(ours, theirs)


def _bodies(messages: list[Any], name: str) -> list[Any]:
    return [body[1] for _, body in messages if body[0] == name]


def _same_channel(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    mine, real = olc.read_acknowledgement(ours), olc.read_acknowledgement(theirs)
    assert mine == real
    if "forwardLogicalChannelParameters" in theirs:
        one, other = olc.read(ours), olc.read(theirs)
        assert one is not None
        assert other is not None
        assert (one.kind, one.session, one.rtcp, one.format.payload_type) == (
            other.kind,
            other.session,
            other.rtcp,
            other.format.payload_type,
        )
        assert one.format.codec == other.format.codec
        assert one.format.parameters == other.format.parameters


def test_all_that_was_captured_is_replayed() -> None:
    assert len(ALL) == 17
    assert sum(len(dialogue.messages) for dialogue in ALL) > 300


def test_h239_is_seen_as_what_it_was() -> None:
    dialogue = next(d for d in ALL if d.folder == "h239")
    sides = [Side(dialogue, me) for me in dialogue.sides]
    for side in sides:
        side.replay()
    called, caller = sides
    assert [type(e) for e in caller.events if isinstance(e, TokenGranted)] == [TokenGranted]
    assert [e.number for e in called.events if isinstance(e, TokenRequested)] == [103]
    offered = [e for e in called.events if isinstance(e, ChannelOffered)]
    assert [(e.kind, e.session, e.format.codec) for e in offered] == [
        ("audio", 1, "pcma"),
        ("video", 2, "h264"),
        ("content", 32, "h264"),
    ]
    assert offered[2].format.payload_type == 98
    assert offered[2].rtcp == Address("127.0.0.1", 5005)
    accepted = [e for e in caller.events if isinstance(e, ChannelAccepted)]
    assert [(e.kind, e.rtp, e.payload_type) for e in accepted] == [
        ("audio", Address("127.0.0.2", 5000), 8),
        ("video", Address("127.0.0.2", 5002), 96),
        ("content", Address("127.0.0.2", 5004), 98),
    ]
    assert [e.digits for e in called.events if isinstance(e, UserInput)] == ["1", "2", "#"]
    assert sum(isinstance(e, FastUpdate) for e in caller.events) > 10
    assert [e.master for e in called.events if isinstance(e, Determined)] != [
        e.master for e in caller.events if isinstance(e, Determined)
    ]
    for side in sides:
        told = next(e for e in side.events if isinstance(e, PeerCapabilities))
        assert [f.codec for f in told.audio] == ["pcma", "pcmu"]
