"""Shapes of files as the drawing takes them, and the book of what was doubtful about them."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from onegrid.county.grids.rules.drawing.ground import Finding
from onegrid.county.grids.rules.files.columns import Column

NOWHERE = (float("nan"), float("nan"))
FAR_DEGREES = 3.0
"""About 300 km: no locality is as large, so what lies further from the middle is a slip of the keys."""


class Noted:
    """Collects findings: what, where the first is, how many, which."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def add(
        self,
        kind: str,
        shapes: NDArray[np.object_],
        places: NDArray[np.intp] | None = None,
        source: Column | None = None,
        households: float = 0.0,
        *,
        count: int | None = None,
        ids: tuple[str, ...] = (),
        what: str = "",
    ) -> None:
        """Note one kind of doubt; nothing when it concerns nobody."""
        number = count if count is not None else (len(places) if places is not None else 0)
        if not number:
            return
        chosen = shapes[places] if places is not None else shapes
        if source is not None and places is not None:
            ids = tuple(sorted(str(one) for one in source[places]))
        self.findings.append(Finding(kind, first_place(chosen), what, number, ids, households))


def first_place(shapes: NDArray[np.object_]) -> tuple[float, float]:
    """The middle of the westernmost shape that has one, whatever row it is in."""
    bounds = shapely.bounds(shapes)
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(bounds):
        return NOWHERE
    spots = (bounds[:, :2] + bounds[:, 2:]) / 2
    first = spots[np.lexsort((spots[:, 1], spots[:, 0]))[0]]
    return float(first[0]), float(first[1])


def middle_of(shapes: NDArray[np.object_]) -> tuple[float, float]:
    """The position of a shape near the median: a few strays do not move it, and it never lies between two towns."""
    bounds = shapely.bounds(shapes)
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(bounds):
        return 0.0, 0.0
    spots = (bounds[:, :2] + bounds[:, 2:]) / 2
    off = np.abs(spots - np.median(spots, axis=0)).sum(axis=1)
    middle = spots[np.lexsort((spots[:, 1], spots[:, 0], off))[0]]
    return float(middle[0]), float(middle[1])


def far_from(shapes: NDArray[np.object_], middle: tuple[float, float]) -> NDArray[np.bool_]:
    """Which shapes lie further from the middle than any locality reaches."""
    bounds = shapely.bounds(shapes)
    west, south, east, north = bounds.T
    off = np.maximum(np.abs((west + east) / 2 - middle[0]), np.abs((south + north) / 2 - middle[1]))
    return np.asarray(off > FAR_DEGREES, dtype=bool)


def areas_of(shapes: NDArray[np.object_], *, points: bool) -> tuple[NDArray[np.object_], dict[str, NDArray[np.intp]]]:
    """Each shape as a polygon, a multipolygon or (if ``points``) a point; None where it is none of them.

    A ring of lines is the area inside it, a collection the areas in it, several points their middle. The second value
    names what is None, and what was changed, by kind.
    """
    types = shapely.get_type_id(shapes)
    nothing = shapely.is_missing(shapes) | shapely.is_empty(shapes) | ~np.isfinite(shapely.bounds(shapes)).all(axis=1)
    points_of, owner = shapely.get_coordinates(shapes, return_index=True)
    nothing[owner[~np.isfinite(points_of).all(axis=1)]] = True  # bounds pass over a corner that is no number
    made = shapes.copy()
    line = np.isin(types, (1, 2)) & ~nothing
    ring = line & shapely.is_closed(shapes) & (shapely.get_num_coordinates(shapes) >= 4)
    made[line] = None
    for place in np.flatnonzero(ring):
        made[place] = shapely.polygons(shapely.get_coordinates(shapes[place]))
    for place in np.flatnonzero(np.isin(types, (5, 7)) & ~nothing):
        made[place] = _polygons_in(shapes[place], points=points)
    several = (types == 4) & ~nothing
    made[several] = shapely.centroid(shapes[several]) if points else None
    if not points:
        made[types == 0] = None
    made[nothing] = None
    dropped = np.array([shape is None for shape in made], dtype=bool)
    kinds = {"no_geometry": nothing, "no_outline": dropped & ~nothing}
    kinds["outline_made"] = (ring | np.isin(types, (4, 5, 7))) & ~dropped
    return made, {kind: np.flatnonzero(where) for kind, where in kinds.items() if where.any()}


def _polygons_in(shape: object, *, points: bool) -> Any:
    parts = shapely.get_parts(np.array([shape], dtype=object))
    for _ in range(3):
        parts = shapely.get_parts(parts)
    types = shapely.get_type_id(parts)
    polygons = parts[types == 3]
    if not len(polygons):
        polygons = shapely.get_parts(shapely.polygonize(parts[np.isin(types, (1, 2))]))
    if len(polygons):
        return polygons[0] if len(polygons) == 1 else shapely.multipolygons(list(polygons))
    dots = parts[types == 0]
    return dots[0] if points and len(dots) else None
