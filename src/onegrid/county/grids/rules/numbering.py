"""The order in which sibling grids are numbered: from the north-west, row by row.

West to east within a row and rows from north to south, as the single-grid codes of urban
management are given. A row is a band of latitude about as high as one grid.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def reading_order(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.intp]:
    """Indices of the points in reading order, as one reads a page of the map.

    Takes label points in degrees; equal positions keep their given order.
    """
    count = len(lon)
    if count < 2:
        return np.arange(count)
    height = float(lat.max() - lat.min())
    rows = max(1, round(np.sqrt(count)))
    band = np.minimum(((lat.max() - lat) / (height or 1.0) * rows).astype(int), rows - 1)
    return np.lexsort((lon, band))
