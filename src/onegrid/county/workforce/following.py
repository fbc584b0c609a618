"""Appointments follow their grid when it is retired: whoever led it leads the grid that took over most of it.

An appointment ends with the reason `reorganised` and another begins on the same day with the same term; nothing is
deleted. Where the new grid is of a level the position does not sit at, the appointment ends and nobody follows.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Final

from onegrid.county.grids import selectors as grids
from onegrid.county.grids.rules import paths
from onegrid.county.grids.services.following import Follower
from onegrid.county.grids.surroundings import Held
from onegrid.county.workforce.models import Appointment
from onegrid.county.workforce.rules.terms import fits
from onegrid.county.workforce.selectors import PEOPLE, day_of, in_force
from onegrid.foundation.accounts.actor import SYSTEM
from onegrid.foundation.database.stamps import stamp
from onegrid.foundation.journal import services as journal
from onegrid.foundation.journal.services.outbox import Event

REASON: Final = "reorganised"


def follow(event: Event, now: datetime) -> None:
    """Hears of `grids.replaced`: move the appointments of retired grids, once. At root scope."""
    if event.payload.get("after") or event.payload.get("again"):
        return
    changed = [str(path) for path in event.payload["retired"]]
    day = day_of(now)
    rows = list(
        Appointment.objects.select_related("position", "grid")
        .select_for_update(of=("self",))
        .filter(in_force(day), scope_path__in=changed, grid__active=False)
        .order_by("pk")
    )
    if not rows:
        return
    follower = Follower({row.scope_path for row in rows})
    heirs = {place[0] for row in rows if (place := follower.place(row.scope_path)) is not None}
    known = {key: info for key in heirs if (info := grids.find_grid(key)) is not None}
    stamp(PEOPLE)
    moved = [made for row in rows if (made := _moved(row, follower, known, day)) is not None]
    Appointment.objects.bulk_create(moved, batch_size=2000)
    for row in rows:
        row.ended_on, row.ended_reason = max(day, row.valid_from), REASON
    Appointment.objects.bulk_update(rows, ["ended_on", "ended_reason"], batch_size=2000)
    detail = {"ended": len(rows), "moved": len(moved)}
    journal.record(
        SYSTEM, "workforce.regrid", ("grids", str(len(changed))), now=now, scope_path=changed[0], detail=detail
    )


def _moved(row: Appointment, follower: Follower, known: dict[int, grids.GridInfo], day: date) -> Appointment | None:
    """The appointment as it goes on in the grid that took over most; None where its position does not sit there."""
    place = follower.place(row.scope_path)
    grid = known.get(place[0]) if place is not None else None
    if grid is None or not fits(tuple(row.position.at), scheme=grid.scheme, level=grid.level):
        return None
    begins = max(day, row.valid_from)
    return Appointment(
        user_id=row.user_id, position=row.position, grid_id=grid.id, scope_path=grid.scope_path,
        chosen_by=row.chosen_by, valid_from=begins, valid_to=row.valid_to,
    )  # fmt: skip


def held(grid_ids: Collection[int], day: date) -> Sequence[Held]:
    """Who holds what in these grids on a day, in the caller's own scope; for the preview of a draft."""
    rows = (
        Appointment.objects.select_related("position", "user")
        .filter(in_force(day), grid_id__in=grid_ids)
        .order_by("grid_id", "position__ordinal", "pk")
    )
    return [
        Held(
            int(row.grid_id or 0), row.user.display_name, row.position.key, row.position.title_zh,
            row.position.title_en, tuple(row.position.at), row.position.headcount,
        )
        for row in rows
    ]  # fmt: skip


def phones(path: str, scheme: str, day: date) -> list[tuple[str, str]]:
    """The level's key and the phone of whoever is in charge of each grid of a scheme in a subtree: who holds the first
    of its positions. In the caller's own scope; only for finding where grids' leaders live."""
    rows = (
        Appointment.objects.select_related("user", "grid__level")
        .filter(in_force(day), grid__scheme__key=scheme, grid__active=True)
        .filter(scope_path__gte=path, scope_path__lt=paths.upper_bound(path))
        .order_by("grid_id", "position__ordinal", "pk")
    )
    found: dict[int, tuple[str, str]] = {}
    for row in rows:
        if row.grid is not None and row.user.phone:
            found.setdefault(row.grid.pk, (row.grid.level.key, row.user.phone))
    return list(found.values())
