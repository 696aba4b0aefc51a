"""The spoken prompts: Debian's English set, ours spoken by espeak-ng, an administrator's recordings before both.
And the lobby's music: ours, or the administrator's.

Asterisk takes ``<name>.wav`` (8 kHz) on narrow-band calls and ``<name>.wav16`` (16 kHz) on wide-band ones.
"""

from __future__ import annotations

import re
import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path

from mcu.errors import SetupError
from mcu.setup import cached, music
from mcu.setup.context import Context
from mcu.setup.fingerprint import files_under, fingerprint
from mcu.setup.progress import Expectation

PACKAGED = Path("/usr/share/asterisk/sounds")
ENGLISH = ("en_US_f_Allison", "en_US", "en")  # folders of the packaged English set, the best voice first
VOICES = {"vi": "vi", "en": "en-us"}
SPEED = 150  # words a minute; espeak-ng's 175 is hasty on the telephone
RATES = {".wav": 8000, ".wav16": 16000}  # Hz
MUSIC = "music"  # folder
WORDLESS = ("beep", "beeperr", "confbridge-join", "confbridge-leave", "silence")  # the same in every language
NAME = re.compile(r"^[a-z0-9]+(?:[-/][a-z0-9]+)*$")


@dataclass(frozen=True)
class Prompt:
    """One prompt: what to speak, or the administrator's recording of it."""

    name: str
    text: str
    recording: Path | None = None


def prompts(folder: Path, language: str) -> list[Prompt]:
    """The prompts of one language. Raises SetupError naming the file and the key that is wrong."""
    file = folder / f"{language}.toml"
    try:
        texts = tomllib.loads(file.read_text(encoding="utf-8"))["prompts"]
    except (OSError, tomllib.TOMLDecodeError, KeyError, UnicodeDecodeError) as error:
        raise SetupError(f"{file}: {error}") from error
    for name, text in texts.items():
        if not NAME.match(name) or not isinstance(text, str) or not text.strip():
            raise SetupError(f"{file}: {name!r} must be a file name of small letters, digits and dashes, with a text")
    own = folder / language
    recordings = {path.relative_to(own).with_suffix("").as_posix(): path for path in files_under(own, (".wav",))}
    names = [*texts, *(name for name in recordings if name not in texts)]
    return [Prompt(name, texts.get(name, ""), recordings.get(name)) for name in names]


def packaged_english(root: Path = PACKAGED) -> Path:
    """Debian's English set. Raises SetupError if it isn't installed."""
    for name in ENGLISH:
        if (root / name / "digits").is_dir():
            return root / name
    raise SetupError(f"no English prompts in {root}: install asterisk-core-sounds-en-wav")


def key(context: Context) -> str:
    folder = context.places.project / "sounds"
    return fingerprint(
        [Path(__file__), Path(music.__file__), *files_under(folder, (".toml", ".wav"))], root=context.places.project
    )


def find(context: Context) -> Path | None:
    return cached.find(context.places, "sounds", key(context))


def make(context: Context) -> Path:
    """Make every prompt of every language. Gives the folder with ``en``, ``vi`` and ``music``."""
    making = context.places.builds / f"sounds-{key(context)}"
    shutil.rmtree(making, ignore_errors=True)
    english = packaged_english()
    link_set(english, making / "en")
    for name in WORDLESS:
        for file in [*english.glob(f"{name}.*"), *english.glob(f"{name}/*")]:
            link(file, making / "vi" / file.relative_to(english))
    work = [
        (language, prompt) for language in VOICES for prompt in prompts(context.places.project / "sounds", language)
    ]
    expected = context.runner.history.expect("sounds", Expectation(len(work), 0.3 * len(work)))
    context.console.step_begins()
    for number, (language, prompt) in enumerate(work):
        left = (len(work) - number) * expected.seconds / max(expected.units, 1)
        context.console.progress("speaking the prompts", number / len(work), left)
        speak(context, prompt, VOICES[language], making / language)
    make_music(context, context.places.project / "sounds" / MUSIC, making / MUSIC)
    final = cached.home(context.places, "sounds", "1", key(context))
    return cached.publish(making, final, {"prompts": str(len(work))})


def make_music(context: Context, own: Path, folder: Path) -> None:
    """Every recording in ``own``, or ours where there is none."""
    folder.mkdir(parents=True)
    pieces = files_under(own, (".wav",))
    if not pieces:
        pieces = [folder / "mcu-lobby.made.wav"]
        music.make(pieces[0])
    for number, piece in enumerate(pieces):
        convert(context, "making the lobby's music", piece, folder / f"mcu-lobby-{number}")
    (folder / "mcu-lobby.made.wav").unlink(missing_ok=True)


def speak(context: Context, prompt: Prompt, voice: str, folder: Path) -> None:
    """One prompt as ``.wav`` and ``.wav16``, mono, 16 bit."""
    target = folder / prompt.name
    target.parent.mkdir(parents=True, exist_ok=True)
    for packaged in target.parent.glob(f"{target.name}.*"):
        packaged.unlink()  # or Asterisk might prefer the packaged G.722 to the administrator's own
    original = prompt.recording or target.with_suffix(".spoken.wav")
    title = f"making the prompt {folder.name}/{prompt.name}"
    if prompt.recording is None:
        command: list[str | Path] = ["espeak-ng", "-v", voice, "-s", str(SPEED), "-w", original, "--", prompt.text]
        context.runner.run(title, command)
    convert(context, title, original, target)
    if prompt.recording is None:
        original.unlink()


def convert(context: Context, title: str, original: Path, target: Path) -> None:
    """Any recording into the files that Asterisk plays, ``target`` with a suffix for each rate."""
    outputs: list[str | Path] = []
    for suffix, rate in RATES.items():
        outputs += [
            "-ar",
            str(rate),
            "-ac",
            "1",
            "-c:a",
            "pcm_s16le",
            "-f",
            "wav",
            "-bitexact",
            target.with_suffix(suffix),
        ]
    context.runner.run(title, ["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", original, *outputs])


def link_set(origin: Path, folder: Path) -> None:
    for file in origin.rglob("*"):
        if file.is_file():
            link(file, folder / file.relative_to(origin))


def link(file: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        target.symlink_to(file)
