"""Real calls to a real mixer: coloured pictures in through legs, the composed picture out of a view leg."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from tests.mixer.rig import HALVES, HD, SD, Rig
from tests.probe import CallRefused, ClipFormat, Offer, VideoFormat, stamp
from tests.waiting import until, until_told

WHOLE = [(0.0, 0.0, 1.0, 1.0)]


async def test_two_legs_are_seen_in_one_picture(rig: Rig) -> None:
    await rig.control.put("1001", ["aaaa0001", "aaaa0002"], HALVES)
    async with rig.leg("red") as red, rig.leg("blue") as blue, rig.viewer() as screen:
        await red.dial("leg-aaaa0001")
        await blue.dial("leg-aaaa0002")
        await screen.dial("view-1001-hd")
        await screen.sees(HALVES, ["red", "blue"])
        assert screen.screen.size == (1280, 720)
        assert screen.screen.facts.level == 31
        assert screen.video.log.missing_since(0) == 0
        await rig.control.put("1001", ["aaaa0002", "aaaa0001"], HALVES)
        await screen.sees(HALVES, ["blue", "red"])
        assert screen.sound.log.packets == 0, "no sound is made"
    ups = [(event["kind"], event["ident"]) for event in rig.control.events("leg.up")]
    assert sorted(ups) == [("leg", "aaaa0001"), ("leg", "aaaa0002"), ("view", "1001/hd")]
    await until(lambda: len(rig.control.events("leg.down")) == 3, "three leg.down", 5)


async def test_calls_may_come_before_their_view(rig: Rig) -> None:
    async with rig.leg("green") as green, rig.viewer() as screen, rig.viewer() as small:
        await screen.dial("view-7-hd")
        await small.dial("view-7-sd")
        await green.dial("leg-bbbb0001")
        assert not (await rig.control.leg("view", view="7", cls="hd"))["attached"]
        await rig.control.put("7", ["bbbb0001"], WHOLE, [HD])
        await screen.sees(WHOLE, ["green"])
        assert small.video.log.packets == 0, "its class does not exist yet"
        await rig.control.put("7", ["bbbb0001"], WHOLE, [HD, SD])
        await small.sees(WHOLE, ["green"])
        assert small.screen.size == (640, 360)


async def test_a_class_that_went_comes_back(rig: Rig) -> None:
    await rig.control.put("7", [], [], [HD, SD])
    async with rig.viewer() as screen:
        await screen.dial("view-7-sd")
        await screen.first_picture()
        await rig.control.put("7", [], [], [HD])
        assert not (await rig.control.leg("view", view="7", cls="sd"))["attached"]
        before = screen.screen.facts.idrs
        await rig.control.put("7", [], [], [HD, SD])
        await screen.until(lambda: screen.screen.facts.idrs > before, 3, "a picture again, from an IDR on")
        await rig.control.call("view.drop", view="7")
        await rig.control.call("view.drop", view="7")
        assert not (await rig.control.leg("view", view="7", cls="sd"))["attached"]
        status = await rig.control.call("mixer.status")
        assert status["stats"]["views"] == [], "a dropped view keeps nothing"
        await rig.control.put("7", [], [], [SD])
        before = screen.screen.facts.idrs
        await screen.until(lambda: screen.screen.facts.idrs > before, 3, "a picture of the new view")


@pytest.mark.parametrize("kind", ["pli", "fir", "info"])
async def test_a_keyframe_comes_when_asked_for(rig: Rig, kind: str) -> None:
    await rig.control.put("1001", [], [])
    async with rig.viewer() as screen:
        await screen.dial("view-1001-hd")
        await screen.first_picture()
        before = screen.screen.facts.idrs
        if kind == "info":
            assert await screen.call.fast_update() == 200
        else:
            screen.video.ask_keyframe(kind)
        # An encoder makes at most one IDR each 0.5 s.
        await screen.until(lambda: screen.screen.facts.idrs > before, 0.5, "another IDR")
        if kind != "info":
            assert (await rig.control.leg("view", view="1001"))["keyframes_wanted"] == 1


async def test_newcomers_behind_one_view_leg_are_not_slowed(rig: Rig) -> None:
    """Asterisk fans a view leg out to all terminals of a class: many requests on one leg are many terminals' first."""
    await rig.control.put("1001", [], [])
    async with rig.viewer() as screen:
        await screen.dial("view-1001-hd")
        await screen.first_picture()
        for _ in range(6):
            before = screen.screen.facts.idrs
            screen.video.ask_keyframe("fir")
            await screen.until(lambda before=before: screen.screen.facts.idrs > before, 1.5, "an IDR")  # type: ignore[misc]


async def test_a_source_that_comes_into_view_is_asked_for_a_keyframe(rig: Rig) -> None:
    await rig.control.put("1001", [], [])
    async with rig.leg("red") as red, rig.viewer() as screen:
        await screen.dial("view-1001-hd")
        await red.dial("leg-aaaa0001")
        await red.until(lambda: red.video.sent > 30, 3, "a second of pictures that nobody sees")
        assert red.camera.requests == 0
        await rig.control.put("1001", ["aaaa0001"], WHOLE)
        await screen.sees(WHOLE, ["red"], 3)
        assert red.camera.requests >= 1
        assert {"pli", "fir"} <= set(red.video.rtcp)


