"""Slides on their way to a terminal: real sessions of H.245, and an Asterisk that only notes what it is told."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mcu.core.directory.overrides import Overrides
from mcu.h323 import sip
from mcu.h323.gateway import dialled, slides
from mcu.h323.gateway.formats import local_offer
from mcu.h323.gateway.presentation import Presentation
from mcu.h323.gateway.slides import Slides
from mcu.h323.gateway.terminal_side import TerminalSide
from mcu.h323.h245 import Offer
from mcu.h323.h245 import events as h245
from mcu.h323.h245.h239 import State
from mcu.h323.media import Address
from mcu.h323.sip import sdp
from tests.h323.gateway.test_presentation import Asterisk, Noted
from tests.h323.h245.parties import OFFER, THEIR_RTCP, THEIR_RTP, Pair, losing, none, one

TAG = "0123456789abcdef"
INVITE = (
    b"v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\n"
    b"m=audio 4000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=sendrecv\r\n"
    b"m=video 4002 RTP/AVP 99\r\na=rtpmap:99 H264/90000\r\na=sendrecv\r\n"
)


class Invited(Noted):
    """Asterisk's call."""

    def __init__(self, offer: bytes = INVITE) -> None:
        self.notes: list[tuple[Any, ...]] = []
        super().__init__("sip", self.notes)
        self.up, self.on_event, self.request = False, None, SimpleNamespace(body=offer)

    def answer(self, description: bytes) -> None:
        self.up = True
        self.notes.append(("sip.answer", description))

    def hang_up(self, cause: int = 16, status: int = 480) -> None:
        self.up = False
        self.notes.append(("sip.hang_up", cause, status))

    @property
    def told(self) -> list[str]:
        return [note[0] for note in self.notes]


class Bench:
    """``pair.a`` is ours, ``pair.b`` the terminal's; ``terminal`` says how it answers."""

    def __init__(self, can: Offer = OFFER, overrides: Overrides | None = None) -> None:
        odd = overrides or Overrides()
        ours = local_offer(2_000_000, odd)
        self.pair = Pair(a=ours, b=can).started()
        self.changes = 0
        self.call = SimpleNamespace(
            host=SimpleNamespace(agent=SimpleNamespace(new_call=lambda: Asterisk([])), changed=self._changed),
            link=SimpleNamespace(peer=Address("10.0.0.2", 1720), local=Address("10.0.0.9", 1720)),
            signalling=SimpleNamespace(peer=SimpleNamespace(name="Hội trường")), tag=TAG, door="terminal", name="",
            terminal="hall", ended=False, control=self.pair.a, sip=Asterisk([], True, "own@mcu"),
            streams=SimpleNamespace(overrides=odd, offer=ours), flush=lambda: None, reaches=lambda address: True,
        )  # fmt: skip
        call = cast(TerminalSide, self.call)
        self.presentation = Presentation(call, lambda event: self.presentation.sip_event(event))
        self.slides = Slides(call, self.presentation, lambda event: self.slides.sip_event(event))
        self.invited = Invited()
        self.everyone: list[Invited] = []  # of Asterisk's calls

    def _changed(self, call: object) -> None:
        self.changes += 1

    def invite(self, offer: bytes = INVITE) -> Invited:
        self.invited = Invited(offer)
        self.everyone.append(self.invited)
        self.slides.invited(cast(sip.SipCall, self.invited))
        return self.invited

    def run(self, *, grant: bool = True, take: bool = True) -> list[h245.Event]:
        """Both sides until nothing more is said, each event taken up at once; what the terminal heard."""
        pair = self.pair
        heard: list[h245.Event] = []
        while True:
            from_a, from_b = pair.a.take(), pair.b.take()
            for event in pair.a.tick(pair.at):
                self._happens(event)
            for octets in from_b:
                if pair._passes("b", octets):
                    for event in pair.a.feed(octets, pair.at):
                        self._happens(event)
            told = pair.b.tick(pair.at)
            for octets in from_a:
                if pair._passes("a", octets):
                    told += pair.b.feed(octets, pair.at)
                while told:
                    heard.append(told.pop(0))
                    self._terminal(heard[-1], grant=grant, take=take)
            heard += told
            if not from_a and not from_b:
                return heard

    def _happens(self, event: h245.Event) -> None:
        """As in Call.controlled."""
        if self.slides.took(event):
            return
        if isinstance(event, h245.ChannelOffered):
            self.presentation.offered(event)
        elif isinstance(event, h245.ChannelClosed) and event.by_peer:
            self.presentation.closed(event.number)
        else:
            self.presentation.token(event)

    def _terminal(self, event: h245.Event, *, grant: bool, take: bool) -> None:
        match event:
            case h245.TokenRequested():
                self.pair.b.grant_token() if grant else self.pair.b.refuse_token()
            case h245.ChannelOffered(number):
                if take:
                    self.pair.b.accept(number, THEIR_RTP, THEIR_RTCP)
                else:
                    self.pair.b.reject(number, "dataTypeNotSupported")
            case h245.ChannelCloseRequested(number):
                self.pair.b.close(number)
            case _:
                pass

    def shown(self) -> Invited:
        """Slides that flow."""
        self.invite()
        self.run()
        assert self.slides.up
        self.invited.notes.clear()
        return self.invited

    def token(self) -> State:
        """Whose it is, as we know it."""
        return self.pair.a.token

    @property
    def channel(self) -> int:
        """The channel that it receives."""
        (number,) = self.pair.a._channels.ours
        return number


