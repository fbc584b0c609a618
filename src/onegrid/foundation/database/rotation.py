"""Sealing everything anew under the newest key: every sealed column of every table, in small transactions.

Nothing is remembered about how far one came: a cell says itself under which key and algorithm it lies, so after a kill
the next run finds what is left. Runs as the owner, since what may only be added may still need another seal. Blind
indexes have a key of their own, which does not change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.apps import apps
from django.db import connection, models
from psycopg import sql

from onegrid.foundation.database import fields
from onegrid.foundation.database.fields import EncryptedText
from onegrid.foundation.kernel import sealed

BLOCK: Final = 500
"""Rows of one transaction."""


@dataclass(frozen=True)
class Sealed:
    """One table with sealed columns."""

    model: type[models.Model]
    columns: tuple[str, ...]

    @property
    def table(self) -> str:
        """Its name in the database."""
        return self.model._meta.db_table


@dataclass(frozen=True)
class Count:
    """How many cells of a column lie under a key and algorithm."""

    table: str
    column: str
    algorithm: str
    key: int
    cells: int


@dataclass(frozen=True)
class Step:
    """One block done: the last row looked at (None: the table is through) and how many rows were sealed anew."""

    after: Any
    rows: int


def tables() -> tuple[Sealed, ...]:
    """Every table that holds sealed values, by name."""
    found = [
        Sealed(model, tuple(str(one.column) for one in model._meta.concrete_fields if isinstance(one, EncryptedText)))
        for model in apps.get_models()
    ]
    return tuple(sorted((one for one in found if one.columns), key=lambda one: one.table))


def count(one: Sealed) -> Iterator[Count]:
    """What lies under which key, counted in the locality in force."""
    names = {number: name for name, number in sealed.ALGORITHMS.items()}
    for column in one.columns:
        with connection.cursor() as cursor:
            cursor.execute(
                sql.SQL(
                    "SELECT get_byte({c}, 1), get_byte({c}, 2) * 256 + get_byte({c}, 3), count(*) FROM {t}"
                    " WHERE octet_length({c}) > 4 GROUP BY 1, 2 ORDER BY 1, 2"
                ).format(c=sql.Identifier(column), t=sql.Identifier(one.table))
            )
            for algorithm, key, cells in cursor.fetchall():
                yield Count(one.table, column, names.get(algorithm, str(algorithm)), int(key), int(cells))


def newest() -> tuple[str, int]:
    """Algorithm and key that new values are sealed with."""
    ring = fields.ring()
    return ring.algorithm, ring.newest


def step(one: Sealed, after: Any = None) -> Step:
    """Seal the next block of a table anew, in the running transaction. Rows somebody holds are left for a later pass.

    Raises `CannotOpen` for a cell no key of the ring opens: a lost key is not passed over in silence.
    """
    ring = fields.ring()
    head = bytes((sealed.VERSION, sealed.ALGORITHMS[ring.algorithm])) + ring.newest.to_bytes(2, "big")
    key = str(one.model._meta.pk.column)
    old = sql.SQL(" OR ").join(
        sql.SQL("substring({} FROM 1 FOR 4) <> {}").format(sql.Identifier(column), sql.Placeholder())
        for column in one.columns
    )
    beyond = (
        sql.SQL("{} > {} AND ").format(sql.Identifier(key), sql.Placeholder()) if after is not None else sql.SQL("")
    )
    chosen = sql.SQL("SELECT {} FROM {} WHERE {}({}) ORDER BY {} LIMIT {} FOR UPDATE SKIP LOCKED").format(
        sql.SQL(", ").join(sql.Identifier(name) for name in (key, *one.columns)),
        sql.Identifier(one.table), beyond, old, sql.Identifier(key), sql.Literal(BLOCK),
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(chosen, [*([after] if after is not None else []), *[head] * len(one.columns)])
        rows = cursor.fetchall()
        if not rows:
            return Step(None, 0)
        change = sql.SQL("UPDATE {} SET {} WHERE {} = {}").format(
            sql.Identifier(one.table),
            sql.SQL(", ").join(sql.SQL("{} = {}").format(sql.Identifier(c), sql.Placeholder()) for c in one.columns),
            sql.Identifier(key), sql.Placeholder(),
        )  # fmt: skip
        cursor.executemany(change, [[*_anew(one, ring, row), row[0]] for row in rows])
    return Step(rows[-1][0], len(rows))


def _anew(one: Sealed, ring: sealed.KeyRing, row: tuple[Any, ...]) -> Iterator[bytes | None]:
    """The sealed cells of a row under the newest key."""
    for column, value in zip(one.columns, row[1:], strict=True):
        if value is None:
            yield None
            continue
        label = sealed.row_label(one.table, column, str(row[0]))
        yield sealed.seal(ring, sealed.unseal(ring, bytes(value), label), label)
