"""Properties of drawn land: any seed, any mixture of levels, outlines tile and points are found."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from onegrid.county.grids.rules import tiling
from onegrid.county.grids.rules.locator import NOWHERE, PointIndex
from onegrid.shell.demo import land
from onegrid.shell.demo.plan import DivisionPlan, LandPlan, LevelPlan, SchemePlan


@st.composite
def plans(draw: st.DrawFn) -> LandPlan:
    towns, villages = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    divisions = [DivisionPlan("990101", "县", "county", "")]
    for town in range(towns):
        code = f"9901010{town:02d}"
        divisions.append(DivisionPlan(code, f"{town}镇", "township", "990101"))
        for village in range(villages):
            ending = draw(st.sampled_from(["村", "社区"]))
            divisions.append(DivisionPlan(f"{code}{village:03d}", f"{village}{ending}", "village", code))
    levels = [LevelPlan("a", "片", households=draw(st.integers(20, 300)))]
    if draw(st.booleans()):
        levels.append(LevelPlan("b", "队", households=draw(st.integers(3, 30))))
    if draw(st.booleans()):
        levels.append(LevelPlan("c", "楼栋", cells="building"))
    if draw(st.booleans()):
        levels.append(LevelPlan("d", "组", count=draw(st.integers(1, 3000))))
    scheme = SchemePlan("main", tuple(levels))
    focus = frozenset({divisions[2].code})
    households = draw(st.integers(10, 500)) + 6 * towns * villages
    return LandPlan(119.0, 26.0, tuple(divisions), (scheme,), households, 0.02, focus=focus)


@settings(max_examples=25, deadline=None)
@given(plans(), st.integers(0, 10_000))
def test_any_land_tiles_at_every_level(plan: LandPlan, seed: int) -> None:
    drawn = land.draw(plan, seed)
    for level in drawn.levels:
        assert shapely.is_valid(level.outline).all()
        assert level.households.sum() == plan.households
        if level.above >= 0:
            for row in np.unique(level.parent):
                parent = drawn.levels[level.above].outline[row]
                assert not tiling.faults(parent, list(level.outline[level.parent == row]), tolerance_m2=0.5)


@settings(max_examples=12, deadline=None)
@given(plans(), st.integers(0, 10_000))
def test_any_point_lies_in_one_leaf_of_its_village(plan: LandPlan, seed: int) -> None:
    drawn = land.draw(plan, seed)
    leaf, village = drawn.levels[-1], drawn.levels[2]
    ups = [drawn.levels[at] for at in range(3, len(drawn.levels))]
    west, south, east, north = drawn.levels[0].outline[0].bounds
    points = np.random.default_rng(seed).uniform([west, south], [east, north], (300, 2))
    leaves = PointIndex(np.arange(len(leaf.outline)), leaf.outline).locate_many(points[:, 0], points[:, 1])
    villages = PointIndex(np.arange(len(village.outline)), village.outline).locate_many(points[:, 0], points[:, 1])
    assert ((leaves == NOWHERE) == (villages == NOWHERE)).all()
    owner = np.arange(len(leaf.parent))
    for level in reversed(ups):
        owner = level.parent[owner]
    inside = leaves != NOWHERE
    assert (owner[leaves[inside]] == villages[inside]).all()


def test_tiling_faults_are_named_with_a_place() -> None:
    parent = shapely.box(119, 26, 119.01, 26.01)
    left, right = shapely.box(119, 26, 119.005, 26.01), shapely.box(119.005, 26, 119.01, 26.01)
    assert tiling.faults(parent, [left, right]) == []
    [gap] = tiling.faults(parent, [left])
    assert gap.kind == "gap"
    assert 119.005 < gap.lon < 119.01
    kinds = {fault.kind for fault in tiling.faults(parent, [left, parent])}
    assert kinds == {"overlap"}
    kinds = {fault.kind for fault in tiling.faults(parent, [left, shapely.box(119.005, 26, 119.02, 26.01)])}
    assert kinds == {"outside"}
