"""The registers as the API shows them."""

from __future__ import annotations

from typing import Annotated

from ninja import Schema
from pydantic import StringConstraints

from onegrid.county.grids.schemas import GridOut


class LeaderOut(Schema):
    """Who looks after a grid."""

    name: str
    title: str


class CentreOut(Schema):
    """The grid centre that answers for a place, and the number to call. ``line`` names whose number it is when it is
    not the centre's own: a centre's above, or the locality's hotline."""

    name: str
    phone: str | None = None
    line: str = ""


class MyGridOut(Schema):
    """Where a resident lives, and whom to turn to."""

    grid: GridOut
    address: str
    leader: LeaderOut | None
    centre: CentreOut | None


class FolderOut(Schema):
    """One leaf grid of the register. `digest` changes with anything in it."""

    grid: GridOut
    households: int
    people: int
    digest: str


class FolderList(Schema):
    """The folders of the hat worn; none when its area is too wide for a phone."""

    items: list[FolderOut]
    too_wide: bool


class PersonOut(Schema):
    """A resident, masked. Sex by GB/T 2261.1: 0 unknown, 1 male, 2 female, 9 not stated."""

    id: str
    name: str
    sex: int
    born: int | None


class HomeOut(Schema):
    """A household behind its door."""

    id: str
    label: str
    people: int
    residents: list[PersonOut]


class HouseOut(Schema):
    """A building and the doors in it."""

    id: str
    name: str
    lon: float
    lat: float
    floors: int
    stairwells: int
    homes: list[HomeOut]


class FolderContents(FolderOut):
    """A folder opened."""

    houses: list[HouseOut]


class NameRevealIn(Schema):
    """Why a whole name is needed."""

    purpose: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]


class NameOut(Schema):
    """The whole name; the look is on record."""

    name: str
