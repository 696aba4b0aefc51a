from __future__ import annotations

import json
from pathlib import Path

import pytest

from mcu.errors import SetupError
from mcu.setup import cached, frontend
from mcu.setup.context import Context


def describe(context: Context, vendor: object) -> Path:
    folder = context.places.project / "web"
    folder.mkdir(exist_ok=True)
    (folder / "package.json").write_text(json.dumps({"name": "x", "vendor": vendor}))
    (folder / "package-lock.json").write_text("{}")
    return folder / "package.json"


def fetched(context: Context) -> Path:
    """What npm would have left in the cache."""
    made = context.places.builds / "frontend"
    (made / "node_modules/jssip/dist").mkdir(parents=True)
    (made / "node_modules/jssip/dist/jssip.min.js").write_text("jssip")
    (made / "node_modules/icons").mkdir()
    (made / "node_modules/icons/a.svg").write_text("a")
    return cached.publish(made, cached.home(context.places, "frontend", "1", frontend.key(context)), {})


def test_without_a_package_file_there_is_nothing_to_do(context: Context) -> None:
    assert frontend.ready(context)


def test_files_and_folders_are_copied_and_missed_when_gone(context: Context) -> None:
    vendor = {
        "jssip/dist/jssip.min.js": "web/static/vendor/jssip.js",
        "node_modules/icons": "web/static/vendor/icons",
    }
    describe(context, vendor)
    fetched(context)
    assert not frontend.ready(context)
    frontend.make(context)
    copied = context.places.project / "web/static/vendor"
    assert (copied / "jssip.js").read_text() == "jssip"
    assert (copied / "icons/a.svg").read_text() == "a"
    assert frontend.ready(context)
    (copied / "jssip.js").unlink()
    assert not frontend.ready(context)


def test_another_lock_file_means_again(context: Context) -> None:
    file = describe(context, {"icons": "web/static/vendor/icons"})
    fetched(context)
    frontend.make(context)
    file.with_name("package-lock.json").write_text('{"lockfileVersion": 3}')
    assert not frontend.ready(context)


@pytest.mark.parametrize(
    "vendor",
    [None, ["a"], {"a": 3}, {"a": "web/app.py"}, {"a": "web/static/vendor/../../app.py"},
     {"../a": "web/static/vendor/a"}, {"/etc/passwd": "web/static/vendor/a"}],
)  # fmt: skip
def test_a_map_that_leads_elsewhere_is_refused(context: Context, vendor: object) -> None:
    with pytest.raises(SetupError, match=r"package\.json"):
        frontend.vendor_map(describe(context, vendor))


def test_what_npm_did_not_bring_is_named(context: Context) -> None:
    describe(context, {"absent/x.js": "web/static/vendor/x.js"})
    fetched(context)
    with pytest.raises(SetupError, match=r"x\.js"):
        frontend.make(context)


def test_a_missing_lock_file_is_named(context: Context) -> None:
    describe(context, {}).with_name("package-lock.json").unlink()
    with pytest.raises(SetupError, match=r"package-lock\.json is missing"):
        frontend.make(context)
