"""The address that the H.323 gateway tells of its terminal, through a real Asterisk; nobody else tells one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from mcu.asterisk.secrets import h323_secret
from mcu.core.entry.answers import EntryRequest, Refuse
from mcu.h323 import sip
from tests.asterisk.conftest import Bench
from tests.asterisk.sip_message import RawSip
from tests.waiting import until

OFFER = b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n"
TAG = "0123456789abcdef"

Call = Callable[..., Awaitable[EntryRequest]]


@pytest.fixture
async def call(bench: Bench) -> AsyncIterator[Call]:
    """The gateway calls, with what headers it likes, and is refused: what the door was asked."""
    settings = bench.asterisk.settings
    account = sip.Account("h323", h323_secret(settings))
    agent = sip.UserAgent(("127.0.0.1", 0), ("127.0.0.1", settings.sip.port), account, lambda call: None)
    await agent.start()
    bench.answer = lambda _: Refuse(prompt="", cause=1, language="en")

    async def once(**headers: str) -> EntryRequest:
        heard: asyncio.Queue[sip.SipEvent] = asyncio.Queue()
        before = len(bench.requests)
        placed = agent.new_call()
        placed.on_event = heard.put_nowait
        named = {f"X-MCU-{name}": value for name, value in headers.items()}
        placed.place("4711", OFFER, display="Xã", user="7", headers={"X-MCU-H323": TAG, "X-MCU-Terminal": "", **named})
        await until(lambda: not heard.empty(), "the refusal")
        event = heard.get_nowait()
        assert event == sip.Refused(404, 1), "at once, without a word"
        assert len(bench.requests) == before + 1
        return bench.requests[-1]

    yield once
    agent.close()
    await asyncio.sleep(0)


@pytest.mark.parametrize("source", ["192.0.2.1", "2001:db8::1", "2001:DB8:0:1::ffff"])
async def test_it_comes_to_the_door(call: Call, source: str) -> None:
    request = await call(Door="guest", Source=source)
    assert (request.door, request.number, request.source) == ("guest", "4711", source)


async def test_without_one_there_is_none(call: Call) -> None:
    assert (await call(Door="guest")).source == ""


async def test_only_what_an_address_is_made_of_comes_through(call: Call) -> None:
    request = await call(Door="named", Source='192.0.2.1),System(x:"${EXTEN}"?')
    assert (request.door, request.source) == ("named", "192.0.2.1e:EE")


async def test_a_stranger_tells_none(bench: Bench) -> None:
    """Neither for its own calls, nor by calling itself the gateway."""
    async with RawSip(bench.asterisk.settings.sip.port, "127.0.0.5") as stranger:
        stranger.send("INVITE", "4711", headers="X-MCU-Source: 192.0.2.1\r\n")
        await until(lambda: bench.requests, "the door")
        assert bench.requests[0].source == "127.0.0.5"
        claimed = stranger.send("INVITE", "4711", headers=f"X-MCU-H323: {TAG}\r\nX-MCU-Source: 192.0.2.1\r\n")
        assert await stranger.final(claimed) == 401
    assert len(bench.requests) == 1
