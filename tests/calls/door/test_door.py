"""Who comes in and who does not: wrong numbers, broken offers, strangers, registered terminals, callers who give up."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from tests.calls.seating import Seat
from tests.calls.tiles import auto
from tests.calls.turned_away import turned_away
from tests.probe import CallRefused, Offer
from tests.product import Mcu

_PASSWORD = "thermos-lampe-7f3a"


@pytest.mark.parametrize("number", ["no-such-room", "12345678901234567890123456"])
async def test_what_is_no_number_is_refused(mcu: Mcu, seat: Seat, number: str) -> None:
    terminal = await seat(0, dial=None)
    with pytest.raises(CallRefused) as refusal:
        await terminal.dial(number)
    assert refusal.value.status == 404


@pytest.mark.parametrize("number", ["99999", "1234567890123456"])
async def test_who_dials_a_wrong_number_is_asked_for_the_right_one(
    mcu: Mcu, seat: Seat, room: str, number: str
) -> None:
    terminal = await seat(0, dial=None)
    await terminal.dial(number)
    await terminal.until(lambda: terminal.sound.log.packets > 50, 15, "a prompt")
    assert number not in {room["number"] for room in mcu.bus.call("room.list")}
    for digit in f"{room}#":
        assert await terminal.call.dtmf(digit) == 200
    await terminal.sees(auto(1), [terminal.colour], seconds=20)


async def test_a_stranger_reaches_nobody_through_us(mcu: Mcu, seat: Seat) -> None:
    with contextlib.suppress(Exception):
        mcu.bus.call("terminal.delete", name="victim")
    mcu.bus.call("terminal.create", name="victim", password=_PASSWORD, display="Victim")
    try:
        victim = await seat(1, dial=None, user="victim", password=_PASSWORD)
        await victim.registered()
        for number in ("victim", "t-victim", "PJSIP/t-victim", "k-victim", "leg-aaaaaaaa", "h"):
            stranger = await seat(2, dial=None)
            status = await turned_away(stranger, number)
            assert 400 <= status < 500, number
        stranger = await seat(2, dial=None)
        await stranger.dial("00442012345678")  # to the entry that asks for a number, and no further
        await stranger.until(lambda: stranger.sound.log.packets > 20, 15, "a prompt")
        assert not victim.call.up, "a stranger's call reached a registered terminal"
        assert victim.call.reinvites == 0
    finally:
        mcu.bus.call("terminal.delete", name="victim")


async def test_a_registered_terminal_is_known_by_its_account(mcu: Mcu, seat: Seat, room: str) -> None:
    mcu.bus.call("terminal.create", name="phonghop", password=_PASSWORD, display="Phòng họp số 1")
    try:
        terminal = await seat(0, dial=None, user="phonghop", password=_PASSWORD, display="wrong")
        await terminal.registered()
        await terminal.dial(room)
        await terminal.sees(auto(1), [terminal.colour])
        people = mcu.bus.call("room.show", number=room)["participants"]
        assert [person["name"] for person in people] == ["Phòng họp số 1"]
        impostor = await seat(1, dial=None, user="phonghop", password="guessed")
        assert (await impostor.agent.register()).status in (401, 403)
        with pytest.raises(CallRefused):
            await impostor.dial(room)
    finally:
        await terminal.hang_up()
        mcu.bus.call("terminal.delete", name="phonghop")


async def test_an_invite_without_offer(mcu: Mcu, seat: Seat, room: str) -> None:
    """Gateways and call managers let the called side make the offer (RFC 3261 13.2.1)."""
    first = await seat(0)
    late = await seat(1, dial=None)
    await late.dial(room, late_offer=True)
    await late.hears({first.tone}, {first.tone, late.tone})
    await first.hears({late.tone}, {first.tone, late.tone})
    await first.sees(auto(2), [first.colour, late.colour])
    await late.sees(auto(2), [first.colour, late.colour])


async def test_a_caller_who_gives_up_leaves_nothing_behind(mcu: Mcu, seat: Seat, room: str) -> None:
    for _ in range(5):
        terminal = await seat(0, dial=None)
        calling = asyncio.create_task(terminal.dial(room))
        await asyncio.sleep(0)  # the INVITE is on its way, the CANCEL overtakes its answer or not
        with contextlib.suppress(RuntimeError):
            await terminal.call.cancel()
        with contextlib.suppress(CallRefused):
            await calling
        await terminal.hang_up()
    mcu.await_(lambda: not mcu.bus.call("room.show", number=room)["participants"], 5, "the room is empty again")


async def test_a_call_without_bye_is_no_burden_to_others(mcu: Mcu, seat: Seat) -> None:
    first, second = [await seat(number) for number in range(2)]
    await first.sees(auto(2), [first.colour, second.colour])
    second.sound.remote = second.video.remote = None  # its cable is pulled: no BYE, no packet
    await first.until(lambda: first.screen.colour(auto(2)[1]) == "", 8, "the silent terminal's tile is no live picture")
    assert first.screen.colour(auto(2)[0]) == first.colour


_SESSION = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
_BROKEN = {
    "no-lines": "this is no session description",
    "half": "v=0\r\no=probe 1 1 IN IP4 127.0.0.1\r\ns=",
    "no-connection": "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n",
    "port-no-number": _SESSION + "m=audio port RTP/AVP 0\r\n",
    "no-media": _SESSION,
    "no-codec-of-ours": Offer(video=()).text("127.0.0.1", 4000, 4002).replace(" 0 101", " 18").replace("PCMU", "G729"),
    "hundred-kilobytes": "v=0\r\n" + "a=" + "x" * 30_000 + "\r\n",
}


@pytest.mark.parametrize("text", list(_BROKEN.values()), ids=list(_BROKEN))
async def test_a_broken_offer_is_refused(mcu: Mcu, seat: Seat, room: str, text: str) -> None:
    before = mcu.pids()
    terminal = await seat(0, dial=None, description=lambda: text)
    with pytest.raises(CallRefused) as refusal:
        await terminal.dial(room)
    assert 400 <= refusal.value.status < 500
    assert mcu.pids() == before
    good = await seat(1)
    await good.sees(auto(1), [good.colour])


_ODD = {
    "fmtp-of-rubbish": "a=fmtp:97 profile-level-id=zzzzzz;packetization-mode=9;max-fs=-1;;;=;max-br=9999999999999999",
    "fmtp-very-long": "a=fmtp:97 " + "sprop-parameter-sets=" + "Z" * 2000,
    "rtpmap-twice": "a=rtpmap:97 H264/90000\r\na=rtpmap:97 H263/90000",
    "imageattr": "a=imageattr:* send * recv [x=[0:999999],y=[-1:0]]",
    "feedback": "a=rtcp-fb:* nack pli\r\na=rtcp-fb:* ccm fir\r\na=rtcp-fb:999 trr-int x",
}


@pytest.mark.parametrize("line", list(_ODD.values()), ids=list(_ODD))
async def test_odd_attributes_cost_no_more_than_the_picture(mcu: Mcu, seat: Seat, line: str) -> None:
    before = mcu.pids()
    first = await seat(0)
    odd = await seat(1, offer=Offer(extra_video=(line,)))
    await odd.hears({first.tone}, {first.tone, odd.tone})
    await first.hears({odd.tone}, {first.tone, odd.tone})
    await first.until(lambda: first.screen.colour(auto(2)[0]) == first.colour, 8, "its own picture in its tile")
    assert mcu.pids() == before


async def test_an_invite_that_comes_again_after_its_answer_is_no_second_call(mcu: Mcu, seat: Seat, room: str) -> None:
    """The 200 was lost or is on its way on a long line (RFC 3261 17.1.1.2, RFC 6026 7.1)."""
    terminal, partner = await seat(0), await seat(1)
    strays: list[int] = []
    terminal.agent.on_stray_success = lambda response: strays.append(response.status)

    def absorbed() -> int:
        return mcu.console("group show channels").count(" again ")

    for _ in range(3):
        terminal.agent.send(terminal.call.invitation, mcu.sip)
    await terminal.until(lambda: absorbed() == 1, 10, "the copy at the door")
    await partner.runs(auto(2)[0])
    await partner.hears({terminal.tone}, {terminal.tone, partner.tone})
    assert len(mcu.people(room)) == 2
    assert absorbed() == 1
    assert not strays
    assert not terminal.call.ended.is_set()
    await terminal.call.hang_up()
    await terminal.until(lambda: absorbed() == 0, 10, "the copy gone with the call")
