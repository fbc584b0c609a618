"""Grids drawn over a synthetic county; floor = METIS k-way, contiguous, road and building weights, the same atoms.

Ratios are of one level of about 100 households drawn straight into the communities by both. Three nested levels with
their geometry, and an estate of about 800 households that appears in a drawn town, are measured beside it.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from bench._figures import end, options, tell
from bench._metis import k_way
from bench._town import town
from onegrid.county.grids.rules.drawing.atoms import Atoms, Edges
from onegrid.county.grids.rules.drawing.cells import lay_out
from onegrid.county.grids.rules.drawing.measures import LevelReport, measure
from onegrid.county.grids.rules.drawing.outlines import outlines
from onegrid.county.grids.rules.drawing.partition import LevelSpec, draw, redraw_part
from onegrid.county.grids.rules.drawing.partition.compiled import ready

HOUSEHOLDS, QUICK = 344_000, 5_000
SEED = 42
LEVELS = (
    LevelSpec("zone", 1000, tolerance=0.2),
    LevelSpec("slice", 100, tolerance=0.1),
    LevelSpec("team", 10, tolerance=0.2),
)
ESTATE = 800
T = TypeVar("T")


class Watch:
    """Processor and wall seconds by step."""

    def __init__(self, quiet: bool) -> None:
        self.cpu: dict[str, float] = {}
        self.wall: dict[str, float] = {}
        self.quiet = quiet

    def __call__(self, step: str, work: Callable[[], T]) -> T:
        wall, cpu = time.perf_counter(), time.process_time()
        result = work()
        self.cpu[step] = round(time.process_time() - cpu, 3)
        self.wall[step] = round(time.perf_counter() - wall, 3)
        tell(self.quiet, f"{step}: {self.cpu[step]} s of processor, {self.wall[step]} s")
        return result


def memory_mb() -> float:
    """The most this process has held so far."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def estates(atoms: Atoms, labels: NDArray[np.int64], count: int) -> list[NDArray[np.bool_]]:
    """Round pieces of about 800 households of neighbouring blocks, each inside one grid of ``labels``."""
    found = []
    rng = np.random.default_rng(SEED)
    total = np.bincount(labels, atoms.households)
    for grid in rng.permutation(np.flatnonzero((total > 1.3 * ESTATE) & (total < 5 * ESTATE)))[: 4 * count]:
        its = np.flatnonzero((labels == grid) & (atoms.households > 0))
        blocks = np.unique(atoms.block[its])
        middle = np.array([[atoms.x[atoms.block == one].mean(), atoms.y[atoms.block == one].mean()] for one in blocks])
        load = np.array([atoms.households[(atoms.block == one) & (labels == grid)].sum() for one in blocks])
        near = np.argsort(np.hypot(*(middle - middle[np.argmin(middle[:, 0])]).T), kind="stable")
        until = int(np.searchsorted(np.cumsum(load[near]), ESTATE * 0.9)) + 1
        chosen = np.isin(atoms.block, blocks[near[:until]]) & (labels == grid)
        if 0.8 * ESTATE < atoms.households[chosen].sum() < 1.2 * ESTATE:
            found.append(chosen)
        if len(found) == count:
            break
    return found


def incremental(atoms: Atoms, edges: Edges) -> dict[str, Any]:
    """An estate appears on land that was empty: how many existing grids change, how long it takes."""
    changed: list[int] = []
    took, off, grids = [], [], 0
    for estate in estates(atoms, atoms.area, 4):
        before = replace(atoms, households=np.where(estate, 0.0, atoms.households))
        some = np.isin(atoms.area, atoms.area[estate])
        labels = draw(before, edges, [LEVELS[1]], seed=SEED)
        begin = time.perf_counter()
        fresh = redraw_part(atoms, edges, 0, labels, estate, LEVELS[1], seed=SEED)
        took.append(time.perf_counter() - begin)
        old = labels[0]
        others = some & ~estate
        changed.append(
            sum(not np.array_equal(old[others] == one, fresh[others] == one) for one in np.unique(old[others]))
        )
        load = np.bincount(fresh, atoms.households)[np.unique(fresh[estate])]
        off.append(float(np.abs(load / LEVELS[1].size - 1).max()))
        grids = len(np.unique(old))
        if not (fresh == old)[~some].all():
            raise SystemExit("a grid of another community changed")
    return {
        "estates": len(changed), "grids_changed": changed, "seconds": [round(one, 3) for one in took],
        "deviation_max": [round(one, 3) for one in off], "of_grids": grids,
    }  # fmt: skip


