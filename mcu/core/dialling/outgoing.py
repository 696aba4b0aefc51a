"""One call that the MCU makes, and why one fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mcu.core.dialling.targets import Target, Way

# Why a call failed, by Q.850 cause. What is not here is FAILED.
_REASONS = {
    "busy": (17,),
    "no_answer": (19,),
    "unreachable": (2, 3, 18, 20, 27, 34, 38, 41, 42, 102),  # 18: nobody answered at all; 34: a 503
    "refused": (21, 55, 57),
    "not_found": (1, 22, 28),
    "codec": (58, 65, 79, 88),
}
_REASON_OF = {cause: reason for reason, causes in _REASONS.items() for cause in causes}
FAILED = "failed"
NO_PLACE = "no_place"  # it answered, and our own door had none: told in the notice only
REASONS = (*_REASONS, FAILED, NO_PLACE)
NORMAL = (16, 31)  # normal call clearing, and normal, unspecified: the far end hung up, or we did


def reason_of(cause: int) -> str:
    """A stable word for a Q.850 cause: busy, no_answer, unreachable, refused, not_found, codec or failed."""
    return _REASON_OF.get(cause, FAILED)


@dataclass(slots=True, kw_only=True)
class OutgoingCall:
    id: str
    room: str
    ways: tuple[Way, ...]  # the terminals that are tried, one after the other
    name: str
    caller: str  # who calls, as the terminal shows it: the room
    tries: int  # attempts after the present one
    began_at: float
    site: int | None = None
    at_way: int = 0
    state: str = "queued"  # "dialling", "waiting" for the next attempt, "failed" for good
    failures: int = 0
    retry_at: float = 0.0
    cause: int = 0
    turned_away: bool = False  # it answered, and our own door had no place
    lost: bool = False  # it was here before
    muted: bool | None = False  # its microphone, when it was lost; None: as any newcomer's
    channel: str = ""  # on which it was here; what is heard of that one is no news
    answered_at: float = 0.0
    left_at: float = 0.0  # when it went out of the room, for a reason that is told later

    @property
    def way(self) -> Way:
        return self.ways[self.at_way]

    @property
    def target(self) -> Target:
        return self.way.target

    @property
    def terminal(self) -> str:
        """The name of the account that is called; empty for an address that somebody wrote."""
        return self.way.terminal

    def coming(self, *, waiting: bool) -> bool:
        """Is it under way? ``waiting``: one that waits for its next attempt is."""
        return self.state in ("queued", "dialling") or (waiting and self.state == "waiting")

    def record(self) -> dict[str, Any]:
        """JSON, for ``recall``."""
        return {
            "room": self.room,
            "ways": [{**asdict(way.target), "terminal": way.terminal} for way in self.ways],
            "name": self.name,
            "caller": self.caller,
            "tries": self.tries,
            "failures": self.failures,
            "site": self.site,
            "lost": self.lost,
            "muted": self.muted,
            "channel": self.channel,
            "at_way": self.at_way,
        }

    def describe(self) -> dict[str, Any]:
        """As the bus tells it."""
        return {
            "id": self.id,
            "room": self.room,
            "name": self.name,
            "site": self.site,
            "terminal": self.terminal,
            "address": str(self.target),
            "protocol": self.target.protocol,
            "state": self.state,
            "reason": reason_of(self.cause) if self.cause else "",
            "cause": self.cause,
            "failures": self.failures,
            "lost": self.lost,
            "began_at": round(self.began_at, 3),
            "retry_at": round(self.retry_at, 3) if self.state == "waiting" else None,
        }


def recall(ident: str, data: Mapping[str, Any], at: float) -> OutgoingCall | None:
    """A call out of control's record, to be made at once; None where another version wrote what cannot be read."""
    try:
        ways = [dict(way) for way in data["ways"]]
        found = tuple(Way(terminal=way.pop("terminal"), target=Target(**way)) for way in ways)
        fields = {name: value for name, value in data.items() if name != "ways"}
        call = OutgoingCall(id=ident, ways=found, began_at=at, **fields)
        return call if 0 <= call.at_way < len(found) else None
    except (KeyError, TypeError, ValueError):
        return None
