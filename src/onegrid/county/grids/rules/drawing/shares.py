"""Sharing a block's land among points: each point gets what is nearer to it than to any other.

One call makes the Voronoi diagrams of all blocks. Where the geometry library gets one wrong (about one block in five
hundred, as a rule with points in rows), qhull makes it; where that fails too, the block is halved between its points.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import QhullError, Voronoi
from shapely.geometry.base import BaseGeometry

EXACT = 1e-7
"""Relative error of a block's shares together beyond which its diagram is not believed."""
CORNER = 1e-6
"""Metres to which the corners of a sturdier diagram are rounded, so that those all but in one place are one."""


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
    size = size[many]
    row = np.repeat(np.arange(len(many)), size)
    raw, bad = _diagrams(x[rows], y[rows], row, shapes[found[many]])
    made = _clipped(raw, shapes[block[rows]])
    whole = shapely.area(shapes[found[many]])
    bad |= np.abs(np.bincount(row, weights=shapely.area(made)) - whole) > EXACT * whole
    shares[rows] = made
    for at in np.flatnonzero(bad):
        mine = slice(start[many[at]], start[many[at]] + size[at])
        shares[mine] = _with_care(np.stack([x[mine], y[mine]], axis=1), shapes[found[many[at]]])
    return shares


def _diagrams(
    x: NDArray[np.float64], y: NDArray[np.float64], row: NDArray[np.intp], shapes: NDArray[np.object_]
) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """A Voronoi cell for each point in each block, not yet clipped; and the blocks where that failed (cells empty)."""
    points = shapely.multipoints(np.stack([x, y], axis=1), indices=row)
    try:
        made = shapely.voronoi_polygons(points, extend_to=_beyond(shapes), ordered=True)
    except shapely.errors.GEOSException:
        made = np.array([_one_diagram(*pair) for pair in zip(points, shapes, strict=True)], dtype=object)
    size = np.bincount(row, minlength=len(shapes))
    bad = shapely.get_num_geometries(made) != size
    cells = np.full(len(x), shapely.Polygon(), dtype=object)
    cells[~np.repeat(bad, size)] = shapely.get_parts(made[~bad])
    bad |= np.bincount(row, weights=~shapely.is_valid(cells), minlength=len(shapes)) > 0
    cells[np.repeat(bad, size)] = shapely.Polygon()
    return cells, bad


def _beyond(shapes: Any) -> Any:
    """Rectangles a little larger than the blocks, so that no cell ends on a border before it is clipped."""
    west, south, east, north = np.moveaxis(shapely.bounds(shapes), -1, 0)
    wide = (east - west + north - south) / 10
    return shapely.box(west - wide, south - wide, east + wide, north + wide)


def _one_diagram(points: BaseGeometry, shape: BaseGeometry) -> BaseGeometry:
    """The diagram of one block, empty where the library refuses."""
    try:
        return shapely.voronoi_polygons(points, extend_to=_beyond(shape), ordered=True)
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


def _with_care(points: NDArray[np.float64], shape: BaseGeometry) -> NDArray[np.object_]:
    """Shares of one block whose diagram failed: from a sturdier, slower diagram, else by halving."""
    try:
        cells = _sturdy(points, shape)
        shares = shapely.intersection(cells, shape)
    except (QhullError, shapely.errors.GEOSException, ValueError):
        return halved(points, shape)
    if abs(shapely.area(shares).sum() - shape.area) > EXACT * shape.area or shapely.is_empty(shares).any():
        return halved(points, shape)
    return np.asarray(shares, dtype=object)


def _sturdy(points: NDArray[np.float64], shape: BaseGeometry) -> NDArray[np.object_]:
    """Voronoi cells by qhull, inside a frame of eight points far outside. Raises ValueError when one has no cell."""
    west, south, east, north = shapely.bounds(shape)
    middle = np.array([west + east, south + north]) / 2
    reach = 20 * np.hypot(east - west, north - south)
    angle = np.arange(8) * np.pi / 4 + 0.1
    frame = np.column_stack([np.cos(angle), np.sin(angle)]) * reach
    diagram = Voronoi(np.vstack([points - middle, frame]))
    corners = np.round(diagram.vertices / CORNER) * CORNER + middle
    cells = []
    for site, region in enumerate(diagram.point_region[: len(points)]):
        ring = diagram.regions[region] if region >= 0 else []
        if len(ring) < 3 or -1 in ring:
            raise ValueError("a point has no cell")
        way = corners[ring] - points[site]
        spots = corners[ring][np.argsort(np.arctan2(way[:, 1], way[:, 0]), kind="stable")]
        cell = shapely.Polygon(spots)
        cells.append(cell if cell.is_valid else shapely.convex_hull(shapely.multipoints(spots)))
    return np.array(cells, dtype=object)


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
