"""What is told to webhooks: in order, until it is taken, over restarts; and to no address of our own networks."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mcu.control import webhook_sender, webhooks
from mcu.control.records import journal
from mcu.control.webhook_sender import Post
from mcu.core.webhook import encode, sign
from mcu.errors import BadRequest, Conflict, NotFound, Unavailable
from mcu.models import Database
from mcu.models import database as database_module
from mcu.models import webhooks as rows
from mcu.models.tables import DeliveryRow
from tests.control.conftest import House
from tests.control.test_database_away import locked_by_another_process
from tests.waiting import until

URL = "https://example.org/hook"


class FakePoster:
    """Takes what it is sent, or answers what ``answers`` says, one after the other."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Mapping[str, str], dict[str, Any]]] = []
        self.answers: list[tuple[bool, str]] = []
        self.faults: list[Exception] = []
        self.hold: asyncio.Event | None = None

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> tuple[bool, str]:
        if self.hold is not None:
            await self.hold.wait()
        if self.faults:
            raise self.faults.pop()
        self.sent.append((url, headers, json.loads(body)))
        return self.answers.pop(0) if self.answers else (True, "200")

    async def close(self) -> None:
        pass

    @property
    def events(self) -> list[str]:
        return [body["type"] for _, _, body in self.sent]


@pytest.fixture
def poster(house: House) -> FakePoster:
    fake = FakePoster()
    house.control._webhooks._poster = fake
    return fake


async def settled(house: House, hook: int) -> list[dict[str, Any]]:
    """The deliveries, the oldest first, when nothing is under way any more."""
    while True:
        (found,) = [one for one in await house.call("webhook.list") if one["id"] == hook]
        told: list[dict[str, Any]] = (await house.call("webhook.deliveries", id=hook))["items"][::-1]
        if not found["waiting"] and all(row["next_at"] is None for row in told):
            return told
        await asyncio.sleep(0.01)


async def test_events_come_in_order_signed(house: House, poster: FakePoster) -> None:
    made = await house.call("webhook.create", url=URL, events=["participant.*", "notice"])
    await house.dial("Hà Nội")
    await house.until(lambda: "participant.joined" in poster.events)
    house.switch.leave("PJSIP/t-site-00000100")
    await house.until(lambda: "participant.left" in poster.events)
    told = await settled(house, made["id"])
    assert [row["event"] for row in told] == poster.events
    assert all(row["result"] == "200" and row["tries"] == 1 for row in told)
    assert all(event.startswith("participant.") for event in poster.events)
    url, headers, body = poster.sent[0]
    assert url == URL
    assert body["data"]["name"] == "Hà Nội"
    octets = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    expected = sign(made["secret"], headers["webhook-id"], int(headers["webhook-timestamp"]), octets)
    assert headers["webhook-signature"] == expected


async def test_the_secret_is_told_once(house: House, poster: FakePoster) -> None:
    made = await house.call("webhook.create", url=URL)
    (listed,) = await house.call("webhook.list")
    assert (made["secret"][:6], "secret" in listed, listed["events"]) == ("whsec_", False, ["*"])


async def test_what_is_not_taken_is_sent_again_before_what_follows(
    house: House, poster: FakePoster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "delay", lambda failures: 0.01)
    made = await house.call("webhook.create", url=URL, events=["notice"])
    poster.answers = [(False, "500"), (False, "no answer in time")]
    for n in range(3):
        house.control.controller.notify("info", f"code_{n}", "text")
    told = await settled(house, made["id"])
    assert [body["data"]["code"] for _, _, body in poster.sent] == ["code_0", "code_0", "code_0", "code_1", "code_2"]
    assert [row["tries"] for row in told] == [3, 1, 1]
    assert len({headers["webhook-id"] for _, headers, _ in poster.sent}) == 3  # one that is sent again is told as such


async def test_no_event_has_the_id_of_another_though_its_webhook_is_made_anew(house: House, poster: FakePoster) -> None:
    for turn in (1, 2):
        made = await house.call("webhook.create", url=URL, events=["notice"])
        house.control.controller.notify("info", "code", "text")
        await house.until(lambda turn=turn: len(poster.sent) == turn)  # type: ignore[misc]
        await settled(house, made["id"])
        await house.call("webhook.delete", id=made["id"])
    assert len({headers["webhook-id"] for _, headers, _ in poster.sent}) == 2


