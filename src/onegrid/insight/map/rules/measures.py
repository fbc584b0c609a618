"""What a map can be coloured by, and how its colours are cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import Final, Literal

Unit = Literal["count", "share"]
CLASSES: Final = 5
"""Colours of a map: more cannot be told apart."""


@dataclass(frozen=True)
class Measure:
    """One thing to colour by. `part` of `whole`, both columns of a tally, for a share; `part` alone for a count."""

    key: str
    unit: Unit
    part: str = ""
    whole: str = ""
    live: bool = False
    """Of this moment: no period."""
    filter: tuple[tuple[str, str], ...] = ()
    """The `/cases` filter that lists what was counted (of a share: its whole); empty when no case is."""


def _counted(key: str) -> Measure:
    return Measure(key, "count", key, filter=(("measure", key),))


MEASURES: Final[dict[str, Measure]] = {
    one.key: one
    for one in (
        *map(_counted, ("reported", "closed", "closed_in_time", "on_the_spot", "returned", "reopened", "rated")),
        _counted("rated_5"),
        Measure("on_time", "share", "closed_in_time", "closed", filter=(("measure", "closed"),)),
        Measure("five_stars", "share", "rated_5", "rated", filter=(("measure", "rated"),)),
        Measure("open", "count", live=True, filter=(("measure", "open"),)),
        Measure("overdue", "count", live=True, filter=(("measure", "open"), ("due", "over"))),
        Measure("due_soon", "count", live=True, filter=(("measure", "open"), ("due", "soon"))),
        Measure("households", "count", live=True),
    )
}


def breaks(values: Sequence[float], classes: int = CLASSES) -> list[float]:
    """Rising numbers that cut the values into so many classes of about as many grids each, rounded to be read.

    A value belongs to the class above the last break that is not above it. Fewer breaks where few values differ;
    zeros are the lowest class of their own when there are any.
    """
    distinct = sorted(set(values))
    if len(distinct) < 2:
        return []
    if len(distinct) <= classes:
        return distinct[1:]
    ordered = sorted(value for value in values if value > 0)
    zeros = distinct[0] <= 0
    pieces = classes - 1 if zeros else classes
    cuts = [ordered[0]] if zeros else []
    cuts += [_readable(ordered[len(ordered) * at // pieces]) for at in range(1, pieces)]
    return sorted({cut for cut in cuts if distinct[0] < cut <= distinct[-1]})


def _readable(value: float) -> float:
    """Two digits that count, rounded down: 1,234 becomes 1,200; small whole numbers stay."""
    if value <= 0:
        return value
    if value >= 1 and float(value).is_integer() and value < 100:
        return value
    step = 10.0 ** (floor(log10(value)) - 1)
    return round(floor(value / step + 1e-9) * step, 6)
