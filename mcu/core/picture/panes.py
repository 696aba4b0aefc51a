"""Rules for the panes of a layout: who fills which."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mcu.core.direction import PaneRule
from mcu.core.picture import turning

Fill = Callable[[Sequence[str], int], tuple[str, ...]]
AUTO = PaneRule(show="auto")


@dataclass(frozen=True, slots=True)
class Panes:
    """``seats``: by pane who is in it, empty for nobody. ``due``: when time alone changes that."""

    seats: tuple[str, ...]
    due: tuple[float, ...] = ()


def fill(
    rules: Sequence[PaneRule],
    panes: int,
    people: Sequence[str],
    *,
    presentation: str,
    loudest: Sequence[str],
    automatic: Fill,
    at: float,
) -> Panes:
    """Nobody is seen twice but who is named twice; panes without a rule are automatic.

    ``people``: ids in order of joining. ``loudest``: the same people, who took over last first. ``automatic`` gives so
    many of the ids that it gets. A presentation without a pane of its own takes the first automatic one.
    """
    ruled = [*rules[:panes], *([AUTO] * (panes - len(rules)))]
    seats: dict[int, str] = {}
    due: list[float] = []
    there = set(people)
    if presentation:
        first = next((n for n, rule in enumerate(ruled) if rule.show == "presentation"), None)
        if first is None:
            first = next((n for n, rule in enumerate(ruled) if rule.show == "auto"), None)
        if first is not None:
            seats[first] = presentation
    for n, rule in enumerate(ruled):
        if rule.show == "participant":
            seats[n] = rule.participant if rule.participant in there else ""
    taken = {who for who in seats.values() if who}
    ranked = [who for who in loudest if who not in taken]
    for n, rule in enumerate(ruled):
        if rule.show == "loudest" and 0 < rule.rank <= len(ranked):
            seats[n] = ranked[rule.rank - 1]
    once = _without_repeats(ruled, seats)
    taken = {who for who in once.values() if who}
    for n, rule in enumerate(ruled):
        if rule.show == "turning" and rule.turning is not None:
            candidates = turning.order(rule.turning, people)
            once[n] = turning.one_of(rule.turning, candidates, at, taken)
            taken.add(once[n])
            if len(candidates) > 1:
                due.append(turning.changes_at(rule.turning, at))
    free = [n for n, rule in enumerate(ruled) if rule.show == "auto" and n not in once]
    rest = automatic([who for who in people if who not in taken], len(free))
    once |= dict(zip(free, rest, strict=False))
    return Panes(tuple(once.get(n, "") for n in range(panes)), tuple(due))


def _without_repeats(rules: Sequence[PaneRule], seats: Mapping[int, str]) -> dict[int, str]:
    """Two panes for one rank show it in the first."""
    out: dict[int, str] = {}
    for n, who in sorted(seats.items()):
        repeated = rules[n].show == "loudest" and who in out.values()
        out[n] = "" if repeated else who
    return out
