"""A town's files as one ground to draw on, with everything doubtful about them by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from onegrid.county.grids.rules.drawing.ground import Finding, Ground
from onegrid.county.grids.rules.files import columns
from onegrid.county.grids.rules.files.datums import Datum
from onegrid.county.grids.rules.files.homes import Homes, Wishes, homes_of, names_of
from onegrid.county.grids.rules.files.own import foreign
from onegrid.county.grids.rules.files.problems import BadFiles, Collected
from onegrid.county.grids.rules.files.reading import Layer, Want, read_layer
from onegrid.county.grids.rules.files.roads import ranked
from onegrid.county.grids.rules.files.shapes import Noted, areas_of, far_from, middle_of

Progress = Callable[[str, float], None]


SEVERAL = 0.1
"""Share of the buildings far from the others that is no slip of the keys: the file holds several towns."""


@dataclass(frozen=True)
class Sources:
    """The files of a town and what was said about them. ``levels`` are the keys leaders may be of, top to bottom."""

    buildings: Path
    roads: Path | None = None
    water: Path | None = None
    boundary: Path | None = None
    leaders: Path | None = None
    wishes: Wishes = field(default_factory=Wishes)
    datum: Datum = "wgs84"
    levels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Town:
    """What can be drawn on, what was found on the way, and what the report says about the input."""

    ground: Ground
    findings: list[Finding]
    told: dict[str, Any]


@dataclass
class _Reading:
    """The work in hand: files read so far, faults and findings."""

    sources: Sources
    progress: Progress
    faults: Collected = field(default_factory=Collected)
    notes: Noted = field(default_factory=Noted)
    told: dict[str, Any] = field(default_factory=dict)
    middle: tuple[float, float] = (0.0, 0.0)

    def layer(self, path: Path | None, want: Want, share: float) -> Layer | None:
        """One file, or None when there is none or it cannot be read."""
        if path is None:
            return None
        self.progress("read", share)
        try:
            found = read_layer(path, want, datum=self.sources.datum)
        except BadFiles as why:
            self.faults.take(why)
            return None
        self.told[want] = {"file": found.file, "format": found.format, "crs": found.crs, "features": len(found)}
        if found.notes:
            self.told[want]["notes"] = list(found.notes)
        return self._own(found, want)

    def _own(self, layer: Layer, want: Want) -> Layer:
        """The layer without what is something else altogether; that is named."""
        other = foreign(layer, want)
        if not other.any():
            return layer
        self.notes.add("other_things", layer.shapes, np.flatnonzero(other), names_of(layer), what=layer.file)
        return layer.only(~other)

    def near(self, layer: Layer) -> Layer:
        """The layer without what lies hundreds of kilometres away; that is named."""
        far = far_from(layer.shapes, self.middle)
        self.notes.add("far_away", layer.shapes, np.flatnonzero(far), names_of(layer), what=layer.file)
        return layer.only(~far) if far.any() else layer


def read_town(sources: Sources, progress: Progress) -> Town:
    """Read every file. Raises BadFiles with all faults of all files at once."""
    reading = _Reading(sources, progress)
    layers = {
        "buildings": reading.layer(sources.buildings, "buildings", 0.0),
        "roads": reading.layer(sources.roads, "roads", 0.4),
        "water": reading.layer(sources.water, "water", 0.6),
        "boundary": reading.layer(sources.boundary, "boundary", 0.7),
        "leaders": reading.layer(sources.leaders, "points", 0.8),
    }
    homes = _homes(reading, layers["buildings"])
    leaders = _leaders(reading, layers["leaders"])
    reading.faults.settle()
    assert homes is not None  # noqa: S101  (settled above: no homes is a fault)
    lines, rank = _roads(reading, layers["roads"])
    areas, names, codes = _areas(reading, layers["boundary"])
    progress("read", 1.0)
    ground = Ground(
        buildings=homes.shapes, households=homes.households, weight=homes.weight, units=homes.units,
        floors=homes.floors, source=homes.source, roads=lines, road_rank=rank, water=_water(reading, layers["water"]),
        areas=areas, area_names=names, area_codes=codes, leaders=leaders,
    )  # fmt: skip
    told = {"datum": sources.datum, **reading.told}
    return Town(ground, [*homes.findings, *reading.notes.findings], told)


def _homes(reading: _Reading, layer: Layer | None) -> Homes | None:
    if layer is None:
        return None
    if not len(layer):
        reading.faults.add("no_features", layer.file)
        return None
    homes = homes_of(layer, reading.sources.wishes, reading.faults)
    if homes is None:
        return None
    reading.told["households"] = homes.told.pop("households")
    reading.told["workload"] = homes.told.pop("workload")
    reading.middle = middle_of(homes.shapes)
    far = far_from(homes.shapes, reading.middle)
    if not far.any():
        return homes
    if far.mean() > SEVERAL:
        reading.faults.add("places_apart", layer.file, count=int(far.sum()), features=len(far))
        return None
    lost = float(homes.households[far].sum())
    reading.notes.add("far_away", homes.shapes, np.flatnonzero(far), homes.source, lost, what=layer.file)
    keep = ~far
    return replace(
        homes, shapes=homes.shapes[keep], households=homes.households[keep], weight=homes.weight[keep],
        units=homes.units[keep], floors=homes.floors[keep], source=homes.source[keep],
    )  # fmt: skip


def _roads(reading: _Reading, layer: Layer | None) -> tuple[NDArray[np.object_], NDArray[np.int8]]:
    none = np.zeros(0, dtype=object), np.zeros(0, dtype=np.int8)
    if layer is None or not len(layer):
        return none
    layer = reading.near(layer)
    empty = shapely.is_missing(layer.shapes) | shapely.is_empty(layer.shapes)
    reading.notes.add("no_geometry", layer.shapes, np.flatnonzero(empty), names_of(layer), what=layer.file)
    roads = ranked(layer)
    for kind, shapes in roads.places.items():
        reading.notes.add(f"roads_{kind}", shapes, count=len(shapes), what=layer.file)
    if roads.unknown:
        what = ", ".join(f"{kind} ({number})" for kind, number in roads.unknown.items())
        reading.notes.add("roads_unknown_kind", layer.shapes, count=sum(roads.unknown.values()), what=what)
    reading.told["roads"] |= {"lines": len(roads.lines), "kinds": roads.kinds}
    return roads.lines, roads.rank


def _water(reading: _Reading, layer: Layer | None) -> NDArray[np.object_]:
    if layer is None:
        return np.zeros(0, dtype=object)
    layer = reading.near(layer)
    parts = shapely.get_parts(layer.shapes[~shapely.is_missing(layer.shapes)])
    types = shapely.get_type_id(parts)
    reading.notes.add("water_points", parts[types == 0], count=int((types == 0).sum()), what=layer.file)
    empty = shapely.is_missing(layer.shapes) | shapely.is_empty(layer.shapes)
    reading.notes.add("no_geometry", layer.shapes, np.flatnonzero(empty), names_of(layer), what=layer.file)
    kept: NDArray[np.object_] = parts[np.isin(types, (1, 2, 3, 5, 6)) & ~shapely.is_empty(parts)]
    reading.told["water"]["shapes"] = len(kept)
    return kept


def _areas(reading: _Reading, layer: Layer | None) -> tuple[NDArray[np.object_], list[str], list[str]]:
    """Communities or villages. Lines are closed to areas; of several administrative levels the finest counts."""
    if layer is None:
        return np.zeros(0, dtype=object), [], []
    layer = reading.near(layer)
    layer = _finest(reading, layer)
    shapes, odd = areas_of(layer.shapes, points=False)
    lost = odd.pop("no_outline", np.zeros(0, dtype=np.intp))
    closed = _closed(layer.shapes[lost])
    if len(closed):
        reading.notes.add("boundary_closed", closed, count=len(closed), what=layer.file)
    else:
        reading.notes.add("boundary_no_area", layer.shapes, lost, names_of(layer), what=layer.file)
    for kind, where in odd.items():
        reading.notes.add(kind, layer.shapes, where, names_of(layer), what=layer.file)
    keep = np.array([shape is not None for shape in shapes], dtype=bool)
    names = [str(word) for word in columns.words(layer.column("name"), len(layer))[keep]]
    codes = [str(word) for word in columns.words(layer.column("code"), len(layer))[keep]]
    found = np.concatenate([shapes[keep], closed])
    names += [""] * len(closed)
    codes += [""] * len(closed)
    reading.told["boundary"]["areas"] = len(found)
    return found, names, codes


def _closed(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """The areas that lines close together."""
    lines = shapes[np.isin(shapely.get_type_id(shapes), (1, 5))]
    if not len(lines):
        return np.zeros(0, dtype=object)
    noded = shapely.get_parts(shapely.node(shapely.union_all(lines)))
    return np.asarray(shapely.get_parts(shapely.polygonize(noded)), dtype=object)


def _finest(reading: _Reading, layer: Layer) -> Layer:
    """Of a file with county, townships and villages above each other only the last: they would overlap."""
    column = layer.columns.get("admin_level")
    if column is None:
        return layer
    levels = columns.numbers(column).values
    areal = np.isin(shapely.get_type_id(layer.shapes), (3, 6)) & np.isfinite(levels)
    if not areal.any():
        return layer
    finest = levels[areal].max()
    coarse = areal & (levels < finest)
    reading.notes.add("boundary_coarser", layer.shapes, np.flatnonzero(coarse), names_of(layer), what=layer.file)
    return layer.only(~coarse)


def _leaders(reading: _Reading, layer: Layer | None) -> NDArray[np.float64]:
    """Homes of leaders: a point and the level (its name or number from 1)."""
    if layer is None:
        return np.zeros((0, 3))
    keys = reading.sources.levels
    name = columns.find(layer.columns, "level")
    if name is None and len(keys) > 1:
        reading.faults.add("leaders_level", layer.file, names=", ".join(keys))
        return np.zeros((0, 3))
    words = columns.words(layer.columns[name], len(layer)) if name else np.full(len(layer), keys[0] if keys else "")
    number = {key: place for place, key in enumerate(keys)} | {str(n + 1): n for n in range(len(keys))}
    found = np.zeros((len(layer), 3))
    for place, (shape, word) in enumerate(zip(layer.shapes, words, strict=True)):
        row = int(layer.rows[place])
        if shape is None or shape.is_empty or not np.isfinite(shape.bounds).all():
            reading.faults.add("leader_nowhere", layer.file, row=row)
        elif word not in number:
            reading.faults.add(
                "leader_level", layer.file, row=row, column=name or "", value=str(word), names=", ".join(keys)
            )
        else:
            middle = shapely.centroid(shape)
            found[place] = (middle.x, middle.y, number[word])
    return found
