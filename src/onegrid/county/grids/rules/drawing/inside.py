"""The ground inside an outline, out of a larger one: of a building cut by storeys only what was drawn there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from onegrid.county.grids.rules.drawing.blocks import cut_blocks
from onegrid.county.grids.rules.drawing.ground import Ground, in_degrees, in_metres
from onegrid.county.grids.rules.drawing.sites import POINT_SIDE, Sites, assign, place


def inside(ground: Ground, outline: BaseGeometry) -> Ground:
    """The buildings of a ground (of which ``outline``, degrees, is a part) with the storeys whose place lies in the
    outline, which becomes the only area. Storeys are placed as a drawing of the whole ground places them.
    """
    clean, _ = ground.cleaned()
    area = np.array([outline], dtype=object)
    plane = clean.plane()
    footprints = in_metres(clean.buildings, plane)
    blocks = cut_blocks(
        in_metres(clean.areas, plane), in_metres(clean.roads, plane), clean.road_rank, in_metres(clean.water, plane),
        footprints,
    )  # fmt: skip
    if not len(footprints) or not len(blocks):
        return replace(clean.taken(np.zeros(len(footprints), dtype=bool)), areas=area)
    block, piece = assign(footprints, blocks)
    sites = place(clean, block, piece, blocks)
    land = in_metres(area, plane)[0]
    shapely.prepare(land)
    there = shapely.contains_xy(land, sites.home_x, sites.home_y) & (sites.building >= 0)
    some = _held(clean, sites, there)
    rows = np.unique(sites.building[there])
    cut = np.flatnonzero(np.bincount(sites.building[sites.building >= 0]) > _times(sites.building[there], len(piece)))
    cut = np.intersect1d(cut, rows)
    shapes = some.buildings.copy()
    if len(cut):
        shapes[cut] = in_degrees(_strips(piece[cut], land), plane)
    return replace(replace(some, buildings=shapes).taken(rows), areas=area)


def _times(numbers: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    return np.bincount(numbers, minlength=count).astype(np.int64)


def _held(ground: Ground, sites: Sites, there: NDArray[np.bool_]) -> Ground:
    """The ground with the homes, workload, stairwells and storeys of each building that are there."""
    count = len(ground.buildings)
    building = sites.building[there]
    pairs = np.unique(np.column_stack([building, sites.unit[there]]), axis=0)
    units = np.maximum(_times(pairs[:, 0], count), 1)
    atoms = _times(building, count)
    every = atoms == _times(sites.building[sites.building >= 0], count)
    return replace(
        ground,
        households=np.bincount(building, sites.households[there], count).astype(np.float64),
        weight=np.bincount(building, sites.weight[there], count).astype(np.float64),
        units=np.where(every, ground.units, units),
        floors=np.where(every, ground.floors, -(-atoms // units)),
    )


def _strips(pieces: NDArray[np.object_], land: BaseGeometry) -> NDArray[np.object_]:
    """What of each footprint lies on the land; a house known as a point is as large as it was drawn."""
    half = POINT_SIDE / 2
    flat = shapely.area(pieces) > 0
    shapes = np.where(flat, pieces, shapely.buffer(pieces, half, cap_style="square"))
    held = shapely.intersection(shapes, land)
    return np.asarray(np.where(shapely.area(held) > 0, held, shapely.point_on_surface(shapes)), dtype=object)
