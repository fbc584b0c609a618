"""One row as a list, a page or an export tells it: each field the reader may see, masked unless told whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from django.db.models import prefetch_related_objects

from onegrid.county.registers.models import Building, Dwelling, Household, Organisation, Premises, Resident
from onegrid.county.registers.rules.fields import FIELDS, at_least, mask
from onegrid.county.registers.rules.kinds import Kind
from onegrid.county.registers.selectors.sight import Cell, Sight

MODELS: Final[Mapping[Kind, Any]] = {
    "residents": Resident,
    "households": Household,
    "dwellings": Dwelling,
    "buildings": Building,
    "premises": Premises,
    "organisations": Organisation,
}
"""The table of each kind."""
JOINED: Final[Mapping[Kind, tuple[str, ...]]] = {
    "residents": ("household__dwelling__building",),
    "households": ("dwelling__building",),
    "dwellings": ("building",),
    "buildings": (),
    "premises": ("building", "organisation"),
    "organisations": (),
}
"""What is read with each row so that its cells can be told."""
_STEPS: Final[Mapping[Kind, tuple[str, ...]]] = {
    "residents": ("household", "dwelling", "building"),
    "households": ("dwelling", "building"),
    "dwellings": ("building",),
}


def placed(kind: Kind, rows: Sequence[Any]) -> list[Any]:
    """The rows with what they stand in (`JOINED`): a statement for each step outwards, which asks by key.

    Never joined: each table lies under the reader's scope, and the server may begin with every household of that. As a
    join would, this leaves out a row whose household, door or building is not in reach.
    """
    prefetch_related_objects(rows, *JOINED[kind])
    return [row for row in rows if _whole(row, _STEPS.get(kind, ()))]


def _whole(row: Any, steps: Sequence[str]) -> bool:
    for step in steps:
        row = row._state.fields_cache.get(step)
        if row is None:
            return False
    return True


def _dwelling(row: Any) -> Any:
    if isinstance(row, Resident):
        return row.household.dwelling
    return row.dwelling if isinstance(row, Household) else row


def _building(row: Any) -> Any:
    if isinstance(row, Premises):
        return row.building
    return None if isinstance(row, Organisation) else _dwelling(row).building


def _of_building(key: str) -> Callable[[Any], Any]:
    def tell(row: Any) -> Any:
        building = _building(row)
        return getattr(building, key) if building is not None else ""

    return tell


def _door(row: Any) -> str:
    door = _dwelling(row)
    return f"{door.building.name}{door.label}"


_HOW: Final[Mapping[str, Callable[[Any], Any]]] = {
    "building_code": _of_building("code"),
    "building": _of_building("name"),
    "unit": lambda row: _dwelling(row).unit,
    "floor": lambda row: _dwelling(row).floor,
    "room": lambda row: _dwelling(row).room,
    "label": lambda row: _dwelling(row).label,
    "household": lambda row: (row.household if isinstance(row, Resident) else row).number,
    "residents.address": _door,
    "households.address": _door,
    "dwellings.address": _door,
    "premises.organisation": lambda row: row.organisation.name if row.organisation_id else "",
    "organisations.lon": lambda _: None,
    "organisations.lat": lambda _: None,
    # Counted beside the rows, see `records`.
    "households.residents": lambda row: row.__dict__.get("counted"),
    "dwellings.households": lambda row: row.__dict__.get("counted"),
    "dwellings.people": lambda row: row.__dict__.get("counted_people"),
    "buildings.dwellings": lambda row: row.__dict__.get("counted"),
}
"""How a field is read, where it is not the row's own column of its name; by kind and field, else by field."""


def value(kind: Kind, key: str, row: Any) -> Cell:
    """A field of a row as it is, unmasked."""
    how = _HOW.get(f"{kind}.{key}") or _HOW.get(key)
    found = how(row) if how else "" if key == "grid" else getattr(row, key)
    return found.isoformat() if isinstance(found, date | datetime) else found


def cells(sight: Sight, kind: Kind, row: Any, *, whole: bool = False) -> dict[str, Cell]:
    """Every field the reader may see. `whole`: what may be revealed is told whole, for exports that were approved.

    `grid` is told by who knows the grids' names. Only values that are shown are opened.
    """
    told: dict[str, Cell] = {}
    for key, level in sight.table(kind).items():
        found = value(kind, key, row)
        field = FIELDS[kind][key]
        if field.personal and isinstance(found, str) and not (whole and at_least(level, "reveal")):
            found = mask(field, found)
        told[key] = found
    return told
