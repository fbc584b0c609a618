"""Telling open pages: an event row for replay, and a NOTIFY that names the locality and nothing else.

Numbers are drawn before they are committed, so a reader who simply asks for "more than the last" would skip whoever
commits late. Writers therefore hold two shared advisory locks until they end: the locality's gate, and one that tells
the number they drew. A reader looks at the sequence, then at the locks, then reads up to where nobody is at work any
more. Only writers of feed events of the same locality are waited for, never a long import next door.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection

from onegrid.foundation.database.context import standing
from onegrid.foundation.database.write import write

CHANNEL: Final = "onegrid_feed"
KEEP: Final = timedelta(days=1)
GATE_LOCK: Final = 7_203
NUMBER_LOCK: Final = 7_204


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
    sql = (
        "WITH drawn AS MATERIALIZED (SELECT nextval(pg_get_serial_sequence('journal_feedevent', 'id')) AS id),"
        " told AS MATERIALIZED (SELECT id, pg_advisory_xact_lock_shared(%s + id) FROM drawn)"
        " INSERT INTO journal_feedevent (id, scope_path, departments, residents, kind, data, at)"
        " SELECT id, %s, %s::text[], %s::uuid[], %s, %s::jsonb, %s::timestamptz FROM told"
    )
    values = [
        NUMBER_LOCK << 40, scope_path, list(departments), [str(r) for r in residents], kind,
        json.dumps(data, default=str), now,
    ]  # fmt: skip
    write(
        [
            ("SELECT pg_advisory_xact_lock_shared(%s, hashtext(current_schema()))", [GATE_LOCK]),
            (sql, values),
            ("SELECT pg_notify(%s, %s)", [CHANNEL, standing().locality]),
        ]
    )


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
