"""A county to draw grids on: streets, blocks, buildings and communities of a given number of households, always alike.

A jittered lattice of streets, dense in the middle and wide at the edge; 22 % of the minor streets are missing, every
seventh line is an arterial road, and the land between arterial roads is a community (a hard border). Blocks in the
middle are full of apartment slabs (one to five stairwells, three to eleven storeys, two or four flats a storey, at most
100 in a building), further out they are mixed, at the edge hamlets of houses with one or two households.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from onegrid.county.grids.rules.drawing.ground import Ground
from onegrid.county.grids.rules.metres import LocalPlane

SEED = 20260302
ACROSS = 7
"""Streets from one arterial road to the next."""
PER_COMMUNITY = 1753
MISSING = 0.22
CORE_STEP_M = 82.0
CENTRE = LocalPlane(119.1, 26.1)


def town(households: int, seed: int = SEED) -> Ground:
    """The county with about that many households (within some ten per cent: there are whole communities)."""
    rng = np.random.default_rng(seed)
    wide = max(1, round(np.sqrt(households / PER_COMMUNITY)))
    corners = _corners(wide * ACROSS, rng)
    ends, rank = _streets(wide * ACROSS, rng)
    lines = shapely.linestrings(corners[ends])
    blocks = shapely.get_parts(shapely.polygonize(lines))
    blocks = blocks[shapely.area(blocks) > 400]
    centre = shapely.get_coordinates(shapely.centroid(blocks))
    order = np.lexsort((centre[:, 1], centre[:, 0]))
    shapes, flats, units, floors = _buildings(blocks[order], centre[order], np.abs(corners).max(), rng)
    areas = _communities(corners, wide)
    names = [f"community {number}" for number in range(len(areas))]
    return Ground(
        buildings=_degrees(shapes), households=flats, weight=flats.copy(), units=units, floors=floors,
        source=np.array([f"building {row}" for row in range(len(shapes))], object), roads=_degrees(lines),
        road_rank=rank, water=np.zeros(0, object), areas=_degrees(areas), area_names=names,
        area_codes=[f"{number:03d}" for number in range(len(areas))],
    )  # fmt: skip


def _degrees(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    return np.asarray(shapely.transform(shapes, CENTRE.to_degrees))


def _corners(count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Crossings of the lattice, (count+1)² of them, row by row: warped so that streets lie close in the middle."""
    side = np.linspace(-1, 1, count + 1)
    u, v = (axis.ravel() for axis in np.meshgrid(side, side, indexing="ij"))
    half = CORE_STEP_M * count / 2 / 0.35
    warped = [half * (0.35 * axis + 0.65 * axis * np.abs(axis)) for axis in (u, v)]
    step = [half * 2 / count * (0.35 + 1.3 * np.abs(axis)) for axis in (u, v)]
    shift = rng.uniform(-0.16, 0.16, (2, len(u)))
    bend = 0.02 * half * np.sin(3 * v), 0.02 * half * np.sin(2.5 * u)
    return np.column_stack([warped[i] + shift[i] * step[i] + bend[i] for i in (0, 1)])


def _streets(count: int, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """Pairs of crossings and the rank of the street between them."""
    number = np.arange((count + 1) ** 2).reshape(count + 1, count + 1)
    along = np.broadcast_to(np.arange(count + 1)[:, None], (count + 1, count))
    east = np.column_stack([number[:-1].ravel(), number[1:].ravel()])
    north = np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()])
    line = np.concatenate([along.T.ravel(), along.ravel()])  # the lattice line the street lies on
    rank = np.where(line % (3 * ACROSS) == 0, 4, np.where(line % ACROSS == 0, 3, 1)).astype(np.int8)
    ends = np.concatenate([east, north])
    keep = (rank >= 3) | (rng.random(len(ends)) >= MISSING)
    return ends[keep], rank[keep]


