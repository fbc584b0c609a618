"""Numbers and codes of drawn grids: west to east, north to south inside the village, then inside each grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from onegrid.county.grids.rules.codes import DIVISION_DIGITS, CodePattern, division_code, extend
from onegrid.county.grids.rules.drawing.atoms import Atoms
from onegrid.county.grids.rules.numbering import reading_order


@dataclass(frozen=True)
class Named:
    """The grids of one level, by grid number.

    ``ordinal`` counts from 1 inside the parent; ``parent`` is the grid number one level up, on the first level the
    number of the area; ``area`` the cleaned ground's area.
    """

    codes: list[str]
    ordinal: NDArray[np.int64]
    parent: NDArray[np.int64]
    area: NDArray[np.int64]


def name_grids(
    atoms: Atoms,
    labels: NDArray[np.int64],
    shapes: Sequence[NDArray[np.object_]],
    area_codes: Sequence[str],
    pattern: CodePattern | None = None,
) -> list[Named]:
    """Codes for the grids of every level.

    ``labels`` is (levels, n): each atom's grid, numbered from 0 without gaps on each level; ``shapes`` the outlines of
    each level in degrees. A group of digits too narrow for the most children of one parent is widened, so a drawing
    over a whole county without village borders has codes too. Areas without a division code are numbered themselves.
    """
    pattern = pattern or CodePattern()
    above, above_codes = atoms.area, _division_codes(atoms, area_codes)
    named: list[Named] = []
    for step, (label, outline) in enumerate(zip(labels, shapes, strict=True)):
        first = np.unique(label, return_index=True)[1]
        parent, area = above[first], atoms.area[first]
        keys = np.unique(np.array(above_codes), return_inverse=True)[1][parent] if len(first) else parent
        ordinal = _ordinals(outline, keys)
        width = max(pattern.width(step), len(str(int(ordinal.max(initial=1)))))
        wide = CodePattern((width,))
        codes = [extend(above_codes[up], int(number), wide, 0) for up, number in zip(parent, ordinal, strict=True)]
        named.append(Named(codes, ordinal, parent, area))
        above, above_codes = label, codes
    return named


def _ordinals(outline: NDArray[np.object_], parent: NDArray[np.int64]) -> NDArray[np.int64]:
    """The place of each grid among those of its parent, from 1, as one reads the map."""
    spots = shapely.get_coordinates(shapely.point_on_surface(outline)).reshape(-1, 2)
    ordinal = np.zeros(len(outline), dtype=np.int64)
    order = np.argsort(parent, kind="stable")
    _, start = np.unique(parent[order], return_index=True)
    for rows in np.split(order, start[1:]) if len(order) else []:
        ordinal[rows[reading_order(spots[rows, 0], spots[rows, 1])]] = np.arange(1, len(rows) + 1)
    return ordinal


def _division_codes(atoms: Atoms, area_codes: Sequence[str]) -> list[str]:
    """Twelve digits for each area: its own code, or a number in the order in which one reads the map."""
    codes = [code.strip() for code in area_codes]
    known = [code.isdigit() and len(code) <= DIVISION_DIGITS for code in codes]
    count = len(codes)
    size = np.maximum(np.bincount(atoms.area, minlength=count), 1)
    lon = np.bincount(atoms.area, weights=atoms.x, minlength=count) / size
    lat = np.bincount(atoms.area, weights=atoms.y, minlength=count) / size
    made = [division_code(code) if fine else "" for code, fine in zip(codes, known, strict=True)]
    taken, number = set(made), 0
    for area in reading_order(lon, lat):
        if made[area]:
            continue
        number += 1
        while f"{number:0{DIVISION_DIGITS}d}" in taken:
            number += 1
        made[area] = f"{number:0{DIVISION_DIGITS}d}"
    return made
