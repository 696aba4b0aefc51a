"""Calls into rooms of a real Asterisk: joining, refusal, and what control can do to a member."""

from __future__ import annotations

import pytest

from mcu.core.entry import Refuse
from mcu.core.events import HungUp, Joined, Left, Muted
from mcu.errors import BadRequest, ParticipantNotFound, RoomNotFound
from tests.asterisk.conftest import Bench


async def test_a_call_joins_the_room_that_control_named(bench: Bench) -> None:
    call = await bench.call("1001")
    joined = await bench.heard(Joined)
    assert (joined.participant, joined.room, joined.name, joined.muted) == ("0000000a", "1001", "Phòng họp", False)
    assert joined.number == "stranger"
    request = bench.requests[0]
    assert (request.number, request.door, request.endpoint) == ("1001", "guest", "anonymous")
    assert (request.caller_name, request.caller_number) == ("Stranger", "stranger")
    assert request.channel == joined.channel
    assert request.video.startswith("h264 ")
    assert "max-fs=3600" in request.video

    await bench.switch.kick("1001", joined.channel)
    await call.passed()
    assert (await bench.heard(Left)).participant == "0000000a"
    gone = await bench.heard(HungUp)
    assert (gone.kind, gone.ident, gone.channel) == ("terminal", "0000000a", joined.channel)


async def test_a_refusal_reaches_the_terminal_as_its_status(bench: Bench) -> None:
    bench.answer = lambda _: Refuse(prompt="mcu-no-such-room", cause=1, language="en")
    call = await bench.call("4711", "refused_404")
    await call.passed()
    assert not [event for event in bench.events if isinstance(event, Joined)]
