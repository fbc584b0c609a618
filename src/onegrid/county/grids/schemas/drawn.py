"""Drawings over the registers as the API shows and takes them."""

from __future__ import annotations

from typing import Literal

from ninja import Field, Schema

from onegrid.county.grids.schemas.drafts import DraftStepIn, NewIn
from onegrid.county.grids.schemas.reading import GridOut


class PlanLevel(Schema):
    """A level that may be drawn."""

    level: str
    title: str
    size: float = Field(description="Households of one grid as the locality has it; 0 where it says nothing.")
    tolerance: float = Field(description="What is usual for that size: 0.1 or 0.2.")
    grids: int = Field(description="How many there are today.")
    drawable: bool
    along: Literal["", "block", "building", "unit"] = Field(
        description="What its grids follow as the pack has it, one grid a building or stairwell; empty: drawn by size."
    )
    leaders: int = Field(description="Homes of those in charge at this level that are known inside.")


class PlanScheme(Schema):
    """A scheme with its levels below the grid, top first."""

    scheme: str
    title: str
    levels: list[PlanLevel]


class PlanOut(Schema):
    """What may be drawn inside a grid."""

    grid: GridOut
    schemes: list[PlanScheme]
    households: int
    residents: int
    buildings: int
    areas: int = Field(description="Villages that are drawn one by one.")
    may_draw: bool


class LevelIn(Schema):
    """A level to be drawn."""

    level: str = Field(max_length=60)
    size: float | None = Field(None, ge=1, le=1_000_000, description="None: along what the pack says.")
    tolerance: float | None = Field(None, ge=0.01, le=1, description="None: what is usual for the size.")


class DrawIn(NewIn):
    """A drawing over the registers. Levels top to bottom, each smaller than the one above."""

    seed: int = Field(1, ge=0, le=2**31 - 1)
    leaders: bool = Field(True, description="Homes of those in charge near the middle of a grid, where known.")
    workload: Literal["households", "residents"] = "households"
    levels: list[LevelIn] = Field(min_length=1, max_length=8)


class RedrawIn(DraftStepIn):
    """Draw some siblings anew with everything else as it is."""

    cells: list[str] = Field(min_length=1, max_length=200)
    size: float | None = Field(None, ge=1, le=1_000_000, description="None: along what the pack says.")
    tolerance: float | None = Field(None, ge=0.01, le=1, description="None: what is usual for the size.")
    seed: int = Field(1, ge=0, le=2**31 - 1)


class OutsideOut(Schema):
    """A grid out of tolerance, and why."""

    cell: str
    level: str
    name: str
    households: float
    size: float
    why: str
    lon: float
    lat: float


class FindingOut(Schema):
    """Something in the registers or on the base map that was mended or left out of the drawing."""

    kind: str
    area: str
    count: int
    households: float
    text: str
    where: list[float | None]


class LevelFigures(Schema):
    """What was measured of one level; shares 0 to 1, metres unless said."""

    level: str
    title: str
    size: float
    tolerance: float
    along: str = Field("", description="What its grids follow; then the shares and deviations say nothing.")
    grids: int
    non_contiguous: int
    crossings: int
    coverage_valid: bool
    nested: bool
    within_10: float
    within_20: float
    deviation_max: float
    deviation_p95: float
    deviation_cv: float
    attainable_within_10: float
    attainable_within_20: float
    attainable_max: float
    attainable_p95: float
    polsby_popper: float
    polsby_popper_p10: float
    centre_distance: float
    extra_blocks: float
    street_inside: float
    offstreet_border_km: float
    buildings_split: int
    units_split: int
    area_error: float


class ReportOut(Schema):
    """What the engine says of its drawing, edits since then not counted."""

    levels: list[LevelFigures]
    outside: list[OutsideOut]
    findings: list[FindingOut]
    seconds: float
    areas: int