@pytest.fixture
async def bench() -> Bench:
    return Bench()


async def test_the_token_first_then_a_channel_for_a_presentation_then_asterisk_is_answered(bench: Bench) -> None:
    invited = bench.invite()
    bench.pair.log.clear()
    heard = bench.run()
    offered = one(heard, h245.ChannelOffered)
    assert (offered.kind, offered.session, offered.format.codec) == ("content", 32, "h264")
    assert offered.format.payload_type == 99, "nobody rewrites payload types on the way"
    assert offered.rtcp == Address("10.0.0.9", 4003)
    assert bench.pair.said("a") == ["genericRequest", "genericIndication", "openLogicalChannel", "genericIndication"]
    ((_, description),) = invited.notes
    sound, picture = sdp.read(description).media
    assert (sound.kind, sound.address, sound.direction) == ("audio", Address("127.0.0.1", 9), "recvonly")
    assert (picture.address, picture.direction) == (THEIR_RTP, "recvonly")
    assert [(form.payload_type, form.codec) for form in picture.formats] == [(99, "h264")]
    assert bench.slides.up
    assert bench.pair.a.token is State.OURS


async def test_asterisk_hangs_up_and_channel_and_token_go_back(bench: Bench) -> None:
    bench.shown()
    before = bench.changes
    bench.slides.sip_event(sip.Ended(16, "hung up"))
    assert bench.changes > before, "core must hear of it"
    heard = bench.run()
    assert one(heard, h245.ChannelClosed)
    assert one(heard, h245.TokenReleased)
    assert not bench.slides.up
    assert bench.pair.a.token is State.FREE
    bench.shown()


async def test_a_call_given_up_before_it_was_answered_leaves_nothing(bench: Bench) -> None:
    bench.invite()
    bench.slides.sip_event(sip.Ended(16, "cancelled"))
    assert none(bench.run(), h245.ChannelOffered)
    assert bench.pair.a.token is bench.pair.b.token is State.FREE


async def test_a_terminal_that_refuses_the_token_or_the_channel(bench: Bench) -> None:
    invited = bench.invite()
    assert none(bench.run(grant=False), h245.ChannelOffered)
    assert invited.notes == [("sip.hang_up", 17, 486)]
    invited = bench.invite()
    bench.run(take=False)
    assert invited.notes == [("sip.hang_up", 88, 488)]
    assert bench.pair.a.token is State.FREE
    bench.shown()


