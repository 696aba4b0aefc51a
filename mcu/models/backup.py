"""All that an installation knows in one file, and back again, into either kind of database.

A .tar.gz of: ``manifest.json`` (format, version, the tables' revision, SHA-256 of every other part),
``rows/<table>.jsonl`` (a line of columns and their kinds, then a line a row) and ``layouts.toml`` where there is one.
The rows are those of one moment: a read transaction sees the database as it was when it began, in SQLite's WAL as in
PostgreSQL, and holds no writer up. A copy of SQLite's file would do the same, and could not be read into PostgreSQL.
Passwords are in it: the file is for its owner only.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import socket
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import JSON, Connection, Table, select

from mcu import __version__
from mcu.config import Settings
from mcu.errors import BadRequest, ConfigError, Conflict, Unavailable
from mcu.models import migrate
from mcu.models.database import Database
from mcu.models.restoring import KINDS, replace_all
from mcu.models.tables import Base
from mcu.models.tables.base import Timestamp

FORMAT = 1
LAYOUTS = "layouts.toml"
_MANIFEST = "manifest.json"
_IN_MEMORY = 4 << 20  # octets of a part, before it goes to a file
_ROWS_AT_ONCE = 1000


def make(settings: Settings, file: Path, database: Database | None = None, config: str = "") -> dict[str, Any]:
    """Write ``file``, which must not be there yet. ``database``: the one that is open, if one is; ``config``: the name
    of the configuration file, which is told in the backup and is no part of it. What is in it: ``{"path", "size",
    "sha256", "rows", "revision"}``.

    Raises Conflict if the file is there, BadRequest if it cannot be written, and Unavailable."""
    if file.exists():
        raise Conflict(f"{file} is there already")
    used = database or Database(settings.database_url)
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with open(os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as out:
            with tarfile.open(fileobj=out, mode="w:gz") as archive:
                told = _write(archive, used, settings.home, config)
            out.flush()
            os.fsync(out.fileno())
            out.seek(0)
            digest = hashlib.file_digest(out, "sha256").hexdigest()
            size = out.seek(0, os.SEEK_END)
        os.link(fresh, file)  # fails where renaming would write over another one
    except FileExistsError:
        raise Conflict(f"{file} is there already") from None
    except OSError as fault:
        raise BadRequest(f"{file}: {fault.strerror}") from None
    finally:
        fresh.unlink(missing_ok=True)
        if database is None:
            used.close()
    return {"path": str(file), "size": size, "sha256": digest, **told}


def restore(settings: Settings, file: Path) -> dict[str, Any]:
    """Put what ``file`` holds in the place of all that is there, in one transaction: ``{"rows", "revision", "made_at",
    "kept"}``, where ``kept`` is the backup that was made of what was there before, or empty.

    Raises Conflict while control runs, BadRequest for what is no backup or a damaged one, ConfigError for one of a
    newer version, and Unavailable, which says so if the rows are restored and the layouts are not."""
    if _control_runs(settings.control_socket):
        raise Conflict("control is running: stop the MCU first")
    layouts, fresh = settings.home / LAYOUTS, settings.home / f".{LAYOUTS}.{os.getpid()}"
    try:
        with tarfile.open(file, "r:gz") as archive:
            manifest = _manifest(archive)
            octets = b"".join(_part(archive, LAYOUTS)) if LAYOUTS in manifest["parts"] else None
            database = Database(settings.database_url)
            try:
                kept = _keep(settings, database)
                _put_aside(layouts, fresh, octets)
                parts = {name: _part(archive, f"rows/{name}.jsonl") for name in manifest["rows"]}
                rows = replace_all(database, str(manifest["revision"]), parts)
            finally:
                database.close()
        _replace(layouts, fresh if octets is not None else None, kept)
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, KeyError) as fault:
        raise BadRequest(f"{file} is no backup that can be read: {fault}") from None
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
    return {"rows": rows, "revision": manifest["revision"], "made_at": manifest["made_at"], "kept": kept}


# --- out --------------------------------------------------------------------------------------------------------------


def _write(archive: tarfile.TarFile, database: Database, home: Path, config: str) -> dict[str, Any]:
    parts: dict[str, str] = {}
    counts: dict[str, int] = {}
    with database.snapshot() as connection:
        revision = migrate.revision(connection)
        if revision != migrate.newest():
            raise ConfigError("the database is of another version: start the MCU once, which brings it to this one")
        for table in Base.metadata.sorted_tables:
            with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as part:
                counts[table.name] = _dump(connection, table, part)
                parts[f"rows/{table.name}.jsonl"] = _add(archive, f"rows/{table.name}.jsonl", part)
    if (home / LAYOUTS).is_file():
        parts[LAYOUTS] = _add(archive, LAYOUTS, io.BytesIO((home / LAYOUTS).read_bytes()))
    manifest = {
        "format": FORMAT,
        "program": __version__,
        "revision": revision,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "database": database.engine.dialect.name,
        "config": config,
        "rows": counts,
        "parts": parts,
    }
    _add(archive, _MANIFEST, io.BytesIO(json.dumps(manifest, indent=1).encode()))
    return {"rows": sum(counts.values()), "revision": revision}


def _dump(connection: Connection, table: Table, out: IO[bytes]) -> int:
    kinds = {column.name: _kind(column.type) for column in table.columns}
    out.write(json.dumps(kinds).encode() + b"\n")
    count = 0
    for row in connection.execute(select(table).execution_options(yield_per=_ROWS_AT_ONCE)):
        values = [_plain(value) for value in row]
        out.write(json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        count += 1
    return count


def _kind(column: Any) -> str:
    kind = "moment" if isinstance(column, Timestamp) else "json" if isinstance(column, JSON) else "plain"
    assert kind in KINDS
    return kind


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _add(archive: tarfile.TarFile, name: str, part: Any) -> str:
    """The part's SHA-256."""
    part.seek(0, os.SEEK_END)
    about = tarfile.TarInfo(name)
    about.size, about.mode, about.mtime = part.tell(), 0o600, int(datetime.now(UTC).timestamp())
    part.seek(0)
    digest = hashlib.sha256()
    while octets := part.read(1 << 16):
        digest.update(octets)
    part.seek(0)
    archive.addfile(about, part)
    return digest.hexdigest()


