"""What is wrong in a file that somebody brought: all of it, by line and column, for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """``line`` counts from 1, ``column`` is its heading as the file has it, or empty for the whole line."""

    line: int
    column: str
    vi: str
    en: str

    def describe(self, language: str) -> dict[str, Any]:
        """As the bus tells it; ``text`` is in the language that was asked for."""
        told = self.vi if language == "vi" else self.en
        return {"line": self.line, "column": self.column, "text": told, "vi": self.vi, "en": self.en}
