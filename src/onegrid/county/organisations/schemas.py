"""Departments as the API shows them."""

from __future__ import annotations

from ninja import Field, Schema


class DepartmentFilter(Schema):
    """What to look for; nothing asks for everything."""

    q: str = Field("", max_length=60, description="Name, alias, former name or code.")
    handles: bool | None = Field(None, description="Only those that handle matters, or only those that do not.")
    limit: int = Field(500, ge=1, le=1000)


class DepartmentOut(Schema):
    """One department in the reader's language."""

    id: str
    code: str
    name: str
    kind: str
    handles: bool
    collects: bool
    field: str
    parent: str | None
    level: str = Field(description="county, township, village")
    seat: str = Field(description="Scope path of its area.")
    aliases: list[str]
    initials: list[str] = Field(description="Pinyin initials of the name, then of each alias.")
    managed: str = Field(description="local, or vertical: it obeys the city or the province.")


class DepartmentList(Schema):
    """Departments in force."""

    items: list[DepartmentOut]
