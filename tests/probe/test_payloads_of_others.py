"""The probe's H.261 and H.263 payloads against libavformat's, each taking the other's apart."""

from __future__ import annotations

import itertools
import socket
import threading
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.probe import h26x, rtp, stamp
from tests.probe.clip import ClipFormat, clip

_COUNT = 12


def _port() -> socket.socket:
    """On an even port with nothing on the next, as the other side wants RTCP there."""
    while True:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("127.0.0.1", 0))
        if sock.getsockname()[1] % 2 == 0:
            sock.settimeout(5)
            return sock
        sock.close()


def _read(frame: av.VideoFrame) -> tuple[str, int | None]:
    seen = np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
    return stamp.colour_of(seen), stamp.read(np.asarray(seen[:, :, 1], np.uint8))


@pytest.mark.parametrize("codec", ["h261", "h263", "h263p"])
def test_packets_of_libavformat_are_taken_apart(codec: str) -> None:
    """Of H.263 by RFC 2190 it sends mode B, too: its encoder tells where macroblocks begin (mb_info)."""
    whole = [("cyan", counter) for counter in range(_COUNT)]
    with _port() as sock:
        port = sock.getsockname()[1]
        flags = {"strict": "experimental"} | ({"rtpflags": "rfc2190"} if codec == "h263" else {})
        with av.open(f"rtp://127.0.0.1:{port}?pkt_size=500", "w", format="rtp", options=flags) as out:
            options = {"qmin": "7", "qmax": "10", **({"mb_info": "400"} if codec == "h263" else {})}
            stream = out.add_stream("h261" if codec == "h261" else "h263", rate=Fraction(30000, 1001), options=options)
            stream.width, stream.height, stream.pix_fmt = 352, 288, "yuv420p"
            for counter in range(_COUNT):
                picture = stamp.draw(stamp.COLOURS["cyan"], 352, 288, counter)
                out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="yuv420p")))
            out.mux(stream.encode())
        taken, decoder = h26x.Depacketizer(codec), h26x.Decoder(codec)
        seen: list[tuple[str, int | None]] = []
        packets = 0
        while len(seen) < _COUNT:
            packet = rtp.parse(sock.recv(2048), 0.0)
            assert packet is not None
            packets += 1
            if unit := taken.feed(packet):
                seen += [_read(frame) for frame in decoder.decode(unit)]
    assert seen == whole
    assert taken.damaged == 0
    assert packets > 2 * _COUNT


@pytest.mark.parametrize(
    ("codec", "number", "name"), [("h261", 31, "H261"), ("h263", 34, "H263"), ("h263p", 96, "H263-1998")]
)
def test_our_packets_are_taken_apart_by_libavformat(codec: str, number: int, name: str, tmp_path: Path) -> None:
    loop = clip(ClipFormat("cyan", 352, 288, codec=codec, frames=30))
    whole = [("cyan", counter) for counter in range(_COUNT)]
    with _port() as reserved, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        port = reserved.getsockname()[1]
        description = tmp_path / "in.sdp"
        description.write_text(
            f"v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\n"
            f"m=video {port} RTP/AVP {number}\na=rtpmap:{number} {name}/90000\n"
        )
        reserved.close()
        ended = threading.Event()
        packets = loop.payloads(0)[:_COUNT]

        def send() -> None:
            """Again and again from the intra picture on: libavformat looks at a stream before it gives any of it."""
            numbers = itertools.count()
            for turn in itertools.count():
                for place, payload in enumerate(packets[turn % _COUNT]):
                    last = place == len(packets[turn % _COUNT]) - 1
                    head = rtp.header(number, next(numbers), turn * 3003, 7, last)
                    sender.sendto(head + payload, ("127.0.0.1", port))
                if ended.wait(0.005):
                    return

        thread = threading.Thread(target=send)
        thread.start()
        try:
            options = {"protocol_whitelist": "file,rtp,udp"}
            with av.open(str(description), options=options, timeout=20) as source:
                decoder = h26x.Decoder(codec)
                seen: list[tuple[str, int | None]] = []
                for packet in source.demux(video=0):
                    seen += [_read(frame) for frame in decoder.decode(bytes(packet))]
                    # It may have come in the midst of a turn, or have lost a datagram.
                    if seen[-_COUNT:] == whole or len(seen) > 20 * _COUNT:
                        break
        finally:
            ended.set()
            thread.join()
    assert seen[-_COUNT:] == whole
