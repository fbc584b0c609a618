"""Many rows at once: COPY where PostgreSQL allows it, arrays where a table lies under row-level security.

COPY FROM is refused on tables with row-level security, so protected tables take blocks of rows as one
array per column: a tenth of the cost of `bulk_create`, and every policy holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg import Cursor, sql

BLOCK = 4000
Packed = list[str]
"""A block of rows as it is sent: one array literal for each column."""


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """COPY rows into an unprotected table of the current locality, in the current transaction; returns how many.

    Table and column names come from code, values from the rows. Raises the database's error for the
    first bad row, and then none is stored.
    """
    count = 0
    with connection.cursor() as cursor, cursor.copy(_copying(table, columns)) as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


def insert_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Insert rows into any table, in blocks, in the current transaction; returns how many.

    JSON values are given as text. Raises the database's error for the first bad row.
    """
    return _send(table, columns, _packed(rows), _insertion)


def pack(rows: Iterable[Sequence[Any]]) -> list[Packed]:
    """Rows made ready for `insert_packed`: what costs this process time is done then, and the transaction is short."""
    return list(_packed(rows))


def insert_packed(table: str, columns: Sequence[str], blocks: Iterable[Packed]) -> int:
    """`insert_rows` for rows that were packed before."""
    return _send(table, columns, blocks, _insertion)


def copy_text(table: str, columns: Sequence[str], text: bytes) -> None:
    """`copy_rows` for rows that are written out already, in UTF-8 as COPY reads text: tabs between, a line for each."""
    with connection.cursor() as cursor, cursor.copy(_copying(table, columns)) as copy:
        copy.write(text)


def update_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Change rows found by their id and the version last seen, in blocks; returns how many were found so.

    Each row is its id, that version, then a value for each of `columns`; the version goes up by one. A row that
    somebody else changed meanwhile is left alone: compare the count.
    """
    return _send(table, ("id", "version", *columns), _packed(rows), _change)


def _packed(rows: Iterable[Sequence[Any]]) -> Iterator[Packed]:
    waiting = iter(rows)
    while block := list(islice(waiting, BLOCK)):
        yield [literal(column) for column in zip(*block, strict=True)]


def _send(
    table: str,
    columns: Sequence[str],
    blocks: Iterable[Packed],
    make: Callable[[str, Sequence[tuple[str, str]]], sql.Composed],
) -> int:
    count = 0
    statement: sql.Composed | None = None
    with connection.cursor() as cursor:
        for literals in blocks:
            if statement is None:
                types = _types(cursor, table, columns)
                statement = make(table, [(name, types[name]) for name in columns])
            # Bound by the server: Django's own cursor would look through megabytes of text for marks.
            with connection.wrap_database_errors, Cursor(connection.connection) as plain:
                plain.execute(statement, literals)
                count += plain.rowcount
    return count


def _insertion(table: str, columns: Sequence[tuple[str, str]]) -> sql.Composed:
    names = [name for name, _ in columns]
    return sql.SQL("insert into {} ({}) select {} from {}").format(
        sql.Identifier(table), _names(names), sql.SQL(", ").join(_taken(columns)), _given(columns)
    )


def _change(table: str, columns: Sequence[tuple[str, str]]) -> sql.Composed:
    changed = columns[2:]
    pairs = [
        sql.SQL("{} = {}").format(sql.Identifier(name), cell)
        for (name, _), cell in zip(changed, _taken(changed), strict=True)
    ]
    return sql.SQL("update {} as kept set {} from {} where kept.id = given.id and kept.version = given.version").format(
        sql.Identifier(table),
        sql.SQL(", ").join([sql.SQL("version = kept.version + 1"), *pairs]),
        _given(columns),
    )


def _given(columns: Sequence[tuple[str, str]]) -> sql.Composed:
    """One array literal for each column, unrolled side by side; a column of arrays has each of them as text."""
    arrays = [sql.SQL("%s::text::" + ("text" if kind.endswith("[]") else kind) + "[]") for _, kind in columns]
    return sql.SQL("unnest({}) as given ({})").format(sql.SQL(", ").join(arrays), _names([name for name, _ in columns]))


def _taken(columns: Sequence[tuple[str, str]]) -> list[sql.Composable]:
    return [
        sql.SQL("given.{}::" + kind).format(sql.Identifier(name))
        if kind.endswith("[]")
        else sql.SQL("given.{}").format(sql.Identifier(name))
        for name, kind in columns
    ]


def literal(values: Iterable[Any]) -> str:
    """The values as PostgreSQL writes an array, for `%s::text::bigint[]` and the like; several times quicker than a
    driver that adapts each by itself."""
    known = _CELLS
    return "{" + ",".join([known.get(type(value), _other)(value) for value in values]) + "}"


def _text(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _other(value: Any) -> str:
    if isinstance(value, list | tuple):
        return _text(literal(value))
    if isinstance(value, memoryview | bytearray):
        return _bytes(bytes(value))
    return _text(str(value))


def _bytes(value: bytes) -> str:
    return '"\\\\x' + value.hex() + '"'


_CELLS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "NULL",
    str: _text,
    int: str,
    float: repr,
    bool: lambda value: "t" if value else "f",
    bytes: _bytes,
    UUID: lambda value: value.hex,
    datetime: lambda value: '"' + value.isoformat() + '"',
    date: lambda value: value.isoformat(),
}
"""How a value is written in an array, by its type."""


def next_keys(table: str, column: str, count: int) -> list[int]:
    """Take ``count`` keys from a table's identity sequence, in rising order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select nextval(pg_get_serial_sequence(%s, %s)) from generate_series(1, %s)", [table, column, count]
        )
        return sorted(int(row[0]) for row in cursor.fetchall())


def _copying(table: str, columns: Sequence[str]) -> sql.Composed:
    return sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(table), _names(columns))


def _names(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def _types(cursor: Any, table: str, columns: Sequence[str]) -> dict[str, str]:
    """The type of each column as SQL writes it; read from the catalogue, so safe to put into a statement."""
    cursor.execute(
        "select attname, format_type(atttypid, atttypmod) from pg_attribute "
        "where attrelid = %s::regclass and attname = any(%s) and not attisdropped",
        [table, list(columns)],
    )
    return dict(cursor.fetchall())
