"""Better borders: pieces at the edge of a grid change sides when that pays, a little randomly at first.

What pays is one sum for all grids of a parent: misses of the target (squared, and steep outside the tolerance), the
length of the borders (cheap along streets, dear through buildings) and how far homes lie from the middle of their
grid. A piece may only leave if what stays behind remains connected.

``tally`` has a row for each grid: weight, mass, mass·x, mass·y, mass·(x²+y²). ``bound`` has: target, lowest and
highest weight wanted, 1 / size in metres, and the fixed middle's x and y (nan: the middle of its homes).
``rule`` holds the prices: balance, steepness outside, distance, temperature at the start.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from onegrid.county.grids.rules.drawing.partition.compiled import kernel

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

MOST_NEIGHBOURS = 64
FORBIDDEN = 1e300


@kernel("f8(f8, i8, f8[:, ::1], f8[::1])")
def load_cost(load: float, g: int, bound: Floats, rule: Floats) -> float:
    """The price of a grid having that weight."""
    off = load / bound[g, 0] - 1.0
    over = max(bound[g, 1] - load, load - bound[g, 2], 0.0) / bound[g, 0]
    return float(rule[0] * off * off + rule[1] * over * (1.0 + 4.0 * over))


@kernel("f8(f8, f8, f8, f8, i8, f8[:, ::1], f8[::1])")
def spread_cost(mass: float, mx: float, my: float, square: float, g: int, bound: Floats, rule: Floats) -> float:
    """The price of a grid's homes lying around its middle as those moments say."""
    if mass <= 0.0:
        return 0.0
    if np.isnan(bound[g, 4]):
        moment = square - (mx * mx + my * my) / mass
    else:
        cx, cy = bound[g, 4], bound[g, 5]
        moment = square - 2.0 * (cx * mx + cy * my) + mass * (cx * cx + cy * cy)
    return float(rule[2] * moment * bound[g, 3] * bound[g, 3] / bound[g, 0])


@kernel("f8(i8, i8[::1], i8[::1], f8[::1], i8[::1], f8[:, ::1], i8, i8)")
def border_change(v: int, start: Ints, to: Ints, cost: Floats, owner: Ints, bound: Floats, g: int, h: int) -> float:
    """What the borders cost more (or less) when node v goes from grid g to grid h."""
    change = 0.0
    for e in range(start[v], start[v + 1]):
        q = owner[to[e]]
        if q != g:
            change -= cost[e] * (bound[g, 3] + bound[q, 3])
        if q != h:
            change += cost[e] * (bound[h, 3] + bound[q, 3])
    return change * 0.5


@kernel("f8(f8, f8, f8, f8, i8, i8, f8[:, ::1], f8[:, ::1], f8[::1])")
def tally_change(
    weight: float, mass: float, x: float, y: float, g: int, h: int, tally: Floats, bound: Floats, rule: Floats
) -> float:
    """What balance and distances cost more (or less) when a node of that weight and place goes from g to h."""
    left = tally[g, 0] - weight
    if left <= 1e-9 and weight > 0.0:
        return FORBIDDEN  # no grid without homes
    change = load_cost(left, g, bound, rule) - load_cost(tally[g, 0], g, bound, rule)
    change += load_cost(tally[h, 0] + weight, h, bound, rule) - load_cost(tally[h, 0], h, bound, rule)
    mx, my, square = mass * x, mass * y, mass * (x * x + y * y)
    change += spread_cost(tally[g, 1] - mass, tally[g, 2] - mx, tally[g, 3] - my, tally[g, 4] - square, g, bound, rule)
    change -= spread_cost(tally[g, 1], tally[g, 2], tally[g, 3], tally[g, 4], g, bound, rule)
    change += spread_cost(tally[h, 1] + mass, tally[h, 2] + mx, tally[h, 3] + my, tally[h, 4] + square, h, bound, rule)
    change -= spread_cost(tally[h, 1], tally[h, 2], tally[h, 3], tally[h, 4], h, bound, rule)
    return change


@kernel("void(f8, f8, f8, f8, i8, i8, f8[:, ::1])")
def retally(weight: float, mass: float, x: float, y: float, g: int, h: int, tally: Floats) -> None:
    """Book a node of that weight and place from g to h."""
    mx, my, square = mass * x, mass * y, mass * (x * x + y * y)
    for grid, sign in ((g, -1.0), (h, 1.0)):
        tally[grid, 0] += sign * weight
        tally[grid, 1] += sign * mass
        tally[grid, 2] += sign * mx
        tally[grid, 3] += sign * my
        tally[grid, 4] += sign * square


@kernel("b1(i8, i8, i8[::1], i8[::1], i8[::1], i8[::1], i8[::1], i8[::1], i8, i8)")
def may_leave(
    v: int, low: int, start: Ints, to: Ints, owner: Ints, mark: Ints, wanted: Ints, queue: Ints, stamp: int, most: int
) -> bool:
    """Whether v's grid stays connected without v; searches at most ``most`` nodes and then says no.

    ``mark`` and ``queue`` are scratch by node - low; ``stamp`` must grow by two with every call.
    """
    g, count = owner[v], 0
    for e in range(start[v], start[v + 1]):
        u = to[e]
        if owner[u] == g and mark[u - low] != stamp:
            mark[u - low] = stamp
            count += 1
            wanted[0] = u
    if count <= 1:
        return count == 1
    # Nodes marked `stamp` must all be met from one of them; met ones carry stamp + 1.
    mark[v - low] = stamp + 1
    mark[wanted[0] - low] = stamp + 1
    queue[0], at, end = wanted[0], 0, 1
    count -= 1
    while at < end < most:
        node = queue[at]
        at += 1
        for e in range(start[node], start[node + 1]):
            u = to[e]
            if owner[u] != g or mark[u - low] == stamp + 1:
                continue
            if mark[u - low] == stamp:
                count -= 1
                if count == 0:
                    return True
            mark[u - low] = stamp + 1
            if end < len(queue):
                queue[end] = u
                end += 1
    return False


