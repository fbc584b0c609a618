"""The map's version: raised with every change, in the same transaction."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from onegrid.county.grids.selectors.reading import MAP
from onegrid.foundation.database.context import standing
from onegrid.foundation.database.stamps import stamp

CHANNEL = "onegrid_map"


def raise_version(now: datetime) -> int:
    """Raise the map's version and tell listeners after commit; the payload is the locality's name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into grids_mapversion (id, version, changed_at) values (1, 1, %s) "
            "on conflict (id) do update set version = grids_mapversion.version + 1, changed_at = excluded.changed_at "
            "returning version",
            [now],
        )
        row = cursor.fetchone()
        stamp(MAP)
        cursor.execute("select pg_notify(%s, %s)", [CHANNEL, standing().locality])
    return int(row[0])
