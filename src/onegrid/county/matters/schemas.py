"""The catalogue as the API shows it."""

from __future__ import annotations

from ninja import Field, Schema


class MatterFilter(Schema):
    """What to look for; nothing asks for everything."""

    q: str = Field("", max_length=60, description="Name, everyday word, code or pinyin initials.")
    field: str = Field("", max_length=40, description="Key of a field of work.")
    limit: int = Field(500, ge=1, le=1000)


class ConditionOut(Schema):
    """When the matter is given, and the limits that then run, as the catalogue writes them."""

    ordinal: int
    text: str
    limit: str | None
    accept_by: str | None
    arrive_by: str | None
    stages: list[str] = Field(description="Several limits from the same start, each name:limit.")


class MatterOut(Schema):
    """A catalogue entry in the reader's language."""

    code: str
    name: str
    field: str
    field_title: str
    kind: str = Field(description="component, event, dispute, petition, service")
    class_code: str = Field(description="Four digits of GB/T 30428.2, or empty.")
    class_title: str
    words: list[str] = Field(description="What people call it.")
    initials: list[str] = Field(description="Pinyin initials of the name, then of each word.")
    lead: str = Field(description="Department code, or @township for the place's own unit.")
    lead_id: str | None
    joint: list[str]
    on_the_spot: bool
    verify_before_accept: bool
    verify_before_close: bool
    evidence: list[str]
    closing_rule: str
    confidential: bool
    urgent: bool
    basis: str
    conditions: list[ConditionOut]


class FieldOfWorkOut(Schema):
    """A field of work and how many matters in force it has."""

    key: str
    title: str
    matters: int


class MatterList(Schema):
    """Matters that fit, best first, and the fields to narrow them by."""

    items: list[MatterOut]
    fields: list[FieldOfWorkOut]
    total: int
