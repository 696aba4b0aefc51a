"""The probe's media as an H.323 terminal: what it can, and the channels that it opens and takes, by H.245 or by fast
start."""

from __future__ import annotations

import contextlib
import random
from typing import Any

from mcu.errors import Garbled
from mcu.h323 import signalling
from mcu.h323.h245 import Control, events, fast
from mcu.h323.h245 import Offer as Capabilities
from mcu.h323.media import STATIC_PAYLOAD_TYPES, Address, Format, Kind
from mcu.h323.per import decode_h245
from tests.probe.h323_connections import Connections
from tests.probe.pump import shared

HD = "profile-level-id=42e01f;packetization-mode=1;max-mbps=108000;max-fs=3600"
_TERMINAL_TYPE = 50  # H.323 table 1
_SIZES = "CIF=1;QCIF=1"
_NUMBERS = {"h264": 109, "h263p": 96, **STATIC_PAYLOAD_TYPES}
_NAMES = {"pcmu": "PCMU", "pcma": "PCMA", "g722": "G722"}


def capabilities(
    audio: tuple[str, ...] = ("pcmu",), h264: str = HD, bit_rate: int = 1_920_000,
    codecs: tuple[str, ...] = ("h264",), sizes: str = _SIZES,
) -> Capabilities:  # fmt: skip
    """What the probe can; ``h264=""`` leaves video out. ``sizes`` are those of the older codecs."""
    sounds = tuple(Format(codec=name, payload_type=STATIC_PAYLOAD_TYPES[name], frames=20) for name in audio)
    video = tuple(
        Format(codec=name, payload_type=_NUMBERS[name], fmtp=h264 if name == "h264" else sizes, bit_rate=bit_rate)
        for name in codecs
        if h264
    )
    return Capabilities(audio=sounds, video=video, h239=False)


