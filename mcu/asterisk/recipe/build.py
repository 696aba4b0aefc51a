"""Asterisk from Debian's source, lean, into a prefix of its own in the cache; no path of the system is touched."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from pathlib import Path

from mcu.asterisk.recipe import distribution
from mcu.errors import SetupError
from mcu.setup import archive, cached
from mcu.setup.command import Runner, count_objects, drop_newest_objects
from mcu.setup.context import Context
from mcu.setup.fingerprint import fingerprint, machine
from mcu.setup.places import point
from mcu.setup.progress import Expectation

HERE = Path(__file__).parent
GUESS = Expectation(units=680, seconds=280)  # objects, and seconds on two cores

CONFIGURE = [
    "--disable-asteriskssl",  # OpenSSL is initialised by nobody else in this process
    "--with-pjproject-bundled",
    # Found by chance on one machine and not on the next: left out, so that every build is the same.
    "--without-libxslt",
    "--without-sdl",
    "--without-pwlib",
    "--without-x11",
    "--without-gtk2",
]


def key(context: Context) -> str:
    """Hash over what the result depends on."""
    versions = context.versions
    return fingerprint(
        [HERE / "build.py", HERE / "modules.txt"], [versions.asterisk, versions.asterisk_debian, machine()]
    )


def prefix(context: Context) -> Path | None:
    """The finished Asterisk in the cache."""
    if os.environ.get("MCU_ASTERISK") == "distribution":
        return distribution.adopted(context, "chosen")
    return cached.find(context.places, "asterisk", key(context)) or distribution.adopted(context, "fallback")


def make(context: Context) -> Path:
    """Build Asterisk, or go on with a build that was cut off. Gives its prefix."""
    if os.environ.get("MCU_ASTERISK") == "distribution":
        return distribution.adopt(context, "chosen")
    try:
        description = archive.fetch_source(context.places, context.versions, context.runner)
    except SetupError as error:
        if not distribution.usable():
            raise
        context.console.warn(f"{error}\n  taking the Asterisk that the distribution has installed")
        return distribution.adopt(context, "fallback")
    tree = cached.Tree(context.places.builds / f"asterisk-{key(context)}")
    return tree.complete(lambda: build(context, description, tree), context.console)


def build(context: Context, description: Path, tree: cached.Tree) -> Path:
    runner, folder = context.runner, tree.folder
    source = folder / "source"

    def home() -> Path:
        return cached.home(context.places, "asterisk", archive.release_of(source), key(context))

    def configure() -> None:
        archive.unpack(description, source, runner)
        add_components(source, folder / "externals", runner)
        runner.run_timed(
            "configuring Asterisk",
            ["./configure", f"--prefix={home()}", f"--with-externals-cache={folder / 'externals'}", *CONFIGURE],
            name="asterisk-configure",
            guess=40,
            cwd=source,
        )

    def select() -> None:
        runner.run("choosing Asterisk's modules", ["make", "menuselect.makeopts"], cwd=source)
        wanted = keep_list((HERE / "modules.txt").read_text())
        switches = [word for name in wanted for word in ("--enable", name)]
        menuselect = [source / "menuselect/menuselect"]
        runner.run("choosing Asterisk's modules", [*menuselect, "--disable-all", "menuselect.makeopts"], cwd=source)
        # BUILD_NATIVE would tie the result to this very processor.
        runner.run(
            "choosing Asterisk's modules",
            [*menuselect, *switches, "--disable", "BUILD_NATIVE", "menuselect.makeopts"],
            cwd=source,
        )
        refused = not_selected(
            wanted,
            (source / "menuselect-tree").read_text(errors="replace"),
            (source / "menuselect.makeopts").read_text(),
        )
        if refused:
            raise SetupError(
                f"Asterisk {release} can't build {', '.join(refused)}: a library is missing, or the name is gone"
            )

    def compile_all() -> None:
        drop_newest_objects(source)
        runner.run_long(
            f"compiling Asterisk {release}",
            ["make", f"-j{context.jobs}"],
            name="asterisk-make",
            guess=GUESS,
            count=lambda: count_objects(source),
            cwd=source,
        )

    tree.stage("configured", configure)  # from unpacking on: a tree that is half configured can't be configured again
    release, final = archive.release_of(source), home()
    tree.stage("selected", select)
    tree.stage("compiled", compile_all)
    stage = folder / "stage"
    shutil.rmtree(stage, ignore_errors=True)
    runner.run("installing Asterisk", ["make", "install", "install-headers", f"DESTDIR={stage}"], cwd=source)
    made = stage / final.relative_to("/")
    finish(made, final, runner)
    about = {"asterisk": release, "debian": context.versions.asterisk_debian}
    published = cached.publish(made, final, about)
    tree.remove()
    return published


def add_components(source: Path, externals: Path, runner: Runner) -> None:
    """Put Debian's components where upstream's build looks for them: Opus, and pjproject as a tarball.

    Asterisk's build unpacks ``pjproject-<version>.tar.bz2`` from the externals cache and compares its MD5 with
    the one beside its Makefile; Debian's is re-packed without the parts that aren't free, so it has another one.
    """
    for part in ("codecs", "formats"):
        shutil.copytree(source / "Xopus" / part, source / part, dirs_exist_ok=True)
    version = archive.pjproject_release(source)
    bundled = source / "third-party/pjproject"
    expected = sorted(bundled.glob("pjproject-*.tar.bz2.md5"))
    if [file.name for file in expected] != [f"pjproject-{version}.tar.bz2.md5"]:
        raise SetupError(f"Asterisk wants {[file.name for file in expected]}, the source has pjproject {version}")
    externals.mkdir(exist_ok=True)
    tarball = externals / f"pjproject-{version}.tar.bz2"
    runner.run(
        "packing pjproject for Asterisk",
        [
            "tar",
            "--create",
            "--file",
            tarball,
            "--use-compress-program=bzip2 -1",
            "--transform",
            f"s,^Xpjproject,pjproject-{version},",
            "Xpjproject",
        ],
        cwd=source,
    )
    digest = hashlib.md5(tarball.read_bytes(), usedforsecurity=False).hexdigest()
    expected[0].write_text(f"{digest}  {tarball.name}\n")


def finish(made: Path, final: Path, runner: Runner) -> None:
    """Strip debugging data (80 of 100 MB) and take away what would write outside ``MCU_HOME``."""
    modules = made / "lib/asterisk/modules"
    binaries = [
        made / "sbin/asterisk",
        *modules.glob("*.so"),
        *(file for file in (made / "lib").glob("*.so*") if not file.is_symlink()),
    ]
    runner.run("stripping Asterisk", ["strip", "--strip-debug", *binaries])
    for name in ("safe_asterisk", "autosupport", "astversion", "rasterisk"):
        (made / "sbin" / name).unlink(missing_ok=True)
    point(made / "sbin/rasterisk", Path("asterisk"))
    for name in ("etc", "var/log", "var/cache", "var/spool", "var/run"):
        shutil.rmtree(made / name, ignore_errors=True)


def keep_list(text: str) -> list[str]:
    """The names in ``modules.txt``, in order."""
    return [name for line in text.splitlines() for name in line.partition("#")[0].split()]


def not_selected(wanted: list[str], tree: str, makeopts: str) -> list[str]:
    """Which of ``wanted`` menuselect did not take.

    In ``menuselect.makeopts`` a category lists what is left out, except those that name what is on (positive
    output: compiler flags). A name whose library is missing stays in, or gets a MENUSELECT_DEPSFAILED line.
    """
    known = set(re.findall(r'<member name="([^"]+)"', tree))
    off: set[str] = set()
    on: set[str] = set()
    for line in makeopts.splitlines():
        name, _, value = line.partition("=")
        if name == "MENUSELECT_DEPSFAILED":
            off.add(value.rpartition("=")[2].strip())
        elif name == "MENUSELECT_CFLAGS":
            on.update(value.split())
        elif name.startswith("MENUSELECT_") and name != "MENUSELECT_BUILD_DEPS":
            off.update(value.split())
    return [name for name in wanted if name not in known or (name in off and name not in on)]
