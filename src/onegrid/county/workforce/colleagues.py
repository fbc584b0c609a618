"""Whom a worker can call: those at work in his grid, just below it, and above it up to the grid centres."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Abs, Length

from onegrid.county.grids.rules import paths
from onegrid.county.workforce.errors import AppointmentNotFound, NoPhone
from onegrid.county.workforce.models import Appointment
from onegrid.county.workforce.selectors import day_of, in_force
from onegrid.foundation.accounts import selectors as accounts
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.database.context import widened
from onegrid.foundation.journal import services as journal
from onegrid.foundation.kernel.masking import mask_phone
from onegrid.foundation.kernel.texts import Lang

MOST: Final = 60
ABOVE: Final = (
    "dispatcher", "secretary", "leader", "worker", "police", "medic", "mediator", "enforcement", "liaison",
)  # fmt: skip
"""Whom one calls further up: those who act there, not who administers or commands."""


def around(actor: Actor, *, now: datetime) -> list[dict[str, Any]]:
    """Colleagues as the API shows them, the nearest first, without the caller; none for a hat without a grid."""
    if not actor.scope_path or actor.department_path:
        return []
    english = actor.lang == "en"
    with widened("hats"):
        rows = list(_around(actor, now)[:MOST])
        people = accounts.contacts_of([row.user_id for row in rows])
        return [
            {
                "id": str(row.pk),
                "name": people[row.user_id].name,
                "title": row.position.title_en if english else row.position.title_zh,
                "place": row.grid.name if row.grid else "",
                "phone": mask_phone(people[row.user_id].phone) if people[row.user_id].phone else "",
                "own": row.scope_path == actor.scope_path,
            }
            for row in rows
        ]


CARDS: Final = 20
"""People a grid's card names at most."""


def in_charge(actor: Actor, scope_path: str, *, now: datetime) -> list[dict[str, Any]]:
    """Who works in a grid (else in the nearest above where anybody does), masked, and whom of them the caller may call.

    For staff who have the grid in their reach; the caller has seen to that.
    """
    english = actor.lang == "en"
    with widened("hats"):
        held = Appointment.objects.select_related("position", "grid").filter(in_force(day_of(now)), grid__isnull=False)
        above = held.filter(scope_path__in=list(paths.ancestors(scope_path)))
        nearest = above.order_by(Length("scope_path").desc()).values_list("scope_path", flat=True).first()
        rows = list(held.filter(scope_path=nearest).order_by("position__ordinal", "pk")[:CARDS])
        people = accounts.contacts_of([row.user_id for row in rows])
        within = actor.scope_path and not actor.department_path
        near = _around(actor, now).filter(pk__in=[row.pk for row in rows]) if within else ()
        callable_ = {row.pk for row in near}
        return [
            {
                "id": str(row.pk),
                "name": people[row.user_id].name,
                "position": row.position.title_en if english else row.position.title_zh,
                "place": row.grid.name if row.grid else "",
                "phone": mask_phone(people[row.user_id].phone) if people[row.user_id].phone else "",
                "may_call": row.pk in callable_ and bool(people[row.user_id].phone),
            }
            for row in rows
        ]


@dataclass(frozen=True)
class Walker:
    """A worker who can be sent out: his appointment, his name among colleagues, and his grid."""

    id: int
    user: int
    name: str
    title: str
    place: str
    scope_path: str
    lon: float
    lat: float


def walkers(scope_path: str, *, most: int, lang: Lang, now: datetime) -> list[Walker]:
    """Grid workers in a grid and below it; where nobody is, those of the nearest grid above. Two statements or three.

    For whoever has the grid in his reach; the caller has seen to that.
    """
    with widened("hats"):
        held = _workers(now)
        rows = list(held.filter(scope_path__gte=scope_path, scope_path__lt=paths.upper_bound(scope_path))[:most])
        if not rows:
            above = held.filter(scope_path__in=list(paths.ancestors(scope_path))).order_by(Length("scope_path").desc())
            nearest = above.values_list("scope_path", flat=True).first()
            rows = list(held.filter(scope_path=nearest)[:most]) if nearest else []
        return _as_walkers(rows, lang)


def workers_of(ids: Collection[int], *, within: str, now: datetime) -> dict[int, Walker]:
    """Grid workers by appointment, those alone who work in a grid or below it. Two statements."""
    with widened("hats"):
        found = _as_walkers(_workers(now).filter(pk__in=set(ids)), "zh-CN")
        return {one.id: one for one in found if one.scope_path.startswith(within)}


def _workers(now: datetime) -> QuerySet[Appointment]:
    held = Appointment.objects.select_related("position", "grid").filter(in_force(day_of(now)), grid__isnull=False)
    handle = held.filter(position__faces__contains=["worker"], position__duties__contains=["handle"])
    return handle.filter(position__kind="worker").order_by("scope_path", "position__ordinal", "pk")


def _as_walkers(rows: Iterable[Appointment], lang: Lang) -> list[Walker]:
    shown = [(row, row.grid) for row in rows if row.grid is not None]
    names = accounts.names_of([row.user_id for row, _ in shown])
    return [
        Walker(
            row.pk, row.user_id, names.get(row.user_id, ""),
            row.position.title_en if lang == "en" else row.position.title_zh, grid.name, row.scope_path, grid.lon,
            grid.lat,
        )
        for row, grid in shown
    ]  # fmt: skip


def titles_of(users: Collection[int], *, lang: Lang, now: datetime) -> dict[int, str]:
    """What people of the staff are called, by their first position in the pack's order. One statement."""
    with widened("hats"):
        held = Appointment.objects.filter(in_force(day_of(now)), user_id__in=set(users)).select_related("position")
        first = held.order_by("user_id", "position__ordinal", "pk").distinct("user_id")
        return {row.user_id: row.position.title_en if lang == "en" else row.position.title_zh for row in first}


def call(actor: Actor, appointment: int, *, purpose: str, now: datetime) -> str:
    """The whole number of one of the colleagues, on record. Raises `AppointmentNotFound` and `NoPhone`."""
    if not actor.scope_path or actor.department_path:
        raise AppointmentNotFound()
    with widened("hats"):
        row = _around(actor, now).filter(pk=appointment).first()
        if row is None:
            raise AppointmentNotFound()
        phone = accounts.contacts_of([row.user_id])[row.user_id].phone
        if not phone:
            raise NoPhone()
        journal.record(
            actor, "colleague.call", ("appointment", row.pk), now=now, scope_path=actor.scope_path, purpose=purpose
        )
        return phone


def _around(actor: Actor, now: datetime) -> QuerySet[Appointment]:
    """Those of the own grid first, then up the chain, then those below; of either the nearest first."""
    own = actor.scope_path
    above = [path for path in paths.ancestors(own) if path != own]
    below = Q(scope_path__gte=own, scope_path__lt=paths.upper_bound(own), grid__isnull=False)
    upward = Q(scope_path__in=above, grid__isnull=False, position__kind__in=ABOVE)
    found = Appointment.objects.select_related("position", "grid").filter(in_force(day_of(now))).filter(below | upward)
    ring = Case(When(scope_path=own, then=Value(0)), When(scope_path__in=above, then=Value(1)), default=Value(2))
    away = Abs(F("grid__depth") - paths.depth(own))
    nearest = found.exclude(user_id=actor.user_id or 0)
    return nearest.order_by(ring, away, "scope_path", "position__ordinal", "pk")
