"""Two entries of one person become one, and two again when that was wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, models, transaction

from onegrid.county.registers.errors import CannotUndo, FieldsWrong, MergeRefused
from onegrid.county.registers.models import Change, Duplicate, Dwelling, Household, Resident
from onegrid.county.registers.rules import editing
from onegrid.county.registers.rules.editing import Faulty
from onegrid.county.registers.rules.merging import BLANK, Value, same
from onegrid.county.registers.rules.pairs import common_path
from onegrid.county.registers.selectors.sight import Sight, sight
from onegrid.county.registers.services import search
from onegrid.county.registers.services.changes import moving, rows, writing
from onegrid.county.registers.services.changes.applying import Outcome, Told, faults_of
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.database.context import widened
from onegrid.foundation.kernel.errors import Forbidden, NotFound

ABOUT: Final = ("name", "sex", "birth_date", "id_kind", "id_number", "phone", "registered")
"""What belongs to the person and not to the place; the entry kept is completed by these where it is blank."""


def open_pair(actor: Actor, one: int, other: int, told: Told) -> int:
    """Put two residents side by side by hand; the pair's number. Raises `NotFound`, `MergeRefused` for one alone."""
    _may(sight(actor))
    if one == other:
        raise MergeRefused("itself")
    found = {row.pk: row for row in Resident.objects.filter(pk__in=(one, other)).only("scope_path")}
    if len(found) != 2:
        raise NotFound()
    first, second = sorted(found)
    pair, made = Duplicate.objects.get_or_create(
        one_id=first,
        other_id=second,
        defaults={
            "scope_path": common_path(found[first].scope_path, found[second].scope_path),
            "why": ["by_hand"], "likeness": 1.0, "user": actor.user_id, "at": told.at,
        },
    )  # fmt: skip
    if not made and pair.apart:
        Duplicate.objects.filter(pk=pair.pk).update(apart=False)
    return pair.pk


def keep_apart(actor: Actor, pair_id: int) -> None:
    """They are two people: the pair is not offered again. Raises `NotFound`."""
    _may(sight(actor))
    if not Duplicate.objects.filter(pk=pair_id).update(apart=True, user=actor.user_id):
        raise NotFound()


def merge(actor: Actor, pair_id: int, told: Told, *, keep: int, take: Collection[str]) -> Outcome:
    """Make one resident of a pair: `keep` stays, with the fields `take` (and what it lacks) from the other one.

    Everything that hangs on the other goes over. Raises `NotFound`, `Forbidden`, `MergeRefused`, `FieldsWrong`.
    """
    who = sight(actor)
    _may(who)
    pair = Duplicate.objects.filter(pk=pair_id).first()
    if pair is None or keep not in (pair.one_id, pair.other_id):
        raise NotFound()
    gone_id = pair.other_id if keep == pair.one_id else pair.one_id
    held = {row.pk: row for row in Resident.objects.select_for_update().filter(pk__in=(keep, gone_id)).order_by("pk")}
    if len(held) != 2:
        raise NotFound()
    row, gone = held[keep], held[gone_id]
    changes, current = _taken(row, gone, take)
    whole = _whole(gone)
    with widened("merge"):
        moved = _hand_over(gone.pk, row.pk)
    path, home = gone.scope_path, gone.household_id
    present = gone.left_on is None and gone.died_on is None
    search.forget("residents", [gone.pk])
    with widened("merge"):
        gone.delete()
    rows.put("residents", row, changes)
    rows.save("residents", row, changes)
    made = writing.record(
        actor, "residents", row, action="merged", before={**{key: current[key] for key in changes}, "_gone": whole,
        "_moved": moved}, after=changes, source="merge", at=told.at,
    )  # fmt: skip
    _gone(actor, gone_id, whole["version"] + 1, path, told)
    if home != row.household_id:
        moving.left_household(actor, home, int(present), told)
    return Outcome("applied", "residents", row.pk, row.version, tuple(sorted(changes)), change=made.pk)


