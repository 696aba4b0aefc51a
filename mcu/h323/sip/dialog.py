"""The state of one dialog (RFC 3261 12), and the messages that are made of it. It sends nothing itself."""

from __future__ import annotations

import random
from collections.abc import Mapping

from sipmessage import URI, Address, CSeq, Parameters, Request, Response

from mcu.h323.sip.leftovers import Dialog
from mcu.h323.sip.messages import ALLOW, harmless, new_branch, new_tag, response_to, with_body
from mcu.h323.sip.transactions import Peer

SDP = "application/sdp"


class DialogState:
    """``local`` is where we listen, ``asterisk`` whom we speak with; ``call_as`` or ``answer_to`` tells both ends."""

    def __init__(self, call_id: str, local: Peer, asterisk: Peer) -> None:
        self.call_id = call_id
        self._host, self._port = local
        self._asterisk = asterisk
        self._tag = new_tag()
        self._local = self._remote = ""  # From and To values, as we send them
        self._headers: list[tuple[str, str]] = []
        self._target = URI(scheme="sip", host=asterisk[0], port=asterisk[1])
        self._sequence = random.randrange(1, 1000)  # noqa: S311 - no secret

    def call_as(self, user: str, display: str, number: str, headers: Mapping[str, str]) -> None:
        """The caller is us; ``headers`` go with each request."""
        host, port = self._asterisk
        self._target = URI(scheme="sip", host=host, port=port, user=number or None)
        caller = URI(scheme="sip", host=self._host, user=harmless(user) or None)
        self._local = str(Address(caller, harmless(display), Parameters(tag=self._tag)))
        self._remote = f"<{self._target}>"
        self._headers = [(name, harmless(value)) for name, value in headers.items()]

    def answer_to(self, invite: Request) -> None:
        """The caller is the other side (12.1.1)."""
        self._local = f"{invite.headers['To']};tag={self._tag}"
        self._remote = invite.headers["From"]
        self.aim(invite)

    def answered(self, response: Response) -> None:
        """The other side's tag and Contact (12.1.2)."""
        self._remote = response.headers["To"]
        self.aim(response)

    def aim(self, message: Request | Response) -> None:
        """Later requests go to the other side's Contact; the datagrams always go to Asterisk."""
        try:
            contact = message.contact
        except ValueError:
            return
        if contact:
            self._target = contact[0].uri

    @property
    def leftover(self) -> Dialog:
        """For whoever has to hang up in our place."""
        return Dialog(self.call_id, self._local, self._remote, str(self._target), self._sequence)

    # --- messages ---------------------------------------------------------------------------------------------

    def request(
        self, method: str, content_type: str = "", body: bytes = b"", extra: list[tuple[str, str]] | None = None
    ) -> Request:
        """The next one within the dialog, or the INVITE that begins it (12.2.1.1)."""
        self._sequence += 1
        return self._request(self._sequence, method, content_type, body, extra or [])

    def ack(self, invite: Request) -> Request:
        """Of a 2xx, with the number of the INVITE that it answers (13.2.2.4)."""
        return self._request(invite.cseq.sequence, "ACK", "", b"", [])

    def cancel(self, invite: Request, cause: int) -> Request:
        """What it has in common with the INVITE is 9.1's. ``cause`` is Q.850's."""
        cancel = Request("CANCEL", invite.uri)
        for name in ("Via", "Max-Forwards", "From", "To", "Call-ID"):
            cancel.headers.setlist(name, list(invite.headers.getlist(name)))
        cancel.cseq = CSeq(invite.cseq.sequence, "CANCEL")
        cancel.headers.set("Reason", f"Q.850;cause={cause}")
        cancel.headers.set("Content-Length", "0")
        for name, value in self._headers:
            cancel.headers.set(name, value)
        return cancel

    def response(self, request: Request, status: int) -> Response:
        """Without body and Contact."""
        return response_to(request, status, self._tag)

    def description(self, invite: Request, status: int, description: bytes) -> Response:
        """To an INVITE, with our part of the session."""
        response = self.response(invite, status)
        response.headers.set("Contact", self._contact)
        with_body(response, SDP, description)
        return response

    def _request(
        self, number: int, method: str, content_type: str, body: bytes, extra: list[tuple[str, str]]
    ) -> Request:
        request = Request(method, self._target)
        headers = request.headers
        headers.set("Via", f"SIP/2.0/UDP {self._host}:{self._port};rport;branch={new_branch()}")
        headers.set("Max-Forwards", "70")
        headers.set("From", self._local)
        headers.set("To", self._remote)
        headers.set("Call-ID", self.call_id)
        headers.set("CSeq", f"{number} {method}")
        headers.set("Contact", self._contact)
        headers.set("Allow", ALLOW)
        headers.set("User-Agent", "MCU H.323 gateway")
        for name, value in [*self._headers, *extra]:
            headers.add(name, value)
        with_body(request, content_type, body)
        return request

    @property
    def _contact(self) -> str:
        return f"<sip:h323@{self._host}:{self._port}>"
