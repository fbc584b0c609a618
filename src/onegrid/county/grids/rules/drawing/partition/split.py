"""Grids that stay out of tolerance are cut again together with neighbours.

Two, three or four neighbouring grids are taken as one piece of land; a random tree is spanned over it that crosses
streets as late as it can; cutting branches of the right weight off the tree gives connected grids again (the ReCom
move of DeFord, Duchin and Solomon 2021). Many trees are tried, the best is kept if it is better than what was there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from onegrid.county.grids.rules.drawing.partition.compiled import kernel
from onegrid.county.grids.rules.drawing.partition.flood import drop, push
from onegrid.county.grids.rules.drawing.partition.swap import fraction, load_cost, pick, scramble, spread_cost

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

MOST = 5
"""Grids that are cut again together at most."""


@kernel("i8(i8, i8, i8[::1], i8[::1], i8, i8[::1])")
def gather(low: int, high: int, owner: Ints, group: Ints, many: int, land: Ints) -> int:
    """Write the nodes of the first ``many`` grids of the group into ``land``; returns how many."""
    count = 0
    for v in range(low, high):
        for j in range(many):
            if owner[v] == group[j]:
                land[count] = v
                count += 1
                break
    return count


@kernel("i8(i8, i8, i8[::1], i8[::1], f8[::1], i8[::1], i8[::1], i8[::1], i8[::1], f8[::1], i8[::1], u8)")
def span(
    low: int, count: int, start: Ints, to: Ints, tie: Floats, land: Ints, place: Ints, order: Ints, above: Ints,
    keys: Floats, nodes: Ints, seed: np.uint64,
) -> int:  # fmt: skip
    """A random tree over the land: ``order`` from the root outwards, ``above`` by position in it (-1 the root).

    ``place`` by node - low must be -1 on the land and -2 elsewhere, and becomes the position. ``tie`` says how
    strongly two nodes belong together. Returns the number of nodes reached.
    """
    state = scramble(seed)
    root = land[pick(state, count)]
    size, done = 1, 0
    keys[0], nodes[0] = 0.0, root
    source = np.full(len(place), -1, np.int64)
    best = np.full(len(place), 1e300)
    while size > 0:
        v = nodes[0]
        size -= 1
        drop(keys, nodes, size)
        if place[v - low] >= 0:
            continue
        place[v - low] = done
        order[done], above[done] = v, source[v - low]
        done += 1
        for e in range(start[v], start[v + 1]):
            u = to[e]
            if place[u - low] != -1:
                continue
            state = scramble(state)
            key = fraction(state) * tie[e]
            if key < best[u - low]:
                best[u - low], source[u - low] = key, done - 1
                push(keys, nodes, size, key, u)
                size += 1
    return done


@kernel("f8(i8, i8[::1], i8[::1], f8[::1], i8[::1], i8, f8[::1])")
def weigh_branches(
    count: int, order: Ints, above: Ints, weight: Floats, piece: Ints, rest: int, branch: Floats
) -> float:
    """What hangs on each node of the tree that is still in the piece ``rest``; returns the weight of all of it."""
    branch[:count] = 0.0
    total = 0.0
    for i in range(count - 1, -1, -1):
        if piece[i] == rest:
            branch[i] += weight[order[i]]
            total += weight[order[i]]
            if above[i] >= 0:
                branch[above[i]] += branch[i]
    return total


@kernel("i8(i8, i8, i8[::1], i8[::1], f8[::1], i8, f8, f8[:, ::1], f8[::1], f8[::1])")
def choose_branch(
    count: int, j: int, piece: Ints, group: Ints, branch: Floats, many: int, total: float, bound: Floats,
    rule: Floats, jitter: Floats,
) -> int:  # fmt: skip
    """The branch that leaves grid j and the grids after it nearest to what they should hold, or -1."""
    wanted = 0.0
    for m in range(j + 1, many):
        wanted += bound[group[m], 0]
    at, best = -1, 1e300
    for i in range(1, count):
        if piece[i] != many - 1 or branch[i] <= 0.0 or branch[i] >= total:
            continue
        rest = (total - branch[i]) / wanted
        miss = load_cost(branch[i], group[j], bound, rule)
        for m in range(j + 1, many):
            miss += load_cost(rest * bound[group[m], 0], group[m], bound, rule)
        if miss * jitter[i] < best:
            at, best = i, miss * jitter[i]
    return at


@kernel("i8(i8, i8[::1], i8[::1], f8[::1], i8[::1], i8[::1], f8[::1], i8, f8[:, ::1], f8[::1], f8[::1])")
def cut_tree(
    count: int, order: Ints, above: Ints, weight: Floats, piece: Ints, group: Ints, branch: Floats, many: int,
    bound: Floats, rule: Floats, jitter: Floats,
) -> int:  # fmt: skip
    """Cut ``many - 1`` branches off the tree so that each has about what its grid should; ``piece`` by position
    becomes the grid's place in the group. Returns 0, or -1 if a piece would stay without weight."""
    piece[:count] = many - 1
    for j in range(many - 1):
        total = weigh_branches(count, order, above, weight, piece, many - 1, branch)
        at = choose_branch(count, j, piece, group, branch, many, total, bound, rule, jitter)
        if at < 0:
            return -1
        piece[at] = j
        for i in range(at + 1, count):
            if piece[i] == many - 1 and piece[above[i]] == j:
                piece[i] = j
    return 0


