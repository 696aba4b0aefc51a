"""What `undo` goes back by: for each act that can be taken back, what was before and after it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace

from mcu.core.direction import Direction, RollCall, none_of

MOST = 20  # steps kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """Of one participant."""

    muted: bool
    deafened: bool
    gain_in: float
    gain_out: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One act. ``sound``: of those whom it touched, as it was before."""

    number: int
    act: str
    before: Direction
    after: Direction
    layout: str
    locked: bool
    there: frozenset[str]  # who was present
    sound: Mapping[str, Sound]
    names: Mapping[str, str]

    def restored(self, now: Direction) -> Direction:
        """What the act ordered is as before it; what it did not touch stays as it is now.

        Who has raised a hand since keeps it up: that was no operator's doing.
        """
        back = {f.name: getattr(self.before, f.name) for f in fields(Direction) if self._touched(f.name)}
        for name in {"hands", "help"} & back.keys():
            since = [a for a in getattr(now, name) if a not in getattr(self.after, name)]
            known = {a.participant for a in since}
            back[name] = tuple(sorted((*none_of(back[name], known), *since), key=lambda a: a.since))
        roll = back.get("roll_call")
        if roll is not None and now.roll_call is not None:
            roll = back["roll_call"] = _filled_since(roll, now.roll_call)
        if "before" in back and back.get("closed", now.closed):
            # Who has come in the meantime with a microphone of its own keeps it.
            came = {who: muted for who, muted in now.before.items() if who not in self.after.before}
            back["before"] = {**back["before"], **came}
        restored = replace(now, **back)
        if roll is not None and restored.mode == "roll_call" and not restored.focus and not roll.ended:
            restored = replace(restored, focus=roll.called.participant)
        return restored

    def _touched(self, name: str) -> bool:
        return bool(getattr(self.before, name) != getattr(self.after, name))


def _filled_since(before: RollCall, now: RollCall) -> RollCall:
    """Whoever of the roll has come in the meantime stays on it."""
    if [e.site for e in before.entries] != [e.site for e in now.entries]:
        return before
    entries = tuple(
        replace(e, participant=e.participant or later.participant)
        for e, later in zip(before.entries, now.entries, strict=True)
    )
    return replace(before, entries=entries)


class Stack:
    def __init__(self) -> None:
        self._steps: list[Step] = []
        self.last = 0  # the highest number that was given to a step, also of those that were taken back
        self.changes = 0  # counts what control's record has not heard of otherwise
        # Who has left for good since the steps were looked at. 200 sites that leave together, each taken out of 40
        # directions at once, would hold up everything else.
        self._left: set[str] = set()

    def __iter__(self) -> Iterator[Step]:
        self._prune()
        return iter(self._steps)

    @property
    def top(self) -> Step | None:
        self._prune()
        return self._steps[-1] if self._steps else None

    @property
    def number(self) -> int:
        """Of the step that ``undo`` takes back; 0 if there is none."""
        return self._steps[-1].number if self._steps else 0

    @property
    def name(self) -> str:
        """Of the act that ``undo`` takes back; empty if there is none."""
        return self._steps[-1].act if self._steps else ""

    def fresh_number(self, at: float) -> int:
        """By which a step is told from all others. From the clock (ms), so that whoever asks to take back a step of
        before control's restart means none that was done since."""
        self.last = max(self.last + 1, round(at * 1000))
        return self.last

    def push(self, step: Step) -> None:
        self._prune()  # the same participant may be back from another room
        self._steps = [*self._steps[-(MOST - 1) :], step]
        self.changes += 1

    def pop(self) -> Step:
        self._prune()
        self.changes += 1
        return self._steps.pop()

    def restore(self, steps: Iterable[Step], last: int) -> None:
        """As control's record has them."""
        self._steps = list(steps)
        self.last = max([last, *(step.number for step in self._steps)])

    def names(self) -> set[str]:
        """Everybody who stands somewhere in the steps."""
        named: set[str] = set()
        for step in self:
            named |= step.before.names() | step.after.names() | step.there | step.sound.keys() | step.names.keys()
        return named

    def forget(self, participant: str) -> None:
        """It has left for good: going back does not bring it back."""
        if self._steps:
            self._left.add(participant)

    def _prune(self) -> None:
        left, self._left = self._left, set()
        if not left:
            return
        self._steps = [
            replace(
                step,
                before=step.before.without(*left),
                after=step.after.without(*left),
                there=step.there - left,
                sound={who: sound for who, sound in step.sound.items() if who not in left},
                names={who: name for who, name in step.names.items() if who not in left},
            )
            for step in self._steps
        ]

    def rename(self, old: str, new: str) -> None:
        """It is back under another id."""
        self._prune()
        self.changes += 1
        self._steps = [
            replace(
                step,
                before=step.before.renamed(old, new),
                after=step.after.renamed(old, new),
                there=frozenset(new if who == old else who for who in step.there),
                sound={new if who == old else who: sound for who, sound in step.sound.items()},
                names={new if who == old else who: name for who, name in step.names.items()},
            )
            for step in self._steps
        ]
