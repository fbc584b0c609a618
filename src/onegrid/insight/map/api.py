"""The one map over HTTP: what to draw, what to colour it by, what lies on it. Tiles are the grids' own.

The set-up and the card answer everybody, each as far as he may see; everything else is for staff.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from ninja import Query, Router

from onegrid.cases.permissions import actor_of
from onegrid.cases.selectors import times
from onegrid.county.grids import selectors as grids
from onegrid.county.grids import tiles
from onegrid.county.grids.api import grid_out
from onegrid.county.grids.schemas import GridDetail
from onegrid.foundation.accounts import permissions
from onegrid.foundation.kernel.texts import text
from onegrid.insight.map.rules.measures import MEASURES
from onegrid.insight.map.schemas import (
    CardOut,
    CarePoints,
    DayCounts,
    MapSetupOut,
    PeriodFilter,
    TallyOut,
    TallyQuery,
    TimedPoints,
    TracksOut,
    VisitPoints,
)
from onegrid.insight.map.selectors import card, layers, tally

router = Router(tags=["map"])
Box = Query(None, max_length=100, description="west,south,east,north in WGS84 degrees.")
From = Query(None, alias="from")
To = Query(None, alias="to")


@router.get("/map", response=MapSetupOut, operation_id="read_map", summary="What there is to draw")
def read_map(request: Any, response: HttpResponse) -> Any:
    """Version, levels by zoom, what may be coloured by and which layers this reader may ask for."""
    response["Cache-Control"] = "private, no-cache"
    offered, lang = layers.offered(actor_of(request)), request.lang
    shown = tiles.levels()
    levels = []
    for level in tally.levels(lang):
        zoom = shown.find((level["scheme"], level["level"]))
        if zoom is not None:
            levels.append({**level, "from_zoom": zoom.first, "to_zoom": zoom.last, "asked_from_zoom": zoom.asked})
    measures = [
        {"key": one.key, "title": text(f"map.measure.{one.key}", lang), "unit": one.unit, "live": one.live}
        for one in MEASURES.values()
    ]
    return {
        "version": grids.map_version(),
        "base": settings.ONEGRID_BASE_MAP,
        "levels": levels,
        "measures": measures if offered else [],
        "layers": offered,
    }


@router.get("/map/tally", response=TallyOut, operation_id="tally_map", summary="A number for each grid of a level")
def tally_map(request: Any, asked: Query[TallyQuery]) -> Any:
    """Of the reader's own area; every number with the queue filter that lists what was counted."""
    return tally.tally(actor_of(request), tally.Asked(**asked.model_dump(by_alias=False)), now=request.now)


@router.get("/map/points", response=TimedPoints, operation_id="map_points", summary="Cases of a period with their time")
def map_points(request: Any, filters: Query[PeriodFilter], zoom: float = Query(14, ge=0, le=24)) -> Any:
    """The queue's filter with a period; squares by day when there are too many. `from` and `to` are needed."""
    actor = actor_of(request)
    permissions.staff(actor)
    return times.points(actor, filters.as_query(), zoom=zoom, now=request.now)


@router.get("/map/days", response=DayCounts, operation_id="map_days", summary="Cases on each day of a period")
def map_days(request: Any, filters: Query[PeriodFilter]) -> Any:
    """The bars under the map; days without a case are told too."""
    actor = actor_of(request)
    permissions.staff(actor)
    return times.days(actor, filters.as_query(), now=request.now)


@router.get("/map/card/{int:grid_id}", response=CardOut, operation_id="read_grid_card", summary="A grid's card")
def read_grid_card(request: Any, grid_id: int) -> Any:
    """People, numbers, open cases and last visits, each as far as the reader may see it; null is not told."""
    actor, lang = actor_of(request), request.lang
    found = card.card(actor, grid_id, lang=lang, now=request.now)
    english = lang == "en"
    chain = [grid_out(one, english=english) for one in found.pop("chain")]
    grid = GridDetail(**grid_out(found.pop("grid"), english=english).dict(), chain=chain)
    return {"grid": grid, **found}


@router.get("/map/care", response=CarePoints, operation_id="map_care", summary="Whom to visit, on the map")
def map_care(request: Any, bbox: str | None = Box) -> Any:
    """Points at buildings, without names; for whoever visits, checks or steers in a grid of his own."""
    return layers.care(actor_of(request), bbox, now=request.now)


@router.get("/map/visits", response=VisitPoints, operation_id="map_visits", summary="Care visits made, on the map")
def map_visits(
    request: Any,
    bbox: str | None = Box,
    day_from: date | None = From,
    day_to: date | None = To,
) -> Any:
    """Of a period of at most 92 days, the newest first."""
    return layers.visits(actor_of(request), bbox, day_from, day_to, now=request.now)


@router.get("/map/tracks", response=TracksOut, operation_id="map_tracks", summary="Tracks of one day, on the map")
def map_tracks(request: Any, bbox: str | None = Box, day: date | None = None) -> Any:
    """For whoever answers for the grid the walks were in; each look is put on record."""
    return layers.tracks(actor_of(request), bbox, day, now=request.now)
