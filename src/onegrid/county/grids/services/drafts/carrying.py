"""A draft whose ground has moved on: what became of the grids since, and the draft carried over onto those of today.

A draft by hand keeps the grids it began with as its step 0. Those it never touched are put in as they are today; its
own steps stay as they were, so they can still be taken back. Where both changed one grid, nobody can say which is
meant: such grids are named, and nothing is carried over.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import shapely

from onegrid.county.grids import surroundings
from onegrid.county.grids.errors import DraftClashes
from onegrid.county.grids.models import Draft, DraftCell, GridOutline, Level
from onegrid.county.grids.rules import paths
from onegrid.county.grids.rules.editing import Cell, Picture
from onegrid.county.grids.rules.paths import upper_bound
from onegrid.county.grids.services.drafts import beginning, checking, counting, editing, store
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.kernel.texts import Lang

How = Literal["new", "redrawn", "renamed", "retired"]
NAMED: Final = 100
"""Grids that are named one by one."""


@dataclass(frozen=True)
class Moved:
    """A grid that is not as it was when the draft was begun."""

    key: str
    level: int
    name: str
    how: How


@dataclass(frozen=True)
class Since:
    """What happened since: grids, whose drafts did it, and which of the grids the draft changes too."""

    grids: tuple[Moved, ...]
    drafts: tuple[Draft, ...]
    clashes: tuple[str, ...]
    carries: bool


def since(draft: Draft) -> Since:
    """What became of the grids inside the draft since it was begun or last carried over."""
    today = {cell.key: cell for cell in beginning.todays_cells(draft.scope_path, draft.scheme_id)[0]}
    if draft.kind != "edited":
        # A drawing or a file replaces all there is, and keeps nothing of what it began with.
        moved = _since_time(draft, today)
        return Since(tuple(moved), _drafts(draft), tuple(sorted(one.name for one in moved)), carries=False)
    base, touched = _base(draft), _touched(draft)
    moved = _compared(base, today)
    clashes = _clashing(draft, base, today, touched, moved)
    return Since(tuple(moved), _drafts(draft), tuple(clashes), carries=not clashes)


def carry(actor: Actor, draft: Draft, *, now: datetime) -> Draft:
    """The draft upon the grids of today, its own steps as they were. One that is not stale stays as it is.

    Raises DraftClashes with the names of grids that both changed, DraftClosed.
    """
    store.require(draft, "open")
    if store.fingerprint(draft) == draft.base:
        return draft
    found = since(draft)
    if not found.carries:
        raise DraftClashes(found.clashes)
    store.forget_undone(draft)
    base, touched = _base(draft), _touched(draft)
    cells, stored = beginning.todays_cells(draft.scope_path, draft.scheme_id)
    today = {cell.key: cell for cell in cells}
    gone, put = _patch(base, today, touched)
    here = _patched(store.picture(draft), gone, put)
    if not draft.faults:
        odd = [key for fault in checking.tiling_faults(draft, here) for key in fault.cells]
        if odd or checking.grave(draft, here):
            raise DraftClashes(sorted({here.cells[key].name for key in odd}) or [draft.grid.name])
    DraftCell.objects.filter(draft=draft, key__in=[*gone, *(cell.key for cell in put)]).delete()
    store.insert(draft, put, counting.known(put, surroundings.homes(draft.scope_path), stored), step=0)
    draft.base, draft.before = store.fingerprint(draft), beginning.today_by_level(draft)
    draft.wish = {**draft.wish, "carried_at": now.isoformat()}
    draft.changed_at = now
    editing.settle(draft, here)
    beginning.record(actor, "carry", draft, now=now, grids=len(found.grids))
    return draft


def level_titles(draft: Draft, lang: Lang) -> dict[int, str]:
    """What the scheme's levels are called, by id."""
    field = "title_en" if lang == "en" else "title_zh"
    return dict(Level.objects.filter(scheme=draft.scheme_id).values_list("pk", field))


def _base(draft: Draft) -> dict[str, Cell]:
    """The cells the draft began with."""
    rows = list(
        DraftCell.objects.filter(draft=draft, from_step=0)
        .order_by("key")
        .values_list("key", "parent", "level_id", "name", "grid", "wkb")
    )
    shapes = shapely.from_wkb([bytes(row[5]) for row in rows])
    return {row[0]: Cell(*row[:4], shape, row[4]) for row, shape in zip(rows, shapes, strict=True)}


