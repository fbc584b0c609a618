"""Buildings of a file as homes: shapes, households, workload, storeys and stairwells, each doubt named."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from onegrid.county.grids.rules.drawing.ground import Finding, in_metres
from onegrid.county.grids.rules.files import columns, households
from onegrid.county.grids.rules.files.columns import Column
from onegrid.county.grids.rules.files.problems import BadFiles, Collected
from onegrid.county.grids.rules.files.reading import Layer
from onegrid.county.grids.rules.files.shapes import Noted, areas_of, middle_of
from onegrid.county.grids.rules.files.tables import read_table
from onegrid.county.grids.rules.metres import LocalPlane

MOST = 20_000
"""Households of one building: three times the largest there are; what is more is a slip of the keys."""


@dataclass(frozen=True)
class Wishes:
    """What a person said about households and workload."""

    households_field: str | None = None
    model: bool = False
    workload: str = "households"
    """``households``, ``residents`` or the name of a csv with id and weight."""


@dataclass(frozen=True)
class Homes:
    """One entry for each building that can be placed."""

    shapes: NDArray[np.object_]
    households: NDArray[np.float64]
    weight: NDArray[np.float64]
    units: NDArray[np.int64]
    floors: NDArray[np.int64]
    source: NDArray[np.object_]
    findings: list[Finding]
    told: dict[str, Any] = field(default_factory=dict)


def homes_of(layer: Layer, wishes: Wishes, faults: Collected) -> Homes | None:
    """Buildings with their households. What keeps them from being read goes to ``faults``; then None."""
    notes = Noted()
    source = names_of(layer)
    shapes, kinds_out = areas_of(layer.shapes, points=True)
    placed = np.array([shape is not None for shape in shapes], dtype=bool)
    size = _sizes(shapes, placed)
    told: dict[str, Any] = {"features": len(layer)}
    before = len(faults.problems)
    count = _counted(layer, wishes, faults, notes, source, told)
    if len(faults.problems) > before:
        return None
    if count is None:
        modelled = _modelled(layer, size, notes, source)
        people, floors, units = modelled.households, modelled.floors, modelled.units
        told["households"] = {"from": "model", "model": modelled.told}
    else:
        given_floors, given_units = _given(layer, "floors", notes, source), _given(layer, "units", notes, source)
        floors, units, guessed = households.storeys(count, size.length_m, given_floors, given_units)
        people = count
        told["households"]["storeys_modelled"] = guessed
        if guessed:
            notes.add("storeys_modelled", layer.shapes, count=guessed)
    people = people if count is not None else np.where(placed, people, 0.0)
    for kind, where in kinds_out.items():
        lost = 0.0 if kind == "outline_made" else float(people[where].sum())
        notes.add(kind, layer.shapes, where, source, lost, what=layer.file)
    weight = _weight(layer, wishes, people, source, notes, faults, told)
    if weight is None:
        return None
    told["households"]["total"] = float(people.sum())
    if not people[placed].sum() > 0:
        nowhere = people.sum() > 0 or not placed.any()
        faults.add("no_places" if nowhere else "no_households", layer.file, features=len(layer))
        return None
    keep = placed
    return Homes(
        shapes[keep], people[keep], weight[keep], units[keep], floors[keep], source[keep], notes.findings, told
    )


def names_of(layer: Layer) -> Column:
    """What each feature is called in messages and output: its id where it has one of its own, else its row."""
    found = columns.words(layer.columns.get("osm_id"), len(layer))
    for name in ("osm_way_id", columns.find(layer.columns, "id") or ""):
        other = columns.words(layer.columns.get(name), len(layer))
        found = np.where(found == "", other, found)
    values, places, times = np.unique(found.astype(str), return_inverse=True, return_counts=True)
    single = (times[places] == 1) & (values[places] != "")
    rows = [
        str(name) if alone else (f"{name} (row {row})" if name else f"row {row}")
        for name, alone, row in zip(found, single, layer.rows, strict=True)
    ]
    return np.array(rows, dtype=object)


def _sizes(shapes: Column, placed: NDArray[np.bool_]) -> households.Shape:
    """Area and longer side in metres of each footprint."""
    count = len(shapes)
    area, length = np.zeros(count), np.zeros(count)
    with np.errstate(invalid="ignore"):  # corners as far as numbers go have no size that can be reckoned with
        placed = placed & (np.abs(shapely.bounds(shapes)) <= 360).all(axis=1)
    if placed.any():
        plane = LocalPlane(*middle_of(shapes[placed]))
        metres = in_metres(shapes[placed], plane)
        area[placed] = shapely.area(metres)
        boxes = shapely.oriented_envelope(metres)
        corners, owner = shapely.get_coordinates(boxes, return_index=True)
        first = np.searchsorted(owner, np.arange(len(boxes)))
        full = np.bincount(owner, minlength=len(boxes)) >= 4
        one, two, three = (corners[np.minimum(first + step, len(corners) - 1)] for step in range(3))
        sides = np.maximum(np.hypot(*(two - one).T), np.hypot(*(three - two).T))
        length[placed] = np.where(full, sides, 0.0)
    return households.Shape(area, length)


def _counted(
    layer: Layer, wishes: Wishes, faults: Collected, notes: Noted, source: Column, told: dict[str, Any]
) -> NDArray[np.float64] | None:
    """Households from a column; None when they are to be modelled (or a fault was noted)."""
    if wishes.model:
        return None
    wish = wishes.households_field
    name = columns.named(layer.columns, wish) if wish else columns.find(layer.columns, "households")
    if name is None:
        key = "no_such_column" if wish else "households_unsaid"
        hint = ", ".join(columns.numeric_names(layer.columns)[:12]) or "–"
        faults.add(key, layer.file, column=wish or "", names=hint)
        return None
    read = columns.numbers(layer.columns[name], most=MOST)
    if len(layer) and len(read.missing) + len(read.bad) == len(layer):
        faults.add("column_without_numbers", layer.file, column=name)
        return None
    notes.add("households_bad", layer.shapes, read.bad, source, what=name)
    notes.add("households_missing", layer.shapes, read.missing, source, what=name)
    told["households"] = {"from": "column", "column": name}
    return np.nan_to_num(read.values)


def _modelled(layer: Layer, size: households.Shape, notes: Noted, source: Column) -> households.Modelled:
    count = len(layer)
    kinds = households.kinds_of(layer.column("kind"), count)
    floors = _given(layer, "floors", notes, source)
    height = _given(layer, "height", notes, source)
    floors = np.where(np.isfinite(floors), floors, np.maximum(1.0, np.round(height / households.STOREY_M)))
    flats = _given(layer, "flats", notes, source)
    modelled = households.model(size, kinds, households.other_use(layer.columns, count), floors, flats)
    notes.add("households_modelled", layer.shapes, count=int((modelled.households > 0).sum()))
    return modelled


def _given(layer: Layer, what: Literal["floors", "height", "units", "flats"], notes: Noted, source: Column) -> Any:
    """A column of numbers, NaN where nothing usable is said; nonsense is named."""
    column = layer.column(what)
    if column is None:
        return np.full(len(layer), np.nan)
    least, most = (0.0, 5000.0) if what == "flats" else (0.5, 600.0 if what == "height" else households.HIGHEST)
    read = columns.numbers(column, least=least, most=most)
    notes.add(f"{what}_bad", layer.shapes, read.bad, source)
    if what in ("floors", "units") and 0 < len(read.missing) < len(layer):
        notes.add(f"{what}_missing", layer.shapes, read.missing, source)
    return read.values


def _weight(
    layer: Layer,
    wishes: Wishes,
    people: NDArray[np.float64],
    source: Column,
    notes: Noted,
    faults: Collected,
    told: dict[str, Any],
) -> NDArray[np.float64] | None:
    """Workload of each building as wished."""
    if wishes.workload == "households":
        told["workload"] = {"by": "households"}
        return people
    if wishes.workload != "residents":
        return _weights_of_file(Path(wishes.workload).expanduser(), layer, source, notes, faults, told)
    name = columns.find(layer.columns, "residents")
    told["workload"] = {"by": "residents", "column": name}
    if name is None:
        notes.add("residents_modelled", layer.shapes, count=int((people > 0).sum()))
        told["workload"]["people_per_household"] = households.PEOPLE
        return people * households.PEOPLE
    read = columns.numbers(layer.columns[name])
    notes.add("residents_bad", layer.shapes, read.bad, source, what=name)
    notes.add("residents_missing", layer.shapes, read.missing, source, what=name)
    return _some(np.nan_to_num(read.values), layer.file, name, faults)


def _weights_of_file(
    path: Path, layer: Layer, source: Column, notes: Noted, faults: Collected, told: dict[str, Any]
) -> NDArray[np.float64] | None:
    """A csv with the id of a building and its workload."""
    try:
        if not path.is_file():
            faults.add("workload_unknown", column=str(path))
            return None
        table, rows, _ = read_table(path, path.name)
    except BadFiles as why:
        faults.take(why)
        return None
    ids, weight = columns.find(table, "id"), columns.find(table, "weight")
    if ids is None or weight is None:
        faults.add("weights_columns", path.name, row=1, names=", ".join(list(table)[:12]))
        return None
    read = columns.numbers(table[weight])
    for place in read.bad[:50]:
        faults.add("no_number", path.name, row=int(rows[place]), column=weight, value=str(table[weight][place])[:40])
    given = dict(zip(columns.words(table[ids], len(rows)), read.values, strict=True))
    keys = _keys(layer, source)
    found = np.array([next((given[key] for key in each if key in given), np.nan) for each in keys])
    known = {key for each in keys for key in each}
    notes.add("weights_missing", layer.shapes, np.flatnonzero(~np.isfinite(found)), source, what=path.name)
    strangers = [key for key in given if key not in known]
    if strangers:
        notes.add("weights_strangers", layer.shapes, count=len(strangers), ids=tuple(strangers), what=path.name)
    told["workload"] = {"by": "file", "file": path.name, "column": weight}
    return _some(np.nan_to_num(found), path.name, weight, faults)


def _keys(layer: Layer, source: Column) -> list[tuple[str, ...]]:
    """The words a row of weights may know a building by: its ids, then its row."""
    own = [columns.words(layer.columns.get(name), len(layer)) for name in ("osm_id", "osm_way_id")]
    own.append(columns.words(layer.column("id"), len(layer)))
    rows = [(str(row), f"row {row}") for row in layer.rows]
    return [
        tuple(filter(None, (*(each[place] for each in own), str(source[place]), *rows[place])))
        for place in range(len(layer))
    ]


def _some(weight: NDArray[np.float64], file: str, column: str, faults: Collected) -> NDArray[np.float64] | None:
    if weight.sum() > 0:
        return weight
    faults.add("no_workload", file, column=column)
    return None
