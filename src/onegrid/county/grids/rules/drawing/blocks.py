"""Blocks: the pieces of land between streets, rivers and the borders of the areas.

All lines are noded together and polygonised, so neighbouring blocks share their corners to the last bit. Each border
segment remembers the rank of the street or river it came from: that is where a grid's border should run.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from onegrid.county.grids.rules.drawing.ground import STREET, WATER
from onegrid.county.grids.rules.drawing.shapes import touching

SLIVER_WIDTH = 8.0
"""Empty land thinner than this (metres, on average) between two lines is no block of its own: two carriageways, or a
street drawn beside the border that follows it."""
ON_LINE = 0.005
"""Metres within which the middle of a segment counts as lying on a street."""


@dataclass(frozen=True)
class Blocks:
    """Blocks in metres, in an order of position, and the segments of their borders.

    ``ends`` is (m, 4): x, y, x, y of each border segment, each once; ``rank`` its street (-1 none); ``sides`` (m, 2)
    the blocks on both sides, -1 outside every area.
    """

    shape: NDArray[np.object_]
    area: NDArray[np.int64]
    ends: NDArray[np.float64]
    rank: NDArray[np.int8]
    sides: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.shape)


def cut_blocks(
    areas: NDArray[np.object_],
    roads: NDArray[np.object_],
    road_rank: NDArray[np.int8],
    water: NDArray[np.object_],
    homes: NDArray[np.object_],
) -> Blocks:
    """Cut the areas (a valid coverage, metres) along roads and water; paths cut nothing.

    ``homes`` are the footprints or points of buildings: a thin block that holds none is joined to its neighbour.
    """
    lines, ranks = border_lines(roads, road_rank, water)
    near = _near_areas(lines, areas)
    lines, ranks = lines[near], ranks[near]
    shape, area = _faces(areas, lines)
    blocks = _with_segments(shape, area, lines, ranks)
    joined = _join_slivers(blocks, homes)
    if joined is None:
        return blocks
    return _with_segments(*joined, lines, ranks)


def border_lines(
    roads: NDArray[np.object_], road_rank: NDArray[np.int8], water: NDArray[np.object_]
) -> tuple[NDArray[np.object_], NDArray[np.int8]]:
    """All lines a border may follow with their ranks: streets and better, rivers, the banks of lakes."""
    real = road_rank >= STREET
    banks = np.where(shapely.get_dimensions(water) == 2, shapely.boundary(water), water) if len(water) else water
    lines = np.concatenate([shapely.get_parts(roads[real]), shapely.get_parts(banks)])
    ranks = np.concatenate(
        [
            np.repeat(road_rank[real], shapely.get_num_geometries(roads[real])),
            np.full(int(shapely.get_num_geometries(banks).sum()), WATER),
        ]
    ).astype(np.int8)
    return lines, ranks


def _near_areas(lines: NDArray[np.object_], areas: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Which lines touch some area."""
    found = np.zeros(len(lines), dtype=bool)
    found[touching(lines, areas)[0]] = True
    return found


