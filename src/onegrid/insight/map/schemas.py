"""What the one map answers with."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from ninja import Field, Schema

from onegrid.cases.schemas import CaseFilter
from onegrid.cases.selectors.queue import CaseQuery
from onegrid.county.grids.schemas import GridDetail


class BaseMapOut(Schema):
    """Pictures of the land from another service, to lie under our map."""

    name: str
    tiles: list[str] = Field(description="Addresses with {z}, {x} and {y}; take any, they are the same.")
    labels: list[str] = Field(description="The same for names that belong on top; may be empty.")
    tile_size: int
    min_zoom: int
    max_zoom: int
    attribution: str


class MapLevelOut(Schema):
    """A level of the tree, and at which zoom tiles show it by themselves."""

    key: str = Field(description="<scheme>.<level>, as `level` of tiles and of /map/tally takes it.")
    scheme: str
    level: str
    title: str
    grids: int
    from_zoom: int
    to_zoom: int = Field(description="Below from_zoom: never by itself.")
    asked_from_zoom: int = Field(description="From here on a tile holds it when asked for by name.")


class MeasureOut(Schema):
    """Something to colour the map by."""

    key: str
    title: str
    unit: Literal["count", "share"]
    live: bool = Field(description="Of this moment; no period.")


class MapSetupOut(Schema):
    """What a page needs to draw the map, for this reader."""

    version: int
    base: BaseMapOut | None
    levels: list[MapLevelOut]
    measures: list[MeasureOut]
    layers: list[Literal["cases", "care", "visits", "tracks"]]


class TallyQuery(Schema):
    """What to colour by, where and when; `matter`, `department`, `channel` narrow as in /cases."""

    measure: str = Field(max_length=20)
    grid: str | None = Field(None, max_length=18, description="This grid and all below; the reader's own unless told.")
    level: str | None = Field(
        None, max_length=80, pattern=r"^[a-z0-9_-]*\.[a-z0-9_-]+$", description="The level right below unless told."
    )
    bbox: str | None = Field(None, max_length=100, description="west,south,east,north")
    day_from: date | None = Field(None, alias="from")
    day_to: date | None = Field(None, alias="to")
    matter: str | None = Field(None, max_length=40)
    department: str | None = Field(None, max_length=18)
    channel: str | None = Field(None, max_length=20)


class TallyItem(Schema):
    """One grid's number."""

    grid: str
    name: str
    n: float | None = Field(description="Null: a share of nothing.")
    per_1000: float | None = Field(description="For each thousand households; null for shares and where nobody lives.")
    households: int
    query: str | None = Field(description="Query string of /cases that lists what was counted.")


class TallyOut(Schema):
    """A number for each grid of a level."""

    measure: str
    unit: Literal["count", "share"]
    level: str
    day_from: date | None
    day_to: date | None
    items: list[TallyItem]
    breaks: list[float] = Field(description="Rising; a value belongs to the class above the last break not above it.")
    left_out: bool = Field(description="There are more grids than are told; narrow by `grid` or `bbox`.")


class PeriodFilter(CaseFilter):
    """The queue's filter with the days a map plays."""

    day_from: date | None = Field(None, alias="from")
    day_to: date | None = Field(None, alias="to")

    def as_query(self) -> CaseQuery:
        """The filter as selectors take it."""
        return CaseQuery(**self.model_dump(by_alias=False))


class TimedPoint(Schema):
    """A case (or several, counted together by square and day) with its time. Nothing anybody wrote is in it."""

    id: str | None
    lon: float
    lat: float
    state: str
    at: datetime
    until: datetime | None
    matter: str
    number: str
    count: int


class TimedPoints(Schema):
    """The cases of a period."""

    points: list[TimedPoint]
    left_out: Literal["", "cells"]
    total: int


class DayCount(Schema):
    """One day's cases."""

    day: date
    n: int


class DayCounts(Schema):
    """Cases on each day of a period."""

    items: list[DayCount]
    total: int


class CardPerson(Schema):
    """Somebody who works in the grid."""

    id: str | None
    name: str
    position: str
    place: str
    phone: str = Field(description="Masked; empty when there is none or it is not told.")
    may_call: bool = Field(description="POST /colleagues/{id}/call gives the number, on record.")


class CardQueries(Schema):
    """Filters of the queue."""

    overdue: str
    due_soon: str


class CardOpen(Schema):
    """Open cases of the grid."""

    n: int
    overdue: int
    due_soon: int
    query: str
    queries: CardQueries


class CardVisit(Schema):
    """A visit or walk."""

    at: datetime
    kind: Literal["care", "patrol"]
    word: str
    who: str
    lon: float | None
    lat: float | None


class CardChildren(Schema):
    """How many grids lie right below."""

    key: str
    level: str
    title: str
    n: int


class CardOut(Schema):
    """A grid's card. Null: the reader may not see it."""

    grid: GridDetail
    area_m2: float | None
    version: int
    since: datetime | None
    people: list[CardPerson]
    households: int
    residents: int | None
    buildings: int | None
    open: CardOpen | None
    visits: list[CardVisit] | None
    children: CardChildren | None


class CarePointOut(Schema):
    """Somebody to visit, without a name."""

    id: str
    lon: float
    lat: float
    state: Literal["late", "due", "fine"]
    due: date
    word: str


class CarePoints(Schema):
    """Whom to visit."""

    points: list[CarePointOut]
    left_out: bool


class VisitPointOut(Schema):
    """A visit that was made."""

    id: str
    care: str
    lon: float
    lat: float
    at: datetime
    outcome: str
    word: str


class VisitPoints(Schema):
    """Visits of a period."""

    points: list[VisitPointOut]
    left_out: bool


class TrackOut(Schema):
    """One patrol's track."""

    id: str
    who: str
    position: str
    begun: datetime
    ended: datetime | None
    metres: int
    gap_s: int = Field(description="Seconds without a position.")
    lines: list[list[list[float]]]
    at: list[list[datetime]]


class TracksOut(Schema):
    """Patrols of a day."""

    tracks: list[TrackOut]
    left_out: bool
