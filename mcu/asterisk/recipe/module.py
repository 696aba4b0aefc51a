"""Our own Asterisk module, the video router, compiled against the headers of the Asterisk that was built."""

from __future__ import annotations

import shutil
from pathlib import Path

from mcu.errors import SetupError
from mcu.setup import cached
from mcu.setup.context import Context
from mcu.setup.fingerprint import files_under, fingerprint

NAME = "res_video_router"
SOURCES = Path(__file__).parent.parent / "module"
FLAGS = [
    "-std=gnu11",
    "-O2",
    "-g",
    "-fPIC",
    "-shared",
    "-pthread",
    "-Wall",
    "-Wextra",
    "-Wno-unused-parameter",
    "-Wno-missing-field-initializers",  # Asterisk's own macros leave fields to zero
    "-D_GNU_SOURCE",
    f'-DAST_MODULE="{NAME}"',
    f"-DAST_MODULE_SELF_SYM=__internal_{NAME}_self",
]


def sources() -> list[Path]:
    return files_under(SOURCES, (".c", ".h"))


def key(asterisk: Path) -> str:
    """Over the sources, the flags, and the Asterisk they are compiled for (its folder's name holds its own hash)."""
    return fingerprint(sources(), [*FLAGS, asterisk.name], SOURCES)


def find(context: Context, asterisk: Path) -> Path | None:
    folder = cached.find(context.places, "module", key(asterisk))
    return folder / f"{NAME}.so" if folder else None


def make(context: Context, asterisk: Path) -> Path:
    """Compile every ``.c`` of the module's folder into one shared object."""
    units = [file for file in sources() if file.suffix == ".c"]
    if not units:
        raise SetupError(f"the source of the video router is missing: {SOURCES} holds no .c file")
    making = context.places.builds / f"module-{key(asterisk)}"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    context.runner.run(
        f"compiling {NAME}",
        ["gcc", *FLAGS, "-I", asterisk / "include", "-I", SOURCES, "-o", making / f"{NAME}.so", *units],
    )
    final = cached.home(context.places, "module", asterisk.name.split("-")[1], key(asterisk))
    return cached.publish(making, final, {"for": asterisk.name}) / f"{NAME}.so"
