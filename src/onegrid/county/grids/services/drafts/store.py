"""The picture of a draft at a step, and how a step is added."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import shapely
from django.db import connection
from django.db.models import Q, QuerySet

from onegrid.county.grids.errors import DraftClosed, DraftMovedOn
from onegrid.county.grids.models import Draft, DraftCell, DraftStep, Level
from onegrid.county.grids.rules.editing import Cell, Change, Picture
from onegrid.county.grids.rules.paths import upper_bound
from onegrid.county.grids.services.drafts.counting import Count
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.database.bulk import insert_rows

COLUMNS: Final = (
    *("draft_id", "scope_path", "key", "parent", "level_id", "grid_id", "name", "households", "residents"),
    *("west", "south", "east", "north", "wkb", "from_step"),
)


def shown(draft: Draft) -> QuerySet[DraftCell]:
    """The rows of the draft's picture at the step shown."""
    return DraftCell.objects.filter(draft=draft, from_step__lte=draft.step).filter(
        Q(to_step=None) | Q(to_step__gt=draft.step)
    )


def picture(draft: Draft) -> Picture:
    """The whole picture at the step shown, in the order of its keys."""
    rows = list(
        shown(draft).order_by("level_id", "key").values_list("key", "parent", "level_id", "name", "grid", "wkb")
    )
    shapes = shapely.from_wkb([bytes(row[5]) for row in rows])
    return Picture(Cell(*row[:4], shape, row[4]) for row, shape in zip(rows, shapes, strict=True))


def fingerprint(draft: Draft) -> str:
    """Digest of today's grids inside the draft's grid and their versions."""
    return digest(draft.scope_path, draft.scheme_id)


def digest(scope_path: str, scheme: int) -> str:
    """Digest of the active grids of a scheme below a path, and of the version of each and of the frame's own border."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select md5(coalesce(string_agg(id || ':' || version, ',' order by id), '')) from grids_grid"
            " where active and (scheme_id = %s or scheme_id is null) and scope_path >= %s and scope_path < %s",
            [scheme, scope_path, upper_bound(scope_path)],
        )
        return str(cursor.fetchone()[0])


def insert(draft: Draft, cells: Iterable[Cell], counts: Mapping[str, Count], *, step: int) -> int:
    """Store cells from a step on; how many."""
    return insert_rows("grids_draftcell", COLUMNS, (_row(draft, cell, counts[cell.key], step) for cell in cells))


def _row(draft: Draft, cell: Cell, count: Count, step: int) -> tuple[Any, ...]:
    return (
        *(draft.pk, draft.scope_path, cell.key, cell.parent, cell.level, cell.grid, cell.name),
        *(float(count.households), int(count.residents), *map(float, cell.outline.bounds)),
        *(shapely.to_wkb(cell.outline), step),
    )


@dataclass
class Fresh:
    """Numbers the cells that continue no grid."""

    draft: Draft

    def __call__(self) -> str:
        """The next key."""
        self.draft.fresh += 1
        return f"n{self.draft.fresh}"


def require(draft: Draft, *states: str, step: int | None = None) -> None:
    """Raise DraftClosed unless the draft is in one of the states, DraftMovedOn when the page saw another step."""
    if draft.state not in states:
        raise DraftClosed()
    if step is not None and step != draft.step:
        raise DraftMovedOn(draft.step)


def add_step(
    draft: Draft, change: Change, counts: Mapping[str, Count], *, action: str, actor: Actor, now: datetime
) -> None:
    """Make one step of a change. What was undone before is forgotten."""
    forget_undone(draft)
    number = draft.step + 1
    replaced = sorted({*change.gone, *(cell.key for cell in change.put)})
    DraftCell.objects.filter(draft=draft, key__in=replaced, to_step=None).update(to_step=number)
    insert(draft, change.put, counts, step=number)
    DraftStep.objects.create(
        draft=draft, scope_path=draft.scope_path, number=number, action=action, cells=replaced[:200],
        user_name=actor.name, at=now,
    )  # fmt: skip
    draft.step = draft.steps = number
    draft.changed_at = now


def counted(draft: Draft, here: Picture) -> dict[str, int]:
    """How many cells of each level a picture has, by the level's key."""
    keys = dict(Level.objects.filter(scheme=draft.scheme_id).values_list("pk", "key"))
    return dict(Counter(keys[cell.level] for cell in here.cells.values()))


def forget_undone(draft: Draft) -> None:
    """Steps after the one shown are no more."""
    if draft.step == draft.steps:
        return
    DraftCell.objects.filter(draft=draft, from_step__gt=draft.step).delete()
    DraftCell.objects.filter(draft=draft, to_step__gt=draft.step).update(to_step=None)
    DraftStep.objects.filter(draft=draft, number__gt=draft.step).delete()
    draft.steps = draft.step


def last_action(draft: Draft) -> str:
    """What undoing would take back; '' at the beginning."""
    found = DraftStep.objects.filter(draft=draft, number=draft.step).values_list("action", flat=True).first()
    return found or ""
