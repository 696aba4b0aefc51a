"""Packets to access units and back, by bytes."""

from __future__ import annotations

import itertools
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcu.mixer._native import (
    AccessUnit,
    H264Depacketizer,
    ReorderBuffer,
    build_fir,
    build_pli,
    packetize,
    parse_keyframe_requests,
)

START = b"\0\0\0\1"


def drain(buffer: ReorderBuffer, now: int) -> list[tuple[int, bool]]:
    out = []
    while (packet := buffer.pop(now)) is not None:
        out.append((packet[0], packet[4]))
    return out


def feed(buffer: ReorderBuffer, sequence: list[int], now: int = 0) -> list[tuple[int, bool]]:
    out = []
    for seq in sequence:
        buffer.push(seq & 0xFFFF, 0, False, b"x", now)
        out += drain(buffer, now)
    return out


def test_in_order_passes_at_once_over_the_wrap() -> None:
    sequence = [n & 0xFFFF for n in range(65530, 65546)]
    assert feed(ReorderBuffer(), sequence) == [(n, False) for n in sequence]


def test_swapped_packets_come_in_order() -> None:
    buffer = ReorderBuffer()
    assert feed(buffer, [1, 3, 2, 6, 5, 4, 7]) == [(n, False) for n in range(1, 8)]
    assert (buffer.lost, buffer.reordered) == (0, 3)


def test_a_gap_is_waited_for_so_many_milliseconds() -> None:
    buffer = ReorderBuffer(32, 40)
    assert feed(buffer, [10, 12], now=100) == [(10, False)]
    assert buffer.deadline_ms() == 140
    assert drain(buffer, 139) == []
    assert drain(buffer, 140) == [(12, True)]
    assert buffer.lost == 1
    assert buffer.deadline_ms() is None
    assert not buffer.push(11, 0, False, b"", 141), "too late now"
    assert buffer.late == 1


def test_a_gap_is_waited_for_so_many_packets() -> None:
    buffer = ReorderBuffer(4, 10_000)
    assert feed(buffer, [0, 2, 3, 4, 5]) == [(0, False)]
    assert feed(buffer, [6]) == [(2, True), (3, False), (4, False), (5, False), (6, False)]


def test_duplicates_are_dropped() -> None:
    buffer = ReorderBuffer()
    assert feed(buffer, [1, 1, 2, 4, 4, 3, 2]) == [(1, False), (2, False), (3, False), (4, False)]
    assert buffer.late == 3


def test_a_sender_that_starts_anew_is_followed_after_two_packets_and_one_stray_is_not() -> None:
    buffer = ReorderBuffer()
    assert feed(buffer, [100, 40000, 101]) == [(100, False), (101, False)]
    assert feed(buffer, [20000, 20001, 20002]) == [(20001, True), (20002, False)]


@given(st.lists(st.tuples(st.integers(0, 0xFFFF), st.integers(0, 30)), max_size=300))
def test_any_sequence_comes_out_ascending_unless_it_jumps(packets: list[tuple[int, int]]) -> None:
    buffer, now, out = ReorderBuffer(8, 20), 0, []
    for seq, step in packets:
        now += step
        buffer.push(seq, 0, False, b"", now)
        out += drain(buffer, now)
        due = buffer.deadline_ms()
        assert due is None or now < due <= now + 20
    for (a, _), (b, lost) in itertools.pairwise(out):
        ahead = (b - a) & 0xFFFF
        assert lost == (ahead != 1)


def single(*nals: bytes) -> bytes:
    return b"".join(START + nal for nal in nals)


def test_single_nals_end_at_the_marker() -> None:
    d = H264Depacketizer()
    assert d.push(b"\x67abc", 5, False) == []
    assert d.push(b"\x68d", 5, False) == []
    assert d.push(b"\x65ef", 5, True) == [(single(b"\x67abc", b"\x68d", b"\x65ef"), 5, False)]


def test_a_missing_marker_is_made_up_for_by_the_next_timestamp() -> None:
    d = H264Depacketizer()
    assert d.push(b"\x41a", 5, False) == []
    assert d.push(b"\x41b", 6, True) == [(single(b"\x41a"), 5, False), (single(b"\x41b"), 6, False)]


def test_stap_a() -> None:
    d = H264Depacketizer()
    payload = b"\x78" + b"\0\x03\x67ab" + b"\0\x02\x68c" + b"\0\x02\x65d"
    assert d.push(payload, 1, True) == [(single(b"\x67ab", b"\x68c", b"\x65d"), 1, False)]
    for broken in (b"\x78\0\x09\x67ab", b"\x78\0", b"\x78\0\x02\x67a\0"):
        result = d.push(broken + b"", 2, True) + d.push(b"\x41x", 3, True)
        assert any(loss for _, _, loss in result)


