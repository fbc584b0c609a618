"""What tiles are cut from: everything drawable of one locality as arrays with a tree over the boxes.

A sheet is made once per process and brought up to date when the map changes: outlines that did not change are not read
again, and the base map is not touched by a change of the grids.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
import shapely
from django.db import connection
from numpy.typing import NDArray

from onegrid.county.grids.models import Grid, GridOutline, MapFeature
from onegrid.county.grids.rules import mvt
from onegrid.county.grids.rules.zooms import MAX_ZOOM, Key, Zooms, zooms
from onegrid.county.grids.selectors.reading import division_levels, schemes

Base = Literal["base", "building_labels", "place_labels"]
HEIGHT_M: Final = 3.0
"""Of a floor, where nothing else is known."""
_BASE_FROM: Final = {
    "river": 0, "wood": 9, "field": 11, "park": 11, "trunk": 9, "main": 11, "through": 13, "street": 13,
}  # fmt: skip
_BUILDINGS_FROM: Final = 14
_BUILDING_LABELS_FROM: Final = 17
_PLACE_LABELS_FROM: Final = 13
_AT_ONCE: Final = 4000
_COLUMNS: Final = (
    *("pk", "name", "code", "scheme__key", "level__key", "depth", "households", "parent_id", "lon", "lat"),
)


@dataclass(frozen=True)
class GridSheet:
    """The active grids with their outlines in force, all levels together."""

    rows: Sequence[tuple[Any, ...]]
    """`_COLUMNS` of each grid."""
    shapes: NDArray[np.object_]
    tree: shapely.STRtree
    levels: Sequence[Key]
    level: NDArray[np.int64]
    """Of each grid, its place in `levels`."""
    zooms: Zooms
    outlines: Mapping[int, Any] = field(default_factory=dict, repr=False)
    """Outline's key → shape, for the next sheet."""

    def about(self, at: int, *, frame: bool) -> dict[str, mvt.Value]:
        """What a tile says of a grid."""
        pk, name, code, scheme, level, depth, households, *_ = self.rows[at]
        return {
            "id": str(pk), "name": name, "code": code, "level": level, "scheme": scheme or "", "depth": depth,
            "households": households, "frame": frame,
        }  # fmt: skip

    def points(self, places: NDArray[np.int64]) -> NDArray[np.object_]:
        """Where the labels of these grids stand."""
        spots = np.array([self.rows[at][-2:] for at in places.tolist()], dtype=np.float64).reshape(-1, 2)
        return np.asarray(shapely.points(spots), dtype=object)


def grid_sheet(before: GridSheet | None = None) -> GridSheet:
    """The sheet of the grids as they are; two statements and one for outlines that `before` does not hold."""
    order = [("", one.key) for one in division_levels()]
    order += [
        (scheme.key, one.key) for scheme in schemes() for one in scheme.levels if not one.division and not one.holds
    ]
    current = dict(
        GridOutline.objects.filter(valid_to=None, grid__active=True).order_by("grid_id").values_list("grid_id", "pk")
    )
    rows = [row for row in Grid.objects.filter(active=True).order_by("pk").values_list(*_COLUMNS) if row[0] in current]
    outlines = _outlines([current[row[0]] for row in rows], before.outlines if before else {})
    shapes = np.empty(len(rows), dtype=object)
    shapes[:] = [outlines[current[row[0]]] for row in rows]
    keys = [(row[3] or "", row[4]) for row in rows]
    place = {key: at for at, key in enumerate(dict.fromkeys([*order, *keys]))}
    level = np.array([place[key] for key in keys], dtype=np.int64)
    known = list(place)
    parents = np.array([row[7] or 0 for row in rows], dtype=np.int64)
    table = zooms(_sizes(shapes, level, parents, known), known)
    return GridSheet(rows, shapes, shapely.STRtree(shapes), known, level, table, outlines)


