"""Borders between walls: further points for buildings whose corners lie nearer to a neighbour's point.

A large building beside a small one would lose a corner of its footprint to the neighbour's cell. Such buildings, and
the neighbours that reach into them, get points along the inside of their walls.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from onegrid.county.grids.rules.drawing.blocks import Blocks
from onegrid.county.grids.rules.drawing.sites import SAME_PLACE, Sites

FLOOR_M = 1e6
"""Blocks are looked at one above the other, so that no point of another block is ever the nearest."""
INSET = 0.12
"""How far inside its walls a building's further points lie, as a share of its width, at most INSET_M."""
INSET_M = 1.5
ROUNDS = 2
CLEARLY_M = 0.5
"""A corner is lost to a neighbour that is nearer by more than this (metres); terraced houses share their corners."""
STEP_M = (1.5, 8.0)
"""Least and most distance between the further points of one building, metres."""


def along_walls(sites: Sites, pieces: NDArray[np.object_], blocks: Blocks) -> Sites:
    """The sites with further points for every building that would lose part of its footprint (``pieces``, metres)."""
    flat = np.flatnonzero(shapely.area(pieces) > 0)
    if not len(flat):
        return sites
    corners, owner = shapely.get_coordinates(pieces[flat], return_index=True)
    owner = flat[owner]
    block = np.full(len(pieces), -1, dtype=np.int64)
    block[sites.building[sites.building >= 0]] = sites.block[sites.building >= 0]
    done = np.zeros(len(pieces), dtype=bool)
    for _ in range(ROUNDS):
        way, at = _nearest(sites, corners, block[owner])
        winner = sites.building[sites.atom[at]]
        lost = (winner != owner) & (way + CLEARLY_M < _own_way(sites, corners, owner))
        short = np.unique(np.concatenate([owner[lost], winner[lost]]))
        short = short[short >= 0]
        short = short[~done[short] & (shapely.area(pieces[short]) > 0)]
        if not len(short):
            break
        done[short] = True
        sites = _more(sites, pieces, short, block, blocks)
    return sites


def _nearest(
    sites: Sites, spots: NDArray[np.float64], block: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The way to the nearest site among those of a spot's block, and that site."""
    tree = cKDTree(np.column_stack([sites.x, sites.y, sites.block[sites.atom] * FLOOR_M]))
    way, at = tree.query(np.column_stack([spots, block * FLOOR_M]))
    return way, at


def _own_way(sites: Sites, spots: NDArray[np.float64], building: NDArray[np.int64]) -> NDArray[np.float64]:
    """The way from each spot to the nearest site of its own building."""
    tree = cKDTree(np.column_stack([sites.x, sites.y, sites.building[sites.atom] * FLOOR_M]))
    way: NDArray[np.float64] = tree.query(np.column_stack([spots, building * FLOOR_M]))[0]
    return way


def _more(
    sites: Sites, pieces: NDArray[np.object_], buildings: NDArray[np.int64], block: NDArray[np.int64], blocks: Blocks
) -> Sites:
    """The sites with points along the inside of the walls of these buildings, each for the building's nearest atom."""
    shapes = pieces[buildings]
    width = 2 * shapely.area(shapes) / shapely.length(shapes)
    inner = shapely.buffer(shapes, -np.minimum(INSET_M, INSET * width), quad_segs=1, join_style="mitre")
    inner = np.where(shapely.is_empty(inner), shapes, inner)
    rings = shapely.segmentize(inner, np.clip(shapely.length(inner) / 16, *STEP_M))
    spots, of = shapely.get_coordinates(rings, return_index=True)
    building = buildings[of]
    home = blocks.shape[block[building]]
    shapely.prepare(home)
    fits = shapely.contains_xy(home, spots[:, 0], spots[:, 1])
    spots, building = spots[fits], building[fits]
    atom = _own_atom(sites, spots, building)
    x, y = np.concatenate([sites.x, spots[:, 0]]), np.concatenate([sites.y, spots[:, 1]])
    atom = np.concatenate([sites.atom, atom])
    cell = np.round(np.column_stack([x, y]) / SAME_PLACE).astype(np.int64)
    order = np.lexsort((np.arange(len(x)), cell[:, 1], cell[:, 0], sites.block[atom]))
    repeat = np.zeros(len(x), dtype=bool)
    same = (cell[order[1:]] == cell[order[:-1]]).all(axis=1)
    repeat[order[1:]] = same & (sites.block[atom[order[1:]]] == sites.block[atom[order[:-1]]])
    keep = np.flatnonzero(~repeat)
    keep = keep[np.argsort(sites.block[atom[keep]], kind="stable")]
    return replace(sites, x=x[keep], y=y[keep], atom=atom[keep])


def _own_atom(sites: Sites, spots: NDArray[np.float64], building: NDArray[np.int64]) -> NDArray[np.int64]:
    """The nearest atom of the same building."""
    mine = np.flatnonzero(np.isin(sites.building, building))
    tree = cKDTree(np.column_stack([sites.home_x[mine], sites.home_y[mine], sites.building[mine] * FLOOR_M]))
    found: NDArray[np.int64] = mine[tree.query(np.column_stack([spots, building * FLOOR_M]))[1]]
    return found