@kernel(
    "f8(i8, i8[::1], i8[::1], i8[::1], f8[::1], f8[::1], f8[::1], f8[::1], f8[::1], i8[::1], i8[::1], i8,"
    " f8[:, ::1], f8[::1], f8[:, ::1])"
)
def price(
    count: int, land: Ints, start: Ints, to: Ints, cost: Floats, weight: Floats, mass: Floats, x: Floats, y: Floats,
    owner: Ints, group: Ints, many: int, bound: Floats, rule: Floats, own: Floats,
) -> float:  # fmt: skip
    """What the grids of the group cost as they are: balance, distances and borders. ``own`` takes their tally."""
    total = 0.0
    own[:] = 0.0
    for i in range(count):
        v = land[i]
        g, j = owner[v], 0
        while group[j] != g:
            j += 1
        own[j, 0] += weight[v]
        own[j, 1] += mass[v]
        own[j, 2] += mass[v] * x[v]
        own[j, 3] += mass[v] * y[v]
        own[j, 4] += mass[v] * (x[v] * x[v] + y[v] * y[v])
        for e in range(start[v], start[v + 1]):
            q = owner[to[e]]
            if q != g:
                part = 0.25  # inside the group a border is met from both sides
                for m in range(many):
                    if group[m] == q:
                        break
                else:
                    part = 0.5
                total += part * cost[e] * (bound[g, 3] + bound[q, 3])
    for j in range(many):
        g = group[j]
        total += load_cost(own[j, 0], g, bound, rule)
        total += spread_cost(own[j, 1], own[j, 2], own[j, 3], own[j, 4], g, bound, rule)
    return total