def undo(actor: Actor, who: Sight, change: Change, before: dict[str, Any], after: dict[str, Any], told: Told) -> Change:
    """Two entries again. What was changed in the kept one since stays; the other comes back as it was."""
    _may(who)
    row = rows.locked("residents", change.row)
    whole, moved = before.pop("_gone"), before.pop("_moved")
    current = rows.values("residents", row)
    back = {key: value for key, value in before.items() if same(current[key], after[key])}
    gone = _again(actor, whole, told, change.pk)
    with widened("merge"):
        for label, keys in moved.items():
            model, field = _named(label)
            model._base_manager.filter(pk__in=keys, **{field: row.pk}).update(**{field: gone.pk})
    rows.put("residents", row, back)
    rows.save("residents", row, back)
    search.remember([gone])
    first, second = sorted((row.pk, gone.pk))
    Duplicate.objects.get_or_create(
        one_id=first, other_id=second,
        defaults={
            "scope_path": common_path(row.scope_path, gone.scope_path), "why": ["by_hand"], "likeness": 0.0,
            "apart": True, "user": actor.user_id, "at": told.at,
        },
    )  # fmt: skip
    writing.record(
        actor, "residents", gone, action="restored", before={}, after=rows.values("residents", gone),
        source=told.source, at=told.at, undoes=change.pk,
    )  # fmt: skip
    return writing.record(
        actor, "residents", row, action="restored", before={key: after[key] for key in back}, after=back,
        source=told.source, at=told.at, undoes=change.pk,
    )  # fmt: skip


def _may(who: Sight) -> None:
    """Whoever may put a name and a number right."""
    if any(who.access("residents", key) != "write" for key in ("name", "id_number")):
        raise Forbidden()


def _taken(row: Resident, gone: Resident, take: Collection[str]) -> tuple[dict[str, Value], dict[str, Value]]:
    """What the kept entry gets from the other, and what it says now."""
    current, other = rows.values("residents", row), rows.values("residents", gone)
    unknown = [key for key in take if key not in other]
    if unknown:
        raise FieldsWrong([("take", "register_changes.errors.no_field", {})])
    blank = {key for key in ABOUT if current[key] in (*BLANK, 0) and other[key] not in (*BLANK, 0)}
    changes = {key: other[key] for key in {*take, *blank} if not same(current[key], other[key])}
    try:
        changes |= editing.agree("residents", current, changes)
    except Faulty as wrong:
        raise faults_of(wrong) from None
    return changes, current


def _whole(gone: Resident) -> dict[str, Any]:
    home = Household.objects.get(pk=gone.household_id)
    return {
        **rows.values("residents", gone), "id": gone.pk, "home": home.pk, "dwelling": home.dwelling_id,
        "number": home.number, "version": gone.version,
        "collected_at": gone.collected_at.isoformat() if gone.collected_at else None,
    }  # fmt: skip


def _related() -> Iterator[tuple[type[models.Model], str]]:
    """Every table that points at residents, and by which field."""
    for relation in Resident._meta.get_fields(include_hidden=True):
        if relation.auto_created and relation.one_to_many and relation.related_model is not Duplicate:
            yield relation.related_model, relation.field.name  # type: ignore[misc, union-attr]


def _named(label: str) -> tuple[type[models.Model], str]:
    for model, field in _related():
        if f"{model.__name__}.{field}" == label:
            return model, field
    raise CannotUndo


def _hand_over(gone: int, keep: int) -> dict[str, list[Any]]:
    """Point everything that hangs on one resident at the other; which rows it was."""
    moved: dict[str, list[Any]] = {}
    for model, field in _related():
        found = model._base_manager.filter(**{field: gone})
        keys = list(found.values_list("pk", flat=True))
        if not keys:
            continue
        try:
            with transaction.atomic():
                found.update(**{field: keep})
        except IntegrityError:
            raise MergeRefused("both_have") from None
        moved[f"{model.__name__}.{field}"] = [key if isinstance(key, int) else str(key) for key in keys]
    return moved


def _gone(actor: Actor, key: int, version: int, path: str, told: Told) -> None:
    ghost = Resident(pk=key, scope_path=path, version=version)
    writing.record(actor, "residents", ghost, action="gone", before={}, after={}, source="merge", at=told.at)


def _again(actor: Actor, whole: dict[str, Any], told: Told, undoes: int) -> Resident:
    """The entry that was merged away, as it was, in its household."""
    if Resident.objects.filter(pk=whole["id"]).exists():
        raise CannotUndo
    door = Dwelling.objects.filter(pk=whole["dwelling"]).first()
    if door is None:
        raise CannotUndo
    home = moving.household_again(actor, whole["home"], door, whole["number"], told, undoes)
    gone = Resident(pk=whole["id"], household=home, scope_path=home.scope_path, version=whole["version"] + 2)
    rows.put("residents", gone, {key: whole[key] for key in editing.EDITABLE["residents"]})
    gone.collected_at = datetime.fromisoformat(whole["collected_at"]) if whole["collected_at"] else None
    gone.save(force_insert=True)
    return gone
