"""Where each atom sits inside its block: the points the land is shared out around.

A house sits at a point inside its footprint; a stairwell's storeys are spread over the depth of the building, stairwell
after stairwell along its length.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from onegrid.county.grids.rules.drawing.blocks import Blocks
from onegrid.county.grids.rules.drawing.ground import Ground, in_metres
from onegrid.county.grids.rules.drawing.shapes import touching

FLAT_LIMIT = 6.0
"""More households than this on one storey are cut into runs of RUN: the storeys are not known, or it is a dormitory."""
RUN = 4.0
POINT_SIDE = 4.0
"""Metres: the side of the house assumed around a building known only as a point."""
WIDE_M = 20.0
"""An empty block this wide on average (metres) is land that several grids may share."""
SAME_PLACE = 0.001
"""Metres: points nearer than this are moved apart."""
GOLDEN = 2.399963229728653


@dataclass(frozen=True)
class Sites:
    """Atoms in an order of block and position, and the points of each (an atom has at least one).

    ``x``, ``y``, ``atom``: the points, sorted by block; ``home_*``: per atom. ``building`` and ``unit`` are -1 for the
    atom of an empty block.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    atom: NDArray[np.int64]
    home_x: NDArray[np.float64]
    home_y: NDArray[np.float64]
    households: NDArray[np.float64]
    weight: NDArray[np.float64]
    building: NDArray[np.int64]
    unit: NDArray[np.int64]
    block: NDArray[np.int64]


def place(ground: Ground, block: NDArray[np.int64], piece: NDArray[np.object_], blocks: Blocks) -> Sites:
    """Atoms of all buildings (each in its ``block`` with its ``piece`` of footprint, metres) and of empty blocks."""
    parts, units = part_counts(ground)
    building = np.repeat(np.arange(len(piece)), parts)
    step = np.arange(len(building)) - np.repeat(np.cumsum(parts) - parts, parts)
    anchor = _anchors(piece, block, blocks)
    spots = _spread(piece, anchor, parts, units, building, step)
    spots = _inside(spots, anchor[building], block[building], blocks)
    households = share_out(ground.households, parts, building, step)
    unit = np.repeat(np.cumsum(units) - units, parts) + step * units[building] // np.maximum(parts[building], 1)
    total = ground.households[building]
    even = 1.0 / np.maximum(parts[building], 1)
    portion = np.where(total > 0, households / np.where(total > 0, total, 1.0), even)
    empty = np.flatnonzero(np.bincount(block, minlength=len(blocks)) == 0)
    middle, of = _quarters(blocks.shape[empty], in_metres(ground.water, ground.plane()))
    empty = empty[of]
    none = np.full(len(empty), -1, dtype=np.int64)
    spots = np.concatenate([spots, middle])
    home_block = np.concatenate([block[building], empty]).astype(np.int64)
    order = np.lexsort((np.arange(len(spots)), spots[:, 1], spots[:, 0], home_block))
    spots, home_block = spots[order], home_block[order]
    spots = _apart(spots, home_block, blocks)
    zeros = np.zeros(len(empty))
    return Sites(
        spots[:, 0],
        spots[:, 1],
        np.arange(len(spots), dtype=np.int64),
        spots[:, 0],
        spots[:, 1],
        np.concatenate([households, zeros])[order],
        np.concatenate([portion * ground.weight[building], zeros])[order],
        np.concatenate([building, none]).astype(np.int64)[order],
        np.concatenate([unit, none]).astype(np.int64)[order],
        home_block,
    )


