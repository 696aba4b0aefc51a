"""A message as people read it in a trace: one field a line, indented, bounded in size, plain ASCII."""

from __future__ import annotations

from typing import Any

MAX_LINES = 400
MAX_DEPTH = 24  # the deepest captured message has 10
LONG_OCTETS = 32
LONG_STRING = 128
INDENT = "  "


def text(value: Any) -> str:
    """Any decoded message, readable; control and non-ASCII characters are escaped, long strings of octets shortened."""
    lines: list[str] = []
    _write(lines, "", value, 0)
    if len(lines) > MAX_LINES:
        lines[MAX_LINES:] = ["..."]
    return "\n".join(lines)


def _write(lines: list[str], label: str, value: Any, depth: int) -> None:
    """Appends ``label`` and what it holds; stops soon after MAX_LINES."""
    if len(lines) > MAX_LINES:
        return
    names = []
    while isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str):
        names.append(_shown(value[0]))  # choices stand in one line: response.openLogicalChannelAck
        value = value[1]
        if len(names) > MAX_DEPTH:
            value = "..."
    head = INDENT * depth + " ".join([part for part in (label, ".".join(names)) if part])
    if not isinstance(value, dict | list):
        lines.append(f"{head} {_plain(value)}" if head.strip() else head + _plain(value))
    elif not value or depth >= MAX_DEPTH:
        lines.append(f"{head} {'...' if value else '{}' if isinstance(value, dict) else '[]'}")
    else:
        inside = depth
        if head.strip():
            lines.append(head)
            inside += 1
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for name, inner in pairs:
            _write(lines, _shown(name) if isinstance(name, str) else f"[{name}]", inner, inside)


def _plain(value: Any) -> str:
    if isinstance(value, bytes | bytearray):
        rest = f".. ({len(value)} octets)" if len(value) > LONG_OCTETS else ""
        return f"'{bytes(value[:LONG_OCTETS]).hex()}{rest}'H"
    if isinstance(value, str):
        return f'"{_shown(value)}"'
    if isinstance(value, tuple) and all(isinstance(part, int) for part in value):
        shown = ".".join(str(part) for part in value[:LONG_OCTETS])
        return shown + (f".. ({len(value)} numbers)" if len(value) > LONG_OCTETS else "")
    return _shown(str(value))


def _shown(string: str) -> str:
    """Printable ASCII of ``string``, at most LONG_STRING characters of it."""
    if len(string) <= LONG_STRING and string.isascii() and string.isprintable() and '"' not in string:
        return string  # the name of a field, nearly always
    safe = string[:LONG_STRING].encode("unicode_escape").decode("ascii").replace('"', '\\"')
    return safe + (f".. ({len(string)} characters)" if len(string) > LONG_STRING else "")
