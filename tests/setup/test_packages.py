from __future__ import annotations

import os
from pathlib import Path

import pytest

from mcu.errors import SetupError
from mcu.setup import packages
from mcu.setup.command import Runner
from mcu.setup.packages import Wanted, choose, missing, parse


def test_the_list_is_read_with_its_conditions() -> None:
    text = """
    # a comment
    libyuv-dev                      # why
    chromium | chromium-browser (test)
    nodejs (unless node)            # JavaScript
    """
    assert parse(text) == [
        Wanted(("libyuv-dev",)),
        Wanted(("chromium", "chromium-browser"), only_tests=True),
        Wanted(("nodejs",), unless_program="node"),
    ]


@pytest.mark.parametrize("line", ["two words", "a (sometimes)", "; rm -rf /", "--reinstall", "a |", "UPPER"])
def test_a_bad_line_is_named(line: str) -> None:
    with pytest.raises(SetupError, match="line 2"):
        parse(f"good\n{line}\n")


def test_our_own_list_is_good_and_says_why() -> None:
    wanted = parse(packages.FILE.read_text())
    names = [name for one in wanted for name in one.names]
    assert {"espeak-ng", "libx264-dev", "swig"} <= set(names)
    assert len(names) == len(set(names)), "a package is listed twice"


def test_what_is_missing_depends_on_the_purpose_and_on_programs() -> None:
    wanted = parse("gcc\nbaresip (test)\nnodejs (unless node)\na | b\n")

    def lacking(installed: set[str], *, for_tests: bool, node: bool) -> list[str]:
        found = missing(wanted, installed, for_tests=for_tests, has_program=lambda name: node and name == "node")
        return [one.names[0] for one in found]

    assert lacking(set(), for_tests=True, node=False) == ["gcc", "baresip", "nodejs", "a"]
    assert lacking(set(), for_tests=False, node=True) == ["gcc", "a"]
    assert lacking({"gcc", "b"}, for_tests=False, node=True) == []


def test_the_first_name_that_can_be_had_is_chosen() -> None:
    wanted = parse("a | b\nc | d\ne\n")
    chosen, hopeless = choose(wanted, {"a", "b", "d"})
    assert chosen == ["a", "d"]
    assert hopeless == [Wanted(("e",))]


def test_this_machine_is_read() -> None:
    installed = packages.installed_packages()
    assert "dpkg" in installed
    assert not any(":" in name for name in installed)
    assert packages.available(["dpkg", "no-such-package-anywhere"]) == {"dpkg"}


def test_without_dpkg_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SetupError, match="--no-packages"):
        packages.installed_packages()


def test_without_root_and_sudo_the_command_is_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    command = ["apt-get", "install", "baresip"]
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SetupError, match="as root: apt-get install baresip"):
        packages.privileged(command)
    (tmp_path / "sudo").touch(0o755)
    assert packages.privileged(command)[0] == "sudo"
    assert packages.privileged(command)[-3:] == command


@pytest.fixture
def fake_apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """apt and dpkg that only write down how they are called; ``broken`` makes the next installation fail."""
    programs = tmp_path / "programs"
    programs.mkdir()
    note = f'#!/bin/sh\necho "$(basename $0) $*" >> {tmp_path}/calls\n'
    scripts = {
        "apt-get": f'if [ "$1" = install ] && [ -e {tmp_path}/broken ]; then rm {tmp_path}/broken; exit 100; fi',
        "apt-cache": 'shift; for name; do echo "$name:"; echo "  Candidate: 1"; done',
        "dpkg": "",
        "dpkg-query": "",
        "sudo": 'exec "$@"',
    }
    for name, script in scripts.items():
        (programs / name).write_text(note + script)
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    monkeypatch.setattr(packages, "lists_age", lambda folder, now: 0.0)
    return tmp_path


def calls(folder: Path) -> list[str]:
    lines = (folder / "calls").read_text().splitlines()
    return [line for line in lines if line.startswith(("apt-get", "dpkg ", "sudo"))]


def test_what_is_lacking_is_installed_in_one_call(fake_apt: Path, runner: Runner) -> None:
    packages.install(parse("baresip\nsip-tester\n"), runner, 0.0)
    assert len(calls(fake_apt)) == 1 + (os.geteuid() != 0)
    assert calls(fake_apt)[-1].startswith("apt-get install -y")
    assert calls(fake_apt)[-1].endswith("baresip sip-tester")


def test_an_installation_that_fails_is_mended_and_tried_once_more(fake_apt: Path, runner: Runner) -> None:
    (fake_apt / "broken").touch()
    packages.install(parse("baresip\n"), runner, 0.0)
    done = [line.split()[:2] for line in calls(fake_apt) if not line.startswith("sudo")]
    assert done == [["apt-get", "install"], ["dpkg", "--configure"], ["apt-get", "update"], ["apt-get", "install"]]


def test_what_no_source_has_is_named(fake_apt: Path, runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "available", lambda names: set())
    with pytest.raises(SetupError, match="chromium or chromium-browser"):
        packages.install(parse("chromium | chromium-browser\n"), runner, 0.0)
    assert calls(fake_apt)[-1] == "apt-get update"


def test_without_root_sudo_is_asked(fake_apt: Path, runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    packages.install(parse("baresip\n"), runner, 0.0)
    assert calls(fake_apt)[0].startswith("sudo env DEBIAN_FRONTEND=noninteractive")
    assert calls(fake_apt)[1].startswith("apt-get install")


def test_the_age_of_the_package_lists(tmp_path: Path) -> None:
    assert packages.lists_age(tmp_path, 100.0) == float("inf")
    file = tmp_path / "mirror_dists_stable_InRelease"
    file.touch()
    assert packages.lists_age(tmp_path, file.stat().st_mtime + 5) == pytest.approx(5, abs=0.01)
