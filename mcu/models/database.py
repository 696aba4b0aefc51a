"""Opening the database: SQLite in the home by default, PostgreSQL by its URL."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, NotSupportedError, ProgrammingError
from sqlalchemy.orm import Session, sessionmaker

from mcu.errors import BadRequest, ConfigError, Unavailable

_ADVISORY_LOCK = 0x4D4355  # PostgreSQL: any number that nobody else takes
# PostgreSQL's ProgrammingErrors that are none of a program's: no right, no table, no schema (its Appendix A).
_SHUT = ("42501", "42P01", "3F000")
_TOO_MUCH = "54"  # the class "program limit exceeded": a value too large for an index, told as an OperationalError
_BUSY_MS = 5000  # whoever wants a lock waits this long for another process's write
# PostgreSQL over a network: a machine that is gone must not hold a thread for the two hours that TCP waits (RFC 1122
# 4.2.3.6), nor the quarter of an hour that Linux sends again (tcp(7), tcp_retries2). In s; tcp_user_timeout in ms.
_AWAY = {
    "connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}  # fmt: skip
_OURS = (IntegrityError, ProgrammingError, NotSupportedError)  # faults of ours; SQLite's InterfaceError (a type), too


class Database:
    """Sessions on one database; safe for use from several threads, each with its own session."""

    def __init__(self, url: str) -> None:
        """Opens nothing yet. Raises ConfigError for a URL that SQLAlchemy does not know."""
        self.engine = _engine(url)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def session(self, *, writing: bool = False) -> Iterator[Session]:
        """Committed at the end, rolled back by an exception. Raises Unavailable if the database cannot be used, and
        BadRequest for a value that it cannot hold.

        ``writing``: what is read stays so until it is written. SQLite would refuse a write that follows a read, instead
        of waiting, if another process wrote in between; so the write lock is taken first.
        """
        with _explained(), self._sessions.begin() as session:
            if writing:
                _lock(session.connection())
            yield session

    @contextmanager
    def connection(self, *, rebuilding: bool = False) -> Iterator[Connection]:
        """A connection that holds the write lock, committed at the end. Raises Unavailable.

        ``rebuilding``: tables are dropped and made anew, or filled in any order. SQLite would take what hangs on a
        table along when it is dropped, so it does not mind foreign keys until they are checked, all at once, at the end
        (sqlite.org/lang_altertable.html, 7). PostgreSQL changes tables in their place.
        """
        with _explained(), self.engine.connect() as connection:
            relaxed = rebuilding and connection.dialect.name == "sqlite"
            if relaxed:
                connection.exec_driver_sql("PRAGMA foreign_keys = OFF")  # has no effect inside a transaction
            try:
                _lock(connection, patient=True)
                yield connection
                if relaxed and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
                    raise Unavailable(
                        f"the database: a row of {broken[0]} refers to one of {broken[2]} that is not there"
                    )
                connection.commit()
            finally:
                connection.rollback()
                if relaxed:
                    connection.exec_driver_sql("PRAGMA foreign_keys = ON")

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A connection that reads everything as it is now, whatever others write meanwhile. Raises Unavailable."""
        with _explained(), self.engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN")  # pysqlite would read each statement's own moment
            else:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            try:
                yield connection
            finally:
                connection.rollback()

    def close(self) -> None:
        self.engine.dispose()


@contextmanager
def _explained() -> Iterator[None]:
    """What would fail once more however often it is tried must not look as if the database were away."""
    try:
        yield
    except DBAPIError as fault:
        state = str(getattr(fault.orig, "sqlstate", None) or "")
        if isinstance(fault, DataError) or state.startswith(_TOO_MUCH):
            raise BadRequest(f"the database cannot hold it: {fault.orig}") from fault
        if state not in _SHUT and (isinstance(fault, _OURS) or isinstance(fault.orig, sqlite3.InterfaceError)):
            raise
        raise Unavailable(f"the database: {fault.orig}") from fault
    except (OverflowError, UnicodeEncodeError) as fault:  # of the driver, before the database was asked
        raise BadRequest(f"the database cannot hold it: {fault}") from fault


def _lock(connection: Connection, *, patient: bool = False) -> None:
    """One writer at a time over all processes, until the end of the transaction. ``patient``: for as long as it takes;
    SQLite knows its connections' own patience alone."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # pysqlite begins by itself only at the first change
    else:
        if patient:
            connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        # Parameters are hidden: what is raised goes into the log, and there are passwords among them.
        if parsed.get_backend_name() == "sqlite":
            engine = create_engine(parsed, hide_parameters=True)
        else:
            away = {name: seconds for name, seconds in _AWAY.items() if name not in parsed.query}
            engine = create_engine(parsed, hide_parameters=True, pool_pre_ping=True, connect_args=away)
    except (ArgumentError, ImportError) as fault:
        raise ConfigError(f"database {url.split('@')[-1]!r}: {fault}") from None
    if parsed.get_backend_name() == "sqlite":
        if parsed.database:
            _private_file(Path(parsed.database))
        event.listen(engine, "connect", _set_up_sqlite)
    else:
        event.listen(engine, "connect", _set_up_postgresql)
    return engine


def _private_file(path: Path) -> None:
    """It holds SIP passwords: only for its owner. SQLite gives its journal the same mode.

    One that is there is not touched: closing a file ends all locks that this process has on it (fcntl(2)), those of
    other connections too, and the next process to leave would take the journal away from under them.
    """
    if path.exists():
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return  # another process was quicker
    except OSError as fault:
        raise ConfigError(f"database {path}: {fault.strerror}") from None


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    try:
        cursor.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        cursor.execute("PRAGMA journal_mode = WAL")  # readers of the panel never wait for control's writes
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA foreign_keys = ON")
    finally:
        cursor.close()


def _set_up_postgresql(connection: Any, _record: Any) -> None:
    """Readers wait for nobody's rows, but for whoever has a whole table."""
    connection.execute(f"SET lock_timeout = {_BUSY_MS}")
    connection.commit()