@kernel("void(i8, i8, f8[::1], f8[::1], f8[::1], f8[::1], i8[::1], f8[:, ::1])")
def count_up(
    low: int, high: int, weight: Floats, mass: Floats, x: Floats, y: Floats, owner: Ints, tally: Floats
) -> None:
    """Fill the tally of a division."""
    tally[:] = 0.0
    for v in range(low, high):
        g = owner[v]
        tally[g, 0] += weight[v]
        tally[g, 1] += mass[v]
        tally[g, 2] += mass[v] * x[v]
        tally[g, 3] += mass[v] * y[v]
        tally[g, 4] += mass[v] * (x[v] * x[v] + y[v] * y[v])


@kernel("u8(u8)")
def scramble(state: np.uint64) -> np.uint64:
    """The next state of the random numbers (splitmix64's mixing of a counter)."""
    mixed = state + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


@kernel("i8(u8, i8)")
def pick(state: np.uint64, count: int) -> int:
    """A number from 0 to count - 1 of a random state."""
    return int(np.int64(state % np.uint64(count)))


@kernel("f8(u8)")
def fraction(state: np.uint64) -> float:
    """A number from 0 to 1 of a random state."""
    return float(np.uint64(state) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@kernel(
    "i8(i8, i8, i8[::1], i8[::1], f8[::1], f8[::1], f8[::1], f8[::1], f8[::1], b1[::1], i8[::1],"
    " f8[:, ::1], f8[:, ::1], f8[::1], i8, f8, u8)"
)
def swap(
    low: int, high: int, start: Ints, to: Ints, cost: Floats, weight: Floats, mass: Floats, x: Floats, y: Floats,
    stays: NDArray[np.bool_], owner: Ints, tally: Floats, bound: Floats, rule: Floats, sweeps: int, warm: float,
    seed: np.uint64,
) -> int:  # fmt: skip
    """Let nodes at borders change sides, ``sweeps`` times over all of them; ``warm`` is the temperature at the start,
    falling to nothing at three quarters. Nodes that ``stay`` never move. Returns how many moves were made."""
    count = high - low
    mark, queue, wanted = np.full(count, -1, np.int64), np.empty(4096, np.int64), np.empty(1, np.int64)
    stamp, moves = 0, 0
    state = seed
    for sweep in range(sweeps):
        heat = warm * max(0.0, 1.0 - sweep / (0.75 * sweeps)) ** 2
        state = scramble(state)
        step = stride(count, state)
        at, changed = pick(state, count), 0
        for _ in range(count):
            at += step
            if at >= count:
                at -= count
            v = low + at
            if stays[v]:
                continue
            state = scramble(state)
            h = best_side(v, start, to, cost, weight, mass, x, y, owner, tally, bound, rule, heat, state)
            if h < 0:
                continue
            stamp += 2
            if may_leave(v, low, start, to, owner, mark, wanted, queue, stamp, 400):
                retally(weight[v], mass[v], x[v], y[v], owner[v], h, tally)
                owner[v] = h
                changed += 1
        moves += changed
        if changed == 0 and heat == 0.0:
            break
    return moves


@kernel("i8(i8, u8)")
def stride(count: int, state: np.uint64) -> int:
    """A step that visits all of ``count`` places before it comes back."""
    step = pick(state, count) | 1
    while True:
        one, other = step, count
        while other:
            one, other = other, one % other
        if one == 1 or count == 1:
            return step % count
        step += 2


@kernel(
    "i8(i8, i8[::1], i8[::1], f8[::1], f8[::1], f8[::1], f8[::1], f8[::1], i8[::1], f8[:, ::1], f8[:, ::1], f8[::1],"
    " f8, u8)"
)
def best_side(
    v: int, start: Ints, to: Ints, cost: Floats, weight: Floats, mass: Floats, x: Floats, y: Floats, owner: Ints,
    tally: Floats, bound: Floats, rule: Floats, heat: float, state: np.uint64,
) -> int:  # fmt: skip
    """The neighbouring grid it pays for v to go to (at that heat also one that costs a little), or -1."""
    g, best, chosen, last = owner[v], FORBIDDEN, -1, -1
    for e in range(start[v], start[v + 1]):
        h = owner[to[e]]
        if h in (g, last):
            continue
        last = h
        change = border_change(v, start, to, cost, owner, bound, g, h)
        change += tally_change(weight[v], mass[v], x[v], y[v], g, h, tally, bound, rule)
        if change < best:
            best, chosen = change, h
    if chosen < 0 or best >= FORBIDDEN:
        return -1
    if best < -1e-12 or (heat > 0.0 and fraction(state) < np.exp(-best / heat)):
        return chosen
    return -1
