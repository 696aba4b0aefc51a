"""Sending a webhook's delivery: one POST, to no address of our own networks, followed nowhere."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import httpx

from mcu import __version__
from mcu.core.webhook import public

WITHIN = 10.0  # s for all of it; who needs longer should answer first and work afterwards
MOST_NAMES = 16  # to which connections are kept between deliveries
_MOST_ANSWER = 64 * 1024  # octets that are read of an answer, so that its connection serves the next delivery
_DRAINED_WITHIN = 2.0  # s for that
_LIMITS = httpx.Limits(max_connections=4, max_keepalive_connections=2, keepalive_expiry=15.0)
_RESOLVERS = 2  # threads; not those of the database, which a name server that hangs would hold up


class Poster(Protocol):
    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> tuple[bool, str]:
        """Whether it was taken (2xx), and what came of it in a few words. Raises nothing."""

    async def close(self) -> None: ...


class Post:
    """``private``: loopback and private networks may be told, too."""

    def __init__(self, *, private: bool) -> None:
        self._private = private
        self._threads = ThreadPoolExecutor(_RESOLVERS, thread_name_prefix="webhook-names")
        # By name: a connection whose certificate was another name's at the same address is not gone on with. The one
        # that was used longest ago comes first.
        self._clients: dict[str, httpx.AsyncClient] = {}
        self._busy: Counter[str] = Counter()

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> tuple[bool, str]:
        try:
            async with asyncio.timeout(WITHIN):
                return await self._post(httpx.URL(url), headers, body)
        except TimeoutError:
            return False, "no answer in time"
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as fault:
            return False, f"{type(fault).__name__}: {fault}"[:100]

    async def close(self) -> None:
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.aclose()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _post(self, url: httpx.URL, headers: Mapping[str, str], body: bytes) -> tuple[bool, str]:
        # The address is looked up, judged and then used itself: a name that leads elsewhere a moment later
        # (DNS rebinding) does not get us there.
        address = await self._address(url.host, url.port or (443 if url.scheme == "https" else 80))
        if address is None:
            return False, "the address lies in a network of our own"
        pinned = url.copy_with(host=address)
        told = {
            **headers,
            "Host": url.netloc.decode("ascii"),
            "User-Agent": f"mcu/{__version__}",
            "Content-Type": "application/json",
        }
        # The name is still the one that the certificate must bear.
        named = {"sni_hostname": url.host}
        async with (
            self._client(url.host) as client,
            client.stream("POST", pinned, headers=told, content=body, extensions=named) as answer,
        ):
            if answer.is_redirect:
                return False, f"{answer.status_code}: it is elsewhere now, and we follow nowhere"
            with contextlib.suppress(httpx.HTTPError, TimeoutError):  # it has been taken, or not, by its status
                async with asyncio.timeout(_DRAINED_WITHIN):
                    await _drain(answer)
            return answer.is_success, str(answer.status_code)

    async def _address(self, host: str, port: int) -> str | None:
        """One of its addresses; None where any of them is not to be told."""
        loop = asyncio.get_running_loop()
        try:
            found = [str(ipaddress.ip_address(host))]
        except ValueError:
            lookup = loop.run_in_executor(self._threads, _resolve, host, port)
            found = await lookup
        if not found or not (self._private or all(public(one) for one in found)):
            return None
        return found[0]

    @contextlib.asynccontextmanager
    async def _client(self, name: str) -> AsyncIterator[httpx.AsyncClient]:
        """That of this name, which nobody closes meanwhile."""
        client = self._clients.pop(name, None)
        if client is None:
            # No proxy of the environment's: it would look the name up itself.
            client = httpx.AsyncClient(timeout=WITHIN, limits=_LIMITS, trust_env=False, follow_redirects=False)
        self._clients[name] = client
        self._busy[name] += 1
        try:
            yield client
        finally:
            self._busy[name] -= 1
            idle = [one for one in self._clients if not self._busy[one]]
            for one in idle[: max(0, len(self._clients) - MOST_NAMES)]:
                del self._busy[one]
                await self._clients.pop(one).aclose()


async def _drain(answer: httpx.Response) -> None:
    """Nobody reads what it says; more of it than is usual ends the connection."""
    size = 0
    async for part in answer.aiter_raw():
        size += len(part)
        if size > _MOST_ANSWER:
            return


def _resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(one[4][0]) for one in found]
