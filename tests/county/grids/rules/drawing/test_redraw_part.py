"""A part drawn anew, the rest frozen; and which new grid keeps which old name."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.lattice import lattice

from onegrid.county.grids.rules.drawing.atoms import Atoms, Edges
from onegrid.county.grids.rules.drawing.measures import measure
from onegrid.county.grids.rules.drawing.partition import LevelSpec, draw, keep_names, redraw_part

SLICE = LevelSpec("slice", 100)
TEAM = LevelSpec("team", 10, tolerance=0.2)


@pytest.fixture(scope="module")
def land() -> tuple[Atoms, Edges]:
    return lattice(48, 40, seed=3, areas=2)


def estate(atoms: Atoms) -> np.ndarray:
    return np.asarray((np.abs(atoms.x - 200) < 170) & (np.abs(atoms.y - 420) < 170))


def test_an_estate_changes_hardly_anything_else(land: tuple[Atoms, Edges]) -> None:
    atoms, edges = land
    new = estate(atoms)
    before = replace(atoms, households=np.where(new, 0.0, atoms.households))
    labels = draw(before, edges, [SLICE], seed=1)
    again = redraw_part(atoms, edges, 0, labels, new, SLICE, seed=1)
    others = ~new
    changed = [
        one
        for one in np.unique(labels[0][others])
        if not np.array_equal((labels[0] == one)[others], (again == one)[others])
    ]
    assert len(changed) <= 2
    report = measure(atoms, edges, again[None], [SLICE])[0]
    assert report.non_contiguous == 0
    assert report.within_20 == 1.0
    assert np.array_equal(again[atoms.area == 1], labels[0][atoms.area == 1])


def test_an_estate_that_goes_again_gives_the_old_grids_back_where_nothing_was_touched(
    land: tuple[Atoms, Edges],
) -> None:
    atoms, edges = land
    new = estate(atoms)
    before = replace(atoms, households=np.where(new, 0.0, atoms.households))
    labels = draw(before, edges, [SLICE], seed=1)
    with_estate = redraw_part(atoms, edges, 0, labels, new, SLICE, seed=1)
    untouched = np.isin(labels[0], np.unique(labels[0][new | (with_estate != labels[0])]), invert=True)
    without = redraw_part(before, edges, 0, with_estate[None], new, SLICE, seed=1)
    kept = untouched & np.isin(without, np.unique(without[with_estate != labels[0]]), invert=True)
    assert kept.sum() > 1000
    assert np.array_equal(without[kept], labels[0][kept])


def test_one_grid_becomes_as_many_as_asked(land: tuple[Atoms, Edges]) -> None:
    atoms, edges = land
    labels = draw(atoms, edges, [SLICE], seed=1)
    one = labels[0] == 5
    halves = redraw_part(atoms, edges, 0, labels, one, SLICE, seed=1, count=2)
    names = np.unique(halves[one])
    assert len(names) == 2
    assert names[0] == 5
    assert names[1] == labels[0].max() + 1
    assert np.array_equal(halves[~one], labels[0][~one])


def test_a_lower_level_stays_inside_the_one_above(land: tuple[Atoms, Edges]) -> None:
    atoms, edges = land
    labels = draw(atoms, edges, [SLICE, TEAM], seed=1)
    part = np.isin(labels[1], np.unique(labels[1])[10:25])
    again = redraw_part(atoms, edges, 1, labels, part, TEAM, seed=9)
    report = measure(atoms, edges, np.stack([labels[0], again]), [SLICE, TEAM])[1]
    assert report.nested
    assert report.non_contiguous == 0


def test_land_that_had_no_grid_gets_one(land: tuple[Atoms, Edges]) -> None:
    atoms, edges = land
    labels = draw(atoms, edges, [SLICE], seed=1)
    labels[0][labels[0] == 3] = -1
    again = redraw_part(atoms, edges, 0, labels, np.zeros(len(atoms), bool), SLICE, seed=1)
    assert (again >= 0).all()
    assert measure(atoms, edges, again[None], [SLICE])[0].non_contiguous == 0


def test_names_go_to_the_largest_common_part() -> None:
    old = np.array([4, 4, 4, 9, 9, 9, -1])
    new = np.array([0, 0, 1, 1, 2, 2, 2])
    homes = np.array([5.0, 5, 1, 2, 3, 3, 9])
    assert keep_names(old, new, homes) == {0: 4, 2: 9}
    assert keep_names(np.full(3, -1), np.zeros(3, np.int64), np.ones(3)) == {}


def test_empty_land_keeps_its_name_too() -> None:
    assert keep_names(np.array([7, 7]), np.array([1, 1]), np.zeros(2)) == {1: 7}
