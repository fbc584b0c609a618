"""The levels a locality's pack wants drawn: how many homes, or along which buildings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from onegrid.county.grids.rules.drawing.wanted import Along, usual
from onegrid.county.grids.rules.section import GridsPart, SchemeSpec

PEOPLE_A_HOME: Final = 2.7
"""Residents of a household where only residents are published; an assumption of ours, as in the demonstration."""


@dataclass(frozen=True)
class PackLevel:
    """A level of a scheme that is drawn. ``size`` is 0 where the pack says nothing, or what it follows."""

    key: str
    title_zh: str
    title_en: str
    size: float
    tolerance: float
    along: Along


def pack_levels(part: GridsPart, spec: SchemeSpec) -> list[PackLevel]:
    """The levels below the official ones, top to bottom, without those that hold rows of a register."""
    sizes = drawing_sizes(part, spec)
    own = [level for level in spec.levels if level.key in sizes]
    return [
        PackLevel(
            level.key, level.title.zh, level.title.en, sizes[level.key],
            usual(sizes[level.key], [sizes[one.key] for one in own[place + 1 :]]), follows(level.cells),
        )
        for place, level in enumerate(own)
    ]  # fmt: skip


def follows(cells: str) -> Along:
    """What a level of a pack is cut along: buildings, stairwells, or nothing in particular."""
    return "building" if cells == "building" else "unit" if cells == "unit" else ""


def drawing_sizes(part: GridsPart, spec: SchemeSpec) -> dict[str, float]:
    """Households of one grid of each level, by the level's key; 0 where the pack says nothing, or the level follows
    what is there.

    A published count is of the whole scheme. One that lies over listed divisions only has the urban share of the
    homes; residents at PEOPLE_A_HOME stand for homes where those are not published.
    """
    homes = (part.size.households or part.size.residents / PEOPLE_A_HOME) * _share(part, spec)
    sizes: dict[str, float] = {}
    above = 0.0
    for level in spec.levels:
        size = float(level.households)
        if not size and level.count:
            size = homes / level.count
        elif not size and level.children:
            size = above / level.children
        if not level.division and not level.holds:
            sizes[level.key] = 0.0 if follows(level.cells) else round(size, 1)
        above = size
    return sizes


def _share(part: GridsPart, spec: SchemeSpec) -> float:
    """The share of the locality's homes that lies in the scheme's divisions."""
    parents = {division.parent for division in part.divisions}
    leaves = sum(division.code not in parents for division in part.divisions)
    return 1.0 if len(spec.covers) >= leaves else part.size.urban
