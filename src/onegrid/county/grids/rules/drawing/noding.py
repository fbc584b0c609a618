"""Cells that meet corner to corner: both sides of every border get the same points.

Cells are cut block by block, so along a street the corners of one side lie in the middle of the other side's edges.
Here each corner is put into the edge opposite; then two cells are neighbours exactly where they share a segment.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from onegrid.county.grids.rules.drawing.blocks import Blocks

SAME_POINT = 1e-5
"""Metres within which two computed corners are one corner."""
OFF_LINE = 1e-3
"""A corner on a border that lies farther than this (metres) from every border segment is a fault."""


class NotNoded(ValueError):
    """These ``cells`` do not fit together; the caller mends them and tries again."""

    def __init__(self, cells: NDArray[np.int64]) -> None:
        self.cells = cells
        super().__init__(f"{len(cells)} cells do not fit together")


@dataclass(frozen=True)
class Borders:
    """Every segment of the cells' borders once: cells ``left`` and ``right`` (-1 outside), and the border segment of
    the blocks it lies on (-1 inside a block)."""

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    length_m: NDArray[np.float64]
    segment: NDArray[np.int64]


@dataclass(frozen=True)
class _Rings:
    """Closed rings as corner numbers, the first again last; ``ring`` of each entry, entries of a ring in a row."""

    corner: NDArray[np.int64]
    ring: NDArray[np.int64]


def node(
    cells: NDArray[np.object_], of_block: NDArray[np.int64], blocks: Blocks
) -> tuple[NDArray[np.object_], Borders, NDArray[np.int64]]:
    """The cells (each of a block) with shared corners, their borders, and which of the given cells are left (some are
    only a hair).

    Raises NotNoded when they do not fit together.
    """
    rings, of_cell = shapely.get_rings(cells, return_index=True)
    points, of_ring = shapely.get_coordinates(rings, return_index=True)
    every = np.concatenate([blocks.ends[:, :2], blocks.ends[:, 2:], points])
    number, place = number_points(every)
    count = len(blocks.ends)
    start, end, corner = number[:count], number[count : 2 * count], number[2 * count :]
    kept = _without_repeats(_Rings(corner, of_ring.astype(np.int64)))
    filled, segment = _filled(kept, of_cell.astype(np.int64), of_block, place, (start, end), blocks)
    borders = _matched(filled, segment, of_cell.astype(np.int64), place, blocks)
    made, left = _polygons(filled, of_cell.astype(np.int64), place, len(cells))
    return made, _renumbered(borders, left, len(cells)), left


def number_points(points: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Numbers for points, one number for all within SAME_POINT, and a place for each number: its first point's."""
    by_x = np.argsort(points[:, 0], kind="stable")
    band = np.zeros(len(points), dtype=np.int64)
    band[by_x[1:]] = np.cumsum(np.diff(points[by_x, 0]) > SAME_POINT)
    order = np.lexsort((points[:, 1], band))
    y, row = points[order, 1], band[order]
    fresh = np.ones(len(points), dtype=bool)
    fresh[1:] = (row[1:] != row[:-1]) | (np.diff(y) > SAME_POINT)
    number = np.empty(len(points), dtype=np.int64)
    number[order] = np.cumsum(fresh) - 1
    first = np.full(int(fresh.sum()), len(points), dtype=np.int64)
    np.minimum.at(first, number, np.arange(len(points)))
    return number, points[first]


def _without_repeats(rings: _Rings) -> _Rings:
    """The rings without a corner twice in a row, and without rings that have become a line."""
    corner, ring = rings.corner, rings.ring
    keep = np.ones(len(corner), dtype=bool)
    keep[1:] = (corner[1:] != corner[:-1]) | (ring[1:] != ring[:-1])
    corner, ring = corner[keep], ring[keep]
    size = np.bincount(ring, minlength=int(ring[-1]) + 1 if len(ring) else 0)
    real = size[ring] >= 4
    return _Rings(corner[real], ring[real])


