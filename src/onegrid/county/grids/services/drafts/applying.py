"""A draft becomes the grids of today, in one transaction: new grids, new borders, and who follows whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
import shapely

from onegrid.county.grids.events import REPLACED, GridsReplaced
from onegrid.county.grids.models import Draft, Grid, GridOutline, GridSuccession, Level
from onegrid.county.grids.rules import codes, paths, planning
from onegrid.county.grids.rules.editing import Cell, Picture
from onegrid.county.grids.rules.metres import area_m2
from onegrid.county.grids.rules.planning import Frame, Plan, Standing
from onegrid.county.grids.services.drafts import beginning, store
from onegrid.county.grids.services.versions import raise_version
from onegrid.foundation.accounts.actor import SYSTEM
from onegrid.foundation.database.bulk import copy_rows, next_keys
from onegrid.foundation.journal import services as journal


def planned(draft: Draft, picture: Picture | None = None) -> Plan:
    """What the draft means for today's grids. Raises CodeExhausted."""
    here = picture or store.picture(draft)
    levels = list(Level.objects.filter(scheme=draft.scheme_id).order_by("ordinal"))
    cells, _ = beginning.todays_cells(draft.scope_path, draft.scheme_id)
    grids = Grid.objects.in_bulk([cell.grid for cell in cells if cell.grid])
    before = {
        int(cell.grid or 0): Standing(
            int(cell.grid or 0), int(cell.parent[1:]), cell.level, grids[int(cell.grid or 0)].code, cell.name,
            cell.outline,
        )
        for cell in cells
    }  # fmt: skip
    frames = frames_of(here)
    return planning.plan(
        here,
        order=[level.pk for level in levels],
        digits=digits_of(levels),
        before=before,
        frames=frames,
        taken=_taken(draft, [*before, *(frame.id for frame in frames.values())]),
    )


def digits_of(levels: Sequence[Level]) -> dict[int, int]:
    """How many digits each level of a scheme adds to a code."""
    own = [level for level in levels if not level.division and not level.holds]
    usual = codes.CodePattern()
    return {level.pk: level.digits or usual.width(step) for step, level in enumerate(own)}


def frames_of(picture: Picture) -> dict[str, Frame]:
    """The grids a picture is drawn inside of, by the key their cells name."""
    keys = {cell.parent for cell in picture.cells.values()} - picture.cells.keys()
    found = Grid.objects.filter(pk__in=[int(key[1:]) for key in keys]).values_list("pk", "code")
    return {f"g{key}": Frame(key, code) for key, code in found}


def _taken(draft: Draft, parents: Sequence[int]) -> Mapping[int, Sequence[str]]:
    """Every code ever given below each of these grids."""
    found: dict[int, list[str]] = defaultdict(list)
    for parent, code in Grid.objects.filter(parent__in=parents, scheme=draft.scheme_id).values_list("parent", "code"):
        found[int(parent or 0)].append(code)
    return found


def apply(draft: Draft, *, now: datetime) -> GridsReplaced | None:
    """Make the draft's grids those of today; who stores places hears of it. The draft is approved and not stale.

    None when it changes nothing but names.
    """
    here = store.picture(draft)
    plan = planned(draft, here)
    households = dict(store.shown(draft).values_list("key", "households"))
    grids = Grid.objects.in_bulk([int(cell.grid) for cell in here.cells.values() if cell.grid])
    by_key = {key: grids[int(cell.grid or 0)] for key, cell in here.cells.items() if plan.change[key] != "new"}
    frames = Grid.objects.in_bulk([frame.id for frame in frames_of(here).values()])
    by_key |= {f"g{key}": grid for key, grid in frames.items() if f"g{key}" not in by_key}
    _retire(plan.retired, now)
    made = _make(draft, plan, by_key, households)
    _redraw([(by_key[cell.key], cell) for cell in plan.redrawn], households, now)
    for cell in plan.renamed:
        Grid.objects.filter(pk=int(cell.grid or 0)).update(name=cell.name)
    _first_outlines(plan, made, now)
    successors = {**made, **{cell.key: by_key[cell.key] for cell in plan.redrawn}}
    GridSuccession.objects.bulk_create(
        [
            GridSuccession(
                predecessor_id=heir.predecessor, successor=by_key[heir.successor], share=min(1.0, heir.share),
                kind=heir.kind, reason=draft.title, at=now,
            )
            for heir in plan.heirs
        ],
        batch_size=2000,
    )  # fmt: skip
    raise_version(now)
    draft.state, draft.applied_at, draft.changed_at = "applied", now, now
    draft.save()
    beginning.record(SYSTEM, "apply", draft, now=now, made=len(made), retired=len(plan.retired))
    return _tell(draft, plan, list(successors.values()), now)


