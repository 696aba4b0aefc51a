"""The probe as an H.323 terminal: the same camera, voice, screen and ear, called and heard over H.225 and H.245.

It is made of the same sessions as the gateway; chan_ooh323 and the captured vectors are there to tell what two who
learnt from one another would never notice.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
from types import TracebackType
from typing import Any, Self

from mcu.errors import Garbled
from mcu.h323 import signalling, tpkt
from mcu.h323.h245 import Control, events, fast
from mcu.h323.h245 import Offer as Capabilities
from mcu.h323.media import STATIC_PAYLOAD_TYPES, Address, Format, Kind
from mcu.h323.per import decode_h245, encode_h245
from mcu.h323.signalling import CallSignalling, Endpoint, Target
from tests.probe.call import CallRefused
from tests.probe.pump import shared
from tests.probe.terminal import Terminal

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


class _Call:
    """What Terminal wants to know of a call."""

    def __init__(self) -> None:
        self.up = False
        self.ended = asyncio.Event()
        self.ended_by_peer = False
        self.cause = 0
        self.reason = ""
        self.invited_at = 0.0

    async def hang_up(self) -> None:
        """Terminal's end asks for it; ours comes first."""


class H323Terminal(Terminal):
    """``tunnelling=False`` uses a connection of its own for H.245; ``listens`` has the other side come to ours."""

    def __init__(
        self, gateway: tuple[str, int], *, can: Capabilities | None = None, tunnelling: bool = True,
        listens: bool = False, name: str = "Probe", number: str = "", fast_start: bool = False,
        opens: tuple[str, ...] = ("audio", "video"), takes: tuple[str, ...] = ("audio", "video"),
        sends: str = "", refuses: tuple[str, ...] = (), line: int = 0, **options: Any,
    ) -> None:  # fmt: skip
        """``sends``: the codec of its picture, where it is not the first that both can; ``refuses``: codecs that it
        told and then does not take; ``line``: bit/s, a picture of more is refused for want of bandwidth."""
        super().__init__(gateway, display=name, **options)
        self.gateway, self.can = gateway, can or capabilities()
        self.tunnelling, self.listens, self.fast_start = tunnelling, listens, fast_start
        self.number = number
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
        self.control: Control | None = None
        self.session: CallSignalling | None = None
        self.sending: dict[str, events.ChannelAccepted] = {}
        self.receiving: dict[str, events.ChannelOffered] = {}
        self.h323 = _Call()
        self.setup: signalling.SetupReceived | None = None
        self._servers: list[asyncio.Server] = []
        self._refuses, self._rings = 0, True
        self.fast_opened: list[fast.FastChannel] = []
        self._adopted = False
        self.faults: list[BaseException] = []
        self._writer: asyncio.StreamWriter | None = None
        self._h245: asyncio.StreamWriter | None = None
        self._early: list[bytes] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._opened: dict[int, str] = {}  # the codecs of channels of ours
        self._opening: dict[int, str] = {}  # the kinds of those that are not answered yet
        self._timer: asyncio.TimerHandle | None = None
        self._address: Address | None = None
        self._connected = False
        self.call = self.h323  # type: ignore[assignment]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None
    ) -> None:
        with contextlib.suppress(Exception):
            await self.hang_up()
        await self._close_connections()
        self.close()
        if self.faults and kind is None:
            raise self.faults[0]

    # --- calls ------------------------------------------------------------------------------------------------

    async def dial(self, number: str, late_offer: bool = False) -> None:
        """Call; returns when sound flows both ways. Raises CallRefused with the Q.850 cause."""
        reader, writer = await asyncio.open_connection(*self.gateway, local_addr=(self.sound.host, 0))
        host, port = writer.get_extra_info("sockname")[:2]
        local = Endpoint(
            address=Address(host, port), name=self.agent.display, digits=self.number, product="Probe", mcu=False,
            tunnelling=self.tunnelling,
        )  # fmt: skip
        target = Target(
            address=Address(*self.gateway), call_id=secrets.token_bytes(16), conference_id=secrets.token_bytes(16),
            alias=number,
        )  # fmt: skip
        h245 = await self._listen(host) if self.listens else None
        offer = self._fast_offer() if self.fast_start else ()
        self.session = CallSignalling.calling(local, target, self._now, h245=h245, fast_start=offer)
        self._begin(reader, writer)
        await self.until(lambda: self._flowing() or self.h323.ended.is_set(), 20, "an open call")
        if self.h323.ended.is_set():
            raise CallRefused(self.h323.cause, self.h323.reason)

    async def wait_for_calls(self, refuse: int = 0, ring: bool = True) -> tuple[str, int]:
        """Listen for calls from now on, and take them, or refuse with a Q.850 cause; the address to be called at."""

        async def called(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            host, port = writer.get_extra_info("sockname")[:2]
            local = Endpoint(
                address=Address(host, port), name=self.agent.display, digits=self.number, product="Probe", mcu=False,
                tunnelling=self.tunnelling,
            )  # fmt: skip
            self._refuses, self._rings = refuse, ring
            self.session = CallSignalling.answering(local, self._now)
            self._begin(reader, writer)

        server = await asyncio.start_server(called, self.sound.host, 0)
        self._servers.append(server)
        host, port = server.sockets[0].getsockname()[:2]
        return host, port

    async def hang_up(self) -> None:
        if self.session is not None and not self.session.over:
            if self.control is not None:
                self.control.end()
            self._flush()
            self.session.release(16)
            self._flush()
        self._over(16, "hung up")

    async def press(self, digits: str) -> None:
        assert self.control is not None
        self.control.user_input(digits)
        self._flush()

    async def ask_keyframe_h245(self) -> None:
        assert self.control is not None
        self.control.fast_update(self.receiving["video"].number)
        self._flush()

    async def request_mode(self, video: tuple[str, Any]) -> str:
        """Ask for another picture: H.245's VideoMode; the answer's name."""
        assert self.control is not None
        modes = [[{"type": ("videoMode", video)}]]
        self.mode_answer = ""
        request = ("request", ("requestMode", {"sequenceNumber": 1, "requestedModes": modes}))
        self._write_h245(encode_h245(request))
        self._flush()
        await self.until(lambda: self.mode_answer, 8, "an answer to RequestMode")
        return self.mode_answer

    async def limit_video(self, bit_rate: int | None) -> None:
        assert self.control is not None
        self.control.flow_control(self.receiving["video"].number, bit_rate)
        self._flush()

    async def hold(self) -> None:
        """An empty capability set: the other side closes its channels; we close ours."""
        assert self.control is not None
        self.control.hold(True)
        for accepted in self.sending.values():
            self.control.close(accepted.number)
        self.camera.on, self.voice.paused = False, True
        self._flush()

    async def resume(self) -> None:
        assert self.control is not None
        self.control.hold(False)
        self.sending.clear()
        assert self.peer_formats is not None
        self._open_channels(self.peer_formats)
        self.camera.on, self.voice.paused = True, False
        self._flush()

    def _flowing(self) -> bool:
        assert self.session is not None
        if self.fast_opened:
            return self._connected
        wanted = {"audio", "video"} if self.can.video else {"audio"}
        sends, receives = wanted & set(self.opens), wanted & set(self.takes)
        return self._connected and sends <= set(self.sending) and receives <= set(self.receiving)

    def state(self) -> str:
        ended = f" by {self.h323.reason!r} (Q.850 {self.h323.cause})" if self.h323.ended.is_set() else ""
        ended += f", faults {self.faults}" if self.faults else ""
        return (
            f"H.323{ended}, connected {self._connected}, sends {sorted(self.sending)}, "
            f"receives {sorted(self.receiving)}, held {self.held}, {self.fast_updates} fast updates; {super().state()}"
        )

    def _over(self, cause: int, reason: str) -> None:
        if not self.h323.ended.is_set():
            self.h323.cause, self.h323.reason, self.h323.up = cause, reason, False
            self.h323.ended.set()
        self.sound.remote = self.video.remote = None
        if self._timer is not None:
            self._timer.cancel()
        if self._writer is not None:
            self._writer.close()

    # --- octets -----------------------------------------------------------------------------------------------

    @property
    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._start(self._read(reader))
        self._flush()

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self.faults.append(task.exception())  # type: ignore[arg-type]

    async def _read(self, reader: asyncio.StreamReader) -> None:
        assert self.session is not None
        with contextlib.suppress(ConnectionError):
            while octets := await reader.read(65536):
                for event in self.session.feed(octets, self._now):
                    self._signalled(event)
                self._flush()
        self._over(41, "the connection was closed")

    async def _listen(self, host: str) -> Address:
        async def came(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._h245_open(reader, writer)

        server = await asyncio.start_server(came, host, 0)
        self._servers.append(server)
        return Address(host, server.sockets[0].getsockname()[1])

    async def _connect_h245(self, address: Address) -> None:
        reader, writer = await asyncio.open_connection(address.host, address.port)
        self._h245_open(reader, writer)

    def _h245_open(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._h245 is not None:
            writer.close()
            return
        self._h245 = writer
        self._start(self._read_h245(reader))
        self._start_control()
        self._flush()

    async def _read_h245(self, reader: asyncio.StreamReader) -> None:
        deframer = tpkt.Deframer()
        with contextlib.suppress(ConnectionError):
            while octets := await reader.read(65536):
                for message in deframer.feed(octets):
                    self._h245_message(message)
                self._flush()

    def _flush(self) -> None:
        assert self.session is not None
        if self.control is not None:
            for message in self.control.take():
                self._write_h245(message)
        octets = self.session.take()
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(octets)
        dues = [self.session.due(), self.control.due() if self.control is not None else None]
        soonest = min((due for due in dues if due is not None), default=None)
        if self._timer is not None:
            self._timer.cancel()
        if soonest is not None and not self.h323.ended.is_set():
            self._timer = asyncio.get_running_loop().call_at(soonest, self._clock)

    def _clock(self) -> None:
        assert self.session is not None
        for event in self.session.tick(self._now):
            self._signalled(event)
        for told in self.control.tick(self._now) if self.control is not None else []:
            self._controlled(told)
        self._flush()

    async def _close_connections(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in (self._writer, self._h245):
            if writer is not None:
                writer.close()
                with contextlib.suppress(Exception):
                    await writer.wait_closed()
        for server in self._servers:
            server.close()
            await server.wait_closed()

    # --- events -----------------------------------------------------------------------------------------------

    def _signalled(self, event: signalling.Event) -> None:
        match event:
            case signalling.SetupReceived():
                self._take(event)
            case signalling.Connected():
                self._connected = self.h323.up = True
                assert self.session is not None
                if self.session.tunnelling:
                    self._start_control()
            case signalling.H245Address(address):
                if self._h245 is None and not self.tunnelling and not self.listens:
                    self._start(self._connect_h245(address))
            case signalling.H245Received(message):
                self._start_control()
                self._h245_message(message)
            case signalling.FastStartAccepted(channels):
                self._fast_accepted(channels)
            case signalling.Released(cause, reason, _):
                self._flush()
                self.h323.ended_by_peer = True
                self._over(cause, reason)
            case signalling.Lost(reason):
                self._over(41, reason)
            case _:
                pass

    def _take(self, setup: signalling.SetupReceived) -> None:
        assert self.session is not None
        self.setup = setup
        self.session.proceed()
        if self._refuses:
            self.session.release(self._refuses)
            self._flush()
            self._over(self._refuses, "refused")
            return
        if self._rings:
            self.session.alert()
        taken = self._fast_take(setup)
        if self.session.tunnelling:
            self.session.connect(None, taken)
            self._start_control()
        elif self.listens:
            self._start(self._connect_with_address())
        else:
            self.session.connect(None, taken)
        self._connected = self.h323.up = True

    async def _connect_with_address(self) -> None:
        assert self.session is not None
        self.session.connect(await self._listen("127.0.0.1"))
        self._flush()

    def _start_control(self) -> None:
        if self.control is None:
            self.control = Control(self.can, _TERMINAL_TYPE, self._now, random.Random())
            self.control.start(self._now)
            if self.fast_opened:
                self._adopt()

    def _write_h245(self, message: bytes) -> None:
        assert self.session is not None
        if self._h245 is not None:
            self._h245.write(tpkt.frame(message))
        elif self.session.tunnelling and not self.session.over:
            self.session.send_h245(message)

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
