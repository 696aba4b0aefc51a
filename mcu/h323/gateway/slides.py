"""The room's presentation on its way to a terminal that knows H.239: Asterisk calls for it beside the terminal's call.

We ask the terminal for the token and open a channel of ours; when it takes that, Asterisk is answered, and RTP flows.
Then Asterisk hangs up when nobody presents any more; or the terminal closes the channel, or takes the token to present
itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import structlog

from mcu.h323 import causes, sip
from mcu.h323.gateway import formats, info, second_call
from mcu.h323.gateway.presentation import Presentation
from mcu.h323.gateway.shares import Shares
from mcu.h323.gateway.terminal_side import TerminalSide
from mcu.h323.gateway.throttle import Throttle
from mcu.h323.h245 import events as h245
from mcu.h323.h245.h239 import State
from mcu.h323.media import Address, Format
from mcu.h323.sip import sdp

_log = structlog.get_logger("mcu.h323")

_LIMIT = 8.0  # s for the token and the channel; Asterisk's own limit is 10 (mcu/asterisk/switch.py)
_FAST_UPDATE_INTERVAL = 1.0  # s
# Causes of OpenLogicalChannelReject that another try would not change.
_FINAL = frozenset({"dataTypeNotSupported", "unknownDataType", "dataTypeALCombinationNotSupported"})


class Slides:
    """What one terminal is shown beside its main picture, or nothing; there from beginning to end of its call."""

    def __init__(self, call: TerminalSide, presentation: Presentation, hear: Callable[[sip.SipEvent], None]) -> None:
        """``hear`` gets the events of Asterisk's call for it, and hands them to ``sip_event``."""
        self.sip: sip.SipCall | None = None
        self.fast_updates = Throttle(_FAST_UPDATE_INTERVAL, self._ask_asterisk)
        self._call, self._presentation, self._hear = call, presentation, hear
        self._lines: tuple[sdp.Media, ...] = ()  # Asterisk's
        self._form: Format | None = None  # to be sent, in Asterisk's number
        self._number = 0  # of our channel; 0 without
        self._rtp: Address | None = None  # where the terminal receives
        self._held = False
        self._shares = Shares()
        self._session = random.getrandbits(31)  # of o=, no secret
        self._timer: asyncio.TimerHandle | None = None

    @property
    def up(self) -> bool:
        """Whether the terminal gets them."""
        return self.sip is not None and self.sip.up

    def describe(self) -> dict[str, Any] | None:
        """What can be sent to the terminal now: codec, fmtp, bit_rate in bit/s (0 unknown). None for nothing, as while
        it presents itself."""
        known = self._known()
        if not known or self._busy:
            return None
        form = known[0]
        return {"codec": form.codec, "fmtp": form.fmtp, "bit_rate": self._shares.of_slides(form.bit_rate)}

    def leaves(self, limit: int) -> int:
        """Of ``limit`` bit/s for the main picture (0: none) what is left beside the slides."""
        return self._shares.of_picture(limit) if self.up else limit

    def _known(self) -> list[Format]:
        """What the terminal takes on such a channel, our best codec first."""
        control, streams = self._call.control, self._call.streams
        if control is None or not (control.local.h239 and control.peer.h239):
            return []
        self._shares.most = formats.video_limit(streams.overrides)
        known = formats.common_video(control.peer.content, streams.offer.video)
        return [formats.limited(form, streams.overrides) for form in known]

    @property
    def _busy(self) -> bool:
        """The terminal presents or is about to, or wants to get nothing at all."""
        return self._held or self._presentation.begun or self._token is State.ASKED

    # --- Asterisk ---------------------------------------------------------------------------------------------

    def invited(self, call: sip.SipCall) -> None:
        """Asterisk has the room's presentation for this terminal."""
        self._stop(causes.NORMAL_CLEARING)  # a call for the same of which we did not hear the end
        own, control = self._call.sip, self._call.control
        try:
            self._lines = sdp.read(call.request.body if call.request is not None else b"").media
        except ValueError:
            self._lines = ()
        line = self._line
        offered = {form.codec: form.payload_type for form in line.formats} if line is not None else {}
        form = next((one for one in self._known() if one.codec in offered), None)
        if control is None or own is None or not own.up or (form is not None and self._busy):
            call.refuse(486, causes.USER_BUSY)
            return
        if form is None:
            call.refuse(488, causes.INCOMPATIBLE)
            return
        self._form = replace(form, payload_type=offered[form.codec])
        self.sip, call.on_event = call, self._hear
        self._timer = asyncio.get_running_loop().call_later(_LIMIT, self._late)
        if control.token is State.OURS:
            self._open()
        elif control.token is not State.ASKING:
            control.request_token()

    def sip_event(self, event: sip.SipEvent) -> None:
        """Of Asterisk's call for it."""
        match event:
            case sip.Ended(_, reason):
                _log.info("h323.slides_over", call=self._call.tag, why=f"Asterisk: {reason}")
                self._stop(causes.NORMAL_CLEARING)
            case sip.Reinvited(offer):
                self._reinvited(offer)
            case sip.Confirmed():
                self._call.host.changed(self._call)
            case _:
                pass

    def _reinvited(self, offer: bytes) -> None:
        """Asterisk refreshes its session."""
        assert self.sip is not None
        try:
            lines = sdp.read(offer).media if offer else self._lines
        except ValueError:
            self.sip.reject(488)
            return
        self._lines = lines
        self.sip.accept(self._description())

    @property
    def _line(self) -> sdp.Media | None:
        return sdp.Description(media=self._lines).find("video")

    def _description(self) -> bytes:
        assert self._form is not None
        picture = sdp.Media(kind="video", address=self._rtp, formats=(self._form,), direction="recvonly")
        return sdp.Description(media=second_call.answer(self._lines, picture)).text(self._session, 1)

    # --- the terminal -----------------------------------------------------------------------------------------

    def took(self, event: h245.Event) -> bool:
        """Whether it concerned nothing but the slides."""
        waits = self.sip is not None and not self._number
        match event:
            case h245.TokenGranted() if waits:
                self._open()
                return True
            case h245.TokenRefused() if waits:
                self._stop(causes.USER_BUSY)
                return self._token is not State.THEIRS
            case h245.TokenRequested() | h245.TokenTaken():  # it presents itself now
                self._stop(causes.USER_BUSY)
            case h245.ChannelOffered(_, "content"):
                self._stop(causes.USER_BUSY)
            case h245.Held():
                self._held = True
                self._stop(causes.USER_BUSY)
                self._call.host.changed(self._call)
            case h245.Resumed():
                self._held = False
                self._call.host.changed(self._call)
            case h245.FlowControl(0, bit_rate):  # the main picture has a share of it, too
                self._shares.limit_all(bit_rate)
            case h245.PeerCapabilities() if self._call.sip is not None and self._call.sip.up:
                self._call.host.changed(self._call)
            case _:
                return self._number != 0 and self._of_channel(event)
        return False

    def _of_channel(self, event: h245.Event) -> bool:
        match event:
            case h245.ChannelAccepted(number) if number == self._number:
                self._accepted(event)
            case h245.ChannelRejected(number, cause) if number == self._number:
                self._number = 0
                _log.info("h323.slides_refused", call=self._call.tag, cause=cause)
                self._stop(causes.INCOMPATIBLE if cause in _FINAL else causes.TEMPORARY_FAILURE)
            case h245.ChannelCloseRequested(number, reopen) if number == self._number:
                _log.info("h323.slides_over", call=self._call.tag, why="the terminal wants no more")
                self._stop(causes.USER_BUSY if reopen else causes.CALL_REJECTED)
            case h245.FlowControl(number, bit_rate) if number == self._number:
                self._shares.limit_slides(bit_rate)
                self._call.host.changed(self._call)
            case h245.FastUpdate(number) if number == self._number:
                self.fast_updates.ask()
            case _:
                return False
        return True

    def _open(self) -> None:
        """We have the token: a channel is next."""
        control, line = self._call.control, self._line
        if control is None or line is None or line.rtcp is None or self._form is None:
            self._stop(causes.TEMPORARY_FAILURE)
            return
        rtcp = replace(line.rtcp, host=self._call.link.local.host or line.rtcp.host)
        try:
            self._number = control.open("content", self._form, None, rtcp)
        except ValueError as fault:  # a capability of the terminal's that can't be said back to it
            _log.warning("h323.slides_not_offered", call=self._call.tag, reason=str(fault))
            self._stop(causes.INCOMPATIBLE)

    def _accepted(self, event: h245.ChannelAccepted) -> None:
        control = self._call.control
        assert self._form is not None
        self._rtp = event.rtp
        if event.payload_type >= 0:
            self._form = replace(self._form, payload_type=event.payload_type)
        if control is not None and control.token is State.OURS:
            control.indicate_token(self._number)
        self._stop_timer()
        if self.sip is not None:
            self.sip.answer(self._description())
            _log.info("h323.slides", call=self._call.tag, codec=self._form.codec, channel=self._number)

    def _ask_asterisk(self) -> None:
        if self.sip is not None:
            self.sip.info(info.MEDIA_CONTROL, info.FAST_UPDATE)

    # --- the end ----------------------------------------------------------------------------------------------

    def end(self) -> None:
        """With the terminal's call."""
        self.fast_updates.close()
        self._stop(causes.NORMAL_CLEARING)

    def _late(self) -> None:
        self._timer = None
        _log.info("h323.slides_late", call=self._call.tag, channel=self._number)
        self._stop(causes.NO_USER_RESPONDING)
        self._call.flush()

    def _stop(self, cause: int) -> None:
        """Asterisk's call, our channel and the token, as far as they are there. ``cause`` is Q.850's."""
        self._stop_timer()
        call, self.sip = self.sip, None
        number, self._number = self._number, 0
        self._shares.limit_slides(None)  # it was said of that channel alone
        control = self._call.control
        if control is not None and not self._call.ended:
            if number:
                with contextlib.suppress(ValueError):  # a control channel that took another's place knows none
                    control.close(number)
            if call is not None or number:
                control.release_token()
        if call is not None:
            call.hang_up(cause, causes.status_of_cause(cause))
            if not self._call.ended:
                self._call.host.changed(self._call)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def _token(self) -> State:
        control = self._call.control
        return control.token if control is not None else State.FREE
