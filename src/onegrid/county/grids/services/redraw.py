"""Split, merge and redraw: new versions of the map, nothing forgotten.

A grid that is split or merged is retired and keeps its key, code, path and last outline; new grids
take over with new keys, and a succession row says who took which share. Every change is published,
for those who store places: they move what lay in the old grids over to today's (`following.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import shapely
from django.db import connection
from shapely.geometry.base import BaseGeometry

from onegrid.county.grids.errors import DoesNotTile, GridNotFound, HasChildren, NotSiblings
from onegrid.county.grids.events import REPLACED, GridsReplaced
from onegrid.county.grids.models import Grid, GridOutline, GridSuccession
from onegrid.county.grids.rules import codes, paths, tiling
from onegrid.county.grids.rules.metres import area_m2
from onegrid.county.grids.services.versions import raise_version
from onegrid.foundation.database.bulk import next_keys
from onegrid.foundation.journal import services as journal


@dataclass(frozen=True)
class Part:
    """One of the grids a grid is split into."""

    name: str
    outline: BaseGeometry
    households: int = 0


def split(
    grid_id: int, parts: Sequence[Part], *, reason: str, pattern: codes.CodePattern, now: datetime
) -> GridsReplaced:
    """Retire a grid and put its parts in its place. The parts must tile it exactly.

    Raises GridNotFound, HasChildren, DoesNotTile, CodeExhausted. Runs in the caller's transaction.
    """
    old = _locked([grid_id])[0]
    _require_tiling(_outline(old), [part.outline for part in parts])
    made = [_make(old, part, pattern) for part in parts]
    shares = area_m2(np.array([part.outline for part in parts], dtype=object))
    _retire([old], now)
    for grid, part, share in zip(made, parts, shares / shares.sum(), strict=True):
        _start(grid, part.outline, now)
        GridSuccession.objects.create(
            predecessor=old, successor=grid, share=float(share), kind="split", reason=reason, at=now
        )
    raise_version(now)
    return _tell(GridsReplaced((old.scope_path,), tuple(grid.scope_path for grid in made), "split", reason, now))


def merge(
    grid_ids: Sequence[int], *, name: str, reason: str, pattern: codes.CodePattern, now: datetime
) -> GridsReplaced:
    """Retire grids of one level and one parent and put one grid in their place.

    Raises GridNotFound, HasChildren, NotSiblings. Runs in the caller's transaction.
    """
    olds = _locked(sorted(set(grid_ids)))
    if len(olds) < 2 or len({(old.parent_id, old.level_id) for old in olds}) != 1:
        raise NotSiblings("grids.errors.not_siblings")
    whole = shapely.union_all(np.array([_outline(old) for old in olds], dtype=object))
    made = _make(olds[0], Part(name, whole, sum(old.households for old in olds)), pattern)
    _retire(olds, now)
    _start(made, whole, now)
    for old in olds:
        GridSuccession.objects.create(predecessor=old, successor=made, share=1.0, kind="merge", reason=reason, at=now)
    raise_version(now)
    return _tell(GridsReplaced(tuple(old.scope_path for old in olds), (made.scope_path,), "merge", reason, now))


def redraw(outlines: Mapping[int, BaseGeometry], *, now: datetime) -> int:
    """Give siblings new borders; all active siblings together must tile their parent. Returns the map's version.

    Keys and paths stay; each gets a new outline version. Raises GridNotFound, NotSiblings, HasChildren, DoesNotTile.
    """
    grids = _locked(sorted(outlines))
    if len({(grid.parent_id, grid.level_id) for grid in grids}) != 1 or grids[0].parent is None:
        raise NotSiblings("grids.errors.not_siblings")
    siblings = Grid.objects.filter(parent=grids[0].parent, level=grids[0].level, active=True)
    _require_tiling(
        _outline(grids[0].parent), [outlines[grid.pk] if grid.pk in outlines else _outline(grid) for grid in siblings]
    )
    for grid in grids:
        GridOutline.objects.filter(grid=grid, valid_to=None).update(valid_to=now)
        grid.version += 1
        _start(grid, outlines[grid.pk], now)
    version = raise_version(now)
    changed = tuple(grid.scope_path for grid in grids)
    _tell(GridsReplaced(changed, changed, "redraw", "", now))
    return version


def _tell(event: GridsReplaced) -> GridsReplaced:
    """Publish in the running transaction."""
    journal.publish(REPLACED, event.payload(), now=event.at)
    return event


def _locked(grid_ids: Sequence[int]) -> list[Grid]:
    """The active grids, locked in key order, none with active grids below it."""
    grids = list(Grid.objects.select_for_update().filter(pk__in=grid_ids, active=True).order_by("pk"))
    if not grids or len(grids) != len(grid_ids):
        raise GridNotFound("grids.errors.not_found")
    if Grid.objects.filter(parent__in=grids, active=True).exists():
        raise HasChildren("grids.errors.has_children")
    return grids


def _outline(grid: Grid) -> BaseGeometry:
    current = GridOutline.objects.get(grid=grid, valid_to=None)
    return shapely.from_wkb(bytes(current.wkb))


def _require_tiling(parent: BaseGeometry, parts: Sequence[BaseGeometry]) -> None:
    found = tiling.faults(parent, parts)
    if found:
        where = [
            {"kind": fault.kind, "area_m2": round(fault.area_m2, 1), "lon": fault.lon, "lat": fault.lat}
            for fault in found
        ]
        raise DoesNotTile("grids.errors.does_not_tile", extra={"faults": where[:20]})


def _make(old: Grid, part: Part, pattern: codes.CodePattern) -> Grid:
    """A new active grid beside ``old``, with the next free code; its outline follows."""
    if old.parent is None:
        raise NotSiblings("grids.errors.not_siblings")
    step = Grid.objects.filter(pk__in=paths.keys(old.parent.scope_path), scheme__isnull=False).count()
    taken = list(Grid.objects.filter(parent=old.parent, scheme=old.scheme).values_list("code", flat=True))
    code = codes.extend(old.parent.code, codes.next_ordinal(taken, old.parent.code, pattern, step), pattern, step)
    [key] = next_keys("grids_grid", "id", 1)
    return Grid.objects.create(
        id=key, code=code, name=part.name, parent=old.parent, scheme=old.scheme, level=old.level,
        scope_path=paths.child(old.parent.scope_path, key), division_code=old.division_code, depth=old.depth,
        households=part.households, lon=0, lat=0, west=0, south=0, east=0, north=0, version=1,
    )  # fmt: skip


def _start(grid: Grid, outline: BaseGeometry, now: datetime) -> None:
    """Store an outline as the grid's current one, with label point and box."""
    spot = outline.point_on_surface()
    grid.lon, grid.lat = spot.x, spot.y
    grid.west, grid.south, grid.east, grid.north = outline.bounds
    grid.save()
    area = float(area_m2(np.array([outline], dtype=object))[0])
    GridOutline.objects.create(
        grid=grid, version=grid.version, valid_from=now, wkb=shapely.to_wkb(outline), area_m2=area
    )


