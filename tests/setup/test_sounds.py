from __future__ import annotations

import subprocess
import wave
from pathlib import Path

import pytest

from mcu.errors import SetupError
from mcu.setup import sounds
from mcu.setup.context import Context
from mcu.setup.sounds import Prompt, prompts

ROOT = Path(__file__).resolve().parent.parent.parent
NEEDED = [
    "mcu-unknown-number", "mcu-room-locked", "mcu-room-full", "mcu-enter-number", "mcu-enter-pin", "mcu-wrong-pin",
    "mcu-goodbye", "mcu-system-error", "mcu-you-are-muted", "mcu-welcome",
]  # fmt: skip


@pytest.mark.parametrize("language", sounds.VOICES)
def test_every_prompt_of_the_dialplan_has_a_text(language: str) -> None:
    texts = {prompt.name: prompt.text for prompt in prompts(ROOT / "sounds", language)}
    assert set(NEEDED) <= set(texts)
    assert all(texts.values())


def test_both_languages_have_the_same_prompts_of_ours() -> None:
    ours = [
        {prompt.name for prompt in prompts(ROOT / "sounds", language) if prompt.name.startswith("mcu-")}
        for language in sounds.VOICES
    ]
    assert ours[0] == ours[1]


@pytest.mark.parametrize(
    "content",
    ["", "[prompts", '[prompts]\n"../x" = "a"', '[prompts]\na = ""', "[prompts]\na = 3", '[prompts]\n"A b" = "x"'],
)
def test_a_bad_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "vi.toml").write_text(content)
    with pytest.raises(SetupError, match=r"vi\.toml"):
        prompts(tmp_path, "vi")


def test_a_recording_wins_and_may_be_of_any_name(tmp_path: Path) -> None:
    (tmp_path / "vi.toml").write_text('[prompts]\nmcu-welcome = "Chào"\nmcu-goodbye = "Tạm biệt"\n')
    (tmp_path / "vi/digits").mkdir(parents=True)
    for name in ("mcu-welcome.wav", "digits/7.wav"):
        (tmp_path / "vi" / name).touch()
    assert prompts(tmp_path, "vi") == [
        Prompt("mcu-welcome", "Chào", tmp_path / "vi/mcu-welcome.wav"),
        Prompt("mcu-goodbye", "Tạm biệt"),
        Prompt("digits/7", "", tmp_path / "vi/digits/7.wav"),
    ]


def shape(file: Path) -> tuple[int, int, int]:
    with wave.open(str(file)) as sound:
        assert sound.getnframes() > sound.getframerate() // 5
        return sound.getframerate(), sound.getnchannels(), sound.getsampwidth()


def test_a_prompt_is_spoken_at_both_rates(context: Context, tmp_path: Path) -> None:
    folder = tmp_path / "vi"
    folder.mkdir()
    (folder / "mcu-goodbye.g722").write_bytes(b"packaged")
    sounds.speak(context, Prompt("mcu-goodbye", "Xin tạm biệt."), "vi", folder)
    assert shape(folder / "mcu-goodbye.wav") == (8000, 1, 2)
    assert shape(folder / "mcu-goodbye.wav16") == (16000, 1, 2)
    assert sorted(path.name for path in folder.iterdir()) == ["mcu-goodbye.wav", "mcu-goodbye.wav16"]


def test_a_text_is_never_an_option(context: Context, tmp_path: Path) -> None:
    sounds.speak(context, Prompt("odd", "--version là gì"), "vi", tmp_path)
    assert shape(tmp_path / "odd.wav") == (8000, 1, 2)


def test_a_recording_is_brought_to_both_rates(context: Context, tmp_path: Path) -> None:
    own = tmp_path / "own.wav"
    tone = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=d=0.5", "-ac", "2", "-ar", "44100", str(own)]
    subprocess.run(tone, check=True)
    sounds.speak(context, Prompt("digits/7", "", own), "vi", tmp_path / "vi")
    assert shape(tmp_path / "vi/digits/7.wav") == (8000, 1, 2)
    assert own.exists()


def test_a_changed_text_or_recording_makes_the_prompts_anew(context: Context) -> None:
    folder = context.places.project / "sounds"
    (folder / "vi").mkdir(parents=True)
    (folder / "vi.toml").write_text("[prompts]\n")
    keys = {sounds.key(context)}
    (folder / "vi.toml").write_text('[prompts]\na = "b"\n')
    keys.add(sounds.key(context))
    (folder / "vi/a.wav").write_bytes(b"RIFF")
    keys.add(sounds.key(context))
    assert len(keys) == 3


def test_the_packaged_english_is_found_or_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="asterisk-core-sounds-en-wav"):
        sounds.packaged_english(tmp_path)
    (tmp_path / "en/digits").mkdir(parents=True)
    assert sounds.packaged_english(tmp_path) == tmp_path / "en"
