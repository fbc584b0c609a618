"""Properties of laid-out land: any town, however bad its data, is covered exactly and loses no household unnamed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from onegrid.county.grids.rules.drawing.outlines import outlines
from tests.support.towns import assert_lies_right, laid_out, random_town


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(0, 70), st.sampled_from([0.0, 0.1, 0.6]))
def test_any_town_is_covered_exactly(seed: int, blocks: int, homes: int, mess: float) -> None:
    assert_lies_right(random_town(seed, blocks=blocks, homes=homes, mess=mess))


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 0.3))
def test_the_order_of_rows_does_not_matter(seed: int, mess: float) -> None:
    ground = random_town(seed, mess=mess)
    dice = np.random.default_rng(seed + 1)
    mixed = ground.taken(dice.permutation(len(ground.buildings)))
    roads = dice.permutation(len(ground.roads))
    mixed = replace(
        mixed, roads=ground.roads[roads], road_rank=ground.road_rank[roads], areas=ground.areas[::-1],
        area_names=ground.area_names[::-1],
    )  # fmt: skip
    one, other = laid_out(ground), laid_out(mixed)
    assert list(one[0].source) == list(other[0].source)
    assert sorted(map(repr, one[1])) == sorted(map(repr, other[1]))
    assert shapely.to_wkb(one[2].cell).tolist() == shapely.to_wkb(other[2].cell).tolist()
    for name in ("x", "y", "households", "weight", "building", "unit", "block", "area"):
        assert np.array_equal(getattr(one[2], name), getattr(other[2], name)), name
    for name in ("left", "right", "length_m", "rank"):
        assert np.array_equal(getattr(one[3], name), getattr(other[3], name)), name


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000))
def test_neighbours_are_those_that_share_a_border(seed: int) -> None:
    _, _, atoms, edges = laid_out(random_town(seed, blocks=2, homes=25))
    one, other = shapely.STRtree(atoms.cell).query(atoms.cell, predicate="intersects")
    pairs = (one < other) & (atoms.area[one] == atoms.area[other])
    one, other = one[pairs], other[pairs]
    shared = shapely.length(shapely.intersection(atoms.cell[one], atoms.cell[other]))
    expected = {(int(a), int(b)): length for a, b, length in zip(one, other, shared, strict=True) if length > 1e-4}
    given_ = {(int(a), int(b)): length for a, b, length in zip(edges.left, edges.right, edges.length_m, strict=True)}
    assert expected.keys() <= given_.keys()
    assert all(given_[pair] < 2e-4 for pair in given_.keys() - expected.keys())
    assert all(np.isclose(given_[pair], length, atol=1e-4) for pair, length in expected.items())


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 9))
def test_outlines_tile_and_children_make_up_their_parent(seed: int, grids: int) -> None:
    atoms = laid_out(random_town(seed, blocks=2, homes=25))[2]
    parent = atoms.area
    child = parent * grids + np.random.default_rng(seed).integers(0, grids, len(atoms))
    above, below = outlines(atoms, parent), outlines(atoms, child)
    assert shapely.coverage_is_valid(above)
    numbers = np.unique(child)
    assert len(below) == len(numbers)
    for area, shape in zip(np.unique(parent), above, strict=True):
        inside = below[numbers // grids == area]
        assert np.isclose(shapely.area(inside).sum(), shape.area, rtol=1e-12)
        assert shapely.equals(shapely.coverage_union_all(inside), shape)
