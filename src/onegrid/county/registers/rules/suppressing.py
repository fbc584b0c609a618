"""Small numbers of people are not told: who is one of three can be found out, and what the three have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SMALLEST: Final = 5
"""Fewer people than this in one cell are not told (GB/T 37964-2019 asks for a threshold, offices commonly take 5)."""


def suppressed(cells: Mapping[str, int]) -> dict[str, int | None]:
    """The cells of one table whose sum is known, with None for those that may not be told.

    A lone small cell could be had by taking the others from the sum, so the next smallest goes with it. Zero is told:
    nobody is in it.
    """
    small = {key for key, n in cells.items() if 0 < n < SMALLEST}
    hidden = sum(cells[key] for key in small)
    if small and (len(small) == 1 or hidden < SMALLEST):
        others = sorted((n, key) for key, n in cells.items() if key not in small and n > 0)
        small.update(key for _, key in others[:1])
    return {key: None if key in small else n for key, n in cells.items()}
