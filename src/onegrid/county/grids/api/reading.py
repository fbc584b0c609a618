"""Reading grids over HTTP. The map is not personal: every operation is open to all readers."""

from __future__ import annotations

from typing import Any

from ninja import Router
from ninja.params.functions import Query

from onegrid.county.grids import selectors
from onegrid.county.grids.schemas.reading import (
    ChainOut,
    FoundGrid,
    FoundGridList,
    GridDetail,
    GridList,
    GridOut,
    PlaceOut,
)
from onegrid.county.grids.selectors import GridInfo
from onegrid.county.grids.selectors import places as finding

router = Router(tags=["grids"], auth=None)


def grid_out(info: GridInfo, *, english: bool) -> GridOut:
    """A grid in the reader's language."""
    return GridOut(
        id=str(info.id), code=info.code, name=info.name, scheme=info.scheme, level=info.level,
        level_title=info.level_en if english else info.level_zh, scope_path=info.scope_path,
        parent=str(info.parent) if info.parent else None, depth=info.depth, households=info.households,
        lon=info.lon, lat=info.lat, bbox=list(info.bbox), active=info.active,
    )  # fmt: skip


def wants_english(request: Any) -> bool:
    """Whether the reader asked for English."""
    return str(getattr(request, "lang", "zh-CN")) == "en"


@router.get("/grids/locate", response=PlaceOut, operation_id="locate_point", summary="Which grids hold a point")
def locate_point(
    request: Any, lon: float = Query(..., ge=-180, le=180), lat: float = Query(..., ge=-90, le=90)
) -> PlaceOut:
    """The point's grids at every level of every scheme, and the nearest address; 404 outside the locality."""
    place = finding.locate(lon, lat)
    english = wants_english(request)
    chains = [
        ChainOut(scheme=chain.scheme, grids=[grid_out(info, english=english) for info in chain.grids])
        for chain in place.chains
    ]
    return PlaceOut(chains=chains, address=place.address)


@router.get("/grids/search", response=FoundGridList, operation_id="search_grids", summary="Grids by name or code")
def search_grids(
    request: Any, q: str = Query("", max_length=60), limit: int = Query(20, ge=1, le=100)
) -> FoundGridList:
    """Active grids whose name contains the words or sounds like their initials, or whose code begins with them.

    Of several words the last one names the grid, those before it the grids above.
    """
    found = selectors.search(q, limit=limit)
    places, english = selectors.places_of(found), wants_english(request)
    return FoundGridList(
        items=[FoundGrid(**grid_out(info, english=english).dict(), place=places[info.id]) for info in found]
    )


@router.get("/grids/root", response=GridDetail, operation_id="root_grid", summary="The locality's own grid")
def root_grid(request: Any) -> GridDetail:
    """The top of the tree; its id opens everything below."""
    return _detail(request, selectors.root())


@router.get("/grids/{int:grid_id}", response=GridDetail, operation_id="read_grid", summary="One grid")
def read_grid(request: Any, grid_id: int) -> GridDetail:
    """One grid, retired ones too, with everything above it."""
    return _detail(request, selectors.grid(grid_id))


@router.get(
    "/grids/{int:grid_id}/children", response=GridList, operation_id="list_child_grids", summary="Grids directly below"
)
def list_child_grids(request: Any, grid_id: int) -> GridList:
    """The active grids directly below one."""
    parent = selectors.grid(grid_id)
    return GridList(items=[grid_out(info, english=wants_english(request)) for info in selectors.children(parent.id)])


def _detail(request: Any, info: GridInfo) -> GridDetail:
    english = wants_english(request)
    chain = [grid_out(item, english=english) for item in selectors.chain(info.scope_path)]
    return GridDetail(**grid_out(info, english=english).dict(), chain=chain)
