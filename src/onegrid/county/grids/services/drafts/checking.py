"""What is wrong with a draft: land that is nobody's or belongs to two, grids in pieces, without homes or too large."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from onegrid.county.grids.models import Draft, Grid, GridOutline, Level
from onegrid.county.grids.rules import checking as faults_of
from onegrid.county.grids.rules import tiling
from onegrid.county.grids.rules.editing import Cell, Picture
from onegrid.county.grids.rules.metres import area_m2
from onegrid.county.grids.rules.paths import upper_bound
from onegrid.county.grids.services.drafts import grounds

Kind = Literal["gap", "overlap", "outside", "pieces", "overload", "empty", "left_out", "crossing", "island"]
GRAVE: Final[frozenset[str]] = frozenset({"gap", "overlap", "outside"})
"""With one of these a draft is not sent."""
MOST: Final = 500


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, and where."""

    kind: Kind
    lon: float
    lat: float
    area_m2: float = 0.0
    cells: tuple[str, ...] = ()
    households: float = 0.0
    size: float = 0.0
    count: int = 0

    @property
    def grave(self) -> bool:
        """Whether it keeps the draft from being sent."""
        return self.kind in GRAVE


def grave(draft: Draft, picture: Picture) -> int:
    """How many grave faults the draft has."""
    return sum(1 for _ in tiling_faults(draft, picture))


def tiling_faults(draft: Draft, picture: Picture) -> Iterable[Fault]:
    """Gaps, overlaps and overhangs below every parent whose inside is not as it is today."""
    groups: dict[str, list[Cell]] = defaultdict(list)
    for cell in picture.cells.values():
        groups[cell.parent].append(cell)
    held = _held_today(draft)
    today = _today({*groups, *held, *picture.cells})
    for frame in sorted(held.keys() - groups.keys() - _inner(held)):
        if frame in today:
            spot = today[frame].representative_point()
            yield Fault("gap", spot.x, spot.y, float(area_m2(np.array([today[frame]], dtype=object))[0]))
    for parent, cells in sorted(groups.items()):
        own = picture.cells.get(parent)
        whole = own.outline if own is not None else today.get(parent)
        if whole is None or _untouched(cells, today, len(held.get(parent, ())), own):
            continue
        for fault in tiling.faults(whole, [cell.outline for cell in cells]):
            keys = tuple(cells[at].key for at in fault.children)
            yield Fault(fault.kind, fault.lon, fault.lat, fault.area_m2, keys)


def _untouched(cells: Sequence[Cell], today: Mapping[str, BaseGeometry], count: int, own: Cell | None) -> bool:
    """Whether a parent and everything in it is just as it is today, when it holds `count` grids."""
    if len(cells) != count or (own is not None and not _same(own, today)):
        return False
    return all(_same(cell, today) for cell in cells)


def _same(cell: Cell, today: Mapping[str, BaseGeometry]) -> bool:
    now = today.get(cell.key)
    return now is not None and cell.outline.equals_exact(now, 0)


def _held_today(draft: Draft) -> dict[str, list[str]]:
    """Which grids lie directly in which today, by key."""
    rows = Grid.objects.filter(
        scheme=draft.scheme_id, active=True, scope_path__gt=draft.scope_path,
        scope_path__lt=upper_bound(draft.scope_path),
    )  # fmt: skip
    found: dict[str, list[str]] = defaultdict(list)
    for key, parent in rows.values_list("pk", "parent_id"):
        found[f"g{parent}"].append(f"g{key}")
    return found


def _inner(held: Mapping[str, Sequence[str]]) -> set[str]:
    """Grids that lie in another of the same draft: no frames."""
    return {key for keys in held.values() for key in keys}


def _today(keys: Collection[str]) -> dict[str, BaseGeometry]:
    """Today's outlines by key, of all that name a grid of today."""
    wanted = [int(key[1:]) for key in keys if key.startswith("g")]
    rows = list(GridOutline.objects.filter(grid__in=wanted, valid_to=None).values_list("grid_id", "wkb"))
    shapes = shapely.from_wkb([bytes(wkb) for _, wkb in rows])
    return {f"g{key}": shape for (key, _), shape in zip(rows, shapes, strict=True)}


ODD: Final[Mapping[str, Kind]] = {"crossing_road": "crossing", "island": "island"}


def crossings(draft: Draft, picture: Picture) -> list[Fault]:
    """Grids of the lowest level that a main road cuts through, or that touch no other; asked of files, whose borders
    nobody laid along streets."""
    depth = dict(Level.objects.filter(scheme=draft.scheme_id).values_list("pk", "ordinal"))
    lowest = max((cell.level for cell in picture.cells.values()), key=lambda level: depth[level], default=0)
    cells = [cell for cell in picture.cells.values() if cell.level == lowest]
    if not cells:
        return []
    shapes = np.array([cell.outline for cell in cells], dtype=object)
    roads, ranks = grounds.features(draft.scope_path, shapely.box(*shapely.total_bounds(shapes)))["road"]
    return [
        Fault(ODD[fault.kind], *fault.where, fault.amount, tuple(cells[row].key for row in fault.grids))
        for fault in faults_of.check(shapes, roads=roads, road_rank=ranks.astype(np.int8))
        if fault.kind in ODD
    ]


def all_faults(
    draft: Draft, picture: Picture, households: Mapping[str, float], wished: Mapping[int, tuple[float, float]]
) -> list[Fault]:
    """Every fault, grave ones first. `wished`: size and tolerance by level."""
    found = list(tiling_faults(draft, picture))
    for cell in picture.cells.values():
        spot = cell.outline.representative_point()
        parts = len(shapely.get_parts(cell.outline))
        count = households.get(cell.key, 0.0)
        size, tolerance = wished.get(cell.level, (0.0, 0.0))
        if parts > 1:
            found.append(Fault("pieces", spot.x, spot.y, cells=(cell.key,)))
        if size and count > size * (1 + max(tolerance, 0.2)):
            found.append(Fault("overload", spot.x, spot.y, cells=(cell.key,), households=count, size=size))
        elif size and count == 0:
            found.append(Fault("empty", spot.x, spot.y, cells=(cell.key,), size=size))
    if draft.kind == "imported":
        found += crossings(draft, picture)
    left_out = int(draft.wish.get("left_out", 0))
    if left_out:
        found.append(Fault("left_out", draft.grid.lon, draft.grid.lat, count=left_out))
    return found[:MOST]
