"""Terms of office: until when an appointment runs, and whether it holds on a day."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

REASONS = ("resigned", "replaced", "promoted", "dismissed", "moved", "expired", "reorganised")
"""Why an appointment can end before or with its term."""


def last_day(start: date, years: int) -> date | None:
    """The last day of a term of whole years from ``start``; None when there is no term.

    A term from 29 February ends on 28 February when that year has no 29th.
    """
    if years == 0:
        return None
    year = start.year + years
    day = min(start.day, calendar.monthrange(year, start.month)[1])
    return date(year, start.month, day) - (timedelta(days=1) if day == start.day else timedelta())


def holds(day: date, *, valid_from: date, valid_to: date | None, ended_on: date | None) -> bool:
    """Whether an appointment holds on a day. The last day of the term counts, the day it was ended does not."""
    return valid_from <= day and (valid_to is None or day <= valid_to) and (ended_on is None or day < ended_on)


def fits(at: tuple[str, ...], *, scheme: str, level: str) -> bool:
    """Whether a position that sits ``at`` these levels may be held in a grid of this scheme ('': divisions)."""
    return level in at or (bool(scheme) and f"{scheme}.{level}" in at)
