"""Grids as the API shows them."""

from __future__ import annotations

from ninja import Field, Schema


class GridOut(Schema):
    """One grid."""

    id: str
    code: str
    name: str
    scheme: str = Field(description="Empty for official divisions.")
    level: str
    level_title: str
    scope_path: str
    parent: str | None
    depth: int
    households: int
    lon: float
    lat: float
    bbox: list[float] = Field(description="West, south, east, north.")
    active: bool


class GridDetail(GridOut):
    """One grid with everything above it, top first."""

    chain: list[GridOut]


class GridList(Schema):
    """Some grids."""

    items: list[GridOut]


class FoundGrid(GridOut):
    """A grid that was looked for, and where it lies."""

    place: str = Field(description="The names above it, without the locality's.")


class FoundGridList(Schema):
    """Grids that fit, best first."""

    items: list[FoundGrid]


class ChainOut(Schema):
    """A point's grids in one scheme, from the locality down."""

    scheme: str
    grids: list[GridOut]


class PlaceOut(Schema):
    """What is known of a point."""

    chains: list[ChainOut]
    address: str
