"""One row of a register as fields and values, and how values get back into it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from onegrid.county.grids.errors import Nowhere
from onegrid.county.grids.selectors import locate
from onegrid.county.registers.errors import OtherGrid
from onegrid.county.registers.models import Building, Dwelling
from onegrid.county.registers.rules.editing import EDITABLE
from onegrid.county.registers.rules.kinds import Kind
from onegrid.county.registers.rules.merging import Value
from onegrid.county.registers.rules.sheets.addresses import label_of
from onegrid.county.registers.selectors.cells import MODELS
from onegrid.county.registers.services import search
from onegrid.foundation.kernel.errors import NotFound
from onegrid.foundation.kernel.masking import normalise, normalise_phone

_COLUMNS: Final[Mapping[tuple[str, str], str]] = {("households", "household"): "number"}
"""Where a field is another column of the table."""
_EMPTY: Final = frozenset({"birth_date", "id_number", "phone", "contact", "since", "left_on", "died_on"})
"""Columns in which nothing is NULL."""
SEARCHED: Final[Mapping[Kind, frozenset[str]]] = {
    "residents": frozenset({"name", "id_number", "phone"}),
    "buildings": frozenset({"name", "code"}),
    "premises": frozenset({"name", "code", "address"}),
    "organisations": frozenset({"name", "credit_code", "address"}),
    "households": frozenset(),
    "dwellings": frozenset(),
}
"""Fields a row is found by."""


def locked(kind: Kind, key: int) -> Any:
    """The row, held until the transaction ends. Raises `NotFound` outside the caller's reach."""
    found = MODELS[kind].objects.select_for_update().filter(pk=key).first()
    if found is None:
        raise NotFound()
    return found


def values(kind: Kind, row: Any) -> dict[str, Value]:
    """Every field that can be edited, as it stands. A birth date is the year alone when only that is known."""
    return {field: value(kind, field, row) for field in EDITABLE[kind]}


def value(kind: Kind, field: str, row: Any) -> Value:
    """One of them."""
    found = getattr(row, _COLUMNS.get((kind, field), field))
    if isinstance(found, date):
        return found.isoformat()
    if found is None and field in _EMPTY:
        found = ""
    if kind == "residents" and field == "birth_date" and not found:
        return str(row.birth_year or "")
    return found  # type: ignore[no-any-return]


def put(kind: Kind, row: Any, take: Mapping[str, Value]) -> None:
    """Set fields of a row in memory. Raises `OtherGrid` when a building would leave its leaf grid."""
    for field, given in take.items():
        if kind == "residents" and field == "birth_date":
            _born(row, str(given or ""))
        elif field in ("since", "left_on", "died_on"):
            setattr(row, field, date.fromisoformat(str(given)) if given else None)
        else:
            empty = None if field in _EMPTY else given
            setattr(row, _COLUMNS.get((kind, field), field), given if given not in (None, "") else empty)
    if kind == "residents" and "id_number" in take and row.id_number:
        row.id_number = normalise(row.id_number)
    if "phone" in take and row.phone:
        row.phone = normalise_phone(row.phone)
    if isinstance(row, Dwelling) and {"unit", "room"} & set(take):
        row.label = label_of(row.unit, row.room) or row.label
    if kind in ("buildings", "premises") and {"lon", "lat"} & set(take) and row.lon is not None:
        _stays(row)


def _born(row: Any, given: str) -> None:
    row.birth_date = given if len(given) == 10 else None
    row.birth_year = int(given[:4]) if given else None


def _stays(row: Building | Any) -> None:
    """A point set right stays within the leaf grid; whatever moves grid moves with everybody in it, by redrawing."""
    try:
        leaf = locate(row.lon, row.lat).leaf
    except Nowhere:
        raise OtherGrid from None
    if leaf.id != row.grid_id:
        raise OtherGrid


def save(kind: Kind, row: Any, take: Mapping[str, Value]) -> None:
    """Write what was `put`, one version on, and bring the index of search terms up to date."""
    row.version += 1
    columns = {_COLUMNS.get((kind, field), field) for field in take}
    if "birth_date" in columns:
        columns.add("birth_year")
    if kind == "residents":
        columns |= {index for field, index in (("id_number", "id_index"), ("phone", "phone_index")) if field in columns}
    if isinstance(row, Dwelling):
        columns.add("label")
    row.save(update_fields=[*columns, "version"])
    if SEARCHED[kind] & set(take):
        search.remember([row])
