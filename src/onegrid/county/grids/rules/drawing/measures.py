"""How good a division is: everything that is reported about a level, counted from atoms and edges alone.

Balance is told twice: against the size asked for (nominal) and against what the parent can give, its weight divided
by its grids (attainable); no method can do better than that. A level that follows what is there is off by nothing.
Shares are 0 to 1, lengths metres unless said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from onegrid.county.grids.rules.drawing.atoms import Atoms, Edges
from onegrid.county.grids.rules.drawing.partition.levels import LevelSpec, kept_whole

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

STREETS = (1, 4)
"""Ranks that are streets: not paths (0), not water (5)."""


@dataclass(frozen=True)
class Outside:
    """A grid out of tolerance. ``why``: parent_too_small (its parent divides into nothing better), atoms_too_coarse
    (one piece that is never split is heavier than the room there is), no_room (no connected better cut was found)."""

    grid: int
    households: float
    why: str


@dataclass(frozen=True)
class LevelReport:
    """The figures of one level. Deviations are of 1: 0.1 = ten per cent off."""

    level: str
    grids: int
    non_contiguous: int
    crossings: int
    coverage_valid: bool
    within_10: float
    within_20: float
    deviation_max: float
    deviation_p95: float
    deviation_cv: float
    attainable_within_10: float
    attainable_within_20: float
    attainable_max: float
    attainable_p95: float
    polsby_popper: float
    polsby_popper_p10: float
    centre_distance: float
    extra_blocks: float
    street_inside: float
    offstreet_border_km: float
    buildings_split: int
    units_split: int
    area_error: float
    nested: bool
    outside: list[Outside]


def measure(atoms: Atoms, edges: Edges, labels: Ints, levels: Sequence[LevelSpec]) -> list[LevelReport]:
    """A report for each row of ``labels``; numbers below 0 are in no grid and count as a gap in ``area_error``.

    ``coverage_valid`` is asked of the cells once: all levels are unions of them.
    """
    valid = bool(shapely.coverage_is_valid(atoms.cell)) if len(atoms) else True
    land = shapely.area(atoms.cell), shapely.length(atoms.cell)
    return [
        _Level(
            atoms, edges, labels[number], atoms.area if number == 0 else labels[number - 1], spec, land,
            kept_whole(levels[number:]),
        ).report(valid)
        for number, spec in enumerate(levels)
    ]  # fmt: skip


class _Level:
    """One level being measured."""

    def __init__(
        self, atoms: Atoms, edges: Edges, label: Ints, parent: Ints, spec: LevelSpec, land: tuple[Floats, Floats],
        whole: str,
    ) -> None:  # fmt: skip
        self.whole = {"block": atoms.block, "building": atoms.building, "unit": atoms.unit}.get(whole)
        self.atoms, self.edges, self.spec, self.parent = atoms, edges, spec, parent
        self.inside = label >= 0
        self.number, self.at = np.unique(label[self.inside], return_inverse=True)
        self.grid = np.full(len(label), -1, np.int64)
        self.grid[self.inside] = self.at
        self.area, self.length = land
        self.many = len(self.number)
        by_homes = spec.unit == "households" or bool(spec.along)
        self.weight = np.asarray(atoms.households if by_homes else atoms.weight, np.float64)
        self.load = self._sum(self.weight)

    def report(self, valid: bool) -> LevelReport:
        """All figures."""
        off, fair = np.zeros(self.many), np.zeros(self.many)
        if not self.spec.along:
            off = np.abs(self.load / self.spec.size - 1)
            fair = np.abs(self.load / np.maximum(self._due(), 1e-9) - 1)
        crossed = self._parts(self.parent) > 1
        shape = self._roundness()
        return LevelReport(
            level=self.spec.key, grids=self.many, non_contiguous=self._broken(),
            crossings=int((self._parts(self.atoms.area) > 1).sum()), coverage_valid=valid,
            within_10=_share(off, 0.1), within_20=_share(off, 0.2),
            deviation_max=_high(off, 100), deviation_p95=_high(off, 95), deviation_cv=_variation(self.load),
            attainable_within_10=_share(fair, 0.1), attainable_within_20=_share(fair, 0.2),
            attainable_max=_high(fair, 100), attainable_p95=_high(fair, 95),
            polsby_popper=_mean(shape), polsby_popper_p10=float(np.percentile(shape, 10)) if self.many else 0.0,
            centre_distance=self._distance(), extra_blocks=_mean(self._extra_blocks()),
            street_inside=self._street_inside(), offstreet_border_km=self._offstreet_km(),
            buildings_split=self._split(self.atoms.building), units_split=self._split(self.atoms.unit),
            area_error=self._area_error(), nested=not crossed.any(), outside=self._outside(off),
        )  # fmt: skip

    def _sum(self, of: Floats) -> Floats:
        return np.bincount(self.at, of[self.inside], self.many).astype(np.float64)

    def _pairs(self, group: Ints, some: NDArray[np.bool_]) -> Ints:
        """(group, grid) pairs there are, as rows."""
        if not some.any():
            return np.zeros((0, 2), np.int64)
        return np.unique(np.column_stack([group[some], self.grid[some]]), axis=0)

    def _parts(self, group: Ints, *, homes: bool = False) -> Ints:
        """How many different groups each grid has part in."""
        some = self.inside & (self.atoms.households > 0) if homes else self.inside
        return np.maximum(np.bincount(self._pairs(group, some)[:, 1], minlength=self.many), 1)

    def _extra_blocks(self) -> Floats:
        """Blocks with homes of each grid beyond its first."""
        return (self._parts(self.atoms.block, homes=True) - 1).astype(np.float64)

    def _split(self, group: Ints) -> int:
        """How many more parts than one there are of all groups together."""
        pairs = self._pairs(group, self.inside & (group >= 0))
        return len(pairs) - len(np.unique(pairs[:, 0]))

    def _due(self) -> Floats:
        """What each grid would hold if its parent were divided evenly."""
        _, first = np.unique(self.at, return_index=True)
        _, above = np.unique(self.parent[np.flatnonzero(self.inside)[first]], return_inverse=True)
        due: Floats = (np.bincount(above, self.load) / np.bincount(above))[above] if self.many else np.zeros(0)
        return due

    def _broken(self) -> int:
        """Grids that are not one connected piece."""
        left, right = self.edges.left, self.edges.right
        same = (self.grid[left] == self.grid[right]) & (self.grid[left] >= 0)
        links = sparse.coo_matrix((np.ones(int(same.sum()), np.int8), (left[same], right[same])), 2 * (len(self.grid),))
        _, piece = csgraph.connected_components(links, directed=False)
        return int((self._parts(piece.astype(np.int64)) > 1).sum())

    def _cut(self) -> NDArray[np.bool_]:
        cut: NDArray[np.bool_] = self.grid[self.edges.left] != self.grid[self.edges.right]
        return cut

    def _roundness(self) -> Floats:
        """Polsby and Popper's 4πA/P² of each grid; 1 is a circle."""
        inner = ~self._cut() & (self.grid[self.edges.left] >= 0)
        shared = np.bincount(self.grid[self.edges.left][inner], self.edges.length_m[inner], self.many)
        around = np.maximum(self._sum(self.length) - 2 * shared, 1e-9)
        return np.asarray(4 * np.pi * self._sum(self.area) / around**2)

    def _distance(self) -> float:
        """Mean metres from a household to the middle of its grid's households."""
        homes = self.atoms.households
        total = np.maximum(self._sum(homes), 1e-9)
        x, y = self._sum(homes * self.atoms.x) / total, self._sum(homes * self.atoms.y) / total
        far = np.hypot(self.atoms.x[self.inside] - x[self.at], self.atoms.y[self.inside] - y[self.at])
        return float((far * homes[self.inside]).sum() / max(homes[self.inside].sum(), 1e-9))

    def _street_inside(self) -> float:
        """Share of the length of streets between atoms that lies inside grids."""
        street = (self.edges.rank >= STREETS[0]) & (self.edges.rank <= STREETS[1])
        length = self.edges.length_m[street]
        return float(length[~self._cut()[street]].sum() / max(length.sum(), 1e-9))

    def _offstreet_km(self) -> float:
        """Kilometres of border between grids that follow neither street nor water."""
        return float(self.edges.length_m[self._cut() & (self.edges.rank < STREETS[0])].sum() / 1000)

    def _area_error(self) -> float:
        """Share of the land that lies in no grid."""
        total = float(self.area.sum())
        return float(abs(total - self._sum(self.area).sum()) / total) if total > 0 else 0.0

    def _heaviest(self) -> Floats:
        """The weight of the heaviest thing in each grid that may not be cut: an atom, or what a level below follows."""
        heaviest, weight = np.zeros(self.many), self.weight[self.inside]
        if self.whole is None:
            np.maximum.at(heaviest, self.at, weight)
            return heaviest
        own = self.whole[self.inside]
        thing = np.where(own >= 0, own, np.arange(len(own)) + int(own.max(initial=0)) + 1)
        pairs, place = np.unique(np.column_stack([self.at, thing]), axis=0, return_inverse=True)
        np.maximum.at(heaviest, pairs[:, 0], np.bincount(place.reshape(-1), weight, len(pairs)))
        return heaviest

    def _outside(self, off: Floats) -> list[Outside]:
        """Every grid out of tolerance, the worst first."""
        size, allowed = self.spec.size, self.spec.tolerance
        due, heaviest = self._due(), self._heaviest()
        found = []
        for grid in np.lexsort((np.arange(self.many), -off)):
            if off[grid] <= allowed + 1e-9:
                break
            if heaviest[grid] > (1 + allowed) * size:
                why = "atoms_too_coarse"
            elif abs(due[grid] / size - 1) > allowed:
                why = "parent_too_small"
            elif heaviest[grid] > 2 * allowed * size:
                why = "atoms_too_coarse"
            else:
                why = "no_room"
            found.append(Outside(int(self.number[grid]), float(self.load[grid]), why))
        return found


def _share(off: Floats, most: float) -> float:
    return float((off <= most + 1e-9).mean()) if len(off) else 1.0


def _high(off: Floats, percent: float) -> float:
    return float(np.percentile(off, percent)) if len(off) else 0.0


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else 0.0


def _variation(load: Floats) -> float:
    return float(load.std() / load.mean()) if len(load) and load.mean() > 0 else 0.0
