"""A resident's own page, exports, and what the pack says about the registers, as the API shows them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field, StringConstraints

from onegrid.county.registers.rules.kinds import Kind
from onegrid.county.registers.schemas.records import RecordQuery

Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]


class LinkIn(Schema):
    """The proof: the last four characters of the ID number."""

    id_tail: Annotated[str, StringConstraints(strip_whitespace=True, min_length=4, max_length=4)]


class HeldOut(Schema):
    """One thing that is held, its value masked, why it is kept and until when."""

    key: str
    title: str
    value: str
    why: str
    until: str


class OwnRequestOut(Schema):
    """What was asked, the case that answers, and the day by which it must be answered."""

    id: UUID
    kind: Literal["correct", "erase", "question"]
    kind_word: str
    field: str
    look: str
    number: str
    case: UUID
    track_code: str
    asked_at: datetime
    answer_by: date


class OwnRegisterOut(Schema):
    """The resident's own page. Not linked: nothing but what was asked before."""

    linked: bool
    name: str
    door: str
    items: list[HeldOut]
    requests: list[OwnRequestOut]


class LookOut(Schema):
    """One look at the resident. `questioned` is the number of the case in which he asked about it."""

    id: str
    at: datetime
    name: str
    title: str
    unit: str
    how: Literal["read", "search", "reveal", "export"]
    how_word: str
    purpose: str
    questioned: str


class LookPage(Schema):
    """Looks, newest first; `next` continues."""

    items: list[LookOut]
    next: str | None


class OwnRequestIn(Schema):
    """A request about one's own data. `field` for a correction, `look` for a question."""

    key: UUID
    kind: Literal["correct", "erase", "question"]
    field: Annotated[str, StringConstraints(max_length=30)] = ""
    look: int | None = Field(None, ge=1)
    words: Words = ""


class AskedOut(Schema):
    """The case that answers, and the day by which it must."""

    id: UUID
    number: str
    track_code: str
    answer_by: date


class EraseIn(Schema):
    """Why a resident is taken out of the register: the number of the case in which it was granted."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]


class RegisterExportIn(Schema):
    """A list to be taken out as a workbook; `cursor` and `limit` of its filter mean nothing here.

    `whole`: values unmasked, as far as the hat may reveal them.
    """

    key: UUID
    kind: Kind
    filter: RecordQuery = Field(default_factory=RecordQuery)
    whole: bool = False
    purpose: Annotated[str, StringConstraints(max_length=40)]
    words: Words = ""


class RegisterExportOut(Schema):
    """An export, as the reader may use it."""

    id: UUID
    kind: Kind
    kind_word: str
    whole: bool
    rows: int
    purpose: str
    purpose_word: str
    words: str
    asked_by: str
    asked_unit: str
    asked_at: datetime
    state: Literal["asked", "approved", "refused", "withdrawn", "expired"]
    state_word: str
    decided_by: str
    decided_at: datetime | None
    expires_at: datetime | None
    downloads: int
    mine: bool
    may_decide: bool
    may_download: bool


class RegisterExportList(Schema):
    """The newest exports: one's own, and those one may decide about."""

    items: list[RegisterExportOut]
