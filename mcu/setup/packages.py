"""The Debian packages of ``packages.txt``: which are missing, and their installation."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from mcu.errors import SetupError
from mcu.setup.command import Runner
from mcu.setup.progress import Expectation

FILE = Path(__file__).with_name("packages.txt")
LINE = re.compile(r"^([a-z0-9][a-z0-9.+-]*(?:\s*\|\s*[a-z0-9][a-z0-9.+-]*)*)((?:\s*\([^)]*\))*)$")
QUIET = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}  # apt asks nothing and answers in English
STALE_LISTS = 7 * 86400  # seconds: older package lists often name versions that the mirrors have dropped


@dataclass(frozen=True)
class Wanted:
    """One line: the package under its names on different releases, and when it is needed."""

    names: tuple[str, ...]
    only_tests: bool = False
    unless_program: str = ""


def parse(text: str) -> list[Wanted]:
    """Raises SetupError with the line that can't be understood."""
    wanted = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.partition("#")[0].strip()
        if not line:
            continue
        found = LINE.match(line)
        if not found:
            raise SetupError(f"packages.txt line {number}: {raw!r} is no package")
        names = tuple(name.strip() for name in found[1].split("|"))
        only_tests, unless = False, ""
        for condition in re.findall(r"\(([^)]*)\)", found[2]):
            if condition == "test":
                only_tests = True
            elif condition.startswith("unless "):
                unless = condition.removeprefix("unless ").strip()
            else:
                raise SetupError(f"packages.txt line {number}: ({condition}) is neither (test) nor (unless program)")
        wanted.append(Wanted(names, only_tests, unless))
    return wanted


def missing(
    wanted: Iterable[Wanted],
    installed: set[str],
    *,
    for_tests: bool,
    has_program: Callable[[str], bool] = lambda name: shutil.which(name) is not None,
) -> list[Wanted]:
    """What of ``wanted`` is needed and not there."""
    return [
        one
        for one in wanted
        if (for_tests or not one.only_tests)
        and not installed.intersection(one.names)
        and not (one.unless_program and has_program(one.unless_program))
    ]


def installed_packages() -> set[str]:
    """Every installed package's name. Raises SetupError where there is no dpkg."""
    try:
        done = subprocess.run(
            ["dpkg-query", "--show", "--showformat", "${db:Status-Abbrev} ${Package}\n"],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise SetupError(
            "this set-up installs Debian packages and found no working dpkg: on another system install what "
            f"{FILE} names by hand and call the set-up with --no-packages ({error})"
        ) from error
    lines = (line.split() for line in done.stdout.splitlines())
    return {words[1].partition(":")[0] for words in lines if len(words) == 2 and words[0].startswith("ii")}


def available(names: Iterable[str]) -> set[str]:
    """Which of these packages apt could install."""
    asked = list(names)
    done = subprocess.run(
        ["apt-cache", "policy", *asked], capture_output=True, text=True, check=False, env={**os.environ, **QUIET}
    )
    found, current = set(), ""
    for line in done.stdout.splitlines():
        if line and not line.startswith(" "):
            current = line.rstrip(":")
        elif "Candidate:" in line and "(none)" not in line:
            found.add(current)
    return found


def choose(wanted: Iterable[Wanted], candidates: set[str]) -> tuple[list[str], list[Wanted]]:
    """The name to install for each package, and those of which no name can be installed."""
    chosen, hopeless = [], []
    for one in wanted:
        name = next((name for name in one.names if name in candidates), None)
        if name is None:
            hopeless.append(one)
        else:
            chosen.append(name)
    return chosen, hopeless


def lists_age(folder: Path, now: float) -> float:
    """Seconds since apt last read its package lists; infinity if it never did."""
    stamps = [entry.stat().st_mtime for entry in folder.glob("*Packages*")] + [
        entry.stat().st_mtime for entry in folder.glob("*InRelease")
    ]
    return now - max(stamps) if stamps else float("inf")


def privileged(command: list[str]) -> list[str]:
    """The command as root. Raises SetupError when there is no way to become root without being asked."""
    if os.geteuid() == 0:
        return command
    if shutil.which("sudo") is None:
        raise SetupError(
            f"packages are missing, and this is neither root nor is sudo there; as root: {' '.join(command)}"
        )
    return ["sudo", "env", *(f"{name}={value}" for name, value in QUIET.items()), *command]


def install(lacking: list[Wanted], runner: Runner, now: float) -> None:
    """Install what is lacking, reading the package lists anew only when that is needed."""
    names = [name for one in lacking for name in one.names]
    runner.console.say(f"  missing: {', '.join(one.names[0] for one in lacking)}")
    chosen, hopeless = choose(lacking, available(names))
    if hopeless or lists_age(Path("/var/lib/apt/lists"), now) > STALE_LISTS:
        runner.run("reading the package lists", privileged(["apt-get", "update"]), env=QUIET, may_ask=True)
        chosen, hopeless = choose(lacking, available(names))
    if hopeless:
        raise SetupError(
            "no package source of this machine has: "
            + ", ".join(" or ".join(one.names) for one in hopeless)
            + "\n  (is the component 'main', or 'universe' on Ubuntu, switched on?)"
        )
    command = privileged(["apt-get", "install", "-y", "--no-install-recommends", "-o", "Dpkg::Use-Pty=0", *chosen])

    def attempt() -> None:
        runner.run_long(
            f"installing {len(chosen)} packages",
            command,
            name="packages",
            env=QUIET,
            may_ask=True,
            guess=Expectation(len(chosen), 4.0 * len(chosen)),
            count=lambda: len(installed_packages().intersection(chosen)),
        )

    try:
        attempt()
    except SetupError:
        # An installation that was cut off before, or lists that name files which the mirror has replaced since:
        # mend both, and try once more.
        runner.run(
            "completing an earlier installation", privileged(["dpkg", "--configure", "-a"]), env=QUIET, may_ask=True
        )
        runner.run("reading the package lists", privileged(["apt-get", "update"]), env=QUIET, may_ask=True)
        attempt()
