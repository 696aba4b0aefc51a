"""The user agent: one socket, its calls by Call-ID, and what comes in besides."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from sipmessage import URI, Request, Response

from mcu.h323.datagrams import open_datagrams
from mcu.h323.sip.call import SipCall
from mcu.h323.sip.leftovers import Dialog
from mcu.h323.sip.messages import harmless, new_branch, new_tag, response_to
from mcu.h323.sip.transactions import ClientTransaction, Endpoint, Peer, ServerTransaction


@dataclass(frozen=True, slots=True)
class Account:
    """By what Asterisk knows that it is the gateway that calls."""

    user: str
    password: str = field(repr=False)


class UserAgent:
    """``on_invite`` decides about a call that comes in: it takes the SipCall and must answer or refuse it in time."""

    def __init__(self, local: Peer, asterisk: Peer, account: Account, on_invite: Callable[[SipCall], None]) -> None:
        self.local, self.asterisk, self.account = local, asterisk, account
        self.calls: dict[str, SipCall] = {}
        self._on_invite = on_invite
        self._endpoint = Endpoint(asterisk, self._request, self._stray)

    async def start(self) -> None:
        """Raises OSError when the port is taken."""
        # Calls that are up are worth more than those that come: each round takes all that Asterisk says.
        transport = await open_datagrams(self._endpoint, *self.local, most=64)
        self.local = transport.get_extra_info("sockname")[:2]

    def close(self) -> None:
        for call in list(self.calls.values()):
            call.abandon()
        self._endpoint.close()

    def hang_up(self, dialog: Dialog) -> None:
        """End a call of a process that is gone. Raises ValueError for a dialog that makes no sense."""
        host, port = self.local
        request = Request("BYE", URI.parse(dialog.target))
        request.headers.set("Via", f"SIP/2.0/UDP {host}:{port};rport;branch={new_branch()}")
        request.headers.set("Max-Forwards", "70")
        request.headers.set("From", harmless(dialog.local, 500))
        request.headers.set("To", harmless(dialog.remote, 500))
        request.headers.set("Call-ID", harmless(dialog.call_id))
        request.headers.set("CSeq", f"{dialog.sequence} BYE")
        request.headers.set("Reason", "Q.850;cause=41")
        request.headers.set("Content-Length", "0")
        self.transact(request, lambda _: None)

    @property
    def garbled(self) -> int:
        """Datagrams of Asterisk's that were no SIP."""
        return self._endpoint.garbled

    @property
    def strangers(self) -> int:
        """Datagrams of others."""
        return self._endpoint.strangers

    async def hung_up(self, timeout: float) -> None:
        """Until every BYE and CANCEL has its answer, but not longer than ``timeout`` seconds."""
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout
        while any(method in ("BYE", "CANCEL") for _, method in self._endpoint.clients) and loop.time() < end:  # noqa: ASYNC110
            await asyncio.sleep(0.02)

    def new_call(self) -> SipCall:
        """A call of ours, that ``place`` begins."""
        call = SipCall(self, f"{secrets.token_hex(12)}@mcu")
        self.calls[call.call_id] = call
        return call

    def forget(self, call: SipCall) -> None:
        self.calls.pop(call.call_id, None)

    def transact(self, request: Request, on_response: Callable[[Response | None], None]) -> ClientTransaction:
        return ClientTransaction(self._endpoint, request, on_response)

    def send(self, request: Request) -> None:
        """Without a transaction: an ACK."""
        self._endpoint.send(bytes(request))

    def _request(self, request: Request, transaction: ServerTransaction | None) -> None:
        call = self.calls.get(request.call_id)
        in_dialog = ";tag=" in request.headers["To"].replace(" ", "").lower()
        if call is not None and (in_dialog or request.method in ("CANCEL", "ACK")):
            call.requested(request, transaction)
        elif transaction is None:
            return  # an ACK for a call that is over
        elif request.method == "OPTIONS" and not in_dialog:
            transaction.respond(response_to(request, 200, new_tag()))
        elif request.method == "INVITE" and not in_dialog:
            fresh = SipCall(self, request.call_id)
            self.calls[fresh.call_id] = fresh
            fresh.invited(request, transaction)
            self._on_invite(fresh)
        elif request.method in ("INVITE", "BYE", "INFO", "UPDATE", "MESSAGE", "OPTIONS", "CANCEL"):
            transaction.respond(response_to(request, 481, new_tag()))
        else:
            transaction.respond(response_to(request, 405, new_tag()))

    def _stray(self, response: Response) -> None:
        call = self.calls.get(response.call_id)
        if call is not None:
            call.answered_again()
