"""Draw a part anew and leave the rest as it is: a new estate, or grids somebody wants divided otherwise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from onegrid.county.grids.rules.drawing.atoms import Atoms, Edges
from onegrid.county.grids.rules.drawing.partition.levels import LevelSpec, draw
from onegrid.county.grids.rules.drawing.partition.names import keep_names

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MOST_TAKEN = 12
"""Neighbouring grids that are drawn anew with a part at most, until its grids can be of the right size."""


def redraw_part(
    atoms: Atoms, edges: Edges, level: int, labels: Ints, region: Bools, spec: LevelSpec, *, seed: int,
    count: int | None = None, threads: int = 1,
) -> Ints:  # fmt: skip
    """Grid numbers of one level with the atoms of ``region`` divided anew and all other grids frozen.

    ``labels`` has a row per level (-1: in no grid yet), of which row ``level`` is redrawn; the level above (or the
    area) is never crossed. Of a grid the region cuts into, the rest stays as it is if it is connected and still
    within tolerance; else it is drawn anew with the region, as are neighbours one by one while the region's weight
    does not divide into grids of the right size. ``count`` fixes how many grids the region becomes, and then takes
    no neighbour. Grids that are drawn anew keep the number of the old grid they have most of; new ones get numbers
    above all old ones.
    """
    old = labels[level]
    above = atoms.area if level == 0 else labels[level - 1]
    weight = np.asarray(atoms.households if spec.unit == "households" else atoms.weight, np.float64)
    free = np.zeros(len(old), np.bool_)
    wanted = region | (old < 0)
    fixed: dict[tuple[int, int], int] = {}
    for parent in np.unique(above[wanted]):
        its = np.flatnonzero(above == parent)
        place = np.full(len(old), -1, np.int64)
        place[its] = np.arange(len(its))
        near = (place[edges.left] >= 0) & (place[edges.right] >= 0)
        piece = _Piece(
            place[edges.left[near]], place[edges.right[near]], edges.length_m[near], old[its], weight[its], spec
        )
        free[its] = wanted[its] if count is not None else piece.opened(wanted[its])
        if count is not None:
            fixed[0, int(parent)] = count
    return _redrawn(atoms, edges, above, old, free, spec, seed, fixed, threads)


def _redrawn(
    atoms: Atoms, edges: Edges, above: Ints, old: Ints, free: Bools, spec: LevelSpec, seed: int,
    fixed: dict[tuple[int, int], int], threads: int,
) -> Ints:  # fmt: skip
    """The free land divided, everything else as it was."""
    rows = np.flatnonzero(free)
    if not len(rows):
        return old.copy()
    place = np.full(len(old), -1, np.int64)
    place[rows] = np.arange(len(rows))
    near = free[edges.left] & free[edges.right]
    some = replace(
        atoms, x=atoms.x[rows], y=atoms.y[rows], households=atoms.households[rows], weight=atoms.weight[rows],
        building=atoms.building[rows], unit=atoms.unit[rows], block=atoms.block[rows], area=above[rows],
        cell=atoms.cell[rows],
    )  # fmt: skip
    left, right = place[edges.left[near]], place[edges.right[near]]
    inner = Edges(np.minimum(left, right), np.maximum(left, right), edges.length_m[near], edges.rank[near])
    drawn = draw(some, inner, [spec], seed=seed, threads=threads, fixed_count=fixed)[0]
    kept = keep_names(np.where(np.isin(old[rows], old[~free]), -1, old[rows]), drawn, some.households)
    result, fresh = old.copy(), int(old.max()) + 1
    for number in np.unique(drawn):
        if int(number) not in kept:
            kept[int(number)] = fresh
            fresh += 1
    names = np.array([kept[int(number)] for number in range(int(drawn.max()) + 1)], np.int64)
    result[rows] = names[drawn]
    return result


class _Piece:
    """The land of one parent, to decide which of its grids are drawn anew with the part."""

    def __init__(
        self, left: Ints, right: Ints, length: NDArray[np.float64], old: Ints, weight: NDArray[np.float64],
        spec: LevelSpec,
    ) -> None:  # fmt: skip
        self.left, self.right, self.length, self.old, self.weight, self.spec = left, right, length, old, weight, spec

    def opened(self, wanted: Bools) -> Bools:
        """The wanted land, remains of grids it leaves too small or in pieces, and as many neighbours as are needed."""
        free = wanted.copy()
        for grid in np.unique(self.old[wanted]):
            rest = (self.old == grid) & ~wanted
            if grid >= 0 and rest.any() and not self._stands(rest):
                free |= rest
        for _ in range(MOST_TAKEN):
            lame = self._lame(free)
            if not lame.any():
                break
            grid = self._neighbour(lame, free)
            if grid < 0:
                break
            free |= self.old == grid
        return free

    def _stands(self, rest: Bools) -> bool:
        """Whether what is left of a grid is connected and heavy enough."""
        load = float(self.weight[rest].sum())
        if not (1 - self.spec.tolerance) * self.spec.size <= load <= (1 + self.spec.tolerance) * self.spec.size:
            return False
        return int(self._parts(rest)[rest].max()) == 0

    def _parts(self, some: Bools) -> Ints:
        """Number of the connected part of each row, from 0; -1 outside."""
        joined = some[self.left] & some[self.right]
        ends = self.left[joined], self.right[joined]
        links = sparse.coo_matrix((np.ones(len(ends[0]), np.int8), ends), (len(some), len(some)))
        _, label = csgraph.connected_components(links, directed=False)
        found = np.full(len(some), -1, np.int64)
        found[some] = np.unique(label[some], return_inverse=True)[1]
        return found

    def _lame(self, free: Bools) -> Bools:
        """The connected part of the free land that divides worst, if it does not divide into the right sizes."""
        part = self._parts(free)
        load = np.bincount(part[free], self.weight[free])
        count = np.maximum(np.floor(load / self.spec.size + 0.5), 1)
        miss = np.abs(load / count / self.spec.size - 1)
        worst = int(np.argmax(miss))
        if miss[worst] <= 0.7 * self.spec.tolerance:
            return np.zeros(len(free), np.bool_)
        found: Bools = part == worst
        return found

    def _neighbour(self, lame: Bools, free: Bools) -> int:
        """The grid next to the part that makes it divide best; among equals the one with the longest border."""
        load, best, chosen = float(self.weight[lame].sum()), np.inf, -1
        across = lame[self.left] != lame[self.right]
        other = np.where(lame[self.left[across]], self.right[across], self.left[across])
        grids = self.old[other]
        for grid in np.unique(grids[(grids >= 0) & ~free[other]]):
            total = load + float(self.weight[(self.old == grid) & ~free].sum())
            count = max(np.floor(total / self.spec.size + 0.5), 1)
            border = float(self.length[across][grids == grid].sum())
            miss = max(abs(total / count / self.spec.size - 1) - 0.3 * self.spec.tolerance, 0) * 1e6 - border
            if miss < best:
                best, chosen = miss, int(grid)
        return chosen
