"""Who is seen when not everybody fits: the latest who talked, each keeping the tile it has. And who presents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mcu.core.roster import Participant


def arrange(seated: Sequence[str], present: Sequence[Participant], tiles: int) -> tuple[str, ...]:
    """Ids in the order of the tiles.

    ``present`` is in order of joining; if all fit, that is the order. Else whoever talks now comes before whoever
    talked last, and that before who joined first; a newcomer takes the tile of whom it drives out, nobody else moves.
    """
    if len(present) <= tiles:
        return tuple(p.id for p in present)
    ranked = sorted(present, key=lambda p: (not p.talking, -p.spoke_at))  # stable: ties keep the order of joining
    chosen = [p.id for p in ranked[:tiles]]
    keep = set(chosen)
    old = list(dict.fromkeys(seated))[:tiles]
    waiting = iter([i for i in chosen if i not in old])
    seats = [i if i in keep else next(waiting) for i in old]
    return (*seats, *waiting)


def loudest(before: Sequence[str], present: Sequence[Participant], hold: float, at: float) -> tuple[str, ...]:
    """Everybody's ids, who took the floor last first.

    Whoever has talked ``hold`` seconds without a pause takes over from the one before, who goes on talking or not; when
    all are silent nothing changes. Those who never did: who spoke last first, then in order of joining.
    """
    ids = {p.id for p in present}
    known = [who for who in before if who in ids]
    new = [p for p in present if p.id not in set(known)]
    new.sort(key=lambda p: (not _talks(p), -p.spoke_at))
    took = [p for p in present if _talks(p) and at - p.spoke_at >= hold]
    took.sort(key=lambda p: -p.spoke_at)
    first = [p.id for p in took]
    return (*first, *(who for who in (*known, *(p.id for p in new)) if who not in set(first)))


def takes_over_at(present: Iterable[Participant], hold: float, at: float) -> float | None:
    """When ``loudest`` next changes by time alone."""
    return min((p.spoke_at + hold for p in present if _talks(p) and at - p.spoke_at < hold), default=None)


def _talks(p: Participant) -> bool:
    return p.talking and not p.muted


def presentation(present: Iterable[Participant], *, locked: bool = False) -> Participant | None:
    """The one that is shown, in the first tile: which began last, or ``locked``: first. Some terminals open the channel
    long before they show anything, so it begins with its first picture."""
    begun = [p for p in present if p.presents and p.began_at and not p.dismissed]
    if locked:
        return min(begun, key=lambda p: p.began_at, default=None)
    return max(reversed(begun), key=lambda p: p.began_at, default=None)
