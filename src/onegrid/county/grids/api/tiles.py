"""Tiles of the map over HTTP, open to all readers."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpResponse
from ninja import Router, Schema
from ninja.params.functions import Query

from onegrid.county.grids import selectors
from onegrid.county.grids import tiles as drawing

router = Router(tags=["grids"], auth=None)
TILE_TYPE = "application/vnd.mapbox-vector-tile"
TILE_ANSWERS = {
    200: {"description": "A Mapbox vector tile", "content": {TILE_TYPE: {}}},
    204: {"description": "Nothing lies in it"},
}


LEVEL = r"^([a-z0-9_-]*\.[a-z0-9_-]+)?$"


class MapVersionOut(Schema):
    """How often the map was changed."""

    version: int


@router.get("/map/version", response=MapVersionOut, operation_id="read_map_version", summary="Has the map changed",
            openapi_extra={"responses": {304: {"description": "Still the version of the given ETag"}}})  # fmt: skip
def read_map_version(request: Any) -> Any:
    """The version that belongs into a tile's address. Cheap: pages without the live feed ask every second or two."""
    version = selectors.map_version()
    tag = f'"map-{version}"'
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(f'{{"version":{version}}}', content_type="application/json")
    response["ETag"] = tag
    response["Cache-Control"] = "no-cache"
    return response


@router.get("/tiles/{layer}/{int:z}/{int:x}/{int:y}.mvt", operation_id="read_tile", summary="One tile of the map",
            openapi_extra={"responses": TILE_ANSWERS})  # fmt: skip
def read_tile(
    request: Any,
    layer: Literal["base", "grids", "grid_labels", "building_labels", "place_labels"],
    z: int,
    x: int,
    y: int,
    v: str = Query("", max_length=20, description="The map's version; with today's the tile may be kept for ever."),
    level: str = Query("", max_length=80, pattern=LEVEL, description="<scheme>.<level> whatever the zoom; no scheme: "
                       "a division, such as .township"),
) -> HttpResponse:  # fmt: skip
    """A Mapbox vector tile; 204 when nothing lies in it. Grids say `frame`: true when they only stand around."""
    scheme, _, key = level.rpartition(".")
    body = drawing.tile(layer, z, x, y, level=(scheme, key) if key else None)
    response = HttpResponse(body, content_type=TILE_TYPE, status=200 if body else 204)
    current = v == str(selectors.map_version())
    response["Cache-Control"] = "public, max-age=31536000, immutable" if current else "no-cache"
    return response
