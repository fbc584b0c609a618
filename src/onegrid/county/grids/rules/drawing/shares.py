"""Sharing a block's land among points: each point gets what is nearer to it than to any other.

One call makes the Voronoi diagrams of all blocks. Where the geometry library does not manage one (points all but on top
of one another), that block is halved again and again between its points instead.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

EXACT = 1e-7
"""Relative error of a block's shares together beyond which its diagram is not believed."""


def share_land(
    x: NDArray[np.float64], y: NDArray[np.float64], block: NDArray[np.int64], shapes: NDArray[np.object_]
) -> NDArray[np.object_]:
    """The share of each point (sorted by block, each inside its block, no two in one place) in its block's land."""
    found, start, size = np.unique(block, return_index=True, return_counts=True)
    shares = np.empty(len(x), dtype=object)
    single = size == 1
    shares[start[single]] = shapes[found[single]]
    many = np.flatnonzero(~single)
    rows = np.flatnonzero(~np.repeat(single, size))
    if not len(rows):
        return shares
    raw, bad = _diagrams(x[rows], y[rows], np.repeat(np.arange(len(many)), size[many]), shapes[found[many]])
    shares[rows] = _clipped(raw, shapes[block[rows]])
    total = np.zeros(len(many))
    np.add.at(total, np.repeat(np.arange(len(many)), size[many]), shapely.area(shares[rows]))
    whole = shapely.area(shapes[found[many]])
    bad |= np.abs(total - whole) > EXACT * whole
    for at in np.flatnonzero(bad):
        mine = slice(start[many[at]], start[many[at]] + size[many[at]])
        shares[mine] = halved(np.stack([x[mine], y[mine]], axis=1), shapes[found[many[at]]])
    return shares


def _diagrams(
    x: NDArray[np.float64], y: NDArray[np.float64], row: NDArray[np.intp], shapes: NDArray[np.object_]
) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """A Voronoi cell for each point in each block, not yet clipped; and the blocks where that failed (cells empty)."""
    points = shapely.multipoints(np.stack([x, y], axis=1), indices=row)
    bad = np.zeros(len(shapes), dtype=bool)
    try:
        made = shapely.voronoi_polygons(points, extend_to=shapely.envelope(shapes), ordered=True)
    except shapely.errors.GEOSException:
        made = np.array([_one_diagram(*pair) for pair in zip(points, shapes, strict=True)], dtype=object)
    size = np.bincount(row, minlength=len(shapes))
    bad |= shapely.get_num_geometries(made) != size
    cells = np.full(len(x), shapely.Polygon(), dtype=object)
    cells[~np.repeat(bad, size)] = shapely.get_parts(made[~bad])
    return cells, bad


def _one_diagram(points: BaseGeometry, shape: BaseGeometry) -> BaseGeometry:
    """The diagram of one block, empty where the library refuses."""
    try:
        return shapely.voronoi_polygons(points, extend_to=shapely.envelope(shape), ordered=True)
    except shapely.errors.GEOSException:
        return shapely.GeometryCollection()


def _clipped(cells: NDArray[np.object_], shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Each cell inside its block."""
    shapely.prepare(shapes)
    out = ~shapely.covers(shapes, cells)
    out &= ~shapely.is_empty(cells)
    clipped: NDArray[np.object_] = cells.copy()
    clipped[out] = shapely.intersection(cells[out], shapes[out])
    return clipped


def halved(points: NDArray[np.float64], shape: BaseGeometry) -> NDArray[np.object_]:
    """Shares by cutting the block between its points along its longer side, again and again.

    Together they are the block, and none is empty, whatever the points; a share may lie beside its point.
    """
    result = np.empty(len(points), dtype=object)
    todo = [(np.arange(len(points)), shape)]
    while todo:
        rows, land = todo.pop()
        if len(rows) == 1:
            result[rows[0]] = land
            continue
        west, south, east, north = shapely.bounds(land)
        axis = 0 if east - west >= north - south else 1
        order = rows[np.lexsort((rows, points[rows, axis]))]
        half = len(order) // 2
        middle = float(points[order[half - 1], axis] + points[order[half], axis]) / 2
        low, high = _cut(land, axis, middle)
        if min(low.area, high.area) < land.area / len(points) * 1e-3:
            low, high = _cut(land, axis, _middle(land, axis, half / len(order)))
        todo += [(order[:half], low), (order[half:], high)]
    return result


def _cut(land: BaseGeometry, axis: int, where: float) -> tuple[BaseGeometry, BaseGeometry]:
    """The land below and above a line across the axis."""
    west, south, east, north = shapely.bounds(land)
    low, high = [west, south, east, north], [west, south, east, north]
    low[2 + axis] = high[axis] = min(max(where, low[axis]), low[2 + axis])
    return shapely.intersection(land, shapely.box(*low)), shapely.intersection(land, shapely.box(*high))


def _middle(land: BaseGeometry, axis: int, share: float) -> float:
    """Where to cut so that about this share of the land lies below."""
    bounds = shapely.bounds(land)
    low, high = float(bounds[axis]), float(bounds[2 + axis])
    for _ in range(30):
        middle = (low + high) / 2
        if _cut(land, axis, middle)[0].area < share * land.area:
            low = middle
        else:
            high = middle
    return (low + high) / 2
