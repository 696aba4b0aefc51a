"""The MCU calls a terminal: it is seen and heard like one that called in, or the true reason is told."""

from __future__ import annotations

from typing import Any

import pytest

from tests.calls.dialled import called
from tests.calls.foreign import baresip
from tests.calls.seating import Seat
from tests.calls.tiles import auto, letterboxed, part
from tests.probe import Offer, VideoFormat
from tests.product import Mcu
from tests.waiting import until_in_thread


def _calls(mcu: Mcu, room: str) -> list[dict[str, Any]]:
    return list(mcu.bus.call("call.list", room=room))


async def test_a_terminal_that_is_called_meets_the_others(mcu: Mcu, seat: Seat, room: str) -> None:
    probe = await seat(0)
    mcu.bus.call("room.act", room=room, act="lock", on=True)  # for others: who is called gets in all the same
    async with baresip.running(mcu.sip, "magenta", 950, "foreign", answers=True) as foreign:
        mcu.bus.call("call.dial", room=room, address=f"sip:baresip@127.0.0.1:{foreign.port}", name="Xã Hòa Bình")
        await probe.sees(auto(2), [probe.colour, "magenta"], baresip.KEYFRAME)
        await probe.hears({950}, {probe.tone, 950})
        people = mcu.bus.call("room.show", number=room)["participants"]
        assert {person["name"] for person in people} == {"Probe 0", "Xã Hòa Bình"}
        assert {person["kind"] for person in people} == {"guest", "dialled"}
        assert _calls(mcu, room) == []
        assert not foreign.happened("CALL_CLOSED"), foreign.events
    await probe.sees(auto(1), [probe.colour])


@pytest.mark.parametrize("codec", ["H261", "H263", "H263-1998"])
async def test_a_called_terminal_that_knows_only_an_old_codec(mcu: Mcu, seat: Seat, room: str, codec: str) -> None:
    """It answers our offer with what it has, under the number that the offer gave it."""
    probe = await seat(0)
    old = await seat(1, dial=None, offer=Offer(video=(VideoFormat(126, "CIF=1;QCIF=1", codec),)))
    host, port = old.agent.address
    mcu.bus.call("call.dial", room=room, address=f"sip:old@{host}:{port}", name="Xã Hòa Bình")
    tiles = [auto(2)[0], part(auto(2)[1], 0.125, 0.0, 0.75, 1.0)]
    await probe.sees(tiles, [probe.colour, old.colour])
    await old.sees([letterboxed(tile) for tile in tiles], [probe.colour, old.colour])
    await old.runs(letterboxed(tiles[0]), 10)
    (offered,) = [line for line in old.peer if line.kind == "video"]
    assert [offered.codecs[number] for number in offered.payloads] == ["H264", "H263-1998", "H263", "H261"]
    assert {offered.fmtp[number] for number in offered.payloads[1:]} == {"CIF=1;QCIF=1"}
    # Without a level it would be level 1, which is QCIF (RFC 6184 8.1).
    assert "profile-level-id=42801F" in offered.fmtp[offered.payloads[0]]


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("486 Busy Here", "busy"),
        ("603 Decline", "refused"),
        ("404 Not Found", "not_found"),
        ("488 Not Acceptable Here", "codec"),
        ("480 Temporarily Unavailable", "no_answer"),
        ("408 Request Timeout", "unreachable"),
        ("503 Service Unavailable", "unreachable"),
        ("600 Busy Everywhere", "busy"),
        ("500 Server Internal Error", "unreachable"),
    ],
)
async def test_the_true_reason_is_told(mcu: Mcu, room: str, status: str, reason: str) -> None:
    async with called.listening(status) as terminal:
        mcu.bus.call("call.dial", room=room, address=f"sip:x@127.0.0.1:{terminal.address[1]}")
        await until_in_thread(lambda: [c["state"] for c in _calls(mcu, room)] == ["failed"], "a failed call")
        assert _calls(mcu, room)[0]["reason"] == reason
        invite = terminal.requests[0]
        assert f"<sip:{room}@" in invite.header("From")
        assert "H264" in invite.body.decode()


async def test_a_ringing_terminal_is_given_up(mcu: Mcu, room: str) -> None:
    async with called.listening("180 Ringing") as terminal:
        made = mcu.bus.call("call.dial", room=room, address=f"sip:x@127.0.0.1:{terminal.address[1]}")
        await until_in_thread(lambda: "INVITE" in terminal.methods(), "an INVITE")
        mcu.bus.call("call.end", call=made["id"])
        await until_in_thread(lambda: "CANCEL" in terminal.methods(), "a CANCEL")
        await until_in_thread(lambda: _calls(mcu, room) == [], "no call is listed")
