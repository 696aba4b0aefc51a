"""What incoming and outgoing calls share: H.225 and H.245 with the terminal on one side, a SIP call on the other.

Everything is an event of one of three sessions, handled at once; then what the sessions have to say is written. Nothing
in here waits, and nothing carries media.
"""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import replace
from typing import Any, Protocol

import structlog

from mcu import config
from mcu.h323 import causes, signalling, sip
from mcu.h323.gateway import info
from mcu.h323.gateway.formats import local_offer
from mcu.h323.gateway.link import H245Connection, Link
from mcu.h323.gateway.streams import MEDIA, Medium, Received, Sent, Streams
from mcu.h323.gateway.throttle import Throttle
from mcu.h323.gateway.trace import Trace
from mcu.h323.h245 import Control
from mcu.h323.h245 import events as h245
from mcu.h323.media import Address
from mcu.h323.sip import sdp

_log = structlog.get_logger("mcu.h323")

# One peer asks for a keyframe twice a second for ever; a room's encoder makes one for all who watch.
_FAST_UPDATE_INTERVAL = 1.0
_CAPABILITIES_LIMIT = 20.0  # s from Connect to a capability set
_SETTLE = 2.0  # s after which a channel that was not opened is taken for one that won't be
_FIRST_WORD = 0.4  # s from its capabilities in which the terminal may open its channels, which ours then match
_GATHER = 0.1  # s in which changes of several channels become one re-INVITE
_TERMINAL_TYPE_MCU = 190  # H.323 table 1: an MCU with audio, video and data, which wins against every terminal


class Host(Protocol):
    """What a call needs of the gateway around it."""

    settings: config.H323
    agent: sip.UserAgent

    def admits(self, call: Call, setup: signalling.SetupReceived) -> int:
        """Who calls: sets ``door``, ``terminal`` and ``name``. A Q.850 cause refuses, 0 does not."""
        ...

    def forwarded(self, call: Call, address: Address | None, aliases: tuple[str, ...]) -> None:
        """The terminal sends a call of ours elsewhere: this one ends, its SIP call goes on with another."""
        ...

    def new_trace(self, call: Call) -> Trace: ...

    def changed(self, call: Call) -> None: ...

    def over(self, call: Call, cause: int, why: str) -> None: ...


