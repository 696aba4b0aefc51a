"""SIP calls of the gateway against an Asterisk whose every message the test chooses."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import pytest

from mcu.h323 import sip
from mcu.h323.sip import Account, SipCall, UserAgent, transactions
from tests.h323.sip.fake_asterisk import FakeAsterisk
from tests.waiting import until

OFFER = b"v=0\r\nm=audio 9 RTP/AVP 0\r\n"
ANSWER = b"v=0\r\nm=audio 4000 RTP/AVP 0\r\n"


class Bench:
    def __init__(self, fake: FakeAsterisk, agent: UserAgent, came: list[SipCall]) -> None:
        self.fake, self.agent, self.came = fake, agent, came
        self.events: list[sip.SipEvent] = []

    def place(self, number: str = "1001", display: str = "Hội trường") -> SipCall:
        call = self.agent.new_call()
        call.on_event = self.events.append
        call.place(number, OFFER, display=display, user="5551", headers={"X-MCU-H323": "0123456789abcdef"})
        return call

    async def up(self) -> tuple[SipCall, object]:
        call = self.place()
        invite = await self.fake.request("INVITE")
        self.fake.answer(invite, 200, ANSWER)
        await self.fake.request("ACK")
        return call, invite

    async def heard(self, kind: type) -> object:
        await until(lambda: any(isinstance(event, kind) for event in self.events), kind.__name__)
        return next(event for event in self.events if isinstance(event, kind))


@pytest.fixture
async def bench(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    fake = FakeAsterisk()
    await fake.start()
    came: list[SipCall] = []
    agent = UserAgent(("127.0.0.1", 0), fake.address, Account("h323", "secret"), came.append)
    await agent.start()
    yield Bench(fake, agent, came)
    agent.close()
    fake.close()
    await asyncio.sleep(0)


async def test_a_call_is_answered_and_hung_up(bench: Bench) -> None:
    call = bench.place()
    invite = await bench.fake.request("INVITE")
    assert str(invite.uri).startswith("sip:1001@")
    assert invite.from_address.name == "Hội trường"
    assert invite.from_address.uri.user == "5551"
    assert invite.headers["X-MCU-H323"] == "0123456789abcdef"
    assert invite.body == OFFER
    bench.fake.answer(invite, 100)
    bench.fake.answer(invite, 183, ANSWER)
    assert await bench.heard(sip.Provisional) == sip.Provisional(183, ANSWER)
    bench.fake.answer(invite, 200, ANSWER)
    assert await bench.heard(sip.Answered) == sip.Answered(ANSWER)
    ack = await bench.fake.request("ACK")
    assert ack.cseq.sequence == invite.cseq.sequence
    call.hang_up(17)
    bye = await bench.fake.request("BYE")
    assert bye.headers["Reason"] == "Q.850;cause=17"
    bench.fake.answer(bye, 200)
    await bench.agent.hung_up(5)
    assert not bench.agent.calls


async def test_a_challenge_is_answered(bench: Bench) -> None:
    bench.place()
    first = await bench.fake.request("INVITE")
    bench.fake.answer(first, 401, WWW_Authenticate='Digest realm="mcu", nonce="abc", algorithm=MD5, qop="auth"')
    await bench.fake.request("ACK")
    second = await bench.fake.request("INVITE")
    assert second.cseq.sequence == first.cseq.sequence + 1
    assert second.headers["X-MCU-H323"] == "0123456789abcdef"
    told = second.authorization
    assert told is not None
    assert told.parameters is not None
    assert told.parameters["username"] == "h323"
    assert re.fullmatch("[0-9a-f]{32}", told.parameters["response"])
    bench.fake.answer(second, 401, WWW_Authenticate='Digest realm="mcu", nonce="def"')
    assert await bench.heard(sip.Refused) == sip.Refused(401, 0)


async def test_a_refusal_brings_its_cause(bench: Bench) -> None:
    bench.place()
    bench.fake.answer(await bench.fake.request("INVITE"), 404, Reason="Q.850;cause=1")
    assert await bench.heard(sip.Refused) == sip.Refused(404, 1)
    assert not bench.agent.calls


async def test_a_lost_invite_is_sent_again_and_a_lost_ack_too(bench: Bench) -> None:
    bench.place()
    first = await bench.fake.request("INVITE")
    again = await bench.fake.request("INVITE")
    assert bytes(again) == bytes(first)
    bench.fake.answer(again, 200, ANSWER)
    await bench.fake.request("ACK")
    bench.fake.answer(again, 200, ANSWER)
    await bench.fake.request("ACK")
    assert sum(isinstance(event, sip.Answered) for event in bench.events) == 1


async def test_nobody_answers(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transactions, "TIMEOUT", 0.3)
    bench.place()
    assert await bench.heard(sip.Refused) == sip.Refused(408, 0)


async def test_a_call_that_is_given_up_early_is_cancelled_once_it_may_be(bench: Bench) -> None:
    call = bench.place()
    invite = await bench.fake.request("INVITE")
    call.hang_up(16)
    bench.fake.answer(invite, 180)  # no CANCEL before a provisional response, RFC 3261 9.1
    cancel = await bench.fake.request("CANCEL")
    assert cancel.cseq.sequence == invite.cseq.sequence
    bench.fake.answer(cancel, 200)
    bench.fake.answer(invite, 487)
    await bench.fake.request("ACK")
    assert not bench.events


async def test_an_answer_that_crosses_the_cancel_is_hung_up(bench: Bench) -> None:
    call = bench.place()
    invite = await bench.fake.request("INVITE")
    call.hang_up(16)
    bench.fake.answer(invite, 200, ANSWER)
    await bench.fake.request("ACK")
    bench.fake.answer(await bench.fake.request("BYE"), 200)


async def test_of_several_offers_the_last_goes_out_after_the_first(bench: Bench) -> None:
    call, _ = await bench.up()
    for number in range(3):
        call.reinvite(b"v=0\r\n%d" % number)
    first = await bench.fake.request("INVITE")
    assert first.body == b"v=0\r\n0"
    bench.fake.answer(first, 200, ANSWER)
    second = await bench.fake.request("INVITE")
    assert second.body == b"v=0\r\n2"
    bench.fake.answer(second, 200, ANSWER)
    await bench.heard(sip.ReinviteAnswered)


async def test_offers_that_cross_are_tried_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.uniform", lambda low, high: 0.05)
    call, invite = await bench.up()
    call.reinvite(b"v=0\r\nours")
    ours = await bench.fake.request("INVITE")
    bench.fake.within(invite, "INVITE", b"v=0\r\ntheirs")  # type: ignore[arg-type]
    await bench.fake.response(491)
    bench.fake.answer(ours, 491)
    assert (await bench.fake.request("INVITE")).body == b"v=0\r\nours"


async def test_info_passes_while_an_offer_is_under_way(bench: Bench) -> None:
    call, invite = await bench.up()
    call.reinvite(b"v=0\r\nours")
    await bench.fake.request("INVITE")
    call.info("application/dtmf-relay", b"Signal=5\r\n")
    assert (await bench.fake.request("INFO")).body == b"Signal=5\r\n"
    bench.fake.within(invite, "INFO", b"Signal=7\r\n", Content_Type="application/dtmf-relay")  # type: ignore[arg-type]
    await bench.fake.response(200)
    assert await bench.heard(sip.InfoReceived) == sip.InfoReceived("application/dtmf-relay", b"Signal=7\r\n")


async def test_an_offer_of_theirs_is_answered(bench: Bench) -> None:
    call, invite = await bench.up()
    bench.fake.within(invite, "INVITE", b"v=0\r\ntheirs")  # type: ignore[arg-type]
    assert await bench.heard(sip.Reinvited) == sip.Reinvited(b"v=0\r\ntheirs")
    call.accept(ANSWER)
    assert (await bench.fake.response(200)).body == ANSWER


async def test_they_hang_up(bench: Bench) -> None:
    _, invite = await bench.up()
    bench.fake.within(invite, "BYE", Reason="Q.850;cause=1")  # type: ignore[arg-type]
    await bench.fake.response(200)
    assert await bench.heard(sip.Ended) == sip.Ended(1, "hung up")
    bench.fake.within(invite, "INFO", b"x", number=2)  # type: ignore[arg-type]
    await bench.fake.response(481)


async def test_an_asterisk_that_was_restarted_knows_the_call_no_more(bench: Bench) -> None:
    call, _ = await bench.up()
    call.reinvite(OFFER)
    bench.fake.answer(await bench.fake.request("INVITE"), 481)
    assert await bench.heard(sip.Ended) == sip.Ended(0, "lost")


async def test_a_call_of_theirs_is_answered(bench: Bench) -> None:
    bench.fake.invite(bench.agent.local, "10.0.0.7%3A1720", OFFER)
    await bench.fake.response(100)
    call = bench.came[0]
    call.on_event = bench.events.append
    assert call.request is not None
    assert call.request.uri.user == "10.0.0.7:1720"
    assert sip.caller_of(call.request) == ("Phòng họp", "mcu")
    call.ring()
    await bench.fake.response(180)
    call.answer(ANSWER)
    answer = await bench.fake.response(200)
    assert answer.body == ANSWER
    again = await bench.fake.response(200)  # until the ACK comes
    assert bytes(again) == bytes(answer)
    ack = b"ACK sip:x@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKack\r\n" + b"".join(
        f"{name}: {answer.headers[name]}\r\n".encode() for name in ("From", "To", "Call-ID")
    )
    bench.fake.send(ack + b"CSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n")
    await bench.heard(sip.Confirmed)


async def test_a_call_of_theirs_is_refused_or_given_up(bench: Bench) -> None:
    bench.fake.invite(bench.agent.local, "2001", OFFER)
    await bench.fake.response(100)
    bench.came[0].refuse(486, 17)
    refusal = await bench.fake.response(486)
    assert refusal.headers["Reason"] == "Q.850;cause=17"
    octets = bench.fake.invite(bench.agent.local, "2002", OFFER, "second@asterisk")
    await bench.fake.response(100)
    bench.came[1].on_event = bench.events.append
    cancel = octets.replace(b"INVITE sip", b"CANCEL sip").replace(b"1 INVITE", b"1 CANCEL")
    bench.fake.send(cancel.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
    await bench.fake.response(487)
    assert await bench.heard(sip.Ended) == sip.Ended(0, "cancelled")


async def test_strangers_and_rubbish_are_counted_and_dropped(bench: Bench) -> None:
    stranger = FakeAsterisk()
    await stranger.start()
    stranger.invite(bench.agent.local, "2001", OFFER)
    bench.fake.agent = bench.agent.local
    rubbish = [b"\x00\xff", b"INVITE\r\n\r\n", b"SIP/2.0 200 OK\r\n\r\n", b"INVITE sip:x SIP/2.0\r\nVia: x\r\n\r\n"]
    for octets in rubbish:
        bench.fake.send(octets)
    bench.fake.invite(bench.agent.local, "2002", OFFER)
    await bench.fake.response(100)
    assert bench.agent.garbled == len(rubbish)
    assert bench.agent.strangers == 1
    assert len(bench.came) == 1
    stranger.close()


async def test_a_display_name_cannot_begin_a_header(bench: Bench) -> None:
    bench.place(display='x\r\nX-MCU-Door: terminal\r\n"quoted" \\')
    invite = await bench.fake.request("INVITE")
    assert invite.headers.get("X-MCU-Door") is None
    assert invite.from_address.name == 'x X-MCU-Door: terminal "quoted" \\'
