"""Runs the programs of the set-up: output to the log, progress to the console, failures as sentences."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from mcu.errors import SetupError
from mcu.setup.progress import Console, Expectation, History, remaining

TAIL_LINES = 25

# What a build's output says about what is missing, as (pattern, sentence).
CLUES = [
    (r"fatal error: (\S+\.(?:h|hpp)): No such file", "the header {0} is missing: install the -dev package that has it"),
    (r"cannot find -l(\S+?):? ?(?:$|No such|collect2)", "the library lib{0} is missing: install its -dev package"),
    (r"configure: error: (.+)", "{0}"),
    (r"Unable to locate package (\S+)", "the package {0} is not in any of this machine's package sources"),
    (
        r"Package '?(\S+?)'? has no installation candidate",
        "the package {0} is not in any of this machine's package sources",
    ),
    (
        r"(?:Temporary failure resolving|Could not resolve) '?([^' ]+)",
        "no network, or no name service: {0} can't be resolved",
    ),
    (r"No matching distribution found for (\S+)", "the Python package {0} could not be found"),
    (r"No space left on device", "the disk is full"),
    (
        r"(?:virtual memory exhausted|Killed signal terminated program|fatal error: Killed)",
        "the machine ran out of memory",
    ),
    (r"Could not get lock (\S+)", "another package manager is at work ({0}): try again when it is done"),
    (r"(?:sh|bash|make)(?:\[\d+\])?: (?:\d+: )?(\S+?): (?:command )?not found", "the program {0} is missing"),
    (r"patch: \*\*\*\* (.+)|(\d+ out of \d+ hunks? (?:FAILED|failed).*)", "a patch does not fit this version: {0}"),
    (r"CMake Error[^\n]*\n\s*(Could not find [^\n]+|Could NOT find [^\n]+)", "{0}"),
]


def diagnose(output: str) -> str:
    """The likeliest cause in the output of a program that failed, or an empty string."""
    for pattern, sentence in CLUES:
        found = re.search(pattern, output, re.MULTILINE)
        if found:
            groups = [group for group in found.groups() if group]
            return sentence.format(*(group.strip() for group in groups[:1]))
    return ""


def failure(title: str, output: str, log: Path) -> SetupError:
    """What went wrong, for somebody who has never seen this recipe."""
    cause = diagnose(output)
    last = "\n".join(f"    {line}" for line in output.splitlines()[-TAIL_LINES:])
    head = f"{title} failed" + (f": {cause}" if cause else "")
    return SetupError(f"{head}\n  the last lines of {log}:\n{last}")


class Runner:
    """Runs programs one after the other and writes what they say into one log file."""

    def __init__(self, log: Path, console: Console, history: History, lock: int | None = None) -> None:
        """``lock`` is a file descriptor that children inherit: if we are killed, the lock lasts until they end too."""
        self.log = log
        self.console = console
        self.history = history
        self._kept = () if lock is None else (lock,)

    def begin(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".old.log"))
        self.log.write_text(time.strftime("set-up of %Y-%m-%d %H:%M:%S\n"))

    def last_words(self, octets: int = 4096) -> str:
        """The end of the log: where the program is that runs now."""
        with self.log.open("rb") as log:
            log.seek(max(log.seek(0, os.SEEK_END) - octets, 0))
            return log.read().decode(errors="replace")

    def run(
        self,
        title: str,
        command: Sequence[str | Path],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        watch: Callable[[float], None] | None = None,
        may_ask: bool = False,
    ) -> None:
        """Run to the end; ``watch`` is called about twice a second with the seconds since the start.

        ``may_ask``: it keeps the terminal, for sudo's question. A program that is interrupted is ended with its
        children. Raises SetupError with the cause and the last lines.
        """
        words = [str(word) for word in command]
        with self.log.open("ab") as log:
            log.write(f"\n$ {shlex.join(words)}\n".encode())
            log.flush()
            start = log.tell()
            began = time.monotonic()
            try:
                child = subprocess.Popen(
                    words,
                    cwd=cwd,
                    env={**os.environ, **(env or {})},
                    stdin=None if may_ask else subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=not may_ask,
                    pass_fds=self._kept,
                )
            except OSError as error:
                raise SetupError(f"{title} failed: the program {words[0]} can't be run ({error.strerror})") from error
            try:
                while True:
                    try:
                        status = child.wait(0.5)
                        break
                    except subprocess.TimeoutExpired:
                        if watch:
                            watch(time.monotonic() - began)
            except BaseException:
                end(child, group=not may_ask)
                raise
        if status != 0:
            with self.log.open("rb") as log:
                log.seek(start)
                output = log.read().decode(errors="replace")
            raise failure(title, output or f"{words[0]} ended with status {status} and said nothing", self.log)

    def run_long(
        self,
        title: str,
        command: Sequence[str | Path],
        *,
        name: str,
        guess: Expectation,
        count: Callable[[], int],
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        may_ask: bool = False,
    ) -> None:
        """Like ``run`` with progress: ``count()`` says how many units of work are there."""
        expected = self.history.expect(name, guess)
        before = count()
        began = time.monotonic()
        self.console.step_begins()

        def show(elapsed: float) -> None:
            done = count()
            self.console.progress(title, done / max(expected.units, 1), remaining(expected, before, done, elapsed))

        self.run(title, command, cwd=cwd, env=env, watch=show, may_ask=may_ask)
        if before == 0:
            self.history.remember(name, Expectation(max(count(), 1), time.monotonic() - began))

    def run_timed(
        self,
        title: str,
        command: Sequence[str | Path],
        *,
        name: str,
        guess: float,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        """Like ``run_long`` for a program whose work can't be counted: the clock is the progress."""
        began = time.monotonic()
        known = self.history.expect(name, Expectation(1, guess))
        self.console.step_begins()

        def show(elapsed: float) -> None:
            self.console.progress(title, elapsed / max(known.seconds, 1.0), max(known.seconds - elapsed, 1.0))

        self.run(title, command, cwd=cwd, env=env, watch=show)
        self.history.remember(name, Expectation(1, time.monotonic() - began))


def end(child: subprocess.Popen[bytes], *, group: bool) -> None:
    """End a program and, if it leads a group of its own, what it started: politely, then not."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if group:
                os.killpg(child.pid, number)
            else:
                child.send_signal(number)
        try:
            child.wait(5)
            return
        except subprocess.TimeoutExpired:
            continue


def count_objects(tree: Path) -> int:
    """Object files below ``tree``: how far a compilation is."""
    count = 0
    for _, _, names in os.walk(tree):
        count += sum(name.endswith(".o") for name in names)
    return count


def drop_newest_objects(tree: Path, seconds: float = 2.0) -> list[Path]:
    """Remove the objects written in the last ``seconds`` before a build was cut off: one may be half a file."""
    objects = [(path.stat().st_mtime, path) for path in tree.rglob("*.o")]
    if not objects:
        return []
    newest = max(stamp for stamp, _ in objects)
    doubtful = [path for stamp, path in objects if stamp >= newest - seconds]
    for path in doubtful:
        path.unlink()
    return doubtful
