"""The steps of the set-up in their order. Each says whether its result is there, and makes it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mcu.asterisk.recipe import build as asterisk
from mcu.asterisk.recipe import module
from mcu.errors import SetupError
from mcu.mixer.recipe import build as pjsip
from mcu.setup import environment, frontend, packages, sounds
from mcu.setup.context import Context
from mcu.setup.places import point


@dataclass(frozen=True)
class Step:
    """``ready`` is asked on every start and must be quick; ``make`` brings the result about."""

    name: str
    title: str
    ready: Callable[[Context], bool]
    make: Callable[[Context], None]


def _lacking(context: Context) -> list[packages.Wanted]:
    wanted = packages.parse(packages.FILE.read_text())
    return packages.missing(wanted, packages.installed_packages(), for_tests=context.for_tests)


def _install(context: Context) -> None:
    packages.install(_lacking(context), context.runner, time.time())


def _linked(context: Context, name: str, target: Path | None) -> bool:
    """Whether the thing is in the cache; then its symlink is set right as well."""
    if target is None:
        return False
    point(context.places.prefix / name, target)
    return True


def _asterisk(context: Context) -> Path:
    return asterisk.prefix(context) or needed("asterisk")


def _pjsip(context: Context) -> Path:
    return pjsip.prefix(context) or needed("pjsip")


def needed(name: str) -> Path:
    raise SetupError(f"{name} isn't built yet: run the set-up without --only, or with --only {name} first")


STEPS = [
    Step("packages", "Debian packages", lambda context: not _lacking(context), _install),
    Step(
        "asterisk",
        "Asterisk",
        lambda context: _linked(context, "asterisk", asterisk.prefix(context)),
        lambda context: point(context.places.prefix / "asterisk", asterisk.make(context)),
    ),
    Step(
        "module",
        "the video router, our module for Asterisk",
        lambda context: _linked(context, f"modules/{module.NAME}.so", module.find(context, _asterisk(context))),
        lambda context: point(
            context.places.prefix / f"modules/{module.NAME}.so", module.make(context, _asterisk(context))
        ),
    ),
    Step(
        "sounds",
        "spoken prompts",
        lambda context: _linked(context, "sounds", sounds.find(context)),
        lambda context: point(context.places.prefix / "sounds", sounds.make(context)),
    ),
    Step(
        "pjsip",
        "PJSIP and pjsua2",
        lambda context: _linked(context, "pjsip", pjsip.prefix(context)),
        lambda context: point(context.places.prefix / "pjsip", pjsip.make(context)),
    ),
    Step(
        "python",
        "the Python environment",
        lambda context: environment.ready(context, _pjsip(context)),
        lambda context: environment.make(context, _pjsip(context)),
    ),
    Step("frontend", "the web's libraries", frontend.ready, frontend.make),
]
