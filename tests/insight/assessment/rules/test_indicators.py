"""The formulas against published figures, and the counting against small months."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from onegrid.insight.assessment.rules.indicators import CaseFacts, Formula, Period, count, rate, rates

CLOSING = Formula("closing_rate", "closed", "due_to_close")
IN_TIME = Formula("closed_in_time_rate", "closed_in_time", "due_to_close")
WITHOUT_SUSPENDED = Formula("closing_rate", "closed", "due_to_close", ("suspended",))
MARCH = Period(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))


def day(number: int, month: int = 3) -> datetime:
    return datetime(2026, month, number, 9, tzinfo=UTC)


def test_a_published_month_of_a_city() -> None:
    """2016-12: accepted 996, due 972, closed 911, in time 737."""
    counts = {"reported": 1054, "accepted": 996, "due_to_close": 972, "closed": 911, "closed_in_time": 737}
    assert [one.percent for one in rates([CLOSING, IN_TIME], counts)] == [Decimal("93.72"), Decimal("75.82")]


@pytest.mark.parametrize(
    ("above", "below", "percent"),
    [
        (9201, 9213, "99.87"),
        (113, 9213, "1.23"),
        (1883, 9213, "20.44"),
        (1871, 1883, "99.36"),
        (1708, 9213, "18.54"),
        (406, 9213, "4.41"),
        (21, 406, "5.17"),
    ],
)
def test_a_published_bulletin_of_a_town(above: int, below: int, percent: str) -> None:
    found = rate(Formula("x", "above", "below"), {"above": above, "below": below})
    assert found.percent == Decimal(percent)


def test_the_five_star_share_of_a_district() -> None:
    assert rate(Formula("x", "a", "b"), {"a": 8806, "b": 8915}).percent == Decimal("98.78")


def test_suspended_cases_may_leave_the_denominator() -> None:
    counts = {"due_to_close": 100, "closed": 90, "suspended": 5}
    assert rate(CLOSING, counts).percent == Decimal("90.00")
    assert rate(WITHOUT_SUSPENDED, counts).percent == Decimal("94.74")


def test_nothing_to_divide_by_is_no_rate() -> None:
    assert rate(CLOSING, {}).share is None
    assert rate(WITHOUT_SUSPENDED, {"due_to_close": 3, "suspended": 5}).share is None
    assert rate(CLOSING, {"closed": 2, "due_to_close": 2}, least=5).share is None
    assert rate(CLOSING, {"closed": 2, "due_to_close": 2}).percent == Decimal("100.00")


def test_half_is_rounded_up() -> None:
    assert rate(Formula("x", "a", "b"), {"a": 1, "b": 16000}).percent == Decimal("0.01")


def test_due_to_close_counts_each_case_once() -> None:
    cases = [
        CaseFacts(day(2), close_due=day(10), closed_at=day(9)),
        CaseFacts(day(2), close_due=day(10), closed_at=day(12)),
        CaseFacts(day(2), close_due=day(10)),
        CaseFacts(day(20), close_due=day(5, 4), closed_at=day(25)),
        CaseFacts(day(20), close_due=day(5, 4)),
        CaseFacts(day(20, 2), close_due=day(10), closed_at=day(25, 2)),
        CaseFacts(day(20, 2), close_due=day(25, 2), closed_at=day(3)),
    ]
    counts = count(cases, MARCH)
    assert (counts["due_to_close"], counts["closed"], counts["closed_in_time"], counts["overdue_open"]) == (5, 4, 2, 1)


def test_what_was_closed_after_the_period_was_open_in_it() -> None:
    counts = count([CaseFacts(day(2), close_due=day(10), closed_at=day(2, 4))], MARCH)
    assert (counts["due_to_close"], counts["closed"], counts["overdue_open"]) == (1, 0, 1)


def test_rework_counts_cases_or_returns() -> None:
    cases = [CaseFacts(day(2), handled_at=day(9), reworks=3), CaseFacts(day(2), handled_at=day(9))]
    assert count(cases, MARCH)["reworked"] == 1
    assert count(cases, MARCH, rework_by_return=True)["reworked"] == 3


def test_ratings_and_visits() -> None:
    closed = {"close_due": day(10), "closed_at": day(9)}
    cases = [CaseFacts(day(2), stars=stars, revisited=stars == 1, **closed) for stars in (5, 5, 1, 2, None)]  # type: ignore[arg-type]
    counts = count(cases, MARCH)
    assert (counts["rated"], counts["stars"], counts["rated_five"], counts["rated_poor"], counts["revisited"]) == (
        4, 13, 2, 2, 1,
    )  # fmt: skip


def test_the_end_of_a_period_belongs_to_the_next() -> None:
    assert not MARCH.holds(MARCH.end)
    assert MARCH.holds(MARCH.end - timedelta(microseconds=1))


def test_true_reports_and_moments() -> None:
    cases = [
        CaseFacts(
            day(2), accepted_at=day(2), dispatched_at=day(2), returns=2, extensions=1, whistles=2, arrived_in_time=1
        ),
        CaseFacts(day(2), rejected_at=day(3), found_true=False),
        CaseFacts(day(2, 2)),
    ]
    names = ("reported", "found_true", "rejected", "returned", "extended", "whistled")
    counts = count(cases, MARCH)
    assert {name: counts[name] for name in names} == {
        "reported": 2, "found_true": 1, "rejected": 1, "returned": 2, "extended": 1, "whistled": 2,
    }  # fmt: skip