class Channels(Connections):
    """``sends``: the codec of its picture, where it is not the first that both can; ``refuses``: codecs that it told
    and then does not take; ``line``: bit/s, a picture of more is refused for want of bandwidth."""

    def __init__(
        self, gateway: tuple[str, int], *, can: Capabilities | None = None, fast_start: bool = False,
        opens: tuple[str, ...] = ("audio", "video"), takes: tuple[str, ...] = ("audio", "video"),
        sends: str = "", refuses: tuple[str, ...] = (), line: int = 0, **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(gateway, **options)
        self.can, self.fast_start = can or capabilities(), fast_start
        self.sends, self.refuses_codecs, self.line = sends, refuses, line
        self.refusals = 0  # channels that were too much for its line
        self.rejected: list[str] = []  # codecs that the other side would not take from us
        self.opening = self.can.video  # what it opens its channel with, where that is not what it told
        self.opens, self.takes = opens, takes  # the channels that it opens, and those of the other side's that it takes
        self.keys = ""  # that came by UserInputIndication
        self.peer_formats: events.PeerCapabilities | None = None
        self.held = False
        self.mode_answer = ""
        self.fast_updates = 0  # videoFastUpdatePicture that came
        self.sending: dict[str, events.ChannelAccepted] = {}
        self.receiving: dict[str, events.ChannelOffered] = {}
        self.fast_opened: list[fast.FastChannel] = []
        self._adopted = False
        self._opened: dict[int, str] = {}  # the codecs of channels of ours
        self._opening: dict[int, str] = {}  # the kinds of those that are not answered yet

    def _start_control(self) -> None:
        if self.control is None:
            self.control = Control(self.can, _TERMINAL_TYPE, self._now, random.Random())
            self.control.start(self._now)
            if self.fast_opened:
                self._adopt()

    def _h245_message(self, message: bytes) -> None:
        assert self.control is not None
        with contextlib.suppress(Garbled):
            kind, body = decode_h245(message)
            if kind == "response" and isinstance(body, tuple) and body[0].startswith("requestMode"):
                self.mode_answer = body[0]
        for event in self.control.feed(message, self._now):
            self._controlled(event)

    def _controlled(self, event: events.Event) -> None:
        assert self.control is not None
        match event:
            case events.PeerCapabilities():
                self.peer_formats = event
                self._open_channels(event)
            case events.Held():
                self.held = True
                self.sending.clear()
                self.sound.remote = self.video.remote = None
            case events.Resumed():
                self.held = False
                if self.peer_formats is not None:
                    self._open_channels(self.peer_formats)
            case events.ChannelOffered(number, kind):
                port = {"audio": self.sound, "video": self.video}.get(kind)
                if port is None or kind not in self.takes or event.format.codec in self.refuses_codecs:
                    self.control.reject(number, "dataTypeNotSupported")
                    return
                if kind == "video" and 0 < self.line < event.format.bit_rate:
                    self.refusals += 1
                    self.control.reject(number, "insufficientBandwidth")
                    return
                self.receiving[kind] = event
                if kind == "video" and event.format.payload_type >= 0:
                    self.screen.codecs[event.format.payload_type] = event.format.codec
                self.control.accept(number, Address(port.host, port.port), Address(port.host, port.port + 1))
            case events.ChannelAccepted(number, kind):
                self._opening.pop(number, None)
                self.sending[kind] = event
                self._send(kind, event.format, event.rtp)
            case events.ChannelRejected(number) if number in self._opened:
                self._opening.pop(number, None)
                self.rejected.append(self._opened.pop(number))
                if self.peer_formats is not None:
                    self._open_channels(self.peer_formats)
            case events.ChannelCloseRequested(number) if number in self._opened:
                self._opening.pop(number, None)
                self.control.close(number)
                self.sending = {kind: channel for kind, channel in self.sending.items() if channel.number != number}
                if self.peer_formats is not None:
                    self._open_channels(self.peer_formats)
            case events.ChannelClosed(number, by_peer):
                if not by_peer:
                    self._opening.pop(number, None)
                table: dict[str, Any] = self.receiving if by_peer else self.sending
                for medium, channel in list(table.items()):
                    if channel.number == number:
                        del table[medium]
            case events.FastUpdate():
                self.fast_updates += 1
                self.camera.keyframe()
            case events.UserInput(digits):
                self.keys += digits
            case _:
                pass

    def _open_channels(self, theirs: events.PeerCapabilities) -> None:
        """Our first format of each kind that the other side takes."""
        assert self.control is not None
        for kind, ours, known in (("audio", self.can.audio, theirs.audio), ("video", self.opening, theirs.video)):
            if kind in self.sending or kind not in self.opens or kind in self._opening.values():
                continue
            fitting = [one for one in ours if any(one.codec == other.codec for other in known)]
            fitting = [one for one in fitting if one.codec not in self.rejected]
            form = next((one for one in fitting if one.codec == self.sends), next(iter(fitting), None))
            if form is not None:
                port = self.sound if kind == "audio" else self.video
                number = self.control.open(kind, form, None, Address(port.host, port.port + 1))  # type: ignore[arg-type]
                self._opened[number], self._opening[number] = form.codec, kind

    def _send(self, kind: str, form: Format, rtp: Address) -> None:
        shared().remove_tick(self._tick)
        if kind == "audio":
            self.voice.use(_NAMES[form.codec])
            self.sound.remote = (rtp.host, rtp.port)
        else:
            self.camera.use(form.codec, form.payload_type)
            self.video.remote = (rtp.host, rtp.port)
            self.camera.on = True
        shared().add_tick(self._tick)

    # --- fast start -------------------------------------------------------------------------------------------

    def _fast_offer(self) -> tuple[bytes, ...]:
        return tuple(fast.fast_proposals(self.can, self._addresses(), 1))

    def _addresses(self) -> dict[Kind, tuple[Address, Address]]:
        sound, video = self.sound, self.video
        return {
            "audio": (Address(sound.host, sound.port), Address(sound.host, sound.port + 1)),
            "video": (Address(video.host, video.port), Address(video.host, video.port + 1)),
        }

    def _fast_accepted(self, elements: tuple[bytes, ...]) -> None:
        self._fast_open(fast.fast_accepted(elements, self.can))

    def _fast_open(self, channels: list[fast.FastChannel]) -> None:
        self.fast_opened = channels
        for channel in channels:
            if channel.sending and channel.rtp is not None:
                self._send(channel.kind, channel.format, channel.rtp)
        self._adopt()

    def _adopt(self) -> None:
        """What fast start has opened is not opened once more."""
        if self.control is None or self._adopted:
            return
        self._adopted = True
        for channel in self.fast_opened:
            number = self.control.adopt(channel)
            if channel.sending and channel.rtp is not None:
                self.sending[channel.kind] = events.ChannelAccepted(
                    number, channel.kind, channel.format, channel.rtp, channel.rtcp, channel.format.payload_type
                )
            elif not channel.sending:
                self.receiving[channel.kind] = events.ChannelOffered(number, channel.kind, channel.format, channel.rtcp)

    def _fast_take(self, setup: signalling.SetupReceived) -> tuple[bytes, ...]:
        chosen = fast.choose(fast.fast_offer(setup.fast_start, self.can)) if self.fast_start else []
        if not chosen:
            return ()
        self._fast_open(fast.answered(chosen, 1))
        return tuple(fast.fast_answer(chosen, self._addresses(), 1))
