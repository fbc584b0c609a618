"""The same world again: planted once per process and database, its rows laid out anew for every other test.

Planting reads a pack, computes and sends a hundred statements; laying its rows out again is one. Only for tests whose
transaction is rolled back: what a commit would set off is left out.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path

from django.db import connection
from support.world import World, forget, plant

from onegrid.foundation.database.context import standing

UNTOUCHED = "django_migrations"


@dataclass(frozen=True)
class _Kept:
    world: World
    rows: dict[str, str]
    """Table → its rows as JSON."""


_kept: dict[tuple[object, ...], _Kept] = {}
_tables: list[str] = []


def begin_anew() -> None:
    """The database was made anew: its sequences would give the kept rows' ids once more."""
    _kept.clear()


def planted(pack_root: Path, name: str) -> World:
    """`plant` for a test of its own (root scope, an empty locality): the same rows, the same ids within a process."""
    if not connection.savepoint_ids:
        return plant(pack_root, name)  # Nothing around this transaction: it will be committed.
    files = [(str(path), path.stat().st_mtime_ns) for path in sorted(pack_root.rglob("*")) if path.is_file()]
    key = (standing().locality, name, *files)
    if key not in _kept:
        world = plant(pack_root, name)
        _kept[key] = _Kept(_another(world), _read())
        return world
    kept = _kept[key]
    with connection.cursor() as cursor:
        again = 'INSERT INTO "{0}" SELECT * FROM json_populate_recordset(NULL::"{0}", %s::json)'
        parts = [f'"{table}_rows" AS ({again.format(table)})' for table in kept.rows]
        cursor.execute(f"WITH {', '.join(parts)} SELECT 1", list(kept.rows.values()))
    forget()
    return _another(kept.world)


def _another(world: World) -> World:
    """A world of one's own on the same pack, which nobody changes."""
    return copy.deepcopy(world, {id(world.pack): world.pack})


def _read() -> dict[str, str]:
    """What lies in the tables of the locality."""
    found: dict[str, str] = {}
    with connection.cursor() as cursor:
        if not _tables:
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
            _tables.extend(sorted(name for (name,) in cursor.fetchall() if name != UNTOUCHED))
        for table in _tables:
            cursor.execute(f'SELECT json_agg(t)::text FROM "{table}" AS t')
            (rows,) = cursor.fetchone()
            if rows:
                found[table] = rows
    return found
