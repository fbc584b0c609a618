"""What other systems are told of the registers, and what was agreed with them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from ninja import Field, Schema
from pydantic import StringConstraints

from onegrid.county.registers.schemas.changes import Kind, Value

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=80)]


class AgreementIn(Schema):
    """What another system is to be told: fields by kind, of a grid, for a purpose."""

    name: Name
    unit: Name = Field(description="Whose system it is.")
    purpose: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]
    grid: str = Field(description="Number of the grid.", max_length=40)
    fields: dict[Kind, list[Annotated[str, StringConstraints(max_length=40)]]]


class FetchedOut(Schema):
    """How many rows of a kind a system was told of on one day."""

    day: date
    kind: Kind
    rows: int
    last_at: datetime


class AgreementOut(Schema):
    """An agreement as it stands."""

    id: str
    name: str
    unit: str
    purpose: str
    scope_path: str
    place: str = Field(description="The name of the grid.")
    fields: dict[Kind, list[str]]
    created_at: datetime
    revoked_at: datetime | None
    fetched: list[FetchedOut] = Field(description="Of the last thirty days, newest first.")


class AgreementMadeOut(AgreementOut):
    """A new agreement with its key, which is shown this once."""

    key: str


class AgreementList(Schema):
    """Agreements about grids of the caller's, newest first."""

    items: list[AgreementOut]


class FeedEntryOut(Schema):
    """A row that changed, with what it says now. `values` null: it is gone from what was agreed; delete the copy."""

    seq: int
    at: datetime
    action: Literal["added", "changed", "moved", "merged", "gone", "restored"]
    kind: Kind
    id: str
    fields: list[str]
    values: dict[str, Value] | None


class FeedOut(Schema):
    """What changed. Ask again with `next`; `more` tells whether there is more already."""

    items: list[FeedEntryOut]
    next: str
    more: bool


class CopyRowOut(Schema):
    """A row as it is."""

    id: str
    values: dict[str, Value]


class CopyOut(Schema):
    """Rows by number, and where the next page begins. `cursor` is the feed's when this page was read."""

    items: list[CopyRowOut]
    next: str | None
    cursor: str
