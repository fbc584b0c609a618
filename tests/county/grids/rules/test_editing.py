"""Editing a picture of grids: siblings tile their parent whatever is drawn, and what cannot be done says why."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from onegrid.county.grids.errors import (
    BorderUnusable,
    CellNotFound,
    LineDoesNotSplit,
    NotAdjacent,
    NotSiblings,
)
from onegrid.county.grids.rules import editing, snapping, tiling
from onegrid.county.grids.rules.editing import Cell, Guides, Picture
from onegrid.county.grids.rules.metres import area_m2

STEP = 0.01


def square(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """In hundredths of a degree east and north of 119, 26."""
    return shapely.box(119 + west * STEP, 26 + south * STEP, 119 + east * STEP, 26 + north * STEP)


def line(*points: tuple[float, float]) -> shapely.LineString:
    """In the same hundredths."""
    return shapely.LineString([(119 + x * STEP, 26 + y * STEP) for x, y in points])


def fresh() -> Callable[[], str]:
    """Keys of new cells."""
    numbers = count(1)
    return lambda: f"n{next(numbers)}"


@pytest.fixture
def town() -> Picture:
    """Four zones in a square of four by four; the north-west one of four slices."""
    zones = [
        Cell("g1", "g0", 1, "西南", square(0, 0, 2, 2), 1),
        Cell("g2", "g0", 1, "东南", square(2, 0, 4, 2), 2),
        Cell("g3", "g0", 1, "西北", square(0, 2, 2, 4), 3),
        Cell("g4", "g0", 1, "东北", square(2, 2, 4, 4), 4),
    ]
    slices = [
        Cell(f"g{10 + at}", "g3", 2, f"片{at}", square(x, y, x + 1, y + 1), 10 + at)
        for at, (x, y) in enumerate([(0, 2), (1, 2), (0, 3), (1, 3)])
    ]
    return Picture([*zones, *slices])


def tiles(picture: Picture, parent: str, whole: shapely.Polygon) -> bool:
    """Whether the cells in a parent tile it."""
    return not tiling.faults(whole, [cell.outline for cell in picture.below(parent)])


def test_a_line_splits_a_grid_and_its_siblings_stay(town: Picture) -> None:
    change = editing.split(town, "g2", line((3, -0.5), (3, 2.5)), names=["甲"], fresh=fresh(), guides=Guides())
    assert change.gone == ("g2",)
    assert [cell.name for cell in change.put] == ["甲", "东南-2"]
    assert all(cell.parent == "g0" and cell.grid is None for cell in change.put)
    after = town.after(change)
    assert tiles(after, "g0", square(0, 0, 4, 4))
    assert after.cells["g1"] == town.cells["g1"]


def test_a_line_that_stops_a_little_short_reaches_the_border(town: Picture) -> None:
    # Six metres short on both sides; the tolerance is eight.
    short = 6 / 111_000 / STEP
    change = editing.split(town, "g2", line((3, short), (3, 2 - short)), names=[], fresh=fresh(), guides=Guides())
    sizes = area_m2(np.array([cell.outline for cell in change.put], dtype=object))
    assert sizes[0] == pytest.approx(sizes[1], rel=1e-3)


@pytest.mark.parametrize(
    "points", [((2.5, 0.5), (3, 1)), ((5, 0), (5, 4)), ((2, 0), (2, 2))], ids=["inside", "beside", "along"]
)
def test_a_line_that_does_not_split_is_refused(town: Picture, points: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(LineDoesNotSplit):
        editing.split(town, "g2", line(*points), names=[], fresh=fresh(), guides=Guides())


def test_a_grid_with_grids_below_is_split_along_their_borders(town: Picture) -> None:
    crooked = line((0.9, 1), (1.2, 3), (0.8, 5))
    change = editing.split(town, "g3", crooked, names=[], fresh=fresh(), guides=Guides())
    after = town.after(change)
    halves = [cell for cell in after.below("g0") if cell.key.startswith("n")]
    assert len(halves) == 2
    for half in halves:
        inside = after.below(half.key)
        assert len(inside) == 2
        assert not tiling.faults(half.outline, [one.outline for one in inside])
    assert tiles(after, "g0", square(0, 0, 4, 4))
    assert {cell.key for cell in after.cells.values() if cell.level == 2} == {"g10", "g11", "g12", "g13"}


def test_merging_takes_what_lies_below_along(town: Picture) -> None:
    change = editing.merge(town, ["g10", "g11"], name="", fresh=fresh())
    [made] = change.put
    assert (made.parent, made.level) == ("g3", 2)
    assert set(change.gone) == {"g10", "g11"}
    with pytest.raises(NotSiblings):
        editing.merge(town, ["g3", "g4"], name="", fresh=fresh())
    halves = town.after(editing.split(town, "g3", line((1, 1), (1, 5)), names=[], fresh=fresh(), guides=Guides()))
    again = halves.after(editing.merge(halves, ["n1", "n2"], name="又合", fresh=lambda: "n9"))
    assert {cell.key for cell in again.below("n9")} == {"g10", "g11", "g12", "g13"}
    assert tiles(again, "g0", square(0, 0, 4, 4))


def test_only_siblings_that_touch_are_merged(town: Picture) -> None:
    with pytest.raises(NotAdjacent):
        editing.merge(town, ["g1", "g4"], name="", fresh=fresh())
    with pytest.raises(NotSiblings):
        editing.merge(town, ["g1", "g10"], name="", fresh=fresh())
    with pytest.raises(NotSiblings):
        editing.merge(town, ["g1"], name="", fresh=fresh())
    with pytest.raises(CellNotFound):
        editing.merge(town, ["g1", "g99"], name="", fresh=fresh())


def test_land_taken_is_given_up_by_the_siblings(town: Picture) -> None:
    change = editing.give(town, "g2", square(1, 0, 3, 1), guides=Guides(), exactly=False)
    after = town.after(change)
    assert {cell.key for cell in change.put} == {"g1", "g2"}
    assert after.cells["g2"].outline.equals(shapely.union(square(2, 0, 4, 2), square(1, 0, 2, 1)))
    assert tiles(after, "g0", square(0, 0, 4, 4))


def test_an_outline_leaves_the_rest_to_who_borders_it_most(town: Picture) -> None:
    change = editing.give(town, "g2", square(2, 0, 4, 1), guides=Guides(), exactly=True)
    after = town.after(change)
    assert after.cells["g4"].outline.equals(square(2, 1, 4, 4))
    assert tiles(after, "g0", square(0, 0, 4, 4))


def test_land_outside_the_parent_is_not_taken(town: Picture) -> None:
    change = editing.give(town, "g13", square(1.5, 2, 3, 4), guides=Guides(), exactly=False)
    after = town.after(change)
    assert not tiling.faults(square(0, 2, 2, 4), [cell.outline for cell in after.below("g3")])
    assert after.cells["g4"] == town.cells["g4"]


def test_a_border_above_moves_along_the_grids_below(town: Picture) -> None:
    split = town.after(editing.split(town, "g3", line((1, 1), (1, 5)), names=[], fresh=fresh(), guides=Guides()))
    left = next(cell for cell in split.below("g0") if cell.key.startswith("n") and cell.outline.bounds[0] < 119.005)
    change = editing.give(split, left.key, square(1, 2, 1.8, 2.9), guides=Guides(), exactly=False)
    after = split.after(change)
    assert {cell.key for cell in after.below(left.key)} == {"g10", "g11", "g12"}
    for half in (cell for cell in after.below("g0") if cell.key.startswith("n")):
        assert not tiling.faults(half.outline, [one.outline for one in after.below(half.key)])
    with pytest.raises(BorderUnusable, match="swallows"):
        editing.give(split, left.key, square(0, 2, 2, 4), guides=Guides(), exactly=False)


@pytest.mark.parametrize(
    ("land", "words"),
    [
        (square(0, 0, 2, 2), "swallows"),
        (square(2, 0, 3, 1), "same"),
        (square(8, 8, 9, 9), "outside"),
        (shapely.Point(119, 26), "no_polygon"),
    ],
)
def test_land_that_cannot_be_taken_says_why(town: Picture, land: shapely.Geometry, words: str) -> None:
    with pytest.raises(BorderUnusable, match=words):
        editing.give(town, "g2", land, guides=Guides(), exactly=False)


def test_a_hole_or_a_torn_grid_is_refused(town: Picture) -> None:
    with pytest.raises(BorderUnusable, match="tears"):
        editing.give(town, "g2", square(0.5, 0.5, 1, 1), guides=Guides(), exactly=False)


def test_points_snap_to_corners_first_then_to_streets() -> None:
    corners = np.array([[119.0, 26.0]])
    street = np.array([shapely.LineString([(119.001, 25.9), (119.001, 26.1)])], dtype=object)
    near = np.array([[119.00003, 26.00002], [119.00098, 26.01], [119.0005, 26.0]])
    moved = snapping.snapped(near, corners, street, 8.0)
    assert tuple(moved[0]) == (119.0, 26.0)
    assert moved[1, 0] == pytest.approx(119.001, abs=1e-9)
    assert moved[1, 1] == pytest.approx(26.01, abs=1e-6)
    assert tuple(moved[2]) == (119.0005, 26.0)


def test_buildings_stay_whole_on_the_side_that_has_more_of_them(town: Picture) -> None:
    house = square(2.9, 0.5, 3.05, 0.7)
    guides = Guides(buildings=np.array([house], dtype=object))
    change = editing.split(town, "g2", line((3, -1), (3, 3)), names=[], fresh=fresh(), guides=guides)
    shares = [shapely.intersection(cell.outline, house).area / house.area for cell in change.put]
    assert sorted(round(share, 6) for share in shares) == [0.0, 1.0]
    assert tiles(town.after(change), "g0", square(0, 0, 4, 4))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["split", "merge", "give", "exactly"]),
            *(st.floats(0.05, 3.95, allow_nan=False) for _ in range(4)),
            st.integers(0, 10**6),
        ),
        max_size=8,
    )
)
def test_whatever_is_drawn_the_grids_tile(steps: list[tuple[str, float, float, float, float, int]]) -> None:
    """Any number of edits, most of them odd: refused, or a picture that still tiles on every level."""
    picture = Picture(
        [
            Cell(f"g{at}", "g0", 1, str(at), shape, at)
            for at, shape in enumerate(
                [square(0, 0, 2, 2), square(2, 0, 4, 2), square(0, 2, 2, 4), square(2, 2, 4, 4)], start=1
            )
        ]
    )
    keys = fresh()
    for action, a, b, c, d, pick in steps:
        cells = sorted(picture.cells)
        key = cells[pick % len(cells)]
        land = square(min(a, c), min(b, d), max(a, c) + 0.01, max(b, d) + 0.01)
        try:
            if action == "split":
                change = editing.split(picture, key, line((a, b), (c, d)), names=[], fresh=keys, guides=Guides())
            elif action == "merge":
                change = editing.merge(picture, [key, cells[(pick + 1) % len(cells)]], name="", fresh=keys)
            else:
                change = editing.give(picture, key, land, guides=Guides(), exactly=action == "exactly")
        except (LineDoesNotSplit, NotSiblings, NotAdjacent, BorderUnusable):
            continue
        picture = picture.after(change)
        assert tiles(picture, "g0", square(0, 0, 4, 4))
        assert all(cell.outline.is_valid and not cell.outline.is_empty for cell in picture.cells.values())
