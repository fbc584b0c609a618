"""How a draft begins: where it may be drawn, and a copy of today's grids to be changed by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import shapely

from onegrid.county.grids import surroundings
from onegrid.county.grids.errors import NotDrawable
from onegrid.county.grids.models import Draft, Grid, GridOutline, Level, Scheme
from onegrid.county.grids.permissions import may_draw
from onegrid.county.grids.rules.editing import Cell
from onegrid.county.grids.rules.paths import upper_bound
from onegrid.county.grids.services.drafts import counting, store
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.journal import services as journal


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a draft is begun with. `levels` are wished sizes, top to bottom."""

    grid: int
    scheme: str
    title: str
    kind: str
    levels: Sequence[Mapping[str, Any]] = ()
    wish: Mapping[str, Any] = field(default_factory=dict)


def begin(actor: Actor, wanted: Wanted, *, state: str, now: datetime) -> Draft:
    """Store an empty draft inside a grid of the caller's. Raises Forbidden, NotDrawable for a grid or scheme that is
    not there, or where the scheme has no level below the grid."""
    may_draw(actor)
    grid = Grid.objects.filter(pk=wanted.grid, active=True).select_related("level", "scheme").first()
    scheme = Scheme.objects.filter(key=wanted.scheme).first()
    if grid is None or scheme is None or not grid.scope_path.startswith(actor.scope_path):
        raise NotDrawable("drafts.errors.no_such_place")
    if grid.scheme_id not in (None, scheme.pk) or not levels_below(grid, scheme):
        raise NotDrawable("drafts.errors.nothing_below")
    draft = Draft.objects.create(
        scope_path=grid.scope_path, grid=grid, scheme=scheme, title=wanted.title.strip() or grid.name,
        kind=wanted.kind, state=state, base=store.digest(grid.scope_path, scheme.pk), levels=list(wanted.levels),
        wish=dict(wanted.wish), author=actor.user_id, author_name=actor.name, created_at=now, changed_at=now,
    )  # fmt: skip
    draft.before = draft.after = today_by_level(draft)
    draft.save(update_fields=["before", "after"])
    record(actor, "begin", draft, now=now, kind=wanted.kind)
    return draft


def today_by_level(draft: Draft) -> dict[str, int]:
    """How many grids of each level there are inside today, by the level's key."""
    inside = Grid.objects.filter(
        scheme=draft.scheme_id, active=True, scope_path__gt=draft.scope_path,
        scope_path__lt=upper_bound(draft.scope_path),
    )  # fmt: skip
    return dict(Counter(inside.values_list("level__key", flat=True)))


def levels_below(grid: Grid, scheme: Scheme) -> list[Level]:
    """The scheme's own levels below a grid, top to bottom: those that are grids and no official divisions."""
    own = [level for level in scheme.levels.order_by("ordinal") if not level.division and not level.holds]
    if grid.scheme_id is None:
        return own
    return [level for level in own if level.ordinal > grid.level.ordinal]


def record(actor: Actor, action: str, draft: Draft, *, now: datetime, **detail: Any) -> None:
    """Put what was done to a draft on record."""
    journal.record(actor, f"draft.{action}", ("draft", draft.pk), now=now, scope_path=draft.scope_path, detail=detail)


def copy_today(actor: Actor, wanted: Wanted, *, now: datetime) -> Draft:
    """A draft that begins as today's grids are. Raises as `begin`, NotDrawable when there are none yet."""
    draft = begin(actor, wanted, state="open", now=now)
    cells, stored = todays_cells(draft.scope_path, draft.scheme_id)
    if not cells:
        raise NotDrawable("drafts.errors.nothing_drawn")
    counts = counting.known(cells, surroundings.homes(draft.scope_path), stored)
    store.insert(draft, cells, counts, step=0)
    return draft


def todays_cells(scope_path: str, scheme: int) -> tuple[list[Cell], dict[int, int]]:
    """Today's grids of a scheme below a path as cells, and the households each was planted with."""
    rows = list(
        GridOutline.objects.filter(
            valid_to=None, grid__active=True, grid__scheme_id=scheme,
            grid__scope_path__gt=scope_path, grid__scope_path__lt=upper_bound(scope_path),
        )
        .order_by("grid_id")
        .values_list("grid_id", "grid__parent_id", "grid__level_id", "grid__name", "grid__households", "wkb")
    )  # fmt: skip
    shapes = shapely.from_wkb([bytes(row[5]) for row in rows])
    cells = [
        Cell(f"g{key}", f"g{parent}", level, name, shape, key)
        for (key, parent, level, name, _, _), shape in zip(rows, shapes, strict=True)
    ]
    return cells, {row[0]: row[4] for row in rows}
