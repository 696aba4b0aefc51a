"""A terminal's second picture, between a terminal and an Asterisk that only note what they are told."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mcu.core.directory.overrides import Overrides
from mcu.h323 import sip
from mcu.h323.gateway import info
from mcu.h323.gateway.formats import local_offer
from mcu.h323.gateway.presentation import Presentation
from mcu.h323.gateway.terminal_side import TerminalSide
from mcu.h323.h245 import events as h245
from mcu.h323.media import Address, Format
from mcu.h323.sip import sdp

FORM = Format(codec="h264", payload_type=101, fmtp="profile-level-id=42e01f;packetization-mode=1", bit_rate=1_000_000)
SLIDES = h245.ChannelOffered(7, "content", FORM, Address("10.0.0.2", 50_001), 32)
ANSWER = (
    b"v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\n"
    b"m=audio 4000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=sendrecv\r\n"
    b"m=video 4002 RTP/AVP 101\r\na=rtpmap:101 H264/90000\r\na=sendrecv\r\n"
)


class Noted:
    """Whatever method is called is noted, with what it was given."""

    def __init__(self, name: str, notes: list[tuple[Any, ...]]) -> None:
        self._name, self._notes = name, notes

    def __getattr__(self, method: str) -> Any:
        if method.startswith("__"):
            raise AttributeError(method)

        def note(*given: Any, **named: Any) -> None:
            self._notes.append((f"{self._name}.{method}", *given, *([named] if named else [])))

        return note


class Asterisk(Noted):
    """A SIP call."""

    def __init__(self, notes: list[tuple[Any, ...]], up: bool = False, call_id: str = "") -> None:
        super().__init__("sip", notes)
        self.up, self.call_id, self.on_event = up, call_id, None


class Bench:
    def __init__(self, own_up: bool = True) -> None:
        self.notes: list[tuple[Any, ...]] = []
        self.placed: list[Asterisk] = []
        self.own = Asterisk([], own_up, "own@mcu")
        call = SimpleNamespace(
            host=SimpleNamespace(agent=SimpleNamespace(new_call=self.new_call), changed=lambda call: None),
            link=SimpleNamespace(peer=Address("10.0.0.2", 1720), local=Address("10.0.0.9", 1720)),
            signalling=SimpleNamespace(peer=SimpleNamespace(name="Hội trường")),
            tag="0123456789abcdef", door="terminal", terminal="hall", name="", ended=False,
            control=Noted("control", self.notes), sip=self.own, flush=lambda: None,
            reaches=lambda address: address.host != "127.0.0.1",
        )  # fmt: skip
        self.presentation = Presentation(cast(TerminalSide, call), self.hear)

    def new_call(self) -> Asterisk:
        self.placed.append(Asterisk(self.notes))
        return self.placed[-1]

    def hear(self, event: sip.SipEvent) -> None:
        self.presentation.sip_event(event)

    def offer(self) -> sdp.Description:
        name, _number, offer, _named = self.notes[-1]
        assert name == "sip.place"
        return sdp.read(offer)

    def answer(self) -> None:
        self.placed[-1].up = True
        self.hear(sip.Answered(ANSWER))

    def present(self) -> None:
        self.presentation.token(h245.TokenRequested(0))
        self.presentation.offered(SLIDES)
        self.answer()
        self.notes.clear()

    @property
    def told(self) -> list[str]:
        return [note[0] for note in self.notes]


@pytest.fixture
async def bench() -> Bench:
    return Bench()


async def test_slides_become_a_call_of_their_own_that_says_whose_they_are(bench: Bench) -> None:
    bench.presentation.token(h245.TokenRequested(0))
    bench.presentation.offered(SLIDES)
    assert bench.told == ["control.grant_token", "sip.place"]
    _, number, _, named = bench.notes[-1]
    assert number == ""
    assert named["display"] == "Hội trường"
    assert named["headers"] == {
        "X-MCU-H323": "0123456789abcdef", "X-MCU-Presentation": "own@mcu", "X-MCU-Door": "terminal",
        "X-MCU-Terminal": "hall",
    }  # fmt: skip
    sound, picture = bench.offer().media
    assert (sound.kind, sound.address, sound.direction) == ("audio", Address("127.0.0.1", 9), "recvonly")
    assert (picture.kind, picture.address, picture.direction) == ("video", Address("10.0.0.2", 50_000), "sendrecv")
    assert [(form.codec, form.payload_type, form.fmtp) for form in picture.formats] == [("h264", 101, FORM.fmtp)]

    bench.answer()
    assert bench.notes[-1] == ("control.accept", 7, Address("10.0.0.9", 4002), Address("10.0.0.9", 4003))
    assert bench.presentation.up


async def test_before_the_terminal_is_in_the_room_its_channel_waits_and_its_token_is_refused() -> None:
    bench = Bench(own_up=False)
    bench.presentation.token(h245.TokenRequested(0))
    bench.presentation.offered(SLIDES)
    assert bench.told == ["control.refuse_token"]
    bench.own.up = True
    bench.presentation.begin()
    bench.presentation.begin()
    assert bench.told == ["control.refuse_token", "sip.place"]


async def test_a_room_that_does_not_want_it_is_a_channel_refused(bench: Bench) -> None:
    bench.presentation.offered(SLIDES)
    bench.notes.clear()
    bench.hear(sip.Refused(403, 21))
    assert bench.notes == [("control.reject", 7, "dataTypeNotAvailable")]
    bench.presentation.token(h245.TokenRequested(0))
    bench.presentation.offered(SLIDES)
    assert len(bench.placed) == 2


async def test_an_answer_without_a_picture_is_no_room_for_it(bench: Bench) -> None:
    for answer in (b"v=0\r\nm=audio 4000 RTP/AVP 0\r\n", b"rubbish"):
        bench.presentation.offered(SLIDES)
        bench.notes.clear()
        bench.hear(sip.Answered(answer))
        assert bench.told == ["sip.hang_up", "control.reject"]
        assert not bench.presentation.up


@pytest.mark.parametrize("refused", [False, True])
async def test_who_is_driven_out_is_asked_to_stop_and_for_the_token(bench: Bench, refused: bool) -> None:
    bench.present()
    bench.hear(sip.Ended(16, "hung up"))
    assert bench.notes == [("control.request_close", 7), ("control.request_token",)]
    bench.notes.clear()
    bench.presentation.token(h245.TokenRefused() if refused else h245.TokenGranted())
    assert bench.told == ([] if refused else ["control.release_token"])
    bench.presentation.closed(7)
    bench.presentation.offered(SLIDES)
    bench.answer()
    bench.hear(sip.Ended(16, "hung up"))
    assert ("control.request_token" in bench.told) == refused, "asked for what is not the terminal's"


async def test_the_token_given_back_ends_the_call_and_asks_for_the_channel_s_end(bench: Bench) -> None:
    bench.present()
    bench.presentation.token(h245.TokenReleased())
    assert bench.told == ["sip.hang_up", "control.request_close"]
    bench.presentation.closed(7)
    assert bench.told == ["sip.hang_up", "control.request_close"]


async def test_the_channel_s_end_ends_the_call_and_no_other_channel_s_does(bench: Bench) -> None:
    bench.present()
    bench.presentation.closed(6)
    assert bench.told == []
    bench.presentation.closed(7)
    assert bench.told == ["sip.hang_up"]
    bench.presentation.begin()
    assert bench.told == ["sip.hang_up"]


async def test_a_channel_in_place_of_another_is_a_new_call(bench: Bench) -> None:
    bench.present()
    bench.presentation.offered(h245.ChannelOffered(8, "content", FORM, None, 0))
    assert bench.told == ["control.request_close", "sip.hang_up", "sip.place"]
    assert bench.offer().media[1].address == Address("10.0.0.2", 9)
    bench.presentation.closed(7)
    bench.answer()
    assert bench.notes[-1][:2] == ("control.accept", 8)


async def test_channels_that_come_too_often_are_refused_and_the_last_that_was_taken_stays(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, later = asyncio.get_running_loop(), 0.0
    now = loop.time()
    monkeypatch.setattr(loop, "time", lambda: now + later)
    for number in range(1, 51):
        bench.presentation.offered(h245.ChannelOffered(number, "content", FORM, None, 0))
    assert len(bench.placed) == 5
    assert bench.notes[-45:] == [("control.reject", number, "dataTypeNotAvailable") for number in range(6, 51)]
    bench.answer()
    assert bench.notes[-1][:2] == ("control.accept", 5)
    later = 11.0
    bench.presentation.offered(h245.ChannelOffered(51, "content", FORM, None, 0))
    assert len(bench.placed) == 6


async def test_asterisk_is_not_sent_where_the_terminal_may_not_send_it(bench: Bench) -> None:
    bench.presentation.offered(h245.ChannelOffered(7, "content", FORM, Address("127.0.0.1", 5061), 32))
    assert bench.offer().media[1].address == Address("10.0.0.2", 9)


async def test_a_channel_left_open_is_closed_before_it_is_presented_on_again(bench: Bench) -> None:
    bench.present()
    bench.presentation.token(h245.TokenReleased())
    bench.notes.clear()
    bench.presentation.token(h245.TokenRequested(0))
    assert bench.told == ["control.request_close", "control.grant_token"]


async def test_asterisk_refreshes_its_session_in_whatever_order_its_lines_stand(bench: Bench) -> None:
    bench.present()
    head, sound, picture = ANSWER.replace(b"m=", b"|m=").split(b"|")
    bench.hear(sip.Reinvited(head + picture + sound + picture))
    assert bench.told == ["sip.accept"]
    answer = sdp.read(bench.notes[-1][1]).media
    assert [(line.kind, line.used) for line in answer] == [("video", True), ("audio", True), ("video", False)]
    bench.hear(sip.Reinvited(b"rubbish"))
    assert bench.notes[-1] == ("sip.reject", 488)


async def test_keyframes_are_asked_for_once_a_second(bench: Bench) -> None:
    bench.present()
    for _ in range(3):
        bench.hear(sip.InfoReceived(info.MEDIA_CONTROL, info.FAST_UPDATE))
    assert bench.notes == [("control.fast_update", 7)]
    bench.presentation.end()
    await asyncio.sleep(0)
    assert bench.told == ["control.fast_update", "sip.hang_up"]


def test_h239_is_offered_and_can_be_switched_off() -> None:
    assert local_offer(2_000_000).h239
    assert [form.codec for form in local_offer(2_000_000).content] == ["h264", "h263p", "h263", "h261"]
    assert not local_offer(2_000_000, Overrides(no_h239=True)).h239
    assert not local_offer(2_000_000, Overrides(no_h239=True)).content
