"""The ground a draft is drawn on, from the registers and the base map: buildings with their homes, streets, water."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from onegrid.county.grids import surroundings
from onegrid.county.grids.models import MapFeature
from onegrid.county.grids.rules.drawing.ground import MAIN, PATH, STREET, THROUGH, TRUNK, Ground
from onegrid.county.grids.rules.paths import upper_bound
from onegrid.county.grids.surroundings import Homes

RANKS: Final = {"trunk": TRUNK, "main": MAIN, "through": THROUGH, "street": STREET, "path": PATH}
"""Kinds of roads on the base map; any other is a street."""
AROUND_DEGREES: Final = 2e-4
"""Streets a little outside an area still make its blocks."""


def ground_of(path: str, outline: BaseGeometry, *, name: str, code: str, homes: Homes | None = None) -> Ground:
    """Everything inside one outline, which lies in the grid `path`; residents are the weight."""
    homes = surroundings.homes(path) if homes is None else homes
    shapely.prepare(outline)
    inside = shapely.contains_xy(outline, homes.lon, homes.lat) if len(homes) else np.zeros(0, dtype=bool)
    households = homes.households[inside].astype(np.float64)
    layers = features(path, outline)
    lon, lat, feature = homes.lon[inside], homes.lat[inside], homes.feature[inside]
    names = np.array(homes.name, dtype=object)[inside] if len(homes) else np.empty(0, dtype=object)
    roads, ranks = layers["road"]
    return Ground(
        buildings=_footprints(lon, lat, feature, *layers["building"]),
        households=households,
        weight=homes.residents[inside].astype(np.float64),
        units=np.maximum(homes.units[inside], 1),
        floors=np.maximum(homes.floors[inside], 1),
        source=names,
        roads=roads,
        road_rank=ranks.astype(np.int8),
        water=layers["water"][0],
        areas=np.array([outline], dtype=object),
        area_names=[name],
        area_codes=[code],
    )


def features(path: str, outline: BaseGeometry) -> dict[str, tuple[NDArray[np.object_], NDArray[np.int64]]]:
    """Roads with rank, water, and buildings with id, of the base map in and around an outline."""
    rows = MapFeature.objects.filter(layer__in=("road", "water", "building"))
    wide = rows.filter(layer__in=("road", "water")) | rows.filter(
        layer="building", scope_path__gte=path, scope_path__lt=upper_bound(path)
    )
    box = shapely.box(*shapely.bounds(outline)).buffer(AROUND_DEGREES)
    found: dict[str, list[tuple[Any, int]]] = {"road": [], "water": [], "building": []}
    loaded = list(wide.order_by("pk").values_list("pk", "layer", "kind", "wkb"))
    shapes = shapely.from_wkb([bytes(row[3]) for row in loaded])
    near = shapely.intersects(shapes, box) if loaded else np.zeros(0, dtype=bool)
    for (key, layer, kind, _), shape, close in zip(loaded, shapes, near, strict=True):
        if close:
            found[layer].append((shape, RANKS.get(kind, STREET) if layer == "road" else key))
    return {
        layer: (_objects([one for one, _ in some]), np.array([number for _, number in some], dtype=np.int64))
        for layer, some in found.items()
    }


def _footprints(
    lon: NDArray[np.float64], lat: NDArray[np.float64], feature: NDArray[np.int64], shapes: NDArray[np.object_],
    keys: NDArray[np.int64],
) -> NDArray[np.object_]:  # fmt: skip
    """The outline of each building: the one it names, else the one its point lies in, else its point."""
    found = _objects(list(shapely.points(lon, lat))) if len(lon) else np.empty(0, dtype=object)
    area = np.flatnonzero(shapely.get_dimensions(shapes) == 2) if len(shapes) else np.zeros(0, dtype=np.int64)
    if not len(area) or not len(found):
        return found
    place = {int(keys[at]): int(at) for at in area}
    used: set[int] = set()
    point, shape = shapely.STRtree(shapes[area]).query(found, predicate="within")
    within = {int(one): int(area[other]) for one, other in zip(point, shape, strict=True)}
    for at in range(len(found)):
        named = place.get(int(feature[at]), within.get(at))
        if named is not None and named not in used:
            used.add(named)
            found[at] = shapes[named]
    return found


def _objects(shapes: list[Any]) -> NDArray[np.object_]:
    """An array of geometries, never of coordinates."""
    made = np.empty(len(shapes), dtype=object)
    made[:] = shapes
    return made
