"""Vector tiles of the map, and a cache of finished ones.

Layers: ``base`` (water, green, road, building), ``grids`` and ``grid_labels`` (one level by zoom, or the one asked for,
with frames around it), ``building_labels``, ``place_labels``. A tile depends on nothing but the state of its sheet, so
it may be kept for ever under it. Nothing personal is in any of them.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Literal, get_args

import numpy as np
import shapely
from numpy.typing import NDArray

from onegrid.county.grids.rules import mvt
from onegrid.county.grids.rules.zooms import LABELLED, MAX_ZOOM, Key, Zooms
from onegrid.county.grids.selectors import places as locate
from onegrid.county.grids.selectors import sheets
from onegrid.county.grids.selectors.sheets import BaseSheet, GridSheet

LayerName = Literal["base", "grids", "grid_labels", "building_labels", "place_labels"]
LAYERS: tuple[str, ...] = get_args(LayerName)
__all__ = ["LABELLED", "LAYERS", "MAX_ZOOM", "LayerName", "forget", "levels", "tile"]
_CACHED = 6000

_Cut = tuple[str, str, str, str, int, int, int]
"""Locality, state of the sheet, layer, level asked for, zoom, x, y."""
_grids: dict[str, tuple[int, GridSheet]] = {}
_bases: dict[tuple[str, str], tuple[str, BaseSheet]] = {}
_states: dict[str, tuple[int, str]] = {}
_tiles: OrderedDict[_Cut, bytes] = OrderedDict()
_lock = threading.Lock()
_making = threading.Lock()


def tile(layer: LayerName, z: int, x: int, y: int, *, level: Key | None = None) -> bytes:
    """One tile's bytes, empty when nothing lies in it or the address is outside the world.

    `level`: of the layers of grids this level whatever the zoom, as soon as it is wide enough to be seen.
    """
    if not (0 <= z <= MAX_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z):
        return b""
    locality, version = locate.version_seen()
    of_grids = layer in ("grids", "grid_labels")
    state = str(version) if of_grids else _base_state(locality, version)
    cut = (locality, state, layer, ".".join(level) if level and of_grids else "", z, x, y)
    with _lock:
        found = _tiles.get(cut)
        if found is not None:
            _tiles.move_to_end(cut)
            return found
    if of_grids:
        sheet = _grid_sheet(locality, version)
        if level is not None and sheet.zooms.find(level) is None:
            return b""
        made = _draw_grids(sheet, z, x, y, labels=layer == "grid_labels", level=level)
    else:
        made = _draw_base(_base_sheet(locality, state, layer), z, x, y)
    with _lock:
        _tiles[cut] = made
        while len(_tiles) > _CACHED:
            _tiles.popitem(last=False)
    return made


def levels() -> Zooms:
    """Which level is shown at which zoom."""
    return _grid_sheet(*locate.version_seen()).zooms


def forget() -> None:
    """Drop everything drawn (tests, rolled-back plantings)."""
    with _lock:
        for kept in (_grids, _bases, _states, _tiles):
            kept.clear()


def _grid_sheet(locality: str, version: int) -> GridSheet:
    kept = _grids.get(locality)
    if kept is None or kept[0] != version:
        with _making:
            kept = _grids.get(locality)
            if kept is None or kept[0] != version:
                kept = _grids[locality] = version, sheets.grid_sheet(kept[1] if kept else None)
    return kept[1]


def _base_state(locality: str, version: int) -> str:
    """The state of the base map, asked once per version of the map: whoever changes either raises the version."""
    kept = _states.get(locality)
    if kept is None or kept[0] != version:
        kept = _states[locality] = version, sheets.base_version()
    return kept[1]


def _base_sheet(locality: str, state: str, layer: str) -> BaseSheet:
    kept = _bases.get((locality, layer))
    if kept is None or kept[0] != state:
        with _making:
            kept = _bases.get((locality, layer))
            if kept is None or kept[0] != state:
                kept = _bases[locality, layer] = state, sheets.base_sheet(layer)  # type: ignore[arg-type]
    return kept[1]


def _hits(tree: shapely.STRtree, z: int, x: int, y: int) -> NDArray[np.int64]:
    found = np.sort(tree.query(shapely.box(*mvt.tile_bounds(z, x, y, buffer=mvt.BUFFER / mvt.EXTENT))))
    return np.asarray(found, dtype=np.int64)


def _draw_grids(sheet: GridSheet, z: int, x: int, y: int, *, labels: bool, level: Key | None) -> bytes:
    shown = sheet.zooms.shown(z, level)
    place = {key: at for at, key in enumerate(sheet.levels)}
    if labels:
        shown = {key: frame for key, frame in shown.items() if (own := sheet.zooms.find(key)) and z <= own.labelled}
    wanted = np.array([place[key] for key in shown], dtype=np.int64)
    hits = _hits(sheet.tree, z, x, y)
    hits = hits[np.isin(sheet.level[hits], wanted)]
    frames = {place[key]: frame for key, frame in shown.items()}
    layer = mvt.Layer(
        "grid_labels" if labels else "grids",
        [sheet.rows[at][0] for at in hits.tolist()],
        sheet.points(hits) if labels else sheet.shapes[hits],
        [sheet.about(at, frame=frames[int(sheet.level[at])]) for at in hits.tolist()],
        exact=True,
    )
    return mvt.encode(z, x, y, [layer])


def _draw_base(sheet: BaseSheet, z: int, x: int, y: int) -> bytes:
    hits = _hits(sheet.tree, z, x, y)
    hits = hits[sheet.first[hits] <= z]
    made = []
    for name in dict.fromkeys(sheet.layer[hits].tolist()):
        own = hits[sheet.layer[hits] == name]
        about = [sheet.properties(at) for at in own.tolist()]
        made.append(mvt.Layer(name, sheet.ids[own].tolist(), sheet.shapes[own], about))
    return mvt.encode(z, x, y, made)