class Call:
    """``tag`` names it on both sides and in every log line."""

    direction = ""

    def __init__(self, host: Host, link: Link, session: signalling.CallSignalling, tag: str) -> None:
        self.host, self.link, self.signalling, self.tag = host, link, session, tag
        self.since = time.time()
        self.ended = False
        self.admitted = False  # it is a call, not only a connection
        self.number = self.terminal = ""
        self.door = "guest"
        self.name = ""
        self.control: Control | None = None
        self.sip: sip.SipCall | None = None
        self.round_trip = 0.0
        self.fast_start = False
        self.forwards = 0  # how often a call of ours was sent elsewhere
        self.fast_updates = Throttle(_FAST_UPDATE_INTERVAL, self._ask_asterisk)
        self.keyframes = Throttle(_FAST_UPDATE_INTERVAL, self._ask_terminal)
        offer = local_offer(host.settings.bit_rate)
        self.streams = Streams(offer, link.peer.host, link.local.host)
        self.trace = host.new_trace(self)
        self._connection: H245Connection | None = None
        self._capable = False
        self._held = False
        self._session = random.getrandbits(31)  # of o=, no secret
        self._timer: asyncio.TimerHandle | None = None
        self._gathering: asyncio.TimerHandle | None = None
        self._limits: list[asyncio.TimerHandle] = []
        self._unfit: set[tuple[Medium, str]] = set()  # codecs that the terminal refused
        self._waiting = True  # for the terminal to open its channels first
        link.on_octets, link.on_lost = self._octets, self._link_lost

    # --- octets in and out ------------------------------------------------------------------------------------

    @property
    def now(self) -> float:
        return asyncio.get_running_loop().time()

    def _octets(self, octets: bytes) -> None:
        self.trace.signalling("in", octets)
        for event in self.signalling.feed(octets, self.now):
            self._signalled(event)
        self.flush()

    def _h245_message(self, message: bytes) -> None:
        if self.control is None or self.ended:
            return
        self.trace.control("in", message, self._ends)
        for event in self.control.feed(message, self.now):
            self._controlled(event)

    def _connection_message(self, message: bytes) -> None:
        self._h245_message(message)
        self.flush()

    def flush(self) -> None:
        """Write what the sessions have to say, and set the clock for what they want to do next."""
        if self.control is not None:
            for message in self.control.take():
                self.trace.control("out", message, self._ends)
                if self._connection is not None:
                    self._connection.write(message)
                elif not self.signalling.over:
                    self.signalling.send_h245(message)
        octets = self.signalling.take()
        if octets:
            self.trace.signalling("out", octets)
            self.link.write(octets)
        self._arm()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self.ended:
            return
        dues = [self.signalling.due(), self.control.due() if self.control is not None else None]
        soonest = min((due for due in dues if due is not None), default=None)
        if soonest is not None:
            self._timer = asyncio.get_running_loop().call_at(soonest, self._tick)

    def _tick(self) -> None:
        self._timer = None
        for event in self.signalling.tick(self.now):
            self._signalled(event)
        if self.control is not None:
            for told in self.control.tick(self.now):
                self._controlled(told)
        self.flush()

    def later(self, seconds: float, what: Any, *arguments: Any) -> None:
        """A limit of this call's, dropped with it."""
        self._limits.append(asyncio.get_running_loop().call_later(seconds, what, *arguments))

    # --- H.245's way ------------------------------------------------------------------------------------------

    def start_h245(self) -> None:
        """Begin the control session, on whatever carries it."""
        if self.control is None and not self.ended:
            self.control = Control(self.streams.offer, _TERMINAL_TYPE_MCU, self.now, random.SystemRandom())
            self.control.start(self.now)
            self.later(_CAPABILITIES_LIMIT, self._not_capable)

    def listen_h245(self) -> Address | None:
        """Our address for the terminal's H.245; None when no port is free."""
        self._own_connection()
        assert self._connection is not None
        claimed = self.signalling.peer.address
        allowed = {self.link.peer.host} | ({claimed.host} if claimed is not None else set())
        ports = range(self.host.settings.h245_first, self.host.settings.h245_last + 1)
        try:
            return self._connection.listen(self.link.local.host, ports, allowed)
        except OSError as fault:
            _log.error("h323.no_h245_port", call=self.tag, reason=str(fault))
            return None

    def connect_h245(self, address: Address) -> None:
        self._own_connection()
        assert self._connection is not None
        self._connection.connect(address, self.link.local.host)

    @property
    def _ends(self) -> tuple[Address, Address] | None:
        return self._connection.ends if self._connection is not None else None

    def _own_connection(self) -> None:
        if self._connection is None:
            self._connection = H245Connection(self._connection_message, self._connection_lost)

    def _connection_lost(self, why: str) -> None:
        self.end(causes.TEMPORARY_FAILURE, why)

    def _not_capable(self) -> None:
        if not self._capable and not self.fast_start:  # with fast start media flow, and some never tell any
            self.end(causes.TIMER_EXPIRED, "the terminal told no capabilities")

    # --- H.225 ------------------------------------------------------------------------------------------------

    def _signalled(self, event: signalling.Event) -> None:
        if self.ended:
            return
        match event:
            case signalling.H245Received(message):
                self.start_h245()
                self._h245_message(message)
            case signalling.H245Address(address):
                if not self.signalling.tunnelling and (self._connection is None or not self._connection.open):
                    self.connect_h245(address)
                    self.start_h245()
            case signalling.TunnellingRefused():
                self._tunnelling_refused()
            case signalling.Keypad(digits):
                self._dtmf_to_asterisk(digits)
            case signalling.Released(cause, reason, by_peer):
                self.end(cause, reason if by_peer else f"we gave up: {reason}")
            case signalling.Lost(reason):
                self.end(causes.TEMPORARY_FAILURE, reason)
            case _:
                self.signalled(event)

    def signalled(self, event: signalling.Event) -> None:
        """What differs between incoming and outgoing calls."""

    def _tunnelling_refused(self) -> None:
        if self.control is not None:  # what it said went into a tunnel that nobody read
            self.control = None
            self._capable = False
            self.streams.sent.clear()
            self.streams.received.clear()

    def _link_lost(self) -> None:
        self.end(causes.TEMPORARY_FAILURE, "the call signalling connection was closed")

    # --- H.245 ------------------------------------------------------------------------------------------------

    def _controlled(self, event: h245.Event) -> None:
        if self.ended or self.control is None:
            return
        match event:
            case h245.PeerCapabilities():
                if not self._capable:
                    self.later(_FIRST_WORD, self._open_unmatched)
                self._capable = True
                self.streams.learn(event.audio, event.video)
                self.capable()
            case h245.Held():
                self._held = True
                self.streams.sent.clear()
                self.sync()
            case h245.Resumed():
                self._held = False
                self.open_channels()
            case h245.ChannelOffered():
                self._offered(event)
            case h245.ChannelAccepted():
                self._accepted(event)
            case h245.ChannelRejected(number, cause):
                self._rejected(number, cause)
            case h245.ChannelClosed(number, by_peer):
                self._closed(number, by_peer)
            case h245.ChannelCloseRequested(number, reopen):
                self._close_requested(number, reopen)
            case h245.FastUpdate():
                self.fast_updates.ask()
            case h245.FlowControl(number, bit_rate):
                self._limited(number, bit_rate)
            case h245.UserInput(digits):
                self._dtmf_to_asterisk(digits)
            case h245.RoundTrip(ms):
                self.round_trip = ms
            case h245.Ended():
                self.end(causes.NORMAL_CLEARING, "hung up")
            case h245.Lost(reason):
                self.end(causes.TEMPORARY_FAILURE, reason)
            case _:
                pass

    def capable(self) -> None:
        """The terminal has told what it can; ``streams`` knows it."""
        raise NotImplementedError

    def described(self, description: bytes) -> bool:
        """Asterisk told where its media is. False when it makes no sense, and the call has ended."""
        try:
            self.streams.asterisk = sdp.read(description)
        except ValueError as fault:
            self.end(causes.INTERWORKING, f"Asterisk's description: {fault}")
            return False
        self.open_channels()
        for medium in MEDIA:
            self._answer_channel(medium)
        return True

    def open_channels(self) -> None:
        """Open what is not open yet, as soon as both sides have told what they can."""
        if self.control is None or not self._capable or self._held or self.streams.asterisk is None:
            return
        for medium in MEDIA:
            if medium in self.streams.sent or medium in self.streams.refused:
                continue
            if self._waiting and medium not in self.streams.received:
                continue
            form = self.streams.choice(medium, self._unfit_for(medium))
            rtcp = self.streams.rtcp(medium)
            if form is None or rtcp is None:
                self.streams.refused.add(medium)
                continue
            number = self.control.open(medium, form, None, rtcp)
            self.streams.sent[medium] = Sent(number, form)

    def _open_unmatched(self) -> None:
        """The terminal sends nothing, or waits for us: ours are opened as we like them."""
        self._waiting = False
        self.open_channels()
        self.flush()

    def _unfit_for(self, medium: Medium) -> set[str]:
        return {codec for kind, codec in self._unfit if kind == medium}

    def _offered(self, event: h245.ChannelOffered) -> None:
        assert self.control is not None
        if event.kind == "content":
            self.control.reject(event.number, "dataTypeNotAvailable")
            return
        if event.kind in self.streams.received:  # one that we have already: the new one takes its place
            self.control.request_close(self.streams.received[event.kind].number)
        self.streams.received[event.kind] = Received(event.number, event.format, event.rtcp)
        if self.streams.disagrees(event.kind, self._unfit_for(event.kind)):  # ours is opened anew, to match
            self.control.close(self.streams.sent.pop(event.kind).number)
        self.open_channels()
        if self.streams.asterisk is not None:
            self._answer_channel(event.kind)

    def _answer_channel(self, medium: Medium) -> None:
        received = self.streams.received.get(medium)
        if received is None or received.accepted or self.control is None:
            return
        rtp, rtcp = self.streams.rtp(medium), self.streams.rtcp(medium)
        if rtp is None or rtcp is None:
            del self.streams.received[medium]
            self.control.reject(received.number, "dataTypeNotAvailable")
            return
        received.accepted = True
        self.control.accept(received.number, rtp, rtcp)
        self.sync()

    def _accepted(self, event: h245.ChannelAccepted) -> None:
        for sent in self.streams.sent.values():
            if sent.number == event.number:
                sent.rtp, sent.rtcp = event.rtp, event.rtcp
                if event.payload_type >= 0:
                    sent.format = replace(sent.format, payload_type=event.payload_type)
        self.sync()

    def _rejected(self, number: int, cause: str) -> None:
        for medium, sent in list(self.streams.sent.items()):
            if sent.number == number:
                _log.info("h323.channel_rejected", call=self.tag, medium=medium, codec=sent.format.codec, cause=cause)
                del self.streams.sent[medium]
                self._unfit.add((medium, sent.format.codec))
                self.open_channels()
                self.sync()

    def _closed(self, number: int, by_peer: bool) -> None:
        table: dict[Any, Any] = self.streams.received if by_peer else self.streams.sent
        for medium, channel in list(table.items()):
            if channel.number == number:
                del table[medium]
        self.sync()

    def _close_requested(self, number: int, reopen: bool) -> None:
        assert self.control is not None
        for medium, sent in list(self.streams.sent.items()):
            if sent.number == number:
                self.control.close(number)
                del self.streams.sent[medium]
                if reopen:
                    self.open_channels()
                else:
                    self.streams.refused.add(medium)
                self.sync()

    def _limited(self, number: int, bit_rate: int | None) -> None:
        sent = self.streams.sent.get("video")
        if number not in (0, sent.number if sent is not None else -1):
            return
        if bit_rate is None:
            self.streams.limits.pop("video", None)
        else:
            # Of a limit for everything sound takes its part first; 0 would lift the limit in SDP.
            self.streams.limits["video"] = max(bit_rate - (64_000 if number == 0 else 0), 1000)
        self.host.changed(self)  # who gets which picture is decided there
        self.sync()

    # --- SIP --------------------------------------------------------------------------------------------------

    def attach(self, call: sip.SipCall) -> None:
        self.sip = call
        call.on_event = self._sip_event

    def _sip_event(self, event: sip.SipEvent) -> None:
        if self.ended:
            return
        match event:
            case sip.InfoReceived(content_type, body):
                self._info(content_type, body)
            case sip.Reinvited(offer):
                self._reinvited(offer)
            case sip.ReinviteAnswered(description):
                self.described(description)
            case sip.ReinviteRefused(status):
                _log.warning("h323.reinvite_refused", call=self.tag, status=status)
            case sip.Ended(cause, reason):
                self.end(cause or causes.NORMAL_CLEARING, f"Asterisk: {reason}", by_asterisk=True)
            case _:
                self.sip_event(event)
        self.flush()

    def sip_event(self, event: sip.SipEvent) -> None:
        """What differs between incoming and outgoing calls."""

    def sync(self) -> None:
        """Tell Asterisk what has changed, several changes at once."""
        if self.ended or self.sip is None or not self.sip.up:
            return
        if self.streams.complete:
            self.streams.settled = True
        if self._gathering is None and self.streams.changed:
            delay = 0.0 if self.streams.complete else _GATHER
            self._gathering = asyncio.get_running_loop().call_later(delay, self._reinvite)

    def _reinvite(self) -> None:
        self._gathering = None
        if self.sip is not None and self.streams.changed:
            self.sip.reinvite(self.streams.description(self._session))
            self.host.changed(self)

    def settle_later(self) -> None:
        self.later(_SETTLE, self._settle)

    def _settle(self) -> None:
        self.streams.settled = True
        self.sync()

    def own_description(self) -> bytes:
        return self.streams.description(self._session)

    def _reinvited(self, offer: bytes) -> None:
        """Asterisk refreshes its session, moves its media, or holds."""
        assert self.sip is not None
        if offer and not self.described(offer):
            return
        self.sip.accept(self.own_description())

    def _info(self, content_type: str, body: bytes) -> None:
        if info.wants_keyframe(content_type, body):
            self.keyframes.ask()
        elif self.control is not None and (digits := info.digits(content_type, body)):
            self.control.user_input(digits)

    def _ask_terminal(self) -> None:
        received = self.streams.received.get("video")
        if received is not None and self.control is not None and not self.ended:
            self.control.fast_update(received.number)
            self.flush()

    def _ask_asterisk(self) -> None:
        if self.sip is not None:
            self.sip.info(info.MEDIA_CONTROL, info.FAST_UPDATE)

    def _dtmf_to_asterisk(self, digits: str) -> None:
        for digit in digits:
            if self.sip is not None and digit in info.DIGITS:
                self.sip.info(info.DTMF_RELAY, info.dtmf(digit))

    def describe(self) -> dict[str, Any]:
        """For operators, as JSON."""
        peer = self.signalling.peer
        return {
            "tag": self.tag,
            "sip_call_id": self.sip.call_id if self.sip is not None else "",
            "state": "over" if self.ended else "up" if self.sip is not None and self.sip.up else "begun",
            "direction": self.direction,
            "number": self.number,
            "door": self.door,
            "terminal": self.terminal,
            "name": self.name or peer.name,
            "aliases": list(peer.aliases),
            "address": str(self.link.peer),
            "vendor": peer.vendor,
            "product": peer.product,
            "version": peer.version,
            "since": self.since,
            "tunnelling": self.signalling.tunnelling,
            "fast_start": self.fast_start,
            "h239": self.control is not None and self.control.peer.h239,
            "round_trip_ms": self.round_trip,
            "held": self._held,
            "bit_rate_limit": self.streams.limits.get("video", 0),
            "fast_updates": {"from_terminal": self.fast_updates.asked, "to_terminal": self.keyframes.asked},
            "media": self.streams.describe(),
            "trace": self.trace.on,
        }

    # --- the end ----------------------------------------------------------------------------------------------

    def end(self, cause: int, why: str, *, by_asterisk: bool = False) -> None:
        """Hang up on both sides, whatever state they are in. ``cause`` is Q.850's."""
        if self.ended:
            return
        self.ended = True
        if self.sip is not None and not by_asterisk:
            self.sip.hang_up(cause, causes.status_of_cause(cause))
        if self.control is not None:
            self.control.end()
        if self._connection is None:
            self.flush()
        else:
            self._last_words()
        self.signalling.release(cause)
        octets = self.signalling.take()
        if octets:
            self.trace.signalling("out", octets)
            self.link.write(octets)
        self._close()
        self.host.over(self, cause, why)

    def _last_words(self) -> None:
        assert self._connection is not None
        if self.control is not None:
            for message in self.control.take():
                self.trace.control("out", message, self._ends)
                self._connection.write(message)

    def _close(self) -> None:
        for timer in [self._timer, self._gathering, *self._limits]:
            if timer is not None:
                timer.cancel()
        self._timer = self._gathering = None
        self._limits.clear()
        self.fast_updates.close()
        self.keyframes.close()
        if self._connection is not None:
            self._connection.close()
        self.link.close()
