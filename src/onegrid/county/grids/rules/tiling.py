"""Do the children of a grid tile it: nothing left over, nothing twice, nothing outside.

Areas are compared in square metres with a tolerance, because outlines are given in degrees as
floating-point numbers and an edited border may miss its neighbour by less than a hand's breadth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from onegrid.county.grids.rules.metres import area_m2

TOLERANCE_M2 = 1.0


@dataclass(frozen=True)
class TilingFault:
    """One place where children fail to tile their parent."""

    kind: Literal["gap", "overlap", "outside"]
    area_m2: float
    lon: float
    lat: float
    children: tuple[int, ...] = ()


def faults(
    parent: BaseGeometry, children: Sequence[BaseGeometry], *, tolerance_m2: float = TOLERANCE_M2
) -> list[TilingFault]:
    """Every gap, overlap and overhang larger than the tolerance, with a point inside it.

    ``children`` in the result are positions in the given sequence.
    """
    found: list[TilingFault] = []
    shapes = np.asarray(children, dtype=object)
    covered = shapely.union_all(shapes)
    _add(found, "gap", shapely.difference(parent, covered), (), tolerance_m2)
    for index, outside in enumerate(shapely.difference(shapes, parent)):
        _add(found, "outside", outside, (index,), tolerance_m2)
    tree = shapely.STRtree(shapes)
    left, right = tree.query(shapes, predicate="intersects")
    for one, other in zip(left[left < right], right[left < right], strict=True):
        shared = shapely.intersection(shapes[one], shapes[other])
        _add(found, "overlap", shared, (int(one), int(other)), tolerance_m2)
    return found


def _add(
    found: list[TilingFault],
    kind: Literal["gap", "overlap", "outside"],
    shape: BaseGeometry,
    children: tuple[int, ...],
    tolerance_m2: float,
) -> None:
    """Record a fault if the shape has an area worth naming; lines and points are shared borders."""
    if shape.is_empty:
        return
    area = float(area_m2(np.array([shape], dtype=object))[0])
    if area > tolerance_m2:
        inside = shape.representative_point()
        found.append(TilingFault(kind, area, inside.x, inside.y, children))