async def test_a_leg_that_does_not_answer_keyframe_requests_has_a_card_until_one_comes(rig: Rig) -> None:
    await rig.control.put("1001", [None], WHOLE)
    async with rig.leg("red") as red, rig.viewer() as screen:
        red.camera.answers_requests = False
        await red.dial("leg-aaaa0001")
        await screen.dial("view-1001-hd")
        await red.until(lambda: red.video.sent > 30, 3, "a second of pictures")
        await rig.control.put("1001", ["aaaa0001"], WHOLE)
        await red.until(lambda: red.camera.requests >= 6, 5, "three requests, each as PLI and as FIR")
        assert screen.colours(WHOLE) == [""]
        assert {"participant": "aaaa0001", "state": "waiting", "width": 0, "height": 0} in rig.control.events(
            "picture.state"
        )
        red.camera.answers_requests = True
        await screen.sees(WHOLE, ["red"], 3)


@pytest.mark.parametrize(
    ("fmtp", "answered"),
    [
        ("profile-level-id=42800d", ("profile-level-id=42800d", "packetization-mode=0")),
        ("profile-level-id=64001f;packetization-mode=1", ("profile-level-id=64001f", "packetization-mode=1")),
        ("profile-level-id=640C16; packetization-mode=1", ("profile-level-id=640C16", "packetization-mode=1")),
        ("", ("profile-level-id=640029", "packetization-mode=0")),
        ("profile-level-id=rubbish;packetization-mode=9", ("profile-level-id=640029", "packetization-mode=0")),
    ],
)
async def test_every_profile_is_taken(rig: Rig, fmtp: str, answered: tuple[str, str]) -> None:
    offer = Offer(video=(VideoFormat(payload=111, fmtp=fmtp),))
    await rig.control.put("1001", ["aaaa0001"], WHOLE)
    async with rig.leg("blue", offer=offer) as blue, rig.viewer(offer=offer) as screen:
        await blue.dial("leg-aaaa0001")
        await screen.dial("view-1001-hd")
        await screen.sees(WHOLE, ["blue"])
        assert 28 not in screen.screen.facts.nal_types or "packetization-mode=1" in fmtp
        assert screen.video.log.payload_types == {111}
        given = blue.peer[1].fmtp[111].replace(" ", "").split(";")
        assert set(answered) <= set(given)


async def test_large_nal_units_of_high_profile_are_taken(rig: Rig) -> None:
    clip = ClipFormat("green", 1280, 720, sliced=False, kbps=1500, profile="high", frames=60)
    await rig.control.put("1001", ["aaaa0001"], WHOLE)
    async with rig.leg("green", clip=clip) as green, rig.viewer() as screen:
        await green.dial("leg-aaaa0001")
        await screen.dial("view-1001-hd")
        await screen.sees(WHOLE, ["green"])


async def test_reports_go_both_ways(rig: Rig) -> None:
    await rig.control.put("1001", ["aaaa0001"], WHOLE)
    async with rig.leg("red") as red, rig.viewer() as screen:
        await red.dial("leg-aaaa0001")
        await screen.dial("view-1001-hd")
        await screen.until(lambda: screen.video.rtcp["sr"] >= 2, 10, "two sender reports of the view's pictures")
        await red.until(lambda: red.video.rtcp["rr"] >= 2, 10, "two receiver reports of the leg's pictures")
        for leg in (await rig.control.leg("leg"), await rig.control.leg("view")):
            assert leg["refused"] == 0, "the probes' own reports are well formed"
            assert leg["lost"] == 0


async def test_a_call_that_is_given_up_at_once_leaves_nothing(rig: Rig) -> None:
    async with rig.leg("red") as red:
        calling = asyncio.create_task(red.dial("leg-aaaa0001"))
        await asyncio.sleep(0)
        with contextlib.suppress(RuntimeError):  # it may have been answered by now
            await red.call.cancel()
        with contextlib.suppress(CallRefused):
            await calling

    async def empty() -> bool:
        status = await rig.control.call("mixer.status")
        return status["legs"] == status["stats"]["sources"] == []

    await until_told(empty, "no leg and no source", 5)


async def test_hold_and_resume(rig: Rig) -> None:
    await rig.control.put("1001", ["aaaa0001"], WHOLE)
    async with rig.leg("red") as red, rig.viewer() as screen:
        await red.dial("leg-aaaa0001")
        await screen.dial("view-1001-hd")
        await screen.sees(WHOLE, ["red"])
        await red.hold()
        await until(lambda: rig.control.picture("aaaa0001") == "stalled", "the picture is called stalled", 5)
        await red.resume()
        await until(lambda: rig.control.picture("aaaa0001") == "live", "the picture is called live", 5)
        await screen.sees(WHOLE, ["red"])
        await screen.hold()
        await asyncio.sleep(0)
        held = screen.video.log.packets
        status = await rig.control.leg("view", view="1001")
        assert not status["attached"]
        await screen.resume()
        await screen.until(lambda: screen.video.log.packets > held + 10, 3, "pictures again")
        assert len(set(screen.video.log.ssrcs)) == 1, "one stream for the receiver, whatever SDP does"
        assert screen.video.log.missing_since(0) == 0
        await screen.sees(WHOLE, ["red"])
        assert rig.control.events("leg.down") == []


