"""Addresses over HTTP."""

from __future__ import annotations

from typing import Any

from ninja import Router
from ninja.params.functions import Query

from onegrid.county.grids.schemas.addresses import AddressList, AddressOut
from onegrid.county.grids.selectors import addresses

router = Router(tags=["grids"], auth=None)


@router.get(
    "/addresses", response=AddressList, operation_id="search_addresses", summary="Addresses by words or near a point"
)
def search_addresses(
    request: Any,
    q: str = Query("", max_length=60),
    near: str = Query("", max_length=60, pattern=r"^(-?\d{1,3}(\.\d+)?,-?\d{1,2}(\.\d+)?)?$", description="lon,lat"),
    limit: int = Query(10, ge=1, le=50),
) -> AddressList:
    """Buildings, streets and grids the words may mean, surest first; with ``near`` the nearest first among equals.

    Words may be misspelt, short or in another order. Without words the buildings nearest to the point.
    """
    point = None
    if near:
        lon, lat = near.split(",")
        point = (float(lon), float(lat))
    if not q.strip() and point is None:
        return AddressList(items=[])
    found = addresses.find_addresses(q.strip(), point, limit)
    return AddressList(
        items=[
            AddressOut(
                label=hit.label, lon=hit.lon, lat=hit.lat, scope_path=hit.scope_path, kind=hit.kind, place=hit.place,
                confidence=hit.confidence,
            )
            for hit in found
        ]
    )  # fmt: skip
