"""Capability exchange, H.245 8.3 (C.3): our capability set to the peer, the peer's to us; holding and resuming."""

from __future__ import annotations

from .events import Event, Held, PeerCapabilities, Resumed
from .line import Body, Key, Line
from .offer import Offer, capability_set, empty_set
from .peer import Peer

T101 = 10.0  # s until an answer must have come
TRIES = 3
NAME = "exchange"


class Exchange:
    """Sends the capability set and reads the peer's."""

    def __init__(self, local: Offer, peer: Peer, line: Line) -> None:
        self.local = local
        self.acknowledged_once = False
        self.failed = False  # the peer answers no capability set
        self._peer = peer
        self._line = line
        self._sequence = 0
        self._waiting = False
        self._tries = 0
        self._empty = False

    def send(self, empty: bool = False) -> None:
        """Sends our capabilities, or the empty set that asks the peer to stop sending. Replaces one under way."""
        self._empty = empty
        self._tries = 0
        self._send()

    @property
    def holding(self) -> bool:
        """Whether the last set that we sent was empty."""
        return self._empty

    def received(self, body: Body) -> list[Event]:
        """TerminalCapabilitySet: read and acknowledged."""
        before_held = self._peer.held
        self._peer.read(body)
        self._line.response("terminalCapabilitySetAck", {"sequenceNumber": body["sequenceNumber"]})
        if self._peer.held:
            return [] if before_held else [Held()]
        told = PeerCapabilities(self._peer.audio, self._peer.video, self._peer.content)
        return [told, Resumed()] if before_held else [told]

    def acknowledged(self, body: Body) -> None:
        """TerminalCapabilitySetAck; one for an earlier set says nothing."""
        if self._waiting and body["sequenceNumber"] == self._sequence:
            self._done()
            self.acknowledged_once = True

    def rejected(self, body: Body) -> None:
        """TerminalCapabilitySetReject: once more without what a peer may be upset by, then it is left at that."""
        if not self._waiting or body["sequenceNumber"] != self._sequence:
            return
        self._done()
        plainer = self.local.conservative()
        if plainer != self.local and not self._empty:
            self.local = plainer
            self._send()
        else:
            self.acknowledged_once = True  # it knows what we are; what it can't do with us it won't open

    def expired(self, _: Key) -> None:
        """T101."""
        self._line.indication("terminalCapabilitySetRelease", {})
        self._tries += 1
        if self._tries < TRIES:
            self._send()
        else:
            self._done()
            self.failed = True

    def _send(self) -> None:
        self._sequence = (self._sequence + 1) % 256
        body = empty_set(self._sequence) if self._empty else capability_set(self.local, self._sequence)
        self._line.request("terminalCapabilitySet", body)
        self._line.timers.start((NAME,), T101)
        self._waiting = True

    def _done(self) -> None:
        self._waiting = False
        self._line.timers.stop((NAME,))
