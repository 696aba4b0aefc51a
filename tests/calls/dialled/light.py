"""Sites by the dozen: each answers a call with G.711 sound and no picture, and costs next to nothing.

A site can speak a tone, and tells whether it hears sound. It takes any INVITE, also while it believes itself in a call
whose other end is no more.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import re
import secrets
import socket
import struct
from collections.abc import AsyncIterator

from tests.probe import sip_message
from tests.probe.sip_message import SipMessage, parse
from tests.probe.user_agent import Address

_PACKET = 160  # samples: 20 ms of 8 kHz
_SILENCE = b"\xff" * _PACKET


class LightSite(asyncio.DatagramProtocol):
    """Its SIP side; ``calls`` is how often it was called, ``answers`` whether it takes a call, or only rings."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.calls = 0
        self.cancelled = 0
        self.answers = True
        self.up = False
        self.address: Address = ("", 0)
        self.sound = _Sound()
        self._tag = secrets.token_hex(4)
        self._dialog: tuple[SipMessage, Address] | None = None
        self._taken: dict[str, bytes] = {}  # Call-ID to the answer: an INVITE may come again
        self._transport: asyncio.DatagramTransport | None = None

    @property
    def uri(self) -> str:
        return f"sip:{self.name}@{self.address[0]}:{self.address[1]}"

    async def start(self, at: Address = ("127.0.0.1", 0), *, deaf: bool = False) -> None:
        """``at``: where it is called; 0 is any port. ``deaf``: it reads nothing of the sound that it is sent."""
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=at)
        self._transport, self.address = transport, transport.get_extra_info("sockname")
        self.sound.open(deaf=deaf)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        message = parse(data)
        if not message.is_request:
            return
        if message.method == "INVITE":
            self._called(message, addr)
        elif message.method == "BYE":
            self.up = False
            self.sound.to = None
            self._send(sip_message.response_to(message, 200, "OK", tag=self._tag), addr)
        elif message.method == "CANCEL" and self._dialog:
            self.cancelled += 1
            self._send(sip_message.response_to(message, 200, "OK", tag=self._tag), addr)
            invite, to = self._dialog
            self._send(sip_message.response_to(invite, 487, "Request Terminated", tag=self._tag), to)
        elif message.method != "ACK":
            self._send(sip_message.response_to(message, 200, "OK", tag=self._tag), addr)

    def _called(self, invite: SipMessage, addr: Address) -> None:
        call = invite.header("Call-ID")
        if call in self._taken:
            self._reply(self._taken[call], addr)
            return
        self.calls += 1
        self._dialog = invite, addr
        if self.answers:
            self.pick_up()
        else:
            self._send(sip_message.response_to(invite, 180, "Ringing", tag=self._tag), addr)

    def refuse(self, status: int, phrase: str) -> None:
        """What rings is not taken."""
        assert self._dialog, f"{self.name} has no call"
        invite, addr = self._dialog
        self._send(sip_message.response_to(invite, status, phrase, tag=self._tag), addr)

    def pick_up(self) -> None:
        """Take what rings."""
        assert self._dialog, f"{self.name} has no call"
        invite, addr = self._dialog
        self.up = True
        text = invite.body.decode()
        port = re.search(r"m=audio (\d+)", text)
        host = re.search(r"c=IN IP4 (\S+)", text)
        if port and host:
            self.sound.to = host[1], int(port[1])
        answer = sip_message.response_to(invite, 200, "OK", tag=self._tag)
        rejected = "".join(f"m={kind} 0 RTP/AVP 0\r\n" for kind in re.findall(r"m=(video|application) ", text))
        answer.headers += [("Contact", f"<{self.uri}>"), ("Content-Type", "application/sdp")]
        answer.body = (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {self.sound.port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n{rejected}"
        ).encode()
        data = self._taken[invite.header("Call-ID")] = answer.encode()
        self._reply(data, addr)

    def hang_up(self, cause: int = 16) -> None:
        """BYE, with a Q.850 cause (RFC 3326): 16 is what people do, 38 that the network is out of order."""
        assert self._dialog, f"{self.name} has no call"
        invite, addr = self._dialog
        contact = re.search(r"<([^>]+)>", invite.header("Contact"))
        via = f"SIP/2.0/UDP {self.address[0]}:{self.address[1]};branch=z9hG4bK{secrets.token_hex(8)}"
        bye = SipMessage(
            f"BYE {contact[1] if contact else ''} SIP/2.0",
            [
                ("Via", via), ("Max-Forwards", "70"), ("From", f"{invite.header('To')};tag={self._tag}"),
                ("To", invite.header("From")), ("Call-ID", invite.header("Call-ID")), ("CSeq", "1 BYE"),
                ("Reason", f"Q.850;cause={cause}"),
            ],
        )  # fmt: skip
        self.up = False
        self.sound.to = None
        self._send(bye, addr)

    def _send(self, message: SipMessage, to: Address) -> None:
        self._reply(message.encode(), to)

    def _reply(self, data: bytes, to: Address) -> None:
        if self._transport and not self._transport.is_closing():
            self._transport.sendto(data, to)

    def close(self) -> None:
        self.sound.close()
        if self._transport:
            self._transport.close()


class _Sound:
    """Its RTP: a tone of 440 Hz while ``speaks``, and what comes in."""

    def __init__(self) -> None:
        self.to: Address | None = None
        self.speaks = False
        self.packets = 0  # that came in
        self.loud = 0  # of these the ones that are no silence
        self.port = 0
        self._sequence, self._stamp = 0, 0
        self._source = secrets.randbits(32)
        self._tone = bytes(ulaw(8000 * math.sin(2 * math.pi * 440 * n / 8000)) for n in range(_PACKET * 4))
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._beat: asyncio.Task[None] | None = None

    def open(self, *, deaf: bool) -> None:
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.port = self._socket.getsockname()[1]
        if not deaf:
            asyncio.get_running_loop().add_reader(self._socket, self._read)

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            data = self._socket.recv(2048)
            if len(data) > 12 and data[1] & 0x7F == 0:
                self.packets += 1
                self.loud += any(abs(_linear(octet)) > 500 for octet in data[12:])

    def speak(self, on: bool) -> None:
        self.speaks = on
        if on and self._beat is None:
            self._beat = asyncio.create_task(self._speak())

    async def _speak(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        hush = 0
        while hush < 25:  # half a second of silence: a line that only stops is no end of speech to Asterisk
            hush = 0 if self.speaks else hush + 1
            if self.to:
                head = struct.pack("!BBHII", 0x80, 0, self._sequence & 0xFFFF, self._stamp & 0xFFFFFFFF, self._source)
                start = self._stamp % len(self._tone)
                with contextlib.suppress(OSError):  # ICMP: nobody listens there now
                    self._socket.sendto(head + (_SILENCE if hush else self._tone[start : start + _PACKET]), self.to)
            self._sequence += 1
            self._stamp += _PACKET
            due = max(due + _PACKET / 8000, loop.time() - 1)
            await asyncio.sleep(max(0.0, due - loop.time()))
        self._beat = None

    def close(self) -> None:
        self.speaks = False
        if self._beat:
            self._beat.cancel()
        if self._socket.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()


def ulaw(sample: float) -> int:
    """ITU-T G.711 table 2a, from 16 bits."""
    value = int(max(-32635, min(32635, sample)))
    sign, value = (0x80, -value) if value < 0 else (0, value)
    value += 0x84
    exponent = max(0, value.bit_length() - 8)
    return ~(sign | exponent << 4 | (value >> (exponent + 3)) & 0x0F) & 0xFF


def _linear(octet: int) -> int:
    octet = ~octet & 0xFF
    value = (((octet & 0x0F) << 3) + 0x84 << ((octet & 0x70) >> 4)) - 0x84
    return -value if octet & 0x80 else value


@contextlib.asynccontextmanager
async def sites(count: int, prefix: str = "diem") -> AsyncIterator[list[LightSite]]:
    """So many of them, each with ports of its own."""
    made = [LightSite(f"{prefix}{n}") for n in range(count)]
    try:
        for one in made:
            await one.start()
        yield made
    finally:
        for one in made:
            one.close()
        await asyncio.sleep(0)