def _quarters(shapes: NDArray[np.object_], water: NDArray[np.object_]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """A point in each quarter of an empty block, or one in a narrow one or a lake; and the block of each point.

    A park between several neighbourhoods would else lie in one grid, and no other could reach from one to the next.
    """
    west, south, east, north = shapely.bounds(shapes).T if len(shapes) else np.zeros((4, 0))
    x, y = (west + east) / 2, (south + north) / 2
    room = 2 * shapely.area(shapes) / np.maximum(shapely.length(shapes), 1e-9) >= WIDE_M
    room[touching(shapely.point_on_surface(shapes), water[shapely.get_dimensions(water) == 2])[0]] = False
    wide = np.flatnonzero(room)
    parts = [
        shapely.intersection(shapes[wide], shapely.box(low[wide], down[wide], high[wide], up[wide]))
        for low, high in ((west, x), (x, east))
        for down, up in ((south, y), (y, north))
    ]
    single = np.setdiff1d(np.arange(len(shapes)), wide)
    every = np.concatenate([shapes[single], *parts])
    of = np.concatenate([single, *([wide] * len(parts))])
    real = shapely.area(every) > 0
    spots: NDArray[np.float64] = shapely.get_coordinates(shapely.point_on_surface(every[real])).reshape(-1, 2)
    return spots, of[real].astype(np.int64)


def assign(footprints: NDArray[np.object_], blocks: Blocks) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """The block of each building and the part of its footprint in that block.

    A building astride a street or border belongs where most of it stands.
    """
    block = np.zeros(len(footprints), dtype=np.int64)
    piece = np.where(shapely.get_dimensions(footprints) == 2, footprints, shapely.point_on_surface(footprints))
    which, where = touching(footprints, blocks.shape)
    times = np.bincount(which, minlength=len(footprints))
    once = times[which] == 1
    block[which[once]] = where[once]
    which, where = which[~once], where[~once]
    common = shapely.intersection(footprints[which], blocks.shape[where])
    best = np.lexsort((where, -shapely.area(common), which))
    first = best[np.unique(which[best], return_index=True)[1]]
    block[which[first]] = where[first]
    flat = shapely.area(common[first]) > 0
    piece[which[first][flat]] = common[first][flat]
    lost = np.flatnonzero(times == 0)
    if len(lost):
        found = shapely.STRtree(blocks.shape).query_nearest(footprints[lost], all_matches=False)
        block[lost[found[0]]] = found[1]
    return block, _largest(piece)


def _largest(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Each shape, or its largest part where it has several."""
    many = np.flatnonzero(shapely.get_num_geometries(shapes) > 1)
    if not len(many):
        return shapes
    parts, owner = shapely.get_parts(shapes[many], return_index=True)
    best = np.lexsort((np.arange(len(parts)), -shapely.area(parts), owner))
    result: NDArray[np.object_] = shapes.copy()
    result[many] = parts[best[np.unique(owner[best], return_index=True)[1]]]
    return result


def part_counts(ground: Ground) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How many atoms and how many stairwells each building has, at least 1; stairwells share the atoms evenly."""
    homes = np.ceil(ground.households)
    units = np.maximum(np.minimum(ground.units, np.maximum(homes, 1)), 1).astype(np.int64)
    per_unit = homes / units
    floors = np.maximum(ground.floors, 1)
    crowded = per_unit / floors > FLAT_LIMIT
    runs = np.where(crowded, np.ceil(per_unit / RUN), np.minimum(floors, np.maximum(np.floor(per_unit), 1)))
    return (np.maximum(runs, 1).astype(np.int64) * units), units


def share_out(
    total: NDArray[np.float64], parts: NDArray[np.int64], building: NDArray[np.int64], step: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Each building's households over its atoms: whole numbers stay whole, and the sum stays exact."""
    whole = np.floor(total)
    count = parts[building]
    low = np.floor(whole[building] * step / count)
    high = np.floor(whole[building] * (step + 1) / count)
    rest = np.where(step == count - 1, (total - whole)[building], 0.0)
    shared: NDArray[np.float64] = high - low + rest
    return shared


def _anchors(piece: NDArray[np.object_], block: NDArray[np.int64], blocks: Blocks) -> NDArray[np.float64]:
    """A point inside the footprint and strictly inside its block."""
    spots: NDArray[np.float64] = shapely.get_coordinates(shapely.point_on_surface(piece)).reshape(-1, 2)
    home = blocks.shape[block]
    shapely.prepare(home)
    out = np.flatnonzero(~shapely.contains_xy(home, spots[:, 0], spots[:, 1]))
    goal = shapely.get_coordinates(shapely.point_on_surface(home[out])).reshape(-1, 2)
    start = spots[out].copy()
    for pull in (1e-4, 1e-3, 1e-2, 0.05, 0.2, 0.5, 1.0):
        spots[out] = start + (goal - start) * pull
        still = ~shapely.contains_xy(home[out], spots[out, 0], spots[out, 1])
        out, goal, start = out[still], goal[still], start[still]
    return spots


def _spread(
    piece: NDArray[np.object_],
    anchor: NDArray[np.float64],
    parts: NDArray[np.int64],
    units: NDArray[np.int64],
    building: NDArray[np.int64],
    step: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Stairwells side by side along the long side of a building, the storeys of each over its depth."""
    spots = anchor[building]
    many = np.flatnonzero(parts > 1)
    if not len(many):
        return spots
    origin, along, across = _frames(piece[many], anchor[many])
    row = np.full(len(parts), -1)
    row[many] = np.arange(len(many))
    moved = np.flatnonzero(parts[building] > 1)
    of, number = building[moved], step[moved]
    runs = parts[of] // units[of]
    u = ((number // runs) + 0.5) / units[of]
    v = ((number % runs) + 0.5) / runs
    frame = row[of]
    spots[moved] = origin[frame] + along[frame] * u[:, None] + across[frame] * v[:, None]
    return spots


def _frames(
    piece: NDArray[np.object_], anchor: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """A corner, the long side and the short side of the rectangle around each footprint; a small one around a point."""
    half = POINT_SIDE / 2
    corner = np.array([[-half, -half], [half, -half], [half, half]])
    corners = anchor[:, None, :] + corner[None, :, :]
    flat = np.flatnonzero(shapely.area(piece) > 0)
    around = shapely.oriented_envelope(piece[flat])
    good = shapely.get_num_coordinates(around) == 5
    corners[flat[good]] = shapely.get_coordinates(around[good]).reshape(-1, 5, 2)[:, :3]
    one, other = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 1]
    swap = np.hypot(*one.T) < np.hypot(*other.T)
    along = np.where(swap[:, None], other, one)
    across = np.where(swap[:, None], one, other)
    origin = corners[:, 0].copy()
    flip = (along[:, 0] < 0) | ((along[:, 0] == 0) & (along[:, 1] < 0))
    origin[flip] += along[flip]
    along[flip] *= -1
    return origin, along, across


def _inside(
    spots: NDArray[np.float64], anchor: NDArray[np.float64], block: NDArray[np.int64], blocks: Blocks
) -> NDArray[np.float64]:
    """The points, drawn towards their building's anchor until they lie inside the block."""
    home = blocks.shape[block]
    shapely.prepare(home)
    out = np.flatnonzero(~shapely.contains_xy(home, spots[:, 0], spots[:, 1]))
    start = spots[out].copy()
    for pull in (0.5, 0.2, 0.05, 0.01, 0.001):
        spots[out] = anchor[out] + (start - anchor[out]) * pull
        still = ~shapely.contains_xy(home[out], spots[out, 0], spots[out, 1])
        out, start = out[still], start[still]
    spots[out] = anchor[out]
    return spots


def _apart(spots: NDArray[np.float64], block: NDArray[np.int64], blocks: Blocks) -> NDArray[np.float64]:
    """The points with those in one place set apart on a spiral, as tight as the block needs."""
    spots = spots.copy()
    for reach in (0.3, 0.1, 0.03, 0.31, 0.02, 0.007):
        turn = _repeats(spots, block)
        again = np.flatnonzero(turn)
        if not len(again):
            break
        radius, angle = reach * np.sqrt(turn[again]), turn[again] * GOLDEN + reach
        tried = spots[again] + np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
        home = blocks.shape[block[again]]
        shapely.prepare(home)
        fits = shapely.contains_xy(home, tried[:, 0], tried[:, 1])
        spots[again[fits]] = tried[fits]
    return spots


def _repeats(spots: NDArray[np.float64], block: NDArray[np.int64]) -> NDArray[np.int64]:
    """0 for the first point in a place of a block, then 1, 2, … for those that share it."""
    grid = np.round(spots / SAME_PLACE).astype(np.int64)
    order = np.lexsort((np.arange(len(grid)), grid[:, 1], grid[:, 0], block))
    sorted_grid, sorted_block = grid[order], block[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (sorted_grid[1:] != sorted_grid[:-1]).any(axis=1) | (sorted_block[1:] != sorted_block[:-1])
    begin = np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))
    turn = np.zeros(len(order), dtype=np.int64)
    turn[order] = np.arange(len(order)) - begin
    return turn
