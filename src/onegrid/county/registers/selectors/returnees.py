"""Reading who came back: the person's own registrations whole, a worker's list masked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from onegrid.county.grids.selectors import GridInfo
from onegrid.county.grids.selectors import reading as grids
from onegrid.county.registers.models import Returnee
from onegrid.county.registers.selectors.care import may_care
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.kernel.masking import mask_name, mask_numbers, mask_phone

MOST_SHOWN = 200


@dataclass(frozen=True)
class ReturneeLine:
    """One registration. What is personal is whole for the person who wrote it and masked for everybody else."""

    id: str
    state: str
    name: str
    phone: str
    came_from: str
    address: str
    words: str
    people: int
    arrives_on: date
    leaves_on: date | None
    created_at: datetime
    decided_at: datetime | None
    reason: str
    lon: float
    lat: float
    grid: GridInfo | None
    household: str | None


def own(actor: Actor) -> Sequence[ReturneeLine]:
    """What the signed-in resident registered, newest first. One statement, and one for the grids."""
    if actor.resident_id is None:
        return []
    rows = list(Returnee.objects.filter(resident=actor.resident_id).order_by("-created_at")[:MOST_SHOWN])
    infos = grids.infos([row.grid_id for row in rows])
    return [_line(row, infos.get(row.grid_id), masked=False) for row in rows]


def to_confirm(actor: Actor, state: str) -> Sequence[ReturneeLine]:
    """Registrations in the hat's grids, the next to arrive first. Raises `Forbidden`."""
    may_care(actor)
    rows = list(Returnee.objects.filter(state=state).order_by("arrives_on", "pk")[:MOST_SHOWN])
    infos = grids.infos([row.grid_id for row in rows])
    return [_line(row, infos.get(row.grid_id), masked=True) for row in rows]


def line(row: Returnee, *, masked: bool) -> ReturneeLine:
    """One registration as it is shown."""
    return _line(row, grids.infos([row.grid_id]).get(row.grid_id), masked=masked)


def held_by(resident: UUID) -> Sequence[Returnee]:
    """What is still kept of a signed-in resident's registrations. The caller widens the scope."""
    return list(Returnee.objects.filter(resident=resident).order_by("-created_at"))


def _line(row: Returnee, grid: GridInfo | None, *, masked: bool) -> ReturneeLine:
    words = row.words or ""
    return ReturneeLine(
        id=str(row.pk),
        state=row.state,
        name=mask_name(row.name) if masked else row.name,
        phone=mask_phone(row.phone) if masked else row.phone,
        came_from=row.came_from,
        address=row.address,
        words=mask_numbers(words) if masked else words,
        people=row.people,
        arrives_on=row.arrives_on,
        leaves_on=row.leaves_on,
        created_at=row.created_at,
        decided_at=row.decided_at,
        reason=row.reason or "",
        lon=row.lon,
        lat=row.lat,
        grid=grid,
        household=str(row.household_id) if row.household_id else None,
    )
