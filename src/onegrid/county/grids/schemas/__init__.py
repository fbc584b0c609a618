"""Grids as the API shows them, one file for each file of `api/`."""

from __future__ import annotations

from onegrid.county.grids.schemas.addresses import AddressList, AddressOut
from onegrid.county.grids.schemas.reading import (
    ChainOut,
    FoundGrid,
    FoundGridList,
    GridDetail,
    GridList,
    GridOut,
    PlaceOut,
)

__all__ = [
    "AddressList",
    "AddressOut",
    "ChainOut",
    "FoundGrid",
    "FoundGridList",
    "GridDetail",
    "GridList",
    "GridOut",
    "PlaceOut",
]
