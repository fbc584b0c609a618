"""The base map of a drawn land: buildings with addresses, roads along borders and blocks, river, woods and fields."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from onegrid.shell.demo import names
from onegrid.shell.demo.grids import building_pieces
from onegrid.shell.demo.land import Land
from onegrid.shell.demo.lattice import Floats, Ints
from onegrid.shell.demo.parcels import Shapes, block_corners, inside
from onegrid.shell.demo.settlement import HOUSE, PARCELS, SLAB

_KINDS = {HOUSE: "house", SLAB: "apartments"}
# Share of a parcel left free south, east, north and west of a building.
_HOUSE_INSET = (0.2, 0.14, 0.24, 0.16)
_SLAB_INSET = (0.3, 0.06, 0.28, 0.06)
_STREET_SHARE = 0.03


@dataclass(frozen=True)
class Feature:
    """One thing on the base map. ``village`` is the leaf division it lies in, -1 for the whole locality."""

    layer: str
    kind: str
    name: str
    levels: int
    village: int
    shape: shapely.Geometry


@dataclass(frozen=True)
class Houses:
    """Per building: its outline, its middle, its address and the piece it stands on."""

    shape: Shapes
    lon: Floats
    lat: Floats
    address: list[str]
    piece: Ints


def houses(land: Land, seed: int) -> Houses:
    """Outlines and addresses of all buildings."""
    rng = np.random.default_rng([seed, 2])
    buildings = land.buildings
    shape = _footprints(land)
    middle = shapely.get_coordinates(shapely.centroid(shape))
    leaves = land.plan.leaves()
    address = [""] * len(buildings)
    order = np.lexsort((buildings.col, -buildings.row, buildings.block, buildings.village))
    block, number, slab, street, estate, roads = -1, 0, 0, "", "", [""]
    village = -1
    for at in order.tolist():
        if buildings.village[at] != village:
            village = int(buildings.village[at])
            place = names.short_division(leaves[village].name)
            roads = names.streets(rng, 6)
            used: dict[str, int] = {}
        if buildings.block[at] != block:
            block = int(buildings.block[at])
            street = roads[block % len(roads)]
            estate = names.estates(rng, 1)[0]
            slab = 0
        if buildings.kind[at] == SLAB:
            slab += 1
            address[at] = f"{place}{estate}{slab}栋"
        else:
            number = used.get(street, 0) + 1
            used[street] = number
            shop = "" if buildings.kind[at] == HOUSE else names.place(int(rng.integers(1000)))
            address[at] = f"{place}{street}{number}号{shop}"
    return Houses(shape, middle[:, 0], middle[:, 1], address, building_pieces(land.pieces, buildings))


def _footprints(land: Land) -> Shapes:
    """The ground outline of every building, inside its parcels and clear of the streets."""
    buildings = land.buildings
    corners = block_corners(land.lattice, land.corners, buildings.block)
    row, col = buildings.row % PARCELS, buildings.col % PARCELS
    south, east, north, west = np.where(
        (buildings.kind == SLAB)[None], np.array(_SLAB_INSET)[:, None], np.array(_HOUSE_INSET)[:, None]
    )
    squeeze = 1 - 2 * _STREET_SHARE
    u0 = (col + west) / PARCELS * squeeze + _STREET_SHARE
    u1 = (col + buildings.width - east) / PARCELS * squeeze + _STREET_SHARE
    v0 = (row + south) / PARCELS * squeeze + _STREET_SHARE
    v1 = (row + 1 - north) / PARCELS * squeeze + _STREET_SHARE
    points = inside(corners, np.stack([u0, u1, u1, u0, u0], axis=1), np.stack([v0, v0, v1, v1, v0], axis=1))
    degrees = land.plane.to_degrees(points.reshape(-1, 2)).reshape(points.shape)
    return np.asarray(shapely.polygons(np.round(degrees, 7)), dtype=object)


def base_map(land: Land, seed: int) -> list[Feature]:
    """River, woods, fields, parks and roads."""
    rng = np.random.default_rng([seed, 3])
    return [*_water(land, rng), *_greens(land, rng), *_roads(land, rng)]


def _degrees(land: Land, shape: Shapes) -> Shapes:
    return np.asarray(shapely.transform(shape, lambda metres: np.round(land.plane.to_degrees(metres), 7)), dtype=object)


def _water(land: Land, rng: np.random.Generator) -> list[Feature]:
    """The river as one soft band through its blocks."""
    wet = np.flatnonzero(land.water)
    if len(wet) < 2:
        return []
    middles = block_corners(land.lattice, land.corners, wet).mean(axis=1)
    line = [middles[land.lattice.col[wet] == col].mean(axis=0) for col in np.unique(land.lattice.col[wet])]
    if len(line) < 3:
        return []
    smooth = np.array(line)
    for _ in range(2):
        smooth[1:-1] = (smooth[:-2] + 2 * smooth[1:-1] + smooth[2:]) / 4
    band = shapely.buffer(shapely.LineString(smooth), 42, cap_style="flat")
    return [Feature("water", "river", names.river(rng), 0, -1, _degrees(land, np.array([band], dtype=object))[0])]


def _greens(land: Land, rng: np.random.Generator) -> list[Feature]:
    """Woods and fields on open blocks, a park beside the larger built-up places."""
    open_blocks = np.flatnonzero(~land.settlement.built & ~land.water)
    beside = land.lattice.neighbours()[open_blocks]
    next_to_homes = np.where(beside >= 0, land.settlement.built[beside], False).any(axis=1)
    draw = rng.random(len(open_blocks))
    kind = np.where(next_to_homes, np.where(draw < 0.25, "park", "field"), np.where(draw < 0.55, "wood", "field"))
    kept = rng.random(len(open_blocks)) < np.where(next_to_homes, 0.4, 0.62)
    corners = block_corners(land.lattice, land.corners, open_blocks[kept])
    margin = np.where(kind[kept] == "wood", 0.0, 0.06)[:, None]
    low, high = margin, 1 - margin
    points = inside(corners, np.hstack([low, high, high, low, low]), np.hstack([low, low, high, high, low]))
    shapes = shapely.polygons(points)
    features = []
    for which in ("wood", "field", "park"):
        chosen = kind[kept] == which
        # One feature per kind and village keeps tiles small.
        owner = land.village[open_blocks[kept][chosen]]
        for village in np.unique(owner):
            union = shapely.union_all(shapes[chosen][owner == village])
            features.append((which, int(village), union))
    drawn = _degrees(land, np.array([shape for _, _, shape in features], dtype=object))
    return [
        Feature("green", which, "", 0, village, shape)
        for (which, village, _), shape in zip(features, drawn, strict=True)
    ]


def _roads(land: Land, rng: np.random.Generator) -> list[Feature]:
    """Trunk roads on township borders, main roads on village borders, through roads, streets round blocks."""
    leaves = land.plan.leaves()
    mothers = sorted({leaf.parent for leaf in leaves})
    township = np.array([mothers.index(leaf.parent) for leaf in leaves])[land.village]
    kinds: dict[tuple[str, int], list[Floats]] = {}
    for first, second, ends in _edges(land):
        one, other = int(land.village[first]), int(land.village[second]) if second >= 0 else -1
        if second < 0:
            continue
        if township[first] != township[second]:
            kind = "trunk"
        elif one != other:
            kind = "main"
        elif land.settlement.built[first] or land.settlement.built[second]:
            kind = "street"
        elif _on_through_road(land, first, second):
            kind = "through"
        else:
            continue
        kinds.setdefault((kind, one), []).append(ends)
    features = []
    for (kind, village), parts in sorted(kinds.items()):
        line = shapely.line_merge(shapely.multilinestrings(shapely.linestrings(np.array(parts))))
        label = names.streets(rng, 1)[0] if kind in ("trunk", "through") else ""
        features.append((kind, village, label, line))
    drawn = _degrees(land, np.array([line for *_, line in features], dtype=object))
    return [
        Feature("road", kind, label, 0, village, shape)
        for (kind, village, label, _), shape in zip(features, drawn, strict=True)
    ]


def _edges(land: Land) -> list[tuple[int, int, Floats]]:
    """Every side between two blocks once: the two blocks and its ends in metres."""
    lattice = land.lattice
    beside = lattice.neighbours()
    found = []
    for block in range(len(lattice.row)):
        row, col = lattice.row[block], lattice.col[block]
        east, north = int(beside[block, 1]), int(beside[block, 2])
        if east >= 0:
            found.append((block, east, land.corners[[row, row + 1], [col + 1, col + 1]]))
        if north >= 0:
            found.append((block, north, land.corners[[row + 1, row + 1], [col, col + 1]]))
    return found


def _on_through_road(land: Land, first: int, second: int) -> bool:
    """Whether a side lies on the lattice line that runs along the north of the village's heart."""
    heart = land.settlement.heart[land.village[first]]
    same_column = land.lattice.col[first] == land.lattice.col[second]
    return bool(same_column and land.lattice.row[first] == land.lattice.row[heart])
