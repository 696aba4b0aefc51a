"""What chair and operators have ordered in a conference: who is seen and heard as what, and how that is kept.

A value: every act makes another one, so that undo is going back to the one before, and control's record can hold it.
Participants stand here by their ids; ``without`` keeps it true when one leaves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

Mode = Literal["free", "broadcast", "floor", "lecture", "roll_call", "voice"]
Test = Literal["", "on", "over"]
FOCUSED: tuple[Mode, ...] = ("broadcast", "floor", "lecture", "roll_call")  # one site is what all see
VOICE_HOLD = 3.0  # s that somebody must talk before the picture follows
Mark = Literal["", "present", "absent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Banner:
    """A text over the picture."""

    text: str
    scroll: bool = False
    until: float | None = None  # seconds since the epoch; None: until it is taken away


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the roll: a site that is invited, somebody who is there, or both."""

    participant: str = ""  # empty while it is not there
    site: int | None = None
    name: str = ""
    mark: Mark = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RollCall:
    entries: tuple[Entry, ...]
    at: int = 0  # the one that is called
    ended: bool = False  # the marks stay

    @property
    def called(self) -> Entry:
        return self.entries[self.at]

    def with_entry(self, n: int, entry: Entry) -> RollCall:
        """In the place of the n-th."""
        return replace(self, entries=(*self.entries[:n], entry, *self.entries[n + 1 :]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Turning:
    """Pictures that come one after the other. Which one it is follows from the clock alone, so a restart changes
    nothing."""

    participants: tuple[str, ...] = ()  # empty: everybody else who is there, in order of joining
    seconds: float = 10.0
    since: float = 0.0

    def without(self, gone: Collection[str]) -> Turning | None:
        """None where all who were named are gone: nobody else was to be seen."""
        left = tuple(p for p in self.participants if p not in gone)
        return None if self.participants and not left else replace(self, participants=left)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaneRule:
    """What fills one pane of the layout."""

    show: Literal["auto", "participant", "loudest", "turning", "presentation", "blank"]
    participant: str = ""
    rank: int = 1  # of the loudest: 1 is who spoke last
    turning: Turning | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Somebody who raised a hand, or asks for the operator."""

    participant: str
    since: float


def asks(asking: Iterable[Asking], participant: str) -> bool:
    return any(one.participant == participant for one in asking)


def none_of(asking: Iterable[Asking], gone: Collection[str]) -> tuple[Asking, ...]:
    """Those who ask, without these."""
    return tuple(one for one in asking if one.participant not in gone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    mode: Mode = "free"
    focus: str = ""  # who is broadcast, has the floor, lectures or is called; empty where it is not there now
    chair: str = ""
    hands: tuple[Asking, ...] = ()
    help: tuple[Asking, ...] = ()
    roll_call: RollCall | None = None
    voice_hold: float = VOICE_HOLD
    views: Mapping[str, str] = field(default_factory=dict)  # viewer to whom it alone sees
    browse: Mapping[str, Turning] = field(default_factory=dict)  # viewer to what turns for it; "": the common picture
    panes: tuple[PaneRule, ...] = ()  # by pane of the layout; empty: automatic
    banner: Banner | None = None
    banners: Mapping[str, Banner] = field(default_factory=dict)  # to one participant alone
    mute_joiners: bool = False
    # The conference is a test session's own: "on" while it looks at sites, whose microphones are open meanwhile,
    # whatever mute_joiners says, for nobody is heard through a closed one.
    test: Test = ""
    microphones_owed: bool = False  # it ended while the switch was away: those whom it had opened are still open
    presentation_locked: bool = False
    ends_at: float | None = None
    closed: bool = False  # modes have closed microphones, until free talk gives them back
    # Microphones as they were before the first of those modes: participant to muted.
    before: Mapping[str, bool] = field(default_factory=dict)

    def without(self, *participants: str) -> Direction:
        """They have left for good."""
        gone = frozenset(participants)
        return replace(
            self,
            focus="" if self.focus in gone else self.focus,
            chair="" if self.chair in gone else self.chair,
            hands=none_of(self.hands, gone),
            help=none_of(self.help, gone),
            roll_call=self.roll_call and _roll_without(self.roll_call, gone),
            views={v: who for v, who in self.views.items() if v not in gone and who not in gone},
            browse={v: left for v, t in self.browse.items() if v not in gone and (left := t.without(gone))},
            panes=tuple(_pane_without(rule, gone) for rule in self.panes),
            banners={who: b for who, b in self.banners.items() if who not in gone},
            before={who: muted for who, muted in self.before.items() if who not in gone},
        )

    def only(self, there: Collection[str]) -> Direction:
        """Of these alone."""
        return self.without(*(self.names() - set(there)))

    def renamed(self, old: str, new: str) -> Direction:
        """Somebody is back under another id, and takes its own place again."""

        def name(who: str) -> str:
            return new if who == old else who

        def turning(t: Turning) -> Turning:
            return replace(t, participants=tuple(map(name, t.participants)))

        roll = self.roll_call
        return replace(
            self,
            focus=name(self.focus),
            chair=name(self.chair),
            hands=tuple(replace(a, participant=name(a.participant)) for a in self.hands),
            help=tuple(replace(a, participant=name(a.participant)) for a in self.help),
            roll_call=roll
            and replace(roll, entries=tuple(replace(e, participant=name(e.participant)) for e in roll.entries)),
            views={name(v): name(who) for v, who in self.views.items()},
            browse={name(v): turning(t) for v, t in self.browse.items()},
            panes=tuple(
                replace(r, participant=name(r.participant), turning=r.turning and turning(r.turning))
                for r in self.panes
            ),
            banners={name(who): b for who, b in self.banners.items()},
            before={name(who): muted for who, muted in self.before.items()},
        )

    def names(self) -> set[str]:
        """Everybody who stands somewhere in it."""
        named = {self.focus, self.chair, *self.views, *self.views.values(), *self.browse, *self.banners, *self.before}
        named |= {a.participant for a in (*self.hands, *self.help)}
        named |= {e.participant for e in self.roll_call.entries} if self.roll_call else set()
        for turning in (*self.browse.values(), *(r.turning for r in self.panes if r.turning)):
            named.update(turning.participants)
        named.update(r.participant for r in self.panes)
        return named - {""}

    def record(self) -> dict[str, Any]:
        """As control's record keeps it (JSON), and ``recall`` reads it."""
        return asdict(self)


def recall(data: Mapping[str, Any]) -> Direction:
    """Out of control's record. What this version does not know is left out."""
    roll, banner = data.get("roll_call"), data.get("banner")
    known: dict[str, Any] = {k: v for k, v in data.items() if k in Direction.__slots__}
    known["hands"] = tuple(Asking(**a) for a in data.get("hands", ()))
    known["help"] = tuple(Asking(**a) for a in data.get("help", ()))
    known["roll_call"] = (
        RollCall(
            entries=tuple(Entry(**e) for e in roll["entries"]), at=roll["at"], ended=bool(roll.get("ended", False))
        )
        if roll and roll["entries"]
        else None
    )
    known["browse"] = {v: _turning(t) for v, t in data.get("browse", {}).items()}
    known["panes"] = tuple(
        PaneRule(**{**rule, "turning": _turning(rule["turning"]) if rule.get("turning") else None})
        for rule in data.get("panes", ())
    )
    known["banner"] = Banner(**banner) if banner else None
    known["banners"] = {who: Banner(**b) for who, b in data.get("banners", {}).items()}
    return Direction(**known)


def _turning(data: Mapping[str, Any]) -> Turning:
    return Turning(participants=tuple(data["participants"]), seconds=data["seconds"], since=data["since"])


def _roll_without(roll: RollCall, gone: Collection[str]) -> RollCall:
    entries = tuple(replace(e, participant="") if e.participant in gone else e for e in roll.entries)
    return replace(roll, entries=entries)


def _pane_without(rule: PaneRule, gone: Collection[str]) -> PaneRule:
    if rule.show == "participant" and rule.participant in gone:
        return PaneRule(show="auto")
    if rule.turning is None:
        return rule
    turning = rule.turning.without(gone)
    return replace(rule, turning=turning) if turning else PaneRule(show="auto")
