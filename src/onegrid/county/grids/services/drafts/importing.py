"""A partition somebody else drew, from a file into a draft: its outlines, with every fault to be mended before sending.

Levels above those of the file stay as they are today; levels below are no more, because their grids lie in others now.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from onegrid.county.grids import surroundings
from onegrid.county.grids.errors import FileRefused, NotDrawable
from onegrid.county.grids.models import Draft, Grid, GridOutline, Level
from onegrid.county.grids.permissions import may_draw
from onegrid.county.grids.rules.editing import Cell, Picture
from onegrid.county.grids.services.drafts import beginning, checking, counting, drawing, store
from onegrid.county.grids.services.drafts.beginning import Wanted
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.kernel.texts import Lang

MOST_BYTES: Final = 64 * 1024 * 1024
SAME: Final = 0.5
"""A grid of today goes on as the outline that has more than this share of it, and that lies in it to as much."""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A file as it was sent. `fields`: which columns hold "name" and "code"; those not said are found by their
    names."""

    name: str
    pieces: Iterable[bytes]
    datum: str = "wgs84"
    fields: Mapping[str, str] = field(default_factory=dict)


def columns(actor: Actor, sheet: Sheet) -> Any:
    """The file's columns, as `FileColumns`. Raises Forbidden, FileRefused."""
    may_draw(actor)
    return _read(sheet, actor.lang, lambda existing, path: existing.read_columns(path))


def take(actor: Actor, wanted: Wanted, sheet: Sheet, *, level: str, now: datetime) -> Draft:
    """A draft of a file's grids. `level`: of outlines that say none themselves. Grids with the code of one of today go
    on as that one. Raises as `begin`, FileRefused with what is wrong with the file."""
    may_draw(actor)
    found = _read(
        sheet, actor.lang,
        lambda existing, path: existing.read_grids(path, datum=sheet.datum, fields=sheet.fields),
    )  # fmt: skip
    draft = beginning.begin(actor, wanted, state="open", now=now)
    levels = beginning.levels_below(draft.grid, draft.scheme)
    at = _levels_of(found.levels, levels, level)
    today, _ = beginning.todays_cells(draft.scope_path, draft.scheme_id)
    highest = min(one.ordinal for one in levels if one.pk in set(at))
    upper = {one.pk for one in levels if one.ordinal < highest}
    cells: list[Cell] = [cell for cell in today if cell.level in upper]
    holders = cells if cells else _frames(draft)
    left_out = 0
    for one in levels:
        rows = np.flatnonzero(at == one.pk)
        if not len(rows):
            if one.pk in upper:
                holders = [cell for cell in cells if cell.level == one.pk]
            continue
        inside, said = _placed(found, rows, one, holders, store.Fresh(draft))
        left_out += len(rows) - len(inside)
        olds = [cell for cell in today if cell.level == one.pk]
        own = _going_on(inside, olds, _by_code(inside, said, olds))
        cells += own
        holders = own
    if not any(cell.level in set(at) for cell in cells):
        raise FileRefused("drafts.errors.file_elsewhere")
    homes = surroundings.homes(draft.scope_path)
    store.insert(draft, cells, counting.count(cells, homes), step=0)
    here = Picture(cells)
    draft.wish = {"file": sheet.name, "left_out": left_out}
    draft.after, draft.faults = store.counted(draft, here), checking.grave(draft, here)
    draft.save()
    return draft


