"""What waits is confirmed or refused; what was applied is undone, as long as nothing was built upon it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from onegrid.county.registers.errors import CannotUndo, ChangeSettled, FieldsWrong, OwnChange
from onegrid.county.registers.models import Change
from onegrid.county.registers.rules.editing import EDITABLE
from onegrid.county.registers.rules.kinds import Kind
from onegrid.county.registers.rules.merging import Value, same
from onegrid.county.registers.selectors.sight import Sight, sight
from onegrid.county.registers.services.changes import moving, rows, uniting, writing
from onegrid.county.registers.services.changes.applying import Edit, Outcome, Told, merged
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.journal import services as journal
from onegrid.foundation.kernel.errors import Forbidden, NotFound
from onegrid.foundation.kernel.masking import mask_numbers


def confirm(
    actor: Actor, change_id: int, told: Told, *, version: int, fields: Collection[str] | None = None
) -> Outcome:
    """Write what waits, all of it or only `fields`; the rest is dropped. `version` is the row's the confirmer saw.

    Raises `NotFound`, `ChangeSettled`, `OwnChange`, `Forbidden` without the right to write the fields,
    `RegisterConflict` when the row changed in them since he looked.
    """
    change = _waiting(change_id)
    if actor.user_id is not None and change.user == actor.user_id:
        raise OwnChange
    who, kind = sight(actor), _kind(change)
    wanted = writing.opened(change.after) or {}
    chosen = {key: value for key, value in wanted.items() if fields is None or key in fields}
    if not chosen:
        raise FieldsWrong([("fields", "register_changes.errors.nothing_chosen", {})])
    _may_write(who, kind, chosen)
    row = rows.locked(kind, change.row)
    take, current = merged(actor, who, Edit(kind, row.pk, version, {}, chosen), row, told)
    if take:
        rows.put(kind, row, take)
        rows.save(kind, row, take)
    change.before = writing.dumped({key: current[key] for key in take})
    change.after, change.fields, change.version = writing.dumped(take), sorted(take), row.version
    _settle(actor, change, "applied", told)
    return Outcome("applied" if take else "same", kind, row.pk, row.version, tuple(sorted(take)), (), change.pk)


def refuse(actor: Actor, change_id: int, told: Told, *, reason: str) -> Outcome:
    """Leave the row as it is; who proposed it may take it back himself. Raises `NotFound`, `ChangeSettled`."""
    change = _waiting(change_id)
    who, kind = sight(actor), _kind(change)
    if change.user is None or change.user != actor.user_id:
        _may_write(who, kind, change.fields)
    change.reason = mask_numbers(reason)
    _settle(actor, change, "refused", told)
    return Outcome("refused", kind, change.row, change.version, change=change.pk)


def undo(actor: Actor, change_id: int, told: Told) -> Outcome:
    """Put back what a change changed. Raises `CannotUndo` when it has changed again, `NotFound`, `Forbidden`."""
    change = Change.objects.select_for_update().filter(pk=change_id).first()
    if change is None:
        raise NotFound()
    before, after = writing.opened(change.before), writing.opened(change.after)
    if change.state != "applied" or change.last is not None or before is None or after is None:
        raise CannotUndo
    who, kind = sight(actor), _kind(change)
    if change.action == "merged":
        done = uniting.undo(actor, who, change, before, after, told)
    elif change.action == "moved":
        done = moving.undo(actor, who, change, before, after, told)
    elif change.action in ("changed", "restored"):
        done = _undo_edit(actor, who, change, before, after, told)
    else:
        raise CannotUndo
    Change.objects.filter(pk=change.pk).update(state="undone", settled_by=actor.user_id, settled_at=told.at)
    return Outcome("applied", kind, done.row, done.version, tuple(done.fields), change=done.pk)


def _undo_edit(
    actor: Actor, who: Sight, change: Change, before: dict[str, Value], after: dict[str, Value], told: Told
) -> Change:
    kind = _kind(change)
    before, after = _editable(kind, before), _editable(kind, after)
    _may_write(who, kind, before)
    row = rows.locked(kind, change.row)
    current = rows.values(kind, row)
    if any(not same(current[key], value) for key, value in after.items()):
        raise CannotUndo
    rows.put(kind, row, before)
    rows.save(kind, row, before)
    return writing.record(
        actor, kind, row, action="restored", before=after, after=before, source=told.source, at=told.at,
        undoes=change.pk,
    )  # fmt: skip


def _editable(kind: Kind, content: dict[str, Value]) -> dict[str, Value]:
    """What a change said, in fields that can be edited. Raises `CannotUndo` when it is about more than that."""
    said = dict(content)
    if kind == "residents" and "birth_year" in said:
        said.setdefault("birth_date", str(said["birth_year"] or ""))
        del said["birth_year"]
    if not said or set(said) - set(EDITABLE[kind]):
        raise CannotUndo
    return said


def _waiting(change_id: int) -> Change:
    change = Change.objects.select_for_update().filter(pk=change_id).first()
    if change is None:
        raise NotFound()
    if change.state != "waiting":
        raise ChangeSettled
    return change


def _settle(actor: Actor, change: Change, state: str, told: Told) -> None:
    change.state, change.settled_by, change.settled_at = state, actor.user_id, told.at
    change.save(update_fields=["state", "fields", "before", "after", "version", "settled_by", "settled_at", "reason"])
    word = "confirm" if state == "applied" else "refuse"
    detail = {"change": change.pk, "fields": change.fields}
    journal.record(
        actor, f"register.{word}", (change.kind, change.row), now=told.at, scope_path=change.scope_path, detail=detail
    )


def _may_write(who: Sight, kind: Kind, fields: Collection[str]) -> None:
    if any(who.access(kind, key) != "write" for key in fields):
        raise Forbidden()


def _kind(change: Change) -> Any:
    return change.kind
