"""The care register: whom we help, by which plan, when a visit is due. Every step carries a key and may be repeated."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from onegrid.county.registers.models import Care, CareHelper, CareVisit, Resident
from onegrid.county.registers.models.care import ENDINGS, HELPERS, OUTCOMES
from onegrid.county.registers.rules import care as rules
from onegrid.county.registers.selectors import choices
from onegrid.county.registers.selectors.care import CareSheet, may_care, sheet
from onegrid.county.registers.services.looks import look
from onegrid.county.workforce.selectors import day_of
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.journal import services as journal
from onegrid.foundation.kernel.errors import Conflict, FieldError, Invalid, KeyReused, NotFound
from onegrid.foundation.kernel.masking import normalise_phone

MOST_HELPERS: Final = 8
PURPOSE: Final = "care"
TEXTS: Final = "register_care.errors"


@dataclass(frozen=True)
class Helper:
    """Somebody of the plan."""

    role: str
    name: str
    phone: str = ""


@dataclass(frozen=True)
class Plan:
    """What is decided about a person in care."""

    needs: tuple[str, ...]
    plan: str
    every_days: int
    next_due: date
    helpers: tuple[Helper, ...] | None = None
    """None: those of before stay."""


@dataclass(frozen=True)
class Visit:
    """What a worker tells of a visit."""

    key: UUID
    outcome: str
    note: str = ""
    device_at: datetime | None = None


def begin(actor: Actor, key: UUID, resident_id: int, plan: Plan, *, now: datetime) -> tuple[CareSheet, bool]:
    """Take a resident into the register; whether the row is new.

    Raises `NotFound` for somebody out of reach, `Invalid` with the fields at fault, `Conflict` when he is in it,
    `KeyReused`.
    """
    may_care(actor)
    body = _hash(resident_id, asdict(plan))
    known = Care.objects.filter(key=key).first()
    if known is not None:
        if known.body != body:
            raise KeyReused()
        return sheet(_row(known.pk)), False
    person = Resident.objects.select_for_update(of=("self",)).filter(pk=resident_id).first()
    if person is None:
        raise NotFound()
    _check(plan)
    if Care.objects.filter(resident=person, ended_at=None).exists():
        raise Conflict(f"{TEXTS}.already")
    made = Care.objects.create(
        key=key, body=body, resident=person, scope_path=person.scope_path, needs=list(plan.needs), plan=plan.plan,
        every_days=plan.every_days, next_due=plan.next_due, begun_on=day_of(now),
    )  # fmt: skip
    _helpers(made, plan.helpers or ())
    _log(actor, "care.begin", made, now)
    return sheet(_row(made.pk)), True


def change(actor: Actor, care_id: int, version: int, plan: Plan, *, now: datetime) -> CareSheet:
    """Write a plan anew. Raises `NotFound`, `Invalid`, `Conflict` when somebody changed it since `version`."""
    may_care(actor)
    care = _row(care_id, lock=True)
    if care.version != version:
        raise Conflict(f"{TEXTS}.changed")
    _check(plan)
    care.needs, care.plan, care.every_days, care.next_due = list(plan.needs), plan.plan, plan.every_days, plan.next_due
    care.version += 1
    care.save()
    if plan.helpers is not None:
        CareHelper.objects.filter(care=care).delete()
        _helpers(care, plan.helpers)
    _log(actor, "care.change", care, now)
    return sheet(_row(care.pk))


def open_sheet(actor: Actor, care_id: int, *, now: datetime) -> CareSheet:
    """A row with its plan; that it was read is on record for the person it is about. Raises `NotFound`."""
    may_care(actor)
    care = _row(care_id)
    look(actor, [(care.resident_id, care.scope_path)], how="read", now=now, purpose=PURPOSE, fields=["care"])
    return sheet(care)


def visit(actor: Actor, care_id: int, told: Visit, *, now: datetime) -> tuple[CareSheet, bool]:
    """Note a visit at the time it was made and say when the next is due; whether it is new.

    A visit told after a later one does not put the next day off. Raises `NotFound`, `Invalid`, `KeyReused`.
    """
    may_care(actor)
    body = _hash(care_id, asdict(told))
    care = _row(care_id, lock=True, open_only=False)
    known = CareVisit.objects.filter(pk=told.key).first()
    if known is not None:
        if known.body != body:
            raise KeyReused()
        return sheet(care), False
    at = rules.visited_at(told.device_at, now)
    if at is None:
        key = f"{TEXTS}.too_late"
        raise Invalid(key, fields=[FieldError("device_at", key, {"days": rules.LATE_DAYS})], days=rules.LATE_DAYS)
    if told.outcome not in OUTCOMES:
        raise Invalid(fields=[FieldError("outcome", "errors.field.not_a_choice")])
    last = CareVisit.objects.filter(care=care).order_by("-at").values_list("at", flat=True).first()
    CareVisit.objects.create(
        pk=told.key, care=care, scope_path=care.scope_path, user=actor.user_id or 0, at=at, outcome=told.outcome,
        note=told.note or None, body=body, received_at=now,
    )  # fmt: skip
    if last is None or at >= last:
        care.next_due = rules.next_due(told.outcome, day_of(at), care.every_days)
    care.version += 1
    care.save(update_fields=["next_due", "version"])
    _log(actor, "care.visit", care, now)
    return sheet(care), True


def end(actor: Actor, care_id: int, why: str, *, now: datetime) -> None:
    """Care is over; again changes nothing. Raises `NotFound`, `Invalid`."""
    may_care(actor)
    if why not in ENDINGS:
        raise Invalid(fields=[FieldError("why", "errors.field.not_a_choice")])
    care = _row(care_id, lock=True, open_only=False)
    if care.ended_at is not None:
        return
    care.ended_at, care.ended_why, care.version = now, why, care.version + 1
    care.save(update_fields=["ended_at", "ended_why", "version"])
    _log(actor, "care.end", care, now)


def helper(actor: Actor, care_id: int, helper_id: int, *, purpose: str, now: datetime) -> Helper:
    """A helper's whole name and number, for a purpose and on record before they leave. Raises `NotFound`."""
    may_care(actor)
    care = _row(care_id)
    found = CareHelper.objects.filter(pk=helper_id, care=care).first()
    if found is None:
        raise NotFound()
    look(actor, [(care.resident_id, care.scope_path)], how="reveal", now=now, purpose=purpose, fields=["care_helper"])
    return Helper(found.role, found.name, found.phone or "")