# --- in ---------------------------------------------------------------------------------------------------------------


def _manifest(archive: tarfile.TarFile) -> dict[str, Any]:
    """After everything was compared with its checksum."""
    manifest = json.loads(b"".join(_part(archive, _MANIFEST)))
    if not isinstance(manifest, dict) or not all(isinstance(manifest.get(key), dict) for key in ("parts", "rows")):
        raise BadRequest("this is no backup of an MCU")
    if manifest.get("format") != FORMAT:
        raise ConfigError("the backup was made by another version of this program")
    for name, wanted in manifest["parts"].items():
        digest = hashlib.sha256()
        for octets in _part(archive, name):
            digest.update(octets)
        if digest.hexdigest() != wanted:
            raise BadRequest(f"the backup is damaged: {str(name)[:60]} is not as it was written")
    if missing := [name for name in manifest["rows"] if f"rows/{name}.jsonl" not in manifest["parts"]]:
        raise BadRequest(f"the backup is damaged: {missing[0][:60]} is missing")
    while archive.fileobj is not None and archive.fileobj.read(65536):
        pass  # to the end: one that was cut in the padding behind its last part was not written whole either
    return manifest


def _part(archive: tarfile.TarFile, name: str) -> Iterator[bytes]:
    """Line by line. Nothing is ever written under a name that the archive says."""
    part = archive.extractfile(name)
    if part is None:
        raise BadRequest(f"the backup is damaged: {name[:60]} is no file")
    yield from part


def _put_aside(layouts: Path, fresh: Path, octets: bytes | None) -> None:
    """All that may go wrong with a file goes wrong here, before any row is replaced. Raises Unavailable."""
    try:
        if layouts.is_dir():
            raise IsADirectoryError(errno.EISDIR, "it is a folder")
        if octets is not None:
            with open(fresh, "wb") as out:
                out.write(octets)
                out.flush()
                os.fsync(out.fileno())
    except OSError as fault:
        raise Unavailable(f"nothing was restored: {layouts} cannot be replaced: {fault.strerror}") from None


def _replace(layouts: Path, fresh: Path | None, kept: str) -> None:
    """Where the backup has no layouts, those that are there go, for they are in what was kept. Raises Unavailable."""
    try:
        if fresh is not None:
            os.replace(fresh, layouts)
        elif kept:
            layouts.unlink(missing_ok=True)
    except OSError as fault:
        before = f"; what was there before is in {kept}" if kept else ""
        raise Unavailable(
            f"all rows are restored, but {layouts} is as it was, for it cannot be replaced: {fault.strerror}{before}"
        ) from None


def _keep(settings: Settings, database: Database) -> str:
    """What is there now, as a backup beside the database; empty for a new installation."""
    try:
        settings.home.mkdir(parents=True, exist_ok=True)  # of a new machine, whose rows come from PostgreSQL elsewhere
    except OSError as fault:
        raise Unavailable(f"nothing was restored: {settings.home}: {fault.strerror}") from None
    with database.connection() as connection:
        revision = migrate.revision(connection)
    if revision is None:
        return ""
    migrate.upgrade(database)
    file = settings.home / f"before-restore-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}.tar.gz"
    return str(make(settings, file, database)["path"])


def _control_runs(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        except OSError as fault:
            raise Unavailable(f"{path}: {fault.strerror}") from None
        return True
