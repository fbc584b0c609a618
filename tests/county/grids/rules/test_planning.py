"""What a picture means for the grids of today: who stays, who is new, with which code, and who takes over from whom."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shapely

from onegrid.county.grids.errors import CodeExhausted
from onegrid.county.grids.rules import planning
from onegrid.county.grids.rules.editing import Cell, Picture
from onegrid.county.grids.rules.planning import Frame, Plan, Standing

VILLAGE = "990101001001"
ZONE, SLICE = 1, 2


def square(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """Degrees from 119, 26, in hundredths."""
    return shapely.box(119 + west / 100, 26 + south / 100, 119 + east / 100, 26 + north / 100)


CELLS = [
    Cell("g1", "g9", ZONE, "一区", square(0, 0, 2, 2), 1),
    Cell("g2", "g9", ZONE, "二区", square(2, 0, 4, 2), 2),
    Cell("g3", "g1", SLICE, "一片", square(0, 0, 1, 2), 3),
    Cell("g4", "g1", SLICE, "二片", square(1, 0, 2, 2), 4),
    Cell("g5", "g2", SLICE, "三片", square(2, 0, 4, 2), 5),
]
CODES = {1: "001", 2: "002", 3: "00101", 4: "00102", 5: "00201"}


def made(cells: list[Cell], *, taken: dict[int, list[str]] | None = None) -> Plan:
    """The plan from the grids above to these cells."""
    before = {
        int(cell.grid or 0): Standing(
            int(cell.grid or 0), int(cell.parent[1:]), cell.level, VILLAGE + CODES[int(cell.grid or 0)], cell.name,
            cell.outline,
        )
        for cell in CELLS
    }  # fmt: skip
    codes = taken or {
        9: [VILLAGE + CODES[1], VILLAGE + CODES[2]],
        1: [VILLAGE + CODES[3], VILLAGE + CODES[4]],
        2: [VILLAGE + CODES[5]],
    }  # fmt: skip
    return planning.plan(
        Picture(cells), order=[ZONE, SLICE], digits={ZONE: 3, SLICE: 2}, before=before,
        frames={"g9": Frame(9, VILLAGE)}, taken=codes,
    )  # fmt: skip


def test_nothing_changed_is_nothing_to_do() -> None:
    plan = made(CELLS)
    assert set(plan.change.values()) == {"same"}
    assert (plan.made, plan.redrawn, plan.renamed, plan.retired, plan.heirs) == ((), (), (), (), ())


def test_a_split_retires_one_and_numbers_the_others_behind_every_code_ever_given() -> None:
    parts = [
        Cell("n1", "g1", SLICE, "甲", square(0.5, 0, 1, 2)), Cell("n2", "g1", SLICE, "乙", square(0, 0, 0.5, 2))
    ]  # fmt: skip
    plan = made([*(cell for cell in CELLS if cell.key != "g3"), *parts])
    assert plan.retired == (3,)
    # Numbered as one reads: the western one first.
    assert {one.cell.key: one.code for one in plan.made} == {"n2": f"{VILLAGE}00103", "n1": f"{VILLAGE}00104"}
    assert [(heir.predecessor, heir.successor, round(heir.share, 3), heir.kind) for heir in plan.heirs] == [
        (3, "n1", 0.5, "split"), (3, "n2", 0.5, "split")
    ]  # fmt: skip
    assert plan.kind() == "split"


def test_a_merge_is_called_one() -> None:
    both = Cell("n1", "g1", SLICE, "合", square(0, 0, 2, 2))
    plan = made([*(cell for cell in CELLS if cell.key not in ("g3", "g4")), both])
    assert [(heir.predecessor, heir.share, heir.kind) for heir in plan.heirs] == [(3, 1.0, "merge"), (4, 1.0, "merge")]
    assert plan.kind() == "merge"


def test_a_grid_that_moves_to_another_parent_is_a_new_one_with_a_code_from_there() -> None:
    cells = [
        replace(CELLS[0], outline=square(0, 0, 1, 2)), replace(CELLS[1], outline=square(1, 0, 4, 2)), CELLS[2],
        replace(CELLS[3], parent="g2"), CELLS[4],
    ]  # fmt: skip
    plan = made(cells)
    assert plan.change == {"g1": "redrawn", "g2": "redrawn", "g3": "same", "g4": "new", "g5": "same"}
    assert plan.retired == (4,)
    assert [(one.cell.key, one.code) for one in plan.made] == [("g4", f"{VILLAGE}00202")]
    taken_over = {(heir.predecessor, heir.successor): round(heir.share, 3) for heir in plan.heirs}
    assert taken_over == {(1, "g2"): 0.5, (4, "g4"): 1.0}


def test_a_level_that_is_dropped_is_taken_over_by_the_one_above() -> None:
    plan = made([cell for cell in CELLS if cell.level == ZONE])
    assert plan.retired == (3, 4, 5)
    assert [(heir.predecessor, heir.successor, heir.share) for heir in plan.heirs] == [
        (3, "g1", 1.0), (4, "g1", 1.0), (5, "g2", 1.0)
    ]  # fmt: skip


def test_names_alone_change_nothing_else() -> None:
    plan = made([replace(CELLS[0], name="新区"), *CELLS[1:]])
    assert [cell.key for cell in plan.renamed] == ["g1"]
    assert not plan.redrawn
    assert not plan.made


def test_when_the_digits_are_used_up_it_says_so() -> None:
    parts = [Cell("n1", "g1", SLICE, "甲", square(0, 0, 1, 1)), Cell("n2", "g1", SLICE, "乙", square(0, 1, 1, 2))]
    cells = [*(cell for cell in CELLS if cell.key != "g3"), *parts]
    every = [f"{VILLAGE}001{number:02d}" for number in range(1, 100)]
    with pytest.raises(CodeExhausted):
        made(cells, taken={1: [*every[:40], *every[41:]]})
    plan = made(cells, taken={1: [*every[:40], *every[41:50], *every[51:]]})
    assert [one.code[-2:] for one in plan.made] == ["41", "51"], "numbers that were never given fill up at the end"
