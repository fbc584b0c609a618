"""Mending buildings: their shapes, their figures, and footprints given twice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from onegrid.county.grids.rules.drawing.ground import Finding, Ground, in_metres
from onegrid.county.grids.rules.drawing.shapes import (
    Shapes,
    middles,
    point_of,
    polygons_of,
    sound,
    usable,
    westernmost,
    whole,
)

FAR_M = 100_000.0
"""Without borders a building farther than this from the middle of all, and FAR_TIMES the usual distance, is a slip."""
FAR_TIMES = 20.0
APART_M = 50.0
"""Parts of one building farther apart than this (metres) are buildings of their own."""
TWIN, INSIDE, OVERLAP = 0.9, 0.9, 0.1
"""Shares of common area: two footprints are one building; a part of a larger one; worth naming."""
NAMED_MOST = 1000
"""A finding of something mended names at most this many; what is no longer there by its name is named in full."""


def note(
    found: list[Finding], kind: str, ground: Ground, rows: NDArray[np.bool_] | NDArray[np.intp], *, lost: bool = False,
    gone: bool = False,
) -> None:  # fmt: skip
    """Record a finding about buildings, if there are any; ``lost``: they are left out, with their households;
    ``gone``: they go on under another's name."""
    chosen = np.flatnonzero(rows) if rows.dtype == bool else rows
    if not len(chosen):
        return
    place = westernmost(ground.buildings[chosen])
    ids = tuple(sorted(str(name) for name in ground.source[chosen]))
    households = float(ground.households[chosen].sum()) if lost else 0.0
    found.append(Finding(kind, place, "", len(chosen), ids if lost or gone else ids[:NAMED_MOST], households))


def mend_buildings(ground: Ground, found: list[Finding]) -> Ground:
    """Figures that can be used, shapes that are polygons or points; those without any place are left out."""
    ground = _figures(ground, found)
    real = usable(ground.buildings)
    note(found, "building_no_shape", ground, ~real, lost=True)
    ground = ground.taken(real)
    good = sound(ground.buildings, (shapely.GeometryType.POINT, shapely.GeometryType.POLYGON))
    shapes = ground.buildings.copy()
    several, lines, mended = [], [], []
    for row in np.flatnonzero(~good):
        parts = polygons_of(shapes[row])
        plain = shapely.get_type_id(shapes[row]) == shapely.GeometryType.MULTIPOLYGON and shapely.is_valid(shapes[row])
        if len(parts):
            shapes[row] = whole(parts)
            if not plain:
                mended.append(row)
            if len(parts) > 1:
                several.append(row)
        else:
            lines.append(row)
            shapes[row] = point_of(shapes[row])
    note(found, "building_mended", ground, np.array(mended, dtype=np.intp))
    note(found, "building_line_as_point", ground, np.array(lines, dtype=np.intp))
    ground = replace(ground, buildings=shapes)
    ground = _split_apart(ground, np.array(several, dtype=np.intp), found)
    return ground if len(ground.areas) else _without_far(ground, found)


