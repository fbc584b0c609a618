"""Golden small towns: faults of real data, each with the layout worked out by hand."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.towns import assert_lies_right, town

TOWNS = sorted((Path(__file__).parents[4] / "data" / "towns").glob("*.json"))


@pytest.mark.parametrize("path", TOWNS, ids=lambda path: path.stem)
def test_a_golden_town_is_laid_out_as_worked_out_by_hand(path: Path) -> None:
    given: dict[str, Any] = json.loads(path.read_text())
    shapes, households, units, floors = zip(*given["buildings"], strict=True)
    ground = town(
        shapes, households, units=units, floors=floors, water=given["water"],
        roads=[road[0] for road in given["roads"]], ranks=[road[1] for road in given["roads"]],
        areas=[area[0] for area in given["areas"]], names=[area[1] for area in given["areas"]],
        codes=[area[2] for area in given["areas"]],
    )  # fmt: skip
    _, found, atoms, edges = assert_lies_right(ground)
    expected = given["expected"]
    assert {one.kind: one.count for one in found} == expected["findings"]
    assert sum(one.households for one in found) == expected["left_out"]
    assert len(np.unique(atoms.block)) == expected["blocks"]
    assert int((atoms.building >= 0).sum()) == expected["homes"]
    pairs = {
        (*sorted((int(atoms.block[left]), int(atoms.block[right]))), int(rank))
        for left, right, rank in zip(edges.left, edges.right, edges.rank, strict=True)
        if atoms.block[left] != atoms.block[right]
    }
    assert {str(rank): count for rank, count in Counter(pair[2] for pair in pairs).items()} == expected[
        "ranks_between_blocks"
    ]