def _faces(areas: NDArray[np.object_], lines: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """The faces the lines cut the areas into, from west to east, and the area of each."""
    if not len(areas):
        return np.zeros(0, dtype=object), np.zeros(0, dtype=np.int64)
    noded = shapely.unary_union(np.concatenate([shapely.boundary(areas), lines]))
    faces = shapely.get_parts(shapely.polygonize([noded]))
    inside = shapely.point_on_surface(faces)
    face, area = touching(inside, areas)
    face, first = np.unique(face, return_index=True)
    shape, area, inside = faces[face], area[first], inside[face]
    order = np.lexsort((shapely.get_y(inside), shapely.get_x(inside)))
    return shape[order], area[order].astype(np.int64)


def _with_segments(
    shape: NDArray[np.object_], area: NDArray[np.int64], lines: NDArray[np.object_], ranks: NDArray[np.int8]
) -> Blocks:
    """Blocks with the table of their border segments."""
    start, end, owner = ring_segments(shape)
    swap = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    ends = np.where(swap[:, None], np.hstack([end, start]), np.hstack([start, end]))
    order = np.lexsort(ends.T[::-1])
    ends, owner = ends[order], owner[order]
    fresh = np.ones(len(ends), dtype=bool)
    fresh[1:] = (ends[1:] != ends[:-1]).any(axis=1)
    row = np.cumsum(fresh) - 1
    sides = np.full((int(fresh.sum()), 2), -1, dtype=np.int64)
    sides[row[fresh], 0] = owner[fresh]
    sides[row[~fresh], 1] = owner[~fresh]
    ends = ends[fresh]
    return Blocks(shape, area, ends, rank_of(ends, lines, ranks), sides)


def ring_segments(
    shape: NDArray[np.object_],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """The segments of all rings of polygons: start (n, 2), end (n, 2) and the polygon of each."""
    rings, of_polygon = shapely.get_rings(shape, return_index=True)
    points, of_ring = shapely.get_coordinates(rings, return_index=True)
    real = of_ring[1:] == of_ring[:-1] if len(points) else np.zeros(0, dtype=bool)
    return points[:-1][real], points[1:][real], of_polygon[of_ring[:-1][real]].astype(np.int64)


def rank_of(ends: NDArray[np.float64], lines: NDArray[np.object_], ranks: NDArray[np.int8]) -> NDArray[np.int8]:
    """The highest rank among the lines each segment lies on, -1 where it lies on none."""
    found = np.full(len(ends), -1, dtype=np.int8)
    if not len(lines) or not len(ends):
        return found
    points, of_line = shapely.get_coordinates(lines, return_index=True)
    real = of_line[1:] == of_line[:-1]
    pieces = shapely.linestrings(np.stack([points[:-1][real], points[1:][real]], axis=1))
    middle = shapely.points((ends[:, :2] + ends[:, 2:]) / 2)
    segment, piece = shapely.STRtree(pieces).query(middle, predicate="dwithin", distance=ON_LINE)
    np.maximum.at(found, segment, ranks[of_line[:-1][real][piece]])
    return found


def _join_slivers(blocks: Blocks, homes: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.int64]] | None:
    """Blocks with the thin empty ones joined to the neighbour they share most border with; None when there are none."""
    if not len(blocks):
        return None
    width = 2 * shapely.area(blocks.shape) / np.maximum(shapely.length(blocks.shape), 1e-9)
    thin = np.flatnonzero(width < SLIVER_WIDTH)
    if len(homes) and len(thin):
        held = touching(shapely.point_on_surface(homes), blocks.shape[thin])[1]
        thin = np.delete(thin, np.unique(held))
    group = _groups(blocks, thin)
    if len(np.unique(group)) == len(blocks):
        return None
    order = np.argsort(group, kind="stable")
    _, start, size = np.unique(group[order], return_index=True, return_counts=True)
    shape = blocks.shape[order[start]]
    for at in np.flatnonzero(size > 1):
        shape[at] = shapely.coverage_union_all(blocks.shape[order[start[at] : start[at] + size[at]]])
    single = shapely.get_type_id(shape) == shapely.GeometryType.POLYGON
    return (shape, blocks.area[order[start]]) if single.all() else None


def _groups(blocks: Blocks, thin: NDArray[np.intp]) -> NDArray[np.int64]:
    """For each block the first block of its group: every thin one goes with one neighbour in its own area."""
    left, right = blocks.sides.T
    both = (right >= 0) & (left >= 0)
    both[both] = blocks.area[left[both]] == blocks.area[right[both]]
    length = np.hypot(blocks.ends[both, 2] - blocks.ends[both, 0], blocks.ends[both, 3] - blocks.ends[both, 1])
    count = len(blocks)
    shared = coo_array((length, (left[both], right[both])), shape=(count, count)).tocsr()
    shared = (shared + shared.T).tocsr()
    tail, head = [], []
    for row in thin:
        near = slice(shared.indptr[row], shared.indptr[row + 1])
        if near.stop > near.start:
            tail.append(row)
            head.append(shared.indices[near][np.argmax(shared.data[near])])
    links = coo_array((np.ones(len(tail)), (tail, head)), shape=(count, count))
    part = connected_components(links, directed=False)[1]
    _, first, which = np.unique(part, return_index=True, return_inverse=True)
    return first[which].astype(np.int64)
