"""What an import or a roll-out of sites did, in the language of its faults: who reads it made the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from mcu.cli.output import many, rows
from mcu.core.languages import Wording, first_of, worded
from mcu.errors import BadRequest

_MOST_NAMED = 20  # sites in one sentence
_WORDS: Mapping[str, Wording] = {
    "line": ("Dòng", "Line"),
    "column": ("Cột", "Column"),
    "fault": ("Lỗi", "Fault"),
    "refused": ("{file}: có {count} lỗi, chưa thay đổi gì", "{file}: {faults}, nothing was changed"),
    "would_be": ("Nếu thực hiện: {counts}.", "It would be: {counts}."),
    "done": ("Đã thực hiện: {counts}.", "Done: {counts}."),
    "counts": (
        "thêm {added}, thay đổi {changed}, giữ nguyên {unchanged}",
        "{added} added, {changed} changed, {unchanged} unchanged",
    ),
    "unlisted": ("; mới mà không có dòng riêng: {names}", "; new without a line of their own: {names}"),
    "more": (", và {count} điểm cầu nữa", ", and {count} more"),
    "sheets": ("{counts}; phiếu cài đặt: {files}", "{counts}; set-up sheets: {files}"),
    "no_sheets": ("{counts}; chưa ghi tệp nào", "{counts}; nothing was written"),
}


class ImportWords:
    """``result``: as the bus answers; a bridge of an older version does not say its language. ``asked``: for which."""

    def __init__(self, result: Mapping[str, Any], asked: str | None) -> None:
        self._language = first_of(asked or result.get("language"), otherwise="en")
        self._result = result

    def faults(self) -> Table:
        heading = [self._say(key) for key in ("line", "column", "fault")]
        return rows(heading, [(one["line"], one["column"], one["text"]) for one in self._result["faults"]])

    def refused(self, file: Path) -> BadRequest:
        count = len(self._result["faults"])
        return BadRequest(self._say("refused", file=file, count=count, faults=many(count, "fault")))

    def done(self, *, dry_run: bool) -> str:
        return self._say("would_be" if dry_run else "done", counts=self._counts())

    def sheets(self, files: Sequence[str]) -> str:
        return self._say("sheets" if files else "no_sheets", counts=self._counts(), files=", ".join(files))

    def _counts(self) -> str:
        """With the new sites that no line of the file is about: one may be a misspelt one."""
        counts = self._say("counts", **{key: self._result[key] for key in ("added", "changed", "unchanged")})
        found = self._result.get("unlisted") or []
        if not found:
            return counts
        more = self._say("more", count=len(found) - _MOST_NAMED) if len(found) > _MOST_NAMED else ""
        return counts + self._say("unlisted", names=", ".join(found[:_MOST_NAMED]) + more)

    def _say(self, key: str, **values: Any) -> str:
        return worded(_WORDS[key], self._language).format(**values)
