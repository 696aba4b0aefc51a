"""Who is registered with our gatekeeper, and the calls they were admitted to. Bounded; nothing here knows messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from mcu.h323.media import Address
from mcu.h323.ras.h235 import Method

MOST_PREFIX = 32  # digits
GRACE = 20.0  # s after its time to live: keep-alives may be late, and come again after 3 s


@dataclass(slots=True, kw_only=True)
class Call:
    call_id: bytes
    conference_id: bytes
    reference: int
    answering: bool
    target: Address
    bandwidth: int  # 100 bit/s, as H.225.0 counts
    since: float


@dataclass(slots=True, kw_only=True)
class Registration:
    endpoint: str  # endpointIdentifier: random, so that who knows it is who got it
    account: str  # "" for a guest
    password: str = field(repr=False, default="")  # that it proved
    method: Method | None = None  # how
    sender: str = ""  # what it calls itself in tokens
    aliases: tuple[str, ...]
    source: Address  # where its messages come from and answers go to
    ras: Address
    signalling: Address  # port 0: a gatekeeper that routes no calls has none
    product: str
    version: int  # of H.225.0
    time_to_live: int
    heard: float
    prefixes: tuple[str, ...] = ()  # of a gateway, or a gatekeeper: what begins with one is behind it
    calls: dict[bytes, Call] = field(default_factory=dict)

    @property
    def expires(self) -> float:
        return self.heard + self.time_to_live + GRACE


class Registry:
    def __init__(self, most: int) -> None:
        self._most = most
        self._by_id: dict[str, Registration] = {}
        self._by_alias: dict[str, str] = {}  # in lower case
        self._by_prefix: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Registration]:
        return iter(list(self._by_id.values()))

    @property
    def full(self) -> bool:
        return len(self._by_id) >= self._most

    @property
    def calls(self) -> int:
        return sum(len(one.calls) for one in self._by_id.values())

    def get(self, endpoint: object) -> Registration | None:
        return self._by_id.get(endpoint) if isinstance(endpoint, str) else None

    def holder(self, alias: str) -> Registration | None:
        return self.get(self._by_alias.get(alias.lower()))

    def ahead_of(self, number: str) -> Registration | None:
        """The gateway behind which ``number`` is: the longest prefix wins."""
        heads = (number[:length] for length in range(min(len(number), MOST_PREFIX), 0, -1))
        return next((one for head in heads if (one := self.get(self._by_prefix.get(head))) is not None), None)

    def reached_at(self, signalling: Address) -> Registration | None:
        """Who takes calls there."""
        return next((one for one in self._by_id.values() if one.signalling == signalling), None)

    def add(self, fresh: Registration) -> None:
        """Its aliases must be free; see ``holder``. A prefix that another account has stays with that one."""
        self._by_id[fresh.endpoint] = fresh
        for alias in fresh.aliases:
            self._by_alias[alias.lower()] = fresh.endpoint
        for prefix in fresh.prefixes:
            holder = self.get(self._by_prefix.get(prefix))
            if holder is None or holder.account == fresh.account:
                self._by_prefix[prefix] = fresh.endpoint

    def remove(self, gone: Registration) -> None:
        self._by_id.pop(gone.endpoint, None)
        for alias in gone.aliases:
            if self._by_alias.get(alias.lower()) == gone.endpoint:
                del self._by_alias[alias.lower()]
        for prefix in gone.prefixes:
            if self._by_prefix.get(prefix) == gone.endpoint:
                del self._by_prefix[prefix]

    def expired(self, at: float) -> list[Registration]:
        return [one for one in self._by_id.values() if one.expires <= at]

    def due(self) -> float | None:
        return min((one.expires for one in self._by_id.values()), default=None)
