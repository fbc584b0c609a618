"""Outlines of grids as others read them: the newest of one, and shapes of many."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import shapely

from onegrid.county.grids.models import GridOutline


@dataclass(frozen=True)
class Outline:
    """The last border of a grid: which version it is, since when it holds, how large it is."""

    version: int
    since: datetime
    until: datetime | None
    area_m2: float


def newest(grid_id: int) -> Outline | None:
    """The newest outline, of a retired grid its last one; None when it never had any."""
    row = GridOutline.objects.filter(grid=grid_id).order_by("-version").defer("wkb").first()
    return Outline(row.version, row.valid_from, row.valid_to, row.area_m2) if row else None


def shapes(grid_ids: Collection[int]) -> dict[int, Any]:
    """Grid → its outline in force, as a shape in WGS84 degrees; grids without one are left out. One statement."""
    rows = list(GridOutline.objects.filter(grid__in=list(grid_ids), valid_to=None).values_list("grid_id", "wkb"))
    found = shapely.from_wkb([bytes(wkb) for _, wkb in rows])
    return dict(zip([key for key, _ in rows], found, strict=True))
