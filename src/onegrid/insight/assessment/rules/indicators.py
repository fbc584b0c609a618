"""Indicators: counts over cases, and rates of counts.

Closing rates divide by the cases that *ought to be closed* in the period (应结案数), not by those accepted: a published
month had 996 accepted, 972 due, 911 closed, 737 in time, and printed 93.72 % and 75.82 %. A locality may subtract
suspended or excused cases from the denominator; lateness that was excused stays visible as a count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

PLACES = Decimal("0.01")


@dataclass(frozen=True)
class Formula:
    """numerator ÷ (denominator − subtracted); each a named count, see `count`."""

    key: str
    numerator: str
    denominator: str
    subtract: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rate:
    """A rate with what it was made of. `share` is None when there is nothing to divide by, or too little."""

    key: str
    numerator: int
    denominator: int
    share: Decimal | None

    @property
    def percent(self) -> Decimal | None:
        """In percent with two places, half up, as bulletins print it."""
        return None if self.share is None else (self.share * 100).quantize(PLACES, ROUND_HALF_UP)


def rate(formula: Formula, counts: Mapping[str, int], *, least: int = 1) -> Rate:
    """The rate over `counts`; no share below `least` cases, because two of two is no 100 %.

    A count nobody made is 0. When more is subtracted than there was, nothing is left to divide by.
    """
    above = counts.get(formula.numerator, 0)
    below = counts.get(formula.denominator, 0) - sum(counts.get(name, 0) for name in formula.subtract)
    share = Decimal(above) / Decimal(below) if below >= max(1, least) else None
    return Rate(formula.key, above, max(0, below), share)


def rates(formulas: Iterable[Formula], counts: Mapping[str, int], *, least: int = 1) -> tuple[Rate, ...]:
    """All of them, in order."""
    return tuple(rate(one, counts, least=least) for one in formulas)


@dataclass(frozen=True)
class Period:
    """From `start` (in) to `end` (out)."""

    start: datetime
    end: datetime

    def holds(self, at: datetime | None) -> bool:
        """Whether `at` lies in it."""
        return at is not None and self.start <= at < self.end


@dataclass(frozen=True)
class CaseFacts:
    """What counting needs of one case. Instants are None while the thing has not happened."""

    reported_at: datetime
    accepted_at: datetime | None = None
    rejected_at: datetime | None = None
    dispatched_at: datetime | None = None
    handle_due: datetime | None = None
    """The last handling deadline, extensions included."""
    handled_at: datetime | None = None
    close_due: datetime | None = None
    """By when it ought to be closed: the last deadline of its clocks."""
    closed_at: datetime | None = None
    verified_at: datetime | None = None
    on_the_spot: bool = False
    found_true: bool | None = None
    returns: int = 0
    reworks: int = 0
    extensions: int = 0
    reopened: int = 0
    suspended: bool = False
    excused: bool = False
    """Lateness was excused by an approved appeal."""
    stars: int | None = None
    revisited: bool = False
    whistles: int = 0
    arrived_in_time: int = 0


def count(
    cases: Iterable[CaseFacts], period: Period, *, poor_below: int = 3, rework_by_return: bool = False
) -> Counter[str]:
    """The named counts of a period.

    Due to close: those whose deadline falls in the period and those closed in it ahead of a later deadline, once each;
    suspended cases stay in until a formula subtracts them. `rework_by_return` counts every return instead of every case
    sent back at least once: both are in use, so it is a choice and not a habit.
    """
    counts: Counter[str] = Counter()
    for case in cases:
        counts.update(_moments(case, period))
        counts.update(_closing(case, period))
        if period.holds(case.handled_at):
            counts["reworked"] += case.reworks if rework_by_return else bool(case.reworks)
        if period.holds(case.closed_at) and case.stars is not None:
            counts.update({"rated": 1, "stars": case.stars, "rated_five": int(case.stars == 5)})
            if case.stars < poor_below:
                counts.update({"rated_poor": 1, "revisited": int(case.revisited)})
    return counts


def _moments(case: CaseFacts, period: Period) -> Mapping[str, int]:
    """Counts that belong to the moment a thing happened."""
    reported, dispatched = period.holds(case.reported_at), period.holds(case.dispatched_at)
    return {
        "reported": int(reported),
        "found_true": int(reported and case.found_true is not False and case.rejected_at is None),
        "accepted": int(period.holds(case.accepted_at)),
        "rejected": int(period.holds(case.rejected_at)),
        "dispatched": int(dispatched),
        "returned": case.returns if dispatched else 0,
        "extended": int(dispatched and case.extensions > 0),
        "suspended": int(case.suspended and case.closed_at is None and _due(case.close_due, None, period)),
        "whistled": case.whistles if dispatched else 0,
        "arrived_in_time": case.arrived_in_time if dispatched else 0,
        "verified": int(period.holds(case.verified_at)),
        "reopened": int(period.holds(case.closed_at) and case.reopened > 0),
    }


def _closing(case: CaseFacts, period: Period) -> Mapping[str, int]:
    """Counts of the two duties with a deadline: to handle and to close."""
    to_close = _due(case.close_due, case.closed_at, period)
    to_handle = _due(case.handle_due, case.handled_at, period)
    closed = to_close and case.closed_at is not None and case.closed_at < period.end
    handled = to_handle and case.handled_at is not None and case.handled_at < period.end
    return {
        "due_to_close": int(to_close),
        "closed": int(closed),
        "closed_in_time": int(closed and _in_time(case.closed_at, case.close_due)),
        "due_to_handle": int(to_handle),
        "handled": int(handled),
        "handled_in_time": int(handled and _in_time(case.handled_at, case.handle_due)),
        "on_the_spot": int(closed and case.on_the_spot),
        "overdue_open": int(to_close and not closed and case.close_due is not None and case.close_due < period.end),
        "excused": int(to_close and case.excused),
    }


def _due(deadline: datetime | None, done: datetime | None, period: Period) -> bool:
    """In the period by its deadline, or done in it before a later one (or without any)."""
    if period.holds(deadline):
        return done is None or done >= period.start
    return period.holds(done)


def _in_time(done: datetime | None, deadline: datetime | None) -> bool:
    return done is not None and (deadline is None or done <= deadline)
