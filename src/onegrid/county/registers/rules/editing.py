"""Which fields of a row can be changed one at a time, and what a new value must be: the same checks as for a sheet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from onegrid.county.registers.rules.fields import FIELDS, mask
from onegrid.county.registers.rules.kinds import COLUMNS, Column, Kind
from onegrid.county.registers.rules.merging import BLANK, Value, Values, same
from onegrid.county.registers.rules.section import Choice
from onegrid.county.registers.rules.sheets import addresses
from onegrid.county.registers.rules.sheets.agreeing import finish
from onegrid.county.registers.rules.sheets.checking import reader
from onegrid.county.registers.rules.sheets.values import Bad

EDITABLE: Final[Mapping[Kind, tuple[str, ...]]] = {
    "residents": (
        "name",
        "sex",
        "birth_date",
        "id_kind",
        "id_number",
        "phone",
        "relation",
        "registered",
        "since",
        "left_on",
        "died_on",
    ),
    "households": ("household", "people"),
    "dwellings": ("unit", "floor", "room", "use"),
    "buildings": ("code", "name", "kind", "levels", "units", "lon", "lat"),
    "premises": ("code", "name", "kind", "address", "lon", "lat", "organisation", "contact", "phone"),
    "organisations": ("credit_code", "name", "kind", "address", "contact", "phone"),
}
_AGREE: Final[Mapping[Kind, frozenset[str]]] = {
    "residents": frozenset({"name", "sex", "birth_date", "id_kind", "id_number", "since"}),
    "households": frozenset(),
    "dwellings": frozenset({"unit", "floor", "room"}),
    "buildings": frozenset({"name", "lon", "lat"}),
    "premises": frozenset({"name", "lon", "lat"}),
    "organisations": frozenset({"name"}),
}
"""Fields that are looked at together when one of them changes."""
NEEDED: Final[Mapping[Kind, tuple[str, ...]]] = {
    "residents": ("name",),
    "households": ("people",),
    "dwellings": (),
    "buildings": ("name", "lon", "lat", "levels", "units"),
    "premises": ("name",),
    "organisations": ("name",),
}
"""What a row cannot be without."""
_DAYS: Final = (Column("left_on", "past"), Column("died_on", "past"))
_COLUMNS: Final[Mapping[Kind, Mapping[str, Column]]] = {
    kind: {column.key: column for column in (*columns, *(_DAYS if kind == "residents" else ()))}
    for kind, columns in COLUMNS.items()
}


@dataclass(frozen=True)
class Fault:
    """A field that cannot be taken: `reason` is a key below `register_sheets.reason`."""

    key: str
    reason: str
    params: Mapping[str, Any] = field(default_factory=dict)


class Faulty(Exception):
    """Values that cannot be taken, all of them."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        super().__init__("faulty")
        self.faults = tuple(faults)


def read(kind: Kind, given: Values, choices: Mapping[str, Sequence[Choice]], today: date) -> dict[str, Value]:
    """Each value in its one form; blank texts are "", blank numbers None. Raises `Faulty`, KeyError for no field."""
    found: dict[str, Value] = {}
    faults: list[Fault] = []
    for key, value in given.items():
        column = _COLUMNS[kind][key]
        if key not in EDITABLE[kind]:
            raise KeyError(key)
        try:
            found[key] = _read(column, "" if value is None else str(value), choices, today)
        except Bad as bad:
            faults.append(Fault(key, bad.reason, bad.params))
            continue
        if found[key] in BLANK and key in NEEDED[kind]:
            faults.append(Fault(key, "needed"))
    if faults:
        raise Faulty(faults)
    return found


def _read(column: Column, raw: str, choices: Mapping[str, Sequence[Choice]], today: date) -> Value:
    found: Value = reader(column, choices, today)(raw)
    return 0 if column.form == "sex" and found is None else found


def agree(kind: Kind, current: Values, take: Values) -> dict[str, Value]:
    """What follows from taking `take` besides it: an identity number brings the birth date and the sex.

    Raises `Faulty` when the row would contradict itself. Faults a row had before are not held against other fields.
    """
    if not _AGREE[kind] & set(take):
        return {}
    cells: dict[str, Any] = {**current, **take}
    if kind == "residents" and cells["sex"] == 0:
        cells["sex"] = None
    if kind == "dwellings":
        return _door(cells, current)
    asked = [Fault(key, reason, params) for key, reason, params in finish(kind, cells, ("id",))]
    if asked:
        raise Faulty(asked)
    if kind != "residents":
        return {key: cells[key] for key in take if not same(cells[key], take[key])}
    cells["sex"] = cells["sex"] or 0
    cells["birth_date"] = cells["birth_date"] or str(cells["birth_year"] or "")
    follows = ("sex", "birth_date", "id_kind", "id_number")
    return {key: cells[key] for key in follows if not same(cells[key], {**current, **take}[key])}


def _door(cells: Mapping[str, Any], current: Values) -> dict[str, Value]:
    """A door's parts in their one form; the floor follows the room unless somebody says it."""
    try:
        moved = not (same(cells["unit"], current["unit"]) and same(cells["room"], current["room"]))
        said = cells["floor"] if not moved or not same(cells["floor"], current["floor"]) else None
        found = addresses.door("", cells["unit"], said, cells["room"])
    except Bad as bad:
        raise Faulty([Fault("room", bad.reason, bad.params)]) from None
    if found.unit and not found.room:
        raise Faulty([Fault("room", "door_incomplete")])
    return {
        key: value
        for key, value in (("unit", found.unit), ("floor", found.floor), ("room", found.room))
        if not same(value, cells[key])
    }


def shown(kind: Kind, key: str, value: Value) -> Value:
    """A value as people see it who need not know it whole."""
    known = FIELDS[kind].get(key)
    return mask(known, value) if known is not None and isinstance(value, str) else value
