"""Cutting an outline into cells with the engine. Imports compiled loops: loaded only by whoever is about to draw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from onegrid.county.grids import surroundings
from onegrid.county.grids.models import Level
from onegrid.county.grids.rules.drawing.ground import Ground
from onegrid.county.grids.rules.drawing.partition.levels import LevelSpec
from onegrid.county.grids.rules.drawing.partition.names import keep_names
from onegrid.county.grids.rules.drawing.whole import Drawing, draw_ground
from onegrid.county.grids.rules.editing import Cell
from onegrid.county.grids.rules.locator import NOWHERE, PointIndex
from onegrid.county.grids.services.drafts import counting
from onegrid.county.grids.services.drafts.counting import Count
from onegrid.county.grids.services.drafts.drawing import Asked

Tell = Callable[[str, float], None]


@dataclass(frozen=True)
class Task:
    """One outline to be carved: what it is called as a parent, and the cells that lie in it so far."""

    parent: str
    name: str
    path: str
    outline: BaseGeometry
    code: str
    levels: Sequence[Asked]
    old: Sequence[Cell]
    seed: int
    workload: str


def carved(
    task: Task, ground: Ground, fresh: Callable[[], str], tell: Tell | None = None,
    stop: Callable[[], bool] | None = None, threads: int = 0,
) -> tuple[list[Cell], Drawing]:  # fmt: skip
    """The cells of an outline, parents first. Grids of today go on as the cell that has most of their households."""
    unit = "weight" if task.workload == "residents" else "households"
    specs = [
        LevelSpec(one.level.key, one.size, unit, one.tolerance, one.along)  # type: ignore[arg-type]
        for one in task.levels
    ]
    made = draw_ground(ground, specs, seed=task.seed, threads=threads, progress=tell, stop=stop)
    plane = made.ground.plane()
    spots = plane.to_degrees(np.column_stack([made.atoms.x, made.atoms.y]))
    above = np.full(len(spots), task.parent, dtype=object)
    names = {task.parent: task.name}
    cells: list[Cell] = []
    for asked, drawn in zip(task.levels, made.levels, strict=True):
        level = asked.level
        old = [cell for cell in task.old if cell.level == level.pk]
        kept = _kept(old, spots, above, drawn.label, made.atoms.households)
        own = [_cell(number, drawn, kept, old, above, level, fresh) for number in range(len(drawn.shapes))]
        own = _with_names(own, drawn.ordinals, names, level)
        cells += own
        names.update((cell.key, cell.name) for cell in own)
        above = np.array([cell.key for cell in own], dtype=object)[drawn.label]
    return cells, made


def _kept(
    old: Sequence[Cell], spots: NDArray[np.float64], above: NDArray[np.object_], label: NDArray[np.int64],
    households: NDArray[np.float64],
) -> dict[int, int]:  # fmt: skip
    """Drawn grid → grid of before, by households in common, where the parent went on too."""
    if not old:
        return {}
    index = PointIndex(np.arange(len(old)), np.array([cell.outline for cell in old], dtype=object))
    at = index.locate_many(spots[:, 0], spots[:, 1])
    parents = np.array([cell.parent for cell in old], dtype=object)
    at[(at != NOWHERE) & (parents[at] != above)] = NOWHERE
    return keep_names(at, label, households)


def _cell(
    number: int, drawn: Any, kept: dict[int, int], old: Sequence[Cell], above: NDArray[np.object_], level: Level,
    fresh: Callable[[], str],
) -> Cell:  # fmt: skip
    parent = str(above[np.flatnonzero(drawn.label == number)[0]])
    before = old[kept[number]] if number in kept else None
    if before is None:
        return Cell(fresh(), parent, level.pk, "", drawn.shapes[number])
    return Cell(before.key, parent, level.pk, before.name, drawn.shapes[number], before.grid)


def _with_names(
    cells: Sequence[Cell], ordinals: NDArray[np.int64], parents: dict[str, str], level: Level
) -> list[Cell]:
    """New cells are called after their parent, with the next number nobody beside them has."""
    taken = {(cell.parent, cell.name) for cell in cells if cell.name}
    found = list(cells)
    for at in np.argsort(ordinals, kind="stable"):
        cell = cells[int(at)]
        number = 1
        while not found[int(at)].name:
            name = f"{parents[cell.parent]}{number}{level.title_zh}"
            if (cell.parent, name) not in taken:
                taken.add((cell.parent, name))
                found[int(at)] = Cell(cell.key, cell.parent, cell.level, name, cell.outline, cell.grid)
            number += 1
    return found


def counts(task: Task, cells: Sequence[Cell], made: Drawing | None) -> dict[str, Count]:
    """Who lives in each cell as the engine divided them: a tower that is cut by floors lies in several cells, and its
    point in one."""
    if made is None:
        return counting.count(cells, surroundings.homes(task.path))
    households = np.concatenate([level.households for level in made.levels])
    residents = np.concatenate([level.weight for level in made.levels])
    return {
        cell.key: Count(round(float(homes), 3), round(float(people)))
        for cell, homes, people in zip(cells, households, residents, strict=True)
    }


def with_leaders(ground: Ground, path: str, scheme: str, levels: Sequence[Asked], day: date) -> Ground:
    """The ground with the homes of those in charge of a scheme's grids today, each for the level it is one of."""
    found = surroundings.leaders(path, scheme, day)
    number = {one.level.key: place for place, one in enumerate(levels)}
    rows = [
        (lon, lat, number[key])
        for lon, lat, key in zip(found.lon, found.lat, found.level, strict=True)
        if key in number
    ]
    return replace(ground, leaders=np.array(rows, dtype=np.float64).reshape(-1, 3))
