"""Tiles of the map over HTTP, open to all readers."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpResponse
from ninja import Router
from ninja.params.functions import Query

from onegrid.county.grids import tiles as drawing

router = Router(tags=["grids"], auth=None)
TILE_TYPE = "application/vnd.mapbox-vector-tile"
TILE_ANSWERS = {
    200: {"description": "A Mapbox vector tile", "content": {TILE_TYPE: {}}},
    204: {"description": "Nothing lies in it"},
}


@router.get("/tiles/{layer}/{int:z}/{int:x}/{int:y}.mvt", operation_id="read_tile", summary="One tile of the map",
            openapi_extra={"responses": TILE_ANSWERS})  # fmt: skip
def read_tile(
    request: Any,
    layer: Literal["base", "grids", "grid_labels", "building_labels"],
    z: int,
    x: int,
    y: int,
    v: str = Query("", max_length=20),
) -> HttpResponse:
    """A Mapbox vector tile; 204 when nothing lies in it. With the map's version as ``v`` it may be kept for ever."""
    body = drawing.tile(layer, z, x, y)
    response = HttpResponse(body, content_type=TILE_TYPE, status=200 if body else 204)
    response["Cache-Control"] = "public, max-age=31536000, immutable" if v else "no-cache"
    return response
