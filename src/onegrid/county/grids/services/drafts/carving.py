"""Drawing a draft with the engine. Imports compiled loops: only the process that draws loads this."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from onegrid.county.grids import surroundings
from onegrid.county.grids.models import Draft, Grid, GridOutline, Level
from onegrid.county.grids.rules.drawing.ground import Ground
from onegrid.county.grids.rules.drawing.partition.levels import LevelSpec
from onegrid.county.grids.rules.drawing.partition.names import keep_names
from onegrid.county.grids.rules.drawing.partition.solve import Stopped
from onegrid.county.grids.rules.drawing.whole import Drawing, NothingToDraw, draw_ground
from onegrid.county.grids.rules.editing import Cell, Change
from onegrid.county.grids.rules.files.report.facts import finding_facts, level_facts
from onegrid.county.grids.rules.locator import NOWHERE, PointIndex
from onegrid.county.grids.services.drafts import beginning, checking, counting, drawing, editing, grounds, store
from onegrid.county.grids.services.drafts.counting import Count
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.database.context import in_locality

REASON: Final = "draft"
Clock = Callable[[], datetime]
EVERY: Final = 0.4
"""Seconds between two words on how far it is."""


@dataclass(frozen=True)
class Task:
    """One outline to be carved: what it is called as a parent, and the cells that lie in it so far."""

    parent: str
    name: str
    path: str
    outline: BaseGeometry
    code: str
    levels: Sequence[tuple[Level, float, float]]
    old: Sequence[Cell]
    seed: int
    workload: str


def run(locality: str, draft_id: int, clock: Clock) -> str:
    """Draw a draft to its end, until stopped or until it fails; its state then."""
    with in_locality(locality, REASON):
        draft = drawing.take_up(draft_id, now=clock())
    if draft is None:
        return ""
    try:
        if draft.work.get("part"):
            _part(locality, draft, clock)
        else:
            _villages(locality, draft, clock)
    except Stopped:
        pass
    except NothingToDraw:
        _fail(locality, draft_id, "drafts.errors.no_homes", clock)
    except Exception:
        _fail(locality, draft_id, "drafts.errors.drawing_failed", clock)
        raise
    with in_locality(locality, REASON):
        return str(Draft.objects.values_list("state", flat=True).get(pk=draft_id))


def _fail(locality: str, draft_id: int, words: str, clock: Clock) -> None:
    with in_locality(locality, REASON):
        drawing.fail(draft_id, words, now=clock())


def _villages(locality: str, draft: Draft, clock: Clock) -> None:
    """One frame after the other, each stored before the next is begun."""
    frames, ready = list(draft.work["frames"]), list(draft.work["ready"])
    for frame in frames:
        if frame in ready:
            continue
        with in_locality(locality, REASON):
            task = _task(draft, frame)
            ground = _ground(task)
        watch = _Watch(locality, draft.pk, clock, {"area": task.name, "done": len(ready), "total": len(frames)})
        cells, made = _drawn(task, ground, store.Fresh(draft), watch)
        ready.append(frame)
        with in_locality(locality, REASON):
            if not drawing.beat(draft.pk, {"ready": ready, "done": len(ready), "stage": "storing"}, now=clock()):
                return
            found = Draft.objects.select_for_update().get(pk=draft.pk)
            found.fresh = draft.fresh
            found.report = merged(found.report, _facts(task, cells, made)) if made is not None else found.report
            store.insert(found, cells, _counts(task, cells, made), step=0)
            found.save(update_fields=["fresh", "report"])
    _finish(locality, draft.pk, clock)


def _finish(locality: str, draft_id: int, clock: Clock) -> None:
    with in_locality(locality, REASON):
        draft = Draft.objects.select_for_update().filter(pk=draft_id, state="running").first()
        if draft is None:
            return
        if draft.report is None:
            drawing.fail(draft_id, "drafts.errors.no_homes", now=clock())
            return
        here = store.picture(draft)
        draft.state, draft.changed_at, draft.after = "open", clock(), store.counted(draft, here)
        draft.faults = checking.grave(draft, here)
        draft.save()


def _part(locality: str, draft: Draft, clock: Clock) -> None:
    """Some siblings anew, with everything that lies in them; one step of the draft."""
    wish = draft.work
    with in_locality(locality, REASON):
        here = store.picture(draft)
        chosen = [here.cell(key) for key in wish["part"]]
        below, inside = list(chosen), list(chosen)
        while below:
            below = [one for cell in below for one in here.below(cell.key)]
            inside += below
        path = editing.frame_path(draft, here, Change(tuple(chosen)))
        whole = shapely.union_all(np.array([cell.outline for cell in chosen], dtype=object))
        sizes = {level.pk: (level, max(level.size, 0.0)) for level in Level.objects.filter(scheme=draft.scheme_id)}
        wished = {one["level"]: float(one["size"]) for one in draft.levels}
        drawn = [(sizes[chosen[0].level][0], float(wish["size"]), float(wish["tolerance"]))]
        for key in dict.fromkeys(cell.level for cell in inside[len(chosen) :]):
            level, usual = sizes[key]
            count = sum(cell.level == key for cell in inside)
            homes = store.shown(draft).filter(key__in=[cell.key for cell in inside if cell.level == key])
            mean = sum(homes.values_list("households", flat=True)) / max(count, 1)
            drawn.append((level, wished.get(level.key) or usual or max(mean, 1.0), 0.2))
        drawn.sort(key=lambda one: one[0].ordinal)
        up = here.cells.get(chosen[0].parent)
        name = up.name if up is not None else draft.grid.name
        workload = str(draft.wish.get("workload", "households"))
        task = Task(chosen[0].parent, name, path, whole, "", drawn, inside, int(wish["seed"]), workload)
        ground = _ground(task)
    watch = _Watch(locality, draft.pk, clock, {"area": name, "done": 0, "total": 1})
    cells, made = _carved(task, ground, store.Fresh(draft), watch)
    with in_locality(locality, REASON):
        found = Draft.objects.select_for_update().filter(pk=draft.pk, state="running").first()
        if found is None:
            return
        found.fresh, found.state, found.work = draft.fresh, "open", {}
        gone = {cell.key for cell in inside} - {cell.key for cell in cells}
        actor = Actor(kind="staff", user_id=wish.get("user"), name=str(wish.get("by", "")))
        change = Change(tuple(cells), tuple(sorted(gone)))
        editing.redrawn(actor, found, here, change, _counts(task, cells, made), now=clock())


def _task(draft: Draft, frame: int) -> Task:
    """One village: its outline, its code and the grids of today in it."""
    grid = Grid.objects.get(pk=frame)
    outline = shapely.from_wkb(bytes(GridOutline.objects.get(grid=grid, valid_to=None).wkb))
    old, _ = beginning.todays_cells(grid.scope_path, draft.scheme_id)
    return Task(
        f"g{frame}", grid.name, grid.scope_path, outline, grid.code, drawing.drawn_levels(draft), old,
        int(draft.wish.get("seed", 1)), str(draft.wish.get("workload", "households")),
    )  # fmt: skip


def _ground(task: Task) -> Ground:
    return grounds.ground_of(task.path, task.outline, name=task.name, code=task.code)


def _drawn(task: Task, ground: Ground, fresh: Callable[[], str], watch: _Watch) -> tuple[list[Cell], Drawing | None]:
    """A village carved; where nobody lives it is one grid of each level."""
    try:
        return _carved(task, ground, fresh, watch)
    except NothingToDraw:
        cells: list[Cell] = []
        parent, name = task.parent, task.name
        for level, _, _ in task.levels:
            old = next((one for one in task.old if one.level == level.pk and one.parent == parent), None)
            name = old.name if old is not None else f"{name}1{level.title_zh}"
            key, grid = (old.key, old.grid) if old is not None else (fresh(), None)
            cells.append(Cell(key, parent, level.pk, name, task.outline, grid))
            parent = key
        return cells, None


def _carved(task: Task, ground: Ground, fresh: Callable[[], str], watch: _Watch) -> tuple[list[Cell], Drawing]:
    """The cells of an outline, parents first. Grids of today go on as the cell that has most of their households."""
    unit = "weight" if task.workload == "residents" else "households"
    specs = [LevelSpec(level.key, size, unit, tolerance) for level, size, tolerance in task.levels]  # type: ignore[arg-type]
    made = draw_ground(ground, specs, seed=task.seed, progress=watch, stop=watch.stopped)
    plane = made.ground.plane()
    spots = plane.to_degrees(np.column_stack([made.atoms.x, made.atoms.y]))
    above = np.full(len(spots), task.parent, dtype=object)
    names = {task.parent: task.name}
    cells: list[Cell] = []
    for (level, _, _), drawn in zip(task.levels, made.levels, strict=True):
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


def _counts(task: Task, cells: Sequence[Cell], made: Drawing | None) -> dict[str, Count]:
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


def _facts(task: Task, cells: Sequence[Cell], made: Drawing) -> dict[str, Any]:
    """What was measured in one village; grids out of tolerance by the key of their cell."""
    levels = []
    start = 0
    for (level, size, _), drawn in zip(task.levels, made.levels, strict=True):
        own = cells[start : start + len(drawn.shapes)]
        start += len(drawn.shapes)
        facts = level_facts(drawn)
        by_code = dict(zip(drawn.codes, own, strict=True))
        outside = []
        for one in facts["outside"]:
            cell = by_code[one["grid"]]
            spot = cell.outline.representative_point()
            outside.append({**one, "cell": cell.key, "name": cell.name, "lon": spot.x, "lat": spot.y, "size": size})
        levels.append({**facts, "title_zh": level.title_zh, "title_en": level.title_en, "outside": outside})
    findings = [{**finding_facts(one), "area": task.name} for one in made.findings]
    found: dict[str, Any] = _plain(
        {"levels": levels, "findings": findings, "seconds": sum(made.seconds.values()), "areas": 1}
    )
    return found


def merged(before: dict[str, Any] | None, more: dict[str, Any]) -> dict[str, Any]:
    """The figures of several villages together: counts are added, shares and means weighed by grids, extremes kept."""
    if before is None:
        return more
    levels = [_together(one, other) for one, other in zip(before["levels"], more["levels"], strict=True)]
    return {
        "levels": levels, "findings": (before["findings"] + more["findings"])[:2000],
        "seconds": before["seconds"] + more["seconds"], "areas": before["areas"] + more["areas"],
    }  # fmt: skip


ADDED: Final = frozenset(
    {"grids", "non_contiguous", "crossings", "offstreet_border_km", "buildings_split", "units_split"}
)
HIGHEST: Final = frozenset({"deviation_max", "deviation_p95", "attainable_max", "attainable_p95", "area_error"})


def _together(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    found = dict(one)
    left, right = one["grids"], other["grids"]
    for key, value in other.items():
        if key in ADDED:
            found[key] = one[key] + value
        elif key in HIGHEST:
            found[key] = max(one[key], value)
        elif key == "outside":
            found[key] = (one[key] + value)[:5000]
        elif isinstance(value, bool):
            found[key] = one[key] and value
        elif isinstance(value, float) and key not in ("size", "tolerance"):
            found[key] = (one[key] * left + value * right) / max(left + right, 1)
    return found


def _plain(value: Any) -> Any:
    """Numbers of numpy as Python's own; what is no number at all as nothing."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value


class _Watch:
    """Says how far the drawing is, and hears whether it shall stop; asks the database now and then."""

    def __init__(self, locality: str, draft_id: int, clock: Clock, told: dict[str, Any]) -> None:
        self.locality, self.draft, self.clock, self.told = locality, draft_id, clock, told
        self.last: datetime | None = None
        self.off = False

    def __call__(self, step: str, share: float) -> None:
        now = self.clock()
        if self.last is not None and (now - self.last).total_seconds() < EVERY:
            return
        self.last = now
        with in_locality(self.locality, REASON):
            told = {**self.told, "stage": step, "share": round(float(share), 3)}
            self.off = not drawing.beat(self.draft, told, now=now)

    def stopped(self) -> bool:
        """Whether somebody stopped it."""
        return self.off
