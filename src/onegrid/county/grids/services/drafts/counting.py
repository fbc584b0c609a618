"""Who lives in which cell: every building counts where its point lies, once per level."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from onegrid.county.grids.rules.editing import Cell
from onegrid.county.grids.rules.locator import NOWHERE, PointIndex
from onegrid.county.grids.surroundings import Homes


@dataclass(frozen=True)
class Count:
    """What a cell holds."""

    households: float = 0.0
    residents: int = 0


def count(cells: Collection[Cell], homes: Homes) -> dict[str, Count]:
    """Households and residents of each cell by its key; of two cells of one level only one has a building."""
    found = {cell.key: Count() for cell in cells}
    if not len(homes):
        return found
    for level in {cell.level for cell in cells}:
        own = [cell for cell in cells if cell.level == level]
        index = PointIndex(np.arange(len(own)), np.array([cell.outline for cell in own], dtype=object))
        at = index.locate_many(homes.lon, homes.lat)
        inside = at != NOWHERE
        households = np.bincount(at[inside], weights=homes.households[inside], minlength=len(own))
        residents = np.bincount(at[inside], weights=homes.residents[inside], minlength=len(own))
        for cell, some, all_of_them in zip(own, households, residents, strict=True):
            found[cell.key] = Count(float(some), int(all_of_them))
    return found


def known(cells: Collection[Cell], homes: Homes, stored: Mapping[int, int]) -> dict[str, Count]:
    """As `count`; where the registers hold nothing at all, what grids were planted with stands for their cells."""
    if len(homes):
        return count(cells, homes)
    return {cell.key: Count(float(stored.get(cell.grid or 0, 0))) for cell in cells}
