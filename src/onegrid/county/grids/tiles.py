"""Vector tiles of the map: what is shown at which zoom, and a cache of finished tiles.

Layers: ``base`` (water, green, road, building), ``grids``, ``grid_labels``, ``building_labels``. A
tile depends on nothing but the map's version, so it may be kept for ever under it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import shapely
from numpy.typing import NDArray

from onegrid.county.grids.models import GridOutline, MapFeature
from onegrid.county.grids.rules import mvt
from onegrid.county.grids.selectors import places as locate

LayerName = Literal["base", "grids", "grid_labels", "building_labels"]
LAYERS: tuple[str, ...] = get_args(LayerName)
MAX_ZOOM = 20
_CACHED = 6000
_PIXELS = 512
# A grid is drawn while it is between these sizes on the screen, in pixels; labels want more room.
_DRAWN = (14.0, 6000.0)
_LABELLED = (60.0, 1600.0)
_BASE_FROM = {"river": 0, "wood": 9, "field": 11, "park": 11, "trunk": 9, "main": 11, "through": 13, "street": 13}
_BUILDINGS_FROM = 14
_BUILDING_LABELS_FROM = 17


@dataclass(frozen=True)
class _Sheet:
    """Everything drawable of one locality at one version, as arrays with a tree over the boxes."""

    ids: NDArray[np.int64]
    shapes: NDArray[np.object_]
    properties: list[dict[str, mvt.Value]]
    layer: NDArray[np.object_]
    from_zoom: NDArray[np.int64]
    to_zoom: NDArray[np.int64]
    tree: shapely.STRtree


_sheets: OrderedDict[tuple[str, int, str], _Sheet] = OrderedDict()
_tiles: OrderedDict[tuple[str, int, str, int, int, int], bytes] = OrderedDict()
_lock = threading.Lock()


def tile(layer: LayerName, z: int, x: int, y: int) -> bytes:
    """One tile's bytes, empty when nothing lies in it or the address is outside the world."""
    if not (0 <= z <= MAX_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z):
        return b""
    locality, version = locate.version_seen()
    key = (locality, version, layer, z, x, y)
    with _lock:
        found = _tiles.get(key)
        if found is not None:
            _tiles.move_to_end(key)
            return found
    made = _draw(_sheet(locality, version, layer), z, x, y)
    with _lock:
        _tiles[key] = made
        while len(_tiles) > _CACHED:
            _tiles.popitem(last=False)
    return made


def forget() -> None:
    """Drop everything drawn (tests, rolled-back plantings)."""
    with _lock:
        _sheets.clear()
        _tiles.clear()


def _draw(sheet: _Sheet, z: int, x: int, y: int) -> bytes:
    west, south, east, north = mvt.tile_bounds(z, x, y, buffer=mvt.BUFFER / mvt.EXTENT)
    hits = np.sort(sheet.tree.query(shapely.box(west, south, east, north)))
    hits = hits[(sheet.from_zoom[hits] <= z) & (sheet.to_zoom[hits] >= z)]
    layers = []
    for name in dict.fromkeys(sheet.layer[hits].tolist()):
        own = hits[sheet.layer[hits] == name]
        layers.append(mvt.Layer(name, sheet.ids[own].tolist(), sheet.shapes[own], [sheet.properties[at] for at in own]))
    return mvt.encode(z, x, y, layers)


def _sheet(locality: str, version: int, layer: LayerName) -> _Sheet:
    key = (locality, version, layer)
    with _lock:
        found = _sheets.get(key)
    if found is None:
        found = _grids(labels=layer == "grid_labels") if layer.startswith("grid") else _features(labels=layer != "base")
        with _lock:
            for old in [old for old in _sheets if old[0] == locality and old[1] != version]:
                del _sheets[old]
            _sheets[key] = found
    return found


