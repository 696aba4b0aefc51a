"""A call that a terminal makes: Setup, Connect at once, capabilities, INVITE, channels, and one re-INVITE."""

from __future__ import annotations

from typing import Any

import structlog

from mcu.h323 import causes, h245, signalling, sip
from mcu.h323.gateway import fast_start
from mcu.h323.gateway.call import Call
from mcu.h323.gateway.channels import FIRST_WORD
from mcu.h323.gateway.streams import Medium

_log = structlog.get_logger("mcu.h323")
_LONGEST_NUMBER = 16  # digits of a room's number (dialplan/mcu-numbers.conf)


class IncomingCall(Call):
    """Connected before Asterisk is asked: a refusal's prompt must be heard, and old terminals have no early H.245."""

    direction = "in"

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._setup_kept: signalling.SetupReceived | None = None  # while Asterisk is asked before Connect
        self._proposed: list[h245.FastChannel] = []

    def signalled(self, event: signalling.Event) -> None:
        if isinstance(event, signalling.SetupReceived):
            self._setup(event)

    def _setup(self, setup: signalling.SetupReceived) -> None:
        refusal = self.host.admits(self, setup)
        if refusal:
            self.end(refusal, causes.text_of_cause(refusal))
            return
        self.number = setup.number
        _log.info(
            "h323.call_in", call=self.tag, number=setup.number, peer=str(self.link.peer), name=setup.peer.name,
            product=setup.peer.product, tunnelling=self.signalling.tunnelling, fast_start=len(setup.fast_start),
        )  # fmt: skip
        self.signalling.proceed()
        if setup.fast_start and self.host.settings.fast_start and not self.streams.overrides.no_fast_start:
            proposed = h245.fast_offer(setup.fast_start, self.streams.offer)
            self._proposed = [channel for channel in proposed if not channel.sending or self.reaches(channel.rtp)]
            if fast_start.learn(self.streams, self._proposed):
                self._setup_kept = setup
                self._place()
                return
        self._connect(setup)

    def _connect(self, setup: signalling.SetupReceived) -> None:
        """At once, without fast start."""
        if self.signalling.tunnelling:
            self.signalling.connect()
            self.start_h245()
        else:
            self._separate(setup)

    def _connect_fast(self) -> None:
        """Asterisk has told its addresses, which the answer to fast start has to hold."""
        setup, self._setup_kept = self._setup_kept, None
        if setup is None or self.ended:
            return
        chosen = fast_start.choose(self.streams, self._proposed)
        if not chosen:
            self.streams.expected.clear()
            self._connect(setup)
            return
        self.fast_start = True
        answer = fast_start.answer(self.streams, chosen)
        self.signalling.connect(None if self.signalling.tunnelling else self.listen_h245(), answer)
        self.start_h245()
        assert self.control is not None
        fast_start.adopt(self.streams, self.control, h245.answered(chosen, fast_start.FIRST))

    def _separate(self, setup: signalling.SetupReceived) -> None:
        """H.245 on a connection of its own: the terminal comes to us, or where it told an address, we go to it."""
        address = self.listen_h245()
        if address is None and setup.h245 is None:
            self.end(causes.CONGESTION, "no port for H.245")
            return
        self.signalling.connect(address)
        self.start_h245()
        if setup.h245 is not None:
            self.connect_h245(setup.h245)

    def capable(self) -> None:
        if self.sip is not None:
            self.channels.open()
            self.sync()
            return
        if not self.streams.audio:
            self.end(causes.INCOMPATIBLE, "no sound that we know")
            return
        # With several codecs for its picture the one that it sends decides which picture it is given.
        if len(self.streams.video) > 1 and "video" not in self.streams.received:
            self.later(FIRST_WORD, self._place_unmatched)
        else:
            self._place()

    def chosen(self, medium: Medium) -> None:
        if medium == "video" and self.capabilities_known and self.sip is None:
            self._place()

    def _place_unmatched(self) -> None:
        if self.sip is None and not self.ended:
            self._place()
            self.flush()

    def _place(self) -> None:
        """Call Asterisk."""
        self.attach(self.host.agent.new_call())
        assert self.sip is not None
        headers = {"X-MCU-H323": self.tag, "X-MCU-Door": self.door, "X-MCU-Terminal": self.terminal}
        if self.source:
            headers["X-MCU-Source"] = self.source
        number = self.number if len(self.number) <= _LONGEST_NUMBER else ""
        self.sip.place(
            number if number.isascii() and number.isdigit() else "",  # anything else is asked for at the entry
            self.own_description(),
            display=self.name or self.signalling.peer.name,
            user=self.signalling.peer.number,
            headers=headers,
        )

    def sip_event(self, event: sip.SipEvent) -> None:
        match event:
            case sip.Provisional(_, description) if description and self.streams.asterisk is None:
                if self.described(description):  # a prompt that says why not
                    self._connect_fast()
            case sip.Answered(description):
                if self.described(description):
                    self._connect_fast()
                    self.settle_later()
                    self.sync()
                    self.presentation.begin()
                    self.host.changed(self)
            case sip.Refused(status, cause):
                self.end(cause or causes.cause_of_status(status), f"Asterisk: {status}", by_asterisk=True)
            case _:
                pass
