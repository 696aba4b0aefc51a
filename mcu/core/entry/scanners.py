"""Who dials numbers that are none and keys in wrong PINs, one after the other, from one address.

Such an address gets the same answer to everything for a while, at once, so that it learns nothing more. People mistype,
too; the limits are far from what they do.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict, deque
from dataclasses import dataclass, field

from mcu.core import effects as do

MINUTE, MOST_IN_MINUTE = 60.0, 10
HOUR, MOST_IN_HOUR = 3600.0, 30
CLOSED_FOR = 600.0  # s
MOST_ADDRESSES = 4096  # remembered; the one that was quiet longest is forgotten first
NOTICE_EVERY = 60.0  # s; a net of scanners must not fill the list of notices


@dataclass(slots=True)
class _Source:
    wrong: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_IN_HOUR))
    closed_since: float | None = None


class Scanners:
    """Wrong numbers and PINs of strangers, by address. One without an address ("") is nobody's."""

    def __init__(self) -> None:
        self._sources: OrderedDict[str, _Source] = OrderedDict()
        self._told_at = float("-inf")
        self._untold = 0

    def __len__(self) -> int:
        return len(self._sources)

    def closed(self, address: str, at: float) -> bool:
        source = self._sources.get(network(address))
        if source is None or source.closed_since is None:
            return False
        if 0 <= at - source.closed_since < CLOSED_FOR:
            return True
        del self._sources[network(address)]
        return False

    def wrong(self, address: str, at: float) -> list[do.Effect]:
        """One more from there; a notice if it was one too many."""
        key = network(address)
        if not key or self.closed(address, at):
            return []
        source = self._sources.setdefault(key, _Source())
        self._sources.move_to_end(key)
        while len(self._sources) > MOST_ADDRESSES:
            self._sources.popitem(last=False)
        source.wrong.append(at)
        in_minute = sum(1 for when in source.wrong if 0 <= at - when < MINUTE)
        in_hour = sum(1 for when in source.wrong if 0 <= at - when < HOUR)
        if in_minute < MOST_IN_MINUTE and in_hour < MOST_IN_HOUR:
            return []
        source.closed_since = at
        source.wrong.clear()
        return self._notice(key, at)

    def _notice(self, key: str, at: float) -> list[do.Effect]:
        if 0 <= at - self._told_at < NOTICE_EVERY:
            self._untold += 1
            return []
        others = f", and {self._untold} other addresses before it" if self._untold else ""
        text = f"Calls from {key} are refused for {CLOSED_FOR / 60:.0f} minutes: wrong numbers or PINs{others}"
        data = {"address": key, "others": self._untold, "minutes": round(CLOSED_FOR / 60)}
        self._told_at, self._untold = at, 0
        return [do.Notice(room="", level="warning", code="scanner", text=text, data=data)]


def network(address: str) -> str:
    """What counts as one source: an IPv4 address, or an IPv6 net of 64 bits, in which one machine has as many addresses
    as it likes (RFC 4291 2.5.1). Empty for what is no address."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((int(found), 64), strict=False))
