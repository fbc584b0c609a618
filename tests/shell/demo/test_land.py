"""The drawn land: same seed same land, outlines tile, everybody lives somewhere."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from onegrid.shell.demo import features, grids, land
from onegrid.shell.demo.plan import DivisionPlan, LandPlan, LevelPlan, SchemePlan


def plan(villages: int = 9, households: int = 700, schemes: tuple[SchemePlan, ...] | None = None) -> LandPlan:
    divisions = [DivisionPlan("990101", "试验县", "county", "")]
    for town in range(3):
        code = f"9901010{town:02d}"
        divisions.append(DivisionPlan(code, f"第{town}镇", "township", "990101"))
        for village in range(villages // 3):
            ending = "社区" if village == 0 else "村"
            divisions.append(DivisionPlan(f"{code}{village:03d}", f"{town}-{village}{ending}", "village", code))
    usual = SchemePlan(
        "rural",
        (
            LevelPlan("zone", "区", households=150),
            LevelPlan("team", "队", households=10),
            LevelPlan("house", "户", cells="household"),
        ),
    )
    return LandPlan(
        119.0, 26.0, tuple(divisions), schemes or (usual,), households, 0.01, focus=frozenset({"990101000000"})
    )


TOWN = SchemePlan(
    "town",
    (
        LevelPlan("community", "社区", division="village"),
        LevelPlan("estate", "小区", children=2),
        LevelPlan("building", "楼栋", cells="building"),
        LevelPlan("unit", "单元", cells="unit"),
    ),
    frozenset({"990101000000", "990101001"}),
)
REST = SchemePlan("rest", (LevelPlan("group", "组", count=900),), None)


@pytest.fixture(scope="module")
def drawn() -> land.Land:
    return land.draw(plan(), 7)


@pytest.fixture(scope="module")
def two_schemes() -> land.Land:
    return land.draw(plan(schemes=(TOWN, REST)), 7)


def test_the_same_seed_draws_the_same_land(drawn: land.Land) -> None:
    again, other = land.draw(plan(), 7), land.draw(plan(), 8)
    for one, two in zip(drawn.levels, again.levels, strict=True):
        assert (shapely.to_wkb(one.outline) == shapely.to_wkb(two.outline)).all()
    assert features.houses(drawn, 7).address == features.houses(again, 7).address
    assert shapely.to_wkb(drawn.levels[0].outline[0]) != shapely.to_wkb(other.levels[0].outline[0])


@pytest.mark.parametrize("which", ["drawn", "two_schemes"])
def test_children_tile_their_parent_to_the_last_point(which: str, request: pytest.FixtureRequest) -> None:
    it: land.Land = request.getfixturevalue(which)
    for level in it.levels:
        assert shapely.is_valid(level.outline).all()
        assert shapely.coverage_is_valid(level.outline)
        if level.above < 0:
            continue
        parents = it.levels[level.above].outline
        for row in np.unique(level.parent):
            union = shapely.coverage_union_all(level.outline[level.parent == row])
            assert shapely.equals(union, parents[row])


def test_every_division_has_its_published_code_and_some_land(drawn: land.Land) -> None:
    assert [len(rows) for rows in drawn.division_rows] == [1, 3, 9]
    assert [len(level.outline) for level in drawn.levels[:3]] == [1, 3, 9]
    assert all((shapely.area(level.outline) > 0).all() for level in drawn.levels)


def test_every_household_lives_in_a_building_and_a_grid(drawn: land.Land) -> None:
    assert drawn.buildings.households.sum() == 700
    for level in drawn.levels:
        assert level.households.sum() == 700
    house, living = grids.stairwells(drawn.pieces, drawn.buildings)
    assert living.sum() == 700
    assert (house >= 0).all()


def test_teams_hold_about_as_many_households_as_asked(drawn: land.Land) -> None:
    team = drawn.levels[-1].households
    assert 6 < team[team > 0].mean() < 16


def test_schemes_share_the_villages_between_them(two_schemes: land.Land) -> None:
    town = [level for level in two_schemes.levels if level.scheme == 0]
    rest = [level for level in two_schemes.levels if level.scheme == 1]
    assert len(town) == 3
    assert len(rest) == 1
    assert ((town[0].piece_owner >= 0) ^ (rest[0].piece_owner >= 0)).all()
    # 900 at full size is 9 here, and 5 villages need one each.
    assert len(rest[0].parent) == 9


def test_every_inhabited_building_is_a_grid_where_buildings_are_a_level(two_schemes: land.Land) -> None:
    level = [level for level in two_schemes.levels if level.scheme == 0][1]
    at = grids.building_pieces(two_schemes.pieces, two_schemes.buildings)
    covered = (level.piece_owner[at] >= 0) & (two_schemes.buildings.households > 0)
    owners = level.piece_owner[at[covered]]
    assert len(np.unique(owners)) == covered.sum()


def test_buildings_stand_inside_their_village_and_off_each_other(drawn: land.Land) -> None:
    houses = features.houses(drawn, 7)
    villages = drawn.levels[2].outline
    assert shapely.within(houses.shape, villages[drawn.buildings.village]).all()
    tree = shapely.STRtree(houses.shape)
    left, _right = tree.query(houses.shape, predicate="overlaps")
    assert not len(left)
    assert len(set(houses.address)) > 0.9 * len(houses.address)


def test_the_base_map_has_roads_river_and_greens(drawn: land.Land) -> None:
    found = features.base_map(drawn, 7)
    assert {feature.layer for feature in found} == {"road", "water", "green"}
    assert {"trunk", "main", "street"} <= {feature.kind for feature in found}
    assert all(shapely.is_valid(feature.shape) for feature in found)
