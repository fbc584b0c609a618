"""A grid through time over HTTP. The map is not personal: open to all readers."""

from __future__ import annotations

from typing import Any

from ninja import Router
from ninja.params.functions import Query

from onegrid.county.grids.api.reading import grid_out, wants_english
from onegrid.county.grids.schemas.history import FeatureOut, GridHistoryOut
from onegrid.county.grids.selectors import drafts as reading

router = Router(tags=["grids"], auth=None)


@router.get(
    "/grids/{int:grid_id}/history",
    response=GridHistoryOut,
    operation_id="read_grid_history",
    summary="A grid through time",
)
def read_grid_history(request: Any, grid_id: int) -> Any:
    """Its outlines by version, the grids it came from and those it became; retired grids too."""
    found = reading.history(grid_id)
    return {**found, "grid": grid_out(found["grid"], english=wants_english(request))}


@router.get(
    "/grids/{int:grid_id}/outline", response=FeatureOut, operation_id="read_grid_outline", summary="A grid's border"
)
def read_grid_outline(request: Any, grid_id: int, version: int | None = Query(None, ge=1)) -> Any:
    """One version of it as GeoJSON, the last when none is named."""
    grid, number, wkb = reading.outline(grid_id, version)
    about = {"grid": str(grid.id), "name": grid.name, "code": grid.code, "version": number}
    return reading.feature(str(grid.id), wkb, about)
