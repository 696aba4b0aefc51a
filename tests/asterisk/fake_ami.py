"""A manager interface on loopback that does what a test tells it to."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping

Answer = Callable[["Connection", dict[str, str]], Awaitable[None]]


class Connection:
    """One client. ``actions`` are those it has sent, in order."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.actions: list[dict[str, str]] = []

    async def send(self, fields: Mapping[str, str]) -> None:
        await self.send_octets("".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode() + b"\r\n")

    async def send_octets(self, octets: bytes) -> None:
        self._writer.write(octets)
        await self._writer.drain()

    async def reply(self, action: Mapping[str, str], response: str = "Success", message: str = "") -> None:
        fields = {"Response": response, "ActionID": action.get("ActionID", ""), "Message": message}
        await self.send(fields)

    async def read(self) -> dict[str, str]:
        block = (await self._reader.readuntil(b"\r\n\r\n")).decode()
        return dict(line.partition(": ")[::2] for line in block.strip().split("\r\n"))

    def close(self) -> None:
        self._writer.close()


class FakeAmi:
    """Greets, lets anybody log in, says FullyBooted, answers Ping; the rest is up to ``answer``."""

    def __init__(self, answer: Answer | None = None, *, refuse_login: bool = False) -> None:
        self._answer = answer
        self._refuse_login = refuse_login
        self.answer_pings = True
        self.connections: list[Connection] = []
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()
        self.port = 0

    async def __aenter__(self) -> FakeAmi:
        await self.listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.go_away()

    async def listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def go_away(self) -> None:
        """Close every connection and no longer listen."""
        assert self._server is not None
        self._server.close()
        for connection in self.connections:
            connection.close()
        await asyncio.gather(*self._serving)
        await self._server.wait_closed()

    @property
    def actions(self) -> list[str]:
        """The names of all actions received, logins and pings left out."""
        sent = [action["Action"] for connection in self.connections for action in connection.actions]
        return [name for name in sent if name not in ("Login", "Ping")]

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._serving.add(asyncio.create_task(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(reader, writer)
        self.connections.append(connection)
        with contextlib.suppress(EOFError, OSError, asyncio.LimitOverrunError):
            await connection.send_octets(b"Asterisk Call Manager/11.0.0\r\n")
            while True:
                action = await connection.read()
                connection.actions.append(action)
                await self._react(connection, action)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    async def _react(self, connection: Connection, action: dict[str, str]) -> None:
        if action["Action"] == "Login":
            if self._refuse_login:
                await connection.reply(action, "Error", "Authentication failed")
                connection.close()
                return
            await connection.reply(action, message="Authentication accepted")
            await connection.send({"Event": "FullyBooted", "Status": "Fully Booted"})
        elif action["Action"] == "Ping":
            if self.answer_pings:
                await connection.reply(action)
        elif self._answer is not None:
            await self._answer(connection, action)
        else:
            await connection.reply(action)
