"""Nested grids: connected, of the right number and size, the same whatever the order of rows or the threads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.lattice import lattice, of_squares, shuffled

from onegrid.county.grids.rules.drawing.atoms import Atoms, Edges
from onegrid.county.grids.rules.drawing.measures import measure
from onegrid.county.grids.rules.drawing.partition import LevelSpec, Stopped, draw
from onegrid.county.grids.rules.drawing.wanted import Along

LEVELS = (LevelSpec("zone", 1000, tolerance=0.2), LevelSpec("slice", 100), LevelSpec("team", 10, tolerance=0.2))


@pytest.fixture(scope="module")
def land() -> tuple[Atoms, Edges]:
    return lattice(48, 40, seed=3, areas=2)


def test_three_levels_nest_and_hold_what_they_should(land: tuple[Atoms, Edges]) -> None:
    atoms, edges = land
    labels = draw(atoms, edges, LEVELS, seed=7)
    zones, slices, teams = measure(atoms, edges, labels, LEVELS)
    for report in (zones, slices, teams):
        assert (report.non_contiguous, report.crossings, report.area_error, report.nested) == (0, 0, 0, True)
    for above, size, grids in ((atoms.area, 1000, zones.grids), (labels[0], 100, slices.grids)):
        due = np.bincount(above, atoms.households) / size
        assert grids == np.floor(due + 0.5).clip(1).sum()
    assert slices.within_10 >= 0.98
    assert slices.within_20 == 1.0
    assert teams.within_20 >= 0.995
    assert slices.polsby_popper > 0.45
    assert slices.street_inside < 0.75


@settings(max_examples=25, deadline=None)
@given(
    wide=st.integers(1, 24), high=st.integers(1, 24), seed=st.integers(0, 10_000), areas=st.integers(1, 3),
    empty=st.sampled_from([0.0, 0.3, 0.9, 1.0]), size=st.sampled_from([3.0, 10.0, 45.0, 400.0]),
)  # fmt: skip
def test_any_land_is_divided_into_connected_grids_with_homes(
    wide: int, high: int, seed: int, areas: int, empty: float, size: float
) -> None:
    atoms, edges = lattice(wide, high, seed, areas=min(areas, wide), empty=empty)
    levels = [LevelSpec("big", size * 10, tolerance=0.2), LevelSpec("small", size, tolerance=0.1)]
    labels = draw(atoms, edges, levels, seed=seed, threads=1)
    above = atoms.area
    for label, spec, report in zip(labels, levels, measure(atoms, edges, labels, levels), strict=True):
        assert (report.non_contiguous, report.crossings, report.area_error, report.nested) == (0, 0, 0, True)
        load = np.bincount(label, atoms.households)
        for parent in np.unique(above):
            its = above == parent
            due = np.floor(atoms.households[its].sum() / spec.size + 0.5)
            assert len(np.unique(label[its])) == max(1, min(due, (atoms.households[its] > 0).sum()))
        alone = np.bincount(above, atoms.households)[above] == 0
        assert (load[np.unique(label[~alone])] > 0).all()
        assert set(np.unique(label)) == set(range(len(load)))
        above = label


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), order=st.integers(0, 10_000))
def test_rows_and_threads_change_nothing(seed: int, order: int) -> None:
    atoms, edges = lattice(24, 20, seed, areas=2)
    labels = draw(atoms, edges, LEVELS[1:], seed=seed, threads=1)
    moved, its_edges, rows = shuffled(atoms, edges, order)
    again = draw(moved, its_edges, LEVELS[1:], seed=seed, threads=2)
    assert np.array_equal(again, labels[:, rows])


def test_another_seed_draws_other_grids(land: tuple[Atoms, Edges]) -> None:
    atoms, edges = land
    one, other = (draw(atoms, edges, LEVELS[1:2], seed=seed) for seed in (1, 2))
    assert not np.array_equal(one, other)


def test_what_happens_in_one_area_leaves_the_others_as_they_were(land: tuple[Atoms, Edges]) -> None:
    atoms, edges = land
    labels = draw(atoms, edges, LEVELS[1:], seed=5)
    fuller = replace(atoms, households=np.where(atoms.area == 1, atoms.households * 2, atoms.households))
    again = draw(fuller, edges, LEVELS[1:], seed=5)
    west = atoms.area == 0
    for one, other in zip(labels[:, west], again[:, west], strict=True):
        pairs = np.unique(np.column_stack([one, other]), axis=0)  # the numbers may shift, the grids may not
        assert len(pairs) == len(np.unique(one)) == len(np.unique(other))


@pytest.mark.parametrize("quarter", [0, 1])
def test_moved_or_turned_land_is_divided_as_well(land: tuple[Atoms, Edges], quarter: int) -> None:
    atoms, edges = land
    x, y = (-atoms.y, atoms.x) if quarter else (atoms.x, atoms.y)
    moved = replace(atoms, x=x + 31_234.0, y=y - 8_765.0)
    one, other = (measure(a, edges, draw(a, edges, LEVELS[1:2], seed=5), LEVELS[1:2])[0] for a in (atoms, moved))
    assert other.grids == one.grids
    assert other.centre_distance == pytest.approx(one.centre_distance, rel=0.06)
    assert other.polsby_popper == pytest.approx(one.polsby_popper, rel=0.08)


def test_frozen_grids_stay_and_new_ones_are_numbered_above(land: tuple[Atoms, Edges]) -> None:
    atoms, edges = land
    labels = draw(atoms, edges, LEVELS, seed=5)
    chosen = labels[1] == labels[1][100]
    frozen = labels.copy()
    frozen[2][chosen] = -1
    again = draw(atoms, edges, LEVELS, seed=6, frozen=frozen)
    assert np.array_equal(again[:2], labels[:2])
    assert np.array_equal(again[2][~chosen], labels[2][~chosen])
    assert again[2][chosen].min() > labels[2].max()
    assert measure(atoms, edges, again, LEVELS)[2].nested


def test_a_fixed_count_is_made() -> None:
    atoms, edges = lattice(20, 20, seed=1)
    labels = draw(atoms, edges, [LEVELS[1]], seed=1, fixed_count={(0, 0): 3})
    assert len(np.unique(labels)) == 3


def test_land_in_pieces_gets_grids_for_each_piece() -> None:
    atoms, edges = lattice(20, 10, seed=1)
    west_and_east = (np.arange(200) // 10 < 8) | (np.arange(200) // 10 >= 11)
    atoms, edges = of_squares(atoms, edges, west_and_east)
    labels = draw(atoms, edges, [LevelSpec("slice", 60)], seed=1)
    report = measure(atoms, edges, labels, [LevelSpec("slice", 60)])[0]
    assert report.non_contiguous == 0


def test_atoms_at_one_place_and_in_one_line_are_divided() -> None:
    atoms, edges = lattice(40, 1, seed=1, empty=0.0)
    for squeezed in (replace(atoms, x=np.zeros(40)), replace(atoms, x=np.repeat(np.arange(10) * 80.0, 4))):
        labels = draw(squeezed, edges, [LevelSpec("slice", 20)], seed=1)
        assert measure(atoms, edges, labels, [LevelSpec("slice", 20)])[0].non_contiguous == 0


def test_one_household_no_household_and_nothing() -> None:
    atoms, edges = lattice(1, 1, seed=1, empty=0.0, most=1)
    assert draw(atoms, edges, LEVELS, seed=1).tolist() == [[0], [0], [0]]
    atoms, edges = lattice(3, 3, seed=1, empty=1.0)
    assert draw(atoms, edges, LEVELS, seed=1).tolist() == [[0] * 9] * 3
    none = np.zeros(9, bool)
    assert draw(*of_squares(atoms, edges, none), LEVELS, seed=1).shape == (3, 0)


def test_one_building_far_too_large_is_said_to_be() -> None:
    atoms, edges = lattice(10, 10, seed=1, empty=0.0)
    atoms = replace(atoms, households=np.where(np.arange(100) == 44, 180.0, atoms.households))
    labels = draw(atoms, edges, [LEVELS[1]], seed=1)
    report = measure(atoms, edges, labels, [LEVELS[1]])[0]
    assert report.non_contiguous == 0
    assert report.outside[0].why == "atoms_too_coarse"
    assert report.outside[0].grid == labels[0, 44]


def test_a_level_may_count_workload_instead_of_households(land: tuple[Atoms, Edges]) -> None:
    atoms, edges = land
    west = replace(atoms, weight=atoms.households * np.where(atoms.x < 480, 3.0, 1.0))
    spec = LevelSpec("slice", 150, unit="weight")
    labels = draw(west, edges, [spec], seed=1)
    report = measure(west, edges, labels, [spec])[0]
    assert report.within_10 >= 0.95
    assert np.bincount(labels[0], atoms.households).std() > 20


def test_leaders_live_near_the_middle(land: tuple[Atoms, Edges]) -> None:
    atoms, edges = land
    homes = np.flatnonzero(atoms.households > 0)[::230]
    labels = draw(atoms, edges, [LEVELS[1]], seed=1, leaders=[homes])[0]
    assert len(np.unique(labels[homes])) == len(homes)

    def away(label: np.ndarray) -> float:
        far = []
        for home in homes:
            its = (label == label[home]) & (atoms.households > 0)
            total = atoms.households[its].sum()
            x, y = ((atoms.households[its] * axis[its]).sum() / total for axis in (atoms.x, atoms.y))
            far.append(np.hypot(atoms.x[home] - x, atoms.y[home] - y))
        return float(np.mean(far))

    assert away(labels) < 0.6 * away(draw(atoms, edges, [LEVELS[1]], seed=1)[0])
    assert measure(atoms, edges, labels[None], [LEVELS[1]])[0].within_20 == 1.0


def test_it_tells_how_far_it_is_and_stops_when_asked(land: tuple[Atoms, Edges]) -> None:
    heard: list[tuple[str, float]] = []
    draw(*land, LEVELS, seed=1, progress=lambda word, share: heard.append((word, share)))
    shares = [share for word, share in heard if word == "partition"]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    with pytest.raises(Stopped):
        draw(*land, LEVELS, seed=1, stop=lambda: True)


def test_frozen_of_another_shape_is_refused(land: tuple[Atoms, Edges]) -> None:
    with pytest.raises(ValueError, match="frozen must be"):
        draw(*land, LEVELS, seed=1, frozen=np.zeros((1, 3), np.int64))


@pytest.mark.parametrize("along", ["block", "building", "unit"])
def test_a_level_follows_what_is_there(land: tuple[Atoms, Edges], along: Along) -> None:
    atoms, edges = land
    levels = [LevelSpec("slice", 180), LevelSpec("own", along=along)]
    labels = draw(atoms, edges, levels, seed=3)
    slices, own = measure(atoms, edges, labels, levels)
    group = {"block": atoms.block, "building": atoms.building, "unit": atoms.unit}[along]
    lived = (atoms.households > 0) & (group >= 0)
    of_area = np.unique(np.column_stack([group[lived], atoms.area[lived]]), axis=0)
    assert own.grids == len(of_area), "one grid for each that is lived in, none for the others"
    assert len(np.unique(np.column_stack([group[lived], labels[1][lived]]), axis=0)) == len(of_area)
    for report in (slices, own):
        assert (report.non_contiguous, report.crossings, report.area_error, report.nested) == (0, 0, 0, True)
    assert (own.within_10, own.deviation_max, own.outside) == (1.0, 0.0, [])
    assert slices.within_20 == 1.0
    if along != "unit":
        assert slices.buildings_split == 0, "the level above keeps them whole"


def test_buildings_and_stairwells_whatever_the_order_and_where_nobody_lives() -> None:
    atoms, edges = lattice(20, 16, 5, areas=2, empty=0.3)
    empty = replace(atoms, households=np.where(atoms.area == 0, 0.0, atoms.households))
    levels = [LevelSpec("building", along="building"), LevelSpec("unit", along="unit")]
    labels = draw(empty, edges, levels, seed=1, threads=1)
    assert len(np.unique(labels[:, atoms.area == 0])) == 1, "an area without homes is one grid of each level"
    moved, its_edges, rows = shuffled(empty, edges, 9)
    assert np.array_equal(draw(moved, its_edges, levels, seed=2, threads=2), labels[:, rows])
