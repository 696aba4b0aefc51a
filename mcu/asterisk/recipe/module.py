"""Our own Asterisk modules, the video router and the older codecs' format parameters, compiled against the headers of
the Asterisk that was built."""

from __future__ import annotations

import shutil
from pathlib import Path

from mcu.errors import SetupError
from mcu.setup import cached
from mcu.setup.context import Context
from mcu.setup.fingerprint import files_under, fingerprint

NAME = "res_video_router"
SOURCES = Path(__file__).parent.parent / "module"
FORMATS_NAME = "res_format_attr_h26x"  # stands beside the router
FORMATS_SOURCES = Path(__file__).parent.parent / "formats"
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
]


def sources() -> list[Path]:
    return [*files_under(SOURCES, (".c", ".h")), *files_under(FORMATS_SOURCES, (".c",))]


def key(asterisk: Path) -> str:
    """Over the sources, the flags, and the Asterisk they are compiled for (its folder's name holds its own hash)."""
    return fingerprint(sources(), [*FLAGS, asterisk.name], SOURCES.parent)


def find(context: Context, asterisk: Path) -> Path | None:
    folder = cached.find(context.places, "module", key(asterisk))
    return folder / f"{NAME}.so" if folder else None


def make(context: Context, asterisk: Path) -> Path:
    """Compile the ``.c`` files of each module's folder into one shared object; the router's path."""
    making = context.places.builds / f"module-{key(asterisk)}"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    for name, folder in ((NAME, SOURCES), (FORMATS_NAME, FORMATS_SOURCES)):
        units = files_under(folder, (".c",))
        if not units:
            raise SetupError(f"the source of {name} is missing: {folder} holds no .c file")
        flags: list[str | Path] = [*FLAGS, *_named(name), "-I", asterisk / "include", "-I", folder]
        context.runner.run(f"compiling {name}", ["gcc", *flags, "-o", making / f"{name}.so", *units])
    final = cached.home(context.places, "module", asterisk.name.split("-")[1], key(asterisk))
    return cached.publish(making, final, {"for": asterisk.name}) / f"{NAME}.so"


def _named(name: str) -> list[str]:
    """What Asterisk's own build tells a module of itself."""
    return [f'-DAST_MODULE="{name}"', f"-DAST_MODULE_SELF_SYM=__internal_{name}_self"]
