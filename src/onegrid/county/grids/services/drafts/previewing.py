"""Before and after: what a draft would change for grids, homes, open cases and people in charge."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from onegrid.county.grids import surroundings
from onegrid.county.grids.models import Draft, Grid, Level
from onegrid.county.grids.rules import paths
from onegrid.county.grids.rules.editing import Picture
from onegrid.county.grids.rules.locator import NOWHERE, PointIndex
from onegrid.county.grids.rules.planning import Plan
from onegrid.county.grids.selectors.drafts import sizes
from onegrid.county.grids.services.drafts import applying, beginning, counting, store
from onegrid.foundation.kernel.texts import Lang

MOST: Final = 500
"""Changed cells and retired grids that are listed one by one."""


@dataclass(frozen=True)
class Side:
    """Today's grids, or the draft's: cells by key with what they hold."""

    picture: Picture
    counts: Mapping[str, counting.Count]
    open_cases: Mapping[str, int]
    leaf_of_home: NDArray[np.object_]
    leaf_of_case: NDArray[np.object_]


@dataclass
class Preview:
    """What is told of a draft."""

    levels: list[dict[str, Any]] = field(default_factory=list)
    cells: list[dict[str, Any]] = field(default_factory=list)
    retired: list[dict[str, Any]] = field(default_factory=list)
    appointments: list[dict[str, Any]] = field(default_factory=list)
    vacant: list[dict[str, Any]] = field(default_factory=list)
    moved: dict[str, int] = field(default_factory=dict)
    truncated: bool = False


def preview(draft: Draft, lang: Lang, *, now: datetime) -> Preview:
    """Everything that would change. A number of queries that does not depend on how much. Raises CodeExhausted."""
    here = store.picture(draft)
    plan = applying.planned(draft, here)
    todays, stored = beginning.todays_cells(draft.scope_path, draft.scheme_id)
    homes, cases = surroundings.homes(draft.scope_path), surroundings.open_cases(draft.scope_path)
    levels = {level.pk: level for level in Level.objects.filter(scheme=draft.scheme_id).order_by("ordinal")}
    grids = Grid.objects.in_bulk([cell.grid for cell in todays if cell.grid])
    order = list(levels)
    kept = {
        row[0]: counting.Count(row[1], row[2])
        for row in store.shown(draft).values_list("key", "households", "residents")
    }
    old = _side(Picture(todays), counting.known(todays, homes, stored), homes, cases, order)
    new = _side(here, kept, homes, cases, order)
    found = Preview()
    wished = sizes(draft)
    title = {key: level.title_en if lang == "en" else level.title_zh for key, level in levels.items()}
    for level in order:
        sides = [_load(side, level, wished.get(level, (0.0, 0.0))[0]) for side in (old, new)]
        if sides[0]["grids"] or sides[1]["grids"]:
            found.levels.append(
                {"level": levels[level].key, "title": title[level], "before": sides[0], "after": sides[1]}
            )
    _tell_cells(found, plan, here, new, levels, title, grids)
    _tell_retired(found, plan, here, old, title, grids)
    _tell_people(found, draft, plan, here, levels, grids, lang, now)
    _tell_moved(found, old, new, plan, homes)
    return found


def _side(
    picture: Picture, counts: Mapping[str, counting.Count], homes: surroundings.Homes, cases: surroundings.OpenCases,
    order: Sequence[int],
) -> Side:  # fmt: skip
    """Who lies where: each home and each case in the lowest grid that holds it, cases counted on every level."""
    leaf_home = np.full(len(homes), "", dtype=object)
    leaf_case = np.full(len(cases.path), "", dtype=object)
    counted: Counter[str] = Counter()
    for level in order:
        own = [cell for cell in picture.cells.values() if cell.level == level]
        if not own:
            continue
        index = PointIndex(np.arange(len(own)), np.array([cell.outline for cell in own], dtype=object))
        keys = np.array([cell.key for cell in own], dtype=object)
        at = index.locate_many(homes.lon, homes.lat)
        leaf_home[at != NOWHERE] = keys[at[at != NOWHERE]]
        placed = np.isfinite(cases.lon)
        at = np.full(len(cases.path), NOWHERE)
        at[placed] = index.locate_many(cases.lon[placed], cases.lat[placed])
        leaf_case[at != NOWHERE] = keys[at[at != NOWHERE]]
        counted.update(keys[at[at != NOWHERE]].tolist())
    for number, path in enumerate(cases.path):
        if not np.isfinite(cases.lon[number]):
            chain = [f"g{key}" for key in paths.keys(path) if f"g{key}" in picture.cells]
            counted.update(chain)
            leaf_case[number] = chain[-1] if chain else ""
    return Side(picture, counts, counted, leaf_home, leaf_case)


def _load(side: Side, level: int, size: float) -> dict[str, Any]:
    keys = [cell.key for cell in side.picture.cells.values() if cell.level == level]
    households = np.array([side.counts[key].households for key in keys])
    within = float((np.abs(households - size) <= size * 0.2).mean()) if size and keys else None
    return {
        "grids": len(keys), "households_min": float(households.min(initial=np.inf)) if keys else 0.0,
        "households_mean": float(households.mean()) if keys else 0.0,
        "households_max": float(households.max(initial=0.0)), "within_20": within,
        "open_cases_max": max((side.open_cases.get(key, 0) for key in keys), default=0),
    }  # fmt: skip


def _tell_cells(
    found: Preview, plan: Plan, here: Picture, new: Side, levels: Mapping[int, Level], title: Mapping[int, str],
    grids: Mapping[int, Grid],
) -> None:  # fmt: skip
    codes = {made.cell.key: made.code for made in plan.made}
    came: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for heir in plan.heirs:
        former = grids[heir.predecessor]
        came[heir.successor].append({"grid": str(former.pk), "name": former.name, "share": heir.share})
    changed = [cell for cell in here.cells.values() if plan.change[cell.key] != "same"]
    found.truncated = len(changed) > MOST
    for cell in changed[:MOST]:
        count = new.counts[cell.key]
        found.cells.append(
            {
                "key": cell.key, "level": levels[cell.level].key, "level_title": title[cell.level], "name": cell.name,
                "code": codes.get(cell.key) or grids[int(cell.grid or 0)].code, "change": plan.change[cell.key],
                "households": count.households, "residents": count.residents,
                "open_cases": new.open_cases.get(cell.key, 0), "was": came.get(cell.key, []),
            }
        )  # fmt: skip


def _tell_retired(
    found: Preview, plan: Plan, here: Picture, old: Side, title: Mapping[int, str], grids: Mapping[int, Grid]
) -> None:
    into: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for heir in plan.heirs:
        name = here.cells[heir.successor].name
        into[heir.predecessor].append({"key": heir.successor, "name": name, "share": heir.share})
    found.truncated = found.truncated or len(plan.retired) > MOST
    for key in plan.retired[:MOST]:
        grid = grids[key]
        found.retired.append(
            {
                "grid": str(key), "name": grid.name, "code": grid.code, "level_title": title[grid.level_id],
                "households": old.counts[f"g{key}"].households, "open_cases": old.open_cases.get(f"g{key}", 0),
                "into": into.get(key, []),
            }
        )  # fmt: skip


def _tell_people(
    found: Preview, draft: Draft, plan: Plan, here: Picture, levels: Mapping[int, Level], grids: Mapping[int, Grid],
    lang: Lang, now: datetime,
) -> None:  # fmt: skip
    """Who moves with his grid, whose appointment ends, where two would hold what one should, what nobody would hold."""
    held = surroundings.held(list(grids), surroundings.day_of(now))
    retired = set(plan.retired)
    heir_of: dict[int, tuple[float, str]] = {}
    for heir in plan.heirs:
        heir_of[heir.predecessor] = max(heir_of.get(heir.predecessor, (0.0, "")), (heir.share, heir.successor))
    key_of = {cell.grid: cell.key for cell in here.cells.values() if plan.change[cell.key] != "new"}
    filled: Counter[tuple[str, str]] = Counter((one.position, key_of[one.grid]) for one in held if one.grid in key_of)
    usual: dict[tuple[int, str], surroundings.Held] = {}
    for one in held:
        usual.setdefault((grids[one.grid].level_id, one.position), one)
        if one.grid not in retired:
            continue
        target = heir_of.get(one.grid, (0.0, ""))[1]
        cell = here.cells.get(target)
        what = "ends"
        if cell is not None and _sits(one, draft, levels[cell.level]):
            filled[one.position, target] += 1
            what = "moves" if filled[one.position, target] <= max(1, one.headcount) else "doubles"
        found.appointments.append(
            {
                "person": one.person, "position": one.title_en if lang == "en" else one.title_zh,
                "from": grids[one.grid].name, "what": what,
                "to": cell.name if cell is not None and what != "ends" else "",
            }
        )  # fmt: skip
    for cell in here.cells.values():
        for (level, position), one in usual.items():
            if plan.change[cell.key] == "new" and level == cell.level and not filled[position, cell.key]:
                found.vacant.append({"position": one.title_en if lang == "en" else one.title_zh, "cell": cell.name})
    found.moved["appointments"] = sum(row["what"] != "ends" for row in found.appointments)
    found.appointments, found.vacant = found.appointments[:MOST], found.vacant[:MOST]


def _sits(held: surroundings.Held, draft: Draft, level: Level) -> bool:
    return level.key in held.at or f"{draft.scheme.key}.{level.key}" in held.at


def _tell_moved(found: Preview, old: Side, new: Side, plan: Plan, homes: surroundings.Homes) -> None:
    """What lies in another lowest grid afterwards. A cell that is a new grid counts as another one."""
    heir_of: dict[str, tuple[float, str]] = {}
    for heir in plan.heirs:
        key = f"g{heir.predecessor}"
        heir_of[key] = max(heir_of.get(key, (0.0, "")), (heir.share, heir.successor))

    def moves(before: str, after: str) -> bool:
        target = after or heir_of.get(before, (0.0, ""))[1]
        return bool(before) and (target != before or plan.change.get(target) == "new")

    home = np.array([moves(*pair) for pair in zip(old.leaf_of_home, new.leaf_of_home, strict=True)], dtype=bool)
    found.moved["households"] = int(homes.households[home].sum()) if len(home) else 0
    found.moved["residents"] = int(homes.residents[home].sum()) if len(home) else 0
    found.moved["open_cases"] = sum(moves(*pair) for pair in zip(old.leaf_of_case, new.leaf_of_case, strict=True))
