"""A small AMI client: actions awaited, events kept and waited for."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable

Message = dict[str, str]


class Ami:
    """One AMI login. ``events`` holds everything heard since, oldest first; repeated headers are joined by newlines."""

    def __init__(self) -> None:
        self.events: list[Message] = []
        self._replies: dict[str, asyncio.Queue[Message]] = {}
        self._ids = itertools.count(1)
        self._heard = asyncio.Event()
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter
        self._task: asyncio.Task[None]

    async def connect(self, port: int, user: str = "tests", secret: str = "tests") -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", port)
        await self._reader.readline()
        self._task = asyncio.create_task(self._read())
        reply = await self.action("Login", Username=user, Secret=secret)
        assert reply["Response"] == "Success", reply

    async def close(self) -> None:
        self._task.cancel()
        self._writer.close()
        await asyncio.gather(self._task, self._writer.wait_closed(), return_exceptions=True)

    async def _read(self) -> None:
        message: Message = {}
        while line := (await self._reader.readline()).decode():
            name, separator, value = line.rstrip("\r\n").partition(": ")
            if not separator:
                name = name.removesuffix(":")
            if name:
                message[name] = f"{message[name]}\n{value}" if name in message else value
            elif message:
                self._take(message)
                message = {}

    def _take(self, message: Message) -> None:
        queue = self._replies.get(message.get("ActionID", ""))
        if queue is not None:
            queue.put_nowait(message)
        elif "Event" in message:
            self.events.append(message)
            self._heard.set()

    async def _send(self, action: str, headers: dict[str, str]) -> asyncio.Queue[Message]:
        number = str(next(self._ids))
        queue = self._replies[number] = asyncio.Queue()
        lines = [f"Action: {action}", f"ActionID: {number}", *(f"{k}: {v}" for k, v in headers.items())]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        await self._writer.drain()
        return queue

    async def action(self, action: str, **headers: str) -> Message:
        queue = await self._send(action, headers)
        return await asyncio.wait_for(queue.get(), 20)

    async def items(self, action: str) -> list[Message]:
        """The entries of an action that answers with a list."""
        queue = await self._send(action, {})
        found: list[Message] = []
        while (message := await asyncio.wait_for(queue.get(), 20)).get("EventList") != "Complete":
            if "Event" in message:
                found.append(message)
        return found

    async def command(self, command: str) -> str:
        return (await self.action("Command", Command=command)).get("Output", "")

    async def set_variable(self, channel: str, variable: str, value: str) -> Message:
        return await self.action("Setvar", Channel=channel, Variable=variable, Value=value)

    async def get_variable(self, channel: str, variable: str) -> str:
        return (await self.action("Getvar", Channel=channel, Variable=variable))["Value"]

    def heard(self, event: str, **headers: str) -> list[Message]:
        wanted = {"Event": event, **headers}
        return [e for e in self.events if all(e.get(k) == v for k, v in wanted.items())]

    async def until(self, condition: Callable[[], object], seconds: float = 20) -> None:
        """Wait for a condition on ``events``."""
        async with asyncio.timeout(seconds):
            while not condition():
                self._heard.clear()
                await self._heard.wait()

    async def event(self, event: str, count: int = 1, **headers: str) -> Message:
        """The count-th event of that kind since the login, waited for."""
        await self.until(lambda: len(self.heard(event, **headers)) >= count)
        return self.heard(event, **headers)[count - 1]
