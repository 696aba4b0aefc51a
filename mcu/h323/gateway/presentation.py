"""The second picture that a terminal sends (H.239): a SIP call of its own brings it into the room.

Asterisk knows whose it is by the header X-MCU-Presentation, the Call-ID of the terminal's own call; the door lets it in
beside that one. The room has one presentation at a time, and ends the call of whoever is no longer it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import structlog

from mcu.h323 import sip
from mcu.h323.gateway import info, second_call
from mcu.h323.gateway.formats import numbered
from mcu.h323.gateway.limits import MessageLimit
from mcu.h323.gateway.terminal_side import TerminalSide
from mcu.h323.gateway.throttle import Throttle
from mcu.h323.h245 import events as h245
from mcu.h323.media import DISCARD, Address
from mcu.h323.sip import sdp

_log = structlog.get_logger("mcu.h323")

_KEYFRAME_INTERVAL = 1.0  # s
# Channels of one terminal, each of which is a call to Asterisk: people do not begin to present more often than that.
_MOST_CHANNELS = 5
_WINDOW = 10.0  # s


class Presentation:
    """What one terminal presents, or nothing; there from the beginning to the end of its call."""

    def __init__(self, call: TerminalSide, hear: Callable[[sip.SipEvent], None]) -> None:
        """``hear`` gets the events of the presentation's own SIP call, and hands them to ``sip_event``."""
        self.sip: sip.SipCall | None = None
        self.keyframes = Throttle(_KEYFRAME_INTERVAL, self._ask_terminal)
        self._call, self._hear = call, hear
        self._channel: h245.ChannelOffered | None = None  # the terminal's
        self._accepted = False
        self._token = False  # the terminal has it
        self._left = False  # it keeps it, though it has closed its channel
        self._session = random.getrandbits(31)  # of o=, no secret
        self._channels = MessageLimit(_MOST_CHANNELS, _WINDOW)

    @property
    def up(self) -> bool:
        """Whether it is in the room."""
        return self._accepted and self.sip is not None and self.sip.up

    @property
    def begun(self) -> bool:
        """Whether the terminal has a channel for it, or has just got the token to open one."""
        return self._channel is not None or (self._token and not self._left)

    # --- the terminal -----------------------------------------------------------------------------------------

    def token(self, event: h245.Event) -> None:
        """What H.239's token brings. Whoever asks may present: the room shows who began last."""
        control = self._call.control
        if control is None:
            return
        match event:
            case h245.TokenRequested():
                if self._call.sip is None or not self._call.sip.up:
                    control.refuse_token()
                    return
                if self._channel is not None and self.sip is None:  # one that it should have closed
                    control.request_close(self._channel.number)
                self._token, self._left = True, False
                control.grant_token()
            case h245.TokenTaken():
                self._token, self._left = True, False
            case h245.TokenRefused():  # to us: it keeps it
                self._token = True
            case h245.TokenGranted():  # we took it so that the terminal stops
                control.release_token()
            case h245.TokenReleased():
                self._token = False
                self._stop()
                if self._channel is not None:
                    control.request_close(self._channel.number)
            case _:
                pass

    def offered(self, channel: h245.ChannelOffered) -> None:
        """The terminal opens a channel for it; it is answered when Asterisk has told where its media goes."""
        old, control = self._channel, self._call.control
        if control is not None and not self._channels.passes(asyncio.get_running_loop().time()):
            control.reject(channel.number, "dataTypeNotAvailable")
            return
        if old is not None and old.number != channel.number and control is not None:
            control.request_close(old.number)
        self._stop()
        self._channel, self._accepted, self._left = channel, False, False
        self.begin()

    def closed(self, number: int) -> None:
        """A channel of the terminal's is no more."""
        if self._channel is not None and self._channel.number == number:
            self._channel, self._left = None, True
            self._stop()
            self._call.host.changed(self._call)

    def begin(self) -> None:
        """Call Asterisk, if there is something to present and the terminal itself is in the room."""
        own = self._call.sip
        if self._channel is None or self._accepted or self.sip is not None or own is None or not own.up:
            return
        self.sip = self._call.host.agent.new_call()
        self.sip.on_event = self._hear
        headers = {"X-MCU-H323": self._call.tag, "X-MCU-Presentation": own.call_id}
        headers |= {"X-MCU-Door": self._call.door, "X-MCU-Terminal": self._call.terminal}
        offer = self._description((second_call.SOUND, self._picture()))
        name = self._call.name or self._call.signalling.peer.name
        # No number: the room is where the terminal is, and that is known to the door.
        self.sip.place("", offer, display=name, user="", headers=headers)

    def end(self) -> None:
        """With the terminal's call."""
        self.keyframes.close()
        self._stop()

    # --- Asterisk ---------------------------------------------------------------------------------------------

    def sip_event(self, event: sip.SipEvent) -> None:
        """Of the presentation's own call."""
        match event:
            case sip.Answered(description):
                self._answered(description)
            case sip.Refused(status, _):
                self._over(f"Asterisk: {status}")
            case sip.Ended(_, reason):
                self._over(f"Asterisk: {reason}")
            case sip.Reinvited(offer):
                self._reinvited(offer)
            case sip.InfoReceived(content_type, body) if info.wants_keyframe(content_type, body):
                self.keyframes.ask()
            case _:
                pass

    def _answered(self, description: bytes) -> None:
        control, channel = self._call.control, self._channel
        if control is None or channel is None:
            self._stop()
            return
        try:
            line = sdp.read(description).find("video")
        except ValueError:
            line = None
        if line is None or line.address is None:
            self._stop()
            self._over("Asterisk takes no such picture")
            return
        host, port = self._call.link.local.host or line.address.host, line.address.port
        self._accepted = True
        control.accept(channel.number, Address(host, port), Address(host, port + 1))
        _log.info("h323.presentation", call=self._call.tag, codec=channel.format.codec, session=channel.session)
        self._call.host.changed(self._call)

    def _reinvited(self, offer: bytes) -> None:
        """Asterisk refreshes its session: what we have, in the order of its lines (RFC 3264 6)."""
        assert self.sip is not None
        try:
            theirs = sdp.read(offer).media if offer else (second_call.SOUND, self._picture())
        except ValueError:
            self.sip.reject(488)
            return
        self.sip.accept(self._description(second_call.answer(theirs, self._picture())))

    def _over(self, why: str) -> None:
        """The room has it no longer: somebody else presents, or nobody may."""
        self.sip = None
        control, channel = self._call.control, self._channel
        _log.info("h323.presentation_over", call=self._call.tag, why=why)
        if control is None or channel is None:
            return
        if self._accepted:
            control.request_close(channel.number)
        else:
            self._channel = None
            control.reject(channel.number, "dataTypeNotAvailable")
        if self._token:
            self._token = False
            control.request_token()  # who is asked for it gives it up and stops
        self._call.host.changed(self._call)

    def _stop(self) -> None:
        call, self.sip = self.sip, None
        if call is not None:
            call.hang_up()
            if not self._call.ended:
                self._call.host.changed(self._call)

    def _ask_terminal(self) -> None:
        control = self._call.control
        if control is not None and self._channel is not None and self._accepted and not self._call.ended:
            control.fast_update(self._channel.number)
            self._call.flush()

    # --- session descriptions ---------------------------------------------------------------------------------

    def _picture(self) -> sdp.Media:
        assert self._channel is not None
        rtcp = self._channel.rtcp
        # Nothing is sent but RTCP, whose port is RTP's and one.
        address = Address(rtcp.host, rtcp.port - 1) if rtcp is not None and rtcp.port > 1 else None
        if address is None or not self._call.reaches(address):
            address = Address(self._call.link.peer.host, DISCARD)
        return sdp.Media(kind="video", address=address, formats=tuple(numbered([self._channel.format])))

    def _description(self, media: tuple[sdp.Media, ...]) -> bytes:
        return sdp.Description(media=media).text(self._session, 1)