def _filled(
    rings: _Rings,
    of_cell: NDArray[np.int64],
    of_block: NDArray[np.int64],
    place: NDArray[np.float64],
    ends: tuple[NDArray[np.int64], NDArray[np.int64]],
    blocks: Blocks,
) -> tuple[_Rings, NDArray[np.int64]]:
    """The rings with every corner that lies on one of their edges; and the border segment of the edge at each entry."""
    tail, head, at = _edges(rings)
    start, end = ends
    base = np.int64(len(place))
    key = np.minimum(tail, head) * base + np.maximum(tail, head)
    whole_key = np.minimum(start, end) * base + np.maximum(start, end)
    by_key = np.argsort(whole_key)
    spot = np.minimum(np.searchsorted(whole_key[by_key], key), len(by_key) - 1)
    segment = np.where(whole_key[by_key][spot] == key, by_key[spot], -1)
    alone = _alone(key) | _between(key, of_block[of_cell[rings.ring[at]]])
    on_block = np.zeros(len(place), dtype=bool)
    on_block[start], on_block[end] = True, True
    part = alone & (segment < 0)
    used = np.zeros(len(place), dtype=bool)
    used[tail[part]], used[head[part]] = True, True
    loose = np.flatnonzero(used & ~on_block)
    of_segment, rank_on, off = _along(loose, place, blocks)
    line = np.full(len(place), -1, dtype=np.int64)
    line[loose] = of_segment
    astray = np.zeros(len(place), dtype=bool)
    astray[loose] = off
    one, other = line[tail[part]], line[head[part]]
    segment[part] = np.maximum(one, other)
    wrong = (segment[part] < 0) | ((one >= 0) & (other >= 0) & (one != other))
    wrong |= astray[tail[part]] | astray[head[part]]
    if wrong.any():
        raise NotNoded(np.unique(of_cell[rings.ring[at[part][wrong]]]))
    first = np.searchsorted(of_segment[rank_on], np.arange(len(blocks.ends)))
    last = np.searchsorted(of_segment[rank_on], np.arange(len(blocks.ends)), side="right")
    position = np.full(len(place), -1, dtype=np.int64)
    position[loose[rank_on]] = np.arange(len(loose))
    return _insert(rings, (tail, head, at), segment, (start, end), (first, last), position, loose[rank_on])


def _edges(rings: _Rings) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """From, to and the entry at which each edge begins."""
    real = np.flatnonzero(rings.ring[1:] == rings.ring[:-1])
    return rings.corner[real], rings.corner[real + 1], real


def _between(key: NDArray[np.int64], block: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which keys occur in two blocks: edges that end alike on both sides of a street."""
    order = np.lexsort((block, key))
    ordered, its = key[order], block[order]
    other = np.zeros(len(key) + 1, dtype=bool)
    other[1:-1] = (ordered[1:] == ordered[:-1]) & (its[1:] != its[:-1])
    result = np.empty(len(key), dtype=bool)
    result[order] = other[1:] | other[:-1]
    return result


def _alone(key: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which keys occur once."""
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    same = np.zeros(len(key) + 1, dtype=bool)
    same[1:-1] = ordered[1:] == ordered[:-1]
    result = np.empty(len(key), dtype=bool)
    result[order] = ~(same[1:] | same[:-1])
    return result


def _along(
    loose: NDArray[np.int64], place: NDArray[np.float64], blocks: Blocks
) -> tuple[NDArray[np.int64], NDArray[np.intp], NDArray[np.bool_]]:
    """The border segment nearest to each loose corner, the order of the corners by segment and way along it, and which
    do not lie on it."""
    if not len(loose):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.intp), np.zeros(0, dtype=bool)
    lines = shapely.linestrings(blocks.ends.reshape(-1, 2, 2))
    points = shapely.points(place[loose])
    (_, segment), distance = shapely.STRtree(lines).query_nearest(points, all_matches=False, return_distance=True)
    ends = blocks.ends[segment]
    way = ends[:, 2:] - ends[:, :2]
    share = ((place[loose] - ends[:, :2]) * way).sum(axis=1) / np.maximum((way * way).sum(axis=1), 1e-300)
    return segment.astype(np.int64), np.lexsort((share, segment)), distance > OFF_LINE


def _insert(
    rings: _Rings,
    edges: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
    segment: NDArray[np.int64],
    ends: tuple[NDArray[np.int64], NDArray[np.int64]],
    span: tuple[NDArray[np.int64], NDArray[np.int64]],
    position: NDArray[np.int64],
    ordered: NDArray[np.int64],
) -> tuple[_Rings, NDArray[np.int64]]:
    """Put the corners of each border segment that lie strictly inside an edge into that edge, in its direction."""
    tail, head, at = edges
    on = segment >= 0
    of = segment[on]
    first, last = span[0][of], span[1][of]

    def place_of(corner: NDArray[np.int64]) -> NDArray[np.float64]:
        inner = position[corner].astype(np.float64)
        return np.where(inner >= 0, inner, np.where(corner == ends[0][of], first - 0.5, last - 0.5))

    begin, stop = place_of(tail[on]), place_of(head[on])
    low = np.floor(np.minimum(begin, stop)).astype(np.int64) + 1
    high = np.ceil(np.maximum(begin, stop)).astype(np.int64) - 1
    extra = np.zeros(len(rings.corner), dtype=np.int64)
    extra[at[on]] = np.maximum(high - low + 1, 0)
    target = np.arange(len(extra)) + np.cumsum(extra) - extra
    corner = np.empty(len(extra) + int(extra.sum()), dtype=np.int64)
    corner[target] = rings.corner
    count = extra[at[on]]
    step = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    up = begin < stop
    chosen = np.where(np.repeat(up, count), np.repeat(low, count) + step, np.repeat(high, count) - step)
    corner[np.repeat(target[at[on]], count) + 1 + step] = ordered[chosen]
    along = np.full(len(rings.corner), -1, dtype=np.int64)
    along[at] = segment
    return _Rings(corner, np.repeat(rings.ring, extra + 1)), np.repeat(along, extra + 1)


