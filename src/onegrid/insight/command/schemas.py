"""What the county dashboard answers with. Every row carries the `/cases` filter that opens the rows it counted."""

from __future__ import annotations

from datetime import date, datetime

from ninja import Field, Schema


class DashboardQuery(Schema):
    """Which grid (with everything below it) and which days, both included."""

    grid: str | None = Field(None, max_length=18)
    day_from: date | None = Field(None, alias="from")
    day_to: date | None = Field(None, alias="to")


class Figure(Schema):
    """A count, what it was in the period before, and the queue filter that opens it."""

    n: int
    before: int | None = Field(None, description="The same count over the period of equal length just before.")
    query: str = Field(description="Query string of /cases that lists exactly these cases.")


class Totals(Schema):
    """The period's counts for the chosen grid."""

    reported: Figure
    closed: Figure
    closed_in_time: Figure
    on_the_spot: Figure
    returned: Figure
    reopened: Figure
    rated: Figure
    open: Figure
    overdue: Figure
    due_soon: Figure


class OnTime(Schema):
    """Closed in time as a share; `rate` is null when nothing closed."""

    closed: int
    in_time: int
    rate: float | None
    before: float | None


class RatingFigures(Schema):
    """What reporters thought: how many rated, how many gave five stars."""

    rated: int
    five: int
    share_five: float | None


class BreakdownRow(Schema):
    """One matter, department, grid or channel of the period."""

    key: str
    name: str
    reported: int
    closed: int
    closed_in_time: int
    open: int
    before: int = Field(description="Reported in the period just before.")
    query: str


class DayRow(Schema):
    """One day of the period."""

    day: date
    reported: int
    closed: int
    closed_in_time: int
    query: str


class StatusRow(Schema):
    """How many cases are in a status now."""

    status: str
    status_word: str
    n: int
    query: str


class DashboardGrid(Schema):
    """The grid whose figures these are."""

    id: str | None
    name: str
    scope_path: str


class DashboardOut(Schema):
    """A county, township or grid at a glance."""

    grid: DashboardGrid
    day_from: date
    day_to: date
    totals: Totals
    on_time: OnTime
    rating: RatingFigures
    by_status: list[StatusRow]
    by_matter: list[BreakdownRow]
    by_department: list[BreakdownRow]
    by_child: list[BreakdownRow]
    by_channel: list[BreakdownRow]
    by_day: list[DayRow]
    updated_at: datetime
