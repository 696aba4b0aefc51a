"""Every text of the panel is there in Vietnamese, and nothing is translated that is not used."""

from __future__ import annotations

import re
from pathlib import Path

import mcu.web
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from mcu.core.dialling.outgoing import REASONS
from mcu.core.error_words import VIETNAMESE

WEB = Path(mcu.web.__file__).parent
BUS = (Path(__file__).parents[2] / "docs" / "bus.md").read_text(encoding="utf-8")


def used() -> set[str]:
    texts = set()
    python = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
    for _, _, message, _, _ in extract_from_dir(
        str(WEB), python, keywords={"_": None, "gettext": None, "lazy_gettext": None}
    ):
        texts.add(message)
    for _, _, message, _, _ in extract_from_dir(str(WEB), [("static/js/**.js", "javascript")], keywords={"t": None}):
        texts.add(message)
    return texts


def translated() -> dict[str, str]:
    with (WEB / "translations" / "vi.po").open("rb") as file:
        return {message.id: message.string for message in read_po(file, locale="vi", abort_invalid=True) if message.id}


def test_every_text_is_translated():
    assert used() == set(translated())
    assert len(used()) > 100


def test_every_reason_of_a_call_has_its_word():
    words = dict(re.findall(r'case "(\w+)": return t\("([^"]+)"\);', (WEB / "static/js/reasons.js").read_text()))
    words["failed"] = "the call failed"
    assert set(words) == set(REASONS)
    assert set(words.values()) <= set(translated())


def test_why_something_failed_is_said_as_in_the_minutes():
    words = dict(re.findall(r'case "(\w+)": return t\("([^"]+)"\);', (WEB / "static/js/faults.js").read_text()))
    vietnamese = translated()
    assert {error: vietnamese[english] for error, english in words.items()} == VIETNAMESE


def test_every_notice_is_told_in_the_language_of_the_page():
    told = set(re.findall(r'case "(\w+)":', (WEB / "static/js/status.js").read_text()))
    listed = BUS.partition("Its codes are")[2].partition("\n\n")[0]
    codes = set(re.findall(r"`(\w+)`", listed))
    assert len(codes) > 20
    assert told == codes


def test_no_translation_is_empty_or_loses_a_value():
    values = re.compile(r"\{\w+\}")
    for original, vietnamese in translated().items():
        assert vietnamese
        assert sorted(values.findall(original)) == sorted(values.findall(vietnamese)), original