def test_fu_a_and_its_losses() -> None:
    d = H264Depacketizer()
    begin, middle, end = b"\x7c\x85aa", b"\x7c\x05bb", b"\x7c\x45cc"
    d.push(begin, 1, False)
    d.push(middle, 1, False)
    assert d.push(end, 1, True) == [(single(b"\x65aabbcc"), 1, False)]
    # The middle is lost: half a NAL is worth nothing.
    d.push(b"\x41ok", 2, False)
    d.push(begin, 2, False)
    assert d.push(end, 2, True, True) == [(single(b"\x41ok"), 2, True)]
    # The beginning is lost, and nothing is left: told with the next unit.
    assert d.push(end, 3, True, True) == []
    assert d.push(b"\x41x", 4, True) == [(single(b"\x41x"), 4, True)]
    assert d.push(b"\x41x", 5, True) == [(single(b"\x41x"), 5, False)]
    # The end never comes.
    d.push(begin, 6, False)
    assert d.push(b"\x41y", 7, True) == [(single(b"\x41y"), 7, True)]


@pytest.mark.parametrize("payload", [b"", b"\x7c", b"\x7c\x85", b"\x78", b"\x79aaaa", b"\x7daaa", b"\x00", b"\x1f\x01"])
def test_what_makes_no_sense_is_left_out(payload: bytes) -> None:
    d = H264Depacketizer()
    d.push(payload, 1, True)
    (unit,) = d.push(b"\x41x", 2, True)
    assert unit[0] == single(b"\x41x")


def test_a_unit_without_end_is_given_up() -> None:
    d = H264Depacketizer(1000)
    d.push(b"\x7c\x85" + b"a" * 100, 1, False)
    for _ in range(100):
        assert d.push(b"\x7c\x05" + b"a" * 100, 1, False) == []
    assert d.push(b"\x7c\x45a", 1, True) == []
    assert d.push(b"\x41x", 2, True) == [(single(b"\x41x"), 2, True)]


@given(st.lists(st.tuples(st.binary(max_size=40), st.integers(0, 3), st.booleans(), st.booleans()), max_size=60))
def test_any_payload_is_survived(packets: list[tuple[bytes, int, bool, bool]]) -> None:
    d = H264Depacketizer(200)
    for payload, ts, marker, loss in packets:
        for data, _, _ in d.push(payload, ts, marker, loss):
            assert data.startswith(START)
            assert len(data) <= 200


def nals() -> st.SearchStrategy[list[bytes]]:
    nal = st.builds(lambda t, ref, rest: bytes([ref << 5 | t]) + rest, st.integers(1, 23), st.integers(0, 3),
                    st.integers(1, 4000).map(lambda n: Random(n).randbytes(n)))  # fmt: skip
    return st.lists(nal, min_size=1, max_size=8)


@given(nals(), st.sampled_from([0, 1]), st.integers(100, 1400), st.randoms())
def test_packets_shuffled_a_little_give_the_same_unit(units: list[bytes], mode: int, size: int, random: Random) -> None:
    packets = packetize(AccessUnit(units), "h264", mode, size)
    assert [marker for _, marker in packets] == [False] * (len(packets) - 1) + [True]
    assert mode == 0 or all(len(payload) <= size for payload, _ in packets)
    order = sorted(range(len(packets)), key=lambda n: n + random.uniform(0, 5))
    buffer, depacketizer, out = ReorderBuffer(), H264Depacketizer(), []
    buffer.push(65530, 0, True, b"\x41", 0)  # so that the first of ours may be late
    for n in order:
        buffer.push((65531 + n) & 0xFFFF, 90, packets[n][1], packets[n][0], 0)
        while (packet := buffer.pop(0)) is not None:
            _seq, ts, marker, payload, loss = packet
            out += depacketizer.push(payload, ts, marker, loss)
    assert out == [(single(b"\x41"), 0, False), (single(*units), 90, False)]


def test_pli_and_fir() -> None:
    assert build_pli(1, 0xAABBCCDD) == bytes.fromhex("81ce0002 00000001 aabbccdd")
    assert build_fir(1, 0xAABBCCDD, 7) == bytes.fromhex("84ce0004 00000001 00000000 aabbccdd 07000000")
    assert parse_keyframe_requests(build_pli(1, 2)) == [("pli", 1, 2, 0)]
    assert parse_keyframe_requests(build_fir(1, 2, 255)) == [("fir", 1, 2, 255)]


def test_requests_in_a_compound_packet() -> None:
    report = bytes.fromhex("80c90001 00000009")
    two_firs = bytes.fromhex("84ce0006 00000001 00000000 00000002 05000000 00000003 06000000")
    nack = bytes.fromhex("81cd0003 00000001 00000002 00010000")
    packet = report + nack + build_pli(4, 5) + two_firs
    assert parse_keyframe_requests(packet) == [("pli", 4, 5, 0), ("fir", 1, 2, 5), ("fir", 1, 3, 6)]
    assert parse_keyframe_requests(packet[:-1]) == [("pli", 4, 5, 0)], "what is whole counts"
    assert parse_keyframe_requests(b"\x01" + packet) == []


@given(st.binary(max_size=100))
def test_any_rtcp_is_survived(packet: bytes) -> None:
    parse_keyframe_requests(packet)
    parse_keyframe_requests(build_pli(1, 2) + packet)
