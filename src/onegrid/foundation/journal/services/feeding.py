"""Telling open pages: an event row for replay, and a NOTIFY that names the locality and nothing else."""

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
        "INSERT INTO journal_feedevent (xid, scope_path, departments, residents, kind, data, at)"
        " VALUES (pg_current_xact_id()::text::bigint, %s, %s, %s::uuid[], %s, %s, %s)"
    )
    values = [scope_path, list(departments), [str(r) for r in residents], kind, json.dumps(data, default=str), now]
    write([(sql, values), ("SELECT pg_notify(%s, %s)", [CHANNEL, standing().locality])])


def forget_old(now: datetime) -> int:
    """Delete events older than a day, and those of a former server: after a restore transaction ids begin anew."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM journal_feedevent WHERE at < %s"
            " OR xid > pg_snapshot_xmax(pg_current_snapshot())::text::bigint",
            [now - KEEP],
        )
        return int(cursor.rowcount)