async def test_one_that_cannot_be_deleted_is_served_on(
    house: House, poster: FakePoster, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await house.call("webhook.create", url=URL, events=["notice"])

    def locked(database: Database, ident: int) -> None:
        raise Unavailable("the database: database is locked")

    with monkeypatch.context() as patched:
        patched.setattr(rows, "delete_webhook", locked)
        with pytest.raises(Unavailable):
            await house.call("webhook.delete", id=made["id"])
    house.control.controller.notify("info", "code", "text")
    await house.until(lambda: poster.events == ["notice"], 30)
    await settled(house, made["id"])
    await house.call("webhook.delete", id=made["id"])
    assert await house.call("webhook.list") == []


async def test_one_that_takes_nothing_is_disabled_and_goes_on_when_enabled(
    house: House, poster: FakePoster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "delay", lambda failures: 0.001 if failures < 3 else None)
    made = await house.call("webhook.create", url=URL, events=["room.*"])
    poster.answers = [(False, "503")] * 3
    await house.call("room.create", number="2000", name="A")
    await house.until(lambda: any(data.get("code") == "webhook_disabled" for _, data in house.heard))
    (listed,) = await house.call("webhook.list")
    assert (listed["enabled"], listed["waiting"], len(poster.sent)) == (False, 1, 3)
    with pytest.raises(Conflict):
        await house.call("webhook.test", id=made["id"])
    await house.call("room.create", number="2001", name="B")  # not kept for one that is disabled
    await house.call("webhook.change", id=made["id"], enabled=True)
    (row,) = await settled(house, made["id"])
    assert (row["result"], row["tries"], len(poster.sent)) == ("200", 1, 4)


async def test_what_was_on_its_way_survives_a_restart(house: House, poster: FakePoster) -> None:
    made = await house.call("webhook.create", url=URL, events=["notice"])
    poster.hold = asyncio.Event()  # for ever
    house.control.controller.notify("info", "before", "text")
    while not (await house.call("webhook.deliveries", id=made["id"]))["items"]:
        await asyncio.sleep(0.01)
    controller = house.control.controller
    await house.control._webhooks.stop()
    fresh, after = FakePoster(), webhooks.Webhooks(controller)
    after._poster = fresh
    await after.start()
    house.control._webhooks = after
    await house.until(lambda: bool(fresh.sent))
    assert fresh.sent[0][2]["data"]["code"] == "before"


async def test_each_is_sent_once_while_nothing_can_be_written(
    house: House, poster: FakePoster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "_AGAIN", 0.01)
    monkeypatch.setattr(database_module, "_BUSY_MS", 50)
    monkeypatch.setattr(journal, "LAST_RETRY", 0.1)
    made = await house.call("webhook.create", url=URL, events=["room.changed"])
    poster.hold, tell = asyncio.Event(), house.control.controller.tell
    for n in range(3):
        tell("room.changed", {"n": n})
    await house.until(lambda: house.control._webhooks._waiting[made["id"]] == 3)
    while len((await house.call("webhook.deliveries", id=made["id"]))["items"]) < 3:
        await asyncio.sleep(0.01)
    reads: list[int] = []
    pending = rows.pending

    def counted(database: Database, webhook: int, after: int, limit: int) -> list[DeliveryRow]:
        reads.append(after)
        return pending(database, webhook, after, limit)

    monkeypatch.setattr(rows, "pending", counted)
    with locked_by_another_process(house):
        tell("room.changed", {"n": 3})
        await house.until(lambda: house.control.controller.record.failing, 30)
        poster.hold.set()
        await house.until(lambda: len(reads) > 10, 30)
        assert [body["data"]["n"] for _, _, body in poster.sent] == [0, 1, 2]
        queue = house.control.controller.record._journal._queue
        assert len([entry for entry in queue if entry.what == "delivery settled"]) <= 3
    told = await asyncio.wait_for(settled(house, made["id"]), 30)  # nothing more is told to wake it
    assert [body["data"]["n"] for _, _, body in poster.sent] == [0, 1, 2, 3]
    assert [row["tries"] for row in told] == [1, 1, 1, 1]


async def test_a_fault_of_ours_does_not_end_the_sending(
    house: House, poster: FakePoster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "_AGAIN", 0.01)
    made = await house.call("webhook.create", url=URL, events=["notice"])
    poster.faults = [ValueError("a fault of ours")]
    house.control.controller.notify("info", "code", "text")
    (row,) = await asyncio.wait_for(settled(house, made["id"]), 30)
    assert (row["result"], len(poster.sent)) == ("200", 1)


async def test_what_was_delivered_long_ago_is_forgotten_and_ids_go_on(house: House, poster: FakePoster) -> None:
    made = await house.call("webhook.create", url=URL, events=["notice"])
    for n in range(3):
        house.control.controller.notify("info", f"code_{n}", "text")
    told = await settled(house, made["id"])
    await house.control.controller.record.write(rows.forget_delivered, datetime.now(UTC) + timedelta(1))
    assert await settled(house, made["id"]) == told[-1:]
    house.control.controller.notify("info", "code_3", "text")
    await house.until(lambda: len(poster.sent) == 4)


async def test_who_tells_waits_for_nobody(house: House, poster: FakePoster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "MOST_WAITING", 5)
    made = await house.call("webhook.create", url=URL, events=["room.*"])
    poster.hold = asyncio.Event()
    for n in range(8):
        await house.call("room.create", number=f"30{n}", name="A")
    (listed,) = await house.call("webhook.list")
    assert listed["waiting"] == 5
    assert [data["code"] for event, data in house.heard if event == "notice"] == ["webhook_full"]
    poster.hold.set()
    assert len(await settled(house, made["id"])) == 5


async def test_a_trial(house: House, poster: FakePoster) -> None:
    made = await house.call("webhook.create", url=URL, events=["call.*"])
    sent = await house.call("webhook.test", id=made["id"])
    (row,) = await settled(house, made["id"])
    assert (row["id"], row["event"]) == (sent["delivery"], "webhook.test")
    await house.call("webhook.delete", id=made["id"])
    for method in ("test", "delete", "deliveries"):
        with pytest.raises(NotFound):
            await house.call(f"webhook.{method}", id=made["id"])
    with pytest.raises(BadRequest):
        await house.call("webhook.create", url="http://127.0.0.1/")


async def serve(answer: bytes) -> tuple[asyncio.Server, int, list[bytes]]:
    """A web server that answers everything alike, its port, and what it was asked."""
    asked: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(
            next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")).split()[1]
        )
        asked.append(head + await reader.readexactly(length))
        writer.write(answer)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1], asked


