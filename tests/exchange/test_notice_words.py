"""Every notice has words in both languages; what was kept before they had tells its English text."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from mcu.core.dialling.reasons import in_words
from mcu.core.error_words import VIETNAMESE
from mcu.core.languages import LANGUAGES
from mcu.errors import RoomNotFound, from_wire
from mcu.exchange.notice_words import notice_text
from tests.notices import notice_codes

BUS = (Path(__file__).resolve().parents[2] / "docs/bus.md").read_text(encoding="utf-8")
KEPT = "as control said it"


def documented(code: str) -> list[str]:
    """What the notice's data name, by docs/bus.md."""
    _, _, after = BUS.partition("The `data` of a notice, by code")
    row = re.search(rf"^\| `{code}` \| (.*) \|$", after.partition("\n\n## ")[0], re.MULTILINE)
    return re.findall(r"`(\w+)`", row[1]) if row else []


@pytest.mark.parametrize("code", sorted(notice_codes()))
def test_every_notice_has_words_in_both_languages(code: str) -> None:
    # True and 0 are what a notice depends on that says one of two things.
    for value in (True, 0):
        data = {name: value if name in ("again", "lost") else f"<{name}>" for name in documented(code)}
        told = [notice_text(code, KEPT, data, language) for language in LANGUAGES]
        assert KEPT not in told
        assert told[0] != told[1]
        assert re.search(r"[ạ-ỹđăâêôơư]", told[0])
        named = [set(re.findall(r"<(\w+)>", text)) - {"reason", "error"} for text in told]
        assert named[0] == named[1]
        if named[0]:  # an older version kept the text alone
            assert [notice_text(code, KEPT, {}, language) for language in LANGUAGES] == [KEPT, KEPT]


@pytest.mark.parametrize("code", ["", "one_of_a_newer_version", "None"])
def test_an_unknown_notice_tells_its_text(code: str) -> None:
    assert notice_text(code, KEPT, {"name": "Xã A", "reason": "busy"}, "vi") == KEPT


def test_a_notice_says_which_of_two_things_it_is() -> None:
    lost: dict[str, Any] = {"room": "1001", "name": "Xã A", "reason": "unreachable"}
    why = in_words("unreachable", "vi")
    told = notice_text("site_lost", "", lost | {"again": True}, "vi")
    assert told == f"Cuộc gọi của Xã A bị đứt ({why}); được gọi lại"
    told = notice_text("site_lost", "", lost | {"again": False}, "en")
    assert told == "The call of Xã A broke (unreachable); it was not called any more"
    assert notice_text("record_back", "", {"lost": 0}, "en") == "The record can be written again"
    assert notice_text("record_back", "", {"lost": 7}, "en") == "The record can be written again; entries lost: 7"


@pytest.mark.parametrize(
    ("error", "vietnamese"),
    [(RoomNotFound.error_id, "phòng họp không còn nữa"), ("of_a_newer_version", "there is no room 1001")],
)
def test_why_a_step_failed_is_in_the_language_of_the_minutes(error: str, vietnamese: str) -> None:
    data = {"title": "Giao ban", "room": "1001", "error": error, "reason": "there is no room 1001"}
    assert notice_text("meeting_step_failed", KEPT, data, "vi") == (
        f"Cuộc họp Giao ban ở phòng 1001: một bước không thực hiện được ({vietnamese})"
    )
    assert notice_text("meeting_step_failed", KEPT, data, "en") == (
        "Meeting Giao ban in room 1001: a step failed (there is no room 1001)"
    )


@pytest.mark.parametrize("error", VIETNAMESE)
def test_what_is_told_of_an_error_is_of_one_that_there_is(error: str) -> None:
    assert from_wire(error, "").error_id == error


def test_what_a_notice_names_is_no_format() -> None:
    told = notice_text("room_full", "", {"room": "{people}", "people": "{0.__class__}"}, "en")
    assert told == "Room {people} was full ({0.__class__} sites): no more could join it"
