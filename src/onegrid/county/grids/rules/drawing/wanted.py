"""What a level may be: drawn by size, or along what is there already. Light: pages load this, and no engine."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, Literal

Along = Literal["", "block", "building", "unit"]
ALONG: Final[tuple[Along, ...]] = ("block", "building", "unit")
"""What a level may follow, from the largest: the land between streets, a building, a stairwell. '' is by size."""
_CODES: Final[dict[float, Along]] = {-1.0: "building", -2.0: "unit", -3.0: "block"}


def along_of(size: float) -> Along:
    """What a stored level follows: its size is a number below 0 then, which stands for it."""
    return _CODES.get(size, "")


def size_of(along: str) -> float:
    """The number a level that follows something is stored with; 0 for one that follows nothing."""
    return next((code for code, word in _CODES.items() if word == along), 0.0)


def usual(size: float, below: Sequence[float] = ()) -> float:
    """The tolerance of a level nobody said one for: ten per cent from 50 up to 500, twenty for the rest.

    Small teams meet what a single storey holds, large zones what a community holds. A level above another one of that
    kind has twenty, too: its grids are whole numbers of the smaller ones, which are what people are appointed to.
    """
    return 0.1 if 50 <= size < 500 and not any(one >= 50 for one in below) else 0.2


def in_order(levels: Sequence[tuple[float, Along]]) -> bool:
    """Whether levels (size, what it follows) may stand in that order: sizes fall, and no level follows anything as
    large as what one above it follows."""
    sizes = [size for size, along in levels if not along]
    ranks = [ALONG.index(along) for _, along in levels if along]
    falling = all(one > other for one, other in pairwise(sizes))
    return falling and all(one < other for one, other in pairwise(ranks))
