"""Every prompt that the dialplan or core plays is spoken in every language."""

import re
import tomllib
from pathlib import Path

import pytest

from mcu.core import admission, door, keys, limits, lobby

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
