"""Sender and receiver reports against the octets that RFC 3550 sets out."""

from __future__ import annotations

import random
import struct

from mcu.mixer._native import RtcpReports

SECOND = 1_000_000  # µs
NTP = 0x0123456789ABCDEF


def _parts(packet: bytes) -> list[tuple[int, int, bytes]]:
    """(count, type, body) of each part; fails if lengths don't add up."""
    parts = []
    while packet:
        first, kind, words = struct.unpack_from("!BBH", packet)
        assert first >> 6 == 2
        length = 4 * (words + 1)
        assert len(packet) >= length
        parts.append((first & 0x1F, kind, packet[4:length]))
        packet = packet[length:]
    return parts


def _block(body: bytes) -> tuple[int, int, int, int, int, int, int]:
    """SSRC, fraction, cumulative loss, highest sequence number, jitter, LSR, DLSR (6.4.1)."""
    ssrc, loss, highest, jitter, lsr, dlsr = struct.unpack("!6I", body)
    total = loss & 0xFFFFFF
    return ssrc, loss >> 24, total - (1 << 24) if total >= 1 << 23 else total, highest, jitter, lsr, dlsr


def test_a_fresh_stream_sends_an_empty_receiver_report_with_its_name() -> None:
    report, names = _parts(RtcpReports(7, "mixer@here").report(0, NTP))
    assert report == (0, 201, struct.pack("!I", 7))
    count, kind, body = names
    assert (count, kind) == (1, 202)
    assert body[:6] == struct.pack("!IBB", 7, 1, 10)
    assert body[6:16] == b"mixer@here"
    assert body[16:].strip(b"\0") == b""
    assert body[16:], "the list of items ends with a null octet"


def test_a_sender_report_carries_the_media_clock_of_now() -> None:
    reports = RtcpReports(7, "x")
    reports.sent(90_000, 3, 3000, 10 * SECOND)
    reports.sent(93_000, 2, 500, 10 * SECOND + 33_333)
    (count, kind, body), _ = _parts(reports.report(11 * SECOND + 33_333, NTP))
    assert (count, kind) == (0, 200)
    ssrc, high, low, ts, packets, octets = struct.unpack("!6I", body)
    assert (ssrc, high << 32 | low, packets, octets) == (7, NTP, 5, 3500)
    assert ts == 93_000 + 90_000, "one second after the last picture"
    (_, kind, _), _ = _parts(reports.report(12 * SECOND, NTP))
    assert kind == 201, "nothing sent since: a receiver report (6.4)"


def test_losses_of_the_interval_and_in_all() -> None:
    reports = RtcpReports(7, "x")
    for seq in range(65_500, 65_500 + 100):  # over the wrap
        if seq % 10:
            reports.received(9, seq & 0xFFFF, seq * 3000, seq * 33_333)
    (_, _, body), _ = _parts(reports.report(0, NTP))
    ssrc, fraction, total, highest, *_ = _block(body[4:])
    # The first and the last of these numbers that came are 65501 and 65599: 99 expected, 90 there.
    assert (ssrc, total, fraction) == (9, 9, 9 * 256 // 99)
    assert highest == 0x10000 + (65_599 & 0xFFFF)
    assert reports.packets_lost == 9
    for seq in range(65_600, 65_610):
        reports.received(9, seq & 0xFFFF, seq * 3000, seq * 33_333)
    (_, _, body), _ = _parts(reports.report(0, NTP))
    assert _block(body[4:])[1:3] == (0, 9), "none in this interval"


def test_duplicates_count_as_less_than_no_loss() -> None:
    reports = RtcpReports(7, "x")
    for seq in (1, 2, 2, 2, 3):
        reports.received(9, seq, 0, 0)
    (_, _, body), _ = _parts(reports.report(0, NTP))
    assert _block(body[4:])[1:3] == (0, -2)


def test_jitter_is_that_of_the_standard() -> None:
    steady, shaky = RtcpReports(7, "x"), RtcpReports(7, "x")
    source = random.Random(1)
    expected = 0.0
    transit = None
    for number in range(500):
        arrival = number * 33_333 + source.randrange(0, 20_000)
        steady.received(9, number, number * 3000, number * SECOND // 30)
        shaky.received(9, number, number * 3000, arrival)
        now = arrival * 0.09 - number * 3000
        if transit is not None:
            expected += (abs(now - transit) - expected) / 16
        transit = now
    assert steady.jitter_ms < 0.1
    assert abs(shaky.jitter_ms - expected / 90) < 0.1


def test_a_new_source_starts_the_counts_anew() -> None:
    reports = RtcpReports(7, "x")
    for seq in (1, 5, 9):
        reports.received(9, seq, 0, 0)
    reports.received(10, 40_000, 0, 0)
    assert (reports.remote_ssrc, reports.packets_lost) == (10, 0)


def test_round_trip_and_the_other_sides_losses() -> None:
    ours, theirs = RtcpReports(7, "a"), RtcpReports(9, "b")
    ours.sent(0, 10, 100, 0)
    for seq in range(0, 20, 2):
        theirs.received(7, seq, 0, 0)
    ntp = 5 << 32
    assert theirs.take(ours.report(SECOND, ntp), SECOND + 10_000)
    theirs.sent(0, 1, 10, 0)
    answer = theirs.report(SECOND + 510_000, ntp)
    lsr, dlsr = _block(_parts(answer)[0][2][24:])[5:]
    assert lsr == ntp >> 16 & 0xFFFFFFFF
    assert abs(dlsr - 65536 // 2) <= 1
    assert ours.take(answer, SECOND + 530_000)
    assert abs(ours.round_trip_ms - 30) < 0.1
    assert abs(ours.remote_fraction_lost - 9 / 19) < 0.01


def test_what_is_no_compound_packet_is_refused_whole() -> None:
    reports = RtcpReports(7, "x")
    good = RtcpReports(9, "y").report(0, NTP)
    assert reports.take(good, 0)
    assert not reports.take(good[:-1], 0)
    assert not reports.take(good + b"\x80", 0)
    assert not reports.take(b"\x00" + good[1:], 0)
    assert not reports.take(b"\x80\xc9\xff\xff", 0)
    source = random.Random(2)
    for _ in range(20_000):
        spoilt = bytearray(good)
        for _ in range(source.randrange(1, 6)):
            spoilt[source.randrange(len(spoilt))] = source.randrange(256)
        reports.take(bytes(spoilt[: source.randrange(len(spoilt) + 1)]), 0)


def test_a_long_name_is_cut() -> None:
    _parts(RtcpReports(7, "x" * 1000).report(0, NTP))
