"""Rows of the registers in the reader's words: what to call one, where it is, its cells, the titles of its columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from onegrid.county.grids.selectors import reading as grids
from onegrid.county.registers.models import Resident
from onegrid.county.registers.rules.fields import FIELDS, mask
from onegrid.county.registers.rules.kinds import Kind
from onegrid.county.registers.selectors import choices
from onegrid.county.registers.selectors.cells import cells
from onegrid.county.registers.selectors.records import INSIDE, SORTS
from onegrid.county.registers.selectors.sight import Sight
from onegrid.county.registers.selectors.statistics import By
from onegrid.foundation.kernel.texts import Lang, has_text, text

SEXES = ("1", "2", "9", "0")
_BY_CHOICE: dict[By, str] = {
    "registered": "resident.registered",
    "relation": "resident.relation",
    "id_kind": "resident.id_kind",
    "use": "dwelling.use",
    "building_kind": "building.kind",
    "premises_kind": "premises.kind",
    "organisation_kind": "organisation.kind",
}


def records(sight: Sight, kind: Kind, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Rows as lists, search and pages tell them; one statement for the names of all grids."""
    keys = [row.household.grid_id if isinstance(row, Resident) else row.grid_id for row in rows]
    infos = grids.infos(set(keys)) if rows else {}
    made = []
    for row, key in zip(rows, keys, strict=True):
        told = cells(sight, kind, row)
        info = infos.get(key)
        if "grid" in told:
            told["grid"] = info.name if info else ""
        title, line = _called(kind, row, told)
        place = {"id": str(info.id), "name": info.name, "scope_path": info.scope_path} if info else None
        made.append(
            {
                "id": str(row.pk),
                "kind": kind,
                "version": row.version,
                "grid": place,
                "title": title,
                "line": line,
                **_links(kind, row),
                "cells": told,
            }
        )
    return made


def _links(kind: Kind, row: Any) -> dict[str, str | None]:
    """The household and the building a row leads to; both are read with it."""
    building: int | None
    if kind == "residents":
        building = row.household.dwelling.building_id
    elif kind == "households":
        building = row.dwelling.building_id
    else:
        building = row.pk if kind == "buildings" else getattr(row, "building_id", None)
    household = str(row.household_id) if kind == "residents" else str(row.pk) if kind == "households" else None
    return {"household": household, "building": str(building) if building else None}


def _called(kind: Kind, row: Any, told: dict[str, Any]) -> tuple[str, str]:
    """What to call a row and where it is, out of what the reader may see of it."""
    names = {
        "residents": ("name", "address"),
        "households": ("address", "household"),
        "dwellings": ("address", "use"),
        "buildings": ("name", "code"),
        "premises": ("name", "address"),
        "organisations": ("name", "address"),
    }[kind]
    title, line = (str(told.get(name) or "") for name in names)
    return title or f"#{row.pk}", "" if kind == "dwellings" else line


def columns(sight: Sight, kind: Kind, lang: Lang) -> list[dict[str, Any]]:
    """The columns of a kind the reader may see, in order."""
    return [
        {
            "key": key,
            "title": column_title(kind, key, lang),
            "form": FIELDS[kind][key].form,
            "access": level,
            "personal": FIELDS[kind][key].personal,
            "choices": _choices(kind, key, lang),
        }
        for key, level in sight.table(kind).items()
    ]


def filters(kind: Kind) -> list[str]:
    """Names of what narrows a list of this kind."""
    found = ["grid", *(place for place, kinds in INSIDE.items() if kind in kinds)]
    for key, field in FIELDS[kind].items():
        if field.choice or field.form == "sex":
            found.append("of_kind" if key == "kind" else key)
    return [*found, "born_from", "born_to", "missing", "gone"] if kind == "residents" else found


def sorts(kind: Kind) -> list[str]:
    """What a list of this kind can be ordered by."""
    return list(SORTS[kind])


def column_title(kind: Kind, key: str, lang: Lang) -> str:
    """The title of a column."""
    for found in (f"register_sheets.column.{kind}.{key}", f"register_finding.column.{key}"):
        if has_text(found):
            return text(found, lang)
    return text(f"register_sheets.column.any.{key}", lang)


def cell_title(by: By, key: str, lang: Lang) -> str:
    """What a cell of the statistics counts."""
    if not key:
        return text("register_finding.unknown", lang)
    if by in _BY_CHOICE:
        known = choices.choices(_BY_CHOICE[by]).get(key)
        return (known.title.en if lang == "en" else known.title.zh) if known else key
    if by == "sex":
        return text(f"register_finding.sex.{key}", lang)
    if by == "size":
        return text("register_finding.size", lang, n=key)
    low, _, high = key.partition("-")
    if high == "200":
        return text("register_finding.age_over", lang, low=low)
    return text("register_finding.age", lang, low=low, high=high)


def masked(sight: Sight, key: str, value: str | None) -> str:
    """A name or number beside the rows (an earlier neighbour, an owner), as far as the reader may see such."""
    return mask(FIELDS["residents"][key], value) if value and sight.sees("residents", key) else ""


def _choices(kind: Kind, key: str, lang: Lang) -> list[dict[str, str]]:
    field = FIELDS[kind][key]
    if field.form == "sex":
        return [{"key": one, "title": text(f"register_finding.sex.{one}", lang)} for one in SEXES]
    if not field.choice:
        return []
    known = choices.choices(field.choice).values()
    return [{"key": one.key, "title": one.title.en if lang == "en" else one.title.zh} for one in known]
