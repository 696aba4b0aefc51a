"""Rows of a backup in the place of all rows that are there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import JSON, Column, Connection, MetaData, Table, insert, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.types import NullType, TypeEngine

from mcu.errors import BadRequest, ConfigError
from mcu.models import migrate
from mcu.models.database import Database
from mcu.models.tables import Base
from mcu.models.tables.base import Timestamp

KINDS: Mapping[str, type[TypeEngine[Any]]] = {"plain": NullType, "moment": Timestamp, "json": JSON}
_AT_ONCE = 500


def replace_all(database: Database, revision: str, parts: Mapping[str, Iterable[bytes]]) -> int:
    """Drop all tables, make them as they were at ``revision``, fill them, and bring them to the present version; all of
    it or nothing. ``parts``: lines by table. How many rows that were.

    Raises ConfigError for a revision that is not known, BadRequest for lines that make no sense, and Unavailable.
    """
    if revision not in migrate.versions():
        raise ConfigError("the backup was made by a newer version of this program")
    known = [table.name for table in Base.metadata.sorted_tables]  # what others refer to comes first
    if strange := sorted(parts.keys() - set(known)):
        raise BadRequest(f"the backup has a table {strange[0][:60]} that nobody knows")
    try:
        with database.connection(rebuilding=True) as connection:
            _drop_all(connection, [*known, "alembic_version"])
            migrate.run(connection, revision)
            count = sum(_fill(connection, name, iter(parts[name])) for name in known if name in parts)
            _check(connection)
            if revision != migrate.newest():
                migrate.run(connection, "head")
            _go_on_counting(connection)
    except IntegrityError as fault:
        raise BadRequest(f"the backup's rows contradict each other: {fault.orig}") from None
    return count


def _drop_all(connection: Connection, names: list[str]) -> None:
    """Ours alone: somebody may keep other tables beside them."""
    there = MetaData()
    there.reflect(connection, only=lambda name, _: name in names)
    there.drop_all(connection)


def _fill(connection: Connection, name: str, lines: Iterator[bytes]) -> int:
    kinds = json.loads(next(lines, b"null"))
    if not isinstance(kinds, dict) or not all(kind in KINDS for kind in kinds.values()):
        raise BadRequest(f"the backup is damaged: {name} has no line of columns")
    table = Table(name, MetaData(), *(Column(column, KINDS[kind]()) for column, kind in kinds.items()))
    # Rows that refer to others of the same table do so once all are there.
    within = [f.parent.name for f in Base.metadata.tables[name].foreign_keys if f.column.table.name == name]
    later, count = [], 0
    while rows := [_row(line, kinds) for line in islice(lines, _AT_ONCE)]:
        for row in rows:
            later += [(row["id"], column, row[column]) for column in within if row[column] is not None]
            row.update(dict.fromkeys(within))
        connection.execute(insert(table), rows)
        count += len(rows)
    for ident, column, value in later:
        connection.execute(update(table).where(table.c.id == ident).values({column: value}))
    return count


def _row(line: bytes, kinds: Mapping[str, str]) -> dict[str, Any]:
    values = json.loads(line)
    if not isinstance(values, list) or len(values) != len(kinds):
        raise BadRequest("the backup is damaged: a row has another number of columns")
    return {column: _value(kind, value) for (column, kind), value in zip(kinds.items(), values, strict=True)}


def _value(kind: str, value: Any) -> Any:
    if kind == "moment" and value is not None:
        return datetime.fromisoformat(value)
    return value.replace("\0", "") if isinstance(value, str) else value  # PostgreSQL's texts have no NUL


def _check(connection: Connection) -> None:
    """PostgreSQL has done so with each row."""
    if connection.dialect.name == "sqlite" and (row := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
        raise BadRequest(
            f"the backup's rows contradict each other: one of {row[0]} refers to a missing one of {row[2]}"
        )


def _go_on_counting(connection: Connection) -> None:
    """New rows of PostgreSQL get numbers after those that came in with theirs; SQLite looks for itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in Base.metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None:
            highest = f'(SELECT max("{column.name}") FROM "{table.name}")'  # noqa: S608  # names of our own
            sequence = f"pg_get_serial_sequence('{table.name}', '{column.name}')"
            connection.execute(text(f"SELECT setval({sequence}, coalesce({highest}, 1), {highest} IS NOT NULL)"))