async def test_a_newer_leg_takes_over(rig: Rig) -> None:
    await rig.control.put("1001", ["aaaa0001"], WHOLE)
    async with rig.leg("red") as old, rig.leg("cyan") as new, rig.viewer() as screen:
        await old.dial("leg-aaaa0001")
        await screen.dial("view-1001-hd")
        await screen.sees(WHOLE, ["red"])
        await new.dial("leg-aaaa0001")
        await screen.sees(WHOLE, ["cyan"])
        await asyncio.wait_for(old.call.ended.wait(), 30)
        assert rig.control.events("leg.down") == []
        await new.hang_up()
        await until(lambda: rig.control.events("leg.down"), "leg.down of the newer one", 3)


async def test_a_leg_that_ends_leaves_its_card(rig: Rig) -> None:
    await rig.control.put("1001", ["aaaa0001"], WHOLE)
    async with rig.leg("red") as red, rig.viewer() as screen:
        await red.dial("leg-aaaa0001")
        await screen.dial("view-1001-hd")
        await screen.sees(WHOLE, ["red"])
        await until(lambda: rig.control.picture("aaaa0001") == "live", "the picture is called live", 2)
        await red.hang_up()
        await screen.sees(WHOLE, [""])
        await until(lambda: rig.control.picture("aaaa0001") == "none", "the picture is gone", 2)
        status = await rig.control.call("mixer.status")
        assert status["stats"]["sources"] == []


async def test_other_users_are_not_found(rig: Rig) -> None:
    for user in ("1001", "leg-", "leg-a-b", "view-1001", "view-1001-hd-x", "leg-%00", "leg-" + "x" * 33):
        async with rig.leg("red") as red:
            with pytest.raises(CallRefused, match="404"):
                await red.dial(user)
    status = await rig.control.call("mixer.status")
    assert status["legs"] == status["views"] == []


async def test_odd_offers_harm_nobody(rig: Rig) -> None:
    """No video, video disabled, another codec, two video lines: answered or refused, and the mixer goes on."""
    second = ("m=video 40000 RTP/AVP 99", "a=rtpmap:99 H264/90000", "a=sendrecv")
    offers = [
        Offer(video=()),
        Offer(video_port_zero=True),
        Offer(video=(VideoFormat(payload=34, fmtp="CIF=1", codec="H263"),)),
        Offer(video=(VideoFormat(payload=100, fmtp="", codec="VP8"), VideoFormat(payload=101))),
        Offer(extra_media=second),
        Offer(audio=("G722",)),
        Offer(video_direction="inactive"),
        Offer(video_direction="recvonly"),
    ]
    answers = []
    for number, offer in enumerate(offers):
        async with rig.leg("red", offer=offer) as red:
            try:
                await red.dial(f"leg-odd{number}")
                answers.append(200)
            except CallRefused as refused:
                answers.append(refused.status)
    assert set(answers) <= {200, 415, 488}, answers
    await rig.control.put("1002", ["cccc0001"], WHOLE)
    async with rig.leg("violet") as violet, rig.viewer() as screen:
        await violet.dial("leg-cccc0001")
        await screen.dial("view-1002-hd")
        await screen.sees(WHOLE, ["violet"])


@pytest.mark.parametrize(
    "offer",
    [
        Offer(video=()),
        Offer(video_port_zero=True),
        Offer(video_direction="inactive"),
        Offer(extra_video=("c=IN IP6 ::1",)),  # negotiated, but no transport here can send to it
    ],
    ids=["none", "disabled", "inactive", "unreachable"],
)
async def test_a_call_whose_video_does_not_start_is_ended(rig: Rig, offer: Offer) -> None:
    """Control dials again what ends; a leg that stands there without a picture would stay for ever."""
    async with rig.leg("red", offer=offer) as red:
        with contextlib.suppress(CallRefused):  # that is as good
            await red.dial("leg-aaaa0001")
            await asyncio.wait_for(red.call.ended.wait(), 30)
    await until(lambda: len(rig.control.events("leg.down")) == len(rig.control.events("leg.up")), "leg.down", 5)
    assert (await rig.control.call("mixer.status"))["legs"] == []


async def test_a_still_shows_the_view(rig: Rig) -> None:
    await rig.control.put("1001", ["aaaa0001"], WHOLE, banner="Hội nghị")
    async with rig.leg("orange") as orange:
        await orange.dial("leg-aaaa0001")

        async def seen() -> bool:
            return stamp.colour_of(await rig.control.still("1001")) == "orange"

        await until_told(seen, "orange", 5)
