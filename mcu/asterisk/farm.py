"""Folders of symbolic links: Asterisk's modules with ours, and its sounds with ours, each as one folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def links(folder: Path, targets: dict[str, Path]) -> None:
    """Make ``folder`` hold these links, name to target, and no others; what is right already stays untouched."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for entry in folder.iterdir():
        if entry.is_symlink() and targets.get(entry.name) != entry.readlink():
            entry.unlink()
    for name, target in targets.items():
        link = folder / name
        if not link.is_symlink():
            link.symlink_to(target)


def sounds(folder: Path, sources: Iterable[Path], languages: Iterable[str]) -> None:
    """One folder a language, with each sound of the first source that has it.

    A source holds folders of languages, by Asterisk's code ("vi") or by that of a Debian package ("en_US_f_Allison").
    """
    for language in languages:
        found: dict[str, Path] = {}
        for source in sources:
            for spoken in [source / language, *sorted(source.glob(f"{language}_*"))]:
                if spoken.is_dir():
                    for entry in spoken.iterdir():  # files, and folders of them ("digits")
                        found.setdefault(entry.name, entry.resolve())
        links(folder / language, found)
