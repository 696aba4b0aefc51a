"""What a terminal says of itself in its registration, and how much of that is granted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcu.h323.media import Address
from mcu.h323.ras import messages as ras
from mcu.h323.ras.accounts import Account, Directory
from mcu.h323.ras.registry import MOST_PREFIX

if TYPE_CHECKING:
    from mcu.h323.ras.gatekeeper import Gatekeeper

PREFIXES_EACH = 32
TIME_TO_LIVE_LEAST = 10  # s; whoever asks for less would send little else


def granted(gk: Gatekeeper, account: Account | None, aliases: tuple[str, ...]) -> tuple[str, ...]:
    """By what it will be reached: all names of its account; a guest's own, unless they are an account's."""
    if account is not None:
        return (*account.aliases, account.name)
    return tuple(alias for alias in aliases if gk.directory.dialled(alias) is None)


def prefixes(directory: Directory, account: Account | None, body: ras.Body) -> tuple[str, ...]:
    """What begins with one of these is behind it: a gateway, or a gatekeeper of a district with its own terminals.
    Only within the numbers of its account: nobody takes calls to rooms or others by naming their first digit; and not
    within a longer number of another's: 770 is not behind 77 where somebody is 770."""
    found: list[str] = []
    for _, protocol in list((body.get("terminalType", {}).get("gateway") or {}).get("protocol") or ())[:16]:
        for each in list(protocol.get("supportedPrefixes") or ())[:PREFIXES_EACH] if isinstance(protocol, dict) else ():
            found.append(ras.alias_text(each.get("prefix")))
    if account is None:
        return ()
    wanted = dict.fromkeys(prefix for prefix in found if len(prefix) <= MOST_PREFIX)
    return tuple(prefix for prefix in wanted if owns(directory, account, prefix))[:PREFIXES_EACH]


def owns(directory: Directory, account: Account, prefix: str) -> bool:
    """Whether it begins with a number of the account, and with no longer one of another."""
    own = max((len(alias) for alias in account.aliases if alias.isdigit() and prefix.startswith(alias)), default=0)
    heads = (directory.dialled(prefix[:length]) for length in range(own + 1, len(prefix) + 1))
    return own > 0 and all(one is None or one.name == account.name for one in heads)


def signalling(body: ras.Body, host: str) -> Address | None:
    """Where it takes calls. If neither that nor its RAS address is where it sends from, a NAT is between us, and what
    it says of itself is of no use: the port may have been forwarded."""
    given = ras.addresses_of(body.get("callSignalAddress"))
    if not given:
        return None
    at_home = [address for address in given if address.host == host]
    if at_home:
        return at_home[0]
    truthful = any(address.host == host for address in ras.addresses_of(body.get("rasAddress")))
    return given[0] if truthful else Address(host, given[0].port)


def time_to_live(gk: Gatekeeper, body: ras.Body) -> int:
    return max(TIME_TO_LIVE_LEAST, min(int(body.get("timeToLive", gk.policy.time_to_live)), gk.policy.time_to_live))
