"""SIP over UDP for a probe: transactions with their retransmissions, digest, one dialog per call (RFC 3261)."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable

from tests.probe import sip_message as sip
from tests.probe.sip_message import SipMessage

Address = tuple[str, int]
T1, T2 = 0.5, 4.0  # RFC 3261 17.1.1.1
# What a request from outside gets: status, reason, further headers, body.
Reply = tuple[int, str, list[tuple[str, str]], bytes]


class NoResponse(Exception):
    """A transaction ended without a final response."""


class UserAgent(asyncio.DatagramProtocol):
    """One socket. ``on_request`` answers what comes in; ACK is handed to it too, its reply is not sent."""

    def __init__(self, user: str, password: str, server: Address, display: str = "") -> None:
        self.user, self.password, self.server = user, password, server
        self.display = display or user
        self.tag = secrets.token_hex(4)
        self.on_request: Callable[[SipMessage], Reply] = lambda _: (481, "Call/Transaction Does Not Exist", [], b"")
        self.on_stray_success: Callable[[SipMessage], None] = lambda _: None  # a 200 to INVITE that came again
        self.malformed = 0
        self._waiting: dict[tuple[str, str], asyncio.Queue[SipMessage]] = {}
        self._answered: dict[tuple[str, str], bytes] = {}
        self._transport: asyncio.DatagramTransport | None = None
        self.address: Address = ("", 0)

    async def start(self, host: str = "127.0.0.1") -> None:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(host, 0))
        self.address = self._transport.get_extra_info("sockname")

    def close(self) -> None:
        if self._transport:
            self._transport.close()

    # --- building ---------------------------------------------------------------------------------------------

    @property
    def contact(self) -> str:
        return f"<sip:{self.user}@{self.address[0]}:{self.address[1]}>"

    @property
    def own_uri(self) -> str:
        return f"sip:{self.user}@{self.server[0]}"

    def request(
        self, method: str, uri: str, *, to: str, call_id: str, sequence: int,
        body: bytes = b"", content_type: str = "application/sdp", extra: tuple[tuple[str, str], ...] = (),
    ) -> SipMessage:  # fmt: skip
        via = f"SIP/2.0/UDP {self.address[0]}:{self.address[1]};rport;branch={sip.new_branch()}"
        caller = f'"{self.display}" <{self.own_uri}>;tag={self.tag}'
        headers = [
            ("Via", via), ("Max-Forwards", "70"), ("From", caller), ("To", to),
            ("Call-ID", call_id), ("CSeq", f"{sequence} {method}"), ("Contact", self.contact),
            ("Allow", "INVITE, ACK, BYE, CANCEL, OPTIONS, INFO"), ("User-Agent", "probe"), *extra,
        ]  # fmt: skip
        if body:
            headers.append(("Content-Type", content_type))
        return SipMessage(f"{method} {uri} SIP/2.0", headers, body)

    async def register(self, expires: int = 300) -> SipMessage:
        """REGISTER with the answer to a challenge; the final response, whatever it is."""
        call_id = secrets.token_hex(8)
        response: SipMessage | None = None
        for sequence in (1, 2):
            uri = f"sip:{self.server[0]}:{self.server[1]}"
            credentials = self.answer_to(response, "REGISTER", uri) if response else ()
            request = self.request(
                "REGISTER", uri, to=f"<{self.own_uri}>", call_id=call_id, sequence=sequence,
                extra=(("Expires", str(expires)), *credentials),
            )  # fmt: skip
            response = await self.transact(request, self.server)
            if response.status != 401:
                break
        assert response is not None
        return response

    def answer_to(self, challenge: SipMessage, method: str, uri: str) -> tuple[tuple[str, str], ...]:
        """The header that answers a 401 or 407."""
        asked, answer = ("WWW-Authenticate", "Authorization")
        if challenge.status == 407:
            asked, answer = ("Proxy-Authenticate", "Proxy-Authorization")
        return ((answer, sip.credentials(challenge.header(asked), method, uri, self.user, self.password)),)

    # --- client transactions ----------------------------------------------------------------------------------

    async def transact(
        self,
        request: SipMessage,
        to: Address,
        on_provisional: Callable[[SipMessage], None] | None = None,
        timeout: float = 32.0,
    ) -> SipMessage:
        """The final response. A final one other than 2xx to INVITE is acknowledged here (17.1.1.3)."""
        key = (request.branch, request.method)
        responses = self._waiting[key] = asyncio.Queue()
        data, wait = request.encode(), T1
        try:
            async with asyncio.timeout(timeout):
                self.send(data, to)
                while True:
                    try:
                        response = await asyncio.wait_for(responses.get(), wait)
                    except TimeoutError:
                        self.send(data, to)
                        wait = min(2 * wait, T2)
                        continue
                    if response.status >= 200:
                        break
                    wait = timeout  # a provisional response ends the retransmissions
                    if on_provisional:
                        on_provisional(response)
        except TimeoutError:
            raise NoResponse(f"{request.start}: no final response in {timeout:g} s") from None
        finally:
            self._waiting.pop(key, None)
        if request.method == "INVITE" and response.status >= 300:
            self.send(self._ack_of_failure(request, response).encode(), to)
        return response

    def _ack_of_failure(self, request: SipMessage, response: SipMessage) -> SipMessage:
        kept = [(key, value) for key, value in request.headers if key in ("Via", "Max-Forwards", "From", "Call-ID")]
        cseq = f"{request.sequence} ACK"
        uri = request.start.split()[1]
        return SipMessage(f"ACK {uri} SIP/2.0", [*kept, ("To", response.header("To")), ("CSeq", cseq)])

    def send(self, data: bytes, to: Address) -> None:
        if self._transport and not self._transport.is_closing():
            self._transport.sendto(data, to)

    # --- what comes in ----------------------------------------------------------------------------------------

    def datagram_received(self, data: bytes, addr: Address) -> None:
        if not data.strip():
            return  # keep-alive, RFC 5626 3.5.1
        try:
            message = sip.parse(data)
        except ValueError:
            self.malformed += 1
            return
        if not message.is_request:
            waiting = self._waiting.get((message.branch, message.method))
            if waiting:
                waiting.put_nowait(message)
            elif message.method == "INVITE" and 200 <= message.status < 300:
                self.on_stray_success(message)
            return
        key = (message.branch, message.method)
        if key in self._answered:
            self.send(self._answered[key], addr)
            return
        status, reason, headers, body = self.on_request(message)
        if message.method == "ACK":
            return
        response = sip.response_to(message, status, reason, tag=self.tag)
        response.headers += headers
        response.body = body
        self._answered[key] = response.encode()
        self.send(self._answered[key], addr)

    def error_received(self, exc: Exception) -> None:
        """ICMP says that nobody listens: the retransmissions go on, as over a network that loses packets."""
