"""One level of grids for many parents: each parent is a problem of its own, so threads change nothing in the result."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from onegrid.county.grids.rules.drawing.partition.compiled import Progress, kernel
from onegrid.county.grids.rules.drawing.partition.flood import settle
from onegrid.county.grids.rules.drawing.partition.graph import Graph
from onegrid.county.grids.rules.drawing.partition.split import mend
from onegrid.county.grids.rules.drawing.partition.swap import count_up, scramble, swap

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Stop = Callable[[], bool]

RULES = np.array([[10.0, 50.0, 8.0, 0.3], [10.0, 300.0, 8.0, 0.02], [10.0, 3000.0, 8.0, 0.02]])
"""Rows: for bundles, for atoms, for atoms of which a grid has only a few. Prices of balance, of being out of
tolerance and of distance; the heat at the start.

On bundles balance may wait for good borders; on atoms being out of tolerance costs more than borders do."""
FEW = 15
"""Atoms of a grid, below which there is so little choice that nothing may stand against balance."""
EFFORT = np.array([10, 4, 40, 30, 3, 16])
"""Rounds and turns of growing, sweeps on bundles and on atoms, passes and trees of cutting again."""
CHUNKS_PER_THREAD = 6


class Stopped(Exception):
    """Somebody asked to stop."""


@dataclass(frozen=True)
class Task:
    """What the grids of one level should be. Those of problem p are ``first[p] … first[p+1]-1``.

    ``bound`` has per grid: target, lowest and highest weight wanted, 1 / size (filled in), fixed middle's x and y.
    """

    first: Ints
    bound: Floats
    seed: NDArray[np.uint64]
    rule: Floats
    effort: Ints


@kernel("void(i8, i8, f8[::1], f8[::1], i8[::1])")
def sow(low: int, high: int, weight: Floats, target: Floats, seeds: Ints) -> None:
    """Seeds along the curve, at equal steps of weight, each on a node with homes of its own if there are enough."""
    k, total, due = len(seeds), 0.0, 0.0
    left = 0
    for v in range(low, high):
        total += weight[v]
        left += int(weight[v] > 0.0)
    need_homes = left >= k
    if not need_homes:
        left = high - low
    for g in range(k):
        due += target[g]
    met, reached, g = 0.0, target[0] / 2, 0
    for v in range(low, high):
        if need_homes and weight[v] <= 0.0:
            continue
        met += weight[v] * due / max(total, 1e-300)
        if met >= reached or left <= k - g:
            seeds[g] = v
            g += 1
            if g == k:
                return
            reached += (target[g - 1] + target[g]) / 2
        left -= 1


@kernel("void(i8, i8, f8[::1], f8[::1], b1[::1], i8[::1], b1[::1], f8[:, ::1])")
def pin(low: int, high: int, x: Floats, y: Floats, stays: Bools, seeds: Ints, pinned: Bools, bound: Floats) -> None:
    """Give each leader's home the nearest free seed; it becomes the fixed middle of that grid."""
    for v in range(low, high):
        if not stays[v]:
            continue
        chosen, best = -1, 1e300
        for g in range(len(seeds)):
            if pinned[g]:
                continue
            far = (x[v] - x[seeds[g]]) ** 2 + (y[v] - y[seeds[g]]) ** 2
            if seeds[g] == v:
                far = -1.0
            if far < best:
                best, chosen = far, g
        taken = False
        for g in range(len(seeds)):
            taken = taken or (seeds[g] == v and g != chosen)
        if chosen < 0 or taken:
            stays[v] = False  # more leaders than grids
        else:
            seeds[chosen], pinned[chosen] = v, True
            bound[chosen, 4], bound[chosen, 5] = x[v], y[v]


@kernel("void(f8[:, ::1], f8[:, ::1])")
def size_up(tally: Floats, bound: Floats) -> None:
    """Fill in 1 / size of each grid: the side of a square whose homes lie as far from the middle; half its own, half
    that of all grids of the parent."""
    k, mean = len(tally), 0.0
    for g in range(k):
        moment = tally[g, 4] - (tally[g, 2] ** 2 + tally[g, 3] ** 2) / max(tally[g, 1], 1e-9)
        bound[g, 3] = np.sqrt(max(6.0 * moment / max(tally[g, 1], 1e-9), 25.0))
        mean += bound[g, 3] / k
    for g in range(k):
        own = min(max(bound[g, 3], 0.4 * mean), 2.5 * mean)
        bound[g, 3] = 1.0 / np.sqrt(own * mean)