def _matched(
    rings: _Rings,
    segment: NDArray[np.int64],
    of_cell: NDArray[np.int64],
    place: NDArray[np.float64],
    blocks: Blocks,
) -> Borders:
    """Each edge with its twin; an edge without one must lie on the outer border. Raises NotNoded otherwise."""
    tail, head, at = _edges(rings)
    owner, along = of_cell[rings.ring[at]], segment[at]
    low, high = np.minimum(tail, head), np.maximum(tail, head)
    order = np.lexsort((owner, high, low))
    low, high, owner, along = low[order], high[order], owner[order], along[order]
    fresh = np.ones(len(low), dtype=bool)
    fresh[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    begin = np.flatnonzero(fresh)
    size = np.diff(np.append(begin, len(low)))
    if (size > 2).any():
        raise NotNoded(np.unique(owner[np.repeat(size, size) > 2]))
    right = np.where(size == 2, owner[np.minimum(begin + 1, len(owner) - 1)], -1)
    alone = begin[size == 1]
    wrong = (along[alone] < 0) | (blocks.sides[along[alone], 1] >= 0)
    if wrong.any():
        raise NotNoded(np.unique(owner[alone[wrong]]))
    line = place[high[begin]] - place[low[begin]]
    return Borders(owner[begin], right, np.hypot(line[:, 0], line[:, 1]), along[begin])


def _polygons(
    rings: _Rings, of_cell: NDArray[np.int64], place: NDArray[np.float64], count: int
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """The cells as polygons again, and which of them there still are."""
    there = np.bincount(rings.ring) > 0
    found, number = np.flatnonzero(there), (np.cumsum(there) - 1)[rings.ring]
    lines = shapely.linearrings(place[rings.corner], indices=number)
    owner = of_cell[found]
    shell = np.ones(len(found), dtype=bool)
    shell[1:] = owner[1:] != owner[:-1]
    left = owner[shell]
    made = shapely.polygons(lines[shell])
    for cell in np.unique(owner[~shell]):
        first, last = np.searchsorted(owner, [cell, cell + 1])
        made[np.searchsorted(left, cell)] = shapely.polygons(lines[first], lines[first + 1 : last])
    valid = shapely.is_valid(made)
    if not valid.all():
        raise NotNoded(left[~valid])
    return made, left


def _renumbered(borders: Borders, left: NDArray[np.int64], count: int) -> Borders:
    """The borders with the cells counted anew."""
    new = np.full(count + 1, -1, dtype=np.int64)
    new[left] = np.arange(len(left))
    return Borders(new[borders.left], new[borders.right], borders.length_m, borders.segment)


def match_cleaned(cells: NDArray[np.object_], block: NDArray[np.int64], blocks: Blocks) -> Borders:
    """The borders of cells that already share their corners; between blocks the border segment is the nearest one."""
    rings, of_cell = shapely.get_rings(cells, return_index=True)
    points, of_ring = shapely.get_coordinates(rings, return_index=True)
    corner, place = number_points(points)
    kept = _without_repeats(_Rings(corner, of_ring.astype(np.int64)))
    tail, head, at = _edges(kept)
    owner = of_cell[kept.ring[at]].astype(np.int64)
    low, high = np.minimum(tail, head), np.maximum(tail, head)
    order = np.lexsort((owner, high, low))
    low, high, owner = low[order], high[order], owner[order]
    fresh = np.ones(len(low), dtype=bool)
    fresh[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    begin = np.flatnonzero(fresh)
    size = np.diff(np.append(begin, len(low)))
    left = owner[begin]
    right = np.where(size >= 2, owner[np.minimum(begin + 1, len(owner) - 1)], -1)
    line = place[high[begin]] - place[low[begin]]
    segment = np.full(len(begin), -1, dtype=np.int64)
    apart = np.flatnonzero((right < 0) | (block[left] != block[right]))
    lines = shapely.linestrings(blocks.ends.reshape(-1, 2, 2))
    middle = shapely.points((place[high[begin[apart]]] + place[low[begin[apart]]]) / 2)
    found = shapely.STRtree(lines).query_nearest(middle, all_matches=False)
    segment[apart[found[0]]] = found[1]
    return Borders(left, right, np.hypot(line[:, 0], line[:, 1]), segment)
