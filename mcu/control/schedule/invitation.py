"""What a meeting's calendar file says to those who are invited."""

from __future__ import annotations

from collections.abc import Sequence

from mcu.config import Settings
from mcu.control.schedule.planning import by_rule, plan_of, wall_of
from mcu.core.languages import Language
from mcu.exchange.calendar import Invitation, Moved
from mcu.exchange.words import word
from mcu.models.tables import MeetingRow, OccurrenceRow

_SIP_PORT, _H323_PORT = 5060, 1720  # that a terminal takes by itself


def invitation(
    row: MeetingRow, times: Sequence[OccurrenceRow], room_name: str, settings: Settings, language: Language
) -> Invitation:
    plan = plan_of(row)
    ways = _ways(row.room, settings)
    lines = [
        word("invitation", language, name=room_name, room=row.room),
        word("ways_in", language),
        *(f"- {way}" for way in ways),
        f"- {word('way_registered', language, room=row.room)}",
        word("way_pin", language),
    ]
    if row.call_before is not None:
        lines.append(word("called_before", language, minutes=row.call_before))
    moved = [
        Moved(
            planned=wall_of(one.planned_at, row.zone),
            begins=wall_of(one.begins_at, row.zone),
            minutes=round((one.ends_at - one.begins_at).total_seconds() / 60),
        )
        for one in times
        # Those of an earlier rule are over, or are held no more.
        if one.begins_at != one.planned_at and one.state != "cancelled" and by_rule(plan, one.planned_at)
    ]
    return Invitation(
        uid=row.uid,
        sequence=row.sequence,
        title=row.title,
        plan=plan,
        location="; ".join([word("room_number", language, room=row.room), *ways]),
        description="\n".join(lines),
        moved=tuple(moved),
        created_at=row.created_at,
    )


def _ways(room: str, settings: Settings) -> list[str]:
    """How one calls who is not registered; none where our address is not known."""
    host = settings.sip.announced
    if not host:
        return []
    ways = [f"SIP: {room}@{_address(host, settings.sip.port, _SIP_PORT)}"]
    if settings.h323.enabled:
        ways.append(f"H.323: {_address(host, settings.h323.port, _H323_PORT)}##{room}")
    return ways


def _address(host: str, port: int, usual: int) -> str:
    shown = f"[{host}]" if ":" in host else host
    return shown if port == usual else f"{shown}:{port}"
