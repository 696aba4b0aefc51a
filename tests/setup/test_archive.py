from __future__ import annotations

import hashlib
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from mcu.errors import SetupError
from mcu.setup import archive, versions
from mcu.setup.context import Context


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and the address under which a web server shows it."""
    folder = tmp_path / "mirror"
    folder.mkdir()

    def handler(*args: Any) -> Quiet:
        return Quiet(*args, directory=str(folder))

    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_pinned_file_comes_from_the_first_mirror_that_has_the_right_one(
    mirror: tuple[Path, str], tmp_path: Path
) -> None:
    folder, address = mirror
    (folder / "bad").mkdir()
    (folder / "good").mkdir()
    name = "asterisk_22+dfsg+~cs6.dsc"
    (folder / "bad" / name).write_bytes(b"altered")
    (folder / "good" / name).write_bytes(b"right")
    checksum = hashlib.sha256(b"right").hexdigest()
    mirrors = (f"{address}/absent", f"{address}/bad", f"{address}/good")
    archive.fetch(name, checksum, tmp_path / name, mirrors)
    assert (tmp_path / name).read_bytes() == b"right"
    assert not list(tmp_path.glob("*.part"))


def test_an_altered_file_is_refused_with_all_reasons(mirror: tuple[Path, str], tmp_path: Path) -> None:
    folder, address = mirror
    (folder / "file.dsc").write_bytes(b"altered")
    with pytest.raises(SetupError) as caught:
        archive.fetch("file.dsc", "0" * 64, tmp_path / "file.dsc", (f"{address}/absent", address))
    assert "404" in str(caught.value)
    assert "SHA-256 differs" in str(caught.value)
    assert not (tmp_path / "file.dsc").exists()


def test_by_checksum_a_whole_source_is_fetched_once(mirror: tuple[Path, str], context: Context) -> None:
    folder, address = mirror
    files = {"a_1.dsc": b"description", "a_1.orig.tar.xz": b"source"}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    pinned = replace(
        context.versions,
        keyring=Path("/nonexistent.gpg"),  # the way through apt fails
        mirrors_by_checksum=(address,),
        sha256={name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    )
    description = archive.fetch_source(context.places, pinned, context.runner)
    assert description.name == "a_1.dsc"
    assert (description.parent / "a_1.orig.tar.xz").read_bytes() == b"source"
    for name in files:
        (folder / name).unlink()
    assert archive.fetch_source(context.places, pinned, context.runner) == description


def test_when_no_way_works_each_says_why(context: Context) -> None:
    pinned = replace(context.versions, keyring=Path("/nonexistent.gpg"), mirrors_by_checksum=("http://127.0.0.1:1",))
    with pytest.raises(SetupError) as caught:
        archive.fetch_source(context.places, pinned, context.runner)
    assert "/nonexistent.gpg is missing" in str(caught.value)
    assert "refused" in str(caught.value)


def test_a_newer_one_of_the_series_is_taken_by_debian_order() -> None:
    there = ["1:22.9.0~dfsg-1", "1:22.10.0~rc1-1", "1:22.10.0-1", "1:23.0.0-1", "1:20.4.0-1"]
    assert archive.newest(there, "22.") == "1:22.10.0-1"
    assert archive.newest(there, "21.") is None


def test_versions_are_read_from_the_tree(tmp_path: Path) -> None:
    (tmp_path / "debian").mkdir()
    (tmp_path / "Xpjproject").mkdir()
    changelog = tmp_path / "debian/changelog"
    changelog.write_text("asterisk (1:22.10.1+dfsg+~cs6.17.60671434-1) unstable; urgency=medium\n")
    mak = "export PJ_VERSION_MAJOR := 2\nexport PJ_VERSION_MINOR := 17\nexport PJ_VERSION_REV{}\n"
    (tmp_path / "Xpjproject/version.mak").write_text(mak.format("   :="))
    assert archive.release_of(tmp_path) == "22.10.1"
    assert archive.pjproject_release(tmp_path) == "2.17"
    (tmp_path / "Xpjproject/version.mak").write_text(mak.format(" := 3"))
    assert archive.pjproject_release(tmp_path) == "2.17.3"
    changelog.write_text("something else\n")
    with pytest.raises(SetupError, match="something else"):
        archive.release_of(tmp_path)


def test_apt_gets_lists_of_its_own_that_are_signed(context: Context) -> None:
    keyring = context.places.cache / "keyring.gpg"
    keyring.touch()
    env = archive.private_apt(context.places, replace(context.versions, keyring=keyring))
    shown = subprocess.run(["apt-config", "dump"], env=env | {"PATH": "/usr/bin:/bin"}, capture_output=True, text=True)
    said = dict(line.rstrip(";").split(" ", 1) for line in shown.stdout.splitlines() if line.endswith('";'))
    home = str(context.places.cache / "apt")
    for setting in ("Dir::State", "Dir::Cache", "Dir::Etc::sourcelist", "Dir::Etc::sourceparts"):
        assert said[setting].strip('"').startswith(home), setting
    listed = (context.places.cache / "apt/sources.list").read_text()
    assert f"signed-by={keyring}" in listed
    assert "trusted" not in listed
    assert not any("AllowUnauthenticated" in name and value != '"0"' for name, value in said.items())


def test_the_versions_file_is_whole() -> None:
    pinned = versions.load()
    upstream = pinned.asterisk_debian.partition(":")[2]
    assert upstream.startswith(pinned.asterisk)
    assert pinned.asterisk.startswith(pinned.asterisk_series)
    assert f"asterisk_{upstream}.dsc" in pinned.sha256
    assert any("Xpjproject" in name for name in pinned.sha256)
    assert all(len(checksum) == 64 for checksum in pinned.sha256.values())


def test_a_broken_versions_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "versions.toml"
    for content in ("[asterisk", "[asterisk]\nversion = '1'\n"):
        file.write_text(content)
        with pytest.raises(SetupError, match=str(file)):
            versions.load(file)
