"""A call that a terminal makes: Setup, Connect at once, capabilities, INVITE, channels, and one re-INVITE."""

from __future__ import annotations

import structlog

from mcu.h323 import causes, signalling, sip
from mcu.h323.gateway.call import Call

_log = structlog.get_logger("mcu.h323")
_LONGEST_NUMBER = 16  # digits of a room's number (dialplan/mcu-numbers.conf)


class IncomingCall(Call):
    """Connected before Asterisk is asked: a refusal's prompt must be heard, and old terminals have no early H.245."""

    direction = "in"

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
        if self.signalling.tunnelling:
            self.signalling.connect()
            self.start_h245()
        else:
            self._separate(setup)

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
            self.open_channels()
            self.sync()
            return
        if not self.streams.audio:
            self.end(causes.INCOMPATIBLE, "no sound that we know")
            return
        self.attach(self.host.agent.new_call())
        assert self.sip is not None
        number = self.number if len(self.number) <= _LONGEST_NUMBER else ""
        self.sip.place(
            number if number.isascii() and number.isdigit() else "",  # anything else is asked for at the entry
            self.own_description(),
            display=self.name or self.signalling.peer.name,
            user=self.signalling.peer.number,
            headers={"X-MCU-H323": self.tag, "X-MCU-Door": self.door, "X-MCU-Terminal": self.terminal},
        )

    def sip_event(self, event: sip.SipEvent) -> None:
        match event:
            case sip.Provisional(_, description) if description and self.streams.asterisk is None:
                self.described(description)  # a prompt that says why not
            case sip.Answered(description):
                if self.described(description):
                    self.settle_later()
                    self.sync()
                    self.host.changed(self)
            case sip.Refused(status, cause):
                self.end(cause or causes.cause_of_status(status), f"Asterisk: {status}", by_asterisk=True)
            case _:
                pass
