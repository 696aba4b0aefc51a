"""An MCU that takes and offers fast start: with a probe that sends pictures, and with chan_ooh323."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.calls.h323.ooh323 import Ooh323
from tests.calls.tiles import auto
from tests.probe import Terminal
from tests.probe.h323 import H323Terminal
from tests.product import Mcu

ROOM = "4001"


@pytest.fixture(scope="module")
def fast() -> Iterator[Mcu]:
    product = Mcu(MCU_H323__FAST_START="true")
    try:
        product.start()
        product.bus.call("room.create", number=ROOM, name="Fast", guests=True)
        yield product
    finally:
        product.stop()


@pytest.fixture
async def sip(fast: Mcu) -> AsyncIterator[Terminal]:
    async with Terminal(fast.sip, colour="red", tone=400) as terminal:
        await terminal.dial(ROOM)
        yield terminal
    await asyncio.to_thread(fast.await_, lambda: not fast.bus.call("h323.calls"), 20, "that all calls are over")


def _is_fast(fast: Mcu) -> bool:
    calls = fast.bus.call("h323.calls")
    return len(calls) == 1 and bool(calls[0]["fast_start"])


@pytest.mark.parametrize("tunnelling", [True, False], ids=["tunnelled", "separate"])
async def test_pictures_and_sound_flow(fast: Mcu, sip: Terminal, tunnelling: bool) -> None:
    async with H323Terminal(fast.h323, fast_start=True, tunnelling=tunnelling, colour="blue", tone=700) as terminal:
        await terminal.dial(ROOM)
        assert _is_fast(fast)
        await sip.sees(auto(2), ["red", "blue"])
        await terminal.sees(auto(2), ["red", "blue"])
        await sip.hears({700}, {400, 700})
        await terminal.hears({400}, {400, 700})


async def test_who_wants_it_sent_to_a_group_is_heard_and_gets_nothing(fast: Mcu, sip: Terminal) -> None:
    async with H323Terminal(fast.h323, fast_start=True, colour="blue", tone=700) as terminal:
        terminal.sound.host = terminal.video.host = "224.0.1.75"
        dialling = asyncio.create_task(terminal.dial(ROOM))
        await sip.hears({700}, {400, 700}, seconds=20)
        (call,) = fast.bus.call("h323.calls")
        assert not call["fast_start"]
        assert [call["media"][medium]["to_terminal"] for medium in ("audio", "video")] == [None, None]
        dialling.cancel()
        await asyncio.gather(dialling, return_exceptions=True)


async def test_a_terminal_that_wants_slow_start_is_served_as_well(fast: Mcu, sip: Terminal) -> None:
    async with H323Terminal(fast.h323, colour="blue", tone=700) as terminal:
        await terminal.dial(ROOM)
        assert not _is_fast(fast)
        await terminal.sees(auto(2), ["red", "blue"])


@pytest.mark.parametrize("fast_start", [True, False], ids=["it-wants", "it-refuses"])
async def test_one_who_is_called(fast: Mcu, sip: Terminal, fast_start: bool) -> None:
    async with H323Terminal(fast.h323, fast_start=fast_start, colour="blue", tone=700) as terminal:
        host, port = await terminal.wait_for_calls()
        fast.bus.call("call.dial", room=ROOM, address=f"h323:{host}:{port}", name="Called")
        await terminal.sees(auto(2), ["red", "blue"], seconds=15)
        await sip.sees(auto(2), ["red", "blue"])
        assert _is_fast(fast) == fast_start


@pytest.mark.parametrize("tunnelling", [True, False], ids=["tunnelled", "separate"])
async def test_chan_ooh323_calls(fast: Mcu, sip: Terminal, tunnelling: bool) -> None:
    async with Ooh323(fast.h323, fast_start=True, tunnelling=tunnelling) as peer:
        await peer.call(ROOM)
        await sip.hears({400}, {400}, seconds=15)
        assert _is_fast(fast)


async def test_chan_ooh323_is_called(fast: Mcu, sip: Terminal) -> None:
    async with Ooh323(fast.h323, fast_start=True, tunnelling=True) as peer:
        host, port = peer.address
        fast.bus.call("call.dial", room=ROOM, address=f"h323:7001@{host}:{port}", name="Tong dai")
        await sip.hears({400}, {400}, seconds=15)
        assert _is_fast(fast)
