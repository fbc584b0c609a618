"""Editing a draft by hand: each verb is one step that can be taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
import shapely
from django.db.models import Q
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from onegrid.county.grids import surroundings
from onegrid.county.grids.errors import BorderUnusable, LineDoesNotSplit, NothingToUndo
from onegrid.county.grids.models import Draft, Grid, GridOutline, MapFeature
from onegrid.county.grids.rules import bending, editing, paths
from onegrid.county.grids.rules.editing import Cell, Change, Guides, Picture
from onegrid.county.grids.rules.paths import upper_bound
from onegrid.county.grids.services.drafts import checking, counting, store
from onegrid.foundation.accounts.actor import Actor

NEAR: Final = 0.005
"""Degrees: no building is larger than twice that."""
LONGEST: Final = 2_000
"""Points of a hand-drawn line; more is a mistake of the page."""


def split(
    actor: Actor, draft: Draft, *, cell: str, line: Any, names: Sequence[str], snap_m: float, now: datetime
) -> Change:
    """Cut a cell along a GeoJSON line. Raises LineDoesNotSplit, CellNotFound."""
    drawn = _geometry(line, ("LineString",))
    if drawn is None:
        raise LineDoesNotSplit("drafts.errors.line_unreadable")
    here = store.picture(draft)
    guides = guides_near(draft, drawn, snap_m)
    change = editing.split(here, cell, drawn, names=names, fresh=store.Fresh(draft), guides=guides)
    return _step(actor, draft, here, change, "split", now)


def merge(actor: Actor, draft: Draft, *, cells: Sequence[str], name: str, now: datetime) -> Change:
    """One cell in the place of several. Raises NotSiblings, NotAdjacent, CellNotFound."""
    here = store.picture(draft)
    change = editing.merge(here, cells, name=name, fresh=store.Fresh(draft))
    return _step(actor, draft, here, change, "merge", now)


def border(actor: Actor, draft: Draft, *, cell: str, land: Any, exactly: bool, snap_m: float, now: datetime) -> Change:
    """Give a cell land as a GeoJSON polygon, or exactly that land. Raises BorderUnusable, CellNotFound."""
    drawn = _geometry(land, ("Polygon", "MultiPolygon"))
    if drawn is None:
        raise BorderUnusable("drafts.errors.border_no_polygon")
    here = store.picture(draft)
    guides = guides_near(draft, drawn, snap_m)
    frame = _frame(here, here.cell(cell))
    change = editing.give(here, cell, drawn, guides=guides, exactly=exactly, frame=frame)
    return _step(actor, draft, here, change, "border", now)


def bend(actor: Actor, draft: Draft, *, cell: str, other: str, line: Any, snap_m: float, now: datetime) -> Change:
    """Give two siblings the border drawn, a GeoJSON line for each of `shared_border`. Raises CellNotFound, NotSiblings,
    NotAdjacent, BorderUnusable."""
    drawn = _geometry(line, ("LineString", "MultiLineString"))
    if drawn is None:
        raise BorderUnusable("drafts.errors.border_no_line")
    here = store.picture(draft)
    change = bending.bend(here, cell, other, drawn, guides=guides_near(draft, drawn, snap_m))
    return _step(actor, draft, here, change, "border", now)


def shared_border(draft: Draft, cell: str, other: str) -> list[list[list[float]]]:
    """The border two siblings share, as lines of corners in degrees, the longest first. Raises as `bend`."""
    lines: list[list[list[float]]] = [line.tolist() for line in bending.border_of(store.picture(draft), cell, other)]
    return lines


def _frame(here: Picture, cell: Cell) -> BaseGeometry | None:
    """The outline of a parent that the draft leaves as it is."""
    if cell.parent in here.cells:
        return None
    row = GridOutline.objects.filter(grid=int(cell.parent[1:]), valid_to=None).values_list("wkb", flat=True).first()
    return shapely.from_wkb(bytes(row)) if row is not None else None


def rename(actor: Actor, draft: Draft, *, cell: str, name: str, now: datetime) -> Change:
    """Another name for a cell. Raises CellNotFound."""
    here = store.picture(draft)
    return _step(actor, draft, here, editing.rename(here, cell, name), "rename", now)


def undo(draft: Draft, *, now: datetime) -> None:
    """Show the step before. Raises NothingToUndo at the beginning."""
    _go(draft, -1, now)


def redo(draft: Draft, *, now: datetime) -> None:
    """Show the step after. Raises NothingToUndo at the end."""
    _go(draft, 1, now)


def _go(draft: Draft, by: int, now: datetime) -> None:
    if not 0 <= draft.step + by <= draft.steps:
        raise NothingToUndo()
    draft.step += by
    draft.changed_at = now
    settle(draft, store.picture(draft))


def _step(actor: Actor, draft: Draft, before: Picture, change: Change, action: str, now: datetime) -> Change:
    """Store a change as the next step, with who lives in what it put and whether anything is wrong now."""
    counts = counting.known(change.put, surroundings.homes(frame_path(draft, before, change)), stored_households(draft))
    store.add_step(draft, change, counts, action=action, actor=actor, now=now)
    settle(draft, before.after(change))
    return change


def settle(draft: Draft, here: Picture) -> None:
    """Store what the picture now shown amounts to."""
    draft.faults, draft.after = checking.grave(draft, here), store.counted(draft, here)
    draft.save()


def redrawn(
    actor: Actor, draft: Draft, before: Picture, change: Change, counts: Mapping[str, counting.Count], *, now: datetime
) -> Change:
    """Store what an engine drew in place of some cells as one step, with whom it counted in each."""
    store.add_step(draft, change, counts, action="redraw", actor=actor, now=now)
    settle(draft, before.after(change))
    return change


def frame_path(draft: Draft, picture: Picture, change: Change) -> str:
    """The path of the smallest grid left as it is around everything a change touches."""
    tops: set[str] = set()
    fresh = {cell.key: cell for cell in change.put}
    for cell in (*change.put, *(picture.cells[key] for key in change.gone)):
        at: Cell = cell
        while (above := fresh.get(at.parent) or picture.cells.get(at.parent)) is not None:
            at = above
        tops.add(at.parent)
    if len(tops) != 1:
        return str(draft.scope_path)
    for path in Grid.objects.filter(pk=int(tops.pop()[1:])).values_list("scope_path", flat=True):
        return str(path)
    return str(draft.scope_path)


def stored_households(draft: Draft) -> dict[int, int]:
    """Households each grid inside was planted with, for a locality without registers."""
    rows = Grid.objects.filter(scope_path__gte=draft.scope_path, scope_path__lt=upper_bound(draft.scope_path))
    return dict(rows.filter(scheme=draft.scheme_id, active=True).values_list("pk", "households"))


def guides_near(draft: Draft, drawn: BaseGeometry, snap_m: float) -> Guides:
    """Streets, rivers and buildings of the base map around what was drawn."""
    west, south, east, north = drawn.bounds
    margin = max(snap_m, 1.0) * 1e-5 * 3
    box = (west - margin, south - margin, east + margin, north + margin)
    inside = Q(scope_path__gte=draft.scope_path, scope_path__lt=upper_bound(draft.scope_path))
    streets = Q(layer__in=("road", "water")) & (inside | Q(scope_path__in=list(paths.ancestors(draft.scope_path))))
    houses = Q(layer="building", lon__range=(box[0] - NEAR, box[2] + NEAR), lat__range=(box[1] - NEAR, box[3] + NEAR))
    lines, buildings = _boxed(MapFeature.objects.filter(streets | (houses & inside)).values_list("layer", "wkb"), box)
    return Guides(lines, buildings, snap_m)


def _boxed(rows: Any, box: tuple[float, float, float, float]) -> tuple[Any, Any]:
    layers, shapes = [], []
    for layer, wkb in rows:
        layers.append(layer)
        shapes.append(bytes(wkb))
    geometries = shapely.from_wkb(shapes)
    if not len(geometries):
        return np.empty(0, dtype=object), np.empty(0, dtype=object)
    layer = np.array(layers, dtype=object)
    hit = shapely.intersects(geometries, shapely.box(*box))
    area = shapely.get_dimensions(geometries) == 2
    lines = geometries[hit & ~area & (layer != "building")]
    shores = shapely.boundary(geometries[hit & area & (layer == "water")])
    return np.concatenate([lines, shores]), geometries[hit & area & (layer == "building")]


def _geometry(given: Any, kinds: Sequence[str]) -> BaseGeometry | None:
    """A GeoJSON geometry of one of the kinds; None when it is none or makes no sense."""
    try:
        found = shape(given)
        points = shapely.get_coordinates(found)
    except Exception:  # shapely raises a dozen kinds of errors for what is no geometry
        return None
    whole = found.geom_type in kinds and 0 < len(points) <= LONGEST and bool(np.isfinite(points).all())
    return shapely.force_2d(found) if whole else None
