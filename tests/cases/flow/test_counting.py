"""A case's contribution to the tallies is a function of its row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from onegrid.cases.flow.counting import TallyKey, contribution, deltas

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


@dataclass(frozen=True)
class Row:
    scope_path: str = "r.1."
    status: str = "reported"
    channel: str = "snap"
    reported_on: date = MONDAY
    closed_on: date | None = None
    in_time: bool | None = None
    on_the_spot: bool = False
    rating: int | None = None
    rated_on: date | None = None
    returned_on: date | None = None
    reopened_on: date | None = None


def measures(row: Row) -> dict[str, date]:
    return {key.measure: key.day for key in contribution(row, matter="7", department="3")}


def test_a_new_case_counts_as_reported_and_in_its_status() -> None:
    assert measures(Row()) == {"reported": MONDAY, "status:reported": MONDAY}


def test_a_rated_case_counts_each_thing_on_its_own_day() -> None:
    row = Row(status="rated", closed_on=TUESDAY, in_time=True, on_the_spot=True, rating=5, rated_on=TUESDAY)
    assert measures(row) == {
        "reported": MONDAY, "status:rated": MONDAY, "closed": TUESDAY, "closed_in_time": TUESDAY,
        "on_the_spot": TUESDAY, "rated": TUESDAY, "rated_5": TUESDAY,
    }  # fmt: skip


def test_four_stars_are_rated_but_not_five() -> None:
    assert "rated_5" not in measures(Row(status="rated", closed_on=TUESDAY, rating=4, rated_on=TUESDAY))


def test_late_is_closed_but_not_in_time() -> None:
    assert "closed_in_time" not in measures(Row(status="closed", closed_on=TUESDAY, in_time=False))


def test_moving_to_another_grid_takes_everything_along() -> None:
    before = contribution(Row(), matter="7", department="3")
    after = contribution(replace(Row(), scope_path="r.2."), matter="7", department="3")
    steps = deltas(before, after)
    assert sum(steps.values()) == 0
    assert steps[TallyKey("r.1.", MONDAY, "reported", "7", "3", "snap")] == -1
    assert steps[TallyKey("r.2.", MONDAY, "reported", "7", "3", "snap")] == 1


def test_nothing_changed_means_no_deltas() -> None:
    one = contribution(Row(), matter="7", department="3")
    assert deltas(one, one) == {}


def test_deltas_bring_any_contribution_to_any_other() -> None:
    rows = [Row(), Row(status="closed", closed_on=TUESDAY, in_time=True), Row(status="reopened", reopened_on=TUESDAY)]
    for one in rows:
        for other in rows:
            before, after = (
                contribution(one, matter="7", department="3"),
                contribution(other, matter="8", department=""),
            )
            for key, n in deltas(before, after).items():
                before[key] += n
            assert +before == +after
