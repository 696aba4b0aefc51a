"""Rubbish on every port: dropped, counted, and nobody else's picture suffers."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import signal
import socket
import struct
import time

from tests.mixer.rig import HALVES, Rig
from tests.patience import Patience
from tests.probe import Terminal, rtp
from tests.waiting import until, until_told

WHOLE = [(0.0, 0.0, 1.0, 1.0)]


def _rubbish(seed: int, count: int) -> list[bytes]:
    """Random octets; headers with random rest; lengths, counts and paddings that lie."""
    source = random.Random(seed)
    packets = [b"", b"\x80", b"\x80" * 11, b"\xff" * 1500, b"\x80\x61" + b"\x00" * 10]
    for _ in range(count):
        body = source.randbytes(source.randrange(0, 1400))
        kind = source.randrange(5)
        if kind == 0:
            packets.append(body)
        elif kind == 1:  # RTP with any flags: padding, extension and CSRCs that are not there
            packets.append(bytes([0x80 | source.randrange(64), source.randrange(256)]) + body[:40])
        elif kind == 2:  # RTP of the right payload type with a broken payload
            packets.append(rtp.header(97, source.randrange(65536), source.randrange(2**32), 7, True) + body)
        elif kind == 3:  # RTCP of every type, its length right or not
            words = source.choice([0, 1, 6, len(body) // 4, 65535])
            head = struct.pack("!BBH", 0x80 | source.randrange(64), source.randrange(192, 224), words)
            packets.append(head + body[: source.choice([0, 4 * words, 24])])
        else:  # a compound whose second part lies
            packets.append(rtp.pli(source.randrange(2**32), 1)[:-4] + body[:8])
    return packets


def _video_port(terminal: Terminal) -> tuple[str, int]:
    return terminal.peer[1].host, terminal.peer[1].port


async def test_rubbish_on_media_ports_is_dropped_and_counted(rig: Rig) -> None:
    await rig.control.put("1001", ["aaaa0001", "aaaa0002"], HALVES)
    async with rig.leg("red") as red, rig.leg("blue") as blue, rig.viewer() as screen:
        await red.dial("leg-aaaa0001")
        await blue.dial("leg-aaaa0002")
        await screen.dial("view-1001-hd")
        await screen.sees(HALVES, ["red", "blue"])
        patience, refused = Patience(10), 0
        for turn in itertools.count(1):  # a crowded machine loses what comes faster than the mixer is let read it
            for number, packet in enumerate(_rubbish(turn, 3000)):
                (red if number % 2 else screen).video.send_raw(packet)
                (screen if number % 2 else red).video.send_control(packet)
            red_leg = await rig.control.leg("leg", participant="aaaa0001")
            refused = min(red_leg["refused"], (await rig.control.leg("view", view="1001"))["refused"])
            if refused > 500:
                break
            assert not patience.over, f"{patience}: 500 refused, not {refused}"
        before = screen.screen.pictures
        await screen.until(lambda: screen.screen.pictures > before + 15, 3, "more pictures")
        await screen.sees(HALVES, ["red", "blue"])
        assert (await rig.control.leg("leg", participant="aaaa0002"))["refused"] == 0


async def test_strangers_packets_do_not_take_a_stream_over(rig: Rig) -> None:
    """Single packets of other SSRCs come and are refused; a source that really changes is followed."""
    await rig.control.put("1001", ["aaaa0001"], WHOLE)
    async with rig.leg("red") as red, rig.viewer() as screen:
        await red.dial("leg-aaaa0001")
        await screen.dial("view-1001-hd")
        await screen.sees(WHOLE, ["red"])
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for number in range(50):
                stray = rtp.header(97, number * 7, 1, 1000 + number, True) + b"\x65\x88\x80"
                stranger.sendto(stray, _video_port(red))
        await _count(rig, "refused", 50)
        leg = await rig.control.leg("leg", participant="aaaa0001")
        assert (leg["refused"], leg["lost"]) == (50, 0)
        red.video.ssrc ^= 0x5555
        red.camera.keyframe()
        await _count(rig, "units_in", leg["units_in"] + 30)
        await screen.sees(WHOLE, ["red"])
        leg = await rig.control.leg("leg", participant="aaaa0001")
        assert leg["refused"] == 51, "the first packet of the new source"


async def test_what_a_killed_mixer_was_sent_gives_way_to_the_leg_itself(rig: Rig) -> None:
    """Asterisk goes on sending to the ports of a mixer that died; the next one may have the same ports."""
    await rig.control.put("1001", ["aaaa0001"], WHOLE)
    async with rig.leg("red") as red, rig.viewer() as screen:
        red.camera.on = False
        await red.dial("leg-aaaa0001")
        red.camera.on = False
        await screen.dial("view-1001-hd")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stale:
            for number in range(30):
                stale.sendto(rtp.header(97, number, number, 9, True) + b"\x41\x9a", _video_port(red))
            await _count(rig, "packets_in", 1)
            red.camera.on = True
            await screen.sees(WHOLE, ["red"])
            before = (await rig.control.leg("leg", participant="aaaa0001"))["refused"]
            for number in range(30, 60):
                stale.sendto(rtp.header(97, number, number, 9, True) + b"\x41\x9a", _video_port(red))
            await _count(rig, "refused", before + 30)
            await screen.sees(WHOLE, ["red"])


async def _count(rig: Rig, what: str, least: int) -> None:
    async def enough() -> bool:
        return bool((await rig.control.leg("leg", participant="aaaa0001"))[what] >= least)

    await until_told(enough, f"{what} of {least}", 5)


async def test_damaged_pictures_cost_only_their_own_tile(rig: Rig) -> None:
    await rig.control.put("1001", ["aaaa0001", "aaaa0002"], HALVES)
    async with rig.leg("red") as red, rig.leg("blue") as blue, rig.viewer() as screen:
        await red.dial("leg-aaaa0001")
        await blue.dial("leg-aaaa0002")
        await screen.dial("view-1001-hd")
        await screen.sees(HALVES, ["red", "blue"])
        red.camera.flip_bits = 0.5
        await red.until(lambda: red.video.sent > 200, 8, "some seconds of damage")
        assert screen.colours([HALVES[1]]) == ["blue"]
        before = screen.screen.counter(HALVES[1])
        await screen.until(lambda: screen.screen.counter(HALVES[1]) != before, 2, "the other tile moves")
        red.camera.flip_bits = 0
        red.camera.keyframe()
        await screen.sees(HALVES, ["red", "blue"])


async def test_lost_and_late_packets_are_known(rig: Rig) -> None:
    await rig.control.put("1001", ["aaaa0001"], WHOLE)
    async with rig.leg("red") as red, rig.viewer() as screen:
        await red.dial("leg-aaaa0001")
        await screen.dial("view-1001-hd")
        await screen.sees(WHOLE, ["red"])
        asked = red.camera.requests
        red.video._sequence += 3  # three packets that never come
        await red.until(lambda: red.camera.requests > asked, 3, "a keyframe request, as a picture is broken")
        await screen.sees(WHOLE, ["red"])
        assert (await rig.control.leg("leg", participant="aaaa0001"))["lost"] == 3


async def test_packets_that_lie_unread_in_the_socket_are_not_given_up(rig: Rig) -> None:
    """A crowded machine keeps the mixer from running for longer than it waits for a packet that was overtaken."""
    await rig.control.put("1001", ["aaaa0001"], WHOLE)
    async with rig.leg("red") as red:
        await red.dial("leg-aaaa0001")
        await red.until(lambda: red.video.sent > 10, 3, "some pictures")
        red.camera.on = False
        before = await rig.control.leg("leg", participant="aaaa0001")
        port, delimiter = red.video, b"\x09\x10"  # an access unit delimiter (H.264 7.3.2.4)
        patience, good, spoilt = Patience(20), 0, 0
        while good < 15:
            assert not patience.over, f"{patience}: 15 turns, not {good}"
            turn = good + spoilt
            overtaken, overtaking = [
                rtp.header(red.camera.payload_type, port._sequence + number, turn, port.ssrc, True) + delimiter
                for number in (1, 2)
            ]
            port._sequence += 2
            begun = time.monotonic()
            port.send_raw(overtaking)
            await asyncio.sleep(0.01)  # it is read, and the gap is seen
            os.kill(rig.mixer.pid, signal.SIGSTOP)
            try:
                if time.monotonic() - begun < 0.03:
                    good += 1
                else:
                    spoilt += 1  # this test itself was kept from running for nearly as long as the mixer waits
                port.send_raw(overtaken)
                await asyncio.sleep(0.06)  # 40 ms is what it waits
            finally:
                os.kill(rig.mixer.pid, signal.SIGCONT)
        leg = await rig.control.leg("leg", participant="aaaa0001")
        assert leg["late"] - before["late"] <= spoilt
        assert leg["lost"] - before["lost"] <= spoilt


async def test_rubbish_on_the_sip_port(rig: Rig) -> None:
    source = random.Random(3)
    good = (
        f"INVITE sip:leg-aaaa0001@127.0.0.1:{rig.mixer.sip_port} SIP/2.0\r\n"
        "Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKx\r\nMax-Forwards: 70\r\nFrom: <sip:a@b>;tag=1\r\n"
        "To: <sip:c@d>\r\nCall-ID: {}\r\nCSeq: 1 INVITE\r\nContact: <sip:a@127.0.0.1:9>\r\n"
        "Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{}"
    )
    start = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    video = "m=video 9 RTP/AVP 97\r\na=rtpmap:97 H264/"
    bodies = [
        "", "v=0", f"{start}m=video 1 RTP/AVP 97\r\n", f"{start}{video}0\r\n", f"{start}{video}90000\r\n",
        f"{start}m=audio 9 RTP/AVP 0\r\n{video}90000\r\na=fmtp:97 profile-level-id={'f' * 4000}\r\n",
        f"{start}m=audio 9 RTP/AVP 0\r\n{video}90000\r\n".replace("127.0.0.1", "0.0.0.0"),
    ]  # fmt: skip
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for number in range(400):
            body = source.choice(bodies)
            message = bytearray(good.format(f"id{number}", len(body), body).encode())
            for _ in range(source.randrange(4)):
                message[source.randrange(len(message))] = source.randrange(256)
            stranger.sendto(bytes(message[: source.randrange(20, len(message) + 1)]), rig.mixer.address)
            stranger.sendto(source.randbytes(source.randrange(1, 600)), rig.mixer.address)
    await rig.control.put("1001", ["bbbb0001"], WHOLE)
    async with rig.leg("green") as green, rig.viewer() as screen:
        await green.dial("leg-bbbb0001")
        await screen.dial("view-1001-hd")
        await screen.sees(WHOLE, ["green"])
    await until(lambda: rig.control.events("leg.down"), "leg.down", 3)
