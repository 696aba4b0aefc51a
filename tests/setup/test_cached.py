from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from mcu.errors import SetupError
from mcu.setup import cached
from mcu.setup.context import Context
from mcu.setup.places import Places, point


def made(places: Places, name: str) -> Path:
    folder = places.builds / name
    (folder / "lib").mkdir(parents=True)
    return folder


def test_only_what_was_published_is_found(context: Context) -> None:
    places = context.places
    final = cached.home(places, "pjsip", "2.17", "abc")
    (final / "lib").mkdir(parents=True)  # what a copy that was cut off would leave
    assert cached.find(places, "pjsip", "abc") is None
    cached.publish(made(places, "b"), final, {"pjsip": "2.17"})
    assert cached.find(places, "pjsip", "abc") == final
    assert cached.find(places, "pjsip", "abd") is None
    assert cached.about(final)["pjsip"] == "2.17"


def test_another_version_from_the_same_recipe_is_found_too(context: Context) -> None:
    """The archive had a newer Asterisk than the pinned one."""
    final = cached.publish(made(context.places, "b"), cached.home(context.places, "asterisk", "22.99.0", "abc"), {})
    assert cached.find(context.places, "asterisk", "abc") == final


def test_a_build_that_left_nothing_is_an_error(context: Context) -> None:
    with pytest.raises(SetupError, match="left nothing"):
        cached.publish(context.places.builds / "absent", cached.home(context.places, "x", "1", "k"), {})


def test_what_nobody_used_for_a_month_is_forgotten(context: Context) -> None:
    places = context.places
    old, used, other = (
        cached.publish(made(places, key), cached.home(places, name, "1", key), {})
        for name, key in (("pjsip", "old"), ("pjsip", "used"), ("asterisk", "old"))
    )
    long_ago = time.time() - 2 * cached.KEPT
    for folder in (old, used, other):
        os.utime(folder / cached.STAMP, (long_ago, long_ago))
    assert cached.find(places, "pjsip", "used") == used
    cached.publish(made(places, "new"), cached.home(places, "pjsip", "1", "new"), {})
    assert not old.exists()
    assert used.exists()
    assert other.exists()


def test_a_tree_goes_on_where_it_stopped(tmp_path: Path) -> None:
    done: list[str] = []

    def fails() -> None:
        done.append("compile")
        raise SetupError("no")

    tree = cached.Tree(tmp_path / "tree")
    tree.stage("unpacked", lambda: done.append("unpack"))
    with pytest.raises(SetupError):
        tree.stage("compiled", fails)
    again = cached.Tree(tmp_path / "tree")
    again.stage("unpacked", lambda: done.append("unpack"))
    again.stage("compiled", lambda: done.append("compile"))
    assert done == ["unpack", "compile", "compile"]
    assert again.has("compiled")
    again.remove()
    assert not again.has("unpacked")


def test_a_tree_that_cannot_be_completed_is_started_over_once(context: Context, tmp_path: Path) -> None:
    tree = cached.Tree(tmp_path / "tree")
    tree.stage("configured", lambda: None)
    (tree.folder / "half.o").touch()
    tries: list[bool] = []

    def build() -> Path:
        tries.append((tree.folder / "half.o").exists())
        if tries[-1]:
            raise SetupError("half.o: file truncated")
        return tmp_path

    assert tree.complete(build, context.console) == tmp_path
    assert tries == [True, False]


def test_a_fresh_build_that_fails_is_not_repeated(context: Context, tmp_path: Path) -> None:
    tries: list[int] = []

    def build() -> Path:
        tries.append(1)
        raise SetupError("no")

    with pytest.raises(SetupError):
        cached.Tree(tmp_path / "tree").complete(build, context.console)
    assert len(tries) == 1


def test_a_link_is_changed_in_one_step_and_left_alone_when_right(tmp_path: Path) -> None:
    link = tmp_path / ".prefix" / "pjsip"
    point(link, tmp_path / "one")
    before = link.lstat().st_ino
    point(link, tmp_path / "one")
    assert link.lstat().st_ino == before
    point(link, tmp_path / "two")
    assert os.readlink(link) == str(tmp_path / "two")
    assert [path.name for path in link.parent.iterdir()] == ["pjsip"]


def test_where_the_cache_is() -> None:
    def cache(**environment: str) -> Path:
        return Places.from_environment(environment).cache

    assert cache(MCU_CACHE="/srv/mcu", XDG_CACHE_HOME="/x") == Path("/srv/mcu")
    assert cache(XDG_CACHE_HOME="/x") == Path("/x/mcu")
    assert cache() == Path.home() / ".cache/mcu"
    assert cache(MCU_CACHE="relative").is_absolute()
