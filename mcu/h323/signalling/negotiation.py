"""What both sides have to agree on in the course of a call: tunnelling of H.245, and fast start."""

from __future__ import annotations

from mcu.h323.q931 import Kind

from .events import Event, FastStartAccepted, FastStartRefused, TunnellingRefused
from .received import Uuie


class Tunnel:
    """H.323 8.2.1. The caller offers with h245Tunnelling in Setup, the callee's flag agrees or refuses."""

    def __init__(self) -> None:
        self.offered = False  # by us, and not answered yet
        self.on = False
        self._late = False  # the peer may have tunnelled before it knew of the change

    @property
    def flag(self) -> bool:
        """h245Tunnelling in what we send."""
        return self.on or self.offered

    @property
    def listens(self) -> bool:
        """Tunnelled messages are taken. Those on their way while we changed to a connection of its own are, too.

        They are answered on that connection (H.323 8.2.3).
        """
        return self.on or self._late

    def agree(self) -> None:
        self.on, self.offered = True, False

    def end(self) -> None:
        """H.245 goes on in a connection of its own. A peer that agreed may have tunnelled before its answer is here."""
        self._late = self.listens or self.offered
        self.on = self.offered = False

    def carried(self, uuie: Uuie) -> None:
        """Whatever message it is in: H.245 in the tunnel is an answer to our offer, too."""
        if self.offered and uuie.tunnelling and uuie.h245:
            self.agree()

    def _refuse(self) -> None:
        self._late = self.listens
        self.on = self.offered = False

    def answered(self, kind: int, uuie: Uuie) -> list[Event]:
        """The callee's answer.

        A refusal counts with Connect, or when an address for H.245 comes with it: a gatekeeper that answers
        CallProceeding itself may not know of tunnelling, although the terminal behind it does (H.225.0 7.6,
        provisionalRespToH245Tunneling, which older ones don't send).
        """
        final = kind == Kind.CONNECT
        if not self.flag or uuie.provisional or not (uuie.sound or final):
            return []
        if uuie.tunnelling:
            self.agree()
        elif final or (self.offered and uuie.h245_address):
            self._refuse()
            return [TunnellingRefused()]
        return []


class FastStart:
    """H.323 8.1.7. The offer is in Setup; it may be answered once, up to Connect."""

    def __init__(self) -> None:
        self.open = False  # offered, by whichever side, and not answered yet

    def answered(self, kind: int, uuie: Uuie) -> list[Event]:
        if not self.open:
            return []
        if uuie.fast_start:
            self.open = False
            return [FastStartAccepted(uuie.fast_start)]
        if "fastConnectRefused" in uuie.body or kind == Kind.CONNECT:  # H.323 8.1.7.1
            self.open = False
            return [FastStartRefused()]
        return []
