"""The wire between our processes: requests, replies and events as JSON lines over a Unix socket (docs/bus.md)."""

from mcu.bus.blocking import BlockingClient
from mcu.bus.client import connect, stay_connected
from mcu.bus.peer import Handler, Handlers, Peer
from mcu.bus.server import Server, serve

__all__ = ["BlockingClient", "Handler", "Handlers", "Peer", "Server", "connect", "serve", "stay_connected"]