async def test_a_terminal_that_says_nothing_has_eight_seconds(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slides, "_LIMIT", 0.01)
    bench.pair.drop = losing("openLogicalChannelAck")
    invited = bench.invite()
    bench.run()
    async with asyncio.timeout(60):
        while not invited.notes:
            await asyncio.sleep(0)
    assert invited.notes == [("sip.hang_up", 18, 408)]
    bench.pair.drop = lambda sender, message: False
    assert one(bench.run(), h245.TokenReleased)


async def test_who_wants_to_present_itself_gets_the_token_and_no_more_slides(bench: Bench) -> None:
    invited = bench.shown()
    bench.pair.b.request_token(0)
    heard = bench.run()
    assert one(heard, h245.TokenGranted)
    assert one(heard, h245.ChannelClosed)
    assert invited.notes == [("sip.hang_up", 17, 486)]
    assert bench.pair.b.token is State.OURS
    assert bench.slides.describe() is None
    busy = bench.invite()
    assert busy.notes == [("sip.refuse", 486, 17)]

    bench.pair.b.open("content", OFFER.content[0], None, THEIR_RTCP)
    bench.run()
    assert bench.presentation.begun, "its own channel is no conflict with ours"
    bench.pair.b.release_token()
    bench.run()
    assert bench.slides.describe() is not None
    bench.shown()


async def test_who_keeps_the_token_though_it_has_closed_its_channel_is_asked_for_it(bench: Bench) -> None:
    bench.pair.b.request_token(0)
    bench.run()
    assert bench.slides.describe() is None, "it is about to open a channel"
    number = bench.pair.b.open("content", OFFER.content[0], None, THEIR_RTCP)
    bench.run()
    assert bench.slides.describe() is None
    before = bench.changes
    bench.pair.b.close(number)
    bench.run()
    assert bench.changes > before, "core must hear of it"
    assert bench.slides.describe() is not None
    assert bench.token() is State.THEIRS
    bench.shown()
    assert bench.token() is State.OURS


async def test_who_presented_before_gets_slides_with_the_token_that_it_gave_up(bench: Bench) -> None:
    bench.pair.b.request_token(0)
    bench.pair.b.open("content", OFFER.content[0], None, THEIR_RTCP)
    bench.run()
    assert bench.slides.describe() is None
    bench.presentation.sip_event(sip.Ended(16, "somebody else presents"))
    bench.run()
    assert bench.pair.a.token is State.FREE
    assert bench.slides.describe() is not None
    bench.shown()


async def test_the_channel_closed_by_the_terminal_is_final_but_reopened_is_not(bench: Bench) -> None:
    invited = bench.shown()
    bench.pair.b.request_close(bench.channel)
    heard = bench.run()
    assert one(heard, h245.ChannelClosed)
    assert one(heard, h245.TokenReleased)
    assert invited.notes == [("sip.hang_up", 21, 403)]
    again = bench.shown()
    assert bench.slides.took(h245.ChannelCloseRequested(bench.channel, True))
    assert again.notes == [("sip.hang_up", 17, 486)]


async def test_keyframes_and_rates_of_the_channel_are_the_slides_own(bench: Bench) -> None:
    invited = bench.shown()
    for _ in range(3):
        bench.pair.b.fast_update(bench.channel)
    bench.run()
    assert invited.told == ["sip.info"]
    assert not bench.slides.took(h245.FastUpdate(bench.channel + 1))
    told = bench.slides.describe()
    assert told is not None
    assert told["bit_rate"] == OFFER.content[0].bit_rate

    before = bench.changes
    bench.pair.b.flow_control(bench.channel, 320_000)
    bench.run()
    assert bench.changes > before
    assert cast(dict[str, Any], bench.slides.describe())["bit_rate"] == 320_000
    assert not bench.slides.took(h245.FlowControl(0, 464_000)), "of everything, the main picture has its part too"
    assert cast(dict[str, Any], bench.slides.describe())["bit_rate"] == 200_000
    assert bench.slides.leaves(400_000) == 200_000
    assert not bench.slides.took(h245.FlowControl(0, None))
    assert cast(dict[str, Any], bench.slides.describe())["bit_rate"] == 320_000
    bench.pair.b.flow_control(bench.channel, None)
    bench.run()
    assert bench.slides.describe() == told
    bench.pair.b.flow_control(bench.channel, 0)
    bench.run()
    assert cast(dict[str, Any], bench.slides.describe())["bit_rate"] == 1000
    bench.slides.sip_event(sip.Ended(16, "hung up"))
    assert bench.slides.describe() == told, "it was said of that channel alone"
    bench.slides.end()


