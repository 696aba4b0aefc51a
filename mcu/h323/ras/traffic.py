"""Bounds on what one host may ask, answers kept for repeated questions, and our own questions repeated."""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from mcu.h323.media import Address
from mcu.h323.origins import origin
from mcu.h323.ras.messages import Body, Message

_HOSTS_MOST = 2048
_ANSWERS_MOST = 1024
_ANSWER_LIFE = 15.0  # s; the longest that H.225.0 Table 18 lets a request be repeated: 5 s, twice


class Throttle:
    """A bucket for each host (of IPv6: each /64): ``rate`` messages a second, twice that at once."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # what is left, when

    def passes(self, host: str, at: float) -> bool:
        host = origin(host)
        left, before = self._buckets.pop(host, (2 * self._rate, at))
        left = min(2 * self._rate, left + max(0.0, at - before) * self._rate)
        self._buckets[host] = (left - 1 if left >= 1 else left), at
        while len(self._buckets) > _HOSTS_MOST:
            self._buckets.popitem(last=False)
        return left >= 1


class Answers:
    """Requests that come again get what they got (H.225.0 7.18: UDP loses answers, too)."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Address, int, bytes], tuple[float, bytes]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, source: Address, message: Message, at: float) -> bytes | None:
        when, octets = self._kept.get(_key(source, message), (0.0, b""))
        return octets if octets and at - when < _ANSWER_LIFE else None

    def keep(self, source: Address, message: Message, octets: bytes, at: float) -> None:
        key = _key(source, message)
        self._kept.pop(key, None)
        self._kept[key] = at, octets
        while len(self._kept) > _ANSWERS_MOST or at - next(iter(self._kept.values()))[0] > _ANSWER_LIFE:
            self._kept.popitem(last=False)

    def forget(self, source: Address) -> None:
        """Who has left and comes again may begin with the same words, and is to hear how things are now."""
        for key in [key for key in self._kept if key[0] == source]:
            del self._kept[key]


def _key(source: Address, message: Message) -> tuple[Address, int, bytes]:
    """By content too, since some equipment begins at 1 after every start; not by tokens: a repetition has them anew."""
    name, body = message
    kept = {key: value for key, value in body.items() if key not in ("tokens", "cryptoTokens", "integrityCheckValue")}
    return source, int(body["requestSeqNum"]), sha256(f"{name} {kept!r}".encode(errors="replace")).digest()[:16]


@dataclass(slots=True)
class Question:
    """A request of ours that is under way. ``make`` encodes it, anew each time: tokens hold the time."""

    name: str
    body: Body
    target: Address
    make: Callable[[], bytes]
    every: float
    tries: int  # that are left
    due: float
    patience: int = 5  # how often we let it ask for time


# H.225.0 Table 18: seconds until a request is repeated, and how often that is done.
TIMES = {
    "gatekeeperRequest": (5.0, 2),
    "registrationRequest": (3.0, 2),
    "unregistrationRequest": (3.0, 1),
    "admissionRequest": (5.0, 2),
    "bandwidthRequest": (3.0, 2),
    "disengageRequest": (3.0, 2),
    "infoRequest": (3.0, 1),
    "locationRequest": (2.0, 1),  # 5 s and twice more in the table: whoever dials waits for all of it
}


class Questions:
    """Ours that wait for an answer, by requestSeqNum."""

    def __init__(self, most: int, first: int = 1) -> None:
        self._most = most
        self._next = first
        self._open: dict[int, Question] = {}

    def __len__(self) -> int:
        return len(self._open)

    def number(self) -> int:
        """The next requestSeqNum, 1 to 65535."""
        while self._next in self._open:
            self._next = self._next % 65535 + 1
        taken, self._next = self._next, self._next % 65535 + 1
        return taken

    def ask(self, message: Message, target: Address, make: Callable[[], bytes], at: float) -> tuple[bytes, Address]:
        """What to send now. When too many are open the oldest are in vain at the next ``tick``, which is due at once:
        who waits for them has to hear of it."""
        name, body = message
        every, tries = TIMES[name]
        octets = make()  # before it is waited for: what can't be said is never answered
        self._open[body["requestSeqNum"]] = Question(name, body, target, make, every, tries, at + every)
        for oldest in itertools.islice(self._open.values(), max(0, len(self._open) - self._most)):
            oldest.tries, oldest.due, oldest.patience = 0, at, 0
        return octets, target

    def peek(self, seq: object) -> Question | None:
        return self._open.get(seq) if isinstance(seq, int) else None

    def answered(self, seq: object, *names: str) -> Question | None:
        """Takes the question out if it is one of ``names``."""
        found = self.peek(seq)
        if found is None or found.name not in names:
            return None
        del self._open[seq]  # type: ignore[arg-type]  # peek saw to it
        return found

    def delay(self, seq: object, seconds: float, at: float) -> None:
        """The other side works on it (RIP)."""
        found = self.peek(seq)
        if found is not None and found.patience > 0:
            found.patience -= 1
            found.due = at + min(seconds, 60.0)

    def forget(self) -> None:
        self._open.clear()

    def due(self) -> float | None:
        return min((question.due for question in self._open.values()), default=None)

    def tick(self, at: float) -> tuple[list[tuple[bytes, Address]], list[Question]]:
        """What to send again, and what was in vain."""
        again, vain = [], []
        for seq, question in list(self._open.items()):
            if question.due > at:
                continue
            if question.tries > 0:
                question.tries -= 1
                question.due = at + question.every
                again.append((question.make(), question.target))
            else:
                del self._open[seq]
                vain.append(question)
        return again, vain
