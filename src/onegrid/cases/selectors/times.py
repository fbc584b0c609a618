"""Cases as points with their time, so that a page can play a period without asking again; and how many on each day."""

# ruff: noqa: S608 - statements are put together from our own words; values stay parameters

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db import connection

from onegrid.cases.errors import BadFilter
from onegrid.cases.permissions import Actor
from onegrid.cases.selectors import searching, walking
from onegrid.cases.selectors.map import SQUARES_ACROSS_TILE
from onegrid.cases.selectors.queue import MEASURES, CaseQuery, narrowed
from onegrid.cases.selectors.rows import utc
from onegrid.cases.selectors.setting import setting
from onegrid.cases.selectors.tabs import OVER
from onegrid.cases.selectors.walking import Part
from onegrid.cases.selectors.words import due_state
from onegrid.county.matters.selectors import catalogue

POINTS: Final = 5_000
"""Points a page can play smoothly; more are counted together by square and day."""
LONGEST_DAYS: Final = 400
COARSER: Final = 6
"""Squares are doubled so many times at most until they are few enough."""
_SHOWN: Final = (
    "id, lon, lat, status, due_at, warn_at, paused, reported_at, closed_at, matter_id, number, confidential"
)  # fmt: skip


def points(actor: Actor, query: CaseQuery, *, zoom: float, now: datetime) -> dict[str, Any]:
    """The cases of a period as points, each with when it was reported and closed, and how many fit.

    Nothing that anybody wrote is among them; of a confidential case not even the matter. `left_out` is `cells` when
    single cases gave way to squares. Raises `BadFilter` for a period that is missing or too long.
    """
    fits = _fits(actor, query, now)
    rows = _rows(f"SELECT {_SHOWN} FROM cases_case WHERE {fits.sql} LIMIT %s", [*fits.values, POINTS + 1])
    if len(rows) <= POINTS:
        names = catalogue().by_id
        shown = [_point(row, names, actor, now) for row in rows]
        return {"points": shown, "left_out": "", "total": len(rows)}
    (total,) = _rows(f"SELECT count(*) FROM cases_case WHERE {fits.sql}", fits.values)[0]
    return {"points": _squares(fits, zoom), "left_out": "cells", "total": total}


def days(actor: Actor, query: CaseQuery, *, now: datetime) -> dict[str, Any]:
    """How many of the cases count on each day of the period, days without one too. Raises `BadFilter`."""
    fits = _fits(actor, query, now, placed=False)
    _, day = MEASURES[query.measure or "reported"]
    counted = dict(_rows(f"SELECT {day}, count(*) FROM cases_case WHERE {fits.sql} GROUP BY 1", fits.values))
    since, until = _period(query)
    every = [since + timedelta(days=at) for at in range((until - since).days + 1)]
    items = [{"day": one, "n": counted.get(one, 0)} for one in every]
    return {"items": items, "total": sum(item["n"] for item in items)}


def _period(query: CaseQuery) -> tuple[date, date]:
    if query.day_from is None or query.day_to is None:
        raise BadFilter({"from": "required"})
    if not 0 <= (query.day_to - query.day_from).days <= LONGEST_DAYS:
        raise BadFilter({"to": "malformed"})
    return query.day_from, query.day_to


def _fits(actor: Actor, query: CaseQuery, now: datetime, *, placed: bool = True) -> Part:
    """What of the reader's cases counts, as one condition."""
    _period(query)
    walk = narrowed(actor, replace(query, sort="-reported"), now=now)
    if placed:
        walk = replace(walk, base=walk.base & Part("cases_case.lon IS NOT NULL AND cases_case.lat IS NOT NULL"))
    if not (query.q or walk.grants):
        return walk.fits
    # What is found by words or by grants is found by key; the newest of them are enough for a map.
    found = searching.read(walk, query.q, None, POINTS) if query.q else walking.read(walk, None, POINTS)
    return walking.in_sight() & Part("cases_case.id = ANY(%s)", ([key[-1] for key in found.keys],))


def _rows(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(values))
        return [tuple(row) for row in cursor.fetchall()]


def _point(row: tuple[Any, ...], matters: Any, actor: Actor, now: datetime) -> dict[str, Any]:
    id, lon, lat, status, due_at, warn_at, paused, reported_at, closed_at, matter, number, confidential = row
    state = "closed" if status in OVER else due_state(due_at, warn_at, paused=paused, now=now)
    known = None if confidential else matters.get(matter)
    return {
        "id": str(id), "lon": lon, "lat": lat, "state": state, "at": utc(reported_at), "until": utc(closed_at),
        "matter": known.name(actor.lang) if known else "", "number": number, "count": 1,
    }  # fmt: skip


def _squares(fits: Part, zoom: float) -> list[dict[str, Any]]:
    """Counts by square and day, each at the middle of its cases and at noon; squares grow until they are few enough."""
    side = 360 / 2 ** min(zoom, 20) / SQUARES_ACROSS_TILE
    found: list[tuple[Any, ...]] = []
    for _ in range(COARSER):
        found = _rows(
            "SELECT floor(lon / %s::float8), floor(lat / %s::float8), reported_on, count(*), avg(lon), avg(lat)"
            f" FROM cases_case WHERE {fits.sql} GROUP BY 1, 2, 3 ORDER BY count(*) DESC LIMIT %s",
            [side, side, *fits.values, POINTS + 1],
        )
        if len(found) <= POINTS:
            break
        side *= 2
    zone = setting().zone
    return [
        {
            "id": None, "lon": lon, "lat": lat, "state": "none", "until": None, "matter": "", "number": "",
            "at": utc(datetime.combine(day, time(12), tzinfo=zone)), "count": count,
        }
        for _, _, day, count, lon, lat in found[:POINTS]
    ]  # fmt: skip