def move(residents: Collection[int] | QuerySet[Resident, Any], scope_path: str) -> None:
    """Whoever moves within the register takes his care along to the grid he moves to. The caller widens the scope."""
    rows = Care.objects.filter(resident__in=residents)
    for inner in (CareHelper, CareVisit):
        inner.objects.filter(care__in=rows).update(scope_path=scope_path)
    rows.update(scope_path=scope_path)


def purge(before: datetime, *, most: int = 500) -> int:
    """Delete what ended before `before`, plans, helpers and visits too; how many. Runs over the whole locality."""
    keys = list(Care.objects.filter(ended_at__lt=before).order_by("ended_at").values_list("pk", flat=True)[:most])
    Care.objects.filter(pk__in=keys).delete()
    return len(keys)


def _row(care_id: int, *, lock: bool = False, open_only: bool = True) -> Care:
    rows = Care.objects.select_related("resident__household__dwelling__building").filter(pk=care_id)
    if open_only:
        rows = rows.filter(ended_at=None)
    found = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if found is None:
        raise NotFound()
    return found


def _check(plan: Plan) -> None:
    """Raise `Invalid` with every field at fault."""
    known = choices.choices("care.need")
    wrong: list[FieldError] = []
    if not plan.needs or any(need not in known for need in plan.needs):
        wrong.append(FieldError("needs", f"{TEXTS}.needs"))
    helpers = plan.helpers or ()
    if any(one.role not in HELPERS for one in helpers):
        wrong.append(FieldError("helpers", "errors.field.not_a_choice"))
    if len(helpers) > MOST_HELPERS:
        wrong.append(FieldError("helpers", f"{TEXTS}.helpers", {"most": MOST_HELPERS}))
    if wrong:
        raise Invalid(fields=wrong)


def _helpers(care: Care, helpers: Sequence[Helper]) -> None:
    for one in helpers:
        CareHelper.objects.create(
            care=care, scope_path=care.scope_path, role=one.role, name=one.name,
            phone=normalise_phone(one.phone) or None,
        )  # fmt: skip


def _log(actor: Actor, action: str, care: Care, now: datetime) -> None:
    journal.record(actor, action, ("resident", care.resident_id), now=now, scope_path=care.scope_path, purpose=PURPOSE)


def _hash(*said: object) -> str:
    """What was said, as one word that compares equal for the same."""
    return hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()
