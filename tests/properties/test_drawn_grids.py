"""Properties of whole drawings, from messy towns to named grids: what the study of drawing asks for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.control import assume

from onegrid.county.grids.rules.checking import check
from onegrid.county.grids.rules.drawing.ground import Ground, in_metres
from onegrid.county.grids.rules.drawing.partition import LevelSpec
from onegrid.county.grids.rules.drawing.whole import Drawing, NothingToDraw, draw_ground
from tests.support.towns import PLANE, random_town

LEVELS = (LevelSpec("slice", 40, tolerance=0.1), LevelSpec("team", 8, tolerance=0.2))


def drawn(ground: Ground, seed: int = 1, threads: int = 1) -> Drawing:
    try:
        return draw_ground(ground, LEVELS, seed=seed, threads=threads)
    except NothingToDraw:
        assume(False)
        raise


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4), st.sampled_from([0.0, 0.2, 0.8]))
def test_grids_nest_tile_and_hold_everybody_once(seed: int, blocks: int, mess: float) -> None:
    ground = random_town(seed, blocks=blocks, homes=70, mess=mess)
    drawing = drawn(ground, seed)
    given_ = ground.households[np.isfinite(ground.households)].sum()
    above = in_metres(drawing.ground.areas, drawing.ground.plane())
    parents = drawing.atoms.area
    for level, row in zip(drawing.levels, drawing.label_rows, strict=True):
        assert np.isclose(level.households.sum() + sum(one.households for one in drawing.findings), given_)
        assert (level.report.non_contiguous, level.report.crossings, level.report.nested) == (0, 0, True)
        assert level.report.coverage_valid
        shapes = in_metres(level.shapes, drawing.ground.plane())
        assert (shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON).all()
        assert shapely.is_valid(shapes).all()
        first = np.unique(row, return_index=True)[1]
        for parent, shape in enumerate(above):
            inside = shapes[parents[first] == parent]
            assert np.isclose(shapely.area(inside).sum(), shape.area, rtol=1e-9)
            assert shapely.hausdorff_distance(shapely.union_all(inside), shape) < 1e-6
        assert len(set(level.codes)) == len(level.codes)
        outside = {grid.grid for grid in level.report.outside}
        off = np.abs(level.deviation) > level.spec.tolerance + 1e-9
        assert set(np.flatnonzero(off)) == outside
        above, parents = shapes, row


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.2]))
def test_rows_and_threads_change_nothing(seed: int, mess: float) -> None:
    ground = random_town(seed, homes=70, mess=mess)
    dice = np.random.default_rng(seed)
    roads = dice.permutation(len(ground.roads))
    mixed = ground.taken(dice.permutation(len(ground.buildings)))
    mixed = replace(mixed, roads=ground.roads[roads], road_rank=ground.road_rank[roads])
    one, other = drawn(ground), drawn(mixed, threads=3)
    assert np.array_equal(one.label_rows, other.label_rows)
    for left, right in zip(one.levels, other.levels, strict=True):
        assert left.codes == right.codes
        assert shapely.to_wkb(left.shapes).tolist() == shapely.to_wkb(right.shapes).tolist()


def test_a_town_moved_is_drawn_alike_and_turned_as_well() -> None:
    ground = random_town(3, blocks=4, homes=260)

    def figures(town: Ground) -> np.ndarray:
        report = drawn(town).levels[0].report
        return np.array([report.grids, report.within_20, report.polsby_popper, report.centre_distance])

    def turned(shapes: np.ndarray) -> np.ndarray:
        flat = in_metres(shapes, PLANE)
        return np.asarray(shapely.transform(flat, lambda at: PLANE.to_degrees(np.column_stack([-at[:, 1], at[:, 0]]))))

    def east(shapes: np.ndarray) -> np.ndarray:
        return np.asarray(shapely.transform(shapes, lambda at: np.add(at, (0.5, 0.0))))

    around = replace(ground, buildings=turned(ground.buildings), roads=turned(ground.roads), areas=turned(ground.areas))
    moved = replace(ground, buildings=east(ground.buildings), roads=east(ground.roads), areas=east(ground.areas))
    plain = figures(ground)
    assert np.allclose(figures(moved), plain, rtol=1e-6)
    assert np.allclose(figures(around)[:2], plain[:2])
    assert np.allclose(figures(around)[2:], plain[2:], rtol=0.1)


@pytest.mark.parametrize("seed", [5, 6])
def test_what_is_drawn_passes_the_check_and_what_is_broken_by_hand_does_not(seed: int) -> None:
    drawing = drawn(random_town(seed, homes=90))
    clean, level = drawing.ground, drawing.levels[0]
    assert check(level.shapes, parents=clean.areas, parent_of=level.area) == []
    one, other = level.shapes[0], level.shapes[-1]
    far = shapely.affinity.translate(one, 1.0, 0.0)
    assert {"gap"} == {fault.kind for fault in check(level.shapes[1:], parents=clean.areas)}
    torn = np.append(level.shapes[1:-1], shapely.MultiPolygon([one, far]))
    kinds = {fault.kind for fault in check(np.append(torn, [other, far]), parents=clean.areas)}
    assert {"several_pieces", "outside", "overlap"} <= kinds
