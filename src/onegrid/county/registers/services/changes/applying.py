"""Editing a row: merged field by field with what changed meanwhile, checked, written, or kept for confirmation.

A field the hat may write is written. One it may see and not write is kept, and waits for somebody who may. What a
resident asks for himself always waits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from onegrid.county.registers.errors import FieldsWrong, RegisterConflict
from onegrid.county.registers.rules import editing
from onegrid.county.registers.rules.editing import EDITABLE, Faulty
from onegrid.county.registers.rules.kinds import Kind
from onegrid.county.registers.rules.merging import Clash, Value, Values, merge
from onegrid.county.registers.selectors import choices
from onegrid.county.registers.selectors.shown import column_title
from onegrid.county.registers.selectors.sight import Sight, sight
from onegrid.county.registers.services.changes import rows, writing
from onegrid.county.workforce.selectors import day_of
from onegrid.foundation.accounts.actor import Actor


@dataclass(frozen=True)
class Edit:
    """What somebody wants a row to say, and what it said when he looked."""

    kind: Kind
    id: int
    version: int
    seen: Values
    wanted: Values
    place: str = ""
    """Where this stands in the request, put before the names of fields: `changes.0.`."""


@dataclass(frozen=True)
class Told:
    """When and how a change is told."""

    at: datetime
    """Our own time."""
    source: str = "desk"
    told_at: datetime | None = None
    """When it happened, by the sender's device."""

    @property
    def day(self) -> date:
        """Today where the locality is: before eight in the morning in China it is still yesterday by our clock."""
        return day_of(self.at)


@dataclass(frozen=True)
class Outcome:
    """What became of an edit."""

    state: str
    """applied, waiting (nothing was written yet), same"""
    kind: Kind
    id: int
    version: int
    fields: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    change: int | None = None
    waiting_change: int | None = None
    made: tuple[tuple[Kind, int], ...] = field(default=())

    def told(self) -> dict[str, Any]:
        """As the API says it; ids are texts."""
        return {
            "state": self.state, "kind": self.kind, "id": str(self.id), "version": self.version,
            "fields": list(self.fields), "waiting": list(self.waiting),
            "change": None if self.change is None else str(self.change),
            "waiting_change": None if self.waiting_change is None else str(self.waiting_change),
            "made": [{"kind": kind, "id": str(key)} for kind, key in self.made],
        }  # fmt: skip


def apply(actor: Actor, edit: Edit, told: Told) -> Outcome:
    """Merge, check and write one edit in the running transaction.

    Raises `NotFound` outside the reach, `FieldsWrong`, `RegisterConflict` (nothing written), `Forbidden`, `OtherGrid`.
    """
    who = sight(actor)
    row = rows.locked(edit.kind, edit.id)
    take, current = merged(actor, who, edit, row, told)
    return _write(actor, who, edit.kind, row, take, current, told)


def propose(actor: Actor, edit: Edit, told: Told) -> Outcome:
    """Keep an edit of somebody who may not write the register at all (a resident about himself) for confirmation.

    The caller has made sure that the row is his, and acts in a scope that reaches it.
    """
    row = rows.locked(edit.kind, edit.id)
    take, current = merged(actor, Sight("system"), edit, row, told)
    if not take:
        return Outcome("same", edit.kind, row.pk, row.version)
    made = writing.record(
        actor, edit.kind, row, action="changed", before={key: current[key] for key in take}, after=take,
        source=told.source, state="waiting", at=told.at, told_at=told.told_at,
    )  # fmt: skip
    return Outcome("waiting", edit.kind, row.pk, row.version, waiting=tuple(sorted(take)), waiting_change=made.pk)


def merged(actor: Actor, who: Sight, edit: Edit, row: Any, told: Told) -> tuple[dict[str, Value], dict[str, Value]]:
    """What an edit would write with everything that follows from it, and what stands there now."""
    _known(who, edit)
    current = rows.values(edit.kind, row)
    try:
        read = editing.read(edit.kind, edit.wanted, choices.part().choices, told.day)
        wanted = rows.named(edit.kind, read, edit.place)
        found = merge(
            current, edit.seen, wanted, touched=writing.touched_since(edit.kind, row, edit.version),
            mask=lambda key, value: editing.shown(edit.kind, key, value),
        )  # fmt: skip
        if found.clashes:
            raise conflict(actor, edit, row, found.clashes)
        take = found.take
        return {**take, **editing.agree(edit.kind, current, take)}, current
    except Faulty as wrong:
        raise faults_of(wrong, edit.place) from None


def _known(who: Sight, edit: Edit) -> None:
    """Fields that are hidden from the hat look like fields there are not."""
    for key in edit.wanted:
        if key not in EDITABLE[edit.kind] or not who.sees(edit.kind, key):
            raise FieldsWrong([(edit.place + key, "register_changes.errors.no_field", {})])


def faults_of(wrong: Faulty, place: str = "") -> FieldsWrong:
    """The faults as the API tells them, with where they stand in the request."""
    return FieldsWrong(
        (place + fault.key, f"register_sheets.reason.{fault.reason}", fault.params) for fault in wrong.faults
    )


def conflict(actor: Actor, edit: Edit, row: Any, clashes: tuple[Clash, ...]) -> RegisterConflict:
    """Both values of each field, whoever changed it last, and the version to answer with. Personal values masked."""
    last = writing.last_changes(edit.kind, row.pk, [clash.field for clash in clashes])
    told = [
        {
            "kind": edit.kind,
            "id": str(row.pk),
            "field": clash.field,
            "at": f"{edit.kind}.{row.pk}.{clash.field}",
            "title": column_title(edit.kind, clash.field, actor.lang),
            "seen": clash.seen,
            "current": editing.shown(edit.kind, clash.field, clash.current),
            "wanted": editing.shown(edit.kind, clash.field, clash.wanted),
            **last.get(clash.field, {"changed_at": None, "unit": ""}),
        }
        for clash in clashes
    ]
    return RegisterConflict(told, {f"{edit.kind}.{row.pk}": row.version})


def _write(
    actor: Actor, who: Sight, kind: Kind, row: Any, take: Mapping[str, Value], current: Values, told: Told
) -> Outcome:
    """Write what may be written; keep the rest for somebody who may."""
    mine = {key: value for key, value in take.items() if who.access(kind, key) == "write"}
    theirs = {key: value for key, value in take.items() if key not in mine}
    if "id_number" in theirs:
        # What follows from a number waits with it.
        theirs |= {key: mine.pop(key) for key in ("birth_date", "sex", "id_kind") if key in mine}
    change = waits = None
    if mine:
        rows.put(kind, row, mine)
        rows.save(kind, row, mine)
        change = writing.record(
            actor, kind, row, action="changed", before={key: current[key] for key in mine}, after=mine,
            source=told.source, at=told.at, told_at=told.told_at,
        )  # fmt: skip
    if theirs:
        waits = writing.record(
            actor, kind, row, action="changed", before={key: current[key] for key in theirs}, after=theirs,
            source=told.source, state="waiting", at=told.at, told_at=told.told_at,
        )  # fmt: skip
    state = "applied" if mine else "waiting" if theirs else "same"
    return Outcome(
        state, kind, row.pk, row.version, tuple(sorted(mine)), tuple(sorted(theirs)),
        change.pk if change else None, waits.pk if waits else None,
    )  # fmt: skip
