"""What the inner loops work on: nodes side by side by parent, each with its neighbours, and what a border there costs.

Nodes are atoms, or for large grids bundles of atoms that need not be told apart at first (a block, a building, a
stairwell). Inside a parent they lie along a Hilbert curve, so that neighbours are near in memory and nothing depends
on the order of rows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from onegrid.county.grids.rules.drawing.atoms import Atoms, Edges
from onegrid.county.grids.rules.drawing.partition.compiled import kernel

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

UNIT, BUILDING, OPEN = 0, 1, 2
"""What a border runs through when no road or water runs along it: a stairwell's storeys, a building, open land."""
KINDS = 9
"""Those three, then rank 0 (a path) as open land, and ranks 1 to 5."""

BORDER_PRICE = np.array([10.0, 5.0, 1.0, 1.0, 0.3, 0.25, 0.2, 0.15, 0.15])
"""Per metre of border; that of a stairwell or building only as far as a building is deep, then as open land."""
DEPTH_M = 15.0
WALK_FACTOR = np.array([0.25, 0.5, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0])
WALK_METRES = np.array([0.0, 0.0, 0.0, 0.0, 20.0, 35.0, 60.0, 100.0, 150.0])
"""Added to a walk that crosses the line."""
TIE = np.array([0.1, 0.3, 1.0, 1.0, 4.0, 5.0, 6.0, 8.0, 8.0])
"""How late a random tree joins two nodes; small = early, they stay together."""


@dataclass(frozen=True)
class Land:
    """Atoms and their edges in an order of position; ``atom`` is the row each came from."""

    atom: Ints
    x: Floats
    y: Floats
    building: Ints
    unit: Ints
    block: Ints
    left: Ints
    right: Ints
    length: Floats
    kind: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.atom)

    def group(self, along: str) -> Ints:
        """The block, building or stairwell of each row; -1 for all where nothing is followed."""
        known = {"block": self.block, "building": self.building, "unit": self.unit}
        return known.get(along, np.full(len(self), -1, np.int64))

    @classmethod
    def of(cls, atoms: Atoms, edges: Edges) -> Land:
        """Sorted by place; atoms at the very same place by what they hold."""
        order = np.lexsort((atoms.unit, atoms.building, atoms.weight, atoms.households, atoms.y, atoms.x))
        at = np.empty(len(order), np.int64)
        at[order] = np.arange(len(order))
        building, unit = atoms.building[order], atoms.unit[order]
        one, other = at[edges.left], at[edges.right]
        left, right = np.minimum(one, other), np.maximum(one, other)
        row = np.lexsort((right, left))
        left, right = left[row], right[row]
        rank = edges.rank[row].astype(np.int8)
        kind = np.where(rank > 0, rank + 3, np.where(rank == 0, 3, OPEN)).astype(np.int8)
        inside = (building[left] == building[right]) & (building[left] >= 0)
        kind[inside] = BUILDING
        kind[inside & (unit[left] == unit[right]) & (unit[left] >= 0)] = UNIT
        return cls(
            order, atoms.x[order], atoms.y[order], building, unit, atoms.block[order],
            left, right, np.maximum(edges.length_m[row], 1e-3), kind,
        )  # fmt: skip


@dataclass(frozen=True)
class Graph:
    """Nodes by parent: those of parent p are ``first[p] … first[p+1]-1``. ``member`` is the node of each land row."""

    first: Ints
    member: Ints
    weight: Floats
    mass: Floats
    x: Floats
    y: Floats
    start: Ints
    to: Ints
    walk: Floats
    cost: Floats
    tie: Floats

    def __len__(self) -> int:
        return len(self.weight)

    def with_mass(self) -> Graph:
        """With a little mass on empty land too, so that it goes where it keeps grids round: in each problem by itself,
        three per cent of its weight in all."""
        nodes = np.diff(self.first)
        total = np.add.reduceat(self.weight, self.first[:-1])
        return replace(self, mass=self.weight + np.repeat(0.03 * np.maximum(total, 1.0) / nodes, nodes))


