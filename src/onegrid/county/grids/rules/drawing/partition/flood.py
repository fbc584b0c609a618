"""A balanced first cut: every grid grows from its seed over the land, and the hungry ones start earlier.

Each piece of land goes to the seed that reaches it first, so every grid is connected by construction. Between rounds
a grid that has too much starts later, one that has too little earlier, and seeds move to the middle of what they have
(balanced power diagrams on a graph; Cohen-Addad, Klein and Young 2017).

Everything works on one parent's nodes ``low … high-1`` of arrays that hold all parents side by side.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from onegrid.county.grids.rules.drawing.partition.compiled import kernel

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

FAR = 1e300


@kernel("void(f8[::1], i8[::1], i8, f8, i8)")
def push(keys: Floats, nodes: Ints, size: int, key: float, node: int) -> None:
    """Put a node into the heap of that size."""
    at = size
    while at > 0:
        above = (at - 1) >> 1
        if keys[above] <= key:
            break
        keys[at], nodes[at] = keys[above], nodes[above]
        at = above
    keys[at], nodes[at] = key, node


@kernel("void(f8[::1], i8[::1], i8)")
def drop(keys: Floats, nodes: Ints, size: int) -> None:
    """Take the first out of the heap; ``size`` counts what is left."""
    key, node = keys[size], nodes[size]
    at = 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size and keys[below + 1] < keys[below]:
            below += 1
        if keys[below] >= key:
            break
        keys[at], nodes[at] = keys[below], nodes[below]
        at = below
    keys[at], nodes[at] = key, node


@kernel("void(i8, i8, i8[::1], i8[::1], f8[::1], i8[::1], f8[::1], i8[::1], f8[::1], f8[::1], i8[::1])")
def flood(
    low: int, high: int, start: Ints, to: Ints, walk: Floats, seeds: Ints, late: Floats,
    owner: Ints, reach: Floats, keys: Floats, nodes: Ints,
) -> None:  # fmt: skip
    """Give every node to the seed that reaches it first (``late`` = metres a seed waits); ``reach`` by node - low."""
    for v in range(low, high):
        reach[v - low] = FAR
    for g in range(len(seeds)):
        reach[seeds[g] - low] = -FAR  # a seed's own place is nobody else's
        owner[seeds[g]] = g
    size = 0
    for g in range(len(seeds)):
        for e in range(start[seeds[g]], start[seeds[g] + 1]):
            far, u = late[g] + walk[e], to[e]
            if far < reach[u - low]:
                reach[u - low], owner[u] = far, g
                push(keys, nodes, size, far, u)
                size += 1
    while size > 0:
        key, v = keys[0], nodes[0]
        size -= 1
        drop(keys, nodes, size)
        if key > reach[v - low]:
            continue
        for e in range(start[v], start[v + 1]):
            far, u = key + walk[e], to[e]
            if far < reach[u - low]:
                reach[u - low], owner[u] = far, owner[v]
                push(keys, nodes, size, far, u)
                size += 1


@kernel("f8(i8, i8, f8[::1], i8[::1], f8[::1], f8[::1], f8[::1], f8[::1], f8[::1])")
def weigh(
    low: int, high: int, weight: Floats, owner: Ints, reach: Floats, late: Floats, target: Floats,
    load: Floats, range_m: Floats,
) -> float:  # fmt: skip
    """Fill in what each grid has and how far on average its land is from its seed; returns the mean square of the
    relative misses."""
    count = np.zeros(len(load))
    load[:] = 0.0
    range_m[:] = 0.0
    for v in range(low, high):
        g = owner[v]
        load[g] += weight[v]
        if reach[v - low] > -FAR:
            range_m[g] += reach[v - low] - late[g]
            count[g] += 1.0
    miss = 0.0
    for g in range(len(load)):
        range_m[g] = range_m[g] / count[g] if count[g] > 0 else 30.0
        off = load[g] / target[g] - 1.0
        miss += off * off
    return miss / len(load)


@kernel("void(i8, i8, f8[::1], f8[::1], f8[::1], i8[::1], i8[::1], b1[::1])")
def to_middle(
    low: int, high: int, x: Floats, y: Floats, weight: Floats, owner: Ints, seeds: Ints, pinned: NDArray[np.bool_]
) -> None:
    """Move every seed that is not pinned to the node with homes that is nearest to the middle of its grid's homes."""
    k = len(seeds)
    total, mx, my = np.zeros(k), np.zeros(k), np.zeros(k)
    for v in range(low, high):
        g = owner[v]
        total[g] += weight[v]
        mx[g] += weight[v] * x[v]
        my[g] += weight[v] * y[v]
    best = np.full(k, FAR)
    for v in range(low, high):
        g = owner[v]
        if pinned[g] or weight[v] <= 0.0 or total[g] <= 0.0:
            continue
        dx, dy = x[v] - mx[g] / total[g], y[v] - my[g] / total[g]
        if dx * dx + dy * dy < best[g]:
            best[g] = dx * dx + dy * dy
            seeds[g] = v


@kernel(
    "void(i8, i8, i8[::1], i8[::1], f8[::1], f8[::1], f8[::1], f8[::1], f8[::1], i8[::1], b1[::1], i8, i8, i8[::1])"
)
def settle(
    low: int, high: int, start: Ints, to: Ints, walk: Floats, weight: Floats, x: Floats, y: Floats,
    target: Floats, seeds: Ints, pinned: NDArray[np.bool_], rounds: int, turns: int, owner: Ints,
) -> None:  # fmt: skip
    """Grow, compare, start earlier or later; ``turns`` times between moves of the seeds, ``rounds`` of those.

    Leaves the best balanced division of the last third of the rounds in ``owner`` (0 … k-1 by seed).
    """
    k, count = len(seeds), high - low
    room = start[high] - start[low] + k + 1
    reach, keys, nodes = np.empty(count), np.empty(room), np.empty(room, np.int64)
    late, load, range_m = np.zeros(k), np.zeros(k), np.zeros(k)
    kept = np.zeros(count, np.int64)
    best = FAR
    for one in range(rounds):
        for _ in range(turns):
            flood(low, high, start, to, walk, seeds, late, owner, reach, keys, nodes)
            miss = weigh(low, high, weight, owner, reach, late, target, load, range_m)
            if 3 * (one + 1) > 2 * rounds and miss < best:
                best = miss
                kept[:] = owner[low:high]
            for g in range(k):
                off = min(max(load[g] / target[g] - 1.0, -0.7), 0.7)
                late[g] += 0.55 * off * range_m[g]
        if one + 1 < rounds:
            to_middle(low, high, x, y, weight, owner, seeds, pinned)
    owner[low:high] = kept