def compared(ours: LevelReport, metis: LevelReport, cpu: float, floor: float) -> dict[str, float]:
    """Ours by theirs."""
    return {
        "cpu": round(cpu / floor, 3),
        "centre_distance": round(ours.centre_distance / metis.centre_distance, 3),
        "polsby_popper": round(ours.polsby_popper / metis.polsby_popper, 3),
        "offstreet_border": round(ours.offstreet_border_km / metis.offstreet_border_km, 3),
        "street_inside": round(ours.street_inside / metis.street_inside, 3),
        "buildings_split": round(ours.buildings_split / max(metis.buildings_split, 1), 3),
        "extra_blocks": round(ours.extra_blocks / max(metis.extra_blocks, 1e-9), 3),
    }


def told(report: LevelReport) -> dict[str, Any]:
    """A report with the grids out of tolerance counted by why."""
    figures = asdict(report)
    why = [one["why"] for one in figures.pop("outside")]
    figures["outside"] = {word: why.count(word) for word in sorted(set(why))}
    return {key: round(value, 4) if isinstance(value, float) else value for key, value in figures.items()}


def main() -> None:
    """Measure and print."""
    parser = options(__doc__ or "")
    parser.add_argument("--households", type=int, default=0)
    parser.add_argument("--threads", type=int, default=0)
    words = parser.parse_args()
    count = words.households or (QUICK if words.quick else HOUSEHOLDS)
    watch = Watch(words.json)
    ground, _ = watch("clean", town(count).cleaned)
    watch("compile", ready)
    atoms, edges = watch("cells", lambda: lay_out(ground))
    labels = watch("draw", lambda: draw(atoms, edges, LEVELS, seed=SEED, threads=words.threads))
    shapes = watch("outlines", lambda: [outlines(atoms, one) for one in labels])
    memory = memory_mb()
    reports = watch("measure", lambda: measure(atoms, edges, labels, LEVELS))
    flat = watch("flat", lambda: draw(atoms, edges, [LEVELS[1]], seed=SEED, threads=words.threads))
    ours = measure(atoms, edges, flat, [LEVELS[1]])[0]
    theirs, floor = k_way(atoms, edges, LEVELS[1].size)
    metis = measure(atoms, edges, theirs[None], [LEVELS[1]])[0]
    small, small_floor = k_way(atoms, edges, LEVELS[2].size)
    ratios = compared(ours, metis, watch.cpu["flat"], floor)
    hard = [ours.non_contiguous, ours.crossings] + [r.non_contiguous + r.crossings + (not r.nested) for r in reports]
    end(
        name="draw", value=watch.cpu["flat"], unit="s of processor", floor=round(floor, 3), ratio=ratios["cpu"],
        n=int(atoms.households.sum()), runs=1, atoms=len(atoms), edges=len(edges), ratios=ratios, broken=int(sum(hard)),
        levels=[told(one) for one in reports], flat=told(ours), metis=told(metis),
        metis_team={"cpu": round(small_floor, 3), **told(measure(atoms, edges, small[None], [LEVELS[2]])[0])},
        cpu=watch.cpu, wall=watch.wall, outlines=sum(map(len, shapes)),
        with_geometry_s=round(sum(watch.wall[one] for one in ("clean", "cells", "draw", "outlines")), 2),
        memory_mb=memory, estate=incremental(atoms, edges),
    )  # fmt: skip


if __name__ == "__main__":
    main()
