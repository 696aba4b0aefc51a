"""UDP on the event loop, several datagrams each time it looks.

asyncio's own transport reads one. A loop that is busy with many TCP connections then takes in as few datagrams as it
makes rounds, and the kernel drops the others: measured under attack, a quarter of RAS and some of Asterisk's SIP.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Any

_LARGEST = 65535


class DatagramTransport(asyncio.DatagramTransport):
    """Reads up to ``most`` datagrams a round. What cannot be sent at once is dropped, as UDP may."""

    def __init__(self, sock: socket.socket, protocol: asyncio.DatagramProtocol, most: int) -> None:
        super().__init__({"socket": sock, "sockname": sock.getsockname()})
        self._loop = asyncio.get_running_loop()
        self._sock, self._protocol, self._most = sock, protocol, most
        self._closing = False
        protocol.connection_made(self)
        self._loop.add_reader(sock, self._read)

    def sendto(self, data: Any, addr: Any = None) -> None:
        if self._closing:
            return
        try:
            self._sock.sendto(data, addr)
        except BlockingIOError:
            pass
        except OSError as fault:
            self._protocol.error_received(fault)

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        if self._closing:
            return
        self._closing = True
        self._loop.remove_reader(self._sock)
        self._sock.close()
        self._loop.call_soon(self._protocol.connection_lost, None)

    def abort(self) -> None:
        self.close()

    def _read(self) -> None:
        for _ in range(self._most):
            if self._closing:
                return
            try:
                data, addr = self._sock.recvfrom(_LARGEST)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as fault:  # an ICMP answer to what was sent
                self._protocol.error_received(fault)
                continue
            self._protocol.datagram_received(data, addr)


async def open_datagrams(
    protocol: asyncio.DatagramProtocol, host: str, port: int, *, most: int = 16
) -> DatagramTransport:
    """A socket of its own for ``protocol``. Raises OSError when the port is taken."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    family, kind, number, _, address = found[0]
    sock = socket.socket(family, kind, number)
    try:
        sock.setblocking(False)
        sock.bind(address)
    except OSError:
        sock.close()
        raise
    return DatagramTransport(sock, protocol, most)
