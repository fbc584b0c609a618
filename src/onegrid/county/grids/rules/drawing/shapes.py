"""Making shapes usable: nothing missing, flat, finite, valid, of one kind."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Shapes = NDArray[np.object_]


def as_shapes(given: Sequence[BaseGeometry | None] | Shapes) -> Shapes:
    """Any list of geometries as an object array of one dimension, without heights."""
    shapes = np.empty(len(given), dtype=object)
    shapes[:] = list(given)
    return np.asarray(shapely.force_2d(shapes), dtype=object).reshape(-1)


def usable(shapes: Shapes) -> NDArray[np.bool_]:
    """Which are there, are not empty and have coordinates that are degrees."""
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    bounds = shapely.bounds(shapes)
    with np.errstate(invalid="ignore"):
        limit = (np.abs(bounds[:, [0, 2]]) <= 180).all(axis=1) & (np.abs(bounds[:, [1, 3]]) < 89).all(axis=1)
    points, owner = shapely.get_coordinates(shapes, return_index=True)
    broken = np.bincount(owner[~np.isfinite(points).all(axis=1)], minlength=len(shapes)) > 0
    fit: NDArray[np.bool_] = there & limit & ~broken
    return fit


def polygons_of(shape: BaseGeometry) -> Shapes:
    """The polygons a geometry holds or encloses, valid and with area; none for points and open lines."""
    if shape is None or shape.is_empty:
        return np.zeros(0, dtype=object)
    parts = shapely.get_parts(shapely.get_parts(shape))
    found = []
    for part in parts:
        kind = shapely.get_type_id(part)
        if kind in (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON):
            found.append(part)
        elif kind in (shapely.GeometryType.LINESTRING, shapely.GeometryType.LINEARRING) and _closed(part):
            found.append(shapely.Polygon(part))
    mended = [piece if piece.is_valid else shapely.make_valid(piece, method="structure") for piece in found]
    if not mended:
        return np.zeros(0, dtype=object)
    flat = shapely.get_parts(shapely.get_parts(np.array(mended, dtype=object)))
    flat = flat[(shapely.get_dimensions(flat) == 2) & (shapely.area(flat) > 0)]
    if len(flat) > 1:
        flat = shapely.get_parts(shapely.union_all(flat))
    return np.asarray(flat[shapely.get_dimensions(flat) == 2], dtype=object)


def _closed(line: BaseGeometry) -> bool:
    return bool(shapely.is_closed(line)) and int(shapely.get_num_coordinates(line)) >= 4


def whole(polygons: Shapes) -> BaseGeometry:
    """One polygon as it is, several as a multipolygon."""
    return polygons[0] if len(polygons) == 1 else shapely.multipolygons(polygons)


def sound(shapes: Shapes, kinds: Sequence[int]) -> NDArray[np.bool_]:
    """Which are already valid and of one of the kinds (and of some area, if they are flat)."""
    kind = np.isin(shapely.get_type_id(shapes), kinds)
    flat = (shapely.get_dimensions(shapes) < 2) | (shapely.area(shapes) > 0)
    fit: NDArray[np.bool_] = kind & flat & shapely.is_valid(shapes)
    return fit


def lines_of(shape: BaseGeometry) -> Shapes:
    """The lines a geometry holds, the borders of polygons among them; none for points."""
    if shape is None or shape.is_empty:
        return np.zeros(0, dtype=object)
    parts = shapely.get_parts(shapely.get_parts(shape))
    edges = np.array([shapely.boundary(part) if shapely.get_dimensions(part) == 2 else part for part in parts])
    flat = shapely.get_parts(shapely.get_parts(edges))
    flat = flat[(shapely.get_dimensions(flat) == 1) & (shapely.length(flat) > 0)]
    return np.asarray([shapely.LineString(line.coords) for line in flat] or np.zeros(0), dtype=object)


def middles(shapes: Shapes) -> NDArray[np.float64]:
    """A point inside each shape, (n, 2)."""
    found: NDArray[np.float64] = shapely.get_coordinates(shapely.point_on_surface(shapes)).reshape(-1, 2)
    return found


def point_of(shape: BaseGeometry) -> BaseGeometry:
    """A point on a shape, even on one that has collapsed."""
    point = shapely.point_on_surface(shape)
    return shapely.Point(shapely.get_coordinates(shape)[0]) if point.is_empty else point


def westernmost(shapes: Shapes) -> tuple[float, float]:
    """A point in the westernmost of the shapes that have a place; (nan, nan) when none has."""
    spots = middles(shapes[usable(shapes)])
    if not len(spots):
        return (float("nan"), float("nan"))
    first = spots[np.lexsort((spots[:, 1], spots[:, 0]))[0]]
    return (float(first[0]), float(first[1]))


def touching(many: Shapes, few: Shapes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs of a shape of the many and one of the few that touch, in an order of both.

    The few may have tens of thousands of corners: they are made ready for comparison once, not for each of the many.
    """
    other, one = shapely.STRtree(many).query(few, predicate="intersects")
    order = np.lexsort((other, one))
    return one[order], other[order]
