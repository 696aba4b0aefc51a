"""The languages that people are spoken and written to in."""

from __future__ import annotations

from typing import Literal

Language = Literal["vi", "en"]
LANGUAGES: tuple[Language, ...] = ("vi", "en")
Wording = tuple[str, str]  # the same text in each of LANGUAGES, in their order


def worded(wording: Wording, language: Language) -> str:
    """The text in that language."""
    return wording[LANGUAGES.index(language)]


def first_of(*wanted: object, otherwise: Language = "vi") -> Language:
    """The first of these that is a language."""
    return next((one for text in wanted for one in LANGUAGES if one == text), otherwise)