def _read(sheet: Sheet, lang: Lang, read: Callable[[Any, Path], Any]) -> Any:
    """What is read of a file. The readers are loaded when they are needed; the file lies on the disk no longer than
    that."""
    existing = import_module("onegrid.county.grids.rules.files.existing")
    problems = import_module("onegrid.county.grids.rules.files.problems")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / (Path(sheet.name).name or "grids")
        size = 0
        with path.open("wb") as target:
            for piece in sheet.pieces:
                size += len(piece)
                if size > MOST_BYTES:
                    raise FileRefused("drafts.errors.file_too_large", megabytes=MOST_BYTES // 1024 // 1024)
                target.write(piece)
        try:
            return read(existing, path)
        except problems.BadFiles as why:
            said = [problem.say(lang) for problem in why.problems]
            raise FileRefused(
                "drafts.errors.file_refused", why=" ".join(said[:5]), extra={"problems": said[:50]}
            ) from why


def _levels_of(said: Sequence[str], levels: Sequence[Level], otherwise: str) -> NDArray[np.int64]:
    """The level of each outline: what the file says, else the one given. Raises NotDrawable, FileRefused."""
    names = {word.casefold(): one.pk for one in levels for word in (one.title_en, one.title_zh, one.key) if word}
    default = names.get(otherwise.casefold()) if otherwise else None
    if default is None and not all(said):
        raise NotDrawable("drafts.errors.level_unknown", level=otherwise)
    found = [names.get(word.strip().casefold(), default) if word else default for word in said]
    odd = sorted({word for word, one in zip(said, found, strict=True) if one is None})
    if odd:
        raise FileRefused("drafts.errors.level_unknown", level="、".join(odd[:5]))
    return np.array(found, dtype=np.int64)


def _frames(draft: Draft) -> list[Cell]:
    """The grids the uppermost outlines may lie in, as if they were cells."""
    keys = drawing.frames_of(draft)
    grids = Grid.objects.in_bulk(keys)
    rows = GridOutline.objects.filter(grid__in=keys, valid_to=None).values_list("grid_id", "wkb")
    return [
        Cell(f"g{key}", "", grids[key].level_id, grids[key].name, shapely.from_wkb(bytes(wkb)), key)
        for key, wkb in rows
    ]


def _placed(
    found: Any, rows: NDArray[np.int64], level: Level, holders: Sequence[Cell], fresh: store.Fresh
) -> tuple[list[Cell], list[str]]:
    """Outlines of one level as cells of the holder that has most of each, without those that lie in none; and the code
    each has in the file."""
    shapes = found.outlines[rows]
    tree = shapely.STRtree(np.array([one.outline for one in holders], dtype=object))
    left, right = tree.query(shapes, predicate="intersects")
    over = shapely.area(shapely.intersection(shapes[left], tree.geometries[right]))
    best: dict[int, tuple[float, int]] = {}
    for one, other, area in zip(left.tolist(), right.tolist(), over.tolist(), strict=True):
        best[one] = max(best.get(one, (0.0, -1)), (area, other))
    cells: list[Cell] = []
    said: list[str] = []
    count: dict[str, int] = {}
    for at, row in enumerate(rows.tolist()):
        area, holder = best.get(at, (0.0, -1))
        if holder < 0 or area * 2 < shapes[at].area:
            continue
        above = holders[holder]
        count[above.key] = count.get(above.key, 0) + 1
        name = found.names[row] or f"{above.name}{count[above.key]}{level.title_zh}"
        cells.append(Cell(fresh(), above.key, level.pk, name, shapes[at]))
        said.append(found.codes[row])
    return cells, said


def _by_code(cells: Sequence[Cell], said: Sequence[str], today: Sequence[Cell]) -> dict[int, Cell]:
    """Which cells have the code of a grid of today with the same parent, each code once."""
    codes = dict(Grid.objects.filter(pk__in=[old.grid for old in today]).values_list("pk", "code"))
    olds = {codes[int(old.grid or 0)]: old for old in today}
    once = Counter(said)
    return {
        at: olds[code]
        for at, (cell, code) in enumerate(zip(cells, said, strict=True))
        if code in olds and once[code] == 1 and olds[code].parent == cell.parent
    }


def _going_on(cells: Sequence[Cell], today: Sequence[Cell], known: Mapping[int, Cell]) -> list[Cell]:
    """The cells, those that are mostly a grid of today with the same parent under its key; `known` ones by code."""
    if not today or not cells:
        return list(cells)
    olds = np.array([one.outline for one in today], dtype=object)
    shapes = np.array([cell.outline for cell in cells], dtype=object)
    left, right = shapely.STRtree(olds).query(shapes, predicate="intersects")
    over = shapely.area(shapely.intersection(shapes[left], olds[right]))
    result = list(cells)
    taken = {old.key for old in known.values()}
    for one, other, area in zip(left.tolist(), right.tolist(), over.tolist(), strict=True):
        cell, old = cells[one], today[other]
        mostly = area > SAME * old.outline.area and area > SAME * cell.outline.area
        free = one not in known and old.key not in taken and mostly and cell.parent == old.parent
        if free or known.get(one) is old:
            same = cell.outline.equals_exact(old.outline, 1e-9) or _close(cell, old, area)
            outline = old.outline if same else cell.outline
            result[one] = Cell(old.key, old.parent, old.level, cell.name, outline, old.grid)
    return result


def _close(cell: Cell, old: Cell, shared: float) -> bool:
    """Whether two outlines differ by less than the rounding of a file."""
    union = cell.outline.area + old.outline.area - shared
    return bool(union > 0 and shared / union > 1 - 1e-7)
