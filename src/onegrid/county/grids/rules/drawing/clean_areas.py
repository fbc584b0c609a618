"""Mending the areas: one valid coverage of connected pieces, and which buildings lie in it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from onegrid.county.grids.rules.drawing.clean_buildings import note
from onegrid.county.grids.rules.drawing.ground import Finding, Ground, in_degrees, in_metres
from onegrid.county.grids.rules.drawing.shapes import Shapes, middles, polygons_of, touching, usable, whole
from onegrid.county.grids.rules.metres import LocalPlane

AROUND_M = 50.0
"""How far the one area reaches past the outermost homes when no borders were given, metres."""
GAP_M = 5.0
"""Gaps between two areas narrower than this are closed; wider ones are land of nobody, named."""
WORTH_M2 = 1.0
"""Overlaps and gaps smaller than this are rounding."""


def mend_areas(ground: Ground, found: list[Finding]) -> tuple[Ground, NDArray[np.int64]]:
    """Areas that are valid, do not overlap, share their borders, and are each of one piece (islands come apart).

    Also tells which areas are parts of one: the same number for each part, the largest first.
    """
    if not len(ground.areas):
        return _around_all(ground, found), np.zeros(1, dtype=np.int64)
    plane = ground.plane()
    shapes: list[object] = []
    names, codes = [], []
    for row, good in enumerate(usable(ground.areas)):
        name, code = ground.area_names[row], ground.area_codes[row]
        parts = polygons_of(ground.areas[row]) if good else np.zeros(0, dtype=object)
        if not len(parts):
            found.append(Finding("area_no_shape", (float("nan"), float("nan")), name))
            continue
        if not shapely.is_valid(ground.areas[row]):
            found.append(Finding("area_mended", _at(parts[0]), name))
        shapes.append(whole(parts))
        names.append(name)
        codes.append(code)
    if not shapes:
        bare = replace(ground, areas=np.zeros(0, dtype=object), area_names=[], area_codes=[])
        return _around_all(bare, found), np.zeros(1, dtype=np.int64)
    made = np.empty(len(shapes), dtype=object)
    made[:] = shapes
    order = np.lexsort((np.array(names), np.array(codes), *(middles(made).T[::-1])))
    mended = _one_coverage(made[order], [names[at] for at in order], plane, found)
    return _connected(ground, mended, [names[at] for at in order], [codes[at] for at in order], found)


def _at(shape: object) -> tuple[float, float]:
    """A point inside a shape."""
    spot = middles(np.array([shape], dtype=object))
    return (float(spot[0, 0]), float(spot[0, 1])) if len(spot) else (float("nan"), float("nan"))


def _around_all(ground: Ground, found: list[Finding]) -> Ground:
    """One area around all homes, or around the streets where there are no homes."""
    shapes = ground.buildings if len(ground.buildings) else ground.roads[usable(ground.roads)]
    if not len(shapes):
        found.append(Finding("no_areas", (float("nan"), float("nan")), count=0))
        return replace(ground, areas=np.zeros(0, dtype=object), area_names=[], area_codes=[])
    west, south, east, north = shapely.total_bounds(shapes)
    plane = LocalPlane(float(west + east) / 2, float(south + north) / 2)
    flat = shapely.multipoints(shapely.get_coordinates(in_metres(shapes, plane)))
    hull = shapely.buffer(shapely.convex_hull(flat), AROUND_M, quad_segs=4)
    areas = in_degrees(np.array([hull], dtype=object), plane)
    found.append(Finding("no_areas", _at(areas[0])))
    return replace(ground, areas=areas, area_names=[""], area_codes=[""])


def _one_coverage(areas: Shapes, names: list[str], plane: LocalPlane, found: list[Finding]) -> Shapes:
    """The areas without overlaps and narrow gaps, corners shared; as given where they are so already."""
    flat = in_metres(areas, plane)
    one, other = shapely.STRtree(flat).query(flat, predicate="intersects")
    pairs = one < other
    common = shapely.intersection(flat[one[pairs]], flat[other[pairs]])
    for left, right, shape in zip(one[pairs], other[pairs], common, strict=True):
        if shapely.area(shape) > WORTH_M2:
            back = in_degrees(np.array([shape], dtype=object), plane)[0]
            found.append(Finding("areas_overlap", _at(back), f"{names[left]} / {names[right]}"))
    for gap in _gaps(flat):
        back = in_degrees(np.array([gap], dtype=object), plane)[0]
        wide = 2 * gap.area / max(gap.length, 1e-9) >= GAP_M
        found.append(Finding("area_hole" if wide else "areas_gap", _at(back)))
    if shapely.coverage_is_valid(flat, gap_width=GAP_M):
        return areas
    cleaned = shapely.coverage_clean(flat, gap_width=GAP_M, snapping_distance=0.01)
    return in_degrees(cleaned, plane)


def _gaps(flat: Shapes) -> Shapes:
    """The holes in the areas taken together."""
    together = shapely.get_parts(shapely.union_all(flat))
    rings = shapely.get_rings(together[shapely.get_dimensions(together) == 2], return_index=True)
    inner = np.zeros(len(rings[0]), dtype=bool)
    inner[1:] = rings[1][1:] == rings[1][:-1]
    holes = shapely.polygons(rings[0][inner]) if inner.any() else np.zeros(0, dtype=object)
    return np.asarray(holes[shapely.area(holes) > WORTH_M2], dtype=object)


def _connected(
    ground: Ground, areas: Shapes, names: list[str], codes: list[str], found: list[Finding]
) -> tuple[Ground, NDArray[np.int64]]:
    """Each part of an area as an area of its own with the same name and code, the largest first."""
    parts, owner = shapely.get_parts(areas, return_index=True)
    flat = (shapely.get_dimensions(parts) == 2) & ~shapely.is_empty(parts)
    parts, owner = parts[flat], owner[flat]
    for row in range(len(areas)):
        count = int((owner == row).sum())
        if not count:
            found.append(Finding("area_no_shape", (float("nan"), float("nan")), names[row]))
        elif count > 1:
            largest = parts[owner == row][np.argmax(shapely.area(parts[owner == row]))]
            found.append(Finding("area_islands", _at(largest), names[row], count))
    order = np.lexsort((-shapely.area(parts), owner))
    owner = owner[order].astype(np.int64)
    made = replace(
        ground,
        areas=parts[order],
        area_names=[names[row] for row in owner],
        area_codes=[codes[row] for row in owner],
    )
    return made, owner


def keep_inside(ground: Ground, found: list[Finding]) -> Ground:
    """Only buildings that stand in some area at least in part; the others are left out by name."""
    if not len(ground.areas) or not len(ground.buildings):
        return ground
    which, _ = touching(ground.buildings, ground.areas)
    times = np.bincount(which, minlength=len(ground.buildings))
    note(found, "building_outside", ground, times == 0, lost=True)
    flat = shapely.get_dimensions(ground.buildings) == 2
    across = np.flatnonzero((times > 1) & flat)
    note(found, "building_astride_border", ground, _truly_across(ground, across))
    return ground.taken(times > 0)


def _truly_across(ground: Ground, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Those of the buildings with a tenth of their footprint or more on the other side, not just a wall."""
    shapes = ground.buildings[rows]
    which, area = touching(shapes, ground.areas)
    share = shapely.area(shapely.intersection(shapes[which], ground.areas[area])) / shapely.area(shapes[which])
    best = np.zeros(len(rows))
    np.maximum.at(best, which, share)
    return rows[best < 0.9]


def without_empty_islands(ground: Ground, part_of: NDArray[np.int64], found: list[Finding]) -> Ground:
    """Without parts of an area, other than its largest, where nobody lives: no grid could reach them connected."""
    if not len(ground.areas):
        return ground
    homes = np.zeros(len(ground.areas))
    spots = middles(ground.buildings)
    if len(spots):
        which, area = touching(ground.buildings, ground.areas)
        np.add.at(homes, area, ground.households[which] + 1e-9)
    first = np.ones(len(homes), dtype=bool)
    first[1:] = part_of[1:] != part_of[:-1]
    keep = first | (homes > 0)
    for row in np.flatnonzero(~keep):
        found.append(Finding("area_island_empty", _at(ground.areas[row]), ground.area_names[row]))
    for row in np.flatnonzero(keep & (homes < 1e-6)):
        found.append(Finding("area_without_homes", _at(ground.areas[row]), ground.area_names[row]))
    return replace(
        ground,
        areas=ground.areas[keep],
        area_names=[name for name, stays in zip(ground.area_names, keep, strict=True) if stays],
        area_codes=[code for code, stays in zip(ground.area_codes, keep, strict=True) if stays],
    )
