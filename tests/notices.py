"""Codes of all notices that the product gives, out of its source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

_MCU = Path(__file__).resolve().parent.parent / "mcu"
_SAYERS = ("notify", "_notify", "_said", "_tell")


def notice_codes() -> set[str]:
    modules = [path for folder in ("core", "control") for path in (_MCU / folder).rglob("*.py")]
    codes = {code for path in modules for code in _given(path)}
    assert {"help", "bridge_full", "meeting_late", "record_failing", "record_back", "webhook_full"} <= codes
    return codes


def _given(path: Path) -> Iterator[str]:
    """Of a module: by ``code=``, or second of what these take."""
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(call, ast.Call):
            continue
        who, given = call.func, call.args
        if isinstance(who, ast.Name) and who.id == "partial":
            who, given = given[0], given[1:]
        name = who.attr if isinstance(who, ast.Attribute) else ""
        codes = [one.value for one in call.keywords if one.arg == "code" and name == "Notice"]
        codes += given[1:2] if name in _SAYERS else []
        yield from (one.value for one in codes if isinstance(one, ast.Constant) and isinstance(one.value, str))
