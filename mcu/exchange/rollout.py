"""A file of sites made complete: an account for each site that takes part and names none, a number for each account."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from mcu.core.directory.accounts import RESERVED_NAMES
from mcu.core.directory.sites import Directory, Site
from mcu.core.languages import Language
from mcu.core.names import clean_name, folded
from mcu.errors import BadRequest
from mcu.exchange.faults import Fault
from mcu.exchange.site_columns import COLUMNS, TERMINAL_KEYS, Heading, read_path
from mcu.exchange.tables import Line
from mcu.exchange.terminal_lines import PHONE

LONGEST_RANGE = 100_000
_COLUMN = {column.key: column for column in COLUMNS}


def number_range(text: str) -> range:
    """``2001-2999``, or ``2001`` for all of the same length from there on. Raises BadRequest."""
    found = re.fullmatch(r"\s*([1-9][0-9]{0,8})\s*(?:[-–]\s*([1-9][0-9]{0,8})\s*)?", text)
    if found is None:
        raise BadRequest("numbers must be a range such as 2001-2999")
    first, last = int(found[1]), int(found[2] or 10 ** len(found[1]) - 1)
    if not first <= last < first + LONGEST_RANGE:
        raise BadRequest(f"numbers must be a range of at most {LONGEST_RANGE}, the smaller one first")
    return range(first, last + 1)


def complete(
    lines: list[Line], directory: Directory, taken: Collection[str], numbers: range, language: Language
) -> list[Line]:
    """The lines with names of accounts and numbers filled in where the file has none. A site that others stand under,
    or that has terminals already, gets no account by itself, and a phone's number is not ours to choose. What a
    terminal has stays where the file says nothing. ``taken``: numbers of rooms. ``language``: of headings of columns
    that the file has not. Raises BadRequest when there are too few numbers."""
    faults: list[Fault] = []
    heading = Heading(lines[0] if lines else None, faults)
    if not heading.readable:
        return lines
    filled = _Filled(lines[0], heading)
    given = {filled.get(line, "terminal").lower() for line in lines[1:]}
    names = given | {account.name for account in directory.accounts()}
    standing = _Standing(heading, lines[1:], directory)
    used = {*taken, *(account.alias for account in directory.accounts())}
    free = _free(numbers, used | {"".join(filled.get(line, "number").split()) for line in lines[1:]})
    made = []
    for line in lines[1:]:
        name = filled.get(line, "terminal").lower()
        if not name and any(filled.get(line, key) for key in TERMINAL_KEYS[1:]):
            # Told of without its name: the one that an earlier roll-out of the line made, if there is one.
            base = account_name(filled.get(line, "code") or filled.get(line, "site"), ())
            name = standing.terminal(line, base, given)
            given.add(name)
            filled.put(line, "terminal", name)
        if not name and not standing(line):
            name = account_name(filled.get(line, "code") or filled.get(line, "site"), names)
            names.add(name)
            filled.put(line, "terminal", name)
            if not filled.get(line, "display"):
                filled.put(line, "display", clean_name(filled.get(line, "site")))
        known = directory.terminal(name)
        for key, value in (("number", known.alias), ("display", known.display)) if known else ():
            if value and not filled.get(line, key):
                filled.put(line, key, value)
        phone = folded(filled.get(line, "protocol")) in PHONE
        if name and not phone and not filled.get(line, "number"):
            filled.put(line, "number", next(free))
        made.append(line)
    return filled.lines(made, language)


def account_name(text: str, taken: Collection[str]) -> str:
    """Of a site's name or code, as SIP has it: ``Xã Ea Kao`` is ``xa.ea.kao``, and the second one ``xa.ea.kao.2``."""
    base = re.sub(r"[^a-z0-9_]+", ".", folded(text)).strip(".")[:26].strip(".") or "site"
    name, count = base, 1
    while name in taken or name in RESERVED_NAMES:
        count += 1
        name = f"{base}.{count}"
    return name


def _free(numbers: range, used: set[str]) -> Iterator[str]:
    yield from (str(number) for number in numbers if str(number) not in used)
    raise BadRequest(f"there are too few free numbers from {numbers[0]} to {numbers[-1]}")


class _Standing:
    """Which sites of a file get no account by themselves: others stand under them, or terminals stand there already."""

    def __init__(self, heading: Heading, lines: list[Line], directory: Directory) -> None:
        self._heading, self._directory = heading, directory
        self._sites: dict[tuple[str, ...] | str, Site] = {}  # by path and by code
        texts = {heading.cell(line, "under") for line in lines} - {""}
        self._codes = {clean_name(text, 32) for text in texts}
        paths = [read_path(text) for text in texts]
        self._paths = {tuple(path[:end]) for path in paths for end in range(1, len(path) + 1)}
        self._named: dict[str, list[tuple[str, ...]]] = {}  # paths by name
        for site in directory.sites():
            path = tuple(one.name for one in directory.path(site.id))
            self._named.setdefault(site.name, []).append(path)
            self._sites[path] = site
            if site.code:
                self._sites[site.code] = site
            if directory.terminals(site.id) or directory.children(site.id):
                self._paths.add(path)
                self._codes.add(site.code)

    def __call__(self, line: Line) -> bool:
        code, path = self._place(line)
        return (bool(code) and code in self._codes) or path in self._paths

    def terminal(self, line: Line, base: str, given: Collection[str]) -> str:
        """The first terminal of the line's site that was named after ``base``, or the only one; empty if there is none.
        Those ``given`` to other lines are out of the question."""
        code, path = self._place(line)
        site = self._sites.get(code) or self._sites.get(path)
        left = [one.name for one in self._directory.terminals(site.id) if one.name not in given] if site else []
        made = [name for name in left if re.fullmatch(rf"{re.escape(base)}(\.[0-9]+)?", name)]
        return made[0] if made else left[0] if len(left) == 1 else ""

    def _place(self, line: Line) -> tuple[str, tuple[str, ...]]:
        """Code and path of the site that a line is about."""
        under = self._heading.cell(line, "under")
        above = self._sites.get(clean_name(under, 32))
        path = [one.name for one in self._directory.path(above.id)] if above else read_path(under)
        code, name = clean_name(self._heading.cell(line, "code"), 32), clean_name(self._heading.cell(line, "site"))
        if not code and not self._heading.has("under") and len(known := self._named.get(name, [])) == 1:
            return code, known[0]  # such a file leaves what is there where it is
        return code, (*path, name)


class _Filled:
    """Cells by line and column, columns that were missing at the end."""

    def __init__(self, head: Line, heading: Heading) -> None:
        self._head, self._heading = head, heading
        self._put: dict[int, dict[str, str]] = {}  # by line
        self._more: list[str] = []

    def get(self, line: Line, key: str) -> str:
        return self._put.get(line.number, {}).get(key) or self._heading.cell(line, key)

    def put(self, line: Line, key: str, text: str) -> None:
        self._put.setdefault(line.number, {})[key] = text
        if not self._heading.has(key) and key not in self._more:
            self._more.append(key)

    def lines(self, lines: list[Line], language: Language) -> list[Line]:
        width = max(len(line.cells) for line in [self._head, *lines])
        padded = [*self._head.cells, *[""] * (width - len(self._head.cells))]
        made = [Line(self._head.number, (*padded, *(_COLUMN[key].heading(language) for key in self._more)))]
        for line in lines:
            cells = [*line.cells, *[""] * (width + len(self._more) - len(line.cells))]
            for key, text in self._put.get(line.number, {}).items():
                place = self._heading.place(key)
                cells[width + self._more.index(key) if place is None else place] = text
            made.append(Line(line.number, tuple(cells)))
        return made
