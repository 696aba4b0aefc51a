"""``python3 -m mcu.setup [--for run|test] [--only STEP]``: makes what is missing, and nothing twice."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from types import FrameType

from mcu.errors import SetupError
from mcu.setup import versions
from mcu.setup.command import Runner
from mcu.setup.context import Context
from mcu.setup.lock import only_one
from mcu.setup.places import Places
from mcu.setup.progress import Console, History, spoken
from mcu.setup.steps import STEPS, Step

INTERRUPTED = 130  # 128 + SIGINT, as shells count


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 all is there, 1 a step failed, 130 interrupted."""
    options = parser().parse_args(arguments)
    console = Console()
    signal.signal(signal.SIGTERM, _terminated)
    chosen = [
        step
        for step in STEPS
        if options.only in (None, step.name) and not (options.no_packages and step.name == "packages")
    ]
    try:
        places = Places.from_environment()
        with only_one(places.cache / "lock", console) as lock:
            runner = Runner(places.log, console, History(places.cache / "history.json"), lock)
            context = Context(places, versions.load(), runner, console, options.purpose == "test")
            made = run(chosen, context)
    except SetupError as error:
        console.say(f"\nset-up: {error}")
        return 1
    except OSError as error:
        console.say(f"\nset-up: {error}")
        return 1
    except KeyboardInterrupt:
        console.say("\nset-up: interrupted; the next one goes on where this one stopped")
        return INTERRUPTED
    if options.verbose and not made:
        console.say("set-up: nothing to do")
    return 0


def run(steps: Sequence[Step], context: Context) -> list[str]:
    """Make what isn't ready, in order. Gives the names of the steps that had something to do."""
    made: list[str] = []
    began = time.monotonic()
    for step in steps:
        if step.ready(context):
            continue
        if not made:
            context.runner.begin()
            context.console.say(f"set-up: this may take a while; everything is written to {context.runner.log}")
        context.console.say(f"set-up: {step.title}")
        start = time.monotonic()
        step.make(context)
        context.console.say(f"  done in {spoken(time.monotonic() - start)}")
        made.append(step.name)
    if made:
        context.console.say(f"set-up: all is there, after {spoken(time.monotonic() - began)}")
    return made


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="python3 -m mcu.setup", description="Makes everything the MCU needs; safe to repeat."
    )
    result.add_argument("--for", dest="purpose", choices=("run", "test"), default="run", help="what for (default: run)")
    result.add_argument("--only", metavar="STEP", choices=[step.name for step in STEPS], help="one step: %(choices)s")
    result.add_argument("--no-packages", action="store_true", help="leave the system's packages alone")
    result.add_argument("--verbose", action="store_true", help="say so when there is nothing to do")
    return result


def _terminated(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
