"""Cases as points of a map window; counted together in squares when there are too many to draw."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Avg, Count, F, FloatField, Max, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Floor

from onegrid.cases.models import Case
from onegrid.cases.permissions import Actor
from onegrid.cases.selectors.queue import OVER, CaseQuery, matching
from onegrid.cases.selectors.words import due_state

POINTS = 1500
"""More points than this are counted together: a page cannot draw them, a person cannot read them."""
SQUARES_ACROSS_TILE = 8


def map_points(actor: Actor, query: CaseQuery, *, zoom: float, now: datetime) -> dict[str, Any]:
    """The open cases of a window (all of them when a status is asked for)."""
    cases = matching(actor, query, now=now).filter(lon__isnull=False, lat__isnull=False)
    if not query.status and query.tab == "all" and not query.measure:
        cases = cases.exclude(status__in=OVER)
    found = list(
        cases.order_by("-reported_at").values("id", "lon", "lat", "status", "due_at", "warn_at", "paused")[: POINTS + 1]
    )
    if len(found) > POINTS:
        return {"points": _squares(cases, zoom), "clustered": True}
    return {"points": [_point(dict(row), now) for row in found], "clustered": False}


def _point(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    over = row["status"] in OVER
    state = "closed" if over else due_state(row["due_at"], row["warn_at"], paused=row["paused"], now=now)
    return {
        "id": str(row["id"]),
        "lon": row["lon"],
        "lat": row["lat"],
        "state": state,
        "status": row["status"],
        "count": 1,
    }


def _squares(cases: QuerySet[Case], zoom: float) -> list[dict[str, Any]]:
    """Counts in squares an eighth of a tile wide at this zoom, each at the middle of its cases."""
    side = 360 / 2 ** min(zoom, 20) / SQUARES_ACROSS_TILE
    squares = (
        cases.order_by()
        .annotate(
            across=Floor(F("lon") / RawSQL("%s::float8", [side], output_field=FloatField())),
            up=Floor(F("lat") / RawSQL("%s::float8", [side], output_field=FloatField())),
        )
        .values("across", "up")
        .annotate(count=Count("pk"), middle_lon=Avg("lon"), middle_lat=Avg("lat"), status=Max("status"))
        .order_by("-count")[:POINTS]
    )
    return [
        {
            "id": f"{square['across']:.0f}:{square['up']:.0f}",
            "lon": square["middle_lon"],
            "lat": square["middle_lat"],
            "state": "none",
            "status": square["status"],
            "count": square["count"],
        }
        for square in squares
    ]
