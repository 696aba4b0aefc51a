"""What incoming and outgoing calls share: channels of H.245 on one side, a SIP call on the other."""

from __future__ import annotations

import asyncio
import random
from abc import abstractmethod
from typing import Any

import structlog

from mcu.h323 import causes, signalling, sip
from mcu.h323.gateway import info
from mcu.h323.gateway.channels import Channels
from mcu.h323.gateway.link import Link
from mcu.h323.gateway.presentation import Presentation
from mcu.h323.gateway.slides import Slides
from mcu.h323.gateway.streams import Medium
from mcu.h323.gateway.terminal_side import Host, TerminalSide, guarded
from mcu.h323.gateway.throttle import Throttle
from mcu.h323.h245 import events as h245
from mcu.h323.sip import sdp

_log = structlog.get_logger("mcu.h323")

# One peer asks for a keyframe twice a second for ever; a room's encoder makes one for all who watch.
_FAST_UPDATE_INTERVAL = 1.0
_SETTLE = 2.0  # s after which a channel that was not opened is taken for one that won't be
_GATHER = 0.1  # s in which changes of several channels become one re-INVITE


class Call(TerminalSide):
    """Nothing in here waits, and nothing carries media."""

    def __init__(self, host: Host, link: Link, session: signalling.CallSignalling, tag: str) -> None:
        super().__init__(host, link, session, tag)
        self.round_trip = 0.0  # ms
        self.fast_updates = Throttle(_FAST_UPDATE_INTERVAL, self._ask_asterisk)
        self.keyframes = Throttle(_FAST_UPDATE_INTERVAL, self._ask_terminal)
        self.channels = Channels(self, self.sync, self.chosen)
        self.presentation = Presentation(self, self._presentation_event)
        self.slides = Slides(self, self.presentation, self._slides_event)
        self._session = random.getrandbits(31)  # of o=, no secret
        self._gathering: asyncio.TimerHandle | None = None

    def close(self) -> None:
        super().close()
        if self._gathering is not None:
            self._gathering.cancel()
        self.channels.close()
        self.fast_updates.close()
        self.keyframes.close()
        self.presentation.end()
        self.slides.end()

    # --- H.245 ------------------------------------------------------------------------------------------------

    def controlled(self, event: h245.Event) -> None:
        if self.ended or self.control is None or self.slides.took(event):
            return
        match event:
            case h245.PeerCapabilities():
                self.channels.learn(event)
                self.capable()
            case h245.ChannelOffered(_, "content"):
                self.presentation.offered(event)
            case h245.ChannelClosed(number, by_peer):
                if by_peer:
                    self.presentation.closed(number)
                self.channels.handle(event)
            case h245.FastUpdate():
                self.fast_updates.ask()
            case h245.UserInput(digits):
                self.dtmf(digits)
            case (
                h245.TokenRequested() | h245.TokenTaken() | h245.TokenReleased()
                | h245.TokenGranted() | h245.TokenRefused()
            ):  # fmt: skip
                self.presentation.token(event)
                self.host.changed(self)
            case h245.RoundTrip(ms):
                self.round_trip = ms
            case h245.Ended():
                self.end(causes.NORMAL_CLEARING, "hung up")
            case h245.Lost(reason):
                self.end(causes.TEMPORARY_FAILURE, reason)
            case _:
                self.channels.handle(event)

    @abstractmethod
    def capable(self) -> None:
        """The terminal has told what it can; ``streams`` knows it."""

    def chosen(self, medium: Medium) -> None:
        """The terminal opens a channel, which tells the codec for both ways."""

    def described(self, description: bytes) -> bool:
        """Asterisk told where its media is. False when it makes no sense, and the call has ended."""
        try:
            self.streams.asterisk = sdp.read(description)
        except ValueError as fault:
            self.end(causes.INTERWORKING, f"Asterisk's description: {fault}")
            return False
        self.channels.open()
        self.channels.answer()
        return True

    # --- SIP --------------------------------------------------------------------------------------------------

    def attach(self, call: sip.SipCall) -> None:
        self.sip = call
        call.on_event = self._sip_event

    @guarded
    def _sip_event(self, event: sip.SipEvent) -> None:
        if self.ended:
            return
        self.trace.asterisk(event)
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

    @guarded
    def _presentation_event(self, event: sip.SipEvent) -> None:
        if not self.ended:
            self.presentation.sip_event(event)
            self.flush()

    @guarded
    def invited(self, call: sip.SipCall) -> None:
        """Asterisk has slides for the terminal."""
        if not self.ended:
            self.slides.invited(call)
            self.flush()

    @guarded
    def _slides_event(self, event: sip.SipEvent) -> None:
        if not self.ended:
            self.slides.sip_event(event)
            self.flush()

    @abstractmethod
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

    def dtmf(self, digits: str) -> None:
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
            "presents": self.presentation.up,
            "content": self.slides.describe(),
            "slides": self.slides.up,
            "round_trip_ms": self.round_trip,
            "held": self.channels.held,
            "bit_rate_limit": self.slides.leaves(self.streams.limits.get("video", 0)),
            "fast_updates": {"from_terminal": self.fast_updates.asked, "to_terminal": self.keyframes.asked},
            "media": self.streams.describe(),
            "trace": self.trace.on,
        }
