"""Telling open pages: an event row, which the feed's process finds by asking.

Numbers are drawn before they are committed, so a reader who simply asks for "more than the last" would skip whoever
commits late. Writers therefore hold two shared advisory locks until they end: the locality's gate, and one that tells
the lowest number they drew. A reader looks at the sequence, then at the locks, then reads up to where nobody is at work
any more. Only writers of feed events of the same locality are waited for, never a long import next door.

There is no NOTIFY: it makes every commit of a database queue up behind one lock (ADR 12 has the figures).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection

from onegrid.foundation.database.write import write

KEEP: Final = timedelta(days=1)
GATE_LOCK: Final = 7_203
NUMBER_LOCK: Final = 7_204


@dataclass(frozen=True, slots=True)
class Telling:
    """One event for the live feed. `data` holds nothing personal: it goes to many pages."""

    data: Mapping[str, Any]
    scope_path: str
    departments: Sequence[str] = field(default=())
    residents: Sequence[UUID] = field(default=())


def announce(
    kind: str,
    data: Mapping[str, Any],
    *,
    scope_path: str,
    now: datetime,
    departments: Sequence[str] = (),
    residents: Sequence[UUID] = (),
) -> None:
    """Put an event on the live feed, in the running transaction. `data` holds nothing personal: it goes to many pages.

    Seen by hats whose scope holds `scope_path`, by the departments whose path is given (and those above), and by the
    residents given.
    """
    announce_many(kind, [Telling(data, scope_path, departments, residents)], now=now)


def announce_many(kind: str, tellings: Sequence[Telling], *, now: datetime) -> None:
    """Put events on the live feed in one statement, in the running transaction and in the given order."""
    if not tellings:
        return
    rows = [
        {"scope_path": one.scope_path, "departments": one.departments, "residents": one.residents, "data": one.data}
        for one in tellings
    ]
    values = [GATE_LOCK, len(tellings), NUMBER_LOCK << 40, kind, now, json.dumps(rows, default=str)]
    write([(INSERT, values)])


INSERT: Final = """
WITH gate AS MATERIALIZED (
    SELECT pg_advisory_xact_lock_shared(%s::int, hashtext(current_schema()))
), drawn AS MATERIALIZED (
    SELECT nextval(pg_get_serial_sequence('journal_feedevent', 'id')) AS id, place
    FROM gate, generate_series(1, %s) AS place
), told AS MATERIALIZED (
    SELECT pg_advisory_xact_lock_shared(%s + min(id)) FROM drawn
)
INSERT INTO journal_feedevent (id, scope_path, departments, residents, kind, data, at)
SELECT drawn.id, one.scope_path, one.departments, one.residents, %s, one.data, %s::timestamptz
FROM told, drawn JOIN ROWS FROM (
    json_to_recordset(%s::json) AS (scope_path text, departments text[], residents uuid[], data jsonb)
) WITH ORDINALITY AS one(scope_path, departments, residents, data, place) ON one.place = drawn.place
"""
"""Gate, numbers, lock on the lowest of them, rows: each waits for the one before because it reads from it."""

NEWEST: Final = """
SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('journal_feedevent', 'id')::regclass), 0)
"""
"""First question of a reader: the newest number drawn."""
AT_WORK: Final = f"""
SELECT count(DISTINCT gate.pid), count(DISTINCT gate.pid) FILTER (WHERE told.pid IS NULL),
    min(((told.classid::bigint & 255) << 32) | told.objid::bigint)
FROM pg_locks gate LEFT JOIN pg_locks told ON told.pid = gate.pid AND told.locktype = 'advisory'
    AND told.objsubid = 1 AND told.classid::bigint >> 8 = {NUMBER_LOCK} AND told.database = gate.database
WHERE gate.locktype = 'advisory' AND gate.objsubid = 2 AND gate.granted AND gate.classid::bigint = {GATE_LOCK}
    AND gate.objid::bigint = hashtext(current_schema())::bigint & 4294967295
    AND gate.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""  # noqa: S608
"""Second question: how many are writing, how many of them have not told a number yet, the lowest number told."""


def forget_old(now: datetime) -> int:
    """Delete events older than a day."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM journal_feedevent WHERE at < %s",
            [now - KEEP],
        )
        return int(cursor.rowcount)
