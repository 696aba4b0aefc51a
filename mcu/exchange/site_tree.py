"""The tree as it will be when a file has been read: the sites that are there, and those that its lines name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from mcu.core.directory.sites import Site
from mcu.core.names import MAX_NAME, clean_name
from mcu.exchange.faults import Fault
from mcu.exchange.site_columns import LONGEST, Heading, read_path, site_values
from mcu.exchange.tables import Line

DEEPEST = 50  # levels, as mcu.models.sites has it


class Node:
    """A site. ``id`` is None for one that is new; ``line`` is the first that tells of it, 0 if none does."""

    __slots__ = ("before", "code", "id", "line", "name", "parent", "values")

    def __init__(self, name: str, parent: Node | None = None, code: str = "", site: Site | None = None) -> None:
        self.id = site.id if site else None
        self.name, self.parent, self.code = name, parent, code
        self.values: dict[str, Any] = {
            "position": site.position if site else 0,
            "people": site.people if site else 0,
            "distance_km": site.distance_km if site else 0.0,
            "latitude": site.latitude if site else None,
            "longitude": site.longitude if site else None,
            "note": site.note if site else "",
        }
        self.line = 0
        self.before: tuple[Any, ...] | None = None

    def told(self) -> tuple[Any, ...]:
        return self.name, self.code, self.parent, *self.values.items()

    @property
    def changed(self) -> bool:
        return self.id is not None and self.before != self.told()

    def above(self) -> Iterator[Node]:
        """Itself and all above it; goes round for ever in a ring."""
        node: Node | None = self
        while node is not None:
            yield node
            node = node.parent


class Tree:
    def __init__(self, sites: Iterable[Site]) -> None:
        self.nodes: list[Node] = []
        self._codes: dict[str, Node] = {}
        self._children: dict[tuple[Node | None, str], Node] = {}
        self._names: dict[str, list[Node]] = {}
        self._told: set[str] = set()  # names of sites that lines are about
        there = list(sites)
        by_id = {site.id: Node(site.name, None, site.code, site) for site in there}
        for site in there:
            node = by_id[site.id]
            node.parent = by_id.get(site.parent) if site.parent is not None else None
            node.before = node.told()
            self._add(node)

    def _add(self, node: Node) -> Node:
        self.nodes.append(node)
        self._children.setdefault((node.parent, node.name), node)
        self._names.setdefault(node.name, []).append(node)
        if node.code:
            self._codes[node.code] = node
        return node

    def expect(self, heading: Heading, lines: Iterable[Line]) -> None:
        """Sites that are named by their codes may be referred to before their own lines come."""
        for line in lines:
            code, name = clean_name(heading.cell(line, "code"), 32), clean_name(heading.cell(line, "site"), LONGEST)
            self._told.add(name)
            if code and name and code not in self._codes and not self._is_there(heading, line, name):
                self._codes[code] = node = Node(name, None, code)
                self.nodes.append(node)

    def place(self, heading: Heading, line: Line, faults: list[Fault]) -> Node | None:
        """The site that a line is about, with what the line says of it; None if it says no such thing."""
        name, code = clean_name(heading.cell(line, "site"), LONGEST), clean_name(heading.cell(line, "code"), LONGEST)
        values = site_values(heading, line, faults)
        if not name:
            faults.append(heading.fault(line, "site", "Thiếu tên điểm cầu.", "The site has no name."))
            return None
        path = read_path(heading.cell(line, "under"))
        for key, longest, most in (
            ("site", len(name), MAX_NAME),
            ("under", max(map(len, path), default=0), MAX_NAME),
            ("code", len(code), 32),
        ):
            if longest > most:
                vi, en = f"Dài quá {most} ký tự.", f"This is longer than {most} characters."
                faults.append(heading.fault(line, key, vi, en))
                return None
        if len(path) == 1 and self._is_no_code(path[0]):
            vi, en = f"Không có điểm cầu nào mang mã {path[0]}.", f"There is no site with the code {path[0]}."
            faults.append(heading.fault(line, "under", vi, en))
            return None
        parent = self._parent(heading, line)
        node = self._codes.get(code) if code else None
        there = self._children.get((parent, name))
        if node is None:
            node = there or self._add(Node(name, parent))
        if node.line:
            self._compare(heading, line, node, name, parent, values, faults)
            return node
        if (there is not None and there is not node) or (code and node.code not in ("", code)):
            vi = f'Ở đó đã có điểm cầu "{name}" với mã khác, hoặc được nêu mà chưa có dòng riêng phía trên.'
            en = f'There is a site "{name}" already, with another code or named before its own line.'
            faults.append(heading.fault(line, "site", vi, en))
            return None
        node.line = line.number
        if self._children.get((node.parent, node.name)) is node:
            del self._children[node.parent, node.name]
        self._children[parent, name] = node
        if heading.has("under") or node.id is None:
            node.parent = parent
        node.name = name
        if heading.has("code") and code != node.code:
            self._codes.pop(node.code, None)
            node.code = code
        if code:
            self._codes[code] = node
        node.values |= values
        return node

    def check(self, heading: Heading, lines: Iterable[Line], faults: list[Fault]) -> None:
        """After all lines: rings of sites under each other, and more levels than there may be."""
        numbers = {line.number: line for line in lines}
        told: set[Node] = set()
        for node in self.nodes:
            seen: dict[Node, None] = {}
            for one in node.above():
                if one in seen or len(seen) >= DEEPEST:
                    break
                seen[one] = None
            else:
                continue
            # What no line names is too deep by the line that moved a site above it.
            named = next((one for one in seen if one.line), None)
            if named is not None and named not in told:
                told.add(named)
                vi, en = "Điểm cầu nằm dưới chính nó, hoặc cây quá sâu.", "The site stands under itself, or too deep."
                faults.append(heading.fault(numbers[named.line], "under", vi, en))

    def in_order(self) -> list[Node]:
        """Each after the one it stands under. Only for a tree that ``check`` found nothing in."""
        return sorted(self.nodes, key=lambda node: sum(1 for _ in node.above()))

    def _parent(self, heading: Heading, line: Line) -> Node | None:
        """By its code or its path; what of a path is not there is made."""
        text = heading.cell(line, "under")
        if not heading.has("under"):  # a file without the column leaves what is there where it is
            code, name = clean_name(heading.cell(line, "code"), 32), clean_name(heading.cell(line, "site"), LONGEST)
            known = self._codes.get(code) or self._only(name)
            return known.parent if known else None
        if node := self._codes.get(clean_name(text, 32)):
            return node
        parent: Node | None = None
        for name in read_path(text):
            parent = self._children.get((parent, name)) or self._add(Node(name, parent))
        return parent

    def _is_no_code(self, text: str) -> bool:
        """A number is a code: no site is made that has one for its name, unless a line says so."""
        return text.isdecimal() and not (text in self._codes or text in self._told or (None, text) in self._children)

    def _only(self, name: str) -> Node | None:
        found = self._names.get(name, [])
        return found[0] if len(found) == 1 else None

    def _is_there(self, heading: Heading, line: Line, name: str) -> bool:
        """Under the place that a line names, without making it."""
        text = heading.cell(line, "under")
        node = self._codes.get(clean_name(text, 32))
        for one in [*([] if node else read_path(text)), name]:
            if (node := self._children.get((node, one))) is None:
                return False
        return True

    def _compare(
        self,
        heading: Heading,
        line: Line,
        node: Node,
        name: str,
        parent: Node | None,
        values: dict[str, Any],
        faults: list[Fault],
    ) -> None:
        """A further line of the same site, for another terminal, may repeat what the first said or leave it out."""
        keys = {"position": "order"}
        others = [key for key, value in values.items() if value and value != node.values[key]]
        others += ["site"] if name != node.name else []
        others += ["under"] if parent is not node.parent and heading.cell(line, "under") else []
        for key in others:
            vi, en = (
                f"Khác với dòng {node.line} của cùng điểm cầu.",
                f"Line {node.line} says otherwise of the same site.",
            )
            faults.append(heading.fault(line, keys.get(key, key), vi, en))