def _retire(keys: Sequence[int], now: datetime) -> None:
    GridOutline.objects.filter(grid__in=keys, valid_to=None).update(valid_to=now)
    Grid.objects.filter(pk__in=keys).update(active=False)


def _make(draft: Draft, plan: Plan, by_key: dict[str, Grid], households: Mapping[str, float]) -> dict[str, Grid]:
    """The new grids, parents before children; `by_key` learns them."""
    made: dict[str, Grid] = {}
    for number, one in zip(next_keys("grids_grid", "id", len(plan.made)), plan.made, strict=True):
        parent = by_key[one.cell.parent]
        grid = Grid(
            id=number, code=one.code, name=one.cell.name, parent=parent, scheme_id=draft.scheme_id,
            level_id=one.cell.level, scope_path=paths.child(parent.scope_path, number),
            division_code=parent.division_code, depth=parent.depth + 1, version=1,
        )  # fmt: skip
        _lay(grid, one.cell, households)
        made[one.cell.key] = by_key[one.cell.key] = grid
    Grid.objects.bulk_create(made.values(), batch_size=2000)
    return made


def _lay(grid: Grid, cell: Cell, households: Mapping[str, float]) -> None:
    """Where a grid's label stands, its box, and how many live there."""
    spot = shapely.point_on_surface(cell.outline)
    grid.lon, grid.lat = spot.x, spot.y
    grid.west, grid.south, grid.east, grid.north = cell.outline.bounds
    grid.households = round(households.get(cell.key, 0.0))


def _redraw(pairs: Sequence[tuple[Grid, Cell]], households: Mapping[str, float], now: datetime) -> None:
    """Another version of the outline for grids that go on."""
    grids = [grid for grid, _ in pairs]
    GridOutline.objects.filter(grid__in=grids, valid_to=None).update(valid_to=now)
    for grid, cell in pairs:
        grid.version += 1
        _lay(grid, cell, households)
    fields = ["version", "lon", "lat", "west", "south", "east", "north", "households"]
    Grid.objects.bulk_update(grids, fields, batch_size=1000)
    _outlines([(grid, cell) for grid, cell in pairs], now)


def _first_outlines(plan: Plan, made: Mapping[str, Grid], now: datetime) -> None:
    _outlines([(made[one.cell.key], one.cell) for one in plan.made], now)


def _outlines(pairs: Sequence[tuple[Grid, Cell]], now: datetime) -> None:
    if not pairs:
        return
    shapes = np.array([cell.outline for _, cell in pairs], dtype=object)
    copy_rows(
        "grids_gridoutline",
        ("grid_id", "version", "valid_from", "wkb", "area_m2"),
        (
            (grid.pk, grid.version, now, wkb, float(area))
            for (grid, _), wkb, area in zip(pairs, shapely.to_wkb(shapes), area_m2(shapes), strict=True)
        ),
    )


def _tell(draft: Draft, plan: Plan, successors: Sequence[Grid], now: datetime) -> GridsReplaced | None:
    """Say whose land changed hands, in the running transaction."""
    changed = [*plan.retired, *(int(cell.grid or 0) for cell in plan.redrawn)]
    if not changed and not successors:
        return None
    found = Grid.objects.filter(pk__in=changed).order_by("pk").values_list("scope_path", flat=True)
    event = GridsReplaced(
        tuple(found), tuple(sorted(grid.scope_path for grid in successors)), plan.kind(), draft.title, now
    )
    journal.publish(REPLACED, event.payload(), now=now)
    return event
