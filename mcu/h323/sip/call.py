"""One SIP call: the INVITE dialog, from either side (RFC 3261 12 to 15).

Methods never wait; what comes of them are events, handed to ``on_event`` in order. At most one offer is under way: a
newer one waits for the older one's answer, and of several only the last is sent.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from sipmessage import Request, Response

from mcu.h323.sip import digest
from mcu.h323.sip.dialog import SDP, DialogState
from mcu.h323.sip.events import (
    Answered,
    Confirmed,
    Ended,
    InfoReceived,
    Provisional,
    Refused,
    ReinviteAnswered,
    Reinvited,
    ReinviteRefused,
    SipEvent,
)
from mcu.h323.sip.leftovers import Dialog
from mcu.h323.sip.messages import cause_of, content_type_of
from mcu.h323.sip.transactions import ClientTransaction, ServerTransaction

if TYPE_CHECKING:
    from mcu.h323.sip.agent import UserAgent

# Whether Asterisk still knows the call, which it does not after a restart; its own session timer needs 45 s.
_PROBE_INTERVAL = 5.0


class SipCall:
    """``up`` from the answer to the end; ``over`` once it has ended. ``request`` is the INVITE that opened it."""

    def __init__(self, agent: UserAgent, call_id: str) -> None:
        self.call_id = call_id
        self.on_event: Callable[[SipEvent], None] = lambda _: None
        self.up = self.over = False
        self.request: Request | None = None
        self._agent = agent
        self._state = DialogState(call_id, agent.local, agent.asterisk)
        self._inviting: ClientTransaction | None = None
        self._invited: ServerTransaction | None = None  # an INVITE of theirs that waits for our answer
        self._confirming = False
        self._cancelled = False
        self._challenged = False
        self._ack: Request | None = None
        self._last_offer = b""
        self._next_offer: bytes | None = None
        self._retry: asyncio.TimerHandle | None = None
        self._probe: asyncio.TimerHandle | None = None

    # --- calls of ours ----------------------------------------------------------------------------------------

    def place(
        self, number: str, offer: bytes, *, display: str, user: str, headers: Mapping[str, str] | None = None
    ) -> None:
        """Call ``number`` ("" for none) at Asterisk; ``headers`` go with each request, also those within."""
        self._state.call_as(user, display, number, headers or {})
        self.request = self._state.request("INVITE", SDP, offer)
        self._invite(self.request)

    def reinvite(self, offer: bytes) -> None:
        """Offer anew; ReinviteAnswered or ReinviteRefused follows."""
        if not self.up:
            return
        if self._inviting is not None or self._invited is not None or self._retry is not None:
            self._next_offer = offer
            return
        self._challenged = False
        self._invite(self._state.request("INVITE", SDP, offer))

    def info(self, content_type: str, body: bytes) -> None:
        """Send INFO; a refusal of it changes nothing."""
        if self.up:
            self._agent.transact(self._state.request("INFO", content_type, body), self._gone_check)

    def hang_up(self, cause: int = 16, status: int = 480) -> None:
        """End it in whatever state it is: BYE, CANCEL, or ``status`` to an INVITE that waits. No event follows."""
        if self.over:
            return
        self.on_event = lambda _: None
        reason = [("Reason", f"Q.850;cause={cause}")]
        if self.up:
            bye = self._state.request("BYE", extra=reason)
            self._agent.transact(bye, lambda _: self._agent.forget(self))
            self._end()
        elif self._inviting is not None:
            self._cancelled = True
            if self._inviting.answered:
                self._cancel(self._inviting.request, cause)
            # Else RFC 3261 9.1: no CANCEL before a provisional response; it follows that.
        else:
            self.refuse(status, cause)

    def abandon(self) -> None:
        """Let go without a word: the process ends."""
        self._end()
        self._agent.forget(self)

    @property
    def dialog(self) -> Dialog:
        """For whoever has to hang up in our place."""
        return self._state.leftover

    # --- calls of theirs --------------------------------------------------------------------------------------

    def invited(self, request: Request, transaction: ServerTransaction) -> None:
        """The INVITE of a new call came."""
        self.request, self._invited = request, transaction
        self._state.answer_to(request)
        transaction.respond(self._state.response(request, 100))

    def ring(self) -> None:
        self._provisional(180, b"")

    def progress(self, description: bytes) -> None:
        """Early media."""
        self._provisional(183, description)

    def answer(self, description: bytes) -> None:
        """Take the call; Confirmed or Ended follows."""
        if self._invited is None or self.up:
            return
        self._confirming = True
        self.up = True
        self._respond(self._invited, 200, description)
        self._watch()

    def refuse(self, status: int, cause: int = 0) -> None:
        """Refuse a call that came in. No event follows."""
        if self._invited is None or self.up or self.over:
            return
        response = self._state.response(self._invited.request, status)
        if cause:
            response.headers.set("Reason", f"Q.850;cause={cause}")
        self._invited.respond(response)
        self._end()
        self._agent.forget(self)

    def accept(self, description: bytes) -> None:
        """Answer Reinvited."""
        if self._invited is not None and self.up:
            self._respond(self._invited, 200, description)

    def reject(self, status: int = 488) -> None:
        """Refuse Reinvited; the call goes on as it was."""
        if self._invited is not None and self.up:
            transaction, self._invited = self._invited, None
            transaction.respond(self._state.response(transaction.request, status))
            self._offer_next()

    # --- what comes in ----------------------------------------------------------------------------------------

    def requested(self, request: Request, transaction: ServerTransaction | None) -> None:
        """A request within the dialog."""
        if transaction is None:  # ACK of a 2xx
            self._acknowledged(request)
            return
        match request.method:
            case "BYE":
                transaction.respond(self._state.response(request, 200))
                self._ended(cause_of(request), "hung up")
            case "CANCEL":
                transaction.respond(self._state.response(request, 200))
                if self._invited is not None and not self.up:
                    self._invited.respond(self._state.response(self._invited.request, 487))
                    self._ended(cause_of(request), "cancelled")
            case "INVITE" if self.over or not self.up:
                transaction.respond(self._state.response(request, 481 if self.over else 500))
            case "INVITE" if self._inviting is not None or self._invited is not None:
                transaction.respond(self._state.response(request, 491))
            case "INVITE":
                self._invited = transaction
                self._state.aim(request)
                transaction.respond(self._state.response(request, 100))
                self.on_event(Reinvited(request.body))
            case "INFO" | "MESSAGE":
                transaction.respond(self._state.response(request, 200))
                if request.body:
                    self.on_event(InfoReceived(content_type_of(request), request.body))
            case "UPDATE" if request.body:
                transaction.respond(self._state.response(request, 488))  # it then tries a re-INVITE
            case "UPDATE" | "OPTIONS":
                transaction.respond(self._state.response(request, 200))
            case _:
                transaction.respond(self._state.response(request, 405))

    def answered_again(self) -> None:
        """Our ACK was lost."""
        if self._ack is not None:
            self._agent.send(self._ack)

    def _acknowledged(self, request: Request) -> None:
        if self._invited is None or request.cseq.sequence != self._invited.request.cseq.sequence:
            return
        self._invited.acknowledged()
        late_answer = request.body if not self._invited.request.body else b""
        self._invited = None
        if self._confirming:
            self._confirming = False
            self.on_event(Confirmed())
        if late_answer:
            self.on_event(ReinviteAnswered(late_answer))
        self._offer_next()

    # --- within -----------------------------------------------------------------------------------------------

    def _invite(self, request: Request) -> None:
        self._last_offer = request.body
        self._inviting = self._agent.transact(request, self._responded)

    def _responded(self, response: Response | None) -> None:
        """To our INVITE, the first or a later one."""
        transaction = self._inviting
        if transaction is None:
            return
        if response is not None and response.code < 200:
            if self._cancelled:
                self._cancel(transaction.request, 16)
            elif not self.up and response.code >= 180:
                body = response.body if content_type_of(response) == SDP else b""
                self.on_event(Provisional(response.code, body))
            return
        self._inviting = None
        if response is None:
            self._refused(408, 0)
        elif response.code in (401, 407) and not self._challenged:
            self._challenged = True
            self._answer_challenge(transaction.request, response)
        elif response.code >= 300:
            self._refused(response.code, cause_of(response))
        else:
            self._answered(transaction.request, response)

    def _answered(self, request: Request, response: Response) -> None:
        self._state.answered(response)
        self._ack = self._state.ack(request)
        self._agent.send(self._ack)
        if self._cancelled:  # it was answered while we cancelled (RFC 3261 15)
            self.up = True
            self.hang_up()
            return
        first, self.up = not self.up, True
        if first:
            self._watch()
            self.on_event(Answered(response.body))
        else:
            self.on_event(ReinviteAnswered(response.body))
        self._offer_next()

    def _refused(self, status: int, cause: int) -> None:
        if not self.up:
            self._end()
            self._agent.forget(self)
            self.on_event(Refused(status, cause))
        elif status in (408, 481):  # RFC 3261 12.2.1.2: the other side knows no such call any more
            self._ended(cause, "lost")
        elif status == 491:
            # RFC 3261 14.1: who made the Call-ID waits 2.1 to 4 s, the other up to 2 s.
            pause = random.uniform(2.1, 4.0)  # noqa: S311
            waiting, self._next_offer = self._next_offer or self._last_offer, None
            self._retry = asyncio.get_running_loop().call_later(pause, self._offer_again, waiting)
        else:
            self.on_event(ReinviteRefused(status))
            self._offer_next()

    def _offer_again(self, offer: bytes) -> None:
        self._retry = None
        newest, self._next_offer = self._next_offer or offer, None
        self.reinvite(newest)

    def _offer_next(self) -> None:
        if self._next_offer is not None and not self.over:
            offer, self._next_offer = self._next_offer, None
            self.reinvite(offer)

    def _answer_challenge(self, request: Request, response: Response) -> None:
        name, reply = ("WWW-Authenticate", "Authorization")
        if response.code == 407:
            name, reply = ("Proxy-Authenticate", "Proxy-Authorization")
        account = self._agent.account
        try:
            value = digest.answer(
                response.headers[name], request.method, str(request.uri), account.user, account.password
            )
        except (ValueError, KeyError):
            self._refused(response.code, 0)
            return
        again = self._state.request(request.method, SDP, request.body, [(reply, str(value))])
        if self._cancelled:
            self._refused(487, 0)
            return
        self._invite(again)

    def _cancel(self, request: Request, cause: int) -> None:
        self._cancelled = True
        self._agent.transact(self._state.cancel(request, cause), lambda _: None)

    def _provisional(self, status: int, description: bytes) -> None:
        if self._invited is not None and not self.up:
            self._respond(self._invited, status, description)

    def _respond(self, transaction: ServerTransaction, status: int, description: bytes) -> None:
        response = self._state.description(transaction.request, status, description)
        transaction.respond(response, self._unconfirmed)

    def _unconfirmed(self) -> None:
        if self.up:
            self._ended(0, "no ACK")

    # --- the end ----------------------------------------------------------------------------------------------

    def _watch(self) -> None:
        self._probe = asyncio.get_running_loop().call_later(_PROBE_INTERVAL, self._ask)

    def _ask(self) -> None:
        if self.up:
            self._agent.transact(self._state.request("OPTIONS"), self._gone_check)
            self._watch()

    def _gone_check(self, response: Response | None) -> None:
        if self.up and (response is None or response.code in (408, 481)):
            self._ended(0, "lost")

    def _ended(self, cause: int, reason: str) -> None:
        if self.over:
            return
        tell = self.on_event
        self._end()
        self._agent.forget(self)
        tell(Ended(cause, reason))

    def _end(self) -> None:
        self.up, self.over = False, True
        for timer in (self._retry, self._probe):
            if timer is not None:
                timer.cancel()
        self._retry = self._probe = None
        if self._inviting is not None and not self._cancelled:
            self._inviting.drop()
            self._inviting = None
        if self._invited is not None:
            self._invited.acknowledged()
