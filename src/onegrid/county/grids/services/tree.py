"""Grows the tree: many grids at once, by COPY, with keys, codes and paths made here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from onegrid.county.grids.rules import codes, paths
from onegrid.county.grids.rules.metres import area_m2
from onegrid.county.grids.rules.numbering import reading_order
from onegrid.county.grids.services.versions import raise_version
from onegrid.foundation.database.bulk import copy_rows, next_keys


@dataclass(frozen=True)
class GridDraft:
    """A grid to be made. ``parent`` is the position of its parent in the same list, before it; None for the root.

    ``code`` is given for official divisions and worked out for all others. ``steps`` counts the scheme
    levels between it and its division (0: directly below).
    """

    name: str
    level: int
    scheme: int | None
    parent: int | None
    outline: BaseGeometry
    households: int = 0
    code: str | None = None
    steps: int = 0


@dataclass(frozen=True)
class Planted:
    """What became of one draft."""

    id: int
    code: str
    scope_path: str
    lon: float
    lat: float


def plant(drafts: Sequence[GridDraft], *, pattern: codes.CodePattern, now: datetime) -> list[Planted]:
    """Make grids and their first outlines; parents come before children. Returns them in the given order.

    Siblings without a code are numbered from north-west, row by row. Raises CodeExhausted.
    """
    if not drafts:
        return []
    shapes = np.array([draft.outline for draft in drafts], dtype=object)
    points = shapely.get_coordinates(shapely.point_on_surface(shapes))
    bounds = shapely.bounds(shapes)
    ids = next_keys("grids_grid", "id", len(drafts))
    given = _codes(drafts, points, pattern)
    planted: list[Planted] = []
    for at, draft in enumerate(drafts):
        path = paths.ROOT if draft.parent is None else paths.child(planted[draft.parent].scope_path, ids[at])
        planted.append(Planted(ids[at], given[at], path, float(points[at, 0]), float(points[at, 1])))
    copy_rows(
        "grids_grid",
        _COLUMNS,
        (_row(draft, made, planted, bounds[at]) for at, (draft, made) in enumerate(zip(drafts, planted, strict=True))),
    )
    copy_rows(
        "grids_gridoutline",
        ("grid_id", "version", "valid_from", "wkb", "area_m2"),
        (
            (made.id, 1, now, wkb, float(area))
            for made, wkb, area in zip(planted, shapely.to_wkb(shapes), area_m2(shapes), strict=True)
        ),
    )
    raise_version(now)
    return planted


_COLUMNS = (
    *("id", "code", "name", "parent_id", "scheme_id", "level_id", "scope_path", "division_code", "depth"),
    *("households", "lon", "lat", "west", "south", "east", "north", "active", "version"),
)


def _row(draft: GridDraft, made: Planted, planted: Sequence[Planted], box: NDArray[np.float64]) -> tuple[object, ...]:
    """One grid in the order of `_COLUMNS`."""
    return (
        *(made.id, made.code, draft.name, None if draft.parent is None else planted[draft.parent].id),
        *(draft.scheme, draft.level, made.scope_path, made.code[: codes.DIVISION_DIGITS], paths.depth(made.scope_path)),
        *(draft.households, made.lon, made.lat, *map(float, box), True, 1),
    )


def _codes(drafts: Sequence[GridDraft], points: NDArray[np.float64], pattern: codes.CodePattern) -> list[str]:
    """Codes for all drafts: the given ones padded, the others numbered among siblings of one scheme."""
    siblings: dict[tuple[int | None, int | None], list[int]] = {}
    for at, draft in enumerate(drafts):
        if draft.code is None:
            siblings.setdefault((draft.parent, draft.scheme), []).append(at)
    ordinal: dict[int, int] = {}
    for group in siblings.values():
        where = points[group]
        for number, position in enumerate(reading_order(where[:, 0], where[:, 1]), start=1):
            ordinal[group[int(position)]] = number
    given: list[str] = []
    for at, draft in enumerate(drafts):
        if draft.code is not None:
            given.append(codes.division_code(draft.code))
        else:
            above = given[draft.parent] if draft.parent is not None else ""
            given.append(codes.extend(above, ordinal[at], pattern, draft.steps))
    return given
