"""Two probes call each other: what the one sends the other must see and hear. A probe that errs would blame the MCU."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import pytest

from tests.probe import ClipFormat, Offer, Terminal, VideoFormat
from tests.probe.pump import shared
from tests.probe.sound import Hole


@contextlib.asynccontextmanager
async def _pair(offer: Offer, clip: ClipFormat | None = None) -> AsyncIterator[tuple[Terminal, Terminal]]:
    async with Terminal(("127.0.0.1", 0), user="called", colour="blue", tone=700, offer=offer, clip=clip) as called:
        address = called.agent.address
        async with Terminal(address, user="caller", colour="red", tone=400, offer=offer, clip=clip) as caller:
            await caller.dial("called")
            yield caller, called


def _holes(terminal: Terminal, tone: int, since: float) -> list[Hole]:
    """Those that are not the pump's, which sends both sides' sound and may have overslept on a crowded machine."""
    return [hole for hole in terminal.ear.holes(tone, since, time.time()) if hole.seconds > 2 * shared().slip(since)]


@pytest.mark.parametrize(
    ("offer", "clip"),
    [
        (Offer(), None),
        (Offer(video=(VideoFormat(fmtp="profile-level-id=42e01f"),)), None),
        (Offer(audio=("PCMA",)), ClipFormat("green", sliced=False, kbps=1500, profile="high", frames=60)),
    ],
    ids=["fu-a", "single-nal", "large-nal"],
)
async def test_each_sees_and_hears_the_other(offer: Offer, clip: ClipFormat | None) -> None:
    async with _pair(offer, clip) as (caller, called):
        whole = [(0.0, 0.0, 1.0, 1.0)]
        await caller.sees(whole, ["green" if clip else "blue"])
        await called.sees(whole, ["green" if clip else "red"])
        await caller.hears({700}, {400, 700})
        await called.hears({400}, {400, 700})
        await caller.until(lambda: caller.screen.counter() is not None, 2, "a counter")
        assert caller.video.log.missing_since(0) == 0
        assert caller.screen.facts.idrs >= 1
        assert caller.screen.facts.level == 31
        if offer.video[0].packetization_mode == 0:
            assert 28 not in caller.screen.facts.nal_types
        begun = time.time()
        await asyncio.sleep(0.5)  # half a second of sound to judge
        assert _holes(caller, 700, begun) == []


@pytest.mark.parametrize(
    "form",
    [VideoFormat(31, "CIF=1", "H261"), VideoFormat(34, "CIF=1", "H263"), VideoFormat(96, "CIF=1", "H263-1998")],
    ids=["h261", "h263", "h263p"],
)
async def test_old_codecs_are_seen_and_answer_requests(form: VideoFormat) -> None:
    async with _pair(Offer(video=(form,))) as (caller, called):
        await caller.sees([(0.0, 0.0, 1.0, 1.0)], ["blue"])
        await called.sees([(0.0, 0.0, 1.0, 1.0)], ["red"])
        await caller.until(lambda: caller.screen.counter() is not None, 2, "a counter")
        assert caller.screen.codec == form.codec_name
        before = caller.screen.facts.idrs
        caller.video.ask_keyframe("fir")
        await caller.until(lambda: caller.screen.facts.idrs > before, 2, "another intra picture")
        assert called.camera.requests == 1


@pytest.mark.parametrize("codec", ["G722", "OPUS"])
async def test_wideband_tones_are_heard(codec: str) -> None:
    async with _pair(Offer(audio=(codec,), video=())) as (caller, called):
        await caller.hears({700}, {400, 700, 950})
        await called.hears({400}, {400, 700, 950})
        begun = time.time()
        await asyncio.sleep(0.5)  # half a second of sound to judge
        assert _holes(caller, 700, begun) == []


async def test_a_keyframe_comes_when_asked_for() -> None:
    async with _pair(Offer()) as (caller, called):
        await called.first_picture()
        for number, kind in enumerate(("pli", "fir"), start=1):
            before = called.screen.facts.idrs
            called.video.ask_keyframe(kind)
            await called.until(lambda before=before: called.screen.facts.idrs > before, 2, "another IDR")  # type: ignore[misc]
            assert caller.camera.requests == number


async def test_holes_and_bursts_are_seen_where_they_are() -> None:
    async with _pair(Offer(video=())) as (caller, called):
        await called.hears({400}, {400, 700})
        for _ in range(20):
            begun = time.time()
            await asyncio.sleep(0.3)
            before, caller.voice.paused, after = time.time(), True, time.time()
            await asyncio.sleep(0.3)
            caller.voice.burst(1250)  # begins with the first packet after the pause: both are one hole
            least, caller.voice.paused = time.time() - after, False
            most = time.time() - before
            await called.until(lambda: _ends_with(called, 400), 5, "the tone after the burst")
            slip = shared().slip(begun)
            if slip < 0.1:
                break  # else the pump was held up for as long as what is to be measured
        onset = called.ear.onset(1250, begun)
        assert onset is not None
        assert abs(onset - (caller.voice.bursts[-1] - 0.020)) < 0.010 + slip, (
            "the burst's first sample is 20 ms older than its packet"
        )
        holes = _holes(called, 400, begun)
        assert len(holes) == 1, holes  # pause and burst run into one another
        assert least - 0.1 - slip < holes[0].seconds - 0.2 < most + 0.1 + slip, (holes, least, most)


def _ends_with(terminal: Terminal, tone: int) -> bool:
    """It has heard a burst, and the tone again for a tenth of a second."""
    return terminal.ear.onset(1250, time.time() - 5) is not None and terminal.ear.hears({tone}, 0.1) == {tone}


async def test_hold_and_resume_and_hang_up() -> None:
    async with _pair(Offer()) as (caller, called):
        await called.hears({400}, {400, 700})
        await caller.hold()
        await called.hears(set(), {400, 700})
        await caller.resume()
        await called.hears({400}, {400, 700})
        await caller.hang_up()
        await asyncio.wait_for(called.call.ended.wait(), 30)
        assert called.call.ended_by_peer