def _grids(*, labels: bool) -> _Sheet:
    """Grids (or their label points), each shown while it has a sensible size on the screen."""
    grids = locate.index().grids
    if labels:
        order = list(grids)
        shapes = (
            shapely.points([[grids[key].lon, grids[key].lat] for key in order]) if order else np.empty(0, dtype=object)
        )
        name = "grid_labels"
    else:
        rows = list(
            GridOutline.objects.filter(grid__in=list(grids), valid_to=None)
            .order_by("grid_id")
            .values_list("grid_id", "wkb")
        )
        order = [key for key, _ in rows]
        shapes = shapely.from_wkb([bytes(wkb) for _, wkb in rows])
        name = "grids"
    properties: list[dict[str, mvt.Value]] = [
        {
            "id": str(key), "name": grids[key].name, "code": grids[key].code, "level": grids[key].level,
            "scheme": grids[key].scheme, "depth": grids[key].depth, "households": grids[key].households,
        }
        for key in order
    ]  # fmt: skip
    low, high = _LABELLED if labels else _DRAWN
    sizes = _level_sizes(locate.index())
    size = np.array([sizes[grids[key].scheme, grids[key].level] for key in order])
    per_degree = _PIXELS / 360.0
    first = np.ceil(np.log2(low / (size * per_degree))) if order else np.empty(0)
    last = np.floor(np.log2(high / (size * per_degree))) if order else np.empty(0)
    # Divisions stay as a frame at every larger zoom, so that one always sees where one is.
    frame = np.array([grids[key].scheme == "" and not labels for key in order], dtype=bool)
    return _made(
        order, np.asarray(shapes, dtype=object), properties, [name] * len(order), first, np.where(frame, MAX_ZOOM, last)
    )


def _level_sizes(index: locate.LocalityIndex) -> dict[tuple[str, str], float]:
    """The usual width of a level's grids in degrees: all of one level appear and disappear together."""
    widths: dict[tuple[str, str], list[float]] = {}
    for info in index.grids.values():
        widths.setdefault((info.scheme, info.level), []).append(
            max(info.bbox[2] - info.bbox[0], info.bbox[3] - info.bbox[1], 1e-6)
        )
    return {level: float(np.median(found)) for level, found in widths.items()}


def _features(*, labels: bool) -> _Sheet:
    """The base map, or the addresses and floors of buildings as points."""
    rows = MapFeature.objects.order_by("pk")
    if labels:
        rows = rows.filter(layer="building")
    found = list(rows.values_list("pk", "layer", "kind", "name", "levels", "lon", "lat", "wkb"))
    if labels:
        shapes = shapely.points([row[5:7] for row in found]) if found else np.empty(0, dtype=object)
    else:
        shapes = shapely.from_wkb([bytes(row[7]) for row in found])
    properties: list[dict[str, mvt.Value]] = []
    for pk, layer, kind, name, levels, *_ in found:
        about: dict[str, mvt.Value] = {"id": str(pk), "kind": kind, "name": name}
        if layer == "building":
            about["levels"] = levels
            about["height"] = max(1, levels) * 3
        properties.append(about)
    first = [
        _BUILDING_LABELS_FROM if labels else _BUILDINGS_FROM if row[1] == "building" else _BASE_FROM.get(row[2], 12)
        for row in found
    ]
    layers = ["building_labels" if labels else row[1] for row in found]
    return _made([row[0] for row in found], np.asarray(shapes, dtype=object), properties, layers,
                 np.array(first, dtype=float), np.full(len(found), float(MAX_ZOOM)))  # fmt: skip


def _made(
    ids: list[int], shapes: NDArray[np.object_], properties: list[dict[str, mvt.Value]], layers: list[str],
    first: NDArray[np.float64], last: NDArray[np.float64],
) -> _Sheet:  # fmt: skip
    return _Sheet(
        np.array(ids, dtype=np.int64), shapes, properties, np.array(layers, dtype=object),
        first.astype(np.int64), last.astype(np.int64), shapely.STRtree(shapes),
    )  # fmt: skip
