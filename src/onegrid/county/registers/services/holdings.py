"""Looking at who owns or rents a dwelling and where somebody works; residents who are told of are put on record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from onegrid.county.registers.models import Dwelling, Resident, Tenure
from onegrid.county.registers.selectors import holdings, shown
from onegrid.county.registers.selectors.sight import Sight, sight
from onegrid.county.registers.services.looks import look
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.kernel.errors import Forbidden, NotFound


def tenures(actor: Actor, dwelling: int, *, now: datetime) -> list[dict[str, Any]]:
    """Who owns or rents a dwelling. Raises `Forbidden` for a hat that sees no names, `NotFound` outside the reach."""
    seen = _seen(actor, "name")
    if not Dwelling.objects.filter(pk=dwelling).exists():
        raise NotFound()
    found = holdings.tenures(dwelling)
    people = {one.resident.pk: one.resident.scope_path for one in found if one.resident is not None}
    look(actor, list(people.items()), how="read", now=now, fields=["tenures"])
    return told(seen, dwelling, found, now=now)


def told(seen: Sight, dwelling: int, found: Sequence[Tenure], *, now: datetime) -> list[dict[str, Any]]:
    """Tenures of one dwelling as pages tell them, masked; which were written down today and can be taken out."""
    today = holdings.made_today("tenures", [dwelling], now) if found else frozenset()
    return [_tenure(seen, one, today=one.pk in today) for one in found]


def employments(actor: Actor, resident: int, *, now: datetime) -> list[dict[str, Any]]:
    """Where a resident works, of the organisations in reach. Raises as `tenures`."""
    seen = _seen(actor, "relation")
    if not seen.sees("organisations", "name"):
        raise Forbidden()
    row = Resident.objects.filter(pk=resident).first()
    if row is None:
        raise NotFound()
    found = holdings.employments(resident)
    if found:
        look(actor, [(row.pk, row.scope_path)], how="read", now=now, fields=["employments"])
    today = holdings.made_today("employments", [resident], now) if found else frozenset()
    return [
        {
            "id": str(one.pk),
            "organisation": str(one.organisation_id),
            "name": one.organisation.name,
            "since": one.since.isoformat() if one.since else None,
            "until": one.until.isoformat() if one.until else None,
            "today": one.pk in today,
        }
        for one in found
    ]


def _seen(actor: Actor, field: str) -> Sight:
    seen = sight(actor)
    if not seen.sees("residents", field):
        raise Forbidden()
    return seen


def _tenure(seen: Sight, one: Tenure, *, today: bool) -> dict[str, Any]:
    holder = one.resident or one
    return {
        "id": str(one.pk),
        "role": one.role,
        "resident": str(one.resident_id) if one.resident_id else None,
        "name": shown.masked(seen, "name", holder.name),
        "phone": shown.masked(seen, "phone", holder.phone),
        "since": one.since.isoformat() if one.since else None,
        "until": one.until.isoformat() if one.until else None,
        "today": today,
    }
