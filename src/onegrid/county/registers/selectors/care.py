"""Reading the care register: whom to visit, masked; and what of it is held about somebody."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db.models import Q

from onegrid.county.registers.models import Care, CareHelper, CareVisit
from onegrid.county.workforce.rules.duties import Duty
from onegrid.foundation.accounts import permissions
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.kernel.errors import BadRequest, Forbidden
from onegrid.foundation.kernel.masking import mask_name, mask_phone

VISITS_SHOWN: Final = 10


@dataclass(frozen=True)
class CareLine:
    """Somebody to visit, as he stands in a list: masked, with his door."""

    id: str
    version: int
    resident: str
    name: str
    sex: int
    born: int | None
    needs: tuple[str, ...]
    every_days: int
    next_due: date
    household: str
    house: str
    label: str


@dataclass(frozen=True)
class HelperLine:
    """Somebody who helps, masked."""

    id: str
    role: str
    name: str
    phone: str


@dataclass(frozen=True)
class VisitLine:
    """One visit that was made."""

    id: str
    at: datetime
    outcome: str
    note: str
    user: int


@dataclass(frozen=True)
class CareSheet:
    """One row of the care register, opened."""

    line: CareLine
    plan: str
    begun_on: date
    helpers: tuple[HelperLine, ...]
    visits: tuple[VisitLine, ...]


@dataclass(frozen=True)
class CareHeld:
    """What is held about a resident here, for his own eyes: what for, since when, until when when it has ended."""

    needs: tuple[str, ...]
    plan: str
    since: date
    ended_at: datetime | None


def may_care(actor: Actor) -> None:
    """Who visits, checks or steers in a grid of his own. What is noted here is about health and hardship, so whoever
    only leads ten households or runs the platform does not see it. Raises `NotSignedIn`, `Forbidden`."""
    permissions.duty(actor, Duty.HANDLE, Duty.VERIFY, Duty.TRIAGE)
    if not actor.scope_path or actor.department_path:
        raise Forbidden()


def cares(
    actor: Actor, *, due_by: date | None = None, cursor: str = "", limit: int = 50
) -> tuple[list[CareLine], str | None]:
    """Open rows in the hat's grids, the longest due first, and where to go on. One statement. Raises `Forbidden`."""
    may_care(actor)
    rows = Care.objects.filter(ended_at=None).select_related("resident__household__dwelling__building")
    if due_by is not None:
        rows = rows.filter(next_due__lte=due_by)
    if cursor:
        day, key = _place(cursor)
        rows = rows.filter(Q(next_due__gt=day) | Q(next_due=day, pk__gt=key))
    found = list(rows.order_by("next_due", "pk")[: limit + 1])
    shown = found[:limit]
    following = f"{shown[-1].next_due.isoformat()}.{shown[-1].pk}" if len(found) > limit else None
    return [line(row) for row in shown], following


def sheet(care: Care) -> CareSheet:
    """A row opened: the plan, who helps (masked), the last visits. Three statements."""
    helpers = CareHelper.objects.filter(care=care).order_by("pk")
    visits = CareVisit.objects.filter(care=care).order_by("-at", "-pk")[:VISITS_SHOWN]
    return CareSheet(
        line(care),
        care.plan,
        care.begun_on,
        tuple(HelperLine(str(one.pk), one.role, mask_name(one.name), mask_phone(one.phone or "")) for one in helpers),
        tuple(VisitLine(str(one.pk), one.at, one.outcome, one.note or "", one.user) for one in visits),
    )


def line(care: Care) -> CareLine:
    """A row of a list; `care` comes with its resident, household, dwelling and building."""
    person = care.resident
    door = person.household.dwelling
    return CareLine(
        str(care.pk), care.version, str(person.pk), mask_name(person.name), person.sex, person.birth_year,
        tuple(care.needs), care.every_days, care.next_due, str(person.household_id), door.building.name, door.label,
    )  # fmt: skip


def held_of(residents: Collection[int]) -> Sequence[CareHeld]:
    """What is held about these residents (one person's rows), open or not yet deleted. The caller widens the scope."""
    rows = Care.objects.filter(resident__in=residents).order_by("-begun_on", "-pk")
    return [CareHeld(tuple(row.needs), row.plan, row.begun_on, row.ended_at) for row in rows]


def _place(cursor: str) -> tuple[date, int]:
    day, _, key = cursor.partition(".")
    try:
        return date.fromisoformat(day), int(key)
    except ValueError as why:
        raise BadRequest() from why
