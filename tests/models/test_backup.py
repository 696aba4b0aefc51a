"""Backups: of either kind of database, into either kind, whole or not at all."""

from __future__ import annotations

import io
import json
import socket
import stat
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from mcu.config import Settings
from mcu.errors import BadRequest, ConfigError, Conflict, Unavailable
from mcu.models import Database, NoticeRow, RoomRow, attendance, backup, migrate, rows, upgrade
from tests.models import sample

Make = Callable[[str], Settings]


@pytest.fixture
def installation(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Make]:
    """A new one with its own database, SQLite or PostgreSQL."""
    urls: list[str] = []

    def make(kind: str) -> Settings:
        home = tmp_path / f"home{len(list(tmp_path.iterdir()))}"
        home.mkdir()
        if kind == "sqlite":
            return Settings(home=home)
        urls.append(request.getfixturevalue("postgresql").create())
        return Settings(home=home, database=urls[-1])

    yield make
    for url in urls:
        request.getfixturevalue("postgresql").drop(url)


def fill(settings: Settings) -> dict[str, list[dict[str, Any]]]:
    database = Database(settings.database_url)
    upgrade(database)
    with database.connection() as connection:
        put = sample.fill(connection)
    database.close()
    return put


def read(settings: Settings, put: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    database = Database(settings.database_url)
    with database.engine.connect() as connection:
        found = sample.read(connection, put)
        assert migrate.revision(connection) == migrate.newest()
    database.close()
    return found


@pytest.mark.parametrize("source", ["sqlite", "postgresql"])
@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_every_row_comes_back_into_either_kind(installation: Make, tmp_path: Path, source: str, target: str) -> None:
    here, there = installation(source), installation(target)
    put = fill(here)
    (here.home / "layouts.toml").write_text("# ours\n")
    told = backup.make(here, tmp_path / "b.tar.gz", config="/etc/mcu/mcu.toml")
    assert told["rows"] == sum(map(len, put.values()))
    assert stat.S_IMODE((tmp_path / "b.tar.gz").stat().st_mode) == 0o600
    restored = backup.restore(there, tmp_path / "b.tar.gz")
    assert (restored["rows"], restored["kept"]) == (told["rows"], "")
    assert read(there, put) == put
    assert (there.home / "layouts.toml").read_text() == "# ours\n"
    database = Database(there.database_url)
    rows.add_notice(database, at=sample.AT, level="info", code="x", text="after")  # numbers go on
    assert [notice.text for notice in rows.latest_notices(database, 9)] == ["Asterisk đi vắng", "after"]
    database.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_was_there_before_is_replaced_and_kept(installation: Make, tmp_path: Path, kind: str) -> None:
    here = installation(kind)
    put = fill(here)
    backup.make(here, tmp_path / "b.tar.gz")
    database = Database(here.database_url)
    rows.add_room(database, RoomRow(number="77", name="later"))
    database.close()
    kept = backup.restore(here, tmp_path / "b.tar.gz")["kept"]
    assert read(here, put) == put
    backup.restore(here, Path(kept))
    database = Database(here.database_url)
    assert [room.number for room in rows.rooms(database)] == ["77", "1001"]
    database.close()


def test_layouts_go_with_the_rows_both_ways(installation: Make, tmp_path: Path) -> None:
    here = installation("sqlite")
    fill(here)
    backup.make(here, tmp_path / "without.tar.gz")
    layouts = here.home / "layouts.toml"
    layouts.write_text("# ours\n")
    kept = backup.restore(here, tmp_path / "without.tar.gz")["kept"]
    assert not layouts.exists()
    backup.restore(here, Path(kept))
    assert layouts.read_text() == "# ours\n"


def test_layouts_that_cannot_be_replaced_leave_the_rows_alone(installation: Make, tmp_path: Path) -> None:
    here, there = installation("sqlite"), installation("sqlite")
    fill(here)
    (here.home / "layouts.toml").write_text("# ours\n")
    backup.make(here, tmp_path / "b.tar.gz")
    fill(there)
    database = Database(there.database_url)
    rows.add_room(database, RoomRow(number="77", name="later"))
    database.close()
    (there.home / "layouts.toml").mkdir()
    with pytest.raises(Unavailable, match=r"nothing was restored: .*layouts\.toml"):
        backup.restore(there, tmp_path / "b.tar.gz")
    database = Database(there.database_url)
    assert "77" in [room.number for room in rows.rooms(database)]
    database.close()
    assert not list(there.home.glob(".layouts*"))


def test_a_file_that_fails_at_the_last_moment_is_told_as_what_it_is(
    installation: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = installation("sqlite")
    put = fill(here)
    (here.home / "layouts.toml").write_text("# ours\n")
    backup.make(here, tmp_path / "b.tar.gz")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("mcu.models.backup.os.replace", full)
    with pytest.raises(Unavailable, match=r"all rows are restored, but .*No space left.*before-restore-"):
        backup.restore(here, tmp_path / "b.tar.gz")
    assert read(here, put) == put


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_backup_is_of_one_moment_and_holds_nobody_up(installation: Make, kind: str) -> None:
    here = installation(kind)
    fill(here)
    database = Database(here.database_url)
    with database.snapshot() as connection:
        before = connection.execute(select(func.count()).select_from(NoticeRow)).scalar_one()
        rows.add_notice(database, at=sample.AT, level="info", code="x", text="meanwhile")
        assert connection.execute(select(func.count()).select_from(NoticeRow)).scalar_one() == before
    assert attendance.under_way(database)
    database.close()


def changed(file: Path, into: Path, name: str, change: Callable[[bytes], bytes | None], *, sign: bool = False) -> Path:
    """The backup with one part changed; ``sign``: its checksum too."""
    import hashlib

    with tarfile.open(file) as old:
        parts = {m.name: old.extractfile(m).read() for m in old.getmembers()}  # type: ignore[union-attr]
    made = change(parts[name])
    if made is None:
        del parts[name]
    else:
        parts[name] = made
    if sign:
        manifest = json.loads(parts["manifest.json"])
        manifest["parts"][name] = hashlib.sha256(parts[name]).hexdigest()
        parts["manifest.json"] = json.dumps(manifest).encode()
    with tarfile.open(into, "w:gz") as new:
        for part, octets in parts.items():
            about = tarfile.TarInfo(part)
            about.size = len(octets)
            new.addfile(about, io.BytesIO(octets))
    return into


def with_manifest(**values: Any) -> Callable[[bytes], bytes]:
    return lambda octets: json.dumps({**json.loads(octets), **values}).encode()


@pytest.mark.parametrize(
    ("name", "change", "sign", "error"),
    [
        ("rows/rooms.jsonl", lambda octets: octets.replace(b"1001", b"1002"), False, BadRequest),
        ("rows/rooms.jsonl", lambda octets: None, False, BadRequest),
        ("rows/rooms.jsonl", lambda octets: b"", True, BadRequest),
        ("rows/rooms.jsonl", lambda octets: octets + b"[1]\n", True, BadRequest),
        ("rows/rooms.jsonl", lambda octets: octets + b"{", True, BadRequest),
        (
            "rows/rooms.jsonl",
            lambda octets: octets.splitlines(keepends=True)[0],
            True,
            BadRequest,
        ),  # others refer to it
        ("manifest.json", lambda octets: None, False, BadRequest),
        ("manifest.json", lambda octets: b"[]", False, BadRequest),
        ("manifest.json", lambda octets: b"{", False, BadRequest),
        ("manifest.json", with_manifest(format=2), False, ConfigError),
        ("manifest.json", with_manifest(revision="9999"), False, ConfigError),
        ("manifest.json", with_manifest(rows={"../../etc/passwd": 1}), False, BadRequest),
        ("manifest.json", with_manifest(rows=None), False, BadRequest),
    ],
)
def test_a_damaged_backup_changes_nothing(
    installation: Make, tmp_path: Path, name: str, change: Any, sign: bool, error: type[Exception]
) -> None:
    here = installation("sqlite")
    put = fill(here)
    backup.make(here, tmp_path / "b.tar.gz")
    wrong = changed(tmp_path / "b.tar.gz", tmp_path / "wrong.tar.gz", name, change, sign=sign)
    with pytest.raises(error):
        backup.restore(here, wrong)
    assert read(here, put) == put


@pytest.mark.parametrize("octets", [b"", b"no archive", b"\x1f\x8b\x08" + b"\0" * 40])
def test_what_is_no_backup(installation: Make, tmp_path: Path, octets: bytes) -> None:
    (tmp_path / "x").write_bytes(octets)
    for file in (tmp_path / "x", tmp_path / "missing", tmp_path):
        with pytest.raises(BadRequest):
            backup.restore(installation("sqlite"), file)


def test_half_a_backup(installation: Make, tmp_path: Path) -> None:
    here = installation("sqlite")
    put = fill(here)
    backup.make(here, tmp_path / "b.tar.gz")
    whole = (tmp_path / "b.tar.gz").read_bytes()
    for size in range(20, len(whole), 397):
        (tmp_path / "half").write_bytes(whole[:size])
        with pytest.raises(BadRequest):
            backup.restore(here, tmp_path / "half")
    assert read(here, put) == put


def test_nothing_is_overwritten(installation: Make, tmp_path: Path) -> None:
    here = installation("sqlite")
    fill(here)
    (tmp_path / "b").write_bytes(b"mine")
    with pytest.raises(Conflict):
        backup.make(here, tmp_path / "b")
    with pytest.raises(BadRequest):
        backup.make(here, tmp_path / "nowhere" / "b")
    assert (tmp_path / "b").read_bytes() == b"mine"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_not_while_control_runs(installation: Make, tmp_path: Path) -> None:
    here = installation("sqlite")
    fill(here)
    backup.make(here, tmp_path / "b.tar.gz")
    here.run_dir.mkdir()
    with socket.socket(socket.AF_UNIX) as control:
        control.bind(str(here.control_socket))
        control.listen()
        with pytest.raises(Conflict, match="control is running"):
            backup.restore(here, tmp_path / "b.tar.gz")
    backup.restore(here, tmp_path / "b.tar.gz")  # it died and left its socket


def test_one_of_an_earlier_version_is_brought_to_this_one(
    installation: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the program of then would have made it: its tables, its revision."""
    here = installation("sqlite")
    put = fill(here)
    backup.make(here, tmp_path / "b.tar.gz")
    old = {"rooms": put["rooms"][0], "users": put["users"][0]}
    older = {"guests", "open", "locked", "number", "name", "layout", "created_at", "pin"}

    def room(octets: bytes) -> bytes:
        kinds, row = (json.loads(line) for line in octets.splitlines())
        keep = [n for n, column in enumerate(kinds) if column in older]
        kinds = {column: kind for column, kind in kinds.items() if column in older}
        return json.dumps(kinds).encode() + b"\n" + json.dumps([row[n] for n in keep]).encode()

    first = changed(tmp_path / "b.tar.gz", tmp_path / "1", "rows/rooms.jsonl", room, sign=True)
    second = changed(first, tmp_path / "2", "manifest.json", with_manifest(revision="0004", rows={"rooms": 1}))
    there = installation("sqlite")
    backup.restore(there, second)
    (found,) = read(there, {"rooms": put["rooms"]})["rooms"]
    assert {key: found[key] for key in older} == {key: old["rooms"][key] for key in older}
    assert found["entry"] == "anyone"
