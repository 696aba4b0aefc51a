"""Who a RAS message is from: tokens checked against an account's password, its clock, and what was seen before."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from mcu.h323.ras import h235
from mcu.h323.ras.accounts import Account
from mcu.h323.ras.messages import Body

SEEN_MOST = 1024  # tokens remembered for each account; older ones than those are refused
ACCOUNTS_MOST = 4096


@dataclass(frozen=True, slots=True)
class Verdict:
    """``fault`` is empty, "securityDenial" or a name of H.225.0's SecurityErrors; ``method`` is what proved the
    password, None where none was asked for."""

    fault: str = ""
    method: h235.Method | None = None
    sender: str = ""  # what it calls itself in its token; an answer is addressed to that


@dataclass(slots=True)
class _Memory:
    """Of one account: tokens that were used, and the time before which all count as used."""

    seen: OrderedDict[tuple[int, int, bytes], str] = field(default_factory=OrderedDict)  # with the host it came from
    floor: int = 0


class Guard:
    """``identifier`` is the gatekeeper's, ``skew`` how many seconds a terminal's clock may be wrong."""

    def __init__(self, identifier: str, skew: float) -> None:
        self._identifier = identifier
        self._skew = skew
        self._memories: OrderedDict[str, _Memory] = OrderedDict()

    def check(
        self,
        body: Body,
        octets: bytes,
        account: Account,
        *,
        names: frozenset[str],
        enrolling: bool,
        host: str,
        wall: float,
    ) -> Verdict:
        """``names`` are what the sender may call itself besides its account's; ``wall`` is seconds since 1970.

        A message without a token is refused with "securityDenial" if the account has a password.
        """
        if not account.password:
            return Verdict()
        tokens = h235.tokens_of(body)
        if not tokens:
            foreign = bool(body.get("cryptoTokens"))
            return Verdict("securityWrongOID" if foreign else "securityDenial")
        token = tokens[0]
        if token.receiver and token.receiver != self._identifier:
            return Verdict("securityWrongGeneralID")
        # A restarted gatekeeper meets endpoints that sign with what the one before called them: HMAC covers the whole
        # message, so in a registration, which names its account, that is as good.
        anyhow = enrolling and token.method == "hmac"
        if token.sender and not anyhow and token.sender.lower() not in account.names | {name.lower() for name in names}:
            return Verdict("securityWrongSendersID")
        if not h235.proves(token, account.password, octets):
            return Verdict("securityIntegrityFailed" if token.method == "hmac" else "securityDenial")
        if abs(token.timestamp - wall) > self._skew:
            return Verdict("securityWrongSyncTime")
        if not self._fresh(account.name, token, host, wall):
            return Verdict("securityReplay")
        return Verdict("", token.method, token.sender)

    def _fresh(self, account: str, token: h235.Token, host: str, wall: float) -> bool:
        """Whether the token is used for the first time. MD5's has no random part and covers no message: equipment sends
        the same one in all messages of a second; so it is only refused from another host than the first."""
        memory = self._memories.setdefault(account, _Memory())
        self._memories.move_to_end(account)
        while len(self._memories) > ACCOUNTS_MOST:
            self._memories.popitem(last=False)
        if token.timestamp < memory.floor:
            return False
        key = (token.timestamp, token.nonce, b"" if token.method == "cat" else token.digest)
        first = memory.seen.get(key)
        if first is not None:
            return token.method == "md5" and first == host
        memory.seen[key] = host
        while memory.seen and (len(memory.seen) > SEEN_MOST or min(memory.seen)[0] < wall - self._skew):
            oldest = min(memory.seen)
            del memory.seen[oldest]
            memory.floor = max(memory.floor, oldest[0] + 1)
        return True
