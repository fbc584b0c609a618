"""Owners, tenants and workplaces as the API takes and tells them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from ninja import Field, Schema
from pydantic import StringConstraints

from onegrid.county.registers.schemas.records import TenureOut


class TenureIn(Schema):
    """Somebody owns or rents: a resident of the register, or a name and a phone by hand."""

    key: UUID
    role: Literal["owner", "tenant"]
    resident: int | None = None
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)] = ""
    phone: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] = ""
    since: date | None = Field(default=None, description="Null: nobody knows since when.")


class EmploymentIn(Schema):
    """Somebody works at an organisation of the register."""

    key: UUID
    organisation: int
    since: date | None = Field(default=None, description="Null: nobody knows since when.")


class EndIn(Schema):
    """The last day, which is not in the future."""

    key: UUID
    until: date


class HoldingOut(Schema):
    """What was written down, and the version of the row it hangs on."""

    id: str
    version: int


class TenureList(Schema):
    """Who owns or rents a dwelling or did, the latest first."""

    items: list[TenureOut]


class EmploymentOut(Schema):
    """Where somebody works or did."""

    id: str
    organisation: str
    name: str
    since: str | None
    until: str | None
    today: bool = Field(description="Written down today: it can be taken out.")


class EmploymentList(Schema):
    """Where a resident works or did, of the organisations in the caller's reach, the latest first."""

    items: list[EmploymentOut]
