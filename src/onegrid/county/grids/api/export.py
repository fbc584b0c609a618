"""Grids as a file over HTTP. The map is open to everybody, but a whole county as one file is work: staff only."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from ninja import Router
from ninja.params.functions import Query

from onegrid.county.grids import selectors
from onegrid.county.grids.errors import GridNotFound
from onegrid.county.grids.selectors import exports
from onegrid.county.grids.services import exporting
from onegrid.foundation.accounts import permissions

router = Router(tags=["grids"])
ANSWERS = {200: {"description": "A file", "content": {kind: {} for kind in exporting.KINDS.values()}}}


@router.get("/grids/export", operation_id="export_grids", summary="Grids as GeoJSON or GeoPackage",
            openapi_extra={"responses": ANSWERS})  # fmt: skip
def export_grids(
    request: Any,
    kind: Literal["geojson", "gpkg"] = Query("geojson", alias="format"),
    grid: str = Query("", max_length=18, description="This grid and all below; all grids unless told."),
    level: str = Query("", max_length=80, pattern=r"^([a-z0-9_-]*\.[a-z0-9_-]+)?$", description="<scheme>.<level>"),
) -> HttpResponse:
    """The grids in force with their borders, in WGS84; a GeoPackage has a layer for each level."""
    permissions.staff(request.actor)
    top = selectors.find_grid(grid) if grid else selectors.root()
    if top is None:
        raise GridNotFound("grids.errors.not_found")
    found = exports.sheets(top.scope_path, level=level, lang=request.lang)
    response = HttpResponse(exporting.file_of(found, kind), content_type=exporting.KINDS[kind])
    response["Content-Disposition"] = content_disposition_header(True, f"grids-{top.code}.{kind}")
    response["Cache-Control"] = "private, no-cache"
    return response
