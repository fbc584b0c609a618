"""Notices as the API takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Field, Schema
from pydantic import AwareDatetime, StringConstraints

from onegrid.programmes.community.rules import Draft


class NoticeIn(Schema):
    """A notice to write. ``key`` becomes its id: sending it again is safe."""

    key: UUID
    grid: str = Field(..., max_length=18, description="Id of the grid; it reaches everybody below.")
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=60)]
    body: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=2000)]
    for_residents: bool = True
    for_staff: bool = True
    positions: list[Annotated[str, StringConstraints(max_length=60)]] = Field(
        default_factory=list, max_length=60, description="Only these positions of the staff; none means all."
    )
    important: bool = Field(False, description="Stands before the others.")
    valid_from: AwareDatetime | None = Field(None, description="From now on when left out.")
    valid_to: AwareDatetime | None = Field(None, description="Until withdrawn when left out; a year at most.")

    def as_draft(self) -> Draft:
        """The notice as the services take it."""
        return Draft(**{**self.model_dump(), "positions": tuple(self.positions)})


class WithdrawIn(Schema):
    """Why a notice is taken down."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]


class NoticeOut(Schema):
    """A notice as whoever it is for reads it. ``signed``: place and office of its author."""

    id: UUID
    title: str
    body: str
    important: bool
    place: str
    signed: str
    valid_from: datetime
    valid_to: datetime | None


class NoticeList(Schema):
    """The notices of a place."""

    items: list[NoticeOut]


class StaffNotice(NoticeOut):
    """A notice to a member of the staff."""

    read_at: datetime | None


class StaffNoticePage(Schema):
    """A page of them."""

    items: list[StaffNotice]
    next: str | None
    unread: int


class PositionRef(Schema):
    """A position by key and title."""

    key: str
    title: str


class WrittenNotice(NoticeOut):
    """A notice as those who lead the grid see it."""

    grid: str
    author: str
    for_residents: bool
    for_staff: bool
    positions: list[PositionRef]
    state: Literal["planned", "current", "over", "withdrawn"]
    withdrawn_at: datetime | None
    withdrawn_reason: str
    read: int = Field(..., description="People of the staff who opened it.")
    reached: int = Field(..., description="People of the staff it is for, today.")


class WrittenPage(Schema):
    """A page of them."""

    items: list[WrittenNotice]
    next: str | None


class ReaderOut(Schema):
    """One of the staff, and when he opened it."""

    name: str
    position: str
    place: str
    at: datetime | None


class ReaderPage(Schema):
    """A page of them."""

    items: list[ReaderOut]
    next: str | None
