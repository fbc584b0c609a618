"""Mending what came in: every fault is mended or left out, and named; nothing disappears silently.

Real towns come with missing storeys, duplicate and overlapping footprints, shapes that cross themselves, buildings
outside every border, borders that do not meet, islands, dead-end streets. What is done about each stands here and in
the modules beside it (clean_buildings, clean_areas, clean_lines).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from onegrid.county.grids.rules.drawing.clean_areas import keep_inside, mend_areas, without_empty_islands
from onegrid.county.grids.rules.drawing.clean_buildings import mend_buildings, merge_twins
from onegrid.county.grids.rules.drawing.clean_lines import astride_streets, mend_roads, mend_water
from onegrid.county.grids.rules.drawing.ground import Finding, Ground
from onegrid.county.grids.rules.drawing.shapes import as_shapes, middles


def clean(ground: Ground) -> tuple[Ground, list[Finding]]:
    """The ground mended and in an order of position, and all findings."""
    found: list[Finding] = []
    ground = _filled(ground)
    ground = mend_buildings(ground, found)
    ground = in_order(ground)
    ground = merge_twins(ground, found)
    ground, part_of = mend_areas(ground, found)
    ground = keep_inside(ground, found)
    ground = without_empty_islands(ground, part_of, found)
    ground = mend_roads(ground, found)
    ground = mend_water(ground, found)
    astride_streets(ground, found)
    if not len(ground.buildings):
        found.append(Finding("no_buildings", _middle_of(ground.areas), count=0))
    return ground, _together(found)


def _filled(ground: Ground) -> Ground:
    """The ground with every list an array of its kind and as many names and codes as areas."""
    areas = as_shapes(ground.areas)
    names = [*ground.area_names[: len(areas)]]
    codes = [*ground.area_codes[: len(areas)]]
    names += [str(number + 1) for number in range(len(names), len(areas))]
    codes += [""] * (len(areas) - len(codes))
    leaders = np.asarray(ground.leaders, dtype=np.float64).reshape(-1, 3)
    return replace(
        ground,
        buildings=as_shapes(ground.buildings),
        roads=as_shapes(ground.roads),
        road_rank=np.clip(np.asarray(ground.road_rank, dtype=np.int64), 0, 4).astype(np.int8),
        water=as_shapes(ground.water),
        areas=areas,
        area_names=names,
        area_codes=codes,
        leaders=leaders[np.isfinite(leaders).all(axis=1)],
    )


def in_order(ground: Ground) -> Ground:
    """The same ground with its rows in an order that only depends on what they say."""
    spots = middles(ground.buildings)
    keys = (
        np.array([str(name) for name in ground.source]),
        ground.floors,
        ground.units,
        ground.weight,
        ground.households,
        shapely.area(ground.buildings),
        spots[:, 1],
        spots[:, 0],
    )
    return ground.taken(np.lexsort(keys))


def _together(found: list[Finding]) -> list[Finding]:
    """Findings of one kind about one name as one."""
    made: dict[tuple[str, str], Finding] = {}
    for one in found:
        key = (one.kind, one.what)
        before = made.get(key)
        made[key] = (
            one
            if before is None
            else replace(
                before,
                count=before.count + one.count,
                ids=before.ids + one.ids,
                households=before.households + one.households,
            )
        )
    return list(made.values())


def _middle_of(shapes: NDArray[np.object_]) -> tuple[float, float]:
    """A point in the first shape, or nowhere."""
    if not len(shapes):
        return (0.0, 0.0)
    point = shapely.point_on_surface(shapes[0])
    return (float(point.x), float(point.y))
