"""Cases that may be the same thing: near in place and time, of a like matter, in similar words."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from onegrid.cases.models import Case
from onegrid.cases.rules.duplicates import Match, Nearness, Sighting, likely, metres_between
from onegrid.cases.rules.states import OPEN
from onegrid.cases.selectors.rows import thumb_path, utc
from onegrid.cases.selectors.words import status_word
from onegrid.county.matters import selectors as matters
from onegrid.foundation.database.write import Statement
from onegrid.foundation.kernel.texts import Lang

NEARNESS = Nearness()
METRES_PER_DEGREE = 111_320.0
CANDIDATES = 60
"""At most so many open cases around a point are compared; more than that within 150 m says nothing new."""
LOOSE = 0.35
"""Before filing, a person decides: anything likely enough to look at is shown."""


def near_point(*, lon: float, lat: float, matter: Any, words: str, now: datetime, lang: Lang) -> list[dict[str, Any]]:
    """Open cases around a point that a report of these words may repeat."""
    new = _sighting("", matter, (lon, lat), now, words)
    return _found(new, lon=lon, lat=lat, now=now, lang=lang, least=LOOSE, leave_out=None)


def near_cases(case: Case, *, now: datetime, lang: Lang) -> list[dict[str, Any]]:
    """Open cases that may be the same as this one."""
    if case.lon is None or case.lat is None:
        return []
    new = _sighting(str(case.pk), case.matter, (case.lon, case.lat), case.reported_at, case.words)
    return _found(new, lon=case.lon, lat=case.lat, now=now, lang=lang, least=LOOSE, leave_out=case.pk)


def question(lon: float | None, lat: float | None, *, now: datetime) -> Statement:
    """Asks for the open cases around a point; the rows are for `likely_same`. Around no point there are none."""
    west, south, east, north = _square(lon, lat) if lon is not None and lat is not None else (0.0, 0.0, -1.0, -1.0)
    since = now - timedelta(days=NEARNESS.days)
    return _AROUND, [west, east, south, north, [str(status) for status in OPEN], since, CANDIDATES]


def likely_same(case: Case, rows: Iterable[tuple[Any, ...]], *, now: datetime) -> UUID | None:
    """The open case a new one most probably repeats, as a flag for the dispatcher."""
    new = _sighting(str(case.pk), case.matter, (case.lon, case.lat), now, case.words)
    known = matters.catalogue().by_id
    sightings = []
    for key, matter_id, lon, lat, at, words in rows:
        matter = known.get(matter_id)
        code, group = (matter.code, matter.class_code) if matter else (None, None)
        sightings.append(Sighting(str(key), code, group, lon, lat, at, words))
    matches = likely(new, sightings, NEARNESS, most=1)
    return UUID(matches[0].id) if matches else None


def _found(
    new: Sighting, *, lon: float, lat: float, now: datetime, lang: Lang, least: float, leave_out: UUID | None
) -> list[dict[str, Any]]:
    others = {str(other.pk): other for other in _around(lon, lat, now, leave_out=leave_out)}
    nearness = Nearness(NEARNESS.metres, NEARNESS.days, least)
    matches = likely(new, [_of(other) for other in others.values()], nearness)
    return [_out(others[match.id], match, lon, lat, lang) for match in matches]


def _around(lon: float, lat: float, now: datetime, *, leave_out: UUID | None) -> list[Case]:
    """Open cases in the square around a point, newest first."""
    west, south, east, north = _square(lon, lat)
    found = Case.objects.select_related("matter").filter(
        lon__range=(west, east),
        lat__range=(south, north),
        closed_on__isnull=True,
        status__in=[str(status) for status in OPEN],
        reported_at__gte=now - timedelta(days=NEARNESS.days),
    )
    others = found if leave_out is None else found.exclude(pk=leave_out)
    return list(others.order_by("-reported_at")[:CANDIDATES])


def _square(lon: float, lat: float) -> tuple[float, float, float, float]:
    """West, south, east, north of the square a like case may lie in, WGS84 degrees."""
    up = NEARNESS.metres / METRES_PER_DEGREE
    across = up / max(math.cos(math.radians(lat)), 0.01)
    return lon - across, lat - up, lon + across, lat + up


_AROUND = """
SELECT id, matter_id, lon, lat, reported_at, words FROM cases_case
WHERE lon BETWEEN %s AND %s AND lat BETWEEN %s AND %s AND closed_on IS NULL AND status = ANY(%s)
    AND reported_at >= %s
ORDER BY reported_at DESC LIMIT %s
"""
"""The same cases for a report on its way in, past the ORM: every report asks."""


def _of(case: Case) -> Sighting:
    return _sighting(str(case.pk), case.matter, (case.lon, case.lat), case.reported_at, case.words)


def _sighting(id: str, matter: Any, point: tuple[float | None, float | None], at: datetime, words: str) -> Sighting:
    code, group = (matter.code, matter.class_code) if matter else (None, None)
    return Sighting(id, code, group, *point, at, words)


def _out(case: Case, match: Match, lon: float, lat: float, lang: Lang) -> dict[str, Any]:
    return {
        "id": str(case.pk),
        "number": case.number,
        "title": case.title,
        "status": case.status,
        "status_word": status_word(case.status, lang),
        "distance_m": round(metres_between(lon, lat, case.lon or lon, case.lat or lat)),
        "reported_at": utc(case.reported_at),
        "thumb": thumb_path(case.thumb),
    }
