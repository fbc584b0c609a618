"""The registers as the API shows them."""

from __future__ import annotations

from datetime import date
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


class ChoiceWord(Schema):
    """Something that can be chosen, in the reader's language."""

    key: str
    title: str


class FolderList(Schema):
    """The folders of the hat worn; none when its area is too wide for a phone. `access` says what the hat may do with
    each field of a visit (masked, reveal, write); a field that is not named is hidden."""

    items: list[FolderOut]
    too_wide: bool
    access: dict[str, dict[str, str]]
    choices: dict[str, list[ChoiceWord]]


class PersonOut(Schema):
    """A resident, masked. Sex by GB/T 2261.1: 0 unknown, 1 male, 2 female, 9 not stated."""

    id: str
    version: int
    name: str
    sex: int
    born: int | None
    phone: str
    relation: str
    registered: str
    since: date | None


class HomeOut(Schema):
    """A household behind its door."""

    id: str
    version: int
    label: str
    people: int
    number: str
    dwelling: str
    dwelling_version: int
    use: str
    residents: list[PersonOut]


class EmptyDoorOut(Schema):
    """A door nobody is known behind."""

    dwelling: str
    label: str
    use: str


class HouseOut(Schema):
    """A building and the doors in it."""

    id: str
    name: str
    lon: float
    lat: float
    floors: int
    stairwells: int
    homes: list[HomeOut]
    empty: list[EmptyDoorOut]


class FolderContents(FolderOut):
    """A folder opened."""

    houses: list[HouseOut]


class NameRevealIn(Schema):
    """Why a whole name is needed."""

    purpose: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]


class NameOut(Schema):
    """The whole name; the look is on record."""

    name: str
