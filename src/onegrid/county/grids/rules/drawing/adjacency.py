"""Which atoms touch, how long their common border is and what runs along it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from onegrid.county.grids.rules.drawing.atoms import Edges
from onegrid.county.grids.rules.drawing.blocks import Blocks
from onegrid.county.grids.rules.drawing.noding import Borders


def edges_of(borders: Borders, of_piece: NDArray[np.int64], area: NDArray[np.int64], blocks: Blocks) -> Edges:
    """The pairs of atoms that share a border and lie in one area, from the borders of their pieces of land."""
    inner = np.flatnonzero(borders.right >= 0)
    one, other = of_piece[borders.left[inner]], of_piece[borders.right[inner]]
    real = (one != other) & (area[one] == area[other])
    inner, one, other = inner[real], one[real], other[real]
    left, right = np.minimum(one, other), np.maximum(one, other)
    order = np.lexsort((inner, right, left))
    left, right, inner = left[order], right[order], inner[order]
    fresh = np.ones(len(left), dtype=bool)
    fresh[1:] = (left[1:] != left[:-1]) | (right[1:] != right[:-1])
    begin = np.flatnonzero(fresh)
    if not len(begin):
        none = np.zeros(0, dtype=np.int64)
        return Edges(none, none, np.zeros(0), np.zeros(0, dtype=np.int8))
    segment = borders.segment[inner]
    rank = np.where(segment >= 0, blocks.rank[segment], np.int8(-1)).astype(np.int8)
    return Edges(
        left[begin],
        right[begin],
        np.add.reduceat(borders.length_m[inner], begin),
        np.maximum.reduceat(rank, begin),
    )
