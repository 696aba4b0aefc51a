"""What happens while an H.323 terminal is in a room: keyframes, keys, hold, limits, a trace."""

from __future__ import annotations

import struct
from base64 import b64decode
from typing import Any

from tests.asterisk.module.ami import Ami
from tests.calls.seating import Seat
from tests.calls.tiles import auto
from tests.probe.h323 import H323Terminal
from tests.product import Mcu


def _call(mcu: Mcu, name: str) -> dict[str, Any]:
    found = [call for call in mcu.bus.call("h323.calls") if call["name"] == name]
    assert len(found) == 1, f"{name} has {len(found)} calls"
    return dict(found[0])


async def _ami(mcu: Mcu) -> Ami:
    ami = Ami()
    secret = (mcu.home / "asterisk" / "secrets" / "ami").read_text().strip()
    await ami.connect(int(mcu.environment["MCU_ASTERISK__AMI_PORT"]), "mcu", secret)
    return ami


def _channel(ami: Ami) -> str:
    return next(e["Channel"] for e in reversed(ami.events) if e.get("Channel", "").startswith("PJSIP/h323-"))


async def test_a_terminal_that_knows_no_rtcp_is_asked_for_keyframes_by_h245(mcu: Mcu, seat: Seat, room: str) -> None:
    sip = await seat(0)
    async with H323Terminal(mcu.h323, colour="blue", tone=700) as terminal:
        terminal.video.on_keyframe_request = None
        await terminal.dial(room)
        await terminal.until(lambda: terminal.fast_updates, 15, "videoFastUpdatePicture")
        await sip.sees(auto(2), [sip.colour, "blue"])


async def test_a_terminal_gets_a_keyframe_when_it_asks_by_h245(mcu: Mcu, seat: Seat, room: str) -> None:
    sip = await seat(0)
    async with H323Terminal(mcu.h323, colour="blue", tone=700) as terminal:
        await terminal.dial(room)
        await terminal.sees(auto(2), [sip.colour, "blue"])
        await terminal.more_pictures(60, seconds=20)
        before = terminal.screen.facts.idrs
        await terminal.ask_keyframe_h245()
        await terminal.idr_after(before, 5)


async def test_keys_go_both_ways(mcu: Mcu, room: str) -> None:
    ami = await _ami(mcu)
    try:
        async with H323Terminal(mcu.h323, colour="blue", tone=700) as terminal:
            await terminal.dial(room)
            await terminal.until(
                lambda: any(e["Event"] == "ConfbridgeJoin" and e["Conference"] == room for e in ami.events),
                15,
                "a join",
            )
            await terminal.press("4*")
            await terminal.until(
                lambda: [e["Digit"] for e in ami.events if e["Event"] == "DTMFEnd"] == ["4", "*"],
                15,
                "keys in Asterisk",
            )
            mcu.console("module load app_senddtmf.so")  # the product never presses a key
            reply = await ami.action("PlayDTMF", Channel=_channel(ami), Digit="7")
            assert reply["Response"] == "Success", reply
            await terminal.until(lambda: terminal.keys == "7", 15, "a key by UserInputIndication")
    finally:
        await ami.close()


async def test_a_terminal_on_hold_is_not_heard_and_comes_back(mcu: Mcu, seat: Seat, room: str) -> None:
    sip = await seat(0)
    async with H323Terminal(mcu.h323, colour="blue", tone=700) as terminal:
        await terminal.dial(room)
        both = {sip.tone, 700}
        await sip.hears({700}, both)
        await terminal.hold()
        await sip.hears(set(), both)
        await terminal.until(lambda: not terminal.receiving, 15, "that the MCU closes its channels")
        await terminal.resume()
        await sip.hears({700}, both)
        await terminal.hears({sip.tone}, both)
        await sip.sees(auto(2), [sip.colour, "blue"])
        await terminal.sees(auto(2), [sip.colour, "blue"])


async def test_a_terminal_limits_what_it_is_sent(mcu: Mcu, room: str) -> None:
    async with H323Terminal(mcu.h323, name="Slow line", colour="blue", tone=700) as terminal:
        await terminal.dial(room)
        await terminal.limit_video(256_000)
        await terminal.until(
            lambda: _call(mcu, "Slow line")["bit_rate_limit"] == 256_000, 15, "the limit at the gateway"
        )


async def test_a_terminal_that_hangs_up_leaves_the_room(mcu: Mcu, room: str) -> None:
    async with H323Terminal(mcu.h323, colour="blue", tone=700) as terminal:
        await terminal.dial(room)
        await terminal.until(lambda: mcu.bus.call("room.show", number=room)["participants"], 15, "a seat")
        await terminal.hang_up()
        await terminal.until(lambda: not mcu.bus.call("room.show", number=room)["participants"], 15, "an empty room")


async def test_one_who_is_kicked_is_hung_up(mcu: Mcu, room: str) -> None:
    async with H323Terminal(mcu.h323, colour="blue", tone=700) as terminal:
        await terminal.dial(room)
        await terminal.until(lambda: mcu.bus.call("room.show", number=room)["participants"], 15, "a seat")
        person = mcu.bus.call("room.show", number=room)["participants"][0]
        mcu.bus.call("room.act", room=room, act="drop", participant=person["id"])
        await terminal.until(terminal.h323.ended.is_set, 15, "the end of the call")
        assert terminal.h323.ended_by_peer
        assert terminal.h323.cause == 16


async def test_a_trace_can_be_read_and_opened_in_wireshark(mcu: Mcu, room: str) -> None:
    mcu.bus.call("h323.trace", address="127.0.0.1", on=True)
    try:
        async with H323Terminal(mcu.h323, name="Traced", tunnelling=False, colour="blue", tone=700) as terminal:
            await terminal.dial(room)
            call = _call(mcu, "Traced")
            trace = mcu.bus.call("h323.trace_get", tag=call["tag"])
    finally:
        mcu.bus.call("h323.trace", address="127.0.0.1", on=False)
    for said in (
        "<- H.225 setup",
        "-> H.225 connect",
        "<- H.245 request.terminalCapabilitySet",
        "openLogicalChannelAck",
    ):
        assert said in trace["text"]
    capture = b64decode(trace["pcap"])
    magic, major, minor, _, _, _, link = struct.unpack("<IHHiIII", capture[:24])
    assert (magic, major, minor, link) == (0xA1B2C3D4, 2, 4, 101)
    packets, place = 0, 24
    while place < len(capture):
        length = struct.unpack("<IIII", capture[place : place + 16])[2]
        assert capture[place + 16] == 0x45, "an IPv4 header"
        packets, place = packets + 1, place + 16 + length
    assert place == len(capture)
    assert packets > 8
