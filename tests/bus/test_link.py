"""The bus over a real Unix socket: calls both ways, errors as themselves, broadcasts, a peer that dies."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from mcu.bus import BlockingClient, Peer, Server, connect, serve, stay_connected
from mcu.errors import BadRequest, Conflict, ControlDown, McuError, RoomNotFound, TimedOut, Unavailable


async def _echo(peer: Peer, args: dict[str, Any]) -> Any:
    return args


async def _missing(peer: Peer, args: dict[str, Any]) -> Any:
    raise RoomNotFound("no room 7")


async def _broken(peer: Peer, args: dict[str, Any]) -> Any:
    raise ZeroDivisionError


async def _never(peer: Peer, args: dict[str, Any]) -> Any:
    await asyncio.Event().wait()


async def _call_back(peer: Peer, args: dict[str, Any]) -> Any:
    return await peer.call("where", **args)


HANDLERS = {"echo": _echo, "missing": _missing, "broken": _broken, "never": _never, "call.back": _call_back}


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    server = await serve(tmp_path / "control.sock", HANDLERS)
    yield server
    await server.stop()


@pytest.fixture
def path(server: Server, tmp_path: Path) -> Path:
    return tmp_path / "control.sock"


async def test_a_call_is_answered(path: Path) -> None:
    peer = await connect(path)
    assert await peer.call("echo", room="1001", name="Hội nghị") == {"room": "1001", "name": "Hội nghị"}
    peer.close()
    await peer.wait_closed()


async def test_errors_come_out_as_themselves(path: Path) -> None:
    peer = await connect(path)
    with pytest.raises(RoomNotFound, match="no room 7"):
        await peer.call("missing")
    with pytest.raises(BadRequest, match=r"no such call: nosuch"):
        await peer.call("nosuch")
    with pytest.raises(McuError, match="the log says why"):
        await peer.call("broken")
    with pytest.raises(TimedOut):
        await peer.call("never", timeout=0.05)
    peer.close()
    await peer.wait_closed()


async def test_the_server_can_call_the_client(path: Path) -> None:
    async def where(peer: Peer, args: dict[str, Any]) -> str:
        return f"here, {args['who']}"

    peer = await connect(path, {"where": where})
    assert await peer.call("call.back", who="mixer") == "here, mixer"
    peer.close()
    await peer.wait_closed()


async def test_only_subscribers_hear_broadcasts(server: Server, path: Path) -> None:
    heard: list[str] = []
    deaf: list[str] = []
    subscriber = await connect(path, on_event=lambda event, data: heard.append(event))
    other = await connect(path, on_event=lambda event, data: deaf.append(event))
    await subscriber.call("bus.subscribe")
    server.broadcast("room.changed", {"number": "1001"})
    await subscriber.call("bus.ping")
    await other.call("bus.ping")
    assert heard == ["room.changed"]
    assert deaf == []
    for peer in (subscriber, other):
        peer.close()
        await peer.wait_closed()


async def test_who_waits_is_told_when_the_link_breaks(server: Server, path: Path) -> None:
    peer = await connect(path)
    waiting = asyncio.create_task(peer.call("never", timeout=30))
    await peer.call("bus.ping")
    for link in server.peers:
        link.close()
    with pytest.raises(Unavailable):
        await waiting


async def test_a_link_that_does_not_read_does_not_hold_up_the_stop(tmp_path: Path) -> None:
    path = tmp_path / "deaf.sock"
    server = await serve(path, HANDLERS)
    reader, writer = await asyncio.open_unix_connection(str(path), limit=1024)
    writer.write(b'{"v":1,"id":1,"call":"bus.subscribe"}\n')
    await reader.readline()
    server.broadcast("flood", {"x": "x" * 4_000_000})
    await asyncio.wait_for(server.stop(), 30)
    writer.transport.abort()


async def test_rubbish_ends_only_its_own_link(path: Path) -> None:
    good = await connect(path)
    reader, writer = await asyncio.open_unix_connection(str(path))
    writer.write(b"GET / HTTP/1.1\r\n\r\n")
    assert await reader.read() == b""
    writer.close()
    assert await good.call("bus.ping") == "pong"
    good.close()
    await good.wait_closed()


async def test_a_second_server_on_a_living_socket_is_refused_and_a_stale_one_replaced(tmp_path: Path) -> None:
    path = tmp_path / "x.sock"
    first = await serve(path, HANDLERS)
    with pytest.raises(Conflict):
        await asyncio.wait_for(serve(path, HANDLERS), 30)
    peer = await connect(path)
    assert await peer.call("bus.ping") == "pong"
    peer.close()
    await peer.wait_closed()
    await first.stop()
    stale = socket.socket(socket.AF_UNIX)
    path.unlink(missing_ok=True)
    stale.bind(str(path))  # bound, never listened on: what a killed process leaves behind
    stale.close()
    second = await serve(path, HANDLERS)
    peer = await connect(path)
    assert await peer.call("bus.ping") == "pong"
    peer.close()
    await peer.wait_closed()
    await second.stop()


@pytest.mark.parametrize("turns", range(6))
async def test_a_link_that_comes_while_the_server_stops_is_closed(tmp_path: Path, turns: int) -> None:
    server = await serve(tmp_path / "x.sock", HANDLERS)
    with socket.socket(socket.AF_UNIX) as late:
        late.connect(str(tmp_path / "x.sock"))
        for _ in range(turns):
            await asyncio.sleep(0)
        await server.stop()
        late.settimeout(30)
        with contextlib.suppress(ConnectionResetError):  # never accepted
            assert late.recv(1) == b""
    assert not server.peers


async def test_a_client_stays_connected_over_restarts(tmp_path: Path) -> None:
    path = tmp_path / "x.sock"
    greeted = asyncio.Queue[int]()

    async def greet(peer: Peer) -> None:
        await peer.call("bus.ping")
        greeted.put_nowait(1)

    keeper = asyncio.create_task(stay_connected(path, greet))
    for _ in range(3):
        server = await serve(path, HANDLERS)
        await asyncio.wait_for(greeted.get(), 30)
        await server.stop()
    keeper.cancel()
    with pytest.raises(asyncio.CancelledError):
        await keeper


async def test_threads_use_the_blocking_client(server: Server, path: Path) -> None:
    seen: list[tuple[str, dict[str, Any]]] = []
    first = threading.Event()

    def listen() -> None:
        with BlockingClient(path) as client:
            for event, data in client.events():
                if event:
                    seen.append((event, data))
                    return
                first.set()

    def use() -> None:
        with BlockingClient(path) as client:
            assert client.call("echo", a=1) == {"a": 1}
            with pytest.raises(RoomNotFound):
                client.call("missing")
            with pytest.raises(BadRequest):
                client.call("nosuch")
            assert client.call("echo", a=2) == {"a": 2}

    listener = asyncio.create_task(asyncio.to_thread(listen))
    await asyncio.to_thread(use)
    assert await asyncio.to_thread(first.wait, 60)
    server.broadcast("hello", {"n": 1})
    await asyncio.wait_for(listener, 30)
    assert seen == [("hello", {"n": 1})]


async def test_the_blocking_client_comes_back_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "x.sock"
    client = BlockingClient(path, timeout=30)
    with pytest.raises(ControlDown):
        client.call("bus.ping")
    for _ in range(2):
        server = await serve(path, HANDLERS)
        assert await asyncio.to_thread(client.call, "bus.ping") == "pong"
        await server.stop()
    with pytest.raises(ControlDown):
        await asyncio.to_thread(client.call, "bus.ping")
    client.close()
