"""Files that commands read and write. Whoever wrote one before finds it whole, or the new one whole."""

from __future__ import annotations

import base64
import binascii
import os
import sys
from pathlib import Path
from typing import Any

import click

from mcu.errors import BadRequest, Garbled

_LARGEST = 5 << 20  # octets: 200 sites are 50 kB, and the bus carries 8 MiB at most, in base64


class FilePath(click.Path):
    """One that a file can have: of another, as a line of `mcu batch` may hold, click would raise ValueError."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if "\0" in str(value):
            self.fail("a file's name has no NUL character", param, ctx)
        return super().convert(value, param, ctx)


def read(path: Path) -> bytes:
    """The file, or standard input for ``-``. Raises BadRequest that names it."""
    try:
        octets = sys.stdin.buffer.read(_LARGEST + 1) if str(path) == "-" else _bounded(path)
    except OSError as fault:
        raise BadRequest(f"{path}: {fault.strerror}") from None
    if len(octets) > _LARGEST:
        raise BadRequest(f"{path} is larger than {_LARGEST >> 20} MiB")
    return octets


def _bounded(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_LARGEST + 1)


def sheet(path: Path, form: str | None) -> dict[str, str]:
    """``text`` (of an XLSX file in base64) and ``format``, as the bus takes them."""
    chosen = form or path.suffix.lower().removeprefix(".")
    if chosen not in ("csv", "xlsx"):
        raise click.UsageError(f"{path}: is that csv or xlsx? say --format")
    octets = read(path)
    if not octets:
        raise BadRequest(f"{path} is empty")
    if chosen == "xlsx":
        return {"text": base64.b64encode(octets).decode(), "format": "xlsx"}
    # Excel puts a mark before either: "CSV UTF-8", and "Unicode text", which is UTF-16 with tabs.
    sixteen = octets[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        return {"text": octets.decode("utf-16" if sixteen else "utf-8-sig"), "format": "csv"}
    except UnicodeDecodeError as fault:
        name = "UTF-16" if sixteen else "UTF-8"
        raise BadRequest(f"{path} is no {name} (octet {fault.start}): save it as CSV UTF-8, or as XLSX") from None


def decoded(content: object) -> bytes:
    """What an answer carries in base64."""
    try:
        return base64.b64decode(str(content), validate=True)
    except (binascii.Error, ValueError):
        raise Garbled("the answer holds no file") from None


def write(path: Path, octets: bytes, mode: int = 0o644) -> None:
    """Raises BadRequest that names the file."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(octets)
        beside.replace(path)
    except OSError as fault:
        beside.unlink(missing_ok=True)
        raise BadRequest(f"{path}: {fault.strerror}") from None


def told(answer: dict[str, Any]) -> bytes:
    """A file of the answer: ``content`` in base64, or ``text``."""
    return decoded(answer["content"]) if "content" in answer else str(answer["text"]).encode()


def deliver(answer: dict[str, Any], out: Path | None, mode: int = 0o644) -> Path | None:
    """Write a file of the answer to ``out`` (a folder takes it under its own name), or to standard output.

    What is no text is never written on a terminal.
    """
    octets = told(answer)
    if out is None or str(out) == "-":
        if sys.stdout.isatty() and b"\0" in octets:
            raise click.UsageError("this is no text for a terminal: name a file with --out")
        sys.stdout.flush()
        sys.stdout.buffer.write(octets)
        sys.stdout.buffer.flush()
        return None
    path = out / Path(str(answer.get("name") or "file")).name if out.is_dir() else out
    write(path, octets, mode)
    return path
