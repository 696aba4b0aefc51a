"""A row in every table, as an installation has them that is in use."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Connection, DateTime, MetaData, Table, insert, select

AT = datetime(2026, 1, 2, 3, 4, 5, 678000, UTC)

# By table, parents first; a column that a version of the tables has not yet is left out.
ROWS: dict[str, list[dict[str, Any]]] = {
    "sites": [
        {"id": 1, "parent_id": None, "name": "Tỉnh Đắk Lắk", "code": "66", "position": 0, "people": 0}
        | {"distance_km": 0.0, "latitude": 12.71, "longitude": 108.24, "note": "", "created_at": AT},
        {"id": 2, "parent_id": 1, "name": "Xã Ea Kao", "code": "24121", "position": 1, "people": 40}
        | {"distance_km": 17.5, "latitude": None, "longitude": None, "note": "=1+1", "created_at": AT},
    ],
    "rooms": [
        {"number": "1001", "name": "Phòng họp", "layout": "2x2", "guests": False, "open": True, "locked": True}
        | {"created_at": AT, "pin": "1234", "host_pin": "987654", "entry": "list", "lobby": "host", "capacity": 7}
        | {"language": "vi", "mute_joiners": True, "branch_id": 1, "presiding_site_id": 2},
    ],
    "room_sites": [{"room": "1001", "site_id": 2, "position": 3}],
    "terminals": [
        {"name": "hall", "password": "p;[x]", "address": "", "display": "Hội trường", "created_at": AT}
        | {
            "protocol": "sip",
            "alias": "2001",
            "overrides": {"picture": "cif"},
            "site_id": 2,
            "position": 1,
            "preset": "",
        },
        {"name": "school", "password": "", "address": "10.0.0.0/24", "display": "", "created_at": AT}
        | {"protocol": "sip", "alias": None, "overrides": {}, "site_id": None, "position": 0, "preset": ""},
    ],
    "users": [
        {"id": 1, "login": "admin", "password_hash": "$argon2id$x", "role": "admin", "created_at": AT}
        | {"branch_id": None, "room": None},
        {"id": 2, "login": "hoa", "password_hash": "$argon2id$y", "role": "operator", "created_at": AT}
        | {"branch_id": 1, "room": "1001"},
    ],
    "tokens": [
        {"id": 1, "name": "bảng điện tử", "digest": "00ff", "scopes": ["read"], "user_id": 2, "created_at": AT}
        | {"expires_at": AT, "used_at": None},
    ],
    "audit": [
        {"id": 9, "at": AT, "login": "hoa", "role": "operator", "via": "web", "act": "room.act", "room": "1001"}
        | {"branch_id": 1, "target": "Ea Kao", "detail": {"act": "mute", "on": True}, "result": "ok"},
    ],
    "notices": [
        {"id": 4, "at": AT, "level": "warning", "code": "asterisk_away", "text": "Asterisk đi vắng"}
        | {"data": {"reason": "mất kết nối", "lost": 2}},
    ],
    "idempotency": [{"who": "token:1", "key": "k", "request": "ab", "status": 200, "body": "{}", "at": AT}],
    "webhooks": [
        {"id": 1, "url": "https://x.invalid/", "secret": "s", "events": ["room.*"], "enabled": False, "created_at": AT}
    ],
    "deliveries": [
        {"id": 5, "webhook_id": 1, "event": "room.changed", "body": {"a": [1, None]}, "at": AT, "next_at": None}
        | {"tries": 3, "result": "500"},
    ],
    "meetings": [
        {"id": 1, "uid": "u@mcu", "sequence": 2, "room": "1001", "title": "Giao ban", "begins": "2026-11-22T08:00:00"}
        | {"zone": "Asia/Ho_Chi_Minh", "minutes": 90, "rrule": "FREQ=WEEKLY", "exdates": ["2026-11-29T08:00:00"]}
        | {"call_before": 15, "warn_before": 10, "ends": True, "created_by": "hoa", "created_at": AT},
    ],
    "occurrences": [
        {"id": 1, "meeting_id": 1, "planned_at": AT, "begins_at": AT, "ends_at": AT, "state": "ended"},
    ],
    "outgoing_calls": [{"id": "0000000a", "at": AT, "call": {"room": "1001", "name": "Ea Kao"}}],
    "conferences": [
        {"id": "1001-1767323045678", "room": "1001", "name": "Phòng họp", "began_at": AT, "ended_at": None}
        | {"branch_id": 1, "test": False, "direction": {"mode": "free"}, "occurrence_id": 1, "testing": None},
    ],
    "conference_events": [
        {"id": 8, "conference_id": "1001-1767323045678", "at": AT, "kind": "floor", "participant": "0a0b0c0d"}
        | {"site_id": 2, "data": {}},
    ],
    "conference_sites": [
        {"id": 1, "conference_id": "1001-1767323045678", "site_id": 2, "people": 41, "mark": "present"}
        | {"name": "Xã Ea Kao", "position": 3, "usual": None, "distance_km": None, "latitude": None, "longitude": None}
        | {"presides": False},
    ],
    "site_tests": [
        {"id": 1, "conference_id": "1001-1767323045678", "site_id": 2, "name": "Xã Ea Kao", "at": AT, "verdict": "good"}
        | {"report": {"loss": 0.01}, "signed_by": "hoa", "signed_at": AT, "note": "rõ"},
    ],
    "attendance": [
        {"id": 3, "participant": "0a0b0c0d", "room": "1001", "name": "Ea Kao", "number": "2001", "kind": "terminal"}
        | {"joined_at": AT, "left_at": None, "conference_id": "1001-1767323045678", "site_id": 2, "terminal": "hall"}
        | {"quality": {"loss": 0.5}, "reason": "", "conference_site_id": None},
    ],
}


def fill(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """Rows into every table that is there, each in the columns that are there; what was put in."""
    tables = reflected(connection)
    missing = set(tables) - set(ROWS) - {"alembic_version"}
    assert not missing, f"no sample rows for {sorted(missing)}"
    put = {}
    for name, rows in ROWS.items():
        if name in tables:
            columns = set(tables[name].columns.keys())
            unknown = set(rows[0]) - columns
            put[name] = [{key: value for key, value in row.items() if key in columns} for row in rows]
            assert set(put[name][0]) == columns, f"no sample of {name}.{columns - set(put[name][0])}; has {unknown}"
            connection.execute(insert(tables[name]), put[name])
    return put


def read(connection: Connection, of: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """The rows that are there now, in the columns of ``of``."""
    tables = reflected(connection)
    found = {}
    for name, rows in of.items():
        columns = [tables[name].columns[key] for key in rows[0]]
        ordered = select(*columns).order_by(*tables[name].primary_key)
        found[name] = [
            {key: _moment(value) for key, value in row._mapping.items()} for row in connection.execute(ordered)
        ]
    return found


def reflected(connection: Connection) -> dict[str, Table]:
    metadata = MetaData()
    metadata.reflect(connection)
    for table in metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, DateTime):
                column.type = DateTime(timezone=True)
            elif column.name in ("overrides", "detail", "body", "events", "scopes", "exdates", "direction", "data"):
                column.type = column.type if table.name == "idempotency" else JSON()
    return dict(metadata.tables)


def _moment(value: Any) -> Any:
    """SQLite keeps no zone."""
    if not isinstance(value, datetime):
        return value
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
