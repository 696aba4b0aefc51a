"""What incoming and outgoing calls share: channels of H.245 on one side, a SIP call on the other."""

from __future__ import annotations

import asyncio
import random
from abc import abstractmethod
from dataclasses import replace
from typing import Any

import structlog

from mcu.h323 import causes, signalling, sip
from mcu.h323.gateway import info
from mcu.h323.gateway.link import Link
from mcu.h323.gateway.presentation import Presentation
from mcu.h323.gateway.slides import Slides
from mcu.h323.gateway.streams import MEDIA, Medium, Received, Sent
from mcu.h323.gateway.terminal_side import Host, TerminalSide, guarded
from mcu.h323.gateway.throttle import Throttle
from mcu.h323.h245 import events as h245
from mcu.h323.media import Format
from mcu.h323.sip import sdp

_log = structlog.get_logger("mcu.h323")

# One peer asks for a keyframe twice a second for ever; a room's encoder makes one for all who watch.
_FAST_UPDATE_INTERVAL = 1.0
_SETTLE = 2.0  # s after which a channel that was not opened is taken for one that won't be
FIRST_WORD = 0.4  # s from its capabilities in which the terminal may open its channels, which ours then match
_GATHER = 0.1  # s in which changes of several channels become one re-INVITE


class Call(TerminalSide):
    """Nothing in here waits, and nothing carries media."""

    def __init__(self, host: Host, link: Link, session: signalling.CallSignalling, tag: str) -> None:
        super().__init__(host, link, session, tag)
        self.round_trip = 0.0  # ms
        self.fast_updates = Throttle(_FAST_UPDATE_INTERVAL, self._ask_asterisk)
        self.keyframes = Throttle(_FAST_UPDATE_INTERVAL, self._ask_terminal)
        self.presentation = Presentation(self, self._presentation_event)
        self.slides = Slides(self, self.presentation, self._slides_event)
        self._held = False
        self._session = random.getrandbits(31)  # of o=, no secret
        self._gathering: asyncio.TimerHandle | None = None
        self._waiting = True  # for the terminal to open its channels first
        self._first_word: asyncio.TimerHandle | None = None  # the end of that

    def close(self) -> None:
        super().close()
        for timer in (self._gathering, self._first_word):
            if timer is not None:
                timer.cancel()
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
                if not self._capable:
                    self._await_first_word()
                self._capable = True
                self.streams.learn(event.audio, event.video)
                self._match("video")  # fast start may have opened two codecs, or the terminal does not know it any more
                self.capable()
            case h245.Held():
                self._held = True
                self.streams.sent.clear()
                self.sync()
            case h245.Resumed():
                self._held = False
                self._await_first_word()
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
            case h245.ModeRequested(audio, video):
                self._mode_requested({"audio": audio, "video": video})
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
                pass

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
            form = self.streams.choice(medium)
            rtcp = self.streams.rtcp(medium)
            if form is None or rtcp is None:
                self.streams.refused.add(medium)
                continue
            number = self.control.open(medium, form, None, rtcp)
            self.streams.sent[medium] = Sent(number, form)

    def _await_first_word(self) -> None:
        """From now on, whatever was awaited before."""
        self._waiting = True
        if self._first_word is not None:
            self._first_word.cancel()
        self._first_word = asyncio.get_running_loop().call_later(FIRST_WORD, self._open_unmatched)

    def _open_unmatched(self) -> None:
        """The terminal sends nothing, or waits for us: ours are opened as we like them."""
        self._waiting = False
        self.open_channels()
        self.flush()

    def _offered(self, event: h245.ChannelOffered) -> None:
        assert self.control is not None
        if event.kind == "content":
            self.presentation.offered(event)
            return
        if self.streams.strange(event.kind, event.format):
            self.control.reject(event.number, "dataTypeNotSupported")  # it then opens the next of its own
            return
        if event.kind in self.streams.received:  # one that we have already: the new one takes its place
            self.control.request_close(self.streams.received[event.kind].number)
        self.streams.receive(event.kind, Received(event.number, event.format, event.rtcp))
        self._match(event.kind)
        self.chosen(event.kind)
        self.open_channels()
        if self.streams.asterisk is not None:
            self._answer_channel(event.kind)

    def _match(self, medium: Medium) -> None:
        """A channel of ours that does not go with the terminal's is opened anew."""
        if self.control is not None and self.streams.disagrees(medium):
            self.control.close(self.streams.sent.pop(medium).number)

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
        if self.control is not None and self.streams.torn():
            # It would not take its own codec: it shall send in the one that it takes.
            self.control.request_close(self.streams.received["video"].number)
        self.sync()

    def _rejected(self, number: int, cause: str) -> None:
        for medium, sent in list(self.streams.sent.items()):
            if sent.number == number:
                _log.info("h323.channel_rejected", call=self.tag, medium=medium, codec=sent.format.codec, cause=cause)
                del self.streams.sent[medium]
                if cause != "insufficientBandwidth" or not self.streams.lower(medium, sent.format):
                    self.streams.unfit.add((medium, sent.format.codec))
                    self.streams.most.pop(medium, None)
                self.open_channels()
                self.sync()

    def _closed(self, number: int, by_peer: bool) -> None:
        if by_peer:
            self.presentation.closed(number)
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

    def _mode_requested(self, modes: dict[Medium, Format | None]) -> None:
        """RequestMode: what our channel can be changed to is done, unless the terminal itself sends something else."""
        assert self.control is not None
        wanted = {medium: form for medium, form in modes.items() if form is not None}
        if not all(self.streams.can_switch(medium, form) for medium, form in wanted.items()):
            self.control.reject_mode()
            return
        self.control.accept_mode()
        for medium, form in wanted.items():
            self.streams.switch(medium, form)
            self._match(medium)
        self.open_channels()
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
            "held": self._held,
            "bit_rate_limit": self.slides.leaves(self.streams.limits.get("video", 0)),
            "fast_updates": {"from_terminal": self.fast_updates.asked, "to_terminal": self.keyframes.asked},
            "media": self.streams.describe(),
            "trace": self.trace.on,
        }
