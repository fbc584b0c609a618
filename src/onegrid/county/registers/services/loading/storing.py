"""Storing a planned batch: everything in one transaction with the book of the run, or nothing."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final

from django.db import connection

from onegrid.county.registers.models import Import
from onegrid.county.registers.rules.kinds import Kind
from onegrid.county.registers.rules.terms import NUMBERS
from onegrid.county.registers.services import care, changes, search
from onegrid.county.registers.services.loading import runs
from onegrid.county.registers.services.loading.plans import Plan
from onegrid.foundation.database.bulk import copy_text, insert_packed, update_rows
from onegrid.foundation.database.write import read, turn


class Stale(Exception):
    """A row the batch changes was changed by somebody meanwhile: work the batch out anew."""


class Stopped(Exception):
    """The run was cancelled, or another process has gone on with it."""


def store(run: int, plan: Plan, *, behind: int, at: datetime, fresh: bool = False) -> Import:
    """Write a packed batch in the running transaction, if the run still is where the batch begins; the run after it.

    `fresh`: let the server look at the tables anew, for they have grown much.

    Raises `Stopped` or `Stale`, and then nothing of it is stored.
    """
    found = read(_TURN_PAGE, [plan.last, plan.added, plan.changed, plan.same, plan.bad, at, run, behind])
    if not found:
        raise Stopped("the run is over, or somewhere else")
    book = Import.objects.get(pk=run)
    if not book.dry_run:
        _write(plan, book, at)
        if fresh:
            with connection.cursor() as cursor:
                cursor.execute(_LOOK_ANEW[book.kind])
    problems = [[one.line, one.column, one.value, one.reason, dict(one.params)] for one in plan.problems]
    read(
        _BOOK,
        [
            *(run, book.scope_path, plan.first, plan.last, plan.added, plan.changed, plan.same, plan.bad),
            *(json.dumps(problems, ensure_ascii=False), at),
        ],
    )
    return book


def _write(plan: Plan, book: Import, at: datetime) -> None:
    for insert in plan.inserts:
        insert_packed(insert.table, insert.columns, insert.packed)
    for update in plan.updates:
        if update_rows(update.table, update.columns, update.rows) != len(update.rows):
            raise Stale
    if plan.statements:
        turn(plan.statements)
    if plan.found_by:
        copy_text("registers_searchterms", _TERMS, plan.found_by)
    for kind, terms in plan.terms_again:
        keys, arrays = [key for key, _ in terms], [_array(some) for _, some in terms]
        turn([(search.UPSERT, [NUMBERS[kind], keys, arrays])])
    for path, residents in plan.moved.items():
        care.move(residents, path)
    _write_down(plan, book, at)
    for kind, moved, before, after in plan.regridded:
        search.move(kind, moved, before, after)


def _write_down(plan: Plan, book: Import, at: datetime) -> None:
    """Changed rows one by one, new rows as a range; after the rows themselves, whose versions are read."""
    who, reference = runs.doer(book), str(book.pk)
    by_kind: dict[Kind, list[changes.Changed]] = {}
    for one in plan.changes:
        by_kind.setdefault(one.kind, []).append(changes.Changed(one.id, one.scope_path, one.before, one.after))
    for kind, some in by_kind.items():
        changes.record_many(who, kind, some, at=at, reference=reference)
    for new in plan.news:
        changes.record_added(who, new.kind, new.first, new.last, new.rows, book.scope_path, at=at, reference=reference)


def _array(terms: list[int]) -> str:
    return f"{{{','.join(map(str, terms))}}}"


def name_of(kind: Kind, row: Any) -> tuple[Any, ...]:
    """What a row names: two rows of a file that name one thing cannot both be right."""
    if row.id is not None:
        return ("#", row.id)
    match kind:
        case "residents":
            if row.id_number:
                return ("n", row.id_number)
            return (
                row.building_code or row.building,
                row.label,
                row.household,
                row.name,
                row.birth_date,
                row.birth_year,
            )
        case "households":
            return (row.building_code or row.building, row.label, row.household)
        case "dwellings":
            return (row.building_code or row.building, row.label)
        case "buildings":
            return (row.code or row.name, "" if row.code else row.name)
        case "premises":
            return ("c", row.code) if row.code else (row.name, row.building_code or row.building, row.address)
        case "organisations":
            return ("c", row.credit_code) if row.credit_code else (row.name, row.address, row.building)


_GROWING: Final[dict[str, str]] = {
    "residents": "dwelling, household, resident",
    "households": "dwelling, household",
    "dwellings": "dwelling",
    "buildings": "building",
    "premises": "premises",
    "organisations": "organisation",
}
"""The tables an import of a kind adds rows to."""
_LOOK_ANEW: Final = {
    kind: "ANALYZE " + ", ".join(f"registers_{table}" for table in tables.split(", "))
    for kind, tables in _GROWING.items()
}
"""A warning and nothing more where a server older than 17 leaves this to the owner (migration 0006)."""
_TERMS: Final = ("kind", "key", "terms")
_TURN_PAGE: Final = (
    "UPDATE registers_import SET last_row = %s, added = added + %s, changed = changed + %s, same = same + %s,"
    " bad = bad + %s, beat_at = %s WHERE id = %s AND state = 'running' AND last_row = %s RETURNING id"
)
_BOOK: Final = (
    "INSERT INTO registers_importbatch (run_id, scope_path, first_row, last_row,"
    " added, changed, same, bad, problems, at)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s) RETURNING id"
)
