"""What one case adds to the tallies, as a function of its row. A transition's deltas are *after minus before*.

Because the contribution depends on nothing but the row, the tallies equal a count over rows at any moment, however a
case got where it is: reclassified, moved to another grid, handed to another department, reopened.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Protocol

FIVE_STARS = 5
OVER = frozenset({"closed", "rated", "rejected", "merged", "cancelled"})
"""Statuses in which nobody works on the case any more."""


@dataclass(frozen=True, slots=True)
class TallyKey:
    """Where one unit is counted."""

    scope_path: str
    day: date
    measure: str
    matter: str
    department: str
    channel: str


class Counted(Protocol):
    """The columns of a case that the tallies depend on."""

    scope_path: str
    status: str
    channel: str
    reported_on: date
    closed_on: date | None
    in_time: bool | None
    on_the_spot: bool
    rating: int | None
    rated_on: date | None
    returned_on: date | None
    reopened_on: date | None


def contribution(case: Counted, *, matter: str, department: str) -> Counter[TallyKey]:
    """Every unit the case counts for: `status:<x>` and `reported` on its reporting day, the rest on their own days.

    `matter` and `department` are ids as text, empty when not known yet.
    """
    units: Counter[TallyKey] = Counter()

    def count(measure: str, day: date | None) -> None:
        if day is not None:
            units[TallyKey(case.scope_path, day, measure, matter, department, case.channel)] += 1

    count("reported", case.reported_on)
    count(f"status:{case.status}", case.reported_on)
    count("returned", case.returned_on)
    count("reopened", case.reopened_on)
    if case.closed_on is not None:
        count("closed", case.closed_on)
        if case.in_time:
            count("closed_in_time", case.closed_on)
        if case.on_the_spot:
            count("on_the_spot", case.closed_on)
    if case.rating is not None:
        count("rated", case.rated_on)
        if case.rating == FIVE_STARS:
            count("rated_5", case.rated_on)
    return units


def deltas(before: Counter[TallyKey], after: Counter[TallyKey]) -> dict[TallyKey, int]:
    """The steps from one contribution to another; keys that did not change are left out."""
    steps = {key: after[key] - before[key] for key in before.keys() | after.keys()}
    return {key: n for key, n in steps.items() if n}
