"""What a stranger can send: numbers, names and requests that nobody should."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from panoramisk.message import Message

from mcu.asterisk.ami import Ami
from mcu.asterisk.secrets import AMI_USER, ami_secret
from mcu.core.events import Joined
from tests.asterisk.conftest import Bench
from tests.asterisk.sip_message import RawSip
from tests.waiting import until

ODD_NUMBERS = [
    "9&PJSIP/x",
    "1001%26PJSIP%2Fmixer",
    "1001%40evil",
    "1001,mcu_bridge",
    "1001%0d%0aAction:%20Originate",
    "%24%7BSHELL(id)%7D",
    "PJSIP/mixer",
    "leg-0000000a",
    "mcu-leg",
    "mixer",
    "h",
    "i",
    "t",
    "T",
    "_X.",
    "1" * 17,
    "1" * 5000,
    "0" * 79 + "1",
    "x",
    "*8",
    "+84123",
    "x;phone-context=1001",
    "%e2%80%ae1001",
    "..",
    "%201001",
]


async def test_odd_numbers_reach_nobody(bench: Bench) -> None:
    async with RawSip(bench.asterisk.settings.sip.port) as sip:
        calls = {number: sip.send("INVITE", number) for number in ODD_NUMBERS if len(number) < 1000}
        for number, call in calls.items():
            status = await sip.final(call)
            assert status in (400, 404, 416, 484), (number, status)
        sip.send("INVITE", "1" * 5000)
        assert await sip.final(sip.send("OPTIONS", "")) == 200
    assert bench.requests == []
    await bench.asterisk.emptied()
    assert "Originat" not in bench.asterisk.log


@pytest.mark.parametrize("number", ["10-0-1-", "1001;phone-context=x"])
async def test_dashes_in_a_number_and_options_behind_it_are_overlooked(bench: Bench, number: str) -> None:
    async with RawSip(bench.asterisk.settings.sip.port) as sip:
        sip.send("INVITE", number)
        await until(lambda: bench.requests, "the door")
    assert bench.requests[0].number == "1001"


EVIL = "<sip:1%0d%0aInjected%3a%20yes%0d%0a%0d%0aEvent%3a%20Injected%0d%0aX@127.0.0.1>"


@pytest.fixture
async def heard(bench: Bench) -> AsyncIterator[list[Message]]:
    """Every AMI event, as it comes."""
    settings = bench.asterisk.settings
    events: list[Message] = []
    spy = Ami("127.0.0.1", settings.asterisk.ami_port, AMI_USER, ami_secret(settings), on_event=events.append)
    await spy.start()
    await until(lambda: spy.connected, "the spy's link")
    yield events
    await spy.stop()


async def test_a_caller_that_joins_writes_no_events(bench: Bench, heard: list[Message]) -> None:
    """Asterisk decodes %0d%0a in the From header, and AMI writes a caller's number as it is."""
    async with RawSip(bench.asterisk.settings.sip.port) as sip:
        sip.send("INVITE", "1001", caller=EVIL)
        joined = await bench.heard(Joined)
    assert joined.number == "1InjectedyesEventInjectedX"
    assert bench.requests[0].caller_number == "1 Injected: yes Event: Injected X"
    await until(lambda: [event for event in heard if event.event == "ConfbridgeJoin"], "the event")
    assert not {"Newchannel", "Newexten", "VarSet"} & {str(event.event) for event in heard}
    assert not [event for event in heard if event.event == "Injected" or "Injected" in event]


async def test_a_caller_that_nobody_has_looked_at_writes_no_events(bench: Bench, heard: list[Message]) -> None:
    await bench.door.stop()
    async with RawSip(bench.asterisk.settings.sip.port) as sip:
        call = sip.send("INVITE", "1001", caller=EVIL)
        await until(lambda: 180 in sip.answers.get(call, []), "ringing")
        sip.send("CANCEL", "1001", caller=EVIL, call=call)
        await until(lambda: [event for event in heard if event.event == "Hangup"], "the hang-up")
    assert not [event for event in heard if event.event == "Injected" or "Injected" in event]


async def test_options_are_answered(bench: Bench) -> None:
    async with RawSip(bench.asterisk.settings.sip.port) as sip:
        assert await sip.final(sip.send("OPTIONS", "")) == 200


async def test_what_the_mcu_does_not_offer_is_refused(bench: Bench) -> None:
    async with RawSip(bench.asterisk.settings.sip.port) as sip:
        for method in ("REGISTER", "SUBSCRIBE", "PUBLISH", "MESSAGE", "REFER", "INFO", "NOTIFY", "XYZZY"):
            assert await sip.final(sip.send(method, "1001")) >= 400, method


async def test_nobody_passes_for_the_mixer(bench: Bench) -> None:
    async with RawSip(bench.asterisk.settings.sip.port) as sip:
        sip.send("INVITE", "1001", caller="<sip:mixer@127.0.0.1>")
        await until(lambda: bench.requests, "the door")
    assert bench.requests[0].door == "guest"


async def test_a_terminals_name_alone_is_not_enough(bench: Bench) -> None:
    async with RawSip(bench.asterisk.settings.sip.port) as sip:
        assert await sip.final(sip.send("INVITE", "1001", caller="<sip:site1@127.0.0.1>")) == 401
    assert bench.requests == []


async def test_many_strangers_at_once(bench: Bench) -> None:
    async with RawSip(bench.asterisk.settings.sip.port) as sip:
        calls = [sip.send("INVITE", f"x{n}") for n in range(200)]
        statuses = await asyncio.gather(*(sip.final(call) for call in calls))
    assert set(statuses) == {404}