def _communities(corners: NDArray[np.float64], wide: int) -> NDArray[np.object_]:
    """The land between arterial roads."""
    count = wide * ACROSS
    number = np.arange((count + 1) ** 2).reshape(count + 1, count + 1)
    shapes = []
    for i in range(0, count, ACROSS):
        for j in range(0, count, ACROSS):
            part = number[i : i + ACROSS + 1, j : j + ACROSS + 1]
            ring = np.concatenate([part[:, 0], part[-1, 1:], part[-2::-1, -1], part[0, -2:0:-1]])
            shapes.append(shapely.Polygon(corners[ring]))
    return np.array(shapes, object)


def _buildings(
    blocks: NDArray[np.object_], centre: NDArray[np.float64], half: float, rng: np.random.Generator
) -> tuple[NDArray[np.object_], NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Footprints, households, stairwells and storeys."""
    far = np.hypot(centre[:, 0], centre[:, 1]) / half
    slabs = rng.random(len(blocks)) < np.clip(0.69 - 0.64 * far, 0.1, 0.7)
    inner = shapely.buffer(blocks, -6.0)
    found: list[tuple[NDArray[np.object_], NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]] = []
    for row, room in enumerate(inner):
        if room.is_empty:
            continue
        made = _slabs(room, rng) if slabs[row] else _houses(room, rng)
        found.append(made)
    shapes, flats, units, floors = (np.concatenate([one[part] for one in found]) for part in range(4))
    return shapes, flats, units, floors


def _slabs(
    room: shapely.Geometry, rng: np.random.Generator
) -> tuple[NDArray[np.object_], NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Rows of apartment slabs in part of a block, then houses in none of it."""
    west, south, east, north = room.bounds
    span = min(east - west, 130.0), min(north - south, 100.0)
    rows = np.arange(south + 4, south + span[1] - 12, rng.uniform(26, 34))
    boxes, flats, units, floors = [], [], [], []
    for low in rows:
        left = west + rng.uniform(0, 12)
        high = int(min(rng.integers(3, 12), rng.integers(3, 12)))
        each = 4 if rng.random() < 0.2 else 2
        while left < west + span[0] - 14:
            wells = min(int(rng.choice([1, 1, 1, 2, 2, 2, 3, 3, 4, 5])), 100 // (high * each))
            wells = max(1, min(wells, int((west + span[0] - left) / 15)))
            boxes.append(shapely.box(left, low, left + 14.5 * wells, low + 12))
            flats.append(float(wells * high * each))
            units.append(wells)
            floors.append(high)
            left += 14.5 * wells + rng.uniform(8, 16)
    return _inside(room, boxes, flats, units, floors)


def _houses(
    room: shapely.Geometry, rng: np.random.Generator
) -> tuple[NDArray[np.object_], NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """A hamlet: houses close together around one place of the block, now and then a small slab among them."""
    west, south, east, north = room.bounds
    side = rng.uniform(55, 105)
    x0 = rng.uniform(west, max(west + 1, east - side))
    y0 = rng.uniform(south, max(south + 1, north - side))
    step = rng.uniform(15, 20)
    x, y = (axis.ravel() for axis in np.meshgrid(np.arange(x0, x0 + side, step), np.arange(y0, y0 + side, step)))
    keep = rng.random(len(x)) < 0.72
    shift = rng.uniform(-1.5, 1.5, (2, len(x)))
    x, y = (x + shift[0])[keep], (y + shift[1])[keep]
    size = rng.uniform(8, 11, (2, len(x)))
    flats = np.where(rng.random(len(x)) < 0.25, 2.0, 1.0)
    boxes = list(shapely.box(x, y, x + size[0], y + size[1]))
    return _inside(room, boxes, list(flats), [1] * len(x), [1] * len(x))


def _inside(
    room: shapely.Geometry, boxes: list[shapely.Geometry], flats: list[float], units: list[int], floors: list[int]
) -> tuple[NDArray[np.object_], NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Those that lie in the block."""
    shapes = np.empty(len(boxes), object)
    shapes[:] = boxes
    shapely.prepare(room)
    keep = shapely.contains(room, shapes) if len(shapes) else np.zeros(0, bool)
    return (
        shapes[keep], np.array(flats, float)[keep], np.array(units, np.int64)[keep],
        np.array(floors, np.int64)[keep],
    )  # fmt: skip
