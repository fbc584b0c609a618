"""What is reported about a division, against counts by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.lattice import lattice

from onegrid.county.grids.rules.drawing.measures import LevelReport, measure
from onegrid.county.grids.rules.drawing.partition import LevelSpec

FOUR = LevelSpec("slice", 4)


def report(labels: list[int], **changed: object) -> LevelReport:
    """A row of eight squares with a household each, a street in the middle, buildings of two."""
    atoms, edges = lattice(8, 1, empty=0.0, most=1)
    return measure(replace(atoms, **changed), edges, np.array([labels]), [FOUR])[0]


def test_a_division_along_the_street() -> None:
    told = report([0, 0, 0, 0, 1, 1, 1, 1])
    assert (told.grids, told.non_contiguous, told.crossings, told.nested) == (2, 0, 0, True)
    assert (told.within_10, told.deviation_max, told.attainable_max) == (1.0, 0.0, 0.0)
    assert (told.street_inside, told.offstreet_border_km, told.extra_blocks) == (0.0, 0.0, 0.0)
    assert (told.buildings_split, told.units_split, told.area_error, told.coverage_valid) == (0, 0, 0.0, True)
    assert told.polsby_popper == pytest.approx(4 * np.pi * 80 * 20 / 200**2)
    assert told.centre_distance == pytest.approx(20.0)
    assert told.outside == []


def test_a_division_across_buildings_and_the_street() -> None:
    told = report([0, 0, 0, 1, 1, 1, 1, 1])
    assert (told.buildings_split, told.units_split) == (1, 0)
    assert told.street_inside == 1.0
    assert told.offstreet_border_km == pytest.approx(0.02)
    assert told.extra_blocks == 0.5
    assert told.deviation_max == pytest.approx(0.25)
    assert told.within_20 == 0.0
    # A household is a quarter of a grid: no cut keeps to a tenth.
    why = "atoms_too_coarse"
    assert {(one.grid, one.households, one.why) for one in told.outside} == {(0, 3.0, why), (1, 5.0, why)}


def test_broken_grids_and_land_without_one() -> None:
    told = report([0, 0, 1, 1, 1, 1, 0, -1])
    assert told.non_contiguous == 1
    assert told.area_error == pytest.approx(1 / 8)


def test_grids_that_cross_their_parents_are_counted() -> None:
    told = report([0, 0, 0, 1, 1, 1, 1, 1], area=np.array([0, 0, 0, 0, 1, 1, 1, 1]))
    assert (told.crossings, told.nested) == (1, False)


def test_what_a_parent_cannot_give_is_no_fault_of_the_grids() -> None:
    told = report([0] * 6 + [1] * 2, area=np.array([0] * 6 + [1] * 2))
    assert told.deviation_max == 0.5
    assert told.attainable_max == 0.0
    assert [one.why for one in told.outside] == ["parent_too_small", "parent_too_small"]


def test_one_heavy_atom_is_named() -> None:
    told = report([0] * 4 + [1] * 4, households=np.array([9.0, 1, 1, 1, 1, 1, 1, 1]))
    assert told.outside[0].why == "atoms_too_coarse"
    assert told.outside[0].grid == 0
