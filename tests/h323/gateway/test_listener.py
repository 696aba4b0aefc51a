"""The open port: scanners, floods and rubbish hurt nobody, and a terminal gets through all the same."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from typing import Any

import pytest

from mcu import config
from mcu.h323 import per, signalling, sip
from mcu.h323.gateway import Gateway, terminal_side
from mcu.h323.gateway.callers import read_accounts
from mcu.h323.media import Address
from mcu.h323.signalling import CallSignalling, Endpoint, Target
from tests.asterisk.running import free_ports
from tests.h323.sip.fake_asterisk import FakeAsterisk
from tests.waiting import until


class Rig:
    def __init__(self, gateway: Gateway, fake: FakeAsterisk, told: list[tuple[str, dict[str, Any]]]) -> None:
        self.gateway, self.fake, self.told = gateway, fake, told

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.gateway.settings.port)


@pytest.fixture
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    port, ras, sip_port = free_ports(3)
    options: dict[str, Any] = getattr(request, "param", {})
    settings = config.H323(port=port, ras_port=ras, sip_port=sip_port, **options)
    fake = FakeAsterisk()
    await fake.start()
    told: list[tuple[str, dict[str, Any]]] = []
    gateway = Gateway(
        settings, "127.0.0.1", fake.address, sip.Account("h323", "x"), lambda event, data: told.append((event, data))
    )
    await gateway.start()
    yield Rig(gateway, fake, told)
    await gateway.stop()
    fake.close()
    await asyncio.sleep(0)


async def _closed(reader: asyncio.StreamReader) -> bytes:
    """What still came until the other side closed."""
    async with asyncio.timeout(60):
        try:
            return await reader.read()
        except ConnectionError:
            return b""


@pytest.mark.parametrize(
    "rubbish",
    [b"GET / HTTP/1.1\r\n\r\n", b"\x03\x00\xff\xff" + bytes(100), b"\x03\x00\x00\x03", b"\x16\x03\x01" + bytes(300)],
    ids=["http", "huge", "short", "tls"],
)
async def test_what_is_no_h323_is_cut_off(rig: Rig, rubbish: bytes) -> None:
    reader, writer = await rig.connect()
    writer.write(rubbish)
    await _closed(reader)
    writer.close()
    await until(lambda: not rig.gateway.calls, "that nothing is left")
    assert not rig.told, "a scanner is no call"


@pytest.mark.parametrize("rig", [{"connections_per_address": 3}], indirect=True)
async def test_connections_over_an_address_s_limit_are_closed(rig: Rig) -> None:
    kept = [await rig.connect() for _ in range(3)]
    await until(lambda: len(rig.gateway.calls) == 3, "three connections")
    reader, writer = await rig.connect()
    assert await _closed(reader) == b""
    writer.close()
    assert rig.gateway.status()["connections_refused"] == 1
    for _, each in kept:
        each.close()
    await until(lambda: not rig.gateway.calls, "that they are gone")
    _, again = await rig.connect()
    await until(lambda: len(rig.gateway.calls) == 1, "that there is room again")
    again.close()


@pytest.mark.parametrize(
    "rig",
    [{"connections_per_address": 1, "neighbours": ("127.0.0.8/32",)}, {"connections_per_address": 1}],
    indirect=True,
)
async def test_a_known_address_may_connect_as_often_as_it_likes(rig: Rig) -> None:
    """A gatekeeper that routes signalling, or a bridge with an account, brings many calls from one address."""
    rig.gateway.replace_accounts(read_accounts([{"name": "bridge", "address": "127.0.0.7"}]))
    known = "127.0.0.8" if rig.gateway.settings.neighbours else "127.0.0.7"
    port = rig.gateway.settings.port
    kept = [await asyncio.open_connection("127.0.0.1", port, local_addr=(known, 0)) for _ in range(4)]
    await until(lambda: len(rig.gateway.calls) == 4, "four connections of one address")
    for _, writer in kept:
        writer.close()


async def _setup(rig: Rig, number: str = "1001") -> tuple[CallSignalling, Any, Any]:
    reader, writer = await rig.connect()
    here = Address("127.0.0.1", rig.gateway.settings.port)
    target = Target(address=here, call_id=secrets.token_bytes(16), conference_id=secrets.token_bytes(16), alias=number)
    local = Endpoint(address=Address("127.0.0.1", 1720), name="Scanner", mcu=False)
    session = CallSignalling.calling(local, target, 0.0)
    writer.write(session.take())
    return session, reader, writer


async def _event(session: CallSignalling, reader: Any, kind: type) -> Any:
    async with asyncio.timeout(60):
        while True:
            for event in session.feed(await reader.read(65536), 0.0):
                if isinstance(event, kind):
                    return event


async def test_a_call_is_connected_before_asterisk_is_asked(rig: Rig) -> None:
    session, reader, writer = await _setup(rig)
    await _event(session, reader, signalling.Connected)
    assert rig.fake.requests.empty(), "it has told no capabilities yet"
    assert [call["number"] for call in map(_describe, rig.gateway.calls.values())] == ["1001"]
    writer.close()
    await until(lambda: ("h323.call_ended", 41) in [(e, d.get("cause")) for e, d in rig.told], "the end of the call")


def _describe(call: Any) -> dict[str, Any]:
    return dict(call.describe())


async def test_who_claims_to_tunnel_and_does_not_is_offered_a_connection(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminal_side, "_UNREAD_LIMIT", 0.1)
    session, reader, writer = await _setup(rig)
    offered = await _event(session, reader, signalling.H245Address)
    assert offered.address.host == "127.0.0.1"
    h245, other = await asyncio.open_connection(offered.address.host, offered.address.port)
    async with asyncio.timeout(60):
        first = await h245.readexactly(4)
        message = await h245.readexactly(int.from_bytes(first[2:4], "big") - 4)
    assert per.decode_h245(message)[1][0] == "terminalCapabilitySet", "H.245 begins anew there"
    for each in (writer, other):
        each.close()


@pytest.mark.parametrize("rig", [{"most_calls": 1}], indirect=True)
async def test_a_full_gateway_says_so(rig: Rig) -> None:
    first, reader, writer = await _setup(rig)
    await _event(first, reader, signalling.Connected)
    second, other, writer_2 = await _setup(rig)
    released = await _event(second, other, signalling.Released)
    assert released.cause == 42, "congestion"
    for each in (writer, writer_2):
        each.close()


async def test_a_flood_ends_its_own_connection_and_no_other(rig: Rig) -> None:
    kept, reader, writer = await _setup(rig)
    await _event(kept, reader, signalling.Connected)
    _, flooded, other = await _setup(rig)
    inquiry = bytes.fromhex("0300000a0802123475") + b"\x00"  # StatusInquiry of another call, each answered
    with contextlib.suppress(ConnectionError):
        for _ in range(1000):
            other.write(inquiry * 10)
            await other.drain()
    await _closed(flooded)
    await until(lambda: len(rig.gateway.calls) == 1, "that the flood is gone")
    assert not reader.at_eof()
    for each in (writer, other):
        each.close()


async def test_a_stranger_cannot_make_us_knock_at_other_doors(rig: Rig) -> None:
    """H.245's address in a Setup is somebody else's: it is left alone, and the terminal may come to us."""
    knocked = asyncio.Event()
    server = await asyncio.start_server(lambda reader, writer: knocked.set(), "127.0.0.9", 0)
    port = server.sockets[0].getsockname()[1]
    reader, writer = await rig.connect()
    here = Address("127.0.0.1", rig.gateway.settings.port)
    target = Target(address=here, call_id=bytes(16), conference_id=bytes(16), alias="1001")
    local = Endpoint(address=Address("127.0.0.1", 1720), name="Scanner", mcu=False, tunnelling=False)
    session = CallSignalling.calling(local, target, 0.0, h245=Address("127.0.0.9", port))
    writer.write(session.take())
    ours = await _event(session, reader, signalling.H245Address)
    assert ours.address.host == "127.0.0.1"
    assert not knocked.is_set()
    writer.close()
    server.close()
    await server.wait_closed()


async def test_a_fault_of_ours_ends_one_call(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    session, reader, writer = await _setup(rig)
    await _event(session, reader, signalling.Connected)

    def fail(*_: Any) -> None:
        raise RuntimeError("a fault")

    (call,) = rig.gateway.calls.values()
    monkeypatch.setattr(call.signalling, "feed", fail)
    writer.write(b"\x03\x00\x00\x05x")
    assert (await _event(session, reader, signalling.Released)).cause == 41
    writer.close()
    again, reader, writer = await _setup(rig)
    await _event(again, reader, signalling.Connected)
    writer.close()


async def test_a_stop_hangs_up(rig: Rig) -> None:
    session, reader, writer = await _setup(rig)
    await _event(session, reader, signalling.Connected)
    stopping = asyncio.create_task(rig.gateway.stop())
    released = await _event(session, reader, signalling.Released)
    assert released.cause == 16
    writer.close()
    await stopping


async def test_a_call_of_asterisk_s_to_nowhere_is_refused(rig: Rig) -> None:
    rig.fake.invite(rig.gateway.agent.local, "2001", b"v=0\r\nm=audio 4 RTP/AVP 0\r\n", "a@x")
    await rig.fake.response(404)
    rig.fake.invite(
        rig.gateway.agent.local, "%F0%9F%98%80", b"v=0\r\nm=audio 4 RTP/AVP 0\r\n", "c@x"
    )  # no alias has it
    await rig.fake.response(404)
    closed = free_ports(1)[0]
    rig.fake.invite(rig.gateway.agent.local, f"127.0.0.1%3A{closed}", b"v=0\r\nm=audio 4 RTP/AVP 0\r\n", "b@x")
    await rig.fake.response(502)


async def test_a_terminal_that_is_called_is_told_which_room_calls(rig: Rig) -> None:
    heard: asyncio.Queue[bytes] = asyncio.Queue()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.put_nowait(await reader.read(4000))
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    rig.fake.invite(rig.gateway.agent.local, f"127.0.0.1%3A{port}", b"v=0\r\nm=audio 4 RTP/AVP 0\r\n")
    session = CallSignalling.answering(Endpoint(address=Address("127.0.0.1", port)), 0.0)
    async with asyncio.timeout(60):
        (setup,) = [e for e in session.feed(await heard.get(), 0.0) if isinstance(e, signalling.SetupReceived)]
    assert setup.peer.name == "Phòng họp"
    assert setup.peer.aliases == ("Phòng họp", "mcu"), "to be shown, and to be called back"
    await rig.fake.response(503)
    server.close()
    await server.wait_closed()
