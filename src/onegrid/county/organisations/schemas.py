"""Departments as the API shows them."""

from __future__ import annotations

from ninja import Field, Schema


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
    managed: str = Field(description="local, or vertical: it obeys the city or the province.")


class DepartmentList(Schema):
    """Departments in force."""

    items: list[DepartmentOut]
