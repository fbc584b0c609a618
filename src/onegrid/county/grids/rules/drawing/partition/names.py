"""Which new grid is which old one: whoever keeps most of a grid's households keeps its name."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def keep_names(
    old_labels: NDArray[np.int64], new_labels: NDArray[np.int64], households: NDArray[np.float64]
) -> dict[int, int]:
    """New grid number → old grid number, by the largest number of households in common, each old one at most once.

    All three arrays are per atom; a number below 0 means in no grid. Grids without a counterpart are missing from the
    result. Land without households counts a little, so that empty grids keep their names too; ties go to the lowest
    numbers.
    """
    some = (old_labels >= 0) & (new_labels >= 0)
    old, new = old_labels[some], new_labels[some]
    if not len(old):
        return {}
    wide = int(old.max()) + 1
    pair, place = np.unique(new * wide + old, return_inverse=True)
    shared = np.bincount(place, households[some] + 1e-6)
    kept: dict[int, int] = {}
    taken: set[int] = set()
    for at in np.lexsort((pair, -shared)):
        to, was = divmod(int(pair[at]), wide)
        if to not in kept and was not in taken:
            kept[to] = was
            taken.add(was)
    return kept
