"""Overrides of odd terminals: read from JSON and from the command line, and told back."""

from __future__ import annotations

from typing import Any

import pytest

from mcu.core.directory.accounts import TerminalAccount
from mcu.core.directory.overrides import AUDIO_CODECS, VIDEO_CODECS, Overrides
from mcu.errors import BadRequest
from mcu.h323 import media


def test_json_and_typed_words_mean_the_same() -> None:
    from_json = Overrides.parse({"video_codec": "h263", "picture": "cif", "frame_rate": 15, "no_h239": True})
    typed = Overrides.parse({"video_codec": "H263", "picture": "CIF", "frame_rate": "15", "no_h239": "yes"})
    assert from_json == typed
    assert from_json.size == (352, 288)
    assert from_json.stated() == {"video_codec": "h263", "picture": "cif", "frame_rate": 15, "no_h239": True}
    assert Overrides.parse(from_json.stated()) == from_json


def test_nothing_overridden_is_nothing_stated() -> None:
    assert Overrides().stated() == {}
    assert Overrides.parse({"no_h239": False, "picture": None, "frame_rate": ""}) == Overrides()
    assert Overrides().size is None


@pytest.mark.parametrize(
    ("values", "hint"),
    [
        ({"no_h293": True}, "did you mean no_h239"),
        ({"xyzzy": 1}, "known: audio_codec"),
        ({"picture": "8k"}, "qcif, cif, 4cif, 720p, 1080p"),
        ({"video_codec": 7}, "h264"),
        ({"frame_rate": 0}, "1 to 60"),
        ({"frame_rate": True}, "whole number"),
        ({"kbit_to_terminal": "99999999999999"}, "64 to 20000"),
        ({"kbit_from_terminal": "٧٦٨"}, "64 to 20000"),
        ({"no_tunnelling": "perhaps"}, "true or false"),
        ({"no_fast_start": 1}, "true or false"),
    ],
)
def test_what_is_wrong_is_named(values: dict[str, Any], hint: str) -> None:
    with pytest.raises(BadRequest, match=hint):
        Overrides.parse(values)


def test_codecs_are_named_as_the_gateway_names_them() -> None:
    assert media.AUDIO_CODECS == AUDIO_CODECS
    assert media.VIDEO_CODECS == VIDEO_CODECS


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"alias": "2001"}, "named"),
        ({"password": "x"}, "registered"),
        ({"address": "10.0.0.7"}, "known"),
        ({"password": "x", "address": "10.0.0.7", "alias": "2001"}, "registered"),
    ],
)
def test_an_h323_terminal_is_known_in_any_way(values: dict[str, str], kind: str) -> None:
    account = TerminalAccount(name="a", protocol="h323", **values)  # type: ignore[arg-type]
    assert (account.kind, account.endpoint) == (kind, "h-a")


@pytest.mark.parametrize(
    "values",
    [
        {"protocol": "h323"},
        {"protocol": "h323", "alias": "20 01"},
        {"protocol": "h323", "alias": "1" * 17},
        {"protocol": "h323", "alias": "2001", "address": "nowhere"},
        {"protocol": "h324", "password": "x"},
        {"password": "x", "alias": "12a"},
        {"password": "x", "overrides": Overrides(kbit_from_terminal=512)},
        {"protocol": "h323", "alias": "7", "overrides": Overrides(srtp="on")},
        {"protocol": "phone", "alias": "7", "overrides": Overrides(dtmf="info")},
        {"protocol": "phone"},
        {"protocol": "phone", "alias": "7", "password": "x"},
        {"protocol": "browser"},
        {"password": "x", "overrides": Overrides(no_h239=True)},
    ],
)
def test_what_is_no_account_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(BadRequest):
        TerminalAccount(name="a", **values)
