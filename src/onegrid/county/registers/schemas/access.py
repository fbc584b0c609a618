"""A resident's own page, exports, and what the pack says about the registers, as the API shows them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field, StringConstraints

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
