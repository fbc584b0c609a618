"""Who looks after the place I live in. Open to everybody: names of people in charge are public, no more is told."""

from __future__ import annotations

from typing import Any

from ninja import Router
from ninja.params.functions import Query

from onegrid.county.grids.api import grid_out
from onegrid.county.registers import selectors
from onegrid.county.registers.schemas import CentreOut, LeaderOut, MyGridOut

router = Router(tags=["grids"])


@router.get("/my-grid", response=MyGridOut, operation_id="my_grid", summary="Who looks after a place")
def my_grid(
    request: Any, lon: float = Query(..., ge=-180, le=180), lat: float = Query(..., ge=-90, le=90)
) -> MyGridOut:
    """The smallest grid at a point, its leader and its centre; 404 outside the locality."""
    found = selectors.my_grid(lon, lat, lang=request.lang, day=request.now.date())
    return MyGridOut(
        grid=grid_out(found.place.leaf, english=request.lang == "en"),
        address=found.place.address,
        leader=LeaderOut(name=found.leader.name, title=found.leader.title) if found.leader else None,
        centre=CentreOut(name=found.centre.name, phone=found.centre.phone or None, line=found.centre.line),
    )
