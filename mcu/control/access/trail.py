"""What the audit keeps of a call: enough to see what was done, nothing that opens a door."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from mcu.core import effects as do
from mcu.core.names import clean_name
from mcu.core.roles import Actor

# Never kept, however deep they lie. Files are not kept either: they hold terminals' passwords.
SECRETS = frozenset({"pin", "host_pin", "password", "token", "secret", "digest"})
FILES = frozenset({"text", "csv", "content", "data", "file"})
_FILED = ("site.import", "site.rollout")
# What names the thing that was acted on, the first that is there.
_TARGETS = ("participant", "login", "name", "id", "site", "call", "viewer", "entry", "terminal", "address", "to", "tag")
_LONGEST = 200  # characters of a text; items of a list: a roll call of a province
_DEEPEST = 4


def row(
    by: Actor, method: str, args: Mapping[str, Any], room: str, result: str, branch: int | None = None
) -> dict[str, Any]:
    """The columns of AuditRow. Acts in a meeting go by their own names. ``branch``: whose the room is."""
    act = args.get("act") if method == "room.act" else None
    plain = {key: value for key, value in args.items() if key not in ("room", "act")}
    if method in _FILED:
        plain = {key: value for key, value in plain.items() if key not in FILES}
    target = next((args[key] for key in _TARGETS if isinstance(args.get(key), str | int)), "")
    return {
        "at": datetime.now(UTC),
        "login": clean_name(by.login),
        "role": by.role,
        "via": by.via,
        "act": _plain(str(act or method), 48),
        "room": _plain(room, 16),
        "branch_id": branch,
        "target": clean_name(_told("", target) if isinstance(target, str) else str(target)),
        "detail": _told("", plain, 0),
        "result": result[:32],
    }


def keyed(order: do.Keyed, branch: int | None) -> dict[str, Any]:
    """The columns of AuditRow for what somebody in a meeting ordered by keypad. ``branch``: whose the room is."""
    by = Actor(login=order.name, role="chair" if order.presides else "viewer", room=order.room, via="keypad")
    return row(by, "room.act", {**order.arguments, "act": order.act}, order.room, order.result, branch)


def _told(key: str, value: Any, depth: int = 0) -> Any:
    if isinstance(value, Mapping):
        if depth >= _DEEPEST:
            return "…"
        return {
            _plain(str(name), 48): _told(str(name), inner, depth + 1)
            for name, inner in list(value.items())[:_LONGEST]
            if str(name).lower() not in SECRETS
        }
    if isinstance(value, list | tuple):
        return [_told(key, inner, depth + 1) for inner in value[:_LONGEST]] if depth < _DEEPEST else "…"
    if isinstance(value, str):
        return _plain(_address(value) if key == "url" else value, _LONGEST)
    if isinstance(value, float) and not math.isfinite(value):  # JSON has no such number (RFC 8259 6)
        return str(value)
    return value if value is None or isinstance(value, bool | int | float) else _plain(str(value), _LONGEST)


def _plain(text: str, most: int) -> str:
    """What a database can hold: PostgreSQL knows no NUL, and no half of a character beyond the first plane."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()[:most]


def _address(url: str) -> str:
    """Without what may be a password in it: people put keys into the query, and into the path."""
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.hostname or ''}"[:_LONGEST]
    except ValueError:
        return ""
