"""PJSIP with shared libraries and its pjsua2 Python binding, from the component of Debian's Asterisk source."""

from __future__ import annotations

import shutil
import sys
import sysconfig
from pathlib import Path

from mcu.errors import SetupError
from mcu.setup import archive, cached
from mcu.setup.command import count_objects, drop_newest_objects
from mcu.setup.context import Context
from mcu.setup.fingerprint import files_under, fingerprint, machine
from mcu.setup.progress import Expectation

HERE = Path(__file__).parent
GUESS = Expectation(units=330, seconds=75)  # objects, and seconds on two cores

CFLAGS = "-O2 -fPIC -DNDEBUG"
CONFIGURE = [
    "--enable-shared",
    "--enable-epoll",
    # No devices, and no codecs for pictures: those are the engine's.
    "--disable-sound",
    "--disable-sdl",
    "--disable-v4l2",
    "--disable-ffmpeg",
    "--disable-openh264",
    "--disable-vpx",
    # Stripped from Debian's source, or found by chance on one machine and not on the next.
    "--disable-ilbc-codec",
    "--disable-g7221-codec",
    "--disable-libwebrtc",
    "--disable-resample",
    "--enable-libsamplerate",
    "--disable-opencore-amr",
    "--disable-silk",
    "--disable-bcg729",
    "--disable-lyra",
    "--disable-upnp",
    "--with-external-speex",
    "--with-external-gsm",
    "--with-external-srtp",
    "--with-external-yuv",
]
# In the order in which each needs those after it.
LIBRARIES = [
    "pjsua2",
    "pjsua",
    "pjsip-ua",
    "pjsip-simple",
    "pjsip",
    "pjmedia-codec",
    "pjmedia-videodev",
    "pjmedia-audiodev",
    "pjmedia",
    "pjnath",
    "pjlib-util",
    "pj",
]
INCLUDED = ["pjlib", "pjlib-util", "pjnath", "pjmedia", "pjsip"]


def patches() -> list[Path]:
    """Applied in sorted order, with ``patch -p1`` in the root of pjproject."""
    return files_under(HERE / "patches", (".patch",))


def key(context: Context) -> str:
    """Hash over what the result depends on; the binding depends on this Python."""
    versions = context.versions
    files = [HERE / "build.py", HERE / "selftest.py", HERE / "config_site.h", *patches()]
    return fingerprint(
        files, [versions.pjsip, versions.asterisk_debian, machine(), sys.implementation.cache_tag or "?"]
    )


def prefix(context: Context) -> Path | None:
    """The finished PJSIP in the cache."""
    return cached.find(context.places, "pjsip", key(context))


def make(context: Context) -> Path:
    """Build PJSIP and pjsua2, or go on with a build that was cut off. Gives the prefix."""
    headers = Path(sysconfig.get_path("include"))
    if not (headers / "Python.h").exists():
        raise SetupError(f"{headers}/Python.h is missing: install python3-dev, or the headers of {sys.executable}")
    tree = cached.Tree(context.places.builds / f"pjsip-{key(context)}")
    return tree.complete(lambda: build(context, tree, headers), context.console)


def build(context: Context, tree: cached.Tree, headers: Path) -> Path:
    runner, source = context.runner, tree.folder / "source"
    final = cached.home(context.places, "pjsip", context.versions.pjsip, key(context))

    def unpack() -> None:
        whole = tree.folder / "asterisk"
        archive.unpack(archive.fetch_source(context.places, context.versions, runner), whole, runner)
        found = archive.pjproject_release(whole)
        if found != context.versions.pjsip:
            context.console.warn(f"the archive's pjproject is {found}, {context.versions.pjsip} was tested")
        shutil.rmtree(source, ignore_errors=True)
        (whole / "Xpjproject").rename(source)
        shutil.rmtree(whole)
        for patch in patches():
            runner.run(
                f"applying {patch.name}", ["patch", "--strip=1", "--forward", "--batch", f"--input={patch}"], cwd=source
            )
        shutil.copy(HERE / "config_site.h", source / "pjlib/include/pj/config_site.h")

    def configure() -> None:
        unpack()
        runner.run_timed(
            "configuring PJSIP",
            ["./aconfigure", f"--prefix={final}", *CONFIGURE],
            name="pjsip-configure",
            guess=20,
            cwd=source,
            env={"CFLAGS": CFLAGS, "CXXFLAGS": CFLAGS},
        )

    def compile_all() -> None:
        drop_newest_objects(source)
        for part in [*INCLUDED, "third_party"]:
            (source / part / "lib").mkdir(exist_ok=True)
        runner.run_long(
            f"compiling PJSIP {context.versions.pjsip}",
            ["make", f"-j{context.jobs}", "lib"],
            name="pjsip-make",
            guess=GUESS,
            count=lambda: count_objects(source),
            cwd=source,
            # The linker takes it as RUNPATH: each library finds the others beside itself.
            env={"LD_RUN_PATH": "$ORIGIN"},
        )

    tree.stage("configured", configure)
    tree.stage("compiled", compile_all)
    stage = tree.folder / "stage"
    made = stage / final.relative_to("/")

    def install() -> None:
        shutil.rmtree(stage, ignore_errors=True)
        runner.run("installing PJSIP", ["make", "install", f"DESTDIR={stage}"], cwd=source)
        for archive_file in (made / "lib").glob("*.a"):
            archive_file.unlink()

    tree.stage("installed", install)
    bind(context, source / "pjsip-apps/src/swig", made, headers)
    runner.run(
        "stripping PJSIP", ["strip", "--strip-debug", *(made / "lib").glob("*.so.*"), made / "lib/python/_pjsua2.so"]
    )
    runner.run(
        "trying a call through PJSIP",
        [sys.executable, HERE / "selftest.py"],
        env={"PYTHONPATH": str(made / "lib/python")},
    )
    published = cached.publish(made, final, {"pjsip": context.versions.pjsip, "python": sys.version.split()[0]})
    tree.remove()
    return published


def bind(context: Context, swig: Path, made: Path, headers: Path) -> None:
    """pjsua2 for Python: SWIG's wrapper, compiled without PJSIP's own makefiles (they want setuptools)."""
    runner, python = context.runner, made / "lib/python"
    python.mkdir(parents=True, exist_ok=True)
    wrapper = swig / "pjsua2_wrap.cpp"
    includes = [f"-I../../../{part}/include" for part in INCLUDED]
    runner.run(
        "generating the pjsua2 binding",
        ["swig", *includes, "-c++", "-w312", "-threads", "-python", "-outdir", python, "-o", wrapper, "pjsua2.i"],
        cwd=swig,
    )
    runner.run_timed(
        "compiling the pjsua2 binding",
        [
            "g++",
            "-shared",
            "-O1",
            "-fPIC",
            "-DNDEBUG",
            "-DPJ_AUTOCONF=1",
            "-DPJ_IS_BIG_ENDIAN=0",
            "-DPJ_IS_LITTLE_ENDIAN=1",
            f"-I{headers}",
            f"-I{made / 'include'}",
            wrapper,
            "-o",
            python / "_pjsua2.so",
            f"-L{made / 'lib'}",
            "-Wl,--no-as-needed",
            *(f"-l{name}" for name in LIBRARIES),
        ],
        name="pjsua2-binding",
        guess=70,
        env={"LD_RUN_PATH": "$ORIGIN/.."},
    )
