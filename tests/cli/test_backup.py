"""`mcu backup` and `mcu restore`, with and without a bridge that runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

from mcu import config
from mcu.models import Database, rows
from tests.cli.scripted import ScriptedControl

Run = Callable[..., Result]


def room_names(settings: config.Settings) -> list[str]:
    database = Database(settings.database_url)
    try:
        return [row.name for row in rows.rooms(database)]
    finally:
        database.close()


def test_what_was_there_comes_back(installation: config.Settings, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "mcu.tar.gz"
    made = run("backup", str(file), "--json")
    assert made.exit_code == 0, made.output
    assert json.loads(made.stdout)["path"] == str(file)
    assert file.stat().st_mode & 0o777 == 0o600
    before = room_names(installation)
    database = Database(installation.database_url)
    rows.change_room(database, "1001", name="Đổi tên")
    database.close()
    assert run("restore", str(file), input="n\n").exit_code == 1
    assert room_names(installation) == ["Đổi tên"]
    done = run("restore", str(file), "--yes")
    assert done.exit_code == 0, done.output
    assert "What was there before is kept in" in done.stdout
    assert room_names(installation) == before


def test_a_file_that_is_there_is_left(installation: config.Settings, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "mcu.tar.gz"
    file.write_text("precious")
    assert run("backup", str(tmp_path / "mcu.zip")).exit_code == 2
    refused = run("backup", str(file))
    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
    assert file.read_text() == "precious"
    assert "no backup" in run("restore", str(file), "--yes").stderr
    assert "no folder" in run("backup", str(tmp_path / "no" / "x.tar.gz")).stderr


def test_a_bridge_that_runs_makes_it_itself(scripted: ScriptedControl, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "mcu.tar.gz"
    scripted.answers["backup.make"] = {"path": str(file), "size": 1_200_000, "rows": 812}
    assert "812 rows" in run("backup", str(file)).stdout
    assert scripted.asked_last("backup.make") == {"path": str(file)}
    (tmp_path / "x").write_bytes(b"")
    refused = run("restore", str(tmp_path / "x"), "--yes")
    assert refused.exit_code == 1
    assert "stop the MCU" in refused.stderr


def test_elsewhere_it_is_for_the_other_machine(run: Run, home: Path, tmp_path: Path) -> None:
    far = ("--server", "https://127.0.0.1:1", "--token", "t")
    for words in (("backup", str(tmp_path / "b.tar.gz")), ("restore", str(tmp_path / "b.tar.gz"), "--yes")):
        result = run(*far, *words)
        assert result.exit_code == 1
        assert "own machine" in result.stderr
