"""Many rows at once: COPY on Django's own connection, and keys taken in blocks.

COPY obeys row-level security like any insert and costs a tenth of `bulk_create`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from psycopg import sql


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """COPY rows into a table of the current locality, in the current transaction; returns how many.

    Table and column names come from code, values from the rows. Raises the database's error for the
    first bad row, and then none is stored.
    """
    statement = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    count = 0
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


def next_keys(table: str, column: str, count: int) -> list[int]:
    """Take ``count`` keys from a table's identity sequence, in rising order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select nextval(pg_get_serial_sequence(%s, %s)) from generate_series(1, %s)", [table, column, count]
        )
        return sorted(int(row[0]) for row in cursor.fetchall())
