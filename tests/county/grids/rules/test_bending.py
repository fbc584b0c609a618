"""Dragging the corners of a border: both grids keep their land between them, nobody else is touched."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from onegrid.county.grids.errors import BorderUnusable, NotAdjacent, NotSiblings
from onegrid.county.grids.rules import bending, tiling
from onegrid.county.grids.rules.editing import Cell, Guides, Picture

STEP = 0.01
WHOLE = shapely.box(119, 26, 119 + 4 * STEP, 26 + 4 * STEP)


def at(*points: tuple[float, float]) -> list[tuple[float, float]]:
    """Hundredths of a degree east and north of 119, 26."""
    return [(119 + x * STEP, 26 + y * STEP) for x, y in points]


def lines(*drawn: Sequence[tuple[float, float]]) -> shapely.MultiLineString:
    """A border as the page sends it."""
    return shapely.MultiLineString([shapely.LineString(one) for one in drawn])


def cell(key: str, *ring: tuple[float, float], parent: str = "g0", level: int = 1) -> Cell:
    return Cell(key, parent, level, key, shapely.Polygon(at(*ring)), int(key[1:]))


@pytest.fixture
def town() -> Picture:
    """West, east, and a strip in the south whose border has no corner where west and east meet; west holds two."""
    return Picture(
        [
            cell("g1", (0, 1), (2, 1), (2, 4), (0, 4)),
            cell("g2", (2, 1), (4, 1), (4, 4), (2, 4)),
            cell("g3", (0, 0), (4, 0), (4, 1), (0, 1)),
        ]
    )


def whole(picture: Picture) -> bool:
    return not tiling.faults(WHOLE, [one.outline for one in picture.below("g0")])


def test_a_corner_is_added_and_dragged(town: Picture) -> None:
    [border] = bending.border_of(town, "g1", "g2")
    assert sorted(map(tuple, border.tolist())) == sorted(at((2, 1), (2, 4)))
    start, end = border.tolist()
    change = bending.bend(town, "g1", "g2", lines([start, *at((2.5, 2.5)), end]), guides=Guides())
    after = town.after(change)
    assert {one.key for one in change.put} == {"g1", "g2"}
    assert whole(after)
    assert after.cells["g1"].outline.equals(shapely.Polygon(at((0, 1), (2, 1), (2.5, 2.5), (2, 4), (0, 4))))
    [again] = bending.border_of(after, "g1", "g2")
    straight = bending.bend(after, "g2", "g1", lines([again[0], again[-1]]), guides=Guides())
    assert after.after(straight).cells["g1"].outline.equals(town.cells["g1"].outline), "the corner taken out again"


def test_an_end_slides_along_the_rim_and_a_short_one_is_carried_on_to_it(town: Picture) -> None:
    change = bending.bend(town, "g1", "g2", lines(at((1, 1.00001), (2, 3.9999))), guides=Guides())
    after = town.after(change)
    assert whole(after)
    assert after.cells["g1"].outline.bounds == pytest.approx(shapely.Polygon(at((0, 1), (2, 4), (0, 4))).bounds)
    assert shapely.hausdorff_distance(after.cells["g3"].outline, town.cells["g3"].outline) == 0


def test_rounded_corners_stay_exactly_and_small_drags_are_kept(town: Picture) -> None:
    odd = 2 + 1 / 3
    picture = Picture(
        [cell("g1", (0, 1), (odd, 1), (odd, 2), (2, 4), (0, 4)), cell("g2", (odd, 1), (4, 1), (4, 4), (2, 4), (odd, 2))]
    )
    [border] = bending.border_of(picture, "g1", "g2")
    sent = np.round(border, 9)
    sent[1] += 3e-5  # Three metres: nearer than corners are snapped.
    after = picture.after(bending.bend(picture, "g1", "g2", lines(sent), guides=Guides()))
    [now] = bending.border_of(after, "g1", "g2")
    assert {tuple(one) for one in now[[0, -1]].tolist()} == {tuple(one) for one in border[[0, -1]].tolist()}
    assert now[1] == pytest.approx(sent[1], abs=0)


def test_corners_jump_onto_a_street(town: Picture) -> None:
    street = shapely.LineString(at((2.4, 0), (2.4, 5)))
    guides = Guides(np.array([street], dtype=object))
    start, end = bending.border_of(town, "g1", "g2")[0].tolist()
    after = town.after(bending.bend(town, "g1", "g2", lines([start, *at((2.405, 2.5)), end]), guides=guides))
    assert after.cells["g1"].outline.bounds[2] == pytest.approx(119 + 2.4 * STEP, abs=1e-9)


def test_grids_above_move_by_whole_grids(town: Picture) -> None:
    inside = [
        cell("g11", (0, 1), (1, 1), (1, 4), (0, 4), parent="g1", level=2),
        cell("g12", (1, 1), (2, 1), (2, 4), (1, 4), parent="g1", level=2),
        cell("g21", (2, 1), (4, 1), (4, 4), (2, 4), parent="g2", level=2),
    ]
    picture = Picture([*town.cells.values(), *inside])
    change = bending.bend(picture, "g1", "g2", lines(at((1.2, 1), (1.2, 4))), guides=Guides())
    after = picture.after(change)
    assert after.cells["g12"].parent == "g2"
    assert after.cells["g1"].outline.equals(inside[0].outline)
    assert whole(after)


@pytest.mark.parametrize(
    ("drawn", "words"),
    [
        (at((2, 1), (2, 4)), "border_as_was"),
        (at((2, 1), (2, 2)), "border_open"),
        (at((1, 1), (3, 1)), "border_open"),
        (at((2, 1), (0, 2.5), (2, 4)), "border_tears"),
    ],
)
def test_what_is_no_border_is_refused(town: Picture, drawn: list[tuple[float, float]], words: str) -> None:
    with pytest.raises(BorderUnusable) as refused:
        bending.bend(town, "g1", "g2", lines(drawn), guides=Guides())
    assert refused.value.key == f"drafts.errors.{words}"


def test_only_siblings_with_an_open_border_between_them_have_one_to_drag(town: Picture) -> None:
    lake = cell("g5", (1, 2), (1.5, 2), (1.5, 3), (1, 3))
    west = Cell("g1", "g0", 1, "g1", town.cells["g1"].outline.difference(lake.outline), 1)
    picture = Picture([west, lake, town.cells["g2"], cell("g9", (8, 8), (9, 8), (9, 9))])
    for pair, kind in ((("g1", "g5"), BorderUnusable), (("g2", "g9"), NotAdjacent), (("g2", "g2"), NotSiblings)):
        with pytest.raises(kind):
            bending.border_of(picture, *pair)
    with pytest.raises(BorderUnusable):
        bending.bend(town, "g1", "g2", lines(at((2, 1), (2, 4)), at((1, 1), (1, 4))), guides=Guides())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0.05, 3.95), st.floats(1.05, 3.95)), max_size=4))
def test_whatever_is_drawn_tiles_or_is_refused(points: list[tuple[float, float]]) -> None:
    picture = Picture(
        [
            cell("g1", (0, 1), (2, 1), (2, 4), (0, 4)),
            cell("g2", (2, 1), (4, 1), (4, 4), (2, 4)),
            cell("g3", (0, 0), (4, 0), (4, 1), (0, 1)),
        ]
    )
    try:
        change = bending.bend(picture, "g1", "g2", lines(at((2, 1), *points, (2, 4))), guides=Guides())
    except BorderUnusable:
        return
    after = picture.after(change)
    assert whole(after)
    assert {one.geom_type for one in (after.cells["g1"].outline, after.cells["g2"].outline)} == {"Polygon"}