def _figures(ground: Ground, found: list[Finding]) -> Ground:
    """Households, workload, stairwells and storeys that can be counted with."""
    households = np.asarray(ground.households, dtype=np.float64)
    weight = np.asarray(ground.weight, dtype=np.float64)
    units = np.asarray(ground.units, dtype=np.float64)
    floors = np.asarray(ground.floors, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        unknown, negative = ~np.isfinite(households), households < 0
        no_weight = ~np.isfinite(weight) | (weight < 0)
        no_units, no_floors = ~(units >= 1), ~(floors >= 1)
    households = np.where(unknown | negative, 0.0, households)
    ground = replace(
        ground,
        households=households,
        weight=np.where(no_weight, households, weight),
        units=np.clip(np.where(no_units, 1, units), 1, 1000).astype(np.int64),
        floors=np.clip(np.where(no_floors, 1, floors), 1, 200).astype(np.int64),
        source=np.asarray(ground.source, dtype=object),
    )
    note(found, "households_unknown", ground, unknown)
    note(found, "households_negative", ground, negative & ~unknown)
    note(found, "weight_unknown", ground, no_weight)
    note(found, "units_unknown", ground, no_units)
    note(found, "floors_unknown", ground, no_floors)
    return ground


def _split_apart(ground: Ground, several: NDArray[np.intp], found: list[Finding]) -> Ground:
    """Buildings whose parts stand far from one another as buildings of their own, households shared by area."""
    plane = ground.plane()
    rows, shapes, households, weight, split = [], [], [], [], []
    for row in several:
        parts = shapely.get_parts(ground.buildings[row])
        flat = in_metres(parts, plane)
        left, right = shapely.STRtree(flat).query(flat, predicate="dwithin", distance=APART_M)
        links = coo_array((np.ones(len(left)), (left, right)), shape=(len(parts), len(parts)))
        count, group = connected_components(links, directed=False)
        if count == 1:
            continue
        area = np.bincount(group, weights=shapely.area(flat)).astype(np.float64)
        order = np.argsort(-area, kind="stable")
        split.append(row)
        rows += [row] * count
        shapes += [whole(parts[group == at]) for at in order]
        households += list(_portions(ground.households[row], area[order]))
        weight += list(ground.weight[row] * area[order] / area.sum())
    if not split:
        return ground
    gone = np.array(split, dtype=np.intp)
    note(found, "building_parts_apart", ground, gone)
    more = ground.taken(np.array(rows, dtype=np.intp))
    more = replace(more, buildings=_array(shapes), households=np.array(households), weight=np.array(weight))
    return _stacked(ground.taken(np.setdiff1d(np.arange(len(ground.buildings)), gone)), more)


def _portions(total: float, area: NDArray[np.float64]) -> NDArray[np.float64]:
    """A number shared by area: whole numbers stay whole, the sum stays the same."""
    exact = total * area / area.sum()
    shares: NDArray[np.float64] = np.floor(exact)
    rest = int(np.floor(total) - shares.sum())
    shares[np.argsort(shares - exact, kind="stable")[:rest]] += 1
    shares[0] += total - shares.sum()
    return shares


def _array(shapes: list[object]) -> Shapes:
    made = np.empty(len(shapes), dtype=object)
    made[:] = shapes
    return made


def _stacked(one: Ground, other: Ground) -> Ground:
    """Both grounds' buildings."""
    return replace(
        one,
        buildings=np.concatenate([one.buildings, other.buildings]),
        households=np.concatenate([one.households, other.households]),
        weight=np.concatenate([one.weight, other.weight]),
        units=np.concatenate([one.units, other.units]),
        floors=np.concatenate([one.floors, other.floors]),
        source=np.concatenate([one.source, other.source]),
    )


def _without_far(ground: Ground, found: list[Finding]) -> Ground:
    """Without buildings so far from all others that their coordinates must be a slip (no borders were given)."""
    if len(ground.buildings) < 3:
        return ground
    spots = middles(ground.buildings)
    middle = np.median(spots, axis=0)
    way = (spots - middle) * np.array([111_320.0 * np.cos(np.radians(middle[1])), 110_570.0])
    distance = np.hypot(*way.T)
    far = distance > max(FAR_M, FAR_TIMES * float(np.median(distance)))
    note(found, "building_far", ground, far, lost=True)
    return ground.taken(~far)


def merge_twins(ground: Ground, found: list[Finding]) -> Ground:
    """One building for footprints given twice (rows in an order of position already).

    The same footprint with the same households is a record given twice: left out by name. With other households, or a
    small one inside a large one, it is another record of the same building: the households are added up.
    """
    flat = np.flatnonzero(shapely.get_dimensions(ground.buildings) == 2)
    shapes = in_metres(ground.buildings[flat], ground.plane())
    big, small, same, part = _pairs(shapes)
    note(found, "buildings_overlap", ground, np.unique(flat[small[~part]]))
    root = np.arange(len(ground.buildings))
    for one, other in zip(flat[big[part]], flat[small[part]], strict=True):
        if root[other] == other:
            root[other] = one
    for _ in range(len(root)):
        higher = root[root]
        if (higher == root).all():
            break
        root = higher
    gone = root != np.arange(len(root))
    twin = np.zeros(len(root), dtype=bool)
    twin[flat[small[part & same]]] = True
    equal = twin & gone & (ground.households == ground.households[root])
    note(found, "building_twice", ground, equal, lost=True)
    added = gone & ~equal
    note(found, "building_inside_building", ground, added, gone=True)
    households, weight = ground.households.copy(), ground.weight.copy()
    np.add.at(households, root[added], ground.households[added])
    np.add.at(weight, root[added], ground.weight[added])
    return replace(ground, households=households, weight=weight).taken(~gone)


def _pairs(
    shapes: Shapes,
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_], NDArray[np.bool_]]:
    """Pairs of footprints with common ground: the larger, the smaller, are they the same, is one part of the other."""
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    real = one < other
    one, other = one[real], other[real]
    common = shapely.area(shapely.intersection(shapes[one], shapes[other]))
    area = shapely.area(shapes)
    swap = area[one] < area[other]
    big, small = np.where(swap, other, one), np.where(swap, one, other)
    share = common / area[small]
    real = share > OVERLAP
    big, small, share, common = big[real], small[real], share[real], common[real]
    order = np.lexsort((small, -area[big], small))
    big, small, share, common = big[order], small[order], share[order], common[order]
    same = common / (area[big] + area[small] - common) >= TWIN
    return big, small, same, share >= INSIDE