def problems(land: Land, parent: Ints, free: Bools) -> Ints:
    """The number of the connected piece of free land of one parent each row lies in, -1 where the land is not free.

    Numbered by the first row of each.
    """
    joined = free[land.left] & free[land.right] & (parent[land.left] == parent[land.right])
    piece = _pieces(len(land), land.left[joined], land.right[joined])
    piece[~free] = -1
    _, first, number = np.unique(piece, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    found: Ints = rank[number]
    if not free.all():
        out = rank[0]
        found = np.where(found > out, found - 1, found)
        found[~free] = -1
    return found


def graph_of(land: Land, problem: Ints, weight: Floats, bundle: Ints) -> Graph:
    """The graph of one level: ``problem`` per row (-1: not part of it), ``bundle`` the rows that are one node."""
    node, first, member = _arranged(land, problem, weight, bundle)
    count = int(node.max()) + 1 if len(node) else 0
    load = np.bincount(member[member >= 0], weight[member >= 0], count).astype(np.float64)
    x, y = _middles(land, member, weight, count)
    one, other = member[land.left], member[land.right]
    linked = (one != other) & (one >= 0) & (other >= 0)
    linked &= problem[land.left] == problem[land.right]
    one, other, length, kind = one[linked], other[linked], land.length[linked], land.kind[linked]
    key = np.minimum(one, other) * count + np.maximum(one, other)
    pair, place = np.unique(key, return_inverse=True)
    low, high = pair // max(count, 1), pair % max(count, 1)
    inside = np.where(kind <= BUILDING, np.minimum(length, DEPTH_M), length)
    price = inside * BORDER_PRICE[kind] + (length - inside) * BORDER_PRICE[OPEN]
    cost = np.bincount(place, price, len(pair)).astype(np.float64)
    most = np.full(len(pair), 99.0)
    np.minimum.at(most, place, WALK_METRES[kind] + kind / 100.0)
    looser = np.rint((most % 1.0) * 100.0).astype(np.int64)
    walk = np.hypot(x[low] - x[high], y[low] - y[high]) * WALK_FACTOR[looser] + WALK_METRES[looser] + 0.01
    start, to, edge = _neighbours(count, low, high)
    return Graph(first, member, load, load, x, y, start, to, walk[edge], cost[edge], TIE[looser][edge])


def whole_pieces(land: Land, problem: Ints, group: Ints) -> Ints:
    """Which rows are one node whatever is drawn: those of one group that touch. Numbers as in `bundles`."""
    if not (group >= 0).any():
        return np.arange(len(land))
    joined = (group[land.left] == group[land.right]) & (group[land.left] >= 0)
    joined &= problem[land.left] == problem[land.right]
    return _pieces(len(land), land.left[joined], land.right[joined])


def bundles(land: Land, problem: Ints, weight: Floats, size: float, base: Ints) -> Ints:
    """Which rows may be one node for grids of that size: blocks, else buildings, else stairwells, small beside it; and
    always those of one piece of ``base``.

    Only rows that touch are bundled, so every bundle is connected. Numbers are the lowest row of each.
    """
    own = np.arange(len(land))
    key = own.copy()
    for share, group, tag in ((0.3, land.unit, 1), (0.3, land.building, 2), (0.1, land.block, 3)):
        some = (group >= 0) & (problem >= 0)
        if not some.any():
            continue
        total = np.bincount(group[some], weight[some], int(group.max()) + 1)
        small = some & (total[np.maximum(group, 0)] <= share * size)
        key[small] = (group[small] + 1) * 4 + tag + 4 * len(land)
    joined = ((key[land.left] == key[land.right]) | (base[land.left] == base[land.right])) & (
        problem[land.left] == problem[land.right]
    )
    return _pieces(len(land), land.left[joined], land.right[joined])


def _pieces(count: int, left: Ints, right: Ints) -> Ints:
    """Connected components, each named by its lowest row."""
    links = sparse.coo_matrix((np.ones(len(left), np.int8), (left, right)), (count, count))
    _, label = csgraph.connected_components(links, directed=False)
    lowest = np.full(int(label.max()) + 1 if count else 0, count, np.int64)
    np.minimum.at(lowest, label, np.arange(count))
    found: Ints = lowest[label]
    return found


def _arranged(land: Land, problem: Ints, weight: Floats, bundle: Ints) -> tuple[Ints, Ints, Ints]:
    """Node numbers by (problem, place on its Hilbert curve): (nodes, first node of each problem, node of each row)."""
    inside = problem >= 0
    name, place = np.unique(bundle[inside], return_inverse=True)
    of = problem[name]
    count = int(of.max()) + 1 if len(of) else 0
    x = np.bincount(place, land.x[inside]) / np.bincount(place)
    y = np.bincount(place, land.y[inside]) / np.bincount(place)
    low_x, low_y, wide = np.full(count, np.inf), np.full(count, np.inf), np.zeros(count)
    np.minimum.at(low_x, of, x)
    np.minimum.at(low_y, of, y)
    np.maximum.at(wide, of, np.maximum(x - low_x[of], y - low_y[of]))
    scale = 65535.0 / np.maximum(wide, 1e-6)
    curve = np.empty(len(of), np.int64)
    hilbert((x - low_x[of]) * scale[of], (y - low_y[of]) * scale[of], curve)
    order = np.lexsort((name, curve, of))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    member = np.full(len(land), -1, np.int64)
    member[inside] = rank[place]
    first = np.searchsorted(of[order], np.arange(count + 1))
    return rank, first.astype(np.int64), member


def _middles(land: Land, member: Ints, weight: Floats, count: int) -> tuple[Floats, Floats]:
    """The middle of each node's homes, or of its land where it has none."""
    inside = member >= 0
    at = member[inside]
    total = np.bincount(at, weight[inside], count)
    pull = np.where(total[at] > 0, weight[inside], 1.0)
    total = np.bincount(at, pull, count)
    x = np.bincount(at, pull * land.x[inside], count) / total
    y = np.bincount(at, pull * land.y[inside], count) / total
    return x, y


def _neighbours(count: int, low: Ints, high: Ints) -> tuple[Ints, Ints, Ints]:
    """Each pair seen from both sides: (start, to, number of the pair)."""
    number = np.arange(1, len(low) + 1)
    links = sparse.coo_matrix((number, (low, high)), (count, count)).tocsr()
    both = (links + links.T).tocsr()
    both.sort_indices()
    return both.indptr.astype(np.int64), both.indices.astype(np.int64), both.data.astype(np.int64) - 1


@kernel("void(f8[::1], f8[::1], i8[::1])")
def hilbert(x: Floats, y: Floats, curve: Ints) -> None:
    """Places on the Hilbert curve through 65,536 × 65,536 fields of coordinates 0 … 65535."""
    for i in range(len(x)):
        px, py, at = np.int64(x[i]), np.int64(y[i]), np.int64(0)
        side = np.int64(32768)
        while side > 0:
            right, up = np.int64((px & side) > 0), np.int64((py & side) > 0)
            at += side * side * ((3 * right) ^ up)
            if up == 0:
                if right == 1:
                    px, py = 65535 - px, 65535 - py
                px, py = py, px
            side >>= 1
        curve[i] = at
