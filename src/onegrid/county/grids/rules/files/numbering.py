"""The codes of a partition somebody else drew: each grid its own, and beginning with that of the grid above it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from onegrid.county.grids.rules.checking import Fault
from onegrid.county.grids.rules.files.existing import GridFile


def numbering(grids: GridFile, chosen: NDArray[np.intp], parents: GridFile | None) -> list[Fault]:
    """Faults of the codes of the ``chosen`` grids, counted among themselves.

    ``code_twice``; ``code_none`` where others have one; ``parent_unknown``: a parent that ``parents`` does not have,
    unlike those of most others; ``code_odd``: it does not begin with the code of the parent it names, as most do.
    """
    codes = [grids.codes[place] for place in chosen]
    above = [grids.parents[place] for place in chosen]
    spots = shapely.get_coordinates(shapely.point_on_surface(grids.outlines[chosen])).reshape(-1, 2)
    found = [*_twice(codes), *_none(codes), *_strange(above, parents), *_odd(codes, above)]
    return [
        Fault(kind, (float(spots[rows[0], 0]), float(spots[rows[0], 1])), rows, float(len(rows)), None)
        for kind, rows in found
    ]


Found = Iterator[tuple[str, tuple[int, ...]]]


def _twice(codes: list[str]) -> Found:
    places: dict[str, list[int]] = {}
    for row, code in enumerate(codes):
        places.setdefault(code, []).append(row)
    yield from (("code_twice", tuple(rows)) for code, rows in places.items() if code and len(rows) > 1)


def _none(codes: list[str]) -> Found:
    if any(codes):
        yield from (("code_none", (row,)) for row, code in enumerate(codes) if not code)


def _strange(above: list[str], parents: GridFile | None) -> Found:
    known = set(parents.codes) - {""} if parents else set()
    said = [row for row, code in enumerate(above) if code]
    lost = [row for row in said if above[row] not in known]
    if 2 * len(lost) < len(said):  # else the file above is of another level, or counts otherwise
        yield from (("parent_unknown", (row,)) for row in lost)


def _odd(codes: list[str], above: list[str]) -> Found:
    said = [row for row, code in enumerate(codes) if code and above[row]]
    odd = [row for row in said if not codes[row].startswith(above[row])]
    if 2 * len(odd) < len(said):
        yield from (("code_odd", (row,)) for row in odd)
