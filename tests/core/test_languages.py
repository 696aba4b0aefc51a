"""What is said in each language, and which one is spoken."""

from __future__ import annotations

from pathlib import Path

import pytest

import mcu
from mcu.core import languages
from mcu.core.languages import LANGUAGES, first_of, worded

ROOT = Path(mcu.__file__).parent


def test_a_wording_has_its_text_in_each_language() -> None:
    assert {language: worded(("bận", "busy"), language) for language in LANGUAGES} == {"vi": "bận", "en": "busy"}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [(("en", "vi"), "en"), (("", "en"), "en"), (("fr", None, "en"), "en"), ((), "vi"), ((["en"], "EN"), "vi")],
)
def test_the_first_that_is_a_language_is_spoken(wanted: tuple[object, ...], found: str) -> None:
    assert first_of(*wanted) == found
    assert first_of("fr", otherwise="en") == "en"


def test_a_text_is_found_by_its_language_in_one_place() -> None:
    lookups = [path for path in ROOT.rglob("*.py") if "LANGUAGES.index" in path.read_text(encoding="utf-8")]
    assert lookups == [Path(languages.__file__)]
