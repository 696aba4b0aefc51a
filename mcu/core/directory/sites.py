"""The tree of sites and the terminals that stand there, as one value that does not change: control makes a new one
whenever the tables do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mcu.core.directory.accounts import TerminalAccount
from mcu.core.directory.trunk import Trunk
from mcu.core.names import folded

FARTHEST = 20_000.0  # km from where the meeting would be: half way round the world
MOST_POSITION = 1_000_000  # of a site among its siblings, of a terminal at its site
_SOUND_KBIT = 64  # of a call's rate: G.711 and G.722
_LEAST_KBIT = 48  # of a picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A place that takes part, and a node of the tree. ``id`` is the table's; ``code`` the official one, or empty."""

    id: int
    name: str
    parent: int | None = None
    code: str = ""
    position: int = 0  # among its siblings, before the name
    people: int = 0  # who usually sit there
    distance_km: float = 0.0  # to where the meeting would be without us
    latitude: float | None = None
    longitude: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Whose a call is: the account's name, its site if it stands at one, and the name that people see."""

    terminal: str
    site: int | None
    display: str


class Directory:
    """Any depth; a parent that is not there makes a root, and a ring of parents (no table should hold one) ends where
    it began. Looking something up costs a dictionary's look-up; ``branch`` and ``path`` go with their answers' size.
    Without a ``trunk`` no phone can be called."""

    def __init__(
        self, sites: Iterable[Site] = (), terminals: Iterable[TerminalAccount] = (), trunk: Trunk | None = None
    ) -> None:
        self.trunk = trunk
        self._sites = {site.id: site for site in sorted(sites, key=_order)}
        self._children: dict[int | None, list[int]] = {}
        for site in self._sites.values():
            parent = site.parent if site.parent in self._sites else None
            self._children.setdefault(parent, []).append(site.id)
        self._terminals = {account.name: account for account in terminals}
        self._places = {
            account.endpoint: Place(terminal=account.name, site=self._known(account.site), display=account.display)
            for account in self._terminals.values()
        }
        self._phones: dict[str, str] = {}
        if trunk is not None:
            phones = [account for account in self._terminals.values() if account.protocol == "phone"]
            self._phones = {trunk.national(account.alias): account.endpoint for account in phones}
        self._standing: dict[int, list[TerminalAccount]] = {}
        for account in sorted(self._terminals.values(), key=lambda one: (one.position, one.name)):
            if account.site in self._sites:
                self._standing.setdefault(account.site, []).append(account)

    def by_endpoint(self, endpoint: str) -> Place | None:
        """Who calls from this endpoint (EntryRequest.endpoint, TerminalAccount.endpoint); None for a stranger."""
        return self._places.get(endpoint)

    def phone(self, number: str) -> str:
        """Of a caller over the trunk: the endpoint of the phone with this number; empty for another."""
        return self._phones.get(self.trunk.national(number), "") if self.trunk else ""

    def terminal(self, name: str) -> TerminalAccount | None:
        """The account of this name."""
        return self._terminals.get(name)

    def bounds(self, name: str) -> tuple[int, tuple[int, int] | None]:
        """What this terminal's pictures are kept to by its overrides: kbit/s, 0 for no limit, and width and height, or
        None. The H.323 gateway sees to those of H.323 terminals itself."""
        account = self._terminals.get(name)
        if account is None or account.protocol == "h323":
            return 0, None
        kbit = account.overrides.kbit_to_terminal
        return max(kbit - _SOUND_KBIT, _LEAST_KBIT) if kbit else 0, account.overrides.size

    def site(self, ident: int | None) -> Site | None:
        return None if ident is None else self._sites.get(ident)

    def sites(self) -> Iterator[Site]:
        """Every site once, each before those under it and siblings in their order, as a panel shows a tree."""
        told: set[int] = set()
        for start in [*self._children.get(None, []), *self._sites]:  # the second: rings, which have no root
            for ident in self._down(start, told):
                yield self._sites[ident]

    def path(self, ident: int) -> tuple[Site, ...]:
        """From the root down to this site itself; empty for one that is not there."""
        found: dict[int, Site] = {}
        site = self.site(ident)
        while site is not None and site.id not in found:
            found[site.id] = site
            site = self.site(site.parent)
        return tuple(reversed(found.values()))

    def children(self, ident: int | None) -> tuple[Site, ...]:
        """Directly under this site, or the roots, in their order."""
        return tuple(self._sites[child] for child in self._children.get(ident, []))

    def branch(self, ident: int) -> set[int]:
        """This site and all under it; empty for one that is not there."""
        return set(self._down(ident, set())) if ident in self._sites else set()

    def under(self, site: int | None, of: int) -> bool:
        """Is it in the branch of ``of``, itself included? A site that is not there is nowhere."""
        return site is not None and any(one.id == of for one in self.path(site))

    def terminals(self, site: int) -> tuple[TerminalAccount, ...]:
        """What stands at this very site, the first to be called first."""
        return tuple(self._standing.get(site, ()))

    def accounts(self) -> tuple[TerminalAccount, ...]:
        """All terminals, those without a site too."""
        return tuple(self._terminals.values())

    def search(self, text: str, limit: int = 50) -> list[Site]:
        """Sites in whose name, code or parents' names all the words are, whatever their case and accents; those that
        begin with the text first, then those with all words in their own name."""
        words, whole = folded(text).split(), folded(text)
        found: list[tuple[int, int, Site]] = []
        for site in self.sites():
            name, code = folded(site.name), folded(site.code)
            everything = " ".join([*(folded(one.name) for one in self.path(site.id)), code])
            if words and all(word in everything for word in words):
                own = all(word in name for word in words)
                rank = 0 if name.startswith(whole) or code == whole else 1 if own else 2
                found.append((rank, len(found), site))
        return [site for _, _, site in sorted(found, key=lambda one: one[:2])[:limit]]

    def _known(self, site: int | None) -> int | None:
        return site if site in self._sites else None

    def _down(self, start: int, told: set[int]) -> Iterator[int]:
        """Without recursion: a file may hold a deeper tree than Python's stack."""
        waiting = [start]
        while waiting:
            ident = waiting.pop()
            if ident not in told:
                told.add(ident)
                yield ident
                waiting += reversed(self._children.get(ident, []))


def _order(site: Site) -> tuple[int, str, int]:
    return site.position, folded(site.name), site.id
