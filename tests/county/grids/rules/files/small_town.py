"""A small town of streets and blocks, and what can be done to it, written as files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely

LON, LAT = 119.13, 26.15
STEP = 0.0008
"""Degrees between streets: about 80 m."""
Feature = tuple[Any, dict[str, Any]]


def point(x: float, y: float) -> tuple[float, float]:
    """Streets are at whole numbers."""
    return round(LON + x * STEP, 9), round(LAT + y * STEP, 9)


def box(x0: float, y0: float, x1: float, y1: float) -> shapely.Polygon:
    return shapely.Polygon([point(x0, y0), point(x1, y0), point(x1, y1), point(x0, y1)])


def line(*places: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([point(*place) for place in places])


@dataclass
class SmallTown:
    """Buildings with households, streets, water, areas. Change the lists, then write."""

    buildings: list[Feature] = field(default_factory=list)
    roads: list[Feature] = field(default_factory=list)
    water: list[Feature] = field(default_factory=list)
    areas: list[Feature] = field(default_factory=list)

    @property
    def households(self) -> float:
        values = [said.get("households") for _, said in self.buildings]
        return float(sum(value for value in values if isinstance(value, int | float) and value > 0))

    def write(self, folder: Path) -> dict[str, Path]:
        """GeoJSON files by name."""
        made = {"buildings": self.buildings, "roads": self.roads, "water": self.water, "boundary": self.areas}
        return {name: collection(folder / f"{name}.geojson", features) for name, features in made.items()}


def town(blocks: int = 5, *, slabs: int = 2, households: int = 24) -> SmallTown:
    """``blocks`` × ``blocks`` blocks with slabs of flats and two houses each, two communities side by side."""
    made = SmallTown()
    for x in range(blocks):
        for y in range(blocks):
            for slab in range(slabs):
                low = y + 0.15 + slab * 0.4
                said = {"id": f"{x}-{y}-{slab}", "households": households, "building:levels": 6, "单元数": 2}
                made.buildings.append((box(x + 0.15, low, x + 0.65, low + 0.15), said))
            for house in range(2):
                low = y + 0.2 + house * 0.4
                made.buildings.append(
                    (box(x + 0.75, low, x + 0.87, low + 0.12), {"id": f"{x}-{y}-h{house}", "households": 1})
                )
    for number in range(blocks + 1):
        kind = "primary" if number in (0, blocks) else "residential"
        made.roads.append((line((number, 0), (number, blocks)), {"highway": kind}))
        made.roads.append((line((0, number), (blocks, number)), {"highway": kind}))
    middle = blocks // 2
    made.areas.append((box(0, 0, middle, blocks), {"name": "前村", "code": "350121001201"}))
    made.areas.append((box(middle, 0, blocks, blocks), {"name": "后村", "code": "350121001202"}))
    return made


def collection(path: Path, features: Sequence[Feature]) -> Path:
    """A GeoJSON file of any mixture of shapes; None is a feature without one."""
    listed = [
        {"type": "Feature", "properties": said, "geometry": json.loads(shapely.to_geojson(shape)) if shape else None}
        for shape, said in features
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": listed}, ensure_ascii=False), "utf-8")
    return path


def shuffled(features: Sequence[Feature], seed: int) -> list[Feature]:
    """The same features in another order."""
    return [features[place] for place in np.random.default_rng(seed).permutation(len(features))]
