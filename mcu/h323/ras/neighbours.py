"""Neighbours whom our gatekeeper asks where somebody is that it doesn't know by LRQ, all at once."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

from mcu.h323 import per
from mcu.h323.media import Address
from mcu.h323.ras import messages as ras
from mcu.h323.ras.events import Event, Located
from mcu.h323.ras.request import Request
from mcu.h323.ras.traffic import Question, Questions
from mcu.h323.transport import transport

SEARCHES_MOST = 64  # at once; more are answered with nobody


@dataclass(slots=True)
class _Search:
    number: int
    waiting: set[int] = field(default_factory=set)  # requestSeqNums of neighbours that have not answered


class Neighbours:
    """Shares ``questions`` and their numbers with the gatekeeper."""

    def __init__(self, asked: tuple[Address, ...], questions: Questions) -> None:
        self._asked, self._questions = asked, questions
        self._numbers = itertools.count(1)
        self._searches: dict[int, _Search] = {}  # by requestSeqNum

    def ask(
        self, alias: str, reply_to: Callable[[str], Address], at: float
    ) -> tuple[int, list[tuple[bytes, Address]], list[Event]]:
        """The search's number, what is to be sent, and Located at once where nobody can be asked. Raises Garbled for
        what is no alias."""
        search = _Search(next(self._numbers))
        out: list[tuple[bytes, Address]] = []
        busy = len({id(one) for one in self._searches.values()}) >= SEARCHES_MOST
        for neighbour in () if busy else self._asked:
            seq = self._questions.number()
            body: ras.Body = {
                "requestSeqNum": seq,
                "destinationInfo": [ras.alias(alias)],
                "replyAddress": transport(reply_to(neighbour.host)),
                "canMapAlias": True,
            }
            octets = per.encode_ras(("locationRequest", body))
            out.append(self._questions.ask(("locationRequest", body), neighbour, functools.partial(bytes, octets), at))
            search.waiting.add(seq)
            self._searches[seq] = search
        return search.number, out, [] if out else [Located(request=search.number, target=None)]

    def answered(self, answer: Request) -> list[Event]:
        """LCF or LRJ. The first that knows it is believed; the others' answers count for nothing."""
        question = self._questions.peek(answer.seq)
        if question is None or question.name != "locationRequest" or question.target.host != answer.source.host:
            return []
        self._questions.answered(answer.seq, "locationRequest")
        target = ras.address_of(answer.body.get("callSignalAddress")) if answer.name == "locationConfirm" else None
        destination = ras.alias_texts(answer.body.get("destinationInfo")) if target is not None else ()
        return self._heard(answer.seq, target, destination)

    def in_vain(self, question: Question) -> list[Event]:
        """A neighbour that does not answer."""
        return self._heard(question.body["requestSeqNum"], None, ()) if question.name == "locationRequest" else []

    def _heard(self, seq: int, target: Address | None, destination: tuple[str, ...]) -> list[Event]:
        search = self._searches.pop(seq, None)
        if search is None:
            return []
        search.waiting.discard(seq)
        if target is None and search.waiting:
            return []
        for other in search.waiting:
            self._searches.pop(other, None)
            self._questions.answered(other, "locationRequest")
        return [Located(request=search.number, target=target, destination=destination)]