def _outlines(wanted: Sequence[int], known: Mapping[int, Any]) -> dict[int, Any]:
    """Shapes by outline; only those not known yet are read."""
    found = {key: known[key] for key in wanted if key in known}
    missing = [key for key in wanted if key not in found]
    for start in range(0, len(missing), _AT_ONCE):
        block = missing[start : start + _AT_ONCE]
        read = list(GridOutline.objects.filter(pk__in=block).values_list("pk", "wkb"))
        shapes = shapely.from_wkb([bytes(wkb) for _, wkb in read])
        found.update(zip([key for key, _ in read], shapes, strict=True))
    return found


def _sizes(
    shapes: NDArray[np.object_], level: NDArray[np.int64], parents: NDArray[np.int64], levels: Sequence[Key]
) -> dict[Key, float]:
    """The usual width of a level's grids in degrees: all of one level appear and disappear together.

    An only child says nothing of its level: it is as wide as what it divides. Where all are, they count.
    """
    if not len(shapes):
        return {}
    _, place, count = np.unique(np.column_stack([parents, level]), axis=0, return_inverse=True, return_counts=True)
    divides = count[place.ravel()] > 1
    bounds = shapely.bounds(shapes)
    width = np.maximum(np.maximum(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1]), 1e-6)
    found = {}
    for at in np.unique(level).tolist():
        own = level == at
        some = own & divides
        found[levels[at]] = float(np.median(width[some if some.any() else own]))
    return found


@dataclass(frozen=True)
class BaseSheet:
    """The base map, or the points at which its names stand."""

    ids: NDArray[np.int64]
    shapes: NDArray[np.object_]
    layer: NDArray[np.object_]
    about: Sequence[tuple[Any, ...]]
    """Kind, name and floors of each."""
    first: NDArray[np.int64]
    tree: shapely.STRtree
    labels: bool

    def properties(self, at: int) -> dict[str, mvt.Value]:
        """What a tile says of a thing; buildings carry their address only where labels are."""
        kind, name, levels = self.about[at]
        if self.layer[at] == "building":
            return {"id": str(self.ids[at]), "kind": kind, "levels": levels, "height": max(1, levels) * HEIGHT_M}
        found: dict[str, mvt.Value] = {"id": str(self.ids[at]), "kind": kind, "name": name}
        if self.layer[at] == "building_labels":
            found |= {"levels": levels, "height": max(1, levels) * HEIGHT_M}
        return found


def base_version() -> str:
    """Changes when anything of the base map was added, changed or taken away; one pass over its table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), max(id), max(xmin::text::bigint) FROM grids_mapfeature")
        return "-".join(str(part or 0) for part in cursor.fetchone())


def base_sheet(layer: Base) -> BaseSheet:
    """Water, green, roads and buildings; or the addresses of buildings; or the names of waters and parks."""
    rows = MapFeature.objects.order_by("pk")
    if layer == "building_labels":
        rows = rows.filter(layer="building").exclude(name="")
    elif layer == "place_labels":
        rows = rows.filter(layer__in=("water", "green")).exclude(name="")
    points = layer != "base"
    found = list(rows.values_list("pk", "layer", "kind", "name", "levels", "lon", "lat", *(() if points else ("wkb",))))
    if points:
        spots = np.array([row[5:7] for row in found], dtype=np.float64).reshape(-1, 2)
        shapes = shapely.points(spots)
    else:
        shapes = shapely.from_wkb([bytes(row[7]) for row in found])
    shapes = np.asarray(shapes, dtype=object)
    return BaseSheet(
        ids=np.array([row[0] for row in found], dtype=np.int64),
        shapes=shapes,
        layer=np.array([layer if points else row[1] for row in found], dtype=object),
        about=[row[2:5] for row in found],
        first=np.array([_first(layer, row[1], row[2]) for row in found], dtype=np.int64),
        tree=shapely.STRtree(shapes),
        labels=points,
    )


def _first(layer: Base, own: str, kind: str) -> int:
    """The zoom from which a thing is drawn."""
    if layer == "building_labels":
        return _BUILDING_LABELS_FROM
    if layer == "place_labels":
        return _PLACE_LABELS_FROM
    return _BUILDINGS_FROM if own == "building" else min(MAX_ZOOM, _BASE_FROM.get(kind, 12))
