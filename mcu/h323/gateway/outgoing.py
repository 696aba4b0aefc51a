"""A call that Asterisk asks for: Setup, whatever it takes to open the channels, and only then Asterisk's answer."""

from __future__ import annotations

from typing import Any

import structlog

from mcu.h323 import causes, h245, signalling, sip
from mcu.h323.gateway import fast_start
from mcu.h323.gateway.call import Call
from mcu.h323.gateway.streams import MEDIA

_log = structlog.get_logger("mcu.h323")
_H245_ADDRESS_LIMIT = 2.0  # s after Connect without tunnelling in which the terminal may tell its address; then we do


class OutgoingCall(Call):
    """``attach`` gives it the SIP call that asked, and ``offered`` its offer."""

    direction = "out"

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._connected = False
        self._answered = False
        self._taken: list[h245.FastChannel] = []

    def offered(self, offer: bytes) -> None:
        """Asterisk's offer; the call ends when it makes no sense."""
        self.described(offer)

    def signalled(self, event: signalling.Event) -> None:
        match event:
            case signalling.Alerting():
                if self.sip is not None:
                    self.sip.ring()
            case signalling.Connected(peer):
                self._connected = True
                _log.info("h323.call_out_answered", call=self.tag, peer=str(self.link.peer), product=peer.product)
                if self.signalling.tunnelling:
                    self.start_h245()
                else:
                    self.later(_H245_ADDRESS_LIMIT, self.offer_address)
                if self.fast_start:
                    self.settle_later()
            case signalling.FastStartAccepted(channels):
                taken = h245.fast_accepted(channels, self.streams.offer)
                self._taken = [channel for channel in taken if not channel.sending or self.reaches(channel.rtp)]
                self.fast_start = bool(self._taken)
                self._adopt()
            case signalling.ProgressReceived(in_band):
                _log.debug("h323.call_out_progress", call=self.tag, in_band=in_band)
            case signalling.Forwarded(address, aliases, why):
                _log.info("h323.call_out_forwarded", call=self.tag, to=str(address), why=why)
                self.host.forwarded(self, address, aliases)
            case _:
                pass

    def start_h245(self) -> None:
        super().start_h245()
        self._adopt()

    def _adopt(self) -> None:
        """Channels that fast start has opened, as soon as there is a session to know them."""
        if self.control is not None and self._taken:
            taken, self._taken = self._taken, []
            fast_start.adopt(self.streams, self.control, taken)
            self.sync()

    def _tunnelling_refused(self) -> None:
        super()._tunnelling_refused()
        if self._connected:
            self.later(_H245_ADDRESS_LIMIT, self.offer_address)

    def capable(self) -> None:
        if not self.streams.audio:
            self.end(causes.INCOMPATIBLE, "no sound that we know")
            return
        self.channels.open()
        if not self._answered:
            self.settle_later()
        self.sync()

    def sync(self) -> None:
        if self._answered:
            super().sync()
        elif self.streams.complete and self._connected:
            self._answer()

    def _settle(self) -> None:
        super()._settle()
        sound = self.streams.sent.get("audio")
        if not self._answered and self._connected and not self.ended:
            if sound is not None and sound.rtp is not None:
                self._answer()
            else:  # it has told what it can and then opened nothing: give it that time once more
                self.later(5.0, self._never_opened)

    def _never_opened(self) -> None:
        if not self._answered:
            sound = self.streams.sent.get("audio")
            if sound is not None and sound.rtp is not None:
                self._answer()
            else:
                self.end(causes.INCOMPATIBLE, "the terminal takes no sound of ours")

    def _answer(self) -> None:
        if self.sip is None or self.ended:
            return
        self._answered = True
        self.streams.settled = True
        self.sip.answer(self.own_description())
        self.host.changed(self)

    def sip_event(self, event: sip.SipEvent) -> None:
        if isinstance(event, sip.Confirmed):
            self.presentation.begin()
        if isinstance(event, sip.Confirmed) and self._renumbered():
            # Where the terminal sends under another number than Asterisk offered, only an offer of ours can say so.
            assert self.sip is not None
            self.sip.reinvite(self.own_description())

    def _renumbered(self) -> bool:
        for medium in MEDIA:
            line = self.streams.asterisk.find(medium) if self.streams.asterisk is not None else None
            offered = {form.payload_type for form in line.formats} if line is not None else set()
            received = self.streams.received.get(medium)
            if received is not None and received.format.payload_type not in offered | {-1}:
                return True
        return False