def _retire(grids: Sequence[Grid], now: datetime) -> None:
    GridOutline.objects.filter(grid__in=grids, valid_to=None).update(valid_to=now)
    Grid.objects.filter(pk__in=[grid.pk for grid in grids]).update(active=False)


def today(grid_id: int) -> list[tuple[int, float]]:
    """The active grids a grid has become, each with its share of the old area; itself while it is active."""
    return today_many([grid_id])[grid_id]


def today_many(grid_ids: Collection[int]) -> dict[int, list[tuple[int, float]]]:
    """`today` for many grids by one query."""
    found: dict[int, list[tuple[int, float]]] = {key: [] for key in grid_ids}
    with connection.cursor() as cursor:
        cursor.execute(
            "with recursive followed (origin, id, share) as ("
            "  select id, id, 1.0::float8 from unnest(%s::bigint[]) as asked (id)"
            "  union all"
            "  select f.origin, s.successor_id, f.share * s.share from followed f"
            "  join grids_grid p on p.id = f.id and not p.active"
            "  join grids_gridsuccession s on s.predecessor_id = f.id"
            ") select f.origin, f.id, sum(f.share) from followed f join grids_grid g on g.id = f.id"
            " where g.active group by f.origin, f.id order by f.origin, f.id",
            [sorted(grid_ids)],
        )
        for origin, key, share in cursor.fetchall():
            found[int(origin)].append((int(key), float(share)))
    return found
