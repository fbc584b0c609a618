"""Which road is a border, and how strong a one: ranks from OSM's tags, from Geofabrik's and from Chinese words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from onegrid.county.grids.rules.drawing.ground import MAIN, PATH, STREET, THROUGH, TRUNK
from onegrid.county.grids.rules.files import columns
from onegrid.county.grids.rules.files.columns import listed
from onegrid.county.grids.rules.files.reading import Layer

RANKS: Final[dict[str, int]] = (
    dict.fromkeys(listed("motorway motorway_link trunk trunk_link 高速 高速公路 快速路 城市快速路 国道"), TRUNK)
    | dict.fromkeys(listed("primary primary_link secondary secondary_link 主干路 主干道 主路 省道 一级 一级公路"), MAIN)
    | dict.fromkeys(
        listed("tertiary tertiary_link unclassified 次干路 次干道 次路 县道 二级 二级公路 三级公路"), THROUGH
    )
    | dict.fromkeys(listed("residential living_street service road pedestrian busway street"), STREET)
    | dict.fromkeys(listed("支路 街道 街 巷 里弄 乡道 村道 四级 四级公路 三级 小区路 内部道路 步行街"), STREET)
    | dict.fromkeys(listed("footway cycleway path steps bridleway track corridor platform via_ferrata sidewalk"), PATH)
    | dict.fromkeys(
        listed("track_grade1 track_grade2 track_grade3 track_grade4 track_grade5 小路 步道 人行道 田间路"), PATH
    )
)
"""Strength of a border along a road of this kind; a path is none. A kind that is not here counts as a street."""
_UNBUILT: Final = listed("construction proposed planned abandoned razed disused 在建 规划 拟建")
_NO_ROAD: Final = listed(
    "crossing traffic_signals bus_stop street_lamp turning_circle elevator rest_area services raceway"
)
_WAYS_IN: Final = frozenset(["driveway", "parking_aisle", "drive-through", "emergency_access"])


@dataclass(frozen=True)
class Roads:
    """Lines with their ranks, and what became of the features that are none (counts by word)."""

    lines: NDArray[np.object_]
    rank: NDArray[np.int8]
    places: dict[str, NDArray[np.object_]]
    kinds: dict[str, int]
    unknown: dict[str, int]


def ranked(layer: Layer) -> Roads:
    """The lines of a road file with their ranks.

    Left out by name: points, squares (areas of OSM), roads not built yet. Polygons of a file that is not OSM's are
    road surfaces: their edges serve as borders. Passages through buildings and tunnels are no borders.
    """
    count = len(layer)
    kinds = np.array([word.casefold() for word in columns.words(layer.column("highway"), count)], dtype=object)
    types = shapely.get_type_id(layer.shapes)
    is_osm = "highway" in layer.columns
    line = np.isin(types, (1, 2, 5))
    polygon = np.isin(types, (3, 6))
    unbuilt = np.isin(kinds, list(_UNBUILT))
    nothing = np.isin(kinds, list(_NO_ROAD)) & ~unbuilt
    square = polygon & is_osm & ~unbuilt & ~nothing
    surface = polygon & (not is_osm) & ~unbuilt & ~nothing
    collection = types == 7
    use = (line | surface | collection) & ~unbuilt & ~nothing
    rank = np.array([RANKS.get(kind, STREET) for kind in kinds], dtype=np.int8)
    rank[_hidden(layer, count)] = PATH
    rank[np.isin(columns.words(layer.columns.get("service"), count), list(_WAYS_IN))] = PATH
    shapes = layer.shapes.copy()
    shapes[surface] = shapely.boundary(shapes[surface])
    lines, owner = _lines(shapes[use])
    places = {
        "not_built": layer.shapes[unbuilt & (types >= 0)],
        "squares": layer.shapes[square],
        "no_lines": layer.shapes[(~use & ~unbuilt & ~square) & (types >= 0)],
        "surfaces": layer.shapes[surface],
        "no_length": layer.shapes[use][np.setdiff1d(np.arange(int(use.sum())), owner)],
    }
    unknown = Counter(kind for kind in kinds[use] if kind and kind not in RANKS)
    kinds_used = Counter(str(kind) or "?" for kind in kinds[use])
    return Roads(lines, rank[use][owner], places, _foremost(kinds_used), _foremost(unknown))


def _foremost(words: Counter[str], most: int = 20) -> dict[str, int]:
    """The words there are most of, in an order that does not depend on which came first."""
    return dict(sorted(words.items(), key=lambda one: (-one[1], one[0]))[:most])


def _lines(shapes: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    """Single lines and which shape each comes from; closed rings as lines, what is shorter than nothing left away."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    parts, inner = shapely.get_parts(parts, return_index=True)
    owner = owner[inner]
    rings = shapely.get_type_id(parts) == 2
    parts[rings] = (
        shapely.linestrings([shapely.get_coordinates(ring) for ring in parts[rings]]) if rings.any() else None
    )
    keep = (shapely.get_type_id(parts) == 1) & (shapely.length(parts) > 0)
    return np.asarray(parts[keep], dtype=object), owner[keep]


def _hidden(layer: Layer, count: int) -> NDArray[np.bool_]:
    """Roads nobody sees from above: in a tunnel, through a building, covered."""
    hidden = np.zeros(count, dtype=bool)
    for name in ("tunnel", "covered"):
        column = layer.columns.get(name)
        if column is None and "other_tags" in layer.columns:
            column = columns.tag(layer.columns["other_tags"], name)
        if column is not None:
            hidden |= ~np.isin(columns.words(column, count), ["", "no", "F", "0"])
    return hidden
