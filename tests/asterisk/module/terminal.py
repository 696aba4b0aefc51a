"""A SIP terminal of the plainest kind on loopback: calls, answers, holds, hangs up; its video is an ``rtp.Stream``."""

from __future__ import annotations

import asyncio
import itertools
import re
import socket
import struct
import uuid
from dataclasses import dataclass, field, replace

from .rtp import Stream

_numbers = itertools.count(1)


def header(message: str, name: str) -> str:
    found = re.search(rf"^{name}:\s*(.*?)\r?$", message, re.MULTILINE | re.IGNORECASE)
    return found[1] if found else ""


@dataclass(frozen=True)
class Codec:
    """A line of the offer: RTP payload type, name and parameters."""

    payload_type: int = 97
    name: str = "H264"
    fmtp: str = "profile-level-id=42801f;packetization-mode=1;max-fs=3600"


@dataclass
class Call:
    """One dialog as the terminal sees it."""

    call_id: str
    local: str
    remote: str
    target: str
    sequence: int = 1
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    status: int = 0


class Terminal(asyncio.DatagramProtocol):
    """``await open()`` first; a call that comes in is answered at once."""

    def __init__(self, name: str, switch: int, codec: Codec | None = None, video: bool = True) -> None:
        self.name = name
        self.switch = ("127.0.0.1", switch)
        self.codec = codec or Codec()
        self.has_video = video
        self.video = Stream(name)
        self.call: Call | None = None
        self.infos = 0  # requests for a keyframe by SIP INFO (RFC 5168)
        self.came_in = asyncio.Event()
        self._direction = "sendrecv"
        self._audio_remote: tuple[str, int] | None = None
        self._spoken = 0

    async def open(self) -> Terminal:
        loop = asyncio.get_running_loop()
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("127.0.0.1", 0))
        self.port = sock.getsockname()[1]
        self._sip, _ = await loop.create_datagram_endpoint(lambda: self, sock=sock)
        self._audio = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._audio.bind(("127.0.0.1", 0))
        self._video_port = await self.video.open()
        self.video.payload_type = self.codec.payload_type
        return self

    async def close(self) -> None:
        self.video.stop()
        if self.call and self.call.answered.is_set() and not self.call.ended.is_set():
            await self.hang_up()
        self.video.close()
        self._audio.close()
        self._sip.close()

    # --- what it does

    async def dial(self, number: str, **headers: str) -> Call:
        """Call and wait for the answer; ``X_Room="1"`` becomes the header ``X-Room: 1``."""
        call = self.invite(number, **headers)
        await asyncio.wait_for(call.answered.wait(), 20)
        assert call.status == 200, call.status
        return call

    def invite(self, number: str, **headers: str) -> Call:
        self.call = Call(
            uuid.uuid4().hex,
            f"<sip:{self.name}@127.0.0.1>;tag={uuid.uuid4().hex[:8]}",
            f"<sip:{number}@127.0.0.1>",
            f"sip:{number}@127.0.0.1:{self.switch[1]}",
        )
        self._request("INVITE", [f"{k.replace('_', '-')}: {v}" for k, v in headers.items()], self._sdp())
        return self.call

    async def hold(self, direction: str = "sendonly") -> None:
        """Re-INVITE with another direction (RFC 3264 8.4); "sendrecv" takes it back."""
        assert self.call
        self._direction = direction
        self.call.answered.clear()
        self.call.sequence += 1
        self._request("INVITE", [], self._sdp())
        await asyncio.wait_for(self.call.answered.wait(), 10)

    async def hang_up(self) -> None:
        assert self.call
        self.call.sequence += 1
        self._request("BYE", [], "")
        await asyncio.wait_for(self.call.ended.wait(), 10)

    def speak(self, payload: bytes) -> None:
        """Send one packet of G.711, payload type 0 (RFC 3551 6)."""
        self._spoken += 1
        if self._audio_remote:
            timestamp = self._spoken * len(payload)
            head = struct.pack("!BBHII", 0x80, 0, self._spoken & 0xFFFF, timestamp, self.video.ssrc ^ 1)
            self._audio.sendto(head + payload, self._audio_remote)

    # --- the messages

    def _sdp(self) -> str:
        audio = self._audio.getsockname()[1]
        lines = [
            "v=0",
            f"o=- 1 {next(_numbers)} IN IP4 127.0.0.1",
            "s=-",
            "c=IN IP4 127.0.0.1",
            "t=0 0",
            f"m=audio {audio} RTP/AVP 0",
            f"a={self._direction}",
        ]
        if self.has_video:
            lines += [
                f"m=video {self._video_port} RTP/AVP {self.codec.payload_type}",
                f"a=rtpmap:{self.codec.payload_type} {self.codec.name}/90000",
                f"a={self._direction}",
            ]
            if self.codec.fmtp:
                lines.append(f"a=fmtp:{self.codec.payload_type} {self.codec.fmtp}")
        return "\r\n".join(lines) + "\r\n"

    def _send(self, start: str, headers: list[str], body: str) -> None:
        kind = ["Content-Type: application/sdp"] if body else []
        text = "\r\n".join([start, *headers, *kind, f"Content-Length: {len(body)}", "", body])
        self._sip.sendto(text.encode(), self.switch)

    def _request(self, method: str, headers: list[str], body: str, target: str | None = None) -> None:
        call = self.call
        assert call
        self._send(
            f"{method} {target or call.target} SIP/2.0",
            [
                f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bK{uuid.uuid4().hex};rport",
                "Max-Forwards: 70",
                f"From: {call.local}",
                f"To: {call.remote}",
                f"Call-ID: {call.call_id}",
                f"CSeq: {call.sequence} {method}",
                f"Contact: <sip:{self.name}@127.0.0.1:{self.port}>",
                *headers,
            ],
            body,
        )

    def datagram_received(self, data: bytes, addr: object) -> None:
        message = data.decode()
        if message.startswith("SIP/2.0"):
            self._response(int(message.split()[1]), message)
        else:
            self._incoming(message.split()[0], message)

    def error_received(self, exc: Exception) -> None:
        """Asterisk is gone; the test that cares awaits something that then doesn't come."""

    def _response(self, status: int, message: str) -> None:
        call = self.call
        if not call or header(message, "Call-ID") != call.call_id or status < 200:
            return
        number, method = header(message, "CSeq").split()
        if method == "BYE":
            call.ended.set()
        elif method == "INVITE" and int(number) == call.sequence:  # none sent again that a re-INVITE overtook
            call.status, call.remote = status, header(message, "To")
            if status == 200:
                call.target = header(message, "Contact").strip("<>")
                self._take_sdp(message)
            self._request("ACK", [], "")
            call.answered.set()

    def _incoming(self, method: str, message: str) -> None:
        if method == "ACK":
            return
        contact = header(message, "Contact").strip("<>")
        to = header(message, "To")
        body = ""
        if method == "INVITE":
            if "tag=" not in to:
                if self.call is None or self.call.call_id != header(message, "Call-ID"):  # or it was sent again
                    tagged = f"{to};tag={uuid.uuid4().hex[:8]}"
                    self.call = Call(header(message, "Call-ID"), tagged, header(message, "From"), contact)
                to = self.call.local
                self.call.answered.set()
                self.came_in.set()
            self._take_sdp(message)
            if offered := re.search(rf"^a=rtpmap:(\d+) {self.codec.name}/", message, re.MULTILINE):
                # RFC 3264 6.1: what is sent to the offerer bears the number it offered
                self.codec = replace(self.codec, payload_type=int(offered[1]))
                self.video.payload_type = self.codec.payload_type
            body = self._sdp()
        elif method == "BYE" and self.call:
            self.call.ended.set()
        elif method == "INFO" and "picture_fast_update" in message:
            self.infos += 1
            self.video.changed.set()
        self._send(
            "SIP/2.0 200 OK",
            [
                *re.findall(r"^Via:.*?(?=\r)", message, re.MULTILINE),
                f"From: {header(message, 'From')}",
                f"To: {to}",
                f"Call-ID: {header(message, 'Call-ID')}",
                f"CSeq: {header(message, 'CSeq')}",
                f"Contact: <sip:{self.name}@127.0.0.1:{self.port}>",
            ],
            body,
        )

    def _take_sdp(self, message: str) -> None:
        ports = {kind: int(port) for kind, port in re.findall(r"^m=(audio|video) (\d+)", message, re.MULTILINE)}
        if ports.get("video"):
            self.video.remote = ("127.0.0.1", ports["video"])
        if ports.get("audio"):
            self._audio_remote = ("127.0.0.1", ports["audio"])
