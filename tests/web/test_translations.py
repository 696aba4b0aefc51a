"""Every text of the panel is there in Vietnamese, and nothing is translated that is not used."""

from __future__ import annotations

import re
from pathlib import Path

import mcu.web
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

WEB = Path(mcu.web.__file__).parent


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


def test_no_translation_is_empty_or_loses_a_value():
    values = re.compile(r"\{\w+\}")
    for original, vietnamese in translated().items():
        assert vietnamese
        assert sorted(values.findall(original)) == sorted(values.findall(vietnamese)), original
