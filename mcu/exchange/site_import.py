"""What a file of sites would change: every fault in it, or all that is to be written. Nothing is written here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace

from mcu.core.directory.accounts import TerminalAccount
from mcu.core.directory.sites import Site
from mcu.exchange.faults import Fault
from mcu.exchange.site_columns import Heading, turn, write_path
from mcu.exchange.site_tree import Node, Tree
from mcu.exchange.tables import Line
from mcu.exchange.terminal_lines import read_terminal


@dataclass
class Plan:
    """With ``faults`` nothing may be written. ``nodes`` are the sites that are new or change, each after the one that
    it stands under; ``accounts`` the terminals, with the site where each is to stand. ``fresh``: names of accounts that
    were given a password. ``unlisted``: paths of new sites that no line is about, made as others stand under them."""

    faults: list[Fault] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    accounts: list[tuple[TerminalAccount, Node]] = field(default_factory=list)
    fresh: set[str] = field(default_factory=set)
    order: list[Node] = field(default_factory=list)  # all sites that the file has lines for, as it has them
    added: int = 0  # sites and terminals
    changed: int = 0
    unchanged: int = 0
    unlisted: list[str] = field(default_factory=list)


def plan(
    lines: list[Line],
    sites: Iterable[Site],
    accounts: Iterable[TerminalAccount],
    rooms: Collection[str],
    make_password: Callable[[], str] | None = None,
) -> Plan:
    """``accounts`` with their passwords; ``rooms``: numbers that are taken. ``make_password``: what a new account gets
    that has neither a password nor an address; without it that is a fault."""
    made = Plan()
    heading = Heading(lines[0] if lines else None, made.faults)
    if not heading.readable:
        return made
    tree = Tree(sites)
    tree.expect(heading, lines[1:])
    terminals = _Terminals(accounts, rooms)
    for line in lines[1:]:
        node = tree.place(heading, line, made.faults)
        if node is not None and node.line == line.number:
            made.order.append(node)
        before = terminals.before.get(heading.cell(line, "terminal").lower())
        password = make_password() if make_password and before is None else ""
        account = read_terminal(heading, line, before, password, made.faults)
        terminals.claim(heading, line, account)
        if account is not None:
            if password and account.password == password:
                made.fresh.add(account.name)
            terminals.take(heading, line, account, node, made.faults)
    tree.check(heading, lines, made.faults)
    terminals.check(made.faults)
    made.faults.sort()
    if not made.faults:
        _count(made, tree, terminals)
    return made


class _Terminals:
    """The accounts that are there, and those of the file."""

    def __init__(self, accounts: Iterable[TerminalAccount], rooms: Collection[str]) -> None:
        self.before = {account.name: account for account in accounts}
        self.read: dict[str, tuple[TerminalAccount, Node | None]] = {}
        self._lines: dict[str, tuple[Heading, Line]] = {}
        self._standing: dict[Node, int] = {}
        self._claims: list[tuple[str, str, Heading, Line]] = []
        self._rooms = rooms

    def take(
        self, heading: Heading, line: Line, account: TerminalAccount, node: Node | None, faults: list[Fault]
    ) -> None:
        if account.name in self.read:
            other = self._lines[account.name][1].number
            vi, en = f"Thiết bị này đã có ở dòng {other}.", f"This terminal is in line {other} already."
            faults.append(heading.fault(line, "terminal", vi, en))
            return
        place = turn(heading, line, faults)
        if place is None:
            stays = account.site is not None and node is not None and account.site == node.id
            place = account.position if stays else self._standing.get(node, 0) if node else 0
        if node is not None:
            self._standing[node] = max(self._standing.get(node, 0), place + 1)
        self.read[account.name] = replace(account, position=place), node
        self._lines[account.name] = heading, line

    def claim(self, heading: Heading, line: Line, account: TerminalAccount | None) -> None:
        """The number that a line gives its terminal, also where something else is wrong with it."""
        name = heading.cell(line, "terminal").lower()
        number = account.alias if account else "".join(heading.cell(line, "number").split())
        if name and number:
            self._claims.append((name, number, heading, line))

    def check(self, faults: list[Fault]) -> None:
        """One number leads to one place."""
        named = {name for name, *_ in self._claims} | self.read.keys()
        holders = {a.alias: a.name for a in self.before.values() if a.alias and a.name not in named}
        for name, number, heading, line in self._claims:
            if number in self._rooms:
                vi, en = f"{number} là số của một phòng họp.", f"{number} is a room's number."
                faults.append(heading.fault(line, "number", vi, en))
            elif holders.get(number, name) != name:
                other = holders[number]
                vi, en = f"{number} là số của thiết bị {other}.", f"{number} is the number of terminal {other}."
                faults.append(heading.fault(line, "number", vi, en))
            holders[number] = name


def _count(made: Plan, tree: Tree, terminals: _Terminals) -> None:
    ordered = tree.in_order()
    made.nodes = [node for node in ordered if node.id is None or node.changed]
    for account, node in terminals.read.values():
        assert node is not None  # a line without a site is a fault
        before = terminals.before.get(account.name)
        stays = before is not None and before.site is not None and before.site == node.id
        if before is None or not stays or account != before:
            made.accounts.append((account, node))
            made.added += before is None
            made.changed += before is not None
        else:
            made.unchanged += 1
    made.added += sum(1 for node in made.nodes if node.id is None)
    made.changed += sum(1 for node in made.nodes if node.id is not None)
    for node in made.nodes:
        if node.id is None and not node.line:
            made.unlisted.append(write_path([one.name for one in reversed(list(node.above()))]))
    made.unchanged += sum(1 for node in ordered if node.line and node.id is not None and not node.changed)
