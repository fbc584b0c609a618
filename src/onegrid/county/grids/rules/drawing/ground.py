"""What a drawing starts from: buildings with their households, roads, water and the areas they lie in.

Coordinates are WGS84 degrees here; everything after this module works in metres on one local plane.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from importlib import import_module

import numpy as np
import shapely
from numpy.typing import NDArray

from onegrid.county.grids.rules.metres import LocalPlane

PATH, STREET, THROUGH, MAIN, TRUNK, WATER = 0, 1, 2, 3, 4, 5
"""Ranks of the lines a border may follow; paths are no borders, water ranks above every road."""


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be in what came in, and what became of it.

    ``kind`` is a key of the language files (town.findings.KIND); ``what`` is the name it concerns, if it has one;
    ``households`` are those left out with it, 0 where it was mended.
    """

    kind: str
    where: tuple[float, float]
    what: str = ""
    count: int = 1
    ids: tuple[str, ...] = ()
    households: float = 0.0


@dataclass(frozen=True)
class Ground:
    """The land as given, one array entry for each building, road, water and area; degrees.

    ``buildings`` are Polygon, MultiPolygon or Point; ``households`` and ``weight`` (workload) per building; ``units``
    are stairwells and ``floors`` storeys, at least 1; ``source`` names each building for messages and output.
    ``areas`` are the top parents (communities, villages): hard borders. Without any there is one area around all.
    ``leaders`` is (n, 3): lon, lat and the number of the level whose leader lives there.
    """

    buildings: NDArray[np.object_]
    households: NDArray[np.float64]
    weight: NDArray[np.float64]
    units: NDArray[np.int64]
    floors: NDArray[np.int64]
    source: NDArray[np.object_]
    roads: NDArray[np.object_]
    road_rank: NDArray[np.int8]
    water: NDArray[np.object_]
    areas: NDArray[np.object_]
    area_names: list[str]
    area_codes: list[str]
    leaders: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 3)))

    def cleaned(self) -> tuple[Ground, list[Finding]]:
        """The same land mended, in an order of position, with everything that was mended or left out by name.

        The sum of households that came in is the sum in the result and the sum named as left out.
        """
        cleaned: tuple[Ground, list[Finding]] = import_module("onegrid.county.grids.rules.drawing.clean").clean(self)
        return cleaned

    def taken(self, rows: NDArray[np.intp] | NDArray[np.int64] | NDArray[np.bool_]) -> Ground:
        """The ground with only these buildings, in this order."""
        return replace(
            self,
            buildings=self.buildings[rows],
            households=self.households[rows],
            weight=self.weight[rows],
            units=self.units[rows],
            floors=self.floors[rows],
            source=self.source[rows],
        )

    def plane(self) -> LocalPlane:
        """The local plane all later steps work on: centred on the areas, or on the buildings where there are none."""
        shapes = self.areas if len(self.areas) else self.buildings
        bounds = shapely.bounds(shapes) if len(shapes) else np.zeros((0, 4))
        with np.errstate(invalid="ignore"):
            bounds = bounds[(np.abs(bounds) <= np.array([180, 89, 180, 89])).all(axis=1)]
        if not len(bounds):
            return LocalPlane(0.0, 0.0)
        west, south = bounds[:, :2].min(axis=0)
        east, north = bounds[:, 2:].max(axis=0)
        return LocalPlane(float((west + east) / 2), float((south + north) / 2))


def in_metres(shapes: NDArray[np.object_], plane: LocalPlane) -> NDArray[np.object_]:
    """Geometries in degrees as geometries in metres on the plane."""
    moved: NDArray[np.object_] = shapely.transform(shapes, plane.to_metres)
    return moved


def in_degrees(shapes: NDArray[np.object_], plane: LocalPlane) -> NDArray[np.object_]:
    """Geometries in metres on the plane as geometries in degrees."""
    moved: NDArray[np.object_] = shapely.transform(shapes, plane.to_degrees)
    return moved
