"""What a meeting's calendar file says to those who are invited."""

from __future__ import annotations

from collections.abc import Sequence

from mcu.config import Settings, reachable
from mcu.control.planning import by_rule, plan_of, wall_of
from mcu.exchange.calendar import Invitation, Moved
from mcu.models.tables import MeetingRow, OccurrenceRow

_SIP_PORT, _H323_PORT = 5060, 1720  # that a terminal takes by itself


def invitation(row: MeetingRow, times: Sequence[OccurrenceRow], room_name: str, settings: Settings) -> Invitation:
    plan = plan_of(row)
    host = settings.sip.external_address or reachable(settings.sip.bind)
    sip = f"{row.room}@{_address(host, settings.sip.port, _SIP_PORT)}"
    h323 = f"{_address(host, settings.h323.port, _H323_PORT)}##{row.room}" if settings.h323.enabled else ""
    ways = [f"SIP: {sip}", *([f"H.323: {h323}"] if h323 else [])]
    lines = [
        f"Phòng họp trực tuyến {room_name} (số {row.room}).",
        "Cách vào họp:",
        *(f"- {way}" for way in ways),
        f"- Thiết bị đã đăng ký với MCU: gọi số {row.room}",
        "Nếu phòng họp có mã PIN, xin hỏi người tổ chức.",
    ]
    if row.call_before is not None:
        lines.append(f"MCU tự gọi các điểm cầu {row.call_before} phút trước giờ họp; xin bật thiết bị trước đó.")
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
        location=f"Phòng họp {row.room}; " + "; ".join(ways),
        description="\n".join(lines),
        moved=tuple(moved),
        created_at=row.created_at,
    )


def _address(host: str, port: int, usual: int) -> str:
    shown = f"[{host}]" if ":" in host else host
    return shown if port == usual else f"{shown}:{port}"
