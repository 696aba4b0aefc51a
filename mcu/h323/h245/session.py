"""One H.245 control channel, whatever carries it: octets of messages in, events and octets out. No I/O, no clock."""

from __future__ import annotations

import random as random_numbers
from collections.abc import Iterable

from mcu.errors import Garbled

from ..media import Address, Format, Kind
from ..per import decode_h245, encode_h245
from . import channels, commands, determination, exchange, h239, liveness, mode, user_input
from .dispatch import Dispatch
from .events import Ended, Event, Lost
from .fast import FastChannel
from .line import Key, Line
from .offer import Offer
from .olc import Proposal
from .peer import Peer
from .refusals import Refusals

END = 5.0  # s that the peer's EndSession may take after ours
NAME = "end"


class Control:
    """A session. ``at`` is seconds of a monotonic clock; calls without it take effect at once and start timers late.

    Every message that comes goes through ``feed``, ``take`` gives what is to be sent, ``due`` says when ``tick`` wants
    to be called. Channels opened before both capability sets and the determination are through wait by themselves.
    """

    def __init__(self, local: Offer, terminal_type: int, at: float, random: random_numbers.Random) -> None:
        """``terminal_type`` of H.323 table 1: 50 terminal, 60 gateway, 190 MCU with audio and video, 240 active MC."""
        if not 0 <= terminal_type <= 255:
            raise ValueError(f"terminal type {terminal_type}")
        self.peer = Peer()
        self.garbled = 0  # messages that could not be read
        self.unsent = 0  # messages of ours that could not be written: echoes of odd ones
        self.over = False
        self._line = Line(at)
        self._determination = determination.Determination(terminal_type, random, self._line)
        self._exchange = exchange.Exchange(local, self.peer, self._line)
        self._channels = channels.Channels(self.peer, self._line)
        self._mode = mode.Mode(self.peer, self._line)
        self._token = h239.Token(random, self._line)
        self._liveness = liveness.Liveness(self._line)
        self._refusals = Refusals(self._line)
        self._dispatch = Dispatch(
            self.peer,
            self._line,
            self._determination,
            self._exchange,
            self._channels,
            self._mode,
            self._token,
            self._liveness,
            self._refusals,
        )
        self._started = False
        self._ending = False
        self._pending: list[Event] = []  # what calls of ours have brought about: told with the next feed or tick

    # ---- in and out

    def start(self, at: float) -> None:
        """Sends our capabilities and asks who is the master. ValueError the second time."""
        if self._started:
            raise ValueError("started already")
        self._started = True
        self._line.timers.read(at)
        self._exchange.send()
        if self._determination.master is None:  # the peer may have been quicker
            self._determination.start()
        self._liveness.start()
        self._line.timers.read(at)

    def feed(self, message: bytes, at: float) -> list[Event]:
        """One message. Never raises, whatever comes."""
        if self.over:
            return []
        self._line.timers.read(at)
        events, self._pending = self._pending, []
        try:
            kind, body = decode_h245(message)
        except Garbled:
            self.garbled += 1
            self._refusals.not_supported("syntaxError", message)
            kind, body = "", None
        if kind:
            try:
                self._liveness.heard()
                events += self._dispatch.take(kind, body, message, at)
            except (LookupError, TypeError, ValueError, AttributeError):
                self.garbled += 1
                self._refusals.not_supported("semanticError", message)
        events += self._settle()
        self._line.timers.read(at)
        return events

    def tick(self, at: float) -> list[Event]:
        """The clock says ``at``: what waits too long is repeated or given up."""
        events, self._pending = self._pending, []
        if self.over:
            return events
        for key in self._line.timers.expired(at):
            events += self._expired(key, at)
        events += self._settle()
        self._line.timers.read(at)
        return events

    def due(self) -> float | None:
        """When ``tick`` wants to be called; None: not at all."""
        if self._pending:
            return self._line.timers.now
        return None if self.over else self._line.timers.due()

    def take(self) -> list[bytes]:
        """The messages to be sent since the last call, in order."""
        found: list[bytes] = []
        for message in self._line.out:
            try:
                found.append(encode_h245(message))
            except Garbled:
                self.unsent += 1
        self._line.out.clear()
        return found

    # ---- channels

    def open(self, kind: Kind, fmt: Format, rtp: Address | None, rtcp: Address) -> int:
        """Opens a channel that we send on; ChannelAccepted or ChannelRejected follows. Returns its number.

        ``rtcp``: where the peer's receiver reports go. ``rtp`` is only said where it is not None: a receiver
        knows its own address. Raises ValueError where ``fmt`` doesn't fit ``kind``.
        """
        return self._channels.open(kind, fmt, rtp, rtcp)

    def accept(self, number: int, rtp: Address, rtcp: Address) -> None:
        """Takes a ChannelOffered: we receive there. ValueError where it is not on offer."""
        self._theirs(number)
        self._channels.accept(number, rtp, rtcp)

    def reject(self, number: int, cause: str = "unspecified") -> None:
        """Refuses a ChannelOffered; ``cause`` is one of ``olc.CAUSES``. ValueError where it is not on offer."""
        self._theirs(number)
        self._channels.reject(number, cause)

    def close(self, number: int) -> None:
        """Closes a channel of ours; ChannelClosed(by_peer=False) follows."""
        if number not in self._channels.ours:
            raise ValueError(f"no channel {number} of ours")
        self._pending += self._channels.close(number)

    def request_close(self, number: int) -> None:
        """Asks the peer to close a channel of its own; ChannelClosed(by_peer=True) follows if it does."""
        self._theirs(number)
        self._channels.request_close(number)

    def adopt(self, channel: FastChannel) -> int:
        """Takes over a channel that fast start has opened; its number from now on, which may be another one."""
        proposal = Proposal(channel.number, channel.kind, channel.format, channel.session, channel.rtp, channel.rtcp)
        return self._channels.adopt(proposal, channel.sending)

    # ---- streams

    def fast_update(self, number: int) -> None:
        """Asks the peer for a keyframe on a channel of its own. How often is the caller's business."""
        self._theirs(number)
        commands.ask_picture(number, self._line)

    def flow_control(self, number: int, bit_rate: int | None) -> None:
        """Limits what the peer sends on a channel of its own: bit/s, 0 stops it, None lifts the limit."""
        self._theirs(number)
        commands.ask_bit_rate(number, bit_rate, self._line)

    def user_input(self, digits: str) -> None:
        """Presses keys: 0-9 * # A-D."""
        user_input.write(digits, self.peer, self._line)

    def hold(self, on: bool) -> None:
        """Asks the peer to stop sending (it closes its channels), or to go on."""
        if self._exchange.holding != on:
            self._exchange.send(empty=on)

    def replace(self, local: Offer) -> None:
        """Another offer from now on; the peer is told if we have started and don't hold it."""
        self._exchange.local = local
        if self._started and not self._exchange.holding:
            self._exchange.send()

    # ---- H.239 and modes

    @property
    def token(self) -> h239.State:
        """Who has it, or asks for it."""
        return self._token.state

    def request_token(self, number: int = 0) -> None:
        """Asks to present on a channel of ours, 0 where it isn't open yet: TokenGranted or TokenRefused follows."""
        self._token.request(number)

    def indicate_token(self, number: int) -> None:
        """Says on which channel of ours we present, once it is open."""
        self._token.indicate(number)

    def release_token(self) -> None:
        """We present no longer."""
        self._token.release()

    def grant_token(self) -> None:
        """Yes to TokenRequested; if we presented, that is over."""
        self._token.grant()

    def refuse_token(self) -> None:
        """No to TokenRequested."""
        self._token.refuse()

    def accept_mode(self) -> None:
        """Yes to ModeRequested: the caller closes its channel and opens another."""
        self._mode.accept()

    def reject_mode(self) -> None:
        """No to ModeRequested."""
        self._mode.reject()

    # ---- the end

    def end(self) -> None:
        """Ends the session: Ended follows when the peer says so too, or after 5 s."""
        if self.over or self._ending:
            return
        self._ending = True
        self._line.command("endSessionCommand", ("disconnect", 0))
        self._line.timers.clear()
        self._line.timers.start((NAME,), END)

    @property
    def ready(self) -> bool:
        """Whether channels may be opened: both capability sets and the determination are through, nobody is on hold."""
        return (
            self.peer.told
            and not self.peer.held
            and self._exchange.acknowledged_once
            and self._determination.master is not None
        )

    @property
    def local(self) -> Offer:
        """What was offered to the peer: without H.239 where it would not have it."""
        return self._exchange.local

    def _settle(self) -> list[Event]:
        """What follows from what has just happened."""
        self.peer.master = self._determination.master
        if self._dispatch.ended:
            if not self._ending:
                self._line.command("endSessionCommand", ("disconnect", 0))
            return self._finish(Ended())
        if self._dispatch.resumed:
            self._dispatch.resumed = False
            # H.323 8.4.6: as if the control channel had just been opened
            self._exchange.send(empty=self._exchange.holding)
            self._determination.start()
        self._channels.ready = self.ready and not self._ending
        self._channels.flush()
        if self._ending:
            return []
        if self._liveness.dead:
            return self._finish(Lost("the peer answers no round trip delay request"))
        if not self._channels.any_open:  # where media flow, by fast start, the call is good although its H.245 is not
            if self._exchange.failed and not self._exchange.acknowledged_once:
                return self._finish(Lost("the peer does not answer our capability set"))
            if self._determination.failed and self._determination.master is None:
                return self._finish(Lost("the peer does not take part in the master-slave determination"))
        return []

    def _expired(self, key: Key, at: float) -> Iterable[Event]:
        name = key[0]
        if name == determination.NAME:
            return self._determination.expired(key)
        if name == exchange.NAME:
            self._exchange.expired(key)
            return []
        if name == channels.NAME:
            return self._channels.expired(key)
        if name == mode.NAME:
            return self._mode.expired(key)
        if name == h239.NAME:
            return self._token.expired(key)
        if name == liveness.NAME:
            return self._liveness.expired(key, at)
        return self._finish(Ended())

    def _finish(self, event: Event) -> list[Event]:
        self.over = True
        self._line.timers.clear()
        return [event]

    def _theirs(self, number: int) -> None:
        if number not in self._channels.theirs:
            raise ValueError(f"no channel {number} of the peer's")
