"""Coming home: the resident registers with his own phone, the worker of the grid confirms it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from onegrid.county.grids.errors import Nowhere
from onegrid.county.grids.selectors import locate
from onegrid.county.grids.services.following import Follower
from onegrid.county.registers.models import Household, Returnee
from onegrid.county.registers.rules import care as rules
from onegrid.county.registers.selectors.care import may_care
from onegrid.county.registers.selectors.returnees import ReturneeLine, line
from onegrid.county.registers.services.looks import check_purpose, look
from onegrid.county.workforce.selectors import day_of
from onegrid.foundation.accounts import permissions
from onegrid.foundation.accounts import selectors as accounts
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.journal import services as journal
from onegrid.foundation.kernel.errors import Conflict, FieldError, Forbidden, Invalid, KeyReused, NotFound
from onegrid.foundation.kernel.texts import text
from onegrid.foundation.messages import services as messages

MOST_OPEN: Final = 5
TEXTS: Final = "register_care.errors"
KIND: Final = "returnee"


@dataclass(frozen=True)
class Return:
    """What somebody says who comes home."""

    name: str
    came_from: str
    address: str
    lon: float
    lat: float
    arrives_on: date
    leaves_on: date | None = None
    people: int = 1
    words: str = ""


@dataclass(frozen=True)
class Reached:
    """Whom to call about a registration, whole."""

    name: str
    phone: str


def register(actor: Actor, key: UUID, told: Return, *, now: datetime) -> tuple[ReturneeLine, bool]:
    """Note that somebody comes home; whether it is new. His phone is the one he signed in with.

    Raises `NotSignedIn`, `Forbidden` for staff, `Invalid` with the fields at fault, `Conflict` when too many wait,
    `KeyReused`.
    """
    account = _resident(actor)
    body = hashlib.sha256(json.dumps(asdict(told), default=str).encode()).hexdigest()
    known = Returnee.objects.filter(pk=key).first()
    if known is not None:
        if known.body != body:
            raise KeyReused()
        return line(known, masked=False), False
    _check(told, day_of(now))
    if Returnee.objects.filter(resident=account, state="waiting").count() >= MOST_OPEN:
        raise Conflict(f"{TEXTS}.enough")
    try:
        leaf = locate(told.lon, told.lat).leaf
    except Nowhere as why:
        raise Invalid(fields=[FieldError("lon", f"{TEXTS}.nowhere")]) from why
    phone = accounts.resident_phone_unmasked(account)
    made = Returnee.objects.create(
        pk=key, resident=account, grid_id=leaf.id, scope_path=leaf.scope_path, lon=told.lon, lat=told.lat,
        name=told.name, phone=phone or "", came_from=told.came_from, address=told.address, words=told.words or None,
        people=told.people, arrives_on=told.arrives_on, leaves_on=told.leaves_on,
        over_on=rules.over_on(told.arrives_on, told.leaves_on), body=body, created_at=now,
    )  # fmt: skip
    return line(made, masked=False), True


def withdraw(actor: Actor, key: UUID, *, now: datetime) -> None:
    """The person takes it back; again changes nothing. Raises `NotFound`."""
    row = Returnee.objects.select_for_update(of=("self",)).filter(pk=key, resident=_resident(actor)).first()
    if row is None:
        raise NotFound()
    if row.state in ("waiting", "confirmed"):
        _settle(row, "withdrawn", now)


def reach(actor: Actor, key: UUID, *, purpose: str, now: datetime) -> Reached:
    """Name and number of a registration, for a purpose and on record before they leave. Raises `NotFound`."""
    may_care(actor)
    row = Returnee.objects.filter(pk=key).first()
    if row is None:
        raise NotFound()
    check_purpose(purpose)
    look(actor, [(row.pk, row.scope_path)], how="reveal", now=now, purpose=purpose, kind=KIND, fields=["name", "phone"])  # type: ignore[list-item]
    return Reached(row.name, row.phone)


def confirm(actor: Actor, key: UUID, *, household: int | None, now: datetime) -> ReturneeLine:
    """The worker has made sure, and perhaps says in which household; again changes nothing.

    Raises `NotFound`, `Conflict` when it was refused or taken back, `Invalid` for a household out of reach.
    """
    row = _waiting(actor, key, "confirmed")
    if row.state == "waiting":
        if household is not None and not Household.objects.filter(pk=household).exists():
            raise Invalid(fields=[FieldError("household", "errors.not_found")])
        row.household_id = household
        row.decided_by = actor.user_id
        _settle(row, "confirmed", now)
        journal.record(actor, "returnee.confirm", (KIND, row.pk), now=now, scope_path=row.scope_path)
        messages.send(row.phone, text("register_care.confirmed", "zh-CN", unit=actor.unit), now=now)
    return line(row, masked=True)


def refuse(actor: Actor, key: UUID, *, reason: str, now: datetime) -> ReturneeLine:
    """It is not so, and why, in words for the person; again changes nothing. Raises `NotFound`, `Conflict`."""
    row = _waiting(actor, key, "refused")
    if row.state == "waiting":
        row.reason, row.decided_by = reason, actor.user_id
        _settle(row, "refused", now)
        journal.record(actor, "returnee.refuse", (KIND, row.pk), now=now, scope_path=row.scope_path)
        messages.send(row.phone, text("register_care.refused", "zh-CN", unit=actor.unit), now=now)
    return line(row, masked=True)


def purge(before: date, *, most: int = 1000) -> int:
    """Delete registrations whose reason ended before `before`; how many. Runs over the whole locality."""
    keys = list(Returnee.objects.filter(over_on__lt=before).order_by("over_on").values_list("pk", flat=True)[:most])
    Returnee.objects.filter(pk__in=keys).delete()
    return len(keys)


def follow(changed: list[str], follower: Follower) -> None:
    """When grids are redrawn, registrations go where their place lies today. At root scope."""
    for row in Returnee.objects.filter(scope_path__in=changed):
        place = follower.place(row.scope_path, row.lon, row.lat)
        if place is not None and place[1] != row.scope_path:
            Returnee.objects.filter(pk=row.pk).update(grid_id=place[0], scope_path=place[1])


def _resident(actor: Actor) -> UUID:
    permissions.signed_in(actor)
    if actor.kind != "resident" or actor.resident_id is None:
        raise Forbidden()
    return actor.resident_id


def _waiting(actor: Actor, key: UUID, wanted: str) -> Returnee:
    """The row, still waiting or already as wanted."""
    may_care(actor)
    row = Returnee.objects.select_for_update(of=("self",)).filter(pk=key).first()
    if row is None:
        raise NotFound()
    if row.state not in ("waiting", wanted):
        raise Conflict(f"{TEXTS}.settled")
    return row


def _settle(row: Returnee, state: str, now: datetime) -> None:
    row.state, row.decided_at = state, now
    if state != "confirmed":
        row.over_on = min(row.over_on, day_of(now))
    row.save()


def _check(told: Return, today: date) -> None:
    """Raise `Invalid` with every field at fault."""
    wrong: list[FieldError] = []
    first, last = today - timedelta(days=rules.BEHIND_DAYS), today + timedelta(days=rules.AHEAD_DAYS)
    if not first <= told.arrives_on <= last:
        wrong.append(FieldError("arrives_on", f"{TEXTS}.arrives_on"))
    if told.leaves_on is not None and not told.arrives_on <= told.leaves_on <= told.arrives_on + timedelta(days=366):
        wrong.append(FieldError("leaves_on", f"{TEXTS}.leaves_on"))
    if wrong:
        raise Invalid(fields=wrong)
