"""Land made of squares, to draw grids on without reading a town: streets every few squares, buildings of a few."""

from __future__ import annotations

import numpy as np
import shapely

from onegrid.county.grids.rules.drawing.atoms import Atoms, Edges

SIDE_M = 20.0


def lattice(
    wide: int, high: int, seed: int = 0, *, block: int = 4, areas: int = 1, empty: float = 0.1, most: int = 4
) -> tuple[Atoms, Edges]:
    """wide × high squares of 20 m; a street every ``block`` squares, areas side by side from west to east, a share of
    ``empty`` squares, up to ``most`` households on the others; pairs of squares in a row are one building."""
    rng = np.random.default_rng(seed)
    i, j = (axis.ravel() for axis in np.meshgrid(np.arange(wide), np.arange(high), indexing="ij"))
    x, y = (i + 0.5) * SIDE_M, (j + 0.5) * SIDE_M
    homes = rng.integers(1, most + 1, len(i)).astype(float) * (rng.random(len(i)) >= empty)
    building = np.where(homes > 0, (i // 2) * high + j, -1)
    area = (i * areas // wide).astype(np.int64)
    across = -(-high // block)
    number = np.arange(len(i)).reshape(wide, high)
    left = np.concatenate([number[:-1].ravel(), number[:, :-1].ravel()])
    right = np.concatenate([number[1:].ravel(), number[:, 1:].ravel()])
    line = np.concatenate([i.reshape(wide, high)[1:].ravel(), j.reshape(wide, high)[:, 1:].ravel()])
    rank = np.where(line % block == 0, 1, -1).astype(np.int8)
    near = area[left] == area[right]
    order = np.lexsort((right[near], left[near]))
    atoms = Atoms(
        x=x, y=y, households=homes, weight=homes.copy(), building=building.astype(np.int64),
        unit=np.where(homes > 0, number.ravel(), -1), block=((i // block) * across + j // block).astype(np.int64),
        area=area, cell=shapely.box(i * SIDE_M, j * SIDE_M, (i + 1) * SIDE_M, (j + 1) * SIDE_M),
    )  # fmt: skip
    edges = Edges(left[near][order], right[near][order], np.full(near.sum(), SIDE_M), rank[near][order])
    return atoms, edges


def shuffled(atoms: Atoms, edges: Edges, seed: int) -> tuple[Atoms, Edges, np.ndarray]:
    """The same land with its rows in another order; row r of the result was ``order[r]``."""
    order = np.random.default_rng(seed).permutation(len(atoms))
    at = np.empty(len(order), np.int64)
    at[order] = np.arange(len(order))
    moved = Atoms(*(getattr(atoms, name)[order] for name in atoms.__dataclass_fields__))
    one, other = at[edges.left], at[edges.right]
    left, right = np.minimum(one, other), np.maximum(one, other)
    row = np.lexsort((right, left))
    return moved, Edges(left[row], right[row], edges.length_m[row], edges.rank[row]), order


def of_squares(atoms: Atoms, edges: Edges, keep: np.ndarray) -> tuple[Atoms, Edges]:
    """Only some of the squares."""
    at = np.cumsum(keep) - 1
    near = keep[edges.left] & keep[edges.right]
    some = Atoms(*(getattr(atoms, name)[keep] for name in atoms.__dataclass_fields__))
    return some, Edges(at[edges.left[near]], at[edges.right[near]], edges.length_m[near], edges.rank[near])
