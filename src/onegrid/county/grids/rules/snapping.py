"""What somebody draws by hand, made to fit: points onto borders and streets, pieces along a line, buildings whole.

Everything in degrees, because borders must keep the very coordinates their neighbours have; tolerances are metres.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from onegrid.county.grids.rules.metres import LocalPlane, area_m2

SLIVER_M2: Final = 1.0
"""A piece smaller than this is nobody's land: it goes to its neighbour."""
REACH: Final = 4.0
"""The end of a line that stops inside is carried on as far as so many tolerances, to reach the border."""


def snapped(
    points: NDArray[np.float64], corners: NDArray[np.float64], lines: NDArray[np.object_], within_m: float
) -> NDArray[np.float64]:
    """Points (n, 2) moved onto the nearest corner (m, 2), else onto the nearest line, within a distance in metres.

    A point with neither stays. Corners go first: two borders that meet in a corner shall go on doing so.
    """
    if not len(points) or within_m <= 0:
        return points
    plane = LocalPlane(*map(float, points.mean(axis=0)))
    here, result = plane.to_metres(points), points.copy()
    left = np.ones(len(points), dtype=bool)
    if len(corners):
        there = plane.to_metres(corners)
        away = np.hypot(here[:, None, 0] - there[None, :, 0], here[:, None, 1] - there[None, :, 1])
        nearest = away.argmin(axis=1)
        hit = away[np.arange(len(points)), nearest] <= within_m
        result[hit] = corners[nearest[hit]]
        left = ~hit
    if len(lines) and left.any():
        target = shapely.transform(shapely.union_all(lines), plane.to_metres)
        links = shapely.shortest_line(shapely.points(here[left]), target)
        near = shapely.length(links) <= within_m
        ends = shapely.get_coordinates(shapely.get_point(links, -1))
        where = np.flatnonzero(left)[near]
        result[where] = plane.to_degrees(ends[near])
    return result


def carried_on(points: NDArray[np.float64], outline: BaseGeometry, by_m: float) -> NDArray[np.float64]:
    """A line whose ends lie inside an outline, carried on straight by some metres, so that it reaches the border."""
    plane = LocalPlane(*map(float, points.mean(axis=0)))
    here = plane.to_metres(points)
    for end, inner in ((0, 1), (len(here) - 1, len(here) - 2)):
        if shapely.intersects_xy(outline, *points[end]):
            way = here[end] - here[inner]
            length = float(np.hypot(*way))
            if length > 0:
                here[end] = here[end] + way / length * by_m
    return plane.to_degrees(here)


def pieces_along(outline: BaseGeometry, line: BaseGeometry) -> list[BaseGeometry]:
    """The pieces a line cuts an outline into, largest first; slivers are joined to the neighbour they border most."""
    noded = shapely.union_all(np.array([shapely.boundary(outline), line], dtype=object))
    faces = shapely.get_parts(shapely.polygonize([noded]))
    inside = shapely.contains(outline, shapely.point_on_surface(faces))
    found = list(faces[inside])
    found.sort(key=lambda face: (-face.area, face.bounds))
    if not found:
        return []
    sizes = area_m2(np.array(found, dtype=object))
    kept = [face for face, size in zip(found, sizes, strict=True) if size > SLIVER_M2]
    for face, size in zip(found, sizes, strict=True):
        if size <= SLIVER_M2 and kept:
            at = most_bordering(face, kept)
            kept[at] = shapely.union(kept[at], face)
    return kept


def most_bordering(piece: BaseGeometry, neighbours: Sequence[BaseGeometry]) -> int:
    """Which neighbour shares the longest border with a piece; the first of equals."""
    shared = shapely.length(shapely.intersection(shapely.boundary(piece), np.array(neighbours, dtype=object)))
    return int(np.argmax(shared))


def with_whole_buildings(parts: Sequence[BaseGeometry], buildings: NDArray[np.object_]) -> list[BaseGeometry]:
    """Parts of one outline whose common borders go around every building, each whole in the part that had most of it.

    A building that cannot be given whole without tearing a part asunder stays cut.
    """
    given = list(parts)
    if not len(buildings):
        return given
    whole = shapely.union_all(np.array(given, dtype=object))
    inside = shapely.intersection(buildings, whole)
    for shape in inside:
        if shape.is_empty or shape.area == 0:
            continue
        shares = [shapely.intersection(part, shape).area for part in given]
        touched = [at for at, share in enumerate(shares) if share > shape.area * 1e-6]
        if len(touched) < 2:
            continue
        owner = int(np.argmax(shares))
        trial = list(given)
        for at in touched:
            made = shapely.union(trial[at], shape) if at == owner else shapely.difference(trial[at], shape)
            trial[at] = made
        if all(trial[at].geom_type == given[at].geom_type and not trial[at].is_empty for at in touched):
            given = trial
    return given
