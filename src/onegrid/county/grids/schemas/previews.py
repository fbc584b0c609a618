"""What a draft would change, as the API shows it."""

from __future__ import annotations

from typing import Literal

from ninja import Field, Schema


class Load(Schema):
    """How heavy the grids of a level are."""

    grids: int
    households_min: float
    households_mean: float
    households_max: float
    within_20: float | None = Field(description="None where nobody said how large a grid shall be.")
    open_cases_max: int


class LevelChange(Schema):
    """A level before and after."""

    level: str
    title: str
    before: Load
    after: Load


class FormerOut(Schema):
    """A grid whose land a cell has."""

    grid: str
    name: str
    share: float


class CellChange(Schema):
    """A cell that is not as today's grid is."""

    key: str
    level: str
    level_title: str
    name: str
    code: str
    change: Literal["same", "renamed", "redrawn", "new"]
    households: float
    residents: int
    open_cases: int
    was: list[FormerOut]


class HeirOut(Schema):
    """A cell that takes over from a grid."""

    key: str
    name: str
    share: float


class RetiredOut(Schema):
    """A grid that will be no more."""

    grid: str
    name: str
    code: str
    level_title: str
    households: float
    open_cases: int
    into: list[HeirOut]


class AppointmentMove(Schema):
    """Somebody whose grid will be no more."""

    person: str
    position: str
    from_: str = Field(alias="from")
    to: str
    what: Literal["moves", "doubles", "ends"]


class VacantOut(Schema):
    """A position nobody would hold."""

    position: str
    cell: str


class MovedOut(Schema):
    """How much would lie in another grid."""

    households: int
    residents: int
    open_cases: int
    appointments: int


class DraftPreviewOut(Schema):
    """Before and after."""

    levels: list[LevelChange]
    cells: list[CellChange]
    retired: list[RetiredOut]
    appointments: list[AppointmentMove]
    vacant: list[VacantOut]
    moved: MovedOut
    truncated: bool
