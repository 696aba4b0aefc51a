"""The probe's instruments by themselves: what they read must be what was drawn, sent or said."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tests.probe import h26x, h264, rtp, sdp, stamp, tones
from tests.probe import sip_message as sip
from tests.probe.clip import ClipFormat, clip


def _rgb(colour: str, counter: int, size: tuple[int, int]) -> stamp.Picture:
    import av

    planar = stamp.draw(stamp.COLOURS[colour], 640, 360, counter)
    picture = av.VideoFrame.from_ndarray(planar, format="yuv420p").to_ndarray(format="rgb24")
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BILINEAR), np.uint8)


@pytest.mark.parametrize("size", [(640, 360), (320, 180), (213, 120)])
@pytest.mark.parametrize("colour", list(stamp.COLOURS))
def test_colour_and_counter_survive_scaling(colour: str, size: tuple[int, int]) -> None:
    for counter in (0, 1, 77, 0x55AA, 0xFFFF):
        tile = _rgb(colour, counter, size)
        assert stamp.colour_of(tile) == colour
        assert stamp.read(np.asarray(tile[:, :, 1], np.uint8)) == counter


def test_a_picture_without_counter_reads_as_none() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (360, 640), np.uint8)
    assert stamp.read(np.full((360, 640), 128, np.uint8)) is None
    assert stamp.read(noise.astype(np.uint8)) is None
    assert stamp.colour_of(np.full((360, 640, 3), 90, np.uint8)) == ""


@pytest.mark.parametrize("payload_type", [0, 8])
def test_a_tone_is_found_and_no_other(payload_type: int) -> None:
    both = np.tile(tones.tone(400) + tones.tone(950), 5)
    heard = tones.decode(tones.encode(both, payload_type), payload_type)
    assert all(tones.levels(heard, 400) > -16)
    assert all(tones.levels(heard, 950) > -16)
    for other in (550, 700, 800, 1250, 1900):
        assert all(tones.levels(heard, other) < tones.AUDIBLE - 8)


@pytest.mark.parametrize("mode", [0, 1])
def test_a_clip_comes_whole_out_of_its_packets(mode: int) -> None:
    loop = clip(ClipFormat("cyan", frames=30, sliced=mode == 0, kbps=0 if mode == 0 else 1200))
    taken = h264.Depacketizer()
    sequence = 65530
    for number, unit in enumerate(loop.units):
        payloads = h264.packetize(unit, mode)
        whole = None
        for position, payload in enumerate(payloads):
            last = position == len(payloads) - 1
            whole = taken.feed(rtp.RtpPacket(last, 97, sequence & 0xFFFF, number * 3000, 1, payload, 0.0))
            sequence += 1
        assert whole is not None
        assert list(h264.split(whole)) == unit
    assert taken.facts.idrs == 1
    assert taken.damaged == 0


@pytest.mark.parametrize(("codec", "profile"), [("h261", ""), ("h263", ""), ("h263p", ""), ("h263p", "plus")])
@pytest.mark.parametrize("size", [(352, 288), (176, 144)])
def test_a_clip_of_an_old_codec_comes_whole_out_of_its_packets(codec: str, profile: str, size: tuple[int, int]) -> None:
    loop = clip(ClipFormat("cyan", *size, codec=codec, frames=30, profile=profile))
    taken, decoder = h26x.Depacketizer(codec), h26x.Decoder(codec)
    sequence = 65530
    for number, payloads in enumerate(loop.payloads(0)):
        whole = None
        for position, payload in enumerate(payloads):
            last = position == len(payloads) - 1
            whole = taken.feed(rtp.RtpPacket(last, 34, sequence & 0xFFFF, number * 3000, 1, payload, 0.0))
            sequence += 1
        assert whole == loop.units[number][0]
        (frame,) = decoder.decode(whole)
        seen = np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
        assert stamp.colour_of(seen) == "cyan"
        assert stamp.read(np.asarray(seen[:, :, 1], np.uint8)) == number
    assert sequence - 65530 > 34 or size[0] < 352, "not one picture took two packets"
    assert taken.facts.idrs == (codec != "h261")
    assert taken.damaged == 0
    assert taken.facts.largest_payload <= 1460, "with the headers of IP, UDP and RTP more than 1500 octets"


def test_gobs_of_h261_begin_within_an_octet() -> None:
    """Else nothing here would have tried SBIT and EBIT (RFC 4587 4.1)."""
    first = [payloads[1][0] for payloads in clip(ClipFormat("cyan", 352, 288, codec="h261", frames=30)).payloads(0)[:1]]
    assert any(octet >> 5 for octet in first)


@pytest.mark.parametrize("codec", ["h261", "h263", "h263p"])
def test_a_lost_packet_spoils_one_picture_of_an_old_codec(codec: str) -> None:
    loop = clip(ClipFormat("cyan", 352, 288, codec=codec, frames=30))
    taken = h26x.Depacketizer(codec)
    packets = [
        rtp.RtpPacket(at == len(payloads) - 1, 34, 0, number * 3000, 1, payload, 0.0)
        for number, payloads in enumerate(loop.payloads(0)[:5])
        for at, payload in enumerate(payloads)
    ]
    units = [taken.feed(packet._replace(sequence=sequence)) for sequence, packet in enumerate(packets) if sequence != 1]
    assert [unit for unit in units if unit] == [unit[0] for unit in loop.units[1:5]]
    assert taken.damaged == 1


def test_a_lost_packet_spoils_one_unit_only() -> None:
    taken = h264.Depacketizer()
    units = [taken.feed(rtp.RtpPacket(True, 97, number, number * 3000, 1, b"\x41abc", 0.0)) for number in (1, 2, 4, 5)]
    assert [unit is None for unit in units] == [False, False, True, False]


def test_sequence_log_counts_holes_over_the_wrap() -> None:
    log = rtp.SequenceLog()
    for number in (65533, 65534, 1, 0, 2):
        log.note(0, number, 7, 100, float(number))
    assert [gap.missing for gap in log.gaps] == [2]
    assert log.packets == 5


def test_feedback_is_recognised() -> None:
    assert list(rtp.rtcp_kinds(rtp.pli(1, 2))) == ["rr", "pli"]
    assert list(rtp.rtcp_kinds(rtp.fir(1, 2, 3))) == ["rr", "fir"]
    assert list(rtp.rtcp_kinds(b"\x80")) == []


def test_sdp_says_what_was_asked_of_it() -> None:
    offer = sdp.Offer(
        video=(sdp.VideoFormat(96, "profile-level-id=640028;packetization-mode=1"), sdp.VideoFormat(97, "")),
        bandwidth=512,
    )
    media = sdp.parse(offer.text("192.0.2.1", 4000, 4002))
    video = sdp.find(media, "video")
    assert video is not None
    assert (video.host, video.port, video.payloads) == ("192.0.2.1", 4002, [96, 97])
    assert video.fmtp == {96: "profile-level-id=640028;packetization-mode=1"}


def test_digest_is_that_of_the_standard() -> None:
    """RFC 2617 3.5 gives the answer for a challenge with a client nonce; without qop it is RFC 2069's, checked here."""
    challenge = 'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'
    value = sip.credentials(challenge, "GET", "/dir/index.html", "Mufasa", "CircleOfLife")
    assert 'response="1949323746fe6a43ef61f9606e7febea"' in value


def test_sip_short_forms_and_folded_lines() -> None:
    text = b"OPTIONS sip:a@b SIP/2.0\r\nv: SIP/2.0/UDP h;branch=z9hG4bKx\r\n"
    text += b"f: <sip:a@b>\r\n ;tag=1\r\nCSeq: 4 OPTIONS\r\n\r\n"
    message = sip.parse(text)
    assert (message.branch, message.sequence, sip.tag_of(message.header("From"))) == ("z9hG4bKx", 4, "1")
    with pytest.raises(ValueError, match="end of headers"):
        sip.parse(b"\x00\x01")
