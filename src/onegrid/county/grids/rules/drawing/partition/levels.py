"""Top down: areas into zones, zones into slices, slices into teams. Each level cuts only inside the one above.

How many grids a parent gets is what it weighs by what a grid should, rounded. Where the next level is held more
strictly than this one, parents are given whole numbers of its grids (eight slices and seven, not twice seven and a
half), because no cut further down could mend that. A level may follow what is there instead: one grid for each block,
building or stairwell with homes, empty land to whichever is nearest; levels above it then keep those whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from onegrid.county.grids.rules.drawing.atoms import Atoms, Edges
from onegrid.county.grids.rules.drawing.partition.compiled import Progress, ready
from onegrid.county.grids.rules.drawing.partition.flood import flood
from onegrid.county.grids.rules.drawing.partition.graph import Land, bundles, graph_of, problems, whole_pieces
from onegrid.county.grids.rules.drawing.partition.solve import EFFORT, FEW, RULES, Task, run
from onegrid.county.grids.rules.drawing.wanted import ALONG, Along

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

INNER = 1.0
"""Share of the tolerance that is aimed at."""


@dataclass(frozen=True)
class LevelSpec:
    """One level: how much a grid of it should hold, of what, and how far off it may be (0.1 = ten per cent).

    ``along`` is what it follows instead of a size (which is 0 then): one grid a block, building or stairwell.
    """

    key: str
    size: float = 0.0
    unit: Literal["households", "weight"] = "households"
    tolerance: float = 0.1
    along: Along = ""


def draw(
    atoms: Atoms, edges: Edges, levels: Sequence[LevelSpec], *, seed: int, threads: int = 0,
    frozen: Ints | None = None, fixed_count: Mapping[tuple[int, int], int] | None = None,
    leaders: Sequence[Ints] | None = None, progress: Progress | None = None, stop: Callable[[], bool] | None = None,
) -> Ints:  # fmt: skip
    """Grid numbers, one row for each level from the largest, one column for each atom; nested and connected.

    ``frozen`` (same shape) keeps every number that is not negative and draws the rest anew inside its parent, with
    numbers above all kept ones. ``fixed_count`` says (level, number of the parent: the grid above, or the area) → how
    many grids. ``leaders`` are per level the atoms of leaders' homes, wanted near the middle of a grid each. The
    result depends on the seed, not on threads (0: one per processor) nor on the order of rows. ``progress`` hears
    ``compile`` and ``partition`` with the share done; ``stop`` is asked now and then, Stopped is raised.
    """
    shape = (len(levels), len(atoms))
    if frozen is not None and frozen.shape != shape:
        raise ValueError(f"frozen must be {shape}, not {frozen.shape}")
    found = np.full(shape, -1, np.int64)
    if not len(atoms):
        return found
    ready(progress)
    land = Land.of(atoms, edges)
    parent = _by_first(atoms.area[land.atom])
    above = atoms.area[land.atom]
    for number, spec in enumerate(levels):
        kept = np.full(len(land), -1, np.int64) if frozen is None else frozen[number][land.atom]
        below = next((one for one in levels[number + 1 : number + 2] if not one.along), None)
        counts = {which: n for (at, which), n in (fixed_count or {}).items() if at == number}
        weight = _weight(atoms, spec)[land.atom]
        whole = land.group(kept_whole(levels[number:]))
        step = _Step(land, parent, above, weight, spec, below, counts, _homes(land, leaders, number), whole)
        above = step.labels(kept, seed + number, threads, _share(progress, number, len(levels)), stop)
        found[number][land.atom] = above
        parent = _by_first(above)
    return found


@dataclass(frozen=True)
class _Step:
    """One level over one land; arrays by row of the land."""

    land: Land
    parent: Ints
    above: Ints
    weight: Floats
    spec: LevelSpec
    below: LevelSpec | None
    counts: Mapping[int, int]
    homes: Ints
    whole: Ints

    def labels(
        self, kept: Ints, seed: int, threads: int, tell: Progress | None, stop: Callable[[], bool] | None
    ) -> Ints:
        """Grid number of every row: the kept ones, and new ones above them."""
        problem = problems(self.land, self.parent, kept < 0)
        if not (problem >= 0).any():
            return kept
        base = whole_pieces(self.land, problem, self.whole)
        if self.spec.along:
            return self._followed(problem, base, kept)
        task = self._task(problem, base, seed)
        inside = problem >= 0
        few = len(np.unique(base[inside])) < FEW * len(task.bound)
        owner = np.zeros(len(self.land), np.int64)
        for turn, bundle in enumerate((self._bundled(problem, base, task), base)):
            graph = graph_of(self.land, problem, self.weight, bundle).with_mass()
            local, stays = np.zeros(len(graph), np.int64), np.zeros(len(graph), np.bool_)
            local[graph.member[inside]] = owner[inside]
            stays[graph.member[self.homes[inside[self.homes]]]] = True
            task = replace(task, rule=RULES[2 if turn and few else turn])
            run(graph, task, local, stays, anew=turn == 0, threads=threads, tell=_share(tell, turn, 2), stop=stop)
            owner[inside] = local[graph.member[inside]]
        fresh: Ints = task.first[np.maximum(problem, 0)] + owner + int(kept.max()) + 1
        return np.where(inside, fresh, kept)

    def _followed(self, problem: Ints, base: Ints, kept: Ints) -> Ints:
        """A grid for each piece with homes, grown over the land between; where nobody lives one for all of it."""
        graph = graph_of(self.land, problem, self.weight, base)
        count = len(graph)
        lived = graph.weight > 0
        first = graph.first[:-1]
        lived[first[~np.logical_or.reduceat(lived, first)]] = True
        seeds = np.flatnonzero(lived)
        owner, room = np.zeros(count, np.int64), len(graph.to) + len(seeds) + 1
        flood(
            0, count, graph.start, graph.to, graph.walk, seeds, np.zeros(len(seeds)), owner, np.empty(count),
            np.empty(room), np.empty(room, np.int64),
        )  # fmt: skip
        return np.where(problem >= 0, owner[graph.member] + int(kept.max()) + 1, kept)

    def _bundled(self, problem: Ints, base: Ints, task: Task) -> Ints:
        """Rows by bundle; a problem with hardly more bundles than grids is left as it is."""
        bundle = bundles(self.land, problem, self.weight, self.spec.size, base)
        heavy = np.bincount(bundle, self.weight, len(self.land)) > 0
        its = problem[np.flatnonzero(heavy)]
        choice = np.bincount(its[its >= 0], minlength=len(task.first) - 1)
        poor = (choice < 3 * np.diff(task.first))[np.maximum(problem, 0)]
        return np.where(poor, base, bundle)

    def _task(self, problem: Ints, base: Ints, seed: int) -> Task:
        """How many grids every problem gets, and what each should hold."""
        inside = np.flatnonzero(problem >= 0)
        _, at = np.unique(problem[inside], return_index=True)
        first = inside[at]
        total = np.bincount(problem[inside], self.weight[inside]).astype(np.float64)
        lived = np.flatnonzero((np.bincount(base, self.weight, len(base)) > 0) & (problem >= 0))
        homes = np.bincount(problem[lived], minlength=len(total))
        count = np.floor(total / self.spec.size + 0.5)
        for which, number in self.counts.items():
            count[self.above[first] == which] = number
        count = np.maximum(np.minimum(count, homes), 1).astype(np.int64)
        grid = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
        marks = _marks(self.land.x[first], self.land.y[first], seed)
        return Task(grid, self._bounds(total, count), marks, RULES[0], EFFORT)

    def _bounds(self, total: Floats, count: Ints) -> Floats:
        """Target, lowest and highest of every grid."""
        of = np.repeat(np.arange(len(count)), count)
        place = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
        target = np.maximum(total / count, 1e-6)[of]
        room, wide = INNER * self.spec.tolerance, np.full(len(of), self.spec.size)
        below = self.below
        if below is not None and below.unit == self.spec.unit and below.tolerance < self.spec.tolerance:
            parts = np.floor(total / below.size + 0.5)
            whole = parts >= count
            each = np.floor(parts / count)[of] + (place < (parts % count)[of])
            target = np.where(whole[of], np.maximum(total / np.maximum(parts, 1), 1e-6)[of] * each, target)
            room, wide = 0.3 * below.tolerance, target
        bound = np.full((len(of), 6), np.nan)
        bound[:, 0] = target
        bound[:, 1] = np.minimum(wide * (1 - room), target * (1 - room / 3))
        bound[:, 2] = np.maximum(wide * (1 + room), target * (1 + room / 3))
        bound[:, 3] = 1.0
        return bound


def kept_whole(levels: Sequence[LevelSpec]) -> Along:
    """What the first of these levels may not cut: the largest thing that it or one below it follows."""
    return next((word for word in ALONG if any(spec.along == word for spec in levels)), "")


def _weight(atoms: Atoms, spec: LevelSpec) -> Floats:
    by_homes = spec.unit == "households" or bool(spec.along)
    return np.asarray(atoms.households if by_homes else atoms.weight, np.float64)


def _by_first(label: Ints) -> Ints:
    """The same division, numbered by the first row of each part."""
    _, first, place = np.unique(label, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    found: Ints = rank[place]
    return found


def _homes(land: Land, leaders: Sequence[Ints] | None, number: int) -> Ints:
    """Rows of the leaders' homes of a level."""
    if leaders is None or number >= len(leaders) or not len(leaders[number]):
        return np.zeros(0, np.int64)
    return np.flatnonzero(np.isin(land.atom, leaders[number]))


def _marks(x: Floats, y: Floats, seed: int) -> NDArray[np.uint64]:
    """Where each problem's random numbers start: by its place, so that what changes elsewhere changes nothing here."""
    east, north = (np.rint(axis * 1000).astype(np.int64).view(np.uint64) for axis in (x, y))
    mark: NDArray[np.uint64] = (
        east * np.uint64(0x9E3779B97F4A7C15)
        ^ north * np.uint64(0xC2B2AE3D27D4EB4F)
        ^ np.full(len(x), seed & 0xFFFFFFFF, np.uint64) * np.uint64(0x165667B19E3779F9)
    )
    return mark


def _share(progress: Progress | None, number: int, many: int) -> Progress | None:
    """Progress of one part as a share of all of them."""
    if progress is None:
        return None
    return lambda word, done: progress(word, (number + done) / many)
