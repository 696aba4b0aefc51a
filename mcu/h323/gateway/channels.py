"""The logical channels of sound and picture between us and a terminal: who opens which when, in what codec.

Content, which is H.239's, has channels of its own (presentation.py, slides.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import structlog

from mcu.h323.gateway.streams import MEDIA, Medium, Received, Sent
from mcu.h323.gateway.terminal_side import TerminalSide
from mcu.h323.h245 import events as h245
from mcu.h323.media import Format

_log = structlog.get_logger("mcu.h323")

FIRST_WORD = 0.4  # s from its capabilities in which the terminal may open its channels, which ours then match


class Channels:
    """Of one call, from its beginning to its end; what is open is in the call's ``streams``."""

    def __init__(self, call: TerminalSide, changed: Callable[[], None], chosen: Callable[[Medium], None]) -> None:
        """``changed`` is called when something flows otherwise than before, ``chosen`` when the terminal opens a
        channel, which tells the codec for both ways."""
        self.held = False  # the terminal wants to get nothing (H.323 8.4.6)
        self._call, self._changed, self._chosen = call, changed, chosen
        self._streams = call.streams
        self._waiting = True  # for the terminal to open its channels first
        self._first_word: asyncio.TimerHandle | None = None  # the end of that

    def close(self) -> None:
        if self._first_word is not None:
            self._first_word.cancel()

    def handle(self, event: h245.Event) -> None:
        """An event of H.245's, of which those that are about channels count."""
        match event:
            case h245.Held():
                self.held = True
                self._streams.sent.clear()
                self._changed()
            case h245.Resumed():
                self.held = False
                self._await_first_word()
                self.open()
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
            case h245.FlowControl(number, bit_rate):
                self._limited(number, bit_rate)
            case h245.ModeRequested(audio, video):
                self._mode_requested({"audio": audio, "video": video})
            case _:
                pass

    def learn(self, event: h245.PeerCapabilities) -> None:
        """What the terminal can receive, told for the first time or anew."""
        if not self._call.capabilities_known:
            self._await_first_word()
        self._call.capabilities_known = True
        self._streams.learn(event.audio, event.video)
        self._match("video")  # fast start may have opened two codecs, or the terminal does not know it any more

    # --- ours -------------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Open what is not open yet, as soon as both sides have told what they can."""
        control, streams = self._call.control, self._streams
        if control is None or not self._call.capabilities_known or self.held or streams.asterisk is None:
            return
        for medium in MEDIA:
            if medium in streams.sent or medium in streams.refused:
                continue
            if self._waiting and medium not in streams.received:
                continue
            form = streams.choice(medium)
            rtcp = streams.rtcp(medium)
            if form is None or rtcp is None:
                streams.refused.add(medium)
                continue
            number = control.open(medium, form, None, rtcp)
            streams.sent[medium] = Sent(number, form)

    def _await_first_word(self) -> None:
        """From now on, whatever was awaited before."""
        self._waiting = True
        if self._first_word is not None:
            self._first_word.cancel()
        self._first_word = asyncio.get_running_loop().call_later(FIRST_WORD, self._open_unmatched)

    def _open_unmatched(self) -> None:
        """The terminal sends nothing, or waits for us: ours are opened as we like them."""
        self._waiting = False
        self.open()
        self._call.flush()

    def _match(self, medium: Medium) -> None:
        """A channel of ours that does not go with the terminal's is opened anew."""
        if self._call.control is not None and self._streams.disagrees(medium):
            self._call.control.close(self._streams.sent.pop(medium).number)

    def _accepted(self, event: h245.ChannelAccepted) -> None:
        for sent in self._streams.sent.values():
            if sent.number == event.number:
                sent.rtp, sent.rtcp = event.rtp, event.rtcp
                if event.payload_type >= 0:
                    sent.format = replace(sent.format, payload_type=event.payload_type)
        if self._call.control is not None and self._streams.torn():
            # It would not take its own codec: it shall send in the one that it takes.
            self._call.control.request_close(self._streams.received["video"].number)
        self._changed()

    def _rejected(self, number: int, cause: str) -> None:
        streams = self._streams
        for medium, sent in list(streams.sent.items()):
            if sent.number == number:
                codec = sent.format.codec
                _log.info("h323.channel_rejected", call=self._call.tag, medium=medium, codec=codec, cause=cause)
                del streams.sent[medium]
                if cause != "insufficientBandwidth" or not streams.lower(medium, sent.format):
                    streams.unfit.add((medium, codec))
                    streams.most.pop(medium, None)
                self.open()
                self._changed()

    def _close_requested(self, number: int, reopen: bool) -> None:
        control = self._call.control
        assert control is not None
        for medium, sent in list(self._streams.sent.items()):
            if sent.number == number:
                control.close(number)
                del self._streams.sent[medium]
                if reopen:
                    self.open()
                else:
                    self._streams.refused.add(medium)
                self._changed()

    def _mode_requested(self, modes: dict[Medium, Format | None]) -> None:
        """RequestMode: what our channel can be changed to is done, unless the terminal itself sends something else."""
        control = self._call.control
        assert control is not None
        wanted = {medium: form for medium, form in modes.items() if form is not None}
        if not all(self._streams.can_switch(medium, form) for medium, form in wanted.items()):
            control.reject_mode()
            return
        control.accept_mode()
        for medium, form in wanted.items():
            self._streams.switch(medium, form)
            self._match(medium)
        self.open()
        self._changed()

    def _limited(self, number: int, bit_rate: int | None) -> None:
        sent = self._streams.sent.get("video")
        if number not in (0, sent.number if sent is not None else -1):
            return
        if bit_rate is None:
            self._streams.limits.pop("video", None)
        else:
            # Of a limit for everything sound takes its part first; 0 would lift the limit in SDP.
            self._streams.limits["video"] = max(bit_rate - (64_000 if number == 0 else 0), 1000)
        self._call.host.changed(self._call)  # who gets which picture is decided there
        self._changed()

    # --- the terminal's ---------------------------------------------------------------------------------------

    def answer(self) -> None:
        """Those that wait for Asterisk to tell where its media is, which it now has."""
        for medium in MEDIA:
            self._answer(medium)

    def _offered(self, event: h245.ChannelOffered) -> None:
        control, streams = self._call.control, self._streams
        assert control is not None
        assert event.kind != "content"
        if streams.strange(event.kind, event.format):
            control.reject(event.number, "dataTypeNotSupported")  # it then opens the next of its own
            return
        if event.kind in streams.received:  # one that we have already: the new one takes its place
            control.request_close(streams.received[event.kind].number)
        streams.receive(event.kind, Received(event.number, event.format, event.rtcp))
        self._match(event.kind)
        self._chosen(event.kind)
        self.open()
        if streams.asterisk is not None:
            self._answer(event.kind)

    def _answer(self, medium: Medium) -> None:
        control, streams = self._call.control, self._streams
        received = streams.received.get(medium)
        if received is None or received.accepted or control is None:
            return
        rtp, rtcp = streams.rtp(medium), streams.rtcp(medium)
        if rtp is None or rtcp is None:
            del streams.received[medium]
            control.reject(received.number, "dataTypeNotAvailable")
            return
        received.accepted = True
        control.accept(received.number, rtp, rtcp)
        self._changed()

    # --- either's ---------------------------------------------------------------------------------------------

    def _closed(self, number: int, by_peer: bool) -> None:
        table: dict[Any, Any] = self._streams.received if by_peer else self._streams.sent
        for medium, channel in list(table.items()):
            if channel.number == number:
                del table[medium]
        self._changed()
