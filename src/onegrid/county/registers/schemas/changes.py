"""Changes as the API takes and tells them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Field, Schema
from pydantic import StringConstraints

Value = Annotated[str, StringConstraints(max_length=400)] | int | float | None
Values = dict[Annotated[str, StringConstraints(max_length=40)], Value]
Kind = Literal["residents", "households", "dwellings", "buildings", "premises", "organisations"]
Source = Literal["desk", "door"]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]


class EditIn(Schema):
    """What a row is to say, and what it said when its author looked: `version`, and `seen` as it was shown."""

    key: UUID
    version: int = Field(ge=1)
    seen: Values = {}
    wanted: Values = Field(min_length=1, max_length=20)
    at: datetime | None = Field(default=None, description="When it happened, by the device.")
    source: Source = "desk"


class MadeOut(Schema):
    """A row that was made."""

    kind: Kind
    id: str


class OutcomeOut(Schema):
    """What became of it. `waiting` names fields that are kept until somebody confirms them."""

    state: Literal["applied", "waiting", "same", "refused"]
    kind: Kind
    id: str
    version: int
    fields: list[str]
    waiting: list[str]
    change: str | None
    waiting_change: str | None
    made: list[MadeOut]


class AddIn(Schema):
    """A new row: its values, and the nearest thing it belongs to. Households bring their residents along."""

    key: UUID
    kind: Kind
    values: Values = Field(default={}, max_length=20)
    household: int | None = None
    dwelling: int | None = None
    building: int | None = None
    label: Annotated[str, StringConstraints(max_length=40)] = Field(default="", description="The door: 2单元301.")
    lon: float | None = Field(default=None, ge=-180, le=180)
    lat: float | None = Field(default=None, ge=-90, le=90)
    residents: list[Values] = Field(default=[], max_length=30)
    at: datetime | None = None
    source: Source = "desk"


class MoveIn(Schema):
    """Residents live in a household from a day on; with `dwelling` in a new one behind that door."""

    key: UUID
    residents: list[int] = Field(min_length=1, max_length=50)
    household: int | None = None
    dwelling: int | None = None
    on: date
    at: datetime | None = None
    source: Source = "desk"


class DepartureIn(Schema):
    """Residents moved away out of the register, or died."""

    key: UUID
    residents: list[int] = Field(min_length=1, max_length=50)
    why: Literal["left", "died"]
    on: date
    at: datetime | None = None
    source: Source = "desk"


class OutcomesOut(Schema):
    """What became of each."""

    items: list[OutcomeOut]


class DoorEditIn(Schema):
    """A row of the visit that is to change."""

    kind: Literal["residents", "households", "dwellings"]
    id: int
    version: int = Field(ge=1)
    seen: Values = {}
    wanted: Values = Field(min_length=1, max_length=20)


class DoorPlaceIn(Schema):
    """Where a household was found that the register does not have."""

    dwelling: int | None = None
    building: int | None = None
    label: Annotated[str, StringConstraints(max_length=40)] = ""


class LeavingIn(Schema):
    """Somebody who moved away or died."""

    id: int
    on: date
    how: Literal["moved", "died"]


class DoorVisitIn(Schema):
    """One visit at a door: all of it is applied, or nothing. With no household a new one is founded `at` the door."""

    key: UUID
    device_at: datetime | None = None
    household: int | None = None
    at: DoorPlaceIn | None = None
    changes: list[DoorEditIn] = Field(default=[], max_length=60)
    joined: list[Values] = Field(default=[], max_length=30)
    left: list[LeavingIn] = Field(default=[], max_length=30)


class DoorVisitOut(Schema):
    """What became of the visit; `id` is the household."""

    id: str
    state: Literal["applied", "waiting", "same"]
    version: int
    made: list[MadeOut]
    waiting: list[str]


class WaitingFieldOut(Schema):
    """A field of a change: what it said, says now, and is to say; personal values masked."""

    field: str
    title: str
    before: Value
    current: Value
    wanted: Value


class WaitingOut(Schema):
    """A change that waits. `may` tells whether the hat worn may confirm it."""

    id: str
    kind: Kind
    row: str
    title: str
    place: str
    fields: list[WaitingFieldOut]
    version: int
    source: str
    by: str
    unit: str
    at: datetime
    told_at: datetime | None
    mine: bool
    may: bool


class WaitingList(Schema):
    """What waits in the caller's reach, oldest first. `total` stops at 999."""

    items: list[WaitingOut]
    next: str | None
    total: int


class ChangeConfirmIn(Schema):
    """`version` is the row's as shown; `fields` the ones to take, all when left out."""

    version: int = Field(ge=1)
    fields: list[str] | None = None


class ChangeRefuseIn(Schema):
    """Why not."""

    reason: Words


class HistoryOut(Schema):
    """One change of a row. Names of fields only: what they said is masked even from those who changed it."""

    id: str
    action: Literal["added", "changed", "moved", "merged", "gone", "restored"]
    fields: list[str]
    titles: list[str]
    source: str
    state: Literal["applied", "waiting", "refused", "lapsed", "undone"]
    by: str
    unit: str
    at: datetime
    told_at: datetime | None
    can_undo: bool
    reason: str


class HistoryList(Schema):
    """The changes of a row, newest first."""

    items: list[HistoryOut]


class KeyIn(Schema):
    """An idempotency key."""

    key: UUID


class EntryOut(Schema):
    """One of two residents put side by side, masked."""

    id: str
    version: int
    cells: dict[str, Value]
    place: str
    since: date | None


class PairOut(Schema):
    """Two residents who look like one person."""

    id: str
    why: list[str]
    words: list[str]
    likeness: float
    one: EntryOut
    other: EntryOut
    differing: list[str]


class PairList(Schema):
    """Pairs in the caller's reach, most alike first. `total` stops at 999."""

    items: list[PairOut]
    next: str | None
    total: int


class PairIn(Schema):
    """Two residents to be put side by side by hand."""

    residents: tuple[int, int]


class PairMadeOut(Schema):
    """The pair's number."""

    id: str


class MergeIn(Schema):
    """Which entry stays, and which fields it takes from the other one."""

    key: UUID
    keep: int
    take: list[str] = Field(default=[], max_length=20)
