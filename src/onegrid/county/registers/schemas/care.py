"""The care register and returnees as the API takes and shows them. Days are the locality's own."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Field, Schema
from pydantic import AwareDatetime, StringConstraints

from onegrid.county.grids.schemas import GridOut

Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Long = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)]
Role = Literal["family", "neighbour", "worker", "doctor", "volunteer", "cadre"]
Outcome = Literal["met", "absent", "declined", "urgent"]


class CareLineOut(Schema):
    """Somebody to visit, masked, with his door. `version` changes with the plan and with each visit."""

    id: str
    version: int
    resident: str
    name: str
    sex: int
    born: int | None
    needs: list[str]
    every_days: int
    next_due: date
    household: str
    house: str
    label: str


class Named(Schema):
    """A choice of the pack in the reader's language."""

    key: str
    title: str


class CarePage(Schema):
    """Open rows of the care register, the longest due first; `today` is the locality's day."""

    items: list[CareLineOut]
    next: str | None
    today: date
    needs: list[Named]


class HelperOut(Schema):
    """Somebody who helps, masked."""

    id: str
    role: Role
    name: str
    phone: str


class CareVisitOut(Schema):
    """One visit that was made; by whom."""

    id: str
    at: datetime
    outcome: Outcome
    note: str
    by: str


class CareOut(CareLineOut):
    """A row opened."""

    plan: str
    begun_on: date
    helpers: list[HelperOut]
    visits: list[CareVisitOut]


class HelperIn(Schema):
    """Somebody who helps."""

    role: Role
    name: Short
    phone: Annotated[str, StringConstraints(strip_whitespace=True, max_length=20, pattern=r"^[0-9+ -]*$")] = ""


class PlanIn(Schema):
    """A plan made in advance. Without `helpers` those of before stay: who changes a plan sees them masked."""

    needs: Annotated[list[str], Field(min_length=1, max_length=8)]
    plan: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=1000)]
    every_days: Annotated[int, Field(ge=1, le=366)]
    next_due: date
    helpers: Annotated[list[HelperIn], Field(max_length=8)] | None = None


class CareIn(PlanIn):
    """A resident taken into the register. Resending the same key with the same content changes nothing."""

    key: UUID
    device_at: AwareDatetime | None = None
    resident: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,18}$")]


class PlanChangeIn(PlanIn):
    """A plan written anew; `version` is the one that was read."""

    version: int


class CareVisitIn(Schema):
    """A visit, told now or days later."""

    key: UUID
    device_at: AwareDatetime | None = None
    outcome: Outcome
    note: Long = ""


class CareEndIn(Schema):
    """Why care is over."""

    why: Literal["recovered", "moved", "died", "asked", "other"]


class WhyIn(Schema):
    """Why whole values are needed: a purpose of the pack or a few words."""

    purpose: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]


class ReachedOut(Schema):
    """A name and a number, whole; the look is on record."""

    name: str
    phone: str


class ReturneeOut(Schema):
    """Somebody who comes home: whole for the person, name and phone masked for the worker."""

    id: str
    state: Literal["waiting", "confirmed", "refused", "withdrawn"]
    name: str
    phone: str
    came_from: str
    address: str
    words: str
    people: int
    arrives_on: date
    leaves_on: date | None
    created_at: datetime
    decided_at: datetime | None
    reason: str
    lon: float
    lat: float
    grid: GridOut | None
    household: str | None


class ReturneeList(Schema):
    """Registrations."""

    items: list[ReturneeOut]


class ReturneeIn(Schema):
    """A resident's registration by his own phone. The number is the one he signed in with."""

    key: UUID
    name: Short
    came_from: Short
    address: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]
    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    arrives_on: date
    leaves_on: date | None = None
    people: Annotated[int, Field(ge=1, le=20)] = 1
    words: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


class ConfirmIn(Schema):
    """In which household of the register he stays, when the worker knows."""

    household: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,18}$")] | None = None


class RefuseIn(Schema):
    """Why not, in words for the person."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]
