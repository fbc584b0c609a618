"""One row of a register as fields and values, and how values get back into it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django.db.models import Q

from onegrid.county.grids.errors import Nowhere
from onegrid.county.grids.selectors import locate
from onegrid.county.registers.errors import FieldsWrong, OtherGrid
from onegrid.county.registers.models import Dwelling, Organisation
from onegrid.county.registers.rules.editing import EDITABLE
from onegrid.county.registers.rules.kinds import Kind
from onegrid.county.registers.rules.merging import Value
from onegrid.county.registers.rules.sheets.addresses import label_of
from onegrid.county.registers.selectors.cells import MODELS
from onegrid.county.registers.services import search
from onegrid.county.registers.services.changes import along, writing
from onegrid.foundation.database.context import standing
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
    """One of them. The organisation of premises is told by its name."""
    if kind == "premises" and field == "organisation":
        return row.organisation.name if row.organisation_id else ""
    found = getattr(row, _COLUMNS.get((kind, field), field))
    if isinstance(found, date):
        return found.isoformat()
    if found is None and field in _EMPTY:
        found = ""
    if kind == "residents" and field == "birth_date" and not found:
        return str(row.birth_year or "")
    return found  # type: ignore[no-any-return]


def put(kind: Kind, row: Any, take: Mapping[str, Value]) -> None:
    """Set fields of a row in memory. Raises `OtherGrid` for a point nobody here may move it to, and as `named`."""
    for field, given in take.items():
        if kind == "premises" and field == "organisation":
            row.organisation = _organisation(str(given)) if given else None
        elif kind == "residents" and field == "birth_date":
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
        _stands(row)


def _born(row: Any, given: str) -> None:
    row.birth_date = given if len(given) == 10 else None
    row.birth_year = int(given[:4]) if given else None


def named(kind: Kind, take: Mapping[str, Value], place: str = "") -> dict[str, Value]:
    """The values with the organisation of premises by its name, whether a credit code or the name was written.

    Raises `FieldsWrong` when there is none of it in reach, or several: as an import would.
    """
    given = take.get("organisation")
    if kind != "premises" or not given:
        return dict(take)
    return {**take, "organisation": _organisation(str(given), place).name}


def _organisation(word: str, place: str = "") -> Organisation:
    said = Q(name=word.strip()) | Q(credit_code=normalise(word))
    found = list(Organisation.objects.filter(said).order_by("pk")[:2])
    if len(found) != 1:
        reason = "several_known" if found else "organisation_unknown"
        raise FieldsWrong([(place + "organisation", f"register_loading.reasons.{reason}", {})])
    return found[0]


def _stands(row: Any) -> None:
    """A row stands in the leaf grid its point lies in. Premises in a building stand where that does."""
    try:
        leaf = locate(row.lon, row.lat).leaf
    except Nowhere:
        raise OtherGrid from None
    if leaf.id == row.grid_id:
        return
    if getattr(row, "building_id", None) is not None or not leaf.scope_path.startswith(standing().scope):
        raise OtherGrid
    row.grid_id, row.scope_path = leaf.id, leaf.scope_path


def save(kind: Kind, row: Any, take: Mapping[str, Value]) -> None:
    """Write what was `put`, one version on, and bring the index of search terms up to date.

    A row that stands in another leaf grid now takes along what is in it and what is known of it.
    """
    row.version += 1
    columns = {_COLUMNS.get((kind, field), field) for field in take}
    if "birth_date" in columns:
        columns.add("birth_year")
    if kind == "residents":
        columns |= {index for field, index in (("id_number", "id_index"), ("phone", "phone_index")) if field in columns}
    if isinstance(row, Dwelling):
        columns.add("label")
    before = _moved_from(kind, row) if "lon" in columns or "lat" in columns else None
    if before is not None:
        columns |= {"grid", "scope_path"}
    row.save(update_fields=[*columns, "version"])
    if before is not None:
        if kind == "buildings":
            along.take_along([row.pk], row.grid_id, row.scope_path, before)
        else:
            search.move(kind, [row.pk], before, row.scope_path)
            writing.follow(kind, [row.pk], row.scope_path)
    if SEARCHED[kind] & set(take):
        search.remember([row])


def _moved_from(kind: Kind, row: Any) -> str | None:
    """The path the row lies under in the database, when it is to lie under another."""
    known = MODELS[kind].objects.filter(pk=row.pk).values_list("scope_path", flat=True).first()
    return known if known is not None and known != row.scope_path else None
