"""The hot path: a few plain statements, prepared once a connection, past Django's ORM and its cursor.

A prepared INSERT costs a tenth of a `save()` and is planned once. Row-level security, search path and role hold as for
everything else: the standing is put in force first.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import psycopg
from django.db import connection, models
from psycopg.types.json import Jsonb

from onegrid.foundation.database.context import standing

Statement = tuple[str, Sequence[Any]]


def write(statements: Sequence[Statement]) -> None:
    """Run `statements` in order in the running transaction, or with the rest of what is being gathered."""
    who = standing()
    wrapper: Any = connection
    if wrapper.waiting is not None:
        if wrapper.waiting and wrapper.waiting_as is not who:
            _send(wrapper)
        wrapper.waiting_as = who
        wrapper.waiting += statements
        return
    for sql, values in statements:
        _run(sql, values)


@contextmanager
def gathered() -> Iterator[None]:
    """Hold what is written inside back and send it in order, all in one turn: at the end, or before the next question.

    For the writing part of a step. An error of any statement is raised where they are sent. Nested in another it joins
    it; after an error nothing is sent.
    """
    wrapper: Any = connection
    if wrapper.waiting is not None:
        yield
        return
    wrapper.waiting = []
    try:
        yield
        if wrapper.waiting:
            _send(wrapper)
    finally:
        wrapper.waiting = None


def _send(wrapper: Any) -> None:
    with wrapper.wrap_database_errors:
        wrapper.send_waiting()


def read(sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """The rows of one plain statement in the running transaction. JSON comes as text."""
    return _run(sql, values).fetchall()


def one_at_a_time(word: str) -> None:
    """Wait for every other transaction that asked for this word; the next one waits for the end of ours."""
    read("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [word])


def turn(statements: Sequence[Statement]) -> list[list[tuple[Any, ...]]]:
    """The rows of each of some plain statements, run in order and sent in one turn; none for what returns none.

    Each sees what was committed before it ran, so a question after a lock is asked under the lock.
    """
    standing()
    wrapper: Any = connection
    with wrapper.wrap_database_errors:
        return [cursor.fetchall() if cursor.description else [] for cursor in wrapper.run_together(statements)]


def insertion(rows: Sequence[models.Model]) -> Statement:
    """One INSERT for some new rows of one model, every field prepared as `save` would (sealing included).

    Keys given by the database are left to it and not read back; columns that are empty in every row are left out.
    """
    model = type(rows[0])
    fields = model._meta.concrete_fields
    prepared = [[_value(field, row) for field in fields] for row in rows]
    filled = tuple(at for at, column in enumerate(zip(*prepared, strict=True)) if any(v is not None for v in column))
    head, marks = _shape(model, filled)
    return f"{head}{', '.join([marks] * len(rows))}", [values[at] for values in prepared for at in filled]


def number(rows: Sequence[models.Model], keys: Sequence[int] = ()) -> None:
    """Give new rows of one model their keys, from `keys` where they suffice, else drawn from the table's sequence."""
    waiting = [row for row in rows if row.pk is None]
    if not waiting:
        return
    if len(keys) < len(waiting):
        table, column = waiting[0]._meta.db_table, waiting[0]._meta.pk.column
        sql = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"
        keys = [int(key) for (key,) in read(sql, [table, column, len(waiting)])]
    for row, key in zip(waiting, keys, strict=False):
        row.pk = key


def _run(sql: str, values: Sequence[Any]) -> psycopg.Cursor[Any]:
    standing()
    wrapper: Any = connection
    with wrapper.wrap_database_errors:
        return wrapper.run_together([(sql, values)])[0]  # type: ignore[no-any-return]


@lru_cache(maxsize=512)
def _shape(model: type[models.Model], filled: tuple[int, ...]) -> tuple[str, str]:
    """What an INSERT of these columns (by position) looks like."""
    fields = model._meta.concrete_fields
    columns = ", ".join(f'"{fields[at].column}"' for at in filled)
    head = f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES '  # noqa: S608
    return head, f"({', '.join(['%s'] * len(filled))})"


def _value(field: models.Field[Any, Any], row: models.Model) -> Any:
    value = field.pre_save(row, add=True)
    if value is None:
        return None
    if isinstance(field, models.JSONField):
        return Jsonb(value, dumps=_dumps)
    return value


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
