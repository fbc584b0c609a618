"""A part of a draft drawn anew: some siblings with everything that lies in them, all else frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import shapely

from onegrid.county.grids.errors import CannotRedraw
from onegrid.county.grids.models import Draft, Grid, GridOutline, Level
from onegrid.county.grids.rules.drawing.ground import Ground
from onegrid.county.grids.rules.drawing.inside import inside
from onegrid.county.grids.rules.drawing.partition.compiled import is_stored
from onegrid.county.grids.rules.drawing.wanted import usual
from onegrid.county.grids.rules.drawing.whole import NothingToDraw
from onegrid.county.grids.rules.editing import Cell, Change, Picture
from onegrid.county.grids.services.drafts import editing, grounds, store
from onegrid.county.grids.services.drafts.counting import Count
from onegrid.county.grids.services.drafts.cutting import Task, carved, counts
from onegrid.county.grids.services.drafts.drawing import Asked
from onegrid.foundation.accounts.actor import Actor

AROUND_DEGREES: Final = 0.003
"""What lies farther from a part decides nothing about its buildings: about 300 m."""


@dataclass(frozen=True)
class Part:
    """What is drawn anew, on which ground, and the cells and the picture it replaces."""

    task: Task
    ground: Ground
    here: Picture
    inside: Sequence[Cell]


def at_once(actor: Actor, draft: Draft, here: Picture, *, now: datetime) -> bool:
    """Draw the part wished for here and now, if the engine lies compiled on the disk; whether it was done.

    Raises CannotRedraw where nobody lives.
    """
    if not is_stored():
        return False
    part = prepared(draft, here)
    try:
        cells, made = carved(part.task, part.ground, store.Fresh(draft), threads=1)
    except NothingToDraw as why:
        raise CannotRedraw("drafts.errors.no_homes") from why
    stored(actor, draft, part, cells, counts(part.task, cells, made), now=now)
    return True


def prepared(draft: Draft, here: Picture) -> Part:
    """Everything the engine needs to know of the part wished for in the draft's work."""
    chosen = [here.cell(key) for key in draft.work["part"]]
    below, within = list(chosen), list(chosen)
    while below:
        below = [one for cell in below for one in here.below(cell.key)]
        within += below
    path = editing.frame_path(draft, here, Change(tuple(chosen)))
    whole = shapely.union_all(np.array([cell.outline for cell in chosen], dtype=object))
    up = here.cells.get(chosen[0].parent)
    name = up.name if up is not None else draft.grid.name
    task = Task(
        chosen[0].parent, name, path, whole, "", _levels(draft, chosen, within), within, int(draft.work["seed"]),
        str(draft.wish.get("workload", "households")),
    )  # fmt: skip
    frame = shapely.from_wkb(bytes(GridOutline.objects.get(grid=Grid.objects.get(scope_path=path), valid_to=None).wkb))
    near = shapely.intersection(frame, shapely.box(*shapely.buffer(whole, AROUND_DEGREES).bounds))
    return Part(task, inside(grounds.ground_of(path, near, name=name, code=""), whole), here, within)


def _levels(draft: Draft, chosen: Sequence[Cell], within: Sequence[Cell]) -> list[Asked]:
    """The level of the chosen cells as wished, and those below as the draft, the pack or their own mean has them."""
    levels = Level.objects.in_bulk({cell.level for cell in within})
    first = levels[chosen[0].level]
    size, tolerance = draft.work["size"], draft.work["tolerance"]
    found = [Asked(first, float(size or 0), float(tolerance or usual(size or 0)), "" if size else first.along)]
    wished = {one["level"]: one for one in draft.levels}
    for level in sorted(levels.values(), key=lambda one: one.ordinal):
        if level.pk == first.pk:
            continue
        one = wished.get(level.key, {})
        along = one.get("along", level.along)
        usually = 0.0 if along else float(one.get("size") or max(level.size, 0.0) or _mean(draft, within, level))
        found.append(Asked(level, usually, float(one.get("tolerance") or usual(usually)), along))
    return found


def _mean(draft: Draft, within: Sequence[Cell], level: Level) -> float:
    """Households of a cell of a level, on the average of those that are drawn anew."""
    keys = [cell.key for cell in within if cell.level == level.pk]
    homes = store.shown(draft).filter(key__in=keys).values_list("households", flat=True)
    return max(sum(homes) / max(len(keys), 1), 1.0)


def stored(
    actor: Actor, draft: Draft, part: Part, cells: Sequence[Cell], held: Mapping[str, Count], *, now: datetime
) -> None:
    """The drawn cells in place of the old ones, as one step of the draft, which is open again."""
    draft.state, draft.work = "open", {}
    gone = {cell.key for cell in part.inside} - {cell.key for cell in cells}
    editing.redrawn(actor, draft, part.here, Change(tuple(cells), tuple(sorted(gone))), held, now=now)
