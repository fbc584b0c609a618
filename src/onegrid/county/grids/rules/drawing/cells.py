"""Cells: each atom's piece of land, so that all together cover the areas exactly.

Inside a block all land goes to the nearest atom; a piece cut off from its atom becomes empty land of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from onegrid.county.grids.rules.drawing.adjacency import edges_of
from onegrid.county.grids.rules.drawing.atoms import Atoms, Edges
from onegrid.county.grids.rules.drawing.blocks import Blocks, cut_blocks
from onegrid.county.grids.rules.drawing.ground import Ground, in_metres
from onegrid.county.grids.rules.drawing.noding import Borders, NotNoded, match_cleaned, node
from onegrid.county.grids.rules.drawing.outlines import joined
from onegrid.county.grids.rules.drawing.shares import share_land
from onegrid.county.grids.rules.drawing.sites import Sites, assign, place
from onegrid.county.grids.rules.drawing.walls import along_walls

Progress = Callable[[str, float], None]
"""Told which step is at work ("blocks", "cells", "adjacency") and how far it is, from 0 to 1."""


@dataclass(frozen=True)
class Pieces:
    """Connected pieces of land and the atom each belongs to, -1 for one cut off from its atom; ``home``: the atom is
    inside this one."""

    shape: NDArray[np.object_]
    atom: NDArray[np.int64]
    block: NDArray[np.int64]
    home: NDArray[np.bool_]


def lay_out(ground: Ground, progress: Progress | None = None) -> tuple[Atoms, Edges]:
    """Atoms with their cells, and their borders, of a **cleaned** ground; metres on ``ground.plane()``.

    The result does not depend on the order of the ground's rows. There is never an edge between two areas, and the
    atoms of one area are connected.
    """
    say = progress or _silent
    plane = ground.plane()
    footprints = in_metres(ground.buildings, plane)
    say("blocks", 0.0)
    blocks = cut_blocks(
        in_metres(ground.areas, plane),
        in_metres(ground.roads, plane),
        ground.road_rank,
        in_metres(ground.water, plane),
        footprints,
    )
    if not len(blocks):
        return _nothing()
    say("cells", 0.0)
    block, piece = assign(footprints, blocks)
    sites = along_walls(place(ground, block, piece, blocks), piece, blocks)
    pieces = cut_pieces(sites, blocks)
    say("adjacency", 0.0)
    pieces, borders = fitted(pieces, blocks)
    atoms, of_piece = _atoms(sites, pieces, borders, blocks)
    edges = edges_of(borders, of_piece, atoms.area, blocks)
    say("adjacency", 1.0)
    return atoms, edges


def _silent(step: str, done: float) -> None:
    """Nobody is told."""


def _nothing() -> tuple[Atoms, Edges]:
    """No land, no atoms."""
    number, count = np.zeros(0), np.zeros(0, dtype=np.int64)
    atoms = Atoms(number, number, number, number, count, count, count, count, np.zeros(0, dtype=object))
    return atoms, Edges(count, count, number, np.zeros(0, dtype=np.int8))


def cut_pieces(sites: Sites, blocks: Blocks) -> Pieces:
    """Share out each block among its atoms; the parts of a share that are not connected come as pieces of their own."""
    shares = share_land(sites.x, sites.y, sites.block[sites.atom], blocks.shape)
    parts, of_site = shapely.get_parts(shares, return_index=True)
    flat = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    parts, of_site = parts[flat], of_site[flat].astype(np.int64)
    main = np.ones(len(parts), dtype=bool)
    for site in np.flatnonzero(np.bincount(of_site, minlength=len(sites.x)) > 1):
        rows = np.arange(*np.searchsorted(of_site, [site, site + 1]))
        holds = shapely.intersects_xy(parts[rows], sites.x[site], sites.y[site])
        main[rows] = False
        main[rows[np.argmax(holds)] if holds.any() else rows[np.argmax(shapely.area(parts[rows]))]] = True
    atom = sites.atom[of_site]
    home = main & (sites.x[of_site] == sites.home_x[atom]) & (sites.y[of_site] == sites.home_y[atom])
    return Pieces(parts, np.where(main, atom, -1), sites.block[atom], home)


def fitted(pieces: Pieces, blocks: Blocks) -> tuple[Pieces, Borders]:
    """The pieces with shared corners, and their borders.

    Blocks whose pieces do not fit together are mended by themselves; if that is not enough, all are mended as a whole.
    """
    for _ in range(3):
        try:
            shape, borders, left = node(pieces.shape, pieces.block, blocks)
            if not shapely.coverage_is_valid(shape):
                raise NotNoded(left[~shapely.is_empty(shapely.coverage_invalid_edges(shape))])
            return Pieces(shape, pieces.atom[left], pieces.block[left], pieces.home[left]), borders
        except NotNoded as error:
            bad = np.zeros(len(blocks), dtype=bool)
            bad[pieces.block[error.cells]] = True
            pieces = _mended(pieces, bad[pieces.block])
    pieces = _mended(pieces, np.ones(len(pieces.shape), dtype=bool), whole=True)
    return pieces, match_cleaned(pieces.shape, pieces.block, blocks)


def _mended(pieces: Pieces, bad: NDArray[np.bool_], *, whole: bool = False) -> Pieces:
    """The pieces with those of bad blocks made a coverage, block by block or as a whole."""
    rows = np.flatnonzero(bad)
    groups = [rows] if whole else [rows[pieces.block[rows] == block] for block in np.unique(pieces.block[rows])]
    shape: NDArray[np.object_] = pieces.shape.copy()
    for group in groups:
        shape[group] = shapely.coverage_clean(shape[group])
    parts, of_piece = shapely.get_parts(shape, return_index=True)
    there = ~shapely.is_empty(parts)  # a sliver may be mended away altogether
    parts, of_piece = parts[there], of_piece[there]
    order = np.lexsort((-shapely.area(parts), of_piece))
    torn = np.ones(len(parts), dtype=bool)
    torn[order[np.unique(of_piece[order], return_index=True)[1]]] = False
    atom = np.where(torn, -1, pieces.atom[of_piece])
    return Pieces(parts, atom, pieces.block[of_piece], pieces.home[of_piece] & ~torn)


def _in_one_piece(pieces: Pieces, borders: Borders) -> NDArray[np.int64]:
    """A group number for each piece: the connected pieces of one atom are one group."""
    count = len(pieces.shape)
    left, right = borders.left, borders.right
    same = (right >= 0) & (pieces.atom[left] >= 0)
    same[same] = pieces.atom[left[same]] == pieces.atom[right[same]]
    links = coo_array((np.ones(int(same.sum())), (left[same], right[same])), shape=(count, count))
    group: NDArray[np.int64] = connected_components(links, directed=False)[1].astype(np.int64)
    return group


def _atoms(sites: Sites, pieces: Pieces, borders: Borders, blocks: Blocks) -> tuple[Atoms, NDArray[np.int64]]:
    """The atoms with their cells, land cut off from its atom as further empty ones; and the atom of each piece."""
    group = _in_one_piece(pieces, borders)
    atom = _main_groups(group, pieces)
    known = np.flatnonzero(np.bincount(atom[atom >= 0], minlength=len(sites.home_x)))
    new = np.full(len(sites.home_x) + 1, -1, dtype=np.int64)
    new[known] = np.arange(len(known))
    loose = np.flatnonzero(atom < 0)
    lone, first, number = np.unique(group[loose], return_index=True, return_inverse=True)
    of_piece = new[atom]
    of_piece[loose] = len(known) + number
    at = loose[first]
    sites = _adopted(sites, known)
    middle = shapely.get_coordinates(shapely.point_on_surface(pieces.shape[at])).reshape(-1, 2)
    zero, none = np.zeros(len(lone)), np.full(len(lone), -1, dtype=np.int64)
    block = np.concatenate([sites.block[known], pieces.block[at]])
    atoms = Atoms(
        x=np.concatenate([sites.home_x[known], middle[:, 0]]),
        y=np.concatenate([sites.home_y[known], middle[:, 1]]),
        households=np.concatenate([sites.households[known], zero]),
        weight=np.concatenate([sites.weight[known], zero]),
        building=np.concatenate([sites.building[known], none]),
        unit=np.concatenate([sites.unit[known], none]),
        block=block,
        area=blocks.area[block],
        cell=joined(pieces.shape, of_piece),
    )
    return atoms, of_piece


def _main_groups(group: NDArray[np.int64], pieces: Pieces) -> NDArray[np.int64]:
    """The atom of each piece: an atom keeps the group it stands in (its largest otherwise), other groups none."""
    atom = pieces.atom
    count = int(group.max(initial=-1)) + 1
    size = np.bincount(group, weights=shapely.area(pieces.shape), minlength=count)
    holds = np.zeros(count, dtype=bool)
    holds[group[pieces.home]] = True
    rows = np.flatnonzero(atom >= 0)
    best = rows[np.lexsort((group[rows], -size[group[rows]], ~holds[group[rows]], atom[rows]))]
    first = best[np.unique(atom[best], return_index=True)[1]]
    kept = np.zeros(count, dtype=bool)
    kept[group[first]] = True
    return np.where((atom >= 0) & kept[group], atom, -1)


def _adopted(sites: Sites, known: NDArray[np.int64]) -> Sites:
    """Households of atoms left without land (walls a hair apart) counted with the nearest atom of their block."""
    if len(known) == len(sites.home_x):
        return sites
    lost = np.setdiff1d(np.arange(len(sites.home_x)), known)
    households, weight = sites.households.copy(), sites.weight.copy()
    for row in lost:
        near = known[sites.block[known] == sites.block[row]]
        near = near if len(near) else known
        way = np.hypot(sites.home_x[near] - sites.home_x[row], sites.home_y[near] - sites.home_y[row])
        heir = near[np.argmin(way)]
        households[heir] += households[row]
        weight[heir] += weight[row]
    return replace(sites, households=households, weight=weight)