@pytest.mark.parametrize(
    ("answer", "taken"),
    [
        (b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", (True, "204")),
        (b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", (False, "500")),
    ],
)
async def test_a_post_reaches_the_one_who_is_told(answer: bytes, taken: tuple[bool, str]) -> None:
    server, port, asked = await serve(answer)
    sender = Post(private=True)
    async with server:
        assert await sender.post(f"http://127.0.0.1:{port}/x?k=1", {"webhook-id": "1"}, b"{}") == taken
    await sender.close()
    head = asked[0].lower()
    assert head.startswith(b"post /x?k=1 ")
    assert f"host: 127.0.0.1:{port}".encode() in head
    assert asked[0].endswith(b"{}")


async def test_a_redirect_is_not_followed() -> None:
    answer = b"HTTP/1.1 307 T\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    server, port, asked = await serve(answer)
    sender = Post(private=True)
    async with server:
        taken, result = await sender.post(f"http://127.0.0.1:{port}/", {}, b"{}")
    await sender.close()
    assert (taken, result[:3], len(asked)) == (False, "307", 1)


async def test_a_name_that_leads_to_us_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in ("1.1.1.1", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **more: found)
    sender = Post(private=False)
    taken, result = await sender.post("http://rebound.example/", {}, b"{}")
    await sender.close()
    assert (taken, result) == (False, "the address lies in a network of our own")


async def test_nobody_there_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        sender = Post(private=True)
        taken, result = await sender.post(f"http://127.0.0.1:{port}/", {}, b"{}")
        await sender.close()
    assert not taken
    assert result.startswith("ConnectError")


class Keeping:
    """A web server that keeps its connections, and knows how many there were and which are left."""

    def __init__(self, size: int = 2) -> None:
        self.connections = self.open = self.asked = 0
        self.size = size
        self.port = 0

    async def __aenter__(self) -> Keeping:
        self._server = await asyncio.start_server(self._handle, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *fault: object) -> None:
        self._server.close()
        await until(lambda: self.open == 0)
        await self._server.wait_closed()

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections, self.open = self.connections + 1, self.open + 1
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(2)
                self.asked += 1
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % self.size + b"x" * self.size)
                await writer.drain()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        self.open -= 1


async def test_a_connection_serves_many_deliveries_and_ends_with_us() -> None:
    async with Keeping() as server:
        sender = Post(private=True)
        for _ in range(4):
            assert await sender.post(f"http://127.0.0.1:{server.port}/", {}, b"{}") == (True, "200")
        assert (server.connections, server.asked, server.open) == (1, 4, 1)
        await sender.close()
        await until(lambda: server.open == 0)


async def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    async with Keeping(size=50_000_000) as server:
        sender = Post(private=True)
        assert await sender.post(f"http://127.0.0.1:{server.port}/", {}, b"{}") == (True, "200")
        await until(lambda: server.open == 0)
        await sender.close()


async def test_two_names_at_one_address_share_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificate was one name's; and connections to many names are not kept."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **more: found)
    monkeypatch.setattr(webhook_sender, "MOST_NAMES", 2)
    async with Keeping() as server:
        sender = Post(private=True)
        for name in ("one", "two", "one", "three"):
            assert await sender.post(f"http://{name}.example:{server.port}/", {}, b"{}") == (True, "200")
        assert (server.connections, server.asked) == (3, 4)
        await until(lambda: server.open == 2)  # two was used longest ago
        await sender.post(f"http://one.example:{server.port}/", {}, b"{}")
        assert server.connections == 3
        await sender.close()


def test_what_is_large_is_told_as_such() -> None:
    entries = [{"participant": f"{n:08x}", "site": n, "name": f"UBND xã Số {n}", "mark": ""} for n in range(1000)]
    data = {"room": "1001", "at": 1.5, "roll_call": {"entries": entries}, "text": "x" * 1000}
    body = {"type": "direction.changed", "timestamp": "t", "data": data}
    assert json.loads(encode(body)) == body
    data["more"] = [entries, entries]
    short = json.loads(encode(body))
    told = {"room": "1001", "at": 1.5}
    assert short == {"type": "direction.changed", "timestamp": "t", "shortened": True, "data": told}
