"""One call of a probe: the INVITE dialog from either side, with re-INVITE, INFO, CANCEL and BYE (RFC 3261 12, 14)."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable

from tests.probe import sip_message as sip
from tests.probe.sip_message import SipMessage
from tests.probe.user_agent import Address, Reply, UserAgent

_FAST_UPDATE = (
    b'<?xml version="1.0" encoding="utf-8"?><media_control><vc_primitive><to_encoder>'
    b"<picture_fast_update/></to_encoder></vc_primitive></media_control>"
)  # RFC 5168 8


class CallRefused(Exception):
    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status} {reason}")
        self.status = status


class Call:
    """``own_sdp`` is asked for our description whenever one is due; ``on_sdp`` gets the other side's each time."""

    def __init__(self, agent: UserAgent, own_sdp: Callable[[], str], on_sdp: Callable[[str], None]) -> None:
        self.agent = agent
        self.call_id = secrets.token_hex(10)
        self.up = False
        self.ended = asyncio.Event()
        self.ended_by_peer = False
        self.end_reason = ""  # Reason header of the BYE that came
        self.invited_at = self.answered_at = 0.0
        self.late_offer = False  # INVITE without SDP: the 200 brings the offer, ACK the answer (RFC 3261 13.2.1)
        self.progress: list[int] = []  # provisional responses
        self.reinvites = 0  # that came from the peer
        self.requests: list[str] = []  # methods of all requests that came within the dialog
        self.on_fast_update: Callable[[], None] = lambda: None  # the peer wants a keyframe, by SIP INFO
        self._own_sdp, self._on_sdp = own_sdp, on_sdp
        self._sequence = secrets.randbelow(1000)
        self._peer = self._target = ""
        self._ack: bytes = b""
        self.invitation: bytes = b""  # the INVITE sent last
        self._inviting: tuple[SipMessage, Address] | None = None
        agent.on_stray_success = self._again

    async def invite(self, number: str, answer_challenge: bool = True) -> None:
        """Set the call up, or (without a number) to the address alone. Raises CallRefused or NoResponse."""
        host, port = self.agent.server
        user = f"{number}@" if number else ""
        self._target = f"sip:{user}{host}:{port}"
        self._peer = f"<sip:{user}{host}>"
        self.invited_at = time.time()
        response = await self._invite_once(())
        if response.status in (401, 407) and answer_challenge:
            response = await self._invite_once(self.agent.answer_to(response, "INVITE", self._target))
        self._judge(response)

    async def reinvite(self) -> None:
        """Offer ``own_sdp`` anew within the call. Raises CallRefused; the call then goes on as it was."""
        response = await self._invite_once(())
        if response.status in (401, 407):
            response = await self._invite_once(self.agent.answer_to(response, "INVITE", self._target))
        self._judge(response)

    async def _invite_once(self, extra: tuple[tuple[str, str], ...]) -> SipMessage:
        request = self._request("INVITE", b"" if self.late_offer else self._own_sdp().encode(), extra=extra)
        self._inviting = (request, sip.address_of(self._target))
        self.invitation = request.encode()
        try:
            return await self.agent.transact(
                request, sip.address_of(self._target), lambda response: self.progress.append(response.status)
            )
        finally:
            self._inviting = None

    def _judge(self, response: SipMessage) -> None:
        if response.status >= 300:
            raise CallRefused(response.status, response.start.split(" ", 2)[-1])
        self._peer = response.header("To")
        self._target = sip.uri_of(response.header("Contact"))
        if response.body:
            self._on_sdp(response.body.decode())
        ack = self._request("ACK", self._own_sdp().encode() if self.late_offer else b"")
        numbered = ("CSeq", f"{response.sequence} ACK")
        ack.headers = [numbered if pair[0] == "CSeq" else pair for pair in ack.headers if pair[0] != "Contact"]
        self._sequence -= 1  # ACK carries the INVITE's number and takes none of its own
        self._ack = ack.encode()
        self.agent.send(self._ack, sip.address_of(self._target))
        if not self.up:
            self.answered_at = time.time()
            self.up = True

    def _again(self, response: SipMessage) -> None:
        if response.header("Call-ID") == self.call_id and self._ack:
            self.agent.send(self._ack, sip.address_of(self._target))

    async def cancel(self) -> None:
        """Give the INVITE up that is under way (9.1); the INVITE itself then ends with 487."""
        if self._inviting is None:
            raise RuntimeError("no INVITE under way")
        request, address = self._inviting
        kept = [pair for pair in request.headers if pair[0] in ("Via", "Max-Forwards", "From", "To", "Call-ID")]
        uri = request.start.split()[1]
        message = SipMessage(f"CANCEL {uri} SIP/2.0", [*kept, ("CSeq", f"{request.sequence} CANCEL")])
        await self.agent.transact(message, address)

    async def hang_up(self) -> None:
        if self.up and not self.ended.is_set():
            self.up = False
            await self.agent.transact(self._request("BYE", b""), sip.address_of(self._target), timeout=8)
            self.ended.set()

    async def fast_update(self) -> int:
        """Ask for a keyframe the old way, by SIP INFO (RFC 5168). The status of the answer."""
        request = self._request("INFO", _FAST_UPDATE, "application/media_control+xml")
        return (await self.agent.transact(request, sip.address_of(self._target))).status

    async def dtmf(self, digit: str) -> int:
        """One key by SIP INFO."""
        request = self._request("INFO", f"Signal={digit}\r\nDuration=160\r\n".encode(), "application/dtmf-relay")
        return (await self.agent.transact(request, sip.address_of(self._target))).status

    def _request(
        self, method: str, body: bytes, content_type: str = "application/sdp", extra: tuple[tuple[str, str], ...] = ()
    ) -> SipMessage:
        self._sequence += 1
        return self.agent.request(
            method, self._target, to=self._peer, call_id=self.call_id, sequence=self._sequence,
            body=body, content_type=content_type, extra=extra,
        )  # fmt: skip

    # --- requests from the peer -------------------------------------------------------------------------------

    def take(self, request: SipMessage) -> None:
        """Become the called side of the dialog that ``request``, an INVITE, opens."""
        self.call_id = request.header("Call-ID")
        self._peer, self._target = request.header("From"), sip.uri_of(request.header("Contact"))
        self.invited_at = self.answered_at = time.time()
        self.up = True

    def answer(self, request: SipMessage) -> Reply:
        """The reply to a request within this dialog."""
        self.requests.append(request.method)
        if request.method == "INVITE":
            self.reinvites += 1
            self._target = sip.uri_of(request.header("Contact"))
            if request.body:
                self._on_sdp(request.body.decode())
            headers = [("Contact", self.agent.contact), ("Content-Type", "application/sdp")]
            return 200, "OK", headers, self._own_sdp().encode()
        if request.method == "INFO" and b"picture_fast_update" in request.body:
            self.on_fast_update()
        if request.method == "BYE":
            self.up = False
            self.ended_by_peer = True
            self.end_reason = request.header("Reason")
            self.ended.set()
        return 200, "OK", [], b""
