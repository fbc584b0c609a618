"""What the county dashboard answers with. Every row carries the `/cases` filter that opens the rows it counted."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from ninja import Field, Schema

from onegrid.cases.schemas import MatterRef
from onegrid.foundation.accounts.schemas import Ref


class DashboardQuery(Schema):
    """Which grid (with everything below it) and which days, both included."""

    grid: str | None = Field(None, max_length=18)
    day_from: date | None = Field(None, alias="from")
    day_to: date | None = Field(None, alias="to")
    bucket: Literal["day", "week", "month"] | None = Field(
        None, description="How the trend is cut; by the length of the period unless told."
    )


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


class RowQueries(Schema):
    """The queue filters that open a row's other numbers."""

    closed: str
    closed_in_time: str
    open: str
    overdue: str | None = None


class BreakdownRow(Schema):
    """One matter, department, grid or channel of the period."""

    key: str
    name: str
    reported: int
    closed: int
    closed_in_time: int
    rate: float | None = Field(description="Closed in time as a share of closed; null when nothing closed.")
    open: int = Field(description="Of those reported in the period, how many are still worked on.")
    overdue: int | None = Field(None, description="Past their deadline now, whenever reported; for grids only.")
    before: int = Field(description="Reported in the period just before.")
    rate_before: float | None = Field(description="The share closed in time in the period just before.")
    query: str
    queries: RowQueries


class TrendRow(Schema):
    """One day, week or month of the period, cut off where the period begins and ends."""

    day_from: date
    day_to: date
    reported: int
    closed: int
    closed_in_time: int
    open: int = Field(description="Of those reported then, how many are still worked on.")
    rate: float | None
    before: int | None = Field(
        description="Reported in the stretch at the same place of the period before; null when that has none there."
    )
    query: str
    queries: RowQueries


class HourRow(Schema):
    """An hour of the week in which something was reported."""

    weekday: int = Field(description="1 is Monday.")
    hour: int
    n: int
    before: int
    query: str


class StatusRow(Schema):
    """How many cases are in a status now: of all cases, and of those reported in the period."""

    status: str
    status_word: str
    n: int
    query: str
    in_period: int
    period_query: str


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
    bucket: Literal["day", "week", "month"]
    trend: list[TrendRow]
    by_hour: list[HourRow]
    updated_at: datetime


class TodayFigure(Schema):
    """A count of today beside yesterday's, whole and up to the same time of the day."""

    key: Literal["reported", "closed", "on_the_spot"]
    n: int
    yesterday: int
    yesterday_by_now: int
    query: str


class NowFigure(Schema):
    """A count of this moment."""

    key: Literal["open", "overdue", "due_soon"]
    n: int
    query: str


class WallLate(Schema):
    """An open case past its deadline, without a word anybody wrote."""

    id: str
    number: str
    matter: MatterRef | None
    place: str
    department: Ref | None
    due_at: datetime


class WallStep(Schema):
    """A step just taken, without a word anybody wrote and without who took it."""

    id: str
    seq: int
    number: str
    status: str = Field(description="Of the case now.")
    at: datetime
    action: str
    action_word: str
    matter: MatterRef | None
    place: str
    unit: str


class WallOut(Schema):
    """What a screen on the wall shows beside the dashboard's figures; nothing in it can name a person."""

    grid: DashboardGrid
    day: date
    today: list[TodayFigure]
    now: list[NowFigure]
    late: list[WallLate] = Field(description="The longest overdue first; confidential cases are left out.")
    steps: list[WallStep] = Field(description="Newest first, of the last 24 hours; confidential cases are left out.")
    updated_at: datetime
