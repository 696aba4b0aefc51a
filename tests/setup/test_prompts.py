"""Every prompt that the dialplan or core plays is spoken in every language."""

import re
import tomllib
from pathlib import Path

import pytest

from mcu.core import limits
from mcu.core.entry import admission, door, keys, lobby

ROOT = Path(__file__).resolve().parents[2]


def _played() -> set[str]:
    refusals = {
        value
        for module in (admission, door, keys, limits, lobby)
        for name, value in vars(module).items()
        if name.isupper() and str(value).startswith("mcu-")
    }
    dialplan = "".join(file.read_text() for file in (ROOT / "dialplan").glob("*.conf"))
    return refusals | set(re.findall(r"(?:Playback\(|MCU_PROMPT=)(mcu-[a-z-]+)", dialplan))


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_prompt_that_is_played_is_spoken(language: str) -> None:
    played = _played()
    assert len(played) >= 5
    texts = tomllib.loads((ROOT / f"sounds/{language}.toml").read_text(encoding="utf-8"))["prompts"]
    assert played - texts.keys() == set()


def test_no_prompt_is_spoken_that_nobody_plays() -> None:
    code = [*(ROOT / "mcu").rglob("*.py"), *(ROOT / "dialplan").glob("*.conf")]
    named = set(re.findall(r"mcu-[a-z-]+", "".join(file.read_text(encoding="utf-8") for file in code)))
    for language in ("vi", "en"):
        texts = tomllib.loads((ROOT / f"sounds/{language}.toml").read_text(encoding="utf-8"))["prompts"]
        assert {name for name in texts if name.startswith("mcu-")} - named == set()
