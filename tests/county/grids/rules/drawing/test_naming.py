"""Codes of drawn grids."""

from __future__ import annotations

import numpy as np
import shapely

from onegrid.county.grids.rules.codes import CodePattern
from onegrid.county.grids.rules.drawing.atoms import Atoms
from onegrid.county.grids.rules.drawing.naming import name_grids

SPOTS = np.array([(x, y) for y in (3.0, 2.0, 1.0, 0.0) for x in (0.0, 1.0, 2.0, 3.0)])
BOXES = np.array([shapely.box(x, y, x + 1, y + 1) for x, y in SPOTS], dtype=object)


def atoms(area: np.ndarray) -> Atoms:
    one, none = np.ones(16), np.zeros(16, dtype=np.int64)
    return Atoms(SPOTS[:, 0], SPOTS[:, 1], one, one, none, none, none, area, BOXES)


def test_grids_are_numbered_as_one_reads_the_map_inside_their_parent() -> None:
    slices = (SPOTS[:, 0] // 2 + (1 - SPOTS[:, 1] // 2) * 2).astype(np.int64)
    upper = shapely.from_wkt(
        [
            "POLYGON ((0 2, 2 2, 2 4, 0 4, 0 2))",
            "POLYGON ((2 2, 4 2, 4 4, 2 4, 2 2))",
            "POLYGON ((0 0, 2 0, 2 2, 0 2, 0 0))",
            "POLYGON ((2 0, 4 0, 4 2, 2 2, 2 0))",
        ]
    )
    teams = np.arange(16)[::-1]
    named = name_grids(
        atoms(np.zeros(16, dtype=np.int64)), np.array([slices, teams]), [upper, BOXES[::-1]], ["350121001001"]
    )  # fmt: skip
    assert named[0].codes == [f"350121001001{number:03d}" for number in (1, 2, 3, 4)]
    first = [named[1].codes[team] for team in teams[:2]]
    assert first == ["35012100100100101", "35012100100100102"]
    assert len(set(named[1].codes)) == 16
    assert all(code.startswith(named[0].codes[up]) for code, up in zip(named[1].codes, named[1].parent, strict=True))


def test_islands_of_one_village_share_its_numbers() -> None:
    area = (SPOTS[:, 0] >= 2).astype(np.int64)
    named = name_grids(atoms(area), np.arange(16)[None], [BOXES], ["350121001001", "350121001001"])
    assert sorted(named[0].codes) == [f"350121001001{number:03d}" for number in range(1, 17)]


def test_villages_without_a_code_are_numbered_and_narrow_groups_widened() -> None:
    area = (SPOTS[:, 0] >= 2).astype(np.int64)
    named = name_grids(atoms(area), np.arange(16)[None], [BOXES], ["", "not a code"], CodePattern((0,)))
    assert named[0].codes[0] == "0000000000011"
    assert sorted(named[0].codes) == [f"{village:012d}{number}" for village in (1, 2) for number in range(1, 9)]


def test_no_grids_have_no_codes() -> None:
    none = np.zeros(0, dtype=np.int64)
    nothing = Atoms(
        np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0), none, none, none, none, np.zeros(0, dtype=object)
    )
    assert name_grids(nothing, none[None], [np.zeros(0, dtype=object)], ["350121001001"])[0].codes == []
