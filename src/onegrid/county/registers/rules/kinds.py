"""The six kinds of register and the columns a sheet of each may have.

A column here is what a county's spreadsheet says about a row, not a column of the database: a resident's row carries
the building, the door and the household too, because that is how such sheets look. Titles and synonyms of the columns
are in the locale files (`register_sheets.column.*`, `register_sheets.also.*`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["residents", "households", "dwellings", "buildings", "premises", "organisations"]
KINDS: Final[tuple[Kind, ...]] = ("residents", "households", "dwellings", "buildings", "premises", "organisations")

Form = Literal["text", "choice", "date", "past", "number", "degrees", "id_number", "phone", "credit_code", "sex"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet. `choice` names the pack's list; `personal` values are masked wherever they are told."""

    key: str
    form: Form = "text"
    choice: str = ""
    personal: bool = False
    longest: int = 200
    width: int = 14


ID = Column("id", "number", width=10)
"""The row's number in this register. Exports carry it; a row that has it is changed, never added."""
VERSION = Column("version", "number", width=8)
GRID = Column("grid", longest=60, width=18)
BUILDING_CODE = Column("building_code", longest=60, width=18)
BUILDING = Column("building", width=32)
ADDRESS = Column("address", width=40)
DOOR = (Column("unit", longest=20, width=8), Column("floor", "number", width=8), Column("room", longest=30, width=10))
HOUSEHOLD = Column("household", longest=40, width=16)
PHONE = Column("phone", "phone", personal=True, width=16)
CONTACT = Column("contact", personal=True, longest=60)
POINT = (Column("lon", "degrees"), Column("lat", "degrees"))
TENURES: Final = tuple(
    column
    for role in ("owner", "tenant")
    for column in (
        Column(role, personal=True, longest=60),
        Column(f"{role}_phone", "phone", personal=True, width=16),
        Column(f"{role}_since", "past"),
    )
)
"""Who owns and who rents a dwelling. No fields of its row: each becomes a tenure (`services/loading/ties.py`)."""
EMPLOYMENT: Final = (Column("works_at", width=30), Column("works_since", "past"))
"""Where a resident works, by credit code or name; an employment of its own."""
_ROW = (ID, VERSION, GRID)
_PLACE = (BUILDING_CODE, BUILDING, *DOOR, ADDRESS)

COLUMNS: Final[Mapping[Kind, tuple[Column, ...]]] = {
    "residents": (
        *_ROW,
        *_PLACE,
        HOUSEHOLD,
        Column("relation", "choice", "resident.relation", width=12),
        Column("name", personal=True, longest=60),
        Column("sex", "sex", width=8),
        Column("birth_date", "past", personal=True),
        Column("id_kind", "choice", "resident.id_kind", width=14),
        Column("id_number", "id_number", personal=True, longest=40, width=22),
        PHONE,
        Column("registered", "choice", "resident.registered", width=12),
        Column("since", "past"),
        *EMPLOYMENT,
    ),
    "households": (*_ROW, *_PLACE, HOUSEHOLD, Column("people", "number", width=8)),
    "dwellings": (*_ROW, *_PLACE, Column("use", "choice", "dwelling.use", width=12), *TENURES),
    "buildings": (
        *_ROW,
        Column("code", longest=60, width=18),
        Column("name", width=32),
        Column("kind", "choice", "building.kind", width=12),
        Column("levels", "number", width=8),
        Column("units", "number", width=8),
        *POINT,
    ),
    "premises": (
        *_ROW,
        Column("code", longest=60, width=18),
        Column("name", width=30),
        Column("kind", "choice", "premises.kind", width=12),
        BUILDING_CODE,
        BUILDING,
        ADDRESS,
        *POINT,
        Column("organisation", width=30),
        CONTACT,
        PHONE,
    ),
    "organisations": (
        *_ROW,
        Column("credit_code", "credit_code", width=22),
        Column("name", width=30),
        Column("kind", "choice", "organisation.kind", width=12),
        BUILDING_CODE,
        BUILDING,
        ADDRESS,
        *POINT,
        CONTACT,
        PHONE,
    ),
}

NEEDED: Final[Mapping[Kind, tuple[tuple[str, ...], ...]]] = {
    "residents": (("name",), ("building", "building_code", "address", "household", "id")),
    "households": (("building", "building_code", "address", "id"),),
    "dwellings": (("building", "building_code", "address", "id"),),
    "buildings": (("name",),),
    "premises": (("name",), ("grid", "building", "building_code", "address", "lon", "id")),
    "organisations": (("name",), ("grid", "building", "building_code", "address", "lon", "id")),
}
"""For each kind: of each group at least one column must be there, and at least one of its cells filled."""


def column(kind: Kind, key: str) -> Column:
    """The column `key` of `kind`. Raises KeyError."""
    for one in COLUMNS[kind]:
        if one.key == key:
            return one
    raise KeyError(key)
