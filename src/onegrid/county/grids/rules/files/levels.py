"""The levels a person asks for: ``zone:1000,slice:100,team:10``, or ``estate:240,building,unit``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final, Literal

from onegrid.county.grids.rules.drawing.packs import PackLevel
from onegrid.county.grids.rules.drawing.partition import LevelSpec
from onegrid.county.grids.rules.drawing.wanted import Along, in_order, usual
from onegrid.county.grids.rules.files.problems import Collected

_LEVEL: Final = re.compile(
    r"(?P<key>[^:]+?)\s*:\s*(?P<low>\d+(?:\.\d+)?)(?:\s*-\s*(?P<high>\d+(?:\.\d+)?))?"
    r"(?:\s*(?:±|\+-|~)\s*(?P<off>\d+(?:\.\d+)?)\s*%?)?"
)
_FOLLOWS: Final[dict[str, Along]] = {
    "block": "block", "街区": "block", "building": "building", "楼栋": "building", "unit": "unit", "单元": "unit",
}  # fmt: skip
_NAME: Final = re.compile(r"(?!gpkg)\w(?:[\w ·()（）.#-]*[\w)）])?", re.IGNORECASE)
"""What a file, a layer of a GeoPackage and a column of a sheet may all be called."""
LONGEST: Final = 40
MOST_LEVELS: Final = 8


def read_levels(words: str, *, by_households: bool = True) -> list[LevelSpec]:
    """Levels from the largest to the smallest. ``slice:100±15`` says a tolerance in per cent, ``grid:300-500`` a span;
    without one it is ``usual``. ``building``, ``unit`` and ``block`` (``stairwell:unit``) follow what is there.

    Raises BadFiles with every fault.
    """
    faults = Collected()
    found: list[LevelSpec] = []
    parts = [part.strip() for part in words.replace("，", ",").replace("：", ":").split(",")]
    for part in filter(None, parts):
        name, _, rest = part.partition(":")
        along = _FOLLOWS.get((rest or name).strip().casefold())
        if along is not None:
            found.append(LevelSpec(name.strip(), along=along))
            continue
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


def of_pack(levels: Sequence[PackLevel], *, by_households: bool = True) -> list[LevelSpec]:
    """The levels a locality's pack wants. Raises BadFiles where it says no size of one."""
    faults = Collected()
    for level in levels:
        if not level.size and not level.along:
            faults.add("level_unsaid", level=level.key)
    faults.settle()
    unit: Literal["households", "weight"] = "households" if by_households else "weight"
    return [LevelSpec(one.key, one.size, unit, one.tolerance, one.along) for one in levels]


def _check(found: list[LevelSpec], faults: Collected) -> None:
    if not found and not faults.problems:
        faults.add("levels_none")
    if len(found) > MOST_LEVELS:
        faults.add("levels_many", most=MOST_LEVELS)
    for spec in found:
        if len(spec.key) > LONGEST or not _NAME.fullmatch(spec.key):
            faults.add("level_name", level=spec.key[:LONGEST], most=LONGEST)
    keys = [spec.key.casefold() for spec in found]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        faults.add("level_twice", level=key)
    for place, (above, below) in enumerate(pairwise(found)):
        if not in_order([(one.size, one.along) for one in found[: place + 2]]):
            faults.add("levels_order", level=below.key, above=above.key)
            break