async def test_what_an_odd_terminal_is_sent_at_most_is_for_both_pictures() -> None:
    bench = Bench(overrides=Overrides(kbit_to_terminal=768))
    assert cast(dict[str, Any], bench.slides.describe())["bit_rate"] == 352_000
    assert bench.slides.leaves(0) == 0
    bench.shown()
    assert bench.slides.leaves(0) == 352_000
    assert bench.slides.leaves(100_000) == 100_000


async def test_asterisk_refreshes_its_session_or_asks_twice(bench: Bench) -> None:
    invited = bench.shown()
    bench.slides.sip_event(sip.Reinvited(INVITE))
    assert [(line.kind, line.used) for line in sdp.read(invited.notes[-1][1]).media] == [
        ("audio", True),
        ("video", True),
    ]
    bench.slides.sip_event(sip.Reinvited(b""))
    assert invited.told[-1] == "sip.accept"
    bench.slides.sip_event(sip.Reinvited(b"rubbish"))
    second = bench.invite()
    assert invited.told[-2:] == ["sip.reject", "sip.hang_up"]
    bench.run()
    assert second.told == ["sip.answer"]


@pytest.mark.parametrize("offer", [b"rubbish", b"", INVITE.partition(b"m=video")[0], INVITE.replace(b"H264", b"VP8")])
async def test_an_offer_without_a_picture_for_it_is_refused(bench: Bench, offer: bytes) -> None:
    assert bench.invite(offer).notes == [("sip.refuse", 488, 88)]
    assert none(bench.run(), h245.TokenRequested)


@pytest.mark.parametrize(
    ("can", "odd"),
    [
        (replace(OFFER, content=(), h239=False), None),
        (replace(OFFER, content=()), None),
        (OFFER, Overrides(no_h239=True)),
    ],
    ids=["without H.239", "without content", "overridden"],
)
async def test_a_terminal_that_takes_none(can: Offer, odd: Overrides | None) -> None:
    bench = Bench(can, odd)
    assert bench.slides.describe() is None
    assert bench.invite().notes == [("sip.refuse", 488, 88)]
    assert none(bench.run(), h245.TokenRequested, h245.ChannelOffered)


async def test_a_terminal_that_is_not_in_the_room_or_on_hold_is_busy(bench: Bench) -> None:
    bench.call.sip.up = False
    assert bench.invite().notes == [("sip.refuse", 486, 17)]
    bench.call.sip.up = True
    invited = bench.shown()
    bench.pair.b.hold(True)
    bench.run()
    assert invited.told == ["sip.hang_up"]
    assert bench.slides.describe() is None
    assert bench.invite().told == ["sip.refuse"]
    bench.pair.b.hold(False)
    bench.run()
    bench.shown()


async def test_slides_go_with_the_call(bench: Bench) -> None:
    invited = bench.shown()
    bench.call.ended = True
    bench.slides.end()
    assert invited.told == ["sip.hang_up"]


def test_the_call_that_slides_are_for_stands_in_the_target_and_no_terminal_is_called_so() -> None:
    assert dialled.read_slides(f"slides:{TAG}") == TAG
    for other in ("slides", f"slides-{TAG}", f"slides:{TAG}0", "slides:1720", f"Slides:{TAG}", "2001"):
        assert dialled.read_slides(other) == ""
    with pytest.raises(Exception, match="no port"):
        dialled.read(f"slides:{TAG}")