def _touched(draft: Draft) -> set[str]:
    """Keys of cells that any step up to the one shown made or replaced."""
    rows = DraftCell.objects.filter(draft=draft, from_step__lte=draft.step)
    replaced = rows.filter(to_step__gt=0, to_step__lte=draft.step) | rows.filter(from_step__gt=0)
    return set(replaced.values_list("key", flat=True))


def _compared(before: Mapping[str, Cell], today: Mapping[str, Cell]) -> list[Moved]:
    found = [Moved(key, cell.level, cell.name, "retired") for key, cell in before.items() if key not in today]
    for key, cell in today.items():
        was = before.get(key)
        how = _how(was, cell)
        if how is not None:
            found.append(Moved(key, cell.level, cell.name, how))
    return sorted(found, key=lambda one: (one.level, one.name, one.key))


def _how(was: Cell | None, now: Cell) -> How | None:
    if was is None:
        return "new"
    if was.parent != now.parent or not was.outline.equals_exact(now.outline, 0):
        return "redrawn"
    return None if was.name == now.name else "renamed"


def _clashing(
    draft: Draft, base: Mapping[str, Cell], today: Mapping[str, Cell], touched: Collection[str], moved: list[Moved]
) -> list[str]:
    """Names of grids that both the draft and today changed, or in which both have made others."""
    changed = {one.key: one for one in moved if one.how != "renamed"}
    odd = {key: one.name for key, one in changed.items() if key in touched}
    shown = store.picture(draft).cells
    for key, one in changed.items():
        above = today[key].parent if key in today else ""
        if one.how == "new" and above in base and above not in shown:
            odd[above] = base[above].name
    parents = {cell.parent for cell in shown.values() if cell.key in touched}
    odd |= {key: changed[key].name for key in parents & changed.keys() if changed[key].how == "retired"}
    return sorted(set(odd.values()))


def _patch(
    base: Mapping[str, Cell], today: Mapping[str, Cell], touched: Collection[str]
) -> tuple[list[str], list[Cell]]:
    """Cells of step 0 that are no more, and those to be put in as they are today."""
    gone = [key for key in base if key not in today and key not in touched]
    put = [cell for key, cell in today.items() if key not in touched and _how(base.get(key), cell) is not None]
    return gone, put


def _patched(picture: Picture, gone: Collection[str], put: Collection[Cell]) -> Picture:
    cells = {key: cell for key, cell in picture.cells.items() if key not in set(gone)}
    cells.update((cell.key, cell) for cell in put)
    return Picture(cells.values())


def _begun(draft: Draft) -> datetime:
    """Since when today's grids are compared."""
    carried = draft.wish.get("carried_at")
    return datetime.fromisoformat(carried) if carried else draft.created_at


def _since_time(draft: Draft, today: Mapping[str, Cell]) -> list[Moved]:
    """Grids whose border began or ended since the draft was begun."""
    rows: Any = GridOutline.objects.filter(
        grid__scheme=draft.scheme_id, grid__scope_path__gt=draft.scope_path,
        grid__scope_path__lt=upper_bound(draft.scope_path),
    )  # fmt: skip
    begun = rows.filter(valid_from__gt=_begun(draft)) | rows.filter(valid_to__gt=_begun(draft), grid__active=False)
    found: dict[int, Moved] = {}
    for key, name, level, version in begun.values_list("grid_id", "grid__name", "grid__level_id", "version"):
        how: How = "retired" if f"g{key}" not in today else "new" if version == 1 else "redrawn"
        found.setdefault(key, Moved(f"g{key}", level, name, how))
    return sorted(found.values(), key=lambda one: (one.level, one.name, one.key))


def _drafts(draft: Draft) -> tuple[Draft, ...]:
    """Drafts in the reader's sight that came into force here since, the last first."""
    applied = Draft.objects.filter(state="applied", scheme=draft.scheme_id, applied_at__gt=_begun(draft))
    near = [
        one for one in applied.order_by("-applied_at", "-pk")[:200]
        if paths.within(one.scope_path, draft.scope_path) or paths.within(draft.scope_path, one.scope_path)
    ]  # fmt: skip
    return tuple(near[:20])
