"""Checking a partition somebody else drew: does it tile, is each grid of one piece, kept to streets, and fair.

Every fault comes with a place, the grids it concerns and how large it is. Areas and lengths are measured on a local
plane in metres; differences smaller than a hand's breadth are rounding of the file and no fault.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from onegrid.county.grids.rules.drawing.ground import MAIN, in_degrees, in_metres
from onegrid.county.grids.rules.drawing.shapes import as_shapes, middles, polygons_of, touching, usable, whole
from onegrid.county.grids.rules.metres import LocalPlane

WORTH_M2 = 1.0
"""Gaps, overlaps and overhangs up to this many square metres are rounding."""
HAIR_M = 0.02
"""Gaps and overlaps thinner than this (metres, on average) are rounding however long they are."""
BESIDE_M = 15.0
"""A road nearer than this to the border of the grid runs along it and does not cross it."""
CROSSED_M = 50.0
"""Metres of road inside a grid, away from its border, from which it counts as crossed."""

Shapes = NDArray[np.object_]


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a partition.

    ``kind``: no_shape, invalid, gap, overlap, outside, several_pieces, island, crossing_road, overload,
    homes_uncovered. ``where`` is lon, lat; ``grids`` the rows concerned; ``amount`` square metres (gap, overlap,
    outside), pieces, metres of road inside (crossing_road) or households (overload, homes_uncovered); ``shape`` what
    can be drawn on a map, degrees.
    """

    kind: str
    where: tuple[float, float]
    grids: tuple[int, ...]
    amount: float
    shape: BaseGeometry | None = None


@dataclass(frozen=True)
class _Sheet:
    """The partition on its plane: usable outlines in metres and the row of each."""

    plane: LocalPlane
    flat: Shapes
    row: NDArray[np.int64]

    def fault(self, kind: str, grids: Sequence[int], amount: float, shape: BaseGeometry) -> Fault:
        """A fault with its place, from a shape in metres."""
        back = in_degrees(np.array([shape], dtype=object), self.plane)
        spot = middles(back)[0]
        return Fault(kind, (float(spot[0]), float(spot[1])), tuple(int(grid) for grid in grids), amount, back[0])


def check(
    shapes: Sequence[BaseGeometry | None] | Shapes,
    *,
    parents: Sequence[BaseGeometry] | Shapes | None = None,
    parent_of: NDArray[np.int64] | None = None,
    homes: Sequence[BaseGeometry] | Shapes | None = None,
    households: NDArray[np.float64] | None = None,
    roads: Sequence[BaseGeometry] | Shapes | None = None,
    road_rank: NDArray[np.int8] | None = None,
    size: float | None = None,
    tolerance: float = 0.2,
) -> list[Fault]:
    """Every fault of a partition, in an order of kind and row.

    ``shapes`` and ``parents`` are outlines in degrees (``parent_of``: the parent's row of each shape, -1 unknown);
    ``homes`` with their ``households`` find uncovered homes and, with a ``size``, grids more than ``tolerance`` above
    it; ``roads`` of rank main and above must not cut through a grid.
    """
    given = as_shapes(shapes)
    faults, sheet = _readable(given)
    if not len(sheet.flat):
        return faults
    faults += _pieces(sheet)
    faults += _overlaps(sheet)
    above = in_metres(_valid(as_shapes(parents)), sheet.plane) if parents is not None and len(parents) else None
    faults += _gaps(sheet, above)
    if above is not None:
        faults += _outside(sheet, above, parent_of)
    faults += _islands(sheet)
    if roads is not None and len(roads):
        ranks = np.full(len(roads), MAIN) if road_rank is None else np.asarray(road_rank)
        faults += _crossed(sheet, as_shapes(roads), ranks)
    if homes is not None and len(homes):
        counts = np.ones(len(homes)) if households is None else np.asarray(households, dtype=np.float64)
        faults += _loads(sheet, as_shapes(homes), counts, size, tolerance)
    return faults


def _readable(given: Shapes) -> tuple[list[Fault], _Sheet]:
    """Faults of single outlines, and the outlines that can be compared."""
    real = usable(given)
    nowhere = (float("nan"), float("nan"))
    faults = [Fault("no_shape", nowhere, (int(row),), 0.0) for row in np.flatnonzero(~real)]
    rows, mended = [], []
    for row in np.flatnonzero(real):
        shape = given[row]
        parts = polygons_of(shape)
        if not len(parts):
            faults.append(Fault("no_shape", nowhere, (int(row),), 0.0))
            continue
        good = shapely.is_valid(shape) and shapely.get_dimensions(shape) == 2
        if not good:
            spot = middles(parts[:1])[0]
            faults.append(Fault("invalid", (float(spot[0]), float(spot[1])), (int(row),), 0.0, whole(parts)))
        rows.append(row)
        mended.append(shape if good else whole(parts))
    found = np.empty(len(mended), dtype=object)
    found[:] = mended
    bounds = shapely.total_bounds(found) if len(found) else np.zeros(4)
    plane = LocalPlane(float(bounds[0] + bounds[2]) / 2, float(bounds[1] + bounds[3]) / 2)
    flat = in_metres(found, plane) if len(found) else found
    return faults, _Sheet(plane, flat, np.array(rows, dtype=np.int64))


def _valid(shapes: Shapes) -> Shapes:
    """Parents as valid polygons, row for row; empty where there is none."""
    result = np.full(len(shapes), shapely.Polygon(), dtype=object)
    for row in np.flatnonzero(usable(shapes)):
        parts = polygons_of(shapes[row])
        if len(parts):
            result[row] = whole(parts)
    return result


