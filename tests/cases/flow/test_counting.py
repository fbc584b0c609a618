"""A case's footprint is a function of its row, and what it counts for follows from the footprint alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from onegrid.cases.flow.counting import contribution, deltas, footprint

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Row:
    scope_path: str = "r.1."
    status: str = "reported"
    channel: str = "snap"
    matter_id: int | None = 7
    department_id: int | None = None
    reported_at: datetime = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)
    reported_on: date = MONDAY
    closed_on: date | None = None
    in_time: bool | None = None
    on_the_spot: bool = False
    rating: int | None = None
    rated_on: date | None = None
    returned_on: date | None = None
    reopened_on: date | None = None


def test_the_hour_is_the_locality_s() -> None:
    assert footprint(Row(), ZONE).hour == 0
    assert footprint(Row(), ZoneInfo("UTC")).hour == 16


def test_a_case_is_open_until_it_is_over() -> None:
    over = {"closed", "rated", "rejected", "merged", "cancelled"}
    for status in ("reported", "accepted", "suspended", "reopened", *over):
        assert footprint(Row(status=status), ZONE).open is (status not in over)


def test_nothing_counts_as_in_time_before_it_is_closed() -> None:
    seen = footprint(Row(in_time=True, on_the_spot=True), ZONE)
    assert (seen.in_time, seen.on_the_spot, seen.closed_on) == (False, False, None)
    assert footprint(Row(status="closed", closed_on=TUESDAY, in_time=None), ZONE).in_time is False


def test_only_five_stars_are_five() -> None:
    rated = Row(status="rated", closed_on=TUESDAY, rating=5, rated_on=TUESDAY)
    assert footprint(rated, ZONE).five
    four = footprint(replace(rated, rating=4), ZONE)
    assert (four.five, four.rated_on) == (False, TUESDAY)
    assert footprint(replace(rated, rating=None), ZONE).rated_on is None


def test_moving_to_another_grid_takes_everything_along() -> None:
    before, after = Row(), replace(Row(), scope_path="r.2.")
    steps = deltas(contribution(before, ZONE), contribution(after, ZONE))
    assert steps == {footprint(before, ZONE): -1, footprint(after, ZONE): 1}


def test_nothing_changed_means_no_steps() -> None:
    one = contribution(Row(), ZONE)
    assert deltas(one, one) == {}
    assert deltas(Counter(), one) == dict(one)
