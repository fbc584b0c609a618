"""What one case adds to the tallies, as a function of its row: its footprint. A step's steps are *after minus before*.

Because the footprint depends on nothing but the row, the tallies equal a count over rows at any moment, however a case
got where it is: reclassified, moved to another grid, handed to another department, reopened.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, tzinfo
from typing import Protocol

from onegrid.foundation.journal.services.tallies import Footprint

FIVE_STARS = 5
OVER = frozenset({"closed", "rated", "rejected", "merged", "cancelled"})
"""Statuses in which nobody works on the case any more."""
TallyKey = Footprint
"""Where one case is counted."""


class Counted(Protocol):
    """The columns of a case that the tallies depend on."""

    scope_path: str
    status: str
    channel: str
    matter_id: int | None
    department_id: int | None
    reported_at: datetime
    reported_on: date
    closed_on: date | None
    in_time: bool | None
    on_the_spot: bool
    rating: int | None
    rated_on: date | None
    returned_on: date | None
    reopened_on: date | None


def footprint(case: Counted, zone: tzinfo) -> Footprint:
    """What the case counts for: reported, open and its status on its reporting day, the rest on their own days.

    `zone` is the locality's: the hour of the report is its hour there.
    """
    closed = case.closed_on is not None
    return Footprint(
        scope_path=case.scope_path,
        reported_on=case.reported_on,
        hour=case.reported_at.astimezone(zone).hour,
        status=case.status,
        open=case.status not in OVER,
        channel=case.channel,
        matter=case.matter_id,
        department=case.department_id,
        closed_on=case.closed_on,
        in_time=closed and bool(case.in_time),
        on_the_spot=closed and case.on_the_spot,
        rated_on=case.rated_on if case.rating is not None else None,
        five=case.rating == FIVE_STARS,
        returned_on=case.returned_on,
        reopened_on=case.reopened_on,
    )


def contribution(case: Counted, zone: tzinfo) -> Counter[Footprint]:
    """The footprint, once: ready to be added up."""
    return Counter({footprint(case, zone): 1})


def deltas(before: Counter[Footprint], after: Counter[Footprint]) -> dict[Footprint, int]:
    """The steps from one contribution to another; footprints that did not change are left out."""
    steps = {key: after[key] - before[key] for key in before.keys() | after.keys()}
    return {key: n for key, n in steps.items() if n}
