"""Roll-up plus footprints not folded yet is exact at any moment, also while writers and the folder run."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import astuple, replace
from datetime import date, timedelta
from typing import Any

import pytest
from support.people import ActingAs

from onegrid.foundation.journal import services as journal
from onegrid.foundation.journal.models import Tally, TallyDelta
from onegrid.foundation.journal.services import tallies
from onegrid.foundation.journal.services.tallies import BelowTallies, Cell, Footprint

DAY = date(2026, 3, 4)
"""A Wednesday."""
PATHS = ["r.1.a.", "r.1.a.x.", "r.1.b.y.", "r.2.c.", "r.2.", "r."]
ONE = Footprint("r.1.a.", DAY, 9, "reported", True, "snap", 7, None)
WINDOW = [(DAY, DAY)]


def fill(times: int = 1) -> None:
    journal.count({replace(ONE, scope_path=path, matter=at % 2): times for at, path in enumerate(PATHS)})


def reported(node: str, dimension: str = "total", windows: Any = WINDOW) -> dict[str, int]:
    return {cell.key: cell.reported for cell in tallies.read(node, [dimension], windows)}


def test_a_new_footprint_is_one_row_and_no_change_is_none() -> None:
    statement = tallies.steps({ONE: 1})
    assert statement is not None
    assert statement[0].count("%s") == len(statement[1]) == len(tallies.COLUMNS) + 1
    assert tallies.steps({ONE: 0}) is None
    assert tallies.steps({}) is None


@pytest.mark.parametrize("folded", [False, True])
def test_read_before_and_after_the_fold(acting_as: ActingAs, folded: bool) -> None:
    with acting_as():
        fill()
        if folded:
            assert tallies.fold() == len(PATHS)
            assert TallyDelta.objects.count() == 0
            fill()
        k = 2 if folded else 1
        assert reported("r.") == {"": 6 * k}
        assert reported("r.1.") == {"": 3 * k}
        assert reported("r.1.a.") == {"": 2 * k}
        assert reported("r.", "matter") == {"0": 3 * k, "1": 3 * k}
        assert reported("r.", "child") == {"r.": k, "r.1.": 3 * k, "r.2.": 2 * k}
        assert reported("r.1.", "child") == {"r.1.a.": 2 * k, "r.1.b.": k}
        assert reported("r.", "hour") == {"3-09": 6 * k}
        assert reported("r.", "now", []) == {"reported": 6 * k}
        assert reported("r.", "week") == {"2026-03-02": 6 * k}
        assert reported("r.", "month") == {"2026-03-01": 6 * k}
        assert reported("r.", "total", [(DAY + timedelta(days=1), date.max)]) == {}
        for node, dimension in (("r.1.a.x.", "total"), ("r.1.a.", "child"), ("r.1.a.", "hour")):
            with pytest.raises(BelowTallies):
                reported(node, dimension)
        assert not Tally.objects.filter(scope_path="r.1.a.x.").exists()
        assert not Tally.objects.filter(scope_path="r.1.a.", span=7).exists()
        with pytest.raises(ValueError, match="weather"):
            reported("r.", "weather")


def test_every_measure_counts_on_its_own_day(acting_as: ActingAs) -> None:
    days = [DAY + timedelta(days=ahead) for ahead in range(5)]
    whole = replace(
        ONE, status="rated", open=False, closed_on=days[1], in_time=True, on_the_spot=True, returned_on=days[2],
        reopened_on=days[3], rated_on=days[4], five=True,
    )  # fmt: skip
    expected = [
        Cell("day", 0, str(days[0]), reported=1),
        Cell("day", 0, str(days[1]), closed=1, closed_in_time=1, on_the_spot=1),
        Cell("day", 0, str(days[2]), returned=1),
        Cell("day", 0, str(days[3]), reopened=1),
        Cell("day", 0, str(days[4]), rated=1, rated_5=1),
    ]
    with acting_as():
        journal.count({whole: 1})
        for _ in range(2):
            assert tallies.read("r.", ["day"], [(days[0], days[4])]) == expected
            assert tallies.read("r.", ["status"], [(days[0], days[4])]) == [Cell("status", 0, "rated", reported=1)]
            tallies.fold()


def test_steps_that_cancel_leave_nothing(acting_as: ActingAs) -> None:
    with acting_as():
        journal.count({ONE: 1})
        journal.count({ONE: -1, replace(ONE, status="closed"): 0})
        assert tallies.fold() == 2
        assert Tally.objects.count() == 0


def test_a_fold_takes_no_more_than_a_bite(acting_as: ActingAs) -> None:
    with acting_as():
        for _ in range(3):
            fill()
        taken = []
        while bite := tallies.fold(bite=7):
            taken.append(bite)
            assert reported("r.") == {"": 18}
        assert taken == [7, 7, 4]


def test_a_narrow_scope_counts_its_own_subtree_only(acting_as: ActingAs) -> None:
    with acting_as():
        fill()
        tallies.fold()
        fill()
    with acting_as("r.1."):
        assert reported("r.1.") == {"": 6}
        assert reported("r.2.") == {}
        assert reported("r.") == {"": 3}  # the county's roll-up is out of sight; its own new ones are not


def test_any_life_and_any_window_equal_a_count(acting_as: ActingAs) -> None:
    """Footprints that come, change and go at random, folded now and then, against plain counting in memory."""
    chance = random.Random(11)

    def anything() -> Footprint:
        day = DAY + timedelta(days=chance.randrange(40))
        closed = day + timedelta(days=chance.randrange(9)) if chance.random() < 0.6 else None
        return Footprint(
            chance.choice(PATHS), day, chance.randrange(24), "closed" if closed else "accepted", closed is None, "snap",
            chance.choice([None, 1, 2]), chance.choice([None, 5]), closed, bool(closed) and chance.random() < 0.5,
        )  # fmt: skip

    alive: list[Footprint] = []
    with acting_as():
        for _ in range(60):
            step: Counter[Footprint] = Counter()
            for _ in range(chance.randrange(1, 6)):
                if alive and chance.random() < 0.4:
                    step[alive.pop(chance.randrange(len(alive)))] -= 1
                alive.append(anything())
                step[alive[-1]] += 1
            journal.count(step)
            if chance.random() < 0.5:
                tallies.fold(bite=4)
            since = DAY + timedelta(days=chance.randrange(30))
            window = (since, since + timedelta(days=chance.randrange(30)))
            node = chance.choice(["r.", "r.1.", "r.2.", "r.1.a."])
            [cell] = tallies.read(node, ["total"], [window]) or [Cell("total", 0, "")]
            assert cell.reported == sum(inside(one, node) and within(one.reported_on, window) for one in alive)
            assert cell.closed == sum(inside(one, node) and within(one.closed_on, window) for one in alive)
            by_matter = Counter(
                str(one.matter or "") for one in alive if inside(one, node) and within(one.reported_on, window)
            )
            found = {key: n for key, n in reported(node, "matter", [window]).items() if n}
            assert found == by_matter


def inside(one: Footprint, node: str) -> bool:
    return one.scope_path.startswith(node)


def within(day: date | None, window: tuple[date, date]) -> bool:
    return day is not None and window[0] <= day <= window[1]


def rows(n: int = 1) -> tuple[str, list[Any]]:
    """The footprints of `fill` as a statement, as if they were read off the cases."""
    types = {"matter": "bigint", "department": "bigint"} | {
        name: "date" for name in tallies.COLUMNS if name[-3:] == "_on"
    }
    row = ", ".join(f"%s::{types[name]}" if name in types else "%s" for name in tallies.COLUMNS)
    values = ", ".join([f"({row}, {n})"] * len(PATHS))
    source = f"SELECT * FROM (VALUES {values}) AS told ({', '.join(tallies.COLUMNS)}, n)"
    return source, [v for at, path in enumerate(PATHS) for v in astuple(replace(ONE, scope_path=path, matter=at % 2))]


def test_rows_are_counted_like_roll_ups(acting_as: ActingAs) -> None:
    with acting_as():
        fill(2)
        dimensions = ["total", "matter", "child", "status", "hour", "now", "day"]
        rolled = tallies.read("r.", dimensions, WINDOW)
        assert tallies.read_rows(*rows(2), "r.", dimensions, WINDOW) == rolled


def test_a_check_finds_what_is_wrong_and_a_rebuild_mends_it(acting_as: ActingAs) -> None:
    with acting_as():
        fill()
        tallies.fold()
        journal.count({ONE: 1})
        journal.count({ONE: -1})
        assert tallies.check(rows()) == []
        Tally.objects.filter(scope_path="r.1.", dimension="total", span=1).update(closed=3)
        Tally.objects.filter(scope_path="r.", dimension="matter", span=7, key="0").delete()
        [lost, wrong] = tallies.check(rows())
        assert lost[:5] == ("r.", "matter", 7, date(2026, 3, 2), "0") and lost[5] == -3
        assert wrong[:5] == ("r.1.", "total", 1, DAY, "") and wrong[5:8] == (0, 0, 3)
        assert len(tallies.check(rows(2), limit=5)) == 5
        for parts in ((), ("r.1.", "r.2."), ("r.1.b.",)):
            journal.count({ONE: 1})  # a case that the rows of this test do not know, so it must be gone afterwards
            assert tallies.rebuild(rows(), parts) == len(PATHS)
            assert tallies.check(rows()) == []
            assert TallyDelta.objects.count() == 0


def test_empty_cells_of_the_past_are_forgotten(acting_as: ActingAs) -> None:
    with acting_as():
        journal.count({ONE: 1})
        tallies.fold()
        journal.count({ONE: -1, replace(ONE, scope_path="r.2.c."): 1})
        tallies.fold()
        assert Tally.objects.filter(scope_path="r.1.a.", reported=0).exists()
        tallies.tidy(DAY)
        assert Tally.objects.filter(scope_path="r.1.a.", span=1).exists()  # today may count in them again
        before = reported("r."), reported("r.1."), reported("r.2.c.")
        assert tallies.tidy(DAY + timedelta(days=1)) > 0
        assert not Tally.objects.filter(scope_path="r.1.a.").exists()
        assert (reported("r."), reported("r.1."), reported("r.2.c.")) == before == ({"": 1}, {}, {"": 1})
