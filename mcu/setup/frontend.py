"""The web's libraries: fetched by npm from its lock file into the cache, the files that we use copied beside ours."""

from __future__ import annotations

import json
import shutil
from pathlib import Path, PurePosixPath

from mcu.errors import SetupError
from mcu.setup import cached
from mcu.setup.context import Context
from mcu.setup.fingerprint import fingerprint

VENDOR = PurePosixPath("web/static/vendor")
STAMP = ".key"


def web(context: Context) -> Path:
    return context.places.project / "web"


def wanted(context: Context) -> bool:
    return (web(context) / "package.json").is_file()


def key(context: Context) -> str:
    folder = web(context)
    return fingerprint([folder / "package.json", folder / "package-lock.json"], root=folder)


def vendor_map(file: Path) -> dict[PurePosixPath, PurePosixPath]:
    """``vendor`` of package.json: path below node_modules → path in the project.

    Raises SetupError for a path that leads elsewhere.
    """
    try:
        given = json.loads(file.read_text())["vendor"]
        pairs = {PurePosixPath(origin): PurePosixPath(target) for origin, target in given.items()}
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise SetupError(
            f'{file}: it needs "vendor", a map of files in node_modules to files in {VENDOR} ({error!r})'
        ) from error
    for origin, target in pairs.items():
        if ".." in origin.parts or origin.is_absolute() or ".." in target.parts or not target.is_relative_to(VENDOR):
            raise SetupError(f"{file}: vendor {origin} → {target}: only from node_modules to {VENDOR}")
    return pairs


def below_modules(origin: PurePosixPath) -> PurePosixPath:
    """The path below ``node_modules``, whether or not it was written with that name."""
    return origin.relative_to("node_modules") if origin.is_relative_to("node_modules") else origin


def ready(context: Context) -> bool:
    if not wanted(context):
        return True
    project = context.places.project
    stamp = project / VENDOR / STAMP
    if not stamp.is_file() or stamp.read_text() != key(context):
        return False
    return all((project / target).exists() for target in vendor_map(web(context) / "package.json").values())


def make(context: Context) -> None:
    folder, project = web(context), context.places.project
    pairs = vendor_map(folder / "package.json")
    if not (folder / "package-lock.json").is_file():
        raise SetupError(f"{folder}/package-lock.json is missing: the web's libraries are pinned by it")
    fetched = cached.find(context.places, "frontend", key(context)) or fetch(context)
    for origin, target in pairs.items():
        copy(fetched / "node_modules" / below_modules(origin), project / target)
    (project / VENDOR / STAMP).write_text(key(context))


def fetch(context: Context) -> Path:
    making = context.places.builds / f"frontend-{key(context)}"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(web(context) / name, making / name)
    context.runner.run_timed(
        "fetching the web's libraries",
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        name="frontend",
        guess=20,
        cwd=making,
    )
    return cached.publish(making, cached.home(context.places, "frontend", "1", key(context)), {})


def copy(origin: Path, target: Path) -> None:
    """A file or a folder, put in place in one rename as far as files go."""
    if origin.is_dir():
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(origin, target)
        return
    if not origin.is_file():
        raise SetupError(f"npm fetched no {origin.name}: {origin} is not there")
    target.parent.mkdir(parents=True, exist_ok=True)
    new = target.with_name(f".{target.name}.new")
    shutil.copyfile(origin, new)
    new.replace(target)
