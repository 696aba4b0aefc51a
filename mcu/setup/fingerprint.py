"""What a built thing was made from, as a short hash: another hash means build again."""

from __future__ import annotations

import functools
import hashlib
import platform
from collections.abc import Iterable
from pathlib import Path

SKIPPED = {"__pycache__", ".pytest_cache"}


def files_under(folder: Path, suffixes: tuple[str, ...] = ()) -> list[Path]:
    """The files below ``folder`` in sorted order (those that end in ``suffixes``, if any are given)."""
    if not folder.is_dir():
        return []
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not SKIPPED.intersection(path.parts) and (not suffixes or path.name.endswith(suffixes))
    )


def fingerprint(files: Iterable[Path], values: Iterable[str] = (), root: Path | None = None) -> str:
    """12 hex digits over the files' names (below ``root``), their contents, and ``values``.

    Files elsewhere than below ``root`` count by their own name. A file that doesn't exist counts as absent, so that
    its appearing changes the hash.
    """
    digest = hashlib.sha256()
    for path in files:
        name = path.relative_to(root).as_posix() if root and path.is_relative_to(root) else path.name
        content = path.read_bytes() if path.is_file() else None
        state = b"absent" if content is None else b"%d" % len(content)
        digest.update(b"file\0" + name.encode() + b"\0" + state + b"\0" + (content or b""))
    for value in values:
        digest.update(b"value\0" + value.encode() + b"\0")
    return digest.hexdigest()[:12]


@functools.cache
def machine() -> str:
    """What binaries depend on beside the recipe: architecture and release of the distribution."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        release = {}
    number = release.get("VERSION_ID") or release.get("VERSION_CODENAME", "?")
    return f"{platform.machine()} {release.get('ID', '?')} {number}"