def _worth(shape: BaseGeometry) -> Shapes:
    """The parts of a difference that are no rounding: large enough, and not thinner than a hair."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    area = shapely.area(parts)
    return np.asarray(parts[(area > WORTH_M2) & (2 * area > HAIR_M * shapely.length(parts))], dtype=object)


def _pieces(sheet: _Sheet) -> list[Fault]:
    """Grids of several pieces: parts that touch in a point only are two pieces."""
    found = []
    for at in np.flatnonzero(shapely.get_num_geometries(sheet.flat) > 1):
        parts = shapely.get_parts(sheet.flat[at])
        smallest = parts[np.argmin(shapely.area(parts))]
        found.append(sheet.fault("several_pieces", [sheet.row[at]], float(len(parts)), smallest))
    return found


def _overlaps(sheet: _Sheet) -> list[Fault]:
    """Land that lies in two grids."""
    one, other = shapely.STRtree(sheet.flat).query(sheet.flat, predicate="intersects")
    order = np.lexsort((other, one))
    one, other = one[order], other[order]
    pairs = one < other
    one, other = one[pairs], other[pairs]
    found = []
    common = shapely.intersection(sheet.flat[one], sheet.flat[other])
    for left, right, shape in zip(one, other, common, strict=True):
        parts = _worth(shape)
        if len(parts):
            area = float(shapely.area(parts).sum())
            found.append(sheet.fault("overlap", [sheet.row[left], sheet.row[right]], area, whole(parts)))
    return found


def _gaps(sheet: _Sheet, above: Shapes | None) -> list[Fault]:
    """Land in no grid: inside the parents, or holes among the grids where no parents are known."""
    covered = shapely.union_all(sheet.flat)
    if above is not None and len(above):
        missing = shapely.difference(shapely.union_all(above), covered)
    else:
        outer = shapely.get_parts(covered)
        shells = shapely.polygons(shapely.get_exterior_ring(outer[shapely.get_dimensions(outer) == 2]))
        missing = shapely.difference(shapely.union_all(shells), covered)
    found = []
    tree = shapely.STRtree(sheet.flat)
    for part in _worth(missing):
        near = np.sort(tree.query(part, predicate="intersects"))
        found.append(sheet.fault("gap", sheet.row[near], float(part.area), part))
    return found


def _outside(sheet: _Sheet, above: Shapes, parent_of: NDArray[np.int64] | None) -> list[Fault]:
    """Land of a grid outside its parent, or outside every parent where its own is not known."""
    every = shapely.union_all(above)
    found = []
    for at, shape in enumerate(sheet.flat):
        parent = -1 if parent_of is None else int(parent_of[sheet.row[at]])
        home = above[parent] if 0 <= parent < len(above) and not above[parent].is_empty else every
        for part in _worth(shapely.difference(shape, home)):
            found.append(sheet.fault("outside", [sheet.row[at]], float(part.area), part))
    return found


def _islands(sheet: _Sheet) -> list[Fault]:
    """Grids that touch no other while the others touch each other."""
    if len(sheet.flat) < 2:
        return []
    one, other = shapely.STRtree(sheet.flat).query(sheet.flat, predicate="dwithin", distance=1.0)
    touches = np.bincount(one[one != other], minlength=len(sheet.flat)) > 0
    alone = np.flatnonzero(~touches) if touches.any() else np.zeros(0, dtype=np.intp)
    return [sheet.fault("island", [sheet.row[at]], float(sheet.flat[at].area), sheet.flat[at]) for at in alone]


def _crossed(sheet: _Sheet, roads: Shapes, ranks: NDArray[np.int8]) -> list[Fault]:
    """Grids a main road cuts through, away from their borders."""
    real = usable(roads) & (ranks >= MAIN)
    lines = in_metres(roads[real], sheet.plane)
    if not len(lines):
        return []
    inner = shapely.buffer(sheet.flat, -BESIDE_M, quad_segs=2)
    grid, line = shapely.STRtree(lines).query(inner, predicate="intersects")
    parts = shapely.intersection(inner[grid], lines[line])
    metres = np.bincount(grid, weights=shapely.length(parts), minlength=len(sheet.flat))
    found = []
    for at in np.flatnonzero(metres > CROSSED_M):
        crossing = shapely.union_all(parts[grid == at])
        found.append(sheet.fault("crossing_road", [sheet.row[at]], float(metres[at]), crossing))
    return found


def _loads(
    sheet: _Sheet, homes: Shapes, households: NDArray[np.float64], size: float | None, tolerance: float
) -> list[Fault]:
    """Homes in no grid, and grids with more households than one worker can look after."""
    real = usable(homes) & np.isfinite(households)
    spots = shapely.points(middles(in_metres(homes[real], sheet.plane)))
    counts = households[real]
    home, grid = touching(spots, sheet.flat)
    order = np.lexsort((grid, home))
    first = order[np.unique(home[order], return_index=True)[1]]
    load = np.bincount(grid[first], weights=counts[home[first]], minlength=len(sheet.flat))
    found = []
    bare = np.ones(len(spots), dtype=bool)
    bare[home] = False
    if bare.any():
        found.append(sheet.fault("homes_uncovered", [], float(counts[bare].sum()), shapely.multipoints(spots[bare])))
    if size is not None:
        for at in np.flatnonzero(load > size * (1 + tolerance)):
            found.append(sheet.fault("overload", [sheet.row[at]], float(load[at]), sheet.flat[at]))
    return found
