"""What a checked line of a sheet becomes: one plain tuple per kind, every value normalised and ready to be stored.

Texts are "" when the cell is blank or the sheet has no such column; numbers are None. Dates are ISO texts
(`1990-01-07`). `kept` names columns whose cell holds a mask (`138****1234`): the row came out of a masked export, and
those values stay as they are; only a row with an `id` may have any. Whether a column exists in the sheet at all is told
by `Mapping.places`.

A row with `id` is a row of ours that comes back: it is taken as a whole, a blank cell empties the value. A row without
is what somebody else knows: a blank cell says nothing and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from onegrid.county.registers.rules.kinds import Kind


class ResidentRow(NamedTuple):
    """A person and the door behind which he or she lives. `line` is the line or row of the file, from 1."""

    line: int
    id: int | None
    version: int | None
    kept: tuple[str, ...]
    grid: str
    building_code: str
    building: str
    unit: str
    floor: int | None
    room: str
    label: str
    """The door as people say it, made of unit and room: 2单元301; 1户 in a house. "" when the sheet names no door."""
    household: str
    relation: str
    name: str
    sex: int | None
    """GB/T 2261.1: 0, 1, 2 or 9; taken from the identity card when the cell is blank; None when nothing is known."""
    birth_date: str
    birth_year: int | None
    id_kind: str
    id_number: str
    phone: str
    registered: str
    since: str
    works_at: str
    """Credit code or name of an organisation of the register."""
    works_since: str


class HouseholdRow(NamedTuple):
    """A household behind a door."""

    line: int
    id: int | None
    version: int | None
    kept: tuple[str, ...]
    grid: str
    building_code: str
    building: str
    unit: str
    floor: int | None
    room: str
    label: str
    household: str
    people: int | None


class DwellingRow(NamedTuple):
    """A door of a building."""

    line: int
    id: int | None
    version: int | None
    kept: tuple[str, ...]
    grid: str
    building_code: str
    building: str
    unit: str
    floor: int | None
    room: str
    label: str
    use: str
    owner: str
    owner_phone: str
    owner_since: str
    tenant: str
    tenant_phone: str
    tenant_since: str


class BuildingRow(NamedTuple):
    """A building, where it stands (degrees, WGS 84) and how many floors and stairwells it has."""

    line: int
    id: int | None
    version: int | None
    kept: tuple[str, ...]
    grid: str
    code: str
    name: str
    """Its address, as `addresses.building_key` writes it."""
    kind: str
    levels: int | None
    units: int | None
    lon: float | None
    lat: float | None


class PremisesRow(NamedTuple):
    """A shop, workshop or office. `organisation` is a credit code or a name."""

    line: int
    id: int | None
    version: int | None
    kept: tuple[str, ...]
    grid: str
    code: str
    name: str
    kind: str
    building_code: str
    building: str
    address: str
    lon: float | None
    lat: float | None
    organisation: str
    contact: str
    phone: str


class OrganisationRow(NamedTuple):
    """An enterprise, school or other unit."""

    line: int
    id: int | None
    version: int | None
    kept: tuple[str, ...]
    grid: str
    credit_code: str
    name: str
    kind: str
    building_code: str
    building: str
    address: str
    lon: float | None
    lat: float | None
    contact: str
    phone: str


Row = ResidentRow | HouseholdRow | DwellingRow | BuildingRow | PremisesRow | OrganisationRow

ROWS: Final[Mapping[Kind, type[Row]]] = {
    "residents": ResidentRow,
    "households": HouseholdRow,
    "dwellings": DwellingRow,
    "buildings": BuildingRow,
    "premises": PremisesRow,
    "organisations": OrganisationRow,
}