@kernel(
    "void(i8, i8, i8[::1], i8[::1], f8[::1], f8[::1], f8[::1], f8[::1], f8[::1], f8[::1], f8[::1], b1[::1], i8[::1],"
    " f8[:, ::1], f8[::1], i8[::1], u8)"
)
def begin(
    low: int, high: int, start: Ints, to: Ints, walk: Floats, cost: Floats, tie: Floats, weight: Floats, mass: Floats,
    x: Floats, y: Floats, stays: Bools, owner: Ints, bound: Floats, rule: Floats, effort: Ints, seed: np.uint64,
) -> None:  # fmt: skip
    """Divide one parent from nothing."""
    k = len(bound)
    if k == 1:
        owner[low:high] = 0
    else:
        target = bound[:, 0].copy()
        seeds, pinned = np.empty(k, np.int64), np.zeros(k, np.bool_)
        sow(low, high, weight, target, seeds)
        pin(low, high, x, y, stays, seeds, pinned, bound)
        settle(
            low, high, start, to, walk, weight, x, y, target, seeds, pinned, effort[0], effort[1], owner
        )  # fmt: skip
    tally = np.zeros((k, 5))
    count_up(low, high, weight, mass, x, y, owner, tally)
    size_up(tally, bound)
    if k == 1:
        return
    swap(
        low, high, start, to, cost, weight, mass, x, y, stays, owner, tally, bound, rule, effort[2], rule[3],
        scramble(seed),
    )  # fmt: skip
    mend(
        low, high, start, to, cost, tie, weight, mass, x, y, stays, owner, tally, bound, rule, effort[4], effort[5],
        scramble(seed + np.uint64(1)),
    )  # fmt: skip


@kernel(
    "void(i8, i8, i8[::1], i8[::1], f8[::1], f8[::1], f8[::1], f8[::1], f8[::1], f8[::1], b1[::1], i8[::1],"
    " f8[:, ::1], f8[::1], i8[::1], u8)"
)
def finish(
    low: int, high: int, start: Ints, to: Ints, cost: Floats, tie: Floats, weight: Floats, mass: Floats, x: Floats,
    y: Floats, stays: Bools, owner: Ints, bound: Floats, rule: Floats, effort: Ints, seed: np.uint64,
) -> None:  # fmt: skip
    """Better the division of one parent: borders, then grids out of tolerance, then borders again."""
    k = len(bound)
    if k == 1:
        return
    tally = np.zeros((k, 5))
    count_up(low, high, weight, mass, x, y, owner, tally)
    swap(
        low, high, start, to, cost, weight, mass, x, y, stays, owner, tally, bound, rule, effort[3], rule[3],
        scramble(seed + np.uint64(2)),
    )  # fmt: skip
    mend(
        low, high, start, to, cost, tie, weight, mass, x, y, stays, owner, tally, bound, rule, effort[4], effort[5],
        scramble(seed + np.uint64(3)),
    )  # fmt: skip
    swap(
        low, high, start, to, cost, weight, mass, x, y, stays, owner, tally, bound, rule, 4, 0.0,
        scramble(seed + np.uint64(4)),
    )  # fmt: skip


@kernel(
    "void(i8, i8, i8[::1], i8[::1], i8[::1], i8[::1], f8[::1], f8[::1], f8[::1], f8[::1], f8[::1], f8[::1], f8[::1],"
    " b1[::1], i8[::1], f8[:, ::1], f8[::1], i8[::1], u8[::1], b1)"
)
def several(
    one: int, end: int, first: Ints, grid: Ints, start: Ints, to: Ints, walk: Floats, cost: Floats, tie: Floats,
    weight: Floats, mass: Floats, x: Floats, y: Floats, stays: Bools, owner: Ints, bound: Floats, rule: Floats,
    effort: Ints, seed: NDArray[np.uint64], anew: bool,
) -> None:  # fmt: skip
    """Problems ``one … end-1``, from nothing if ``anew``, then bettered."""
    for p in range(one, end):
        low, high, own = first[p], first[p + 1], bound[grid[p] : grid[p + 1]]
        if anew:
            begin(
                low, high, start, to, walk, cost, tie, weight, mass, x, y, stays, owner, own, rule, effort, seed[p]
            )  # fmt: skip
        else:
            finish(low, high, start, to, cost, tie, weight, mass, x, y, stays, owner, own, rule, effort, seed[p])


def run(
    graph: Graph, task: Task, owner: Ints, stays: Bools, *, anew: bool, threads: int = 0,
    tell: Progress | None = None, stop: Stop | None = None,
) -> None:  # fmt: skip
    """Divide (or better) every problem of a level in place; ``owner`` is each node's grid within its problem."""
    many = len(graph.first) - 1
    workers = threads or os.cpu_count() or 1
    cuts = np.unique(
        np.searchsorted(graph.first, np.linspace(0, len(graph), workers * CHUNKS_PER_THREAD + 1), "left").clip(0, many)
    )
    cuts = np.unique(np.concatenate([[0], cuts, [many]]))
    done = 0

    def chunk(one: int) -> None:
        if stop is not None and stop():
            raise Stopped
        several(
            int(cuts[one]), int(cuts[one + 1]), graph.first, task.first, graph.start, graph.to, graph.walk, graph.cost,
            graph.tie, graph.weight, graph.mass, graph.x, graph.y, stays, owner, task.bound, task.rule, task.effort,
            task.seed, anew,
        )  # fmt: skip

    if workers == 1 or len(cuts) <= 2:
        for one in range(len(cuts) - 1):
            chunk(one)
            if tell is not None:
                tell("partition", (one + 1) / (len(cuts) - 1))
        return
    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(chunk, range(len(cuts) - 1)):
            done += 1
            if tell is not None:
                tell("partition", done / (len(cuts) - 1))


__all__ = ["EFFORT", "FEW", "RULES", "Stopped", "Task", "run"]
