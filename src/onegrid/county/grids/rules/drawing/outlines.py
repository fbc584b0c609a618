"""Outlines of grids: the cells of each grid as one polygon, neighbours sharing every corner."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from onegrid.county.grids.rules.drawing.atoms import Atoms
from onegrid.county.grids.rules.drawing.ground import in_degrees
from onegrid.county.grids.rules.metres import LocalPlane


def outlines(atoms: Atoms, labels: NDArray[np.int64]) -> NDArray[np.object_]:
    """The land of each grid, in the order of the grids' numbers, metres.

    ``labels`` is the grid number of each atom at one level. A connected grid is one polygon. Corners of the cells stay
    where they are, so grids of one level tile exactly and the outlines of children make up their parent's.
    """
    return joined(atoms.cell, labels)


def joined(shapes: NDArray[np.object_], group: NDArray[np.int64]) -> NDArray[np.object_]:
    """One outline for each group of shapes of a coverage, by group number."""
    order = np.argsort(group, kind="stable")
    _, start, size = np.unique(group[order], return_index=True, return_counts=True)
    made: NDArray[np.object_] = shapes[order[start]]
    for at in np.flatnonzero(size > 1):
        made[at] = shapely.coverage_union_all(shapes[order[start[at] : start[at] + size[at]]])
    single = np.flatnonzero(shapely.get_num_geometries(made) == 1)
    made[single] = shapely.get_geometry(made[single], 0)
    return made


def to_degrees(shapes: NDArray[np.object_], plane: LocalPlane) -> NDArray[np.object_]:
    """Outlines in metres as outlines in degrees; shared corners stay shared."""
    return in_degrees(shapes, plane)
