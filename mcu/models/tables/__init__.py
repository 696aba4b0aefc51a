"""The tables. Names are NFC in every row, so that comparing and showing them never depends on who typed them."""

from mcu.models.tables.base import Base
from mcu.models.tables.calls import OutgoingCallRow
from mcu.models.tables.conferences import (
    AttendanceRow,
    ConferenceEventRow,
    ConferenceRow,
    ConferenceSiteRow,
    SiteTestRow,
)
from mcu.models.tables.people import AuditRow, NoticeRow, TokenRow, UserRow
from mcu.models.tables.programs import DeliveryRow, IdempotencyRow, WebhookRow
from mcu.models.tables.rooms import RoomRow, RoomSiteRow
from mcu.models.tables.schedule import MeetingRow, OccurrenceRow
from mcu.models.tables.sites import SiteRow, TerminalRow

__all__ = [
    "AttendanceRow",
    "AuditRow",
    "Base",
    "ConferenceEventRow",
    "ConferenceRow",
    "ConferenceSiteRow",
    "DeliveryRow",
    "IdempotencyRow",
    "MeetingRow",
    "NoticeRow",
    "OccurrenceRow",
    "OutgoingCallRow",
    "RoomRow",
    "RoomSiteRow",
    "SiteRow",
    "SiteTestRow",
    "TerminalRow",
    "TokenRow",
    "UserRow",
    "WebhookRow",
]