@kernel(
    "i8(i8, i8, i8[::1], i8[::1], f8[::1], f8[::1], f8[::1], f8[::1], f8[::1], f8[::1], b1[::1], i8[::1],"
    " f8[:, ::1], f8[:, ::1], f8[::1], i8[::1], i8, i8, u8)"
)
def resplit(
    low: int, high: int, start: Ints, to: Ints, cost: Floats, tie: Floats, weight: Floats, mass: Floats, x: Floats,
    y: Floats, stays: NDArray[np.bool_], owner: Ints, tally: Floats, bound: Floats, rule: Floats, group: Ints,
    many: int, trials: int, seed: np.uint64,
) -> int:  # fmt: skip
    """Cut the first ``many`` grids of the group again; keeps the best of what was and ``trials`` trees. 1 if better."""
    land = np.empty(high - low, np.int64)
    count = gather(low, high, owner, group, many, land)
    held = 0
    for i in range(count):
        held += int(stays[land[i]])
    if held:
        return 0  # a leader's home keeps its grid
    room = 1
    for i in range(count):
        room += start[land[i] + 1] - start[land[i]]
    place = np.full(high - low, -2, np.int64)
    order, above, piece = np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count, np.int64)
    keys, nodes, branch, jitter = np.empty(room), np.empty(room, np.int64), np.empty(count), np.ones(count)
    own = np.zeros((MOST, 5))
    best = price(count, land, start, to, cost, weight, mass, x, y, owner, group, many, bound, rule, own)
    kept, was, better = owner[low:high].copy(), best, 0
    state = seed
    for _ in range(trials):
        for i in range(count):
            place[land[i] - low] = -1
        state = scramble(state)
        if span(low, count, start, to, tie, land, place, order, above, keys, nodes, state) < count:
            continue
        for i in range(count):
            state = scramble(state)
            jitter[i] = 1.0 + 0.3 * fraction(state)
        if cut_tree(count, order, above, weight, piece, group, branch, many, bound, rule, jitter) < 0:
            continue
        for i in range(count):
            owner[order[i]] = group[piece[i]]
        now = price(count, land, start, to, cost, weight, mass, x, y, owner, group, many, bound, rule, own)
        if now < best - 1e-9:
            best, better = now, 1
            kept[:] = owner[low:high]
    owner[low:high] = kept
    if better and best < was:
        price(count, land, start, to, cost, weight, mass, x, y, owner, group, many, bound, rule, own)
        for j in range(many):
            tally[group[j]] = own[j]
    return better


@kernel("i8(i8, i8, i8[::1], i8[::1], i8[::1], f8[:, ::1], f8[:, ::1], i8[::1], i8)")
def invite(
    low: int, high: int, start: Ints, to: Ints, owner: Ints, tally: Floats, bound: Floats, group: Ints, many: int
) -> int:
    """The neighbour of the group that would balance it best, or -1: the one that brings the sum nearest its due."""
    load, due = 0.0, 0.0
    for j in range(many):
        load += tally[group[j], 0]
        due += bound[group[j], 0]
    chosen, best = -1, 1e300
    for v in range(low, high):
        for j in range(many):
            if owner[v] == group[j]:
                break
        else:
            continue
        for e in range(start[v], start[v + 1]):
            q = owner[to[e]]
            fresh = True
            for j in range(many):
                if group[j] == q:
                    fresh = False
            if fresh and q != chosen:
                miss = abs(load + tally[q, 0] - due - bound[q, 0])
                if miss < best:
                    best, chosen = miss, q
    return chosen


@kernel("i8(i8, f8[:, ::1], f8[:, ::1])")
def outside(g: int, tally: Floats, bound: Floats) -> int:
    """1 if the grid's weight is out of what is wanted."""
    return int(tally[g, 0] < bound[g, 1] - 1e-9 or tally[g, 0] > bound[g, 2] + 1e-9)


@kernel(
    "i8(i8, i8, i8[::1], i8[::1], f8[::1], f8[::1], f8[::1], f8[::1], f8[::1], f8[::1], b1[::1], i8[::1],"
    " f8[:, ::1], f8[:, ::1], f8[::1], i8, i8, u8)"
)
def mend(
    low: int, high: int, start: Ints, to: Ints, cost: Floats, tie: Floats, weight: Floats, mass: Floats, x: Floats,
    y: Floats, stays: NDArray[np.bool_], owner: Ints, tally: Floats, bound: Floats, rule: Floats, passes: int,
    trials: int, seed: np.uint64,
) -> int:  # fmt: skip
    """Cut grids out of tolerance again: with one neighbour, then two, then more. Returns how many are out still."""
    group = np.empty(MOST, np.int64)
    state = seed
    left = 0
    for one in range(passes):
        left = 0
        for g in range(len(tally)):
            if not outside(g, tally, bound):
                continue
            group[0], many = g, 1
            while many < min(MOST, 2 + one):
                q = invite(low, high, start, to, owner, tally, bound, group, many)
                if q < 0:
                    break
                group[many] = q
                many += 1
                state = scramble(state)
                resplit(
                    low, high, start, to, cost, tie, weight, mass, x, y, stays, owner, tally, bound, rule, group,
                    many, trials, state,
                )  # fmt: skip
                if not outside(g, tally, bound):
                    break
            left += outside(g, tally, bound)
        if left == 0:
            break
    return left
