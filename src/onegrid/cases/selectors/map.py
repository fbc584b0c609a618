"""Cases as points of a map window; counted together in squares when there are too many to draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import connection

from onegrid.cases.permissions import Actor
from onegrid.cases.selectors import searching, walking
from onegrid.cases.selectors.queue import CaseQuery, narrowed
from onegrid.cases.selectors.tabs import OVER
from onegrid.cases.selectors.walking import Part, Walk
from onegrid.cases.selectors.words import due_state

POINTS = 1500
"""More points than this are counted together: a page cannot draw them, a person cannot read them."""
SQUARES_ACROSS_TILE = 8
SHOWN = ("id", "lon", "lat", "status", "due_at", "warn_at", "paused")


def map_points(actor: Actor, query: CaseQuery, *, zoom: float, now: datetime) -> dict[str, Any]:
    """The open cases of a window. Where others were asked for, the newest `POINTS` of them: a map of ten years is one
    dark spot. `left_out` says what of the list is not among them: `closed`, `older` or nothing."""
    walk = narrowed(actor, replace(query, sort="-reported"), now=now)
    left_out = ""
    if not query.status and query.tab == "all" and not query.measure:
        left_out = "" if walk.bounded else "closed"
        walk = replace(walk, base=walk.base & Part("cases_case.status <> 'rated'"), bounded=True)
    walk = replace(walk, base=walk.base & Part("cases_case.lon IS NOT NULL AND cases_case.lat IS NOT NULL"))
    if walk.bounded and not query.q:
        return {**_open(walk, zoom, now), "left_out": left_out}
    found = searching.read(walk, query.q, None, POINTS) if query.q else walking.read(walk, None, POINTS)
    ids = walking.in_sight() & Part("cases_case.id = ANY(%s)", ([key[-1] for key in found.keys],))
    if len(found.keys) == POINTS or found.looked:
        left_out = "older"
    return {"points": [_point(row, now) for row in _rows(ids, POINTS)], "clustered": False, "left_out": left_out}


def _open(walk: Walk, zoom: float, now: datetime) -> dict[str, Any]:
    found = _rows(walk.fits, POINTS + 1)
    if len(found) > POINTS:
        return {"points": _squares(walk.fits, zoom), "clustered": True}
    return {"points": [_point(row, now) for row in found], "clustered": False}


def _rows(fits: Part, most: int) -> list[Sequence[Any]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(SHOWN)} FROM cases_case WHERE {fits.sql} LIMIT %s",  # noqa: S608
            [*fits.values, most],
        )
        return list(cursor.fetchall())


def _point(row: Sequence[Any], now: datetime) -> dict[str, Any]:
    id, lon, lat, status, due_at, warn_at, paused = row
    state = "closed" if status in OVER else due_state(due_at, warn_at, paused=paused, now=now)
    return {"id": str(id), "lon": lon, "lat": lat, "state": state, "status": status, "count": 1}


def _squares(fits: Part, zoom: float) -> list[dict[str, Any]]:
    """Counts in squares an eighth of a tile wide at this zoom, each at the middle of its cases."""
    side = 360 / 2 ** min(zoom, 20) / SQUARES_ACROSS_TILE
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT floor(lon / %s::float8) AS across, floor(lat / %s::float8) AS up, count(*), avg(lon), avg(lat),"  # noqa: S608
            f" max(status) FROM cases_case WHERE {fits.sql} GROUP BY across, up ORDER BY count(*) DESC LIMIT %s",
            [side, side, *fits.values, POINTS],
        )
        squares = cursor.fetchall()
    return [
        {
            "id": f"{across:.0f}:{up:.0f}",
            "lon": lon,
            "lat": lat,
            "state": "none",
            "status": status,
            "count": count,
        }
        for across, up, count, lon, lat, status in squares
    ]
