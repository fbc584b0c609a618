"""A period through time: days, weeks or months in a row, and the hours of the week."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final, Literal, Protocol

Bucket = Literal["day", "week", "month"]
DAYS_AS_DAYS: Final = 62
DAYS_AS_WEEKS: Final = 400
"""A trend has at most some sixty points: longer periods are cut into longer stretches."""


class Counts(Protocol):
    """What was counted in one stretch or hour, in the period (window 0) or the one before (1)."""

    @property
    def window(self) -> int: ...
    @property
    def reported(self) -> int: ...
    @property
    def open(self) -> int: ...
    @property
    def closed(self) -> int: ...
    @property
    def closed_in_time(self) -> int: ...


class Asked(Protocol):
    """What is looked at, as far as time goes."""

    @property
    def since(self) -> date: ...
    @property
    def until(self) -> date: ...
    @property
    def before(self) -> tuple[date, date]: ...
    def query(self, parts: Mapping[str, object], *, dated: bool = True) -> str: ...
    def queries(self, narrowed: Mapping[str, object], overdue: bool = False) -> dict[str, str | None]: ...


def share(part: int, whole: int) -> float | None:
    """A part of a whole, 0 to 1 with four digits; None of nothing."""
    return round(part / whole, 4) if whole else None


def natural(since: date, until: date) -> Bucket:
    """How a period of this length is best cut."""
    days = (until - since).days + 1
    return "day" if days <= DAYS_AS_DAYS else "week" if days <= DAYS_AS_WEEKS else "month"


def stretches(bucket: Bucket, since: date, until: date) -> Iterator[tuple[date, date, date]]:
    """(first day of the calendar's stretch, first and last day of it within the period), in order."""
    at = since
    while at <= until:
        start, following = at, at + timedelta(days=1)
        if bucket == "week":
            start = at - timedelta(days=at.weekday())
            following = start + timedelta(days=7)
        elif bucket == "month":
            start = at.replace(day=1)
            following = (start + timedelta(days=32)).replace(day=1)
        yield start, at, min(until, following - timedelta(days=1))
        at = following


def rows(view: Asked, bucket: Bucket, table: Mapping[str, Sequence[Counts]]) -> list[dict[str, Any]]:
    """Every stretch of the period, empty ones too, each beside the one at the same place of the period before."""
    counted = {(key, cell.window): cell for key, cells in table.items() for cell in cells}
    earlier = [counted.get((start.isoformat(), 1)) for start, _, _ in stretches(bucket, *view.before)]
    found = []
    for place, (start, first, last) in enumerate(stretches(bucket, view.since, view.until)):
        cell = counted.get((start.isoformat(), 0))
        closed, in_time = (cell.closed, cell.closed_in_time) if cell else (0, 0)
        before = earlier[place] if place < len(earlier) else None
        narrowed = {"day_from": first.isoformat(), "day_to": last.isoformat()}
        found.append(
            {
                "day_from": first,
                "day_to": last,
                "reported": cell.reported if cell else 0,
                "closed": closed,
                "closed_in_time": in_time,
                "open": cell.open if cell else 0,
                "rate": share(in_time, closed),
                "before": None if place >= len(earlier) else before.reported if before else 0,
                "query": view.query({"measure": "reported", **narrowed}),
                "queries": view.queries(narrowed),
            }
        )
    return found


def hours(view: Asked, table: Mapping[str, Sequence[Counts]]) -> list[dict[str, Any]]:
    """Hours of the week in which something was reported, from Monday on."""
    found = []
    for key in sorted(table):
        weekday, hour = key.split("-")
        counted = {cell.window: cell.reported for cell in table[key]}
        if counted.get(0) or counted.get(1):
            found.append(
                {
                    "weekday": int(weekday),
                    "hour": int(hour),
                    "n": counted.get(0, 0),
                    "before": counted.get(1, 0),
                    "query": view.query({"measure": "reported", "hour": key}),
                }
            )
    return found
