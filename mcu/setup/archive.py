"""Debian's source of Asterisk, which holds PJSIP too: fetched, verified, unpacked into the cache.

Two ways, tried in this order: the archive through apt (its index is signed, the files are checked by it), and
the pinned files by their checksums from wherever they still are. Asterisk itself has a third one, an
installed package of the distribution: ``mcu/asterisk/recipe/distribution.py``.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from mcu.errors import SetupError
from mcu.setup.command import Runner
from mcu.setup.fingerprint import fingerprint
from mcu.setup.places import Places
from mcu.setup.versions import Versions

TIMEOUT = 60  # seconds without an octet from a mirror


def fetch_source(places: Places, versions: Versions, runner: Runner) -> Path:
    """The ``.dsc`` file beside the tarballs it names, fetched if it isn't there.

    Raises SetupError telling what each way said.
    """
    downloads = places.cache / f"source-{versions.asterisk}-{fingerprint([], [versions.asterisk_debian])}"
    complete = downloads / ".complete"
    if complete.is_file():
        return downloads / complete.read_text()
    downloads.mkdir(parents=True, exist_ok=True)
    said = []
    for way in (from_archive, by_checksum):
        try:
            description = way(places, versions, downloads, runner)
        except SetupError as error:
            said.append(f"{way.__name__.replace('_', ' ')}: {error}")
            continue
        complete.write_text(description.name)
        return description
    raise SetupError("the source of Asterisk could not be fetched\n  " + "\n  ".join(said))


def unpack(description: Path, tree: Path, runner: Runner) -> None:
    """Debian's source tree with its components and patches. What was at ``tree`` before is removed."""
    shutil.rmtree(tree, ignore_errors=True)
    # The files are verified already; the maintainer's own signature would need a key that is in no package here.
    runner.run("unpacking the source of Asterisk", ["dpkg-source", "--no-check", "-x", description, tree])


def release_of(tree: Path) -> str:
    """Asterisk's own version of an unpacked tree: Debian's number up to its first ``+``."""
    first = (tree / "debian/changelog").read_text().partition("\n")[0]
    found = re.match(r"asterisk \((?:\d+:)?([0-9.]+)", first)
    if not found:
        raise SetupError(f"{tree}/debian/changelog does not begin with a version of Asterisk: {first!r}")
    return found[1].rstrip(".")


def pjproject_release(tree: Path) -> str:
    """The version of the pjproject component, from its ``version.mak``."""
    text = (tree / "Xpjproject/version.mak").read_text()
    parts = [re.search(rf"PJ_VERSION_{part}\s*:=[ \t]*(\d*)", text) for part in ("MAJOR", "MINOR", "REV")]
    return ".".join(part[1] for part in parts if part and part[1])


def private_apt(places: Places, versions: Versions) -> dict[str, str]:
    """The environment that gives apt its own lists, so that the machine's package sources stay untouched.

    The archive's Release file is signed and dated; a mirror may be behind that date, so for this list alone the
    date is not checked. The signature is.
    """
    if not versions.keyring.exists():
        raise SetupError(f"{versions.keyring} is missing: install debian-archive-keyring")
    home = places.cache / "apt"
    for folder in ("lists/partial", "archives/partial", "sources.d", "preferences.d", "conf.d"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    (home / "sources.list").write_text(
        f"deb-src [signed-by={versions.keyring} check-valid-until=no] {versions.mirror} {versions.suite} main\n"
    )
    settings = {
        "Dir::State": f"{home}/",
        "Dir::State::lists": f"{home}/lists/",
        "Dir::State::status": "/var/lib/dpkg/status",
        "Dir::Cache": f"{home}/",
        "Dir::Cache::archives": f"{home}/archives/",
        "Dir::Etc::sourcelist": f"{home}/sources.list",
        "Dir::Etc::sourceparts": f"{home}/sources.d",
        "Dir::Etc::preferencesparts": f"{home}/preferences.d",
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
        "APT::Sandbox::User": "",
    }
    conf = home / "apt.conf"
    conf.write_text("".join(f'{key} "{value}";\n' for key, value in settings.items()))
    return {"APT_CONFIG": str(conf), "LC_ALL": "C"}


def newest(versions: list[str], series: str) -> str | None:
    """The newest of these Debian versions whose upstream part begins with ``series``."""

    def upstream(version: str) -> str:
        return version.partition(":")[2] or version

    best: str | None = None
    for version in versions:
        if not upstream(version).startswith(series):
            continue
        if (
            best is None
            or subprocess.run(["dpkg", "--compare-versions", version, "gt", best], check=False).returncode == 0
        ):
            best = version
    return best


def from_archive(places: Places, versions: Versions, downloads: Path, runner: Runner) -> Path:
    """Through apt. If the pinned version is gone, a newer one of the same series is taken, with a warning."""
    env = private_apt(places, versions)
    runner.run("reading Debian's list of sources", ["apt-get", "update"], env=env)
    shown = subprocess.run(
        ["apt-cache", "showsrc", "--only-source", "asterisk"],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    there = re.findall(r"^Version: (\S+)$", shown.stdout, re.MULTILINE)
    version = versions.asterisk_debian
    if version not in there:
        other = newest(there, versions.asterisk_series)
        if other is None:
            raise SetupError(
                f"the archive has asterisk {', '.join(there) or 'not at all'}, no {versions.asterisk_series}x"
            )
        runner.console.warn(
            f"the archive no longer has asterisk {version}: taking {other}, which nobody has tested yet"
        )
        version = other
    runner.run(
        "fetching the source of Asterisk",
        ["apt-get", "source", "--download-only", "--only-source", f"asterisk={version}"],
        env=env,
        cwd=downloads,
    )
    plain = version.partition(":")[2] or version
    description = downloads / f"asterisk_{plain}.dsc"
    if not description.is_file():
        raise SetupError(f"apt fetched no {description.name}")
    return description


def by_checksum(places: Places, versions: Versions, downloads: Path, runner: Runner) -> Path:
    """The pinned files by their SHA-256, from the first mirror that has each."""
    description: Path | None = None
    for name, checksum in versions.sha256.items():
        file = downloads / name
        if not (file.is_file() and sha256(file) == checksum):
            fetch(name, checksum, file, versions.mirrors_by_checksum)
        if name.endswith(".dsc"):
            description = file
    if description is None:
        raise SetupError("versions.toml pins no .dsc file")
    return description


def fetch(name: str, checksum: str, file: Path, mirrors: tuple[str, ...]) -> None:
    """One file over HTTP, kept only if its checksum is right."""
    said = []
    for mirror in mirrors:
        address = f"{mirror}/{urllib.parse.quote(name, safe='+~')}"
        partial = file.with_name(f"{file.name}.part")
        try:
            with urllib.request.urlopen(address, timeout=TIMEOUT) as reply, partial.open("wb") as out:  # noqa: S310 (pinned addresses)
                shutil.copyfileobj(reply, out)
        except (OSError, urllib.error.URLError) as error:
            said.append(f"{address}: {error}")
            continue
        if sha256(partial) == checksum:
            partial.replace(file)
            return
        partial.unlink()
        said.append(f"{address}: not the file that was pinned (its SHA-256 differs)")
    raise SetupError(f"{name} is nowhere\n    " + "\n    ".join(said))


def sha256(file: Path) -> str:
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
