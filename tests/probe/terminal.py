"""The probe terminal: a SIP video terminal for tests, that knows what it sent and can say what it sees and hears."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from tests.patience import Patience
from tests.probe import sdp, stamp
from tests.probe.call import Call
from tests.probe.camera import Camera
from tests.probe.clip import ClipFormat, of_codec
from tests.probe.pump import shared
from tests.probe.rtp_port import RtpPort
from tests.probe.screen import Rect, Screen
from tests.probe.sdp import Offer
from tests.probe.sip_message import SipMessage
from tests.probe.sound import Ear, Voice
from tests.probe.user_agent import Address, Reply, UserAgent


class Terminal:
    """``tone`` in Hz (0 is silence), ``colour`` a name of stamp.COLOURS. ``watch=False`` counts pictures' packets only.

    Use as ``async with Terminal(…) as terminal``: it hangs up and closes its ports at the end.
    """

    def __init__(
        self, server: Address, *, user: str = "guest", password: str = "", display: str = "", colour: str = "red",
        tone: int = 400, offer: Offer | None = None, clip: ClipFormat | None = None, watch: bool = True,
        listen: bool = True, description: Callable[[], str] | None = None, host: str = "127.0.0.1",
    ) -> None:  # fmt: skip
        self.offer = offer or Offer()
        self._host = host
        self.colour, self.tone = colour, tone
        self.agent = UserAgent(user, password, server, display)
        self.agent.on_request = self._incoming
        self.description = description  # replaces the SDP that ``offer`` would give
        self.screen = Screen()
        self.ear = Ear()
        self.sound = RtpPort(host, self.ear.feed if listen else None)
        self.video = RtpPort(host, self.screen.feed if watch else None)
        self.voice = Voice(self.sound, tone, self.offer.audio[0])
        form = self.offer.video[0] if self.offer.video else sdp.VideoFormat()
        clip = clip or of_codec(ClipFormat(colour), form.codec_name)
        self.camera = Camera(self.video, clip, form.payload, form.packetization_mode)
        self.call = self._new_call()
        self.peer: list[sdp.Media] = []  # what the other side described last
        self._kept = (self.offer.audio_direction, self.offer.video_direction)
        self._version = 0

    async def __aenter__(self) -> Terminal:
        await self.agent.start(self._host)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None
    ) -> None:
        with contextlib.suppress(Exception):
            await self.call.hang_up()
        self.close()
        await asyncio.sleep(0)  # the transport closes its socket at the loop's next turn

    def close(self) -> None:
        shared().remove_tick(self._tick)
        self.sound.close()
        self.video.close()
        self.screen.close()
        self.agent.close()

    # --- calls ------------------------------------------------------------------------------------------------

    async def dial(self, number: str, late_offer: bool = False) -> None:
        """Call a number and start sending. Raises CallRefused."""
        self.call = self._new_call()
        self.call.late_offer = late_offer
        self.screen.forget()
        await self.call.invite(number)

    async def hang_up(self) -> None:
        await self.call.hang_up()
        self.sound.remote = self.video.remote = None

    async def hold(self) -> None:
        """Put the call on hold as most terminals do: sendonly sound, no picture either way (RFC 3264 8.4)."""
        self._kept = (self.offer.audio_direction, self.offer.video_direction)
        await self.change(audio_direction="sendonly", video_direction="inactive" if self.offer.video else "sendrecv")
        self.camera.on, self.voice.paused = False, True

    async def resume(self) -> None:
        audio, video = self._kept
        await self.change(audio_direction=audio, video_direction=video)
        self.voice.paused, self.camera.on = False, True

    async def change(self, **fields: object) -> None:
        """Offer something else within the call: the fields of Offer to replace."""
        self.offer = replace(self.offer, **fields)  # type: ignore[arg-type]
        await self.call.reinvite()

    def _new_call(self) -> Call:
        call = Call(self.agent, self._own_sdp, self._peer_sdp)
        call.on_fast_update = self.camera.keyframe
        return call

    def _own_sdp(self) -> str:
        if self.description:
            return self.description()
        self._version += 1
        return self.offer.text(self.agent.address[0], self.sound.port, self.video.port, self._version)

    def _peer_sdp(self, text: str) -> None:
        self.peer = sdp.parse(text)
        sound, video = sdp.find(self.peer, "audio"), sdp.find(self.peer, "video")
        self.sound.remote = (sound.host, sound.port) if sound else None
        offer = self.offer
        sends = offer.video_direction in ("sendrecv", "sendonly") and offer.video and not offer.video_port_zero
        self.video.remote = (video.host, video.port) if video and self.offer.video else None
        self.camera.on = bool(sends and video and video.direction in ("sendrecv", "recvonly"))
        if video and video.payloads:
            self._agree(video)
        shared().remove_tick(self._tick)
        shared().add_tick(self._tick)

    def _agree(self, video: sdp.Media) -> None:
        """Send the first of the peer's codecs that we have, in its payload type if it offered another than ours."""
        ours = {form.codec_name: form for form in reversed(self.offer.video)}
        known = [(number, video.codec_of(number)) for number in video.payloads if video.codec_of(number) in ours]
        if known and known[0][0] not in [form.payload for form in self.offer.video]:
            form = replace(ours[known[0][1]], payload=known[0][0])
            if known[0][1] == "h264":
                mode = 1 if "packetization-mode=1" in video.fmtp.get(form.payload, "") else 0
                form = replace(form, fmtp=f"profile-level-id=42e01f;packetization-mode={mode}")
            self.offer = replace(self.offer, video=(form,))
        self.screen.codecs = {form.payload: form.codec_name for form in self.offer.video} | dict(known)
        if known:
            self.camera.use(known[0][1], known[0][0])
        else:
            self.camera.payload_type = video.payloads[0]

    def _tick(self, now: float) -> None:
        self.voice.tick(now)
        self.camera.tick(now)

    def _incoming(self, request: SipMessage) -> Reply:
        if request.header("Call-ID") == self.call.call_id and self.call.call_id:
            return self.call.answer(request)
        if request.method == "OPTIONS":
            return 200, "OK", [("Accept", "application/sdp")], b""
        if request.method == "INVITE":
            if self.call.up:
                return 486, "Busy Here", [], b""
            self.call = self._new_call()
            self.call.take(request)
            return self.call.answer(request)
        return 481, "Call/Transaction Does Not Exist", [], b""

    async def registered(self, seconds: float = 10) -> None:
        """REGISTER until it is accepted: an account takes a moment to reach Asterisk."""
        patience = Patience(seconds)
        while (answer := await self.agent.register()).status != 200:
            assert not patience.over, f"{self.agent.display}: {patience}: registered; the answer is {answer.status}"
            await asyncio.sleep(0.1)

    # --- what arrives -----------------------------------------------------------------------------------------

    async def until(self, condition: Callable[[], object], seconds: float, what: str) -> float:
        """Wait for a condition; how long it took. Raises AssertionError with what was missing and what was there."""
        patience = Patience(seconds)
        while not condition():
            if patience.over:
                raise AssertionError(f"{self.agent.display}: {patience}: {what}; {self.state()}")
            await asyncio.sleep(0.02)
        return patience.elapsed

    def state(self) -> str:
        video, sound = self.video.log, self.sound.log
        ended = "ended" if self.call.ended.is_set() else "up" if self.call.up else "down"
        return (
            f"call {ended}, sound {sound.packets} packets, video {video.packets} packets in {video.frames} frames, "
            f"{self.screen.pictures} pictures {self.screen.size}, {self.screen.facts.idrs} IDR, "
            f"{self.camera.requests} keyframe requests came, {self.video.sent} video packets sent"
            + (f", faults of the pump {shared().faults}" if shared().faults else "")
        )

    def colours(self, rects: Iterable[Rect]) -> list[str]:
        """All of one and the same picture."""
        picture = self.screen.picture()
        return ["" if picture is None else stamp.colour_of(stamp.crop(picture, rect)) for rect in rects]

    async def sees(self, rects: Iterable[Rect], colours: Iterable[str], seconds: float = 8.0) -> float:
        """Wait until each tile shows its colour."""
        rects, wanted = list(rects), list(colours)
        try:
            return await self.until(lambda: self.colours(rects) == wanted, seconds, f"{wanted} in {rects}")
        except AssertionError as fault:
            raise AssertionError(f"{fault}; saw {self.colours(rects)}") from None

    async def hears(self, tones: set[int], among: Iterable[int], seconds: float = 8.0) -> float:
        """Wait until exactly ``tones`` of the candidates sound."""
        candidates = list(among)
        try:
            return await self.until(lambda: self.ear.hears(candidates) == tones, seconds, f"tones {sorted(tones)}")
        except AssertionError as fault:
            raise AssertionError(f"{fault}; heard {sorted(self.ear.hears(candidates))}") from None

    async def more_pictures(self, count: int, seconds: float = 3.0) -> None:
        """Wait for so many further pictures."""
        goal = self.screen.pictures + count
        await self.until(lambda: self.screen.pictures >= goal, seconds, f"{count} further pictures")

    async def idr_after(self, before: int, seconds: float) -> None:
        """Wait until more IDRs than ``before`` have come."""
        await self.until(lambda: self.screen.facts.idrs > before, seconds, f"an IDR beyond {before}")

    async def runs(self, rect: Rect, seconds: float = 3.0) -> None:
        """Wait until a tile shows two different counters: it is a picture of now, not a still."""
        seen: set[int | None] = set()

        def two() -> bool:
            seen.add(self.screen.counter(rect))
            return len(seen - {None}) > 1

        await self.until(two, seconds, f"a running counter in {rect}")

    async def first_picture(self, seconds: float = 8.0) -> float:
        """Seconds from INVITE to the first decodable picture."""
        await self.until(lambda: self.screen.first_at is not None, seconds, "a decodable picture")
        assert self.screen.first_at is not None
        return self.screen.first_at - self.call.invited_at

    def save(self, folder: Path) -> None:
        """The latest picture as a PNG, for who looks into a failed test."""
        self.screen.save(folder / f"{self.agent.user}-{self.colour}.png")


def palette(number: int) -> tuple[str, int]:
    """Colour and tone of the n-th terminal of a test; tones are no harmonics of each other."""
    names = list(stamp.COLOURS)
    tones = (400, 550, 700, 950, 1250, 1450, 1850, 2150)
    return names[number % len(names)], tones[number % len(tones)]
