"""Mending streets and water: usable lines, and streets that end just short of the next joined to it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from onegrid.county.grids.rules.drawing.blocks import ring_segments
from onegrid.county.grids.rules.drawing.clean_buildings import note
from onegrid.county.grids.rules.drawing.ground import STREET, Finding, Ground, in_degrees, in_metres
from onegrid.county.grids.rules.drawing.shapes import (
    Shapes,
    lines_of,
    polygons_of,
    sound,
    touching,
    usable,
    westernmost,
    whole,
)

JOIN_M = 12.0
"""A street that ends nearer than this to another street or a border was meant to reach it (metres)."""
PAST_M = 0.05
"""How far the joining piece reaches past the line it joins, so that the two surely cross."""
TOUCH_M = 0.01
WALL_M = 0.3
"""A street along a wall, as far inside as this (metres), does not run through the building."""
CROSSED_M = 1.0
"""Metres of street inside a footprint from which the building counts as standing across it."""


def mend_roads(ground: Ground, found: list[Finding]) -> Ground:
    """Streets as simple lines near the areas, in an order of position; dead ends joined where they nearly meet."""
    real = usable(ground.roads)
    _tell(found, "road_no_shape", ground.roads, ~real)
    rows, rank = ground.roads[real], ground.road_rank[real]
    good = sound(rows, (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING))
    good &= shapely.length(rows) > 0
    lines = [shapely.get_parts(shape) if fine else lines_of(shape) for shape, fine in zip(rows, good, strict=True)]
    count = np.array([len(line) for line in lines], dtype=np.int64)
    _tell(found, "road_no_shape", rows, count == 0)
    _tell(found, "road_mended", rows, ~good & (count > 0))
    flat = np.concatenate([*lines, np.zeros(0, dtype=object)])
    ranks = np.repeat(rank, count)
    flat, ranks = _near(flat, ranks, ground.areas)
    start = shapely.get_coordinates(shapely.get_point(flat, 0)).reshape(-1, 2)
    order = np.lexsort((ranks, *start.T, shapely.length(flat), *shapely.bounds(flat).T[::-1]))
    ground = replace(ground, roads=flat[order], road_rank=ranks[order])
    if not (ground.road_rank >= STREET).any():
        found.append(Finding("no_roads", westernmost(ground.areas), count=0))
        return ground
    return _joined(ground, found)


def _tell(found: list[Finding], kind: str, shapes: Shapes, rows: NDArray[np.bool_]) -> None:
    """Record a finding about lines, if there are any."""
    if rows.any():
        found.append(Finding(kind, westernmost(shapes[rows]), count=int(rows.sum())))


def _near(lines: Shapes, ranks: NDArray[np.int8], areas: Shapes) -> tuple[Shapes, NDArray[np.int8]]:
    """The lines that touch some area; the rest of a country's streets do not matter here."""
    if not len(areas) or not len(lines):
        return lines[:0], ranks[:0]
    keep = np.unique(touching(lines, areas)[0])
    return lines[keep], ranks[keep]


def _joined(ground: Ground, found: list[Finding]) -> Ground:
    """Streets with short pieces that carry dead ends on to the line they stop just before."""
    plane = ground.plane()
    streets = np.flatnonzero(ground.road_rank >= STREET)
    lines = in_metres(ground.roads[streets], plane)
    areas = in_metres(ground.areas, plane)
    start, end_, _ = ring_segments(areas)
    targets = np.concatenate([lines, shapely.linestrings(np.stack([start, end_], axis=1))])
    tree = shapely.STRtree(targets)
    ends = np.stack([shapely.get_point(lines, 0), shapely.get_point(lines, -1)], axis=1).reshape(-1)
    own = np.repeat(np.arange(len(lines)), 2)
    end, target = tree.query(ends, predicate="dwithin", distance=TOUCH_M)
    met = np.zeros(len(ends), dtype=bool)
    met[end[target != own[end]]] = True
    met |= np.repeat(shapely.is_closed(lines), 2)
    inside = np.zeros(len(ends), dtype=bool)
    inside[touching(ends, areas)[0]] = True
    loose = np.flatnonzero(~met & inside)
    end, target = tree.query(ends[loose], predicate="dwithin", distance=JOIN_M)
    other = target != own[loose[end]]
    end, target = end[other], target[other]
    gap = shapely.distance(ends[loose[end]], targets[target])
    best = np.lexsort((target, gap, end))
    first = best[np.unique(end[best], return_index=True)[1]]
    bridge = shapely.get_coordinates(shapely.shortest_line(ends[loose[end[first]]], targets[target[first]]))
    pairs = bridge.reshape(-1, 2, 2)
    way = pairs[:, 1] - pairs[:, 0]
    pairs[:, 1] += way / np.maximum(np.hypot(*way.T), 1e-9)[:, None] * PAST_M
    pieces = in_degrees(shapely.linestrings(pairs), plane)
    joined = np.zeros(len(loose), dtype=bool)
    joined[end[first]] = True
    spots = in_degrees(ends[loose], plane)
    _tell(found, "street_dangling_joined", spots, joined)
    _tell(found, "street_dangling", spots, ~joined)
    return replace(
        ground,
        roads=np.concatenate([ground.roads, pieces]),
        road_rank=np.concatenate([ground.road_rank, ground.road_rank[streets[own[loose[end[first]]]]]]),
    )


def mend_water(ground: Ground, found: list[Finding]) -> Ground:
    """Water as valid lines and polygons near the areas, in an order of position."""
    real = usable(ground.water)
    _tell(found, "water_no_shape", ground.water, ~real)
    shapes = ground.water[real]
    good = sound(shapes, (1, 2, 3, 5, 6))
    mended, lost = [], np.zeros(len(shapes), dtype=bool)
    for row in np.flatnonzero(~good):
        parts = polygons_of(shapes[row])
        parts = parts if len(parts) else lines_of(shapes[row])
        lost[row] = not len(parts)
        if len(parts):
            mended.append(whole(parts) if shapely.get_dimensions(parts[0]) == 2 else shapely.multilinestrings(parts))
    _tell(found, "water_no_shape", shapes, lost)
    _tell(found, "water_mended", shapes, ~good & ~lost)
    more = np.empty(len(mended), dtype=object)
    more[:] = mended
    kept = np.concatenate([shapes[good], more])
    if len(ground.areas) and len(kept):
        kept = kept[np.unique(touching(kept, ground.areas)[0])]
    return replace(ground, water=kept[np.lexsort((shapely.length(kept), *shapely.bounds(kept).T[::-1]))])


def astride_streets(ground: Ground, found: list[Finding]) -> None:
    """Name the buildings that stand across a street: each belongs to the block most of it stands in."""
    flat = np.flatnonzero(shapely.get_dimensions(ground.buildings) == 2)
    streets = ground.roads[ground.road_rank >= STREET]
    if not len(flat) or not len(streets):
        return
    plane = ground.plane()
    shapes = shapely.buffer(in_metres(ground.buildings[flat], plane), -WALL_M)
    lines = in_metres(streets, plane)
    which, line = shapely.STRtree(lines).query(shapes, predicate="intersects")
    inside = shapely.length(shapely.intersection(shapes[which], lines[line]))
    note(found, "building_astride_street", ground, flat[np.unique(which[inside > CROSSED_M])])
