"""The levels a person asks for: ``zone:1000,slice:100,team:10``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from onegrid.county.grids.rules.drawing.partition import LevelSpec
from onegrid.county.grids.rules.files.problems import Collected

_LEVEL: Final = re.compile(
    r"(?P<key>[^:,/\\\s]+)\s*:\s*(?P<low>\d+(?:\.\d+)?)(?:\s*-\s*(?P<high>\d+(?:\.\d+)?))?"
    r"(?:\s*(?:±|\+-|~)\s*(?P<off>\d+(?:\.\d+)?)\s*%?)?"
)
MOST_LEVELS: Final = 8


def read_levels(words: str, *, by_households: bool = True) -> list[LevelSpec]:
    """Levels from the largest to the smallest. ``slice:100±15`` says a tolerance in per cent, ``grid:300-500`` a span.

    Without one it is ``usual``. Raises BadFiles with every fault.
    """
    faults = Collected()
    found: list[LevelSpec] = []
    parts = [part.strip() for part in words.replace("，", ",").replace("：", ":").split(",")]
    for part in filter(None, parts):
        match = _LEVEL.fullmatch(part)
        if match is None:
            faults.add("level_unread", level=part)
            continue
        low = float(match["low"])
        high = float(match["high"]) if match["high"] else low
        size = (low + high) / 2
        if size <= 0 or high < low:
            faults.add("level_size", level=part)
            continue
        off = float(match["off"]) / 100 if match["off"] else (high - size) / size
        if (match["off"] or off) and not 0 < off < 1:
            faults.add("level_tolerance", level=part)
            continue
        found.append(LevelSpec(match["key"], size, "households" if by_households else "weight", off))
    _check(found, faults)
    faults.settle()
    return [
        replace(spec, tolerance=spec.tolerance or usual(spec.size, [one.size for one in found[place + 1 :]]))
        for place, spec in enumerate(found)
    ]


def usual(size: float, below: Sequence[float] = ()) -> float:
    """The tolerance of a level nobody said one for: ten per cent from 50 up to 500, twenty for the rest.

    Small teams meet what a single storey holds, large zones what a community holds. A level above another one of that
    kind has twenty, too: its grids are whole numbers of the smaller ones, which are what people are appointed to.
    """
    return 0.1 if 50 <= size < 500 and not any(one >= 50 for one in below) else 0.2


def _check(found: list[LevelSpec], faults: Collected) -> None:
    if not found and not faults.problems:
        faults.add("levels_none")
    if len(found) > MOST_LEVELS:
        faults.add("levels_many", most=MOST_LEVELS)
    keys = [spec.key.casefold() for spec in found]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        faults.add("level_twice", level=key)
    for above, below in pairwise(found):
        if below.size >= above.size:
            faults.add("levels_order", level=below.key, above=above.key)
