"""Sending a team out: what could be walked to in a grid and by whom; rounds handed over for a day and read there.

A round is the sender's word for a day: another for the same walker and day takes its place. The walker reads his own,
whichever hat he wears; whoever sends others out reads those of his grids.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from onegrid.county.grids import selectors as grids
from onegrid.county.grids.rules import paths
from onegrid.county.grids.selectors import GridInfo
from onegrid.county.registers.selectors import mapped
from onegrid.county.workforce import colleagues
from onegrid.county.workforce.rules.duties import Duty
from onegrid.county.workforce.selectors import day_of
from onegrid.foundation.accounts import permissions
from onegrid.foundation.accounts import selectors as accounts
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.database.context import widened
from onegrid.foundation.database.write import one_at_a_time
from onegrid.foundation.journal import services as journal
from onegrid.foundation.kernel.errors import Forbidden, KeyReused
from onegrid.programmes.patrols.errors import RoundNotFound, WalkerNotFound, WrongDay
from onegrid.programmes.patrols.models import HandedRound
from onegrid.programmes.patrols.selectors import person

SENDS: Final = (Duty.TRIAGE, Duty.COMMAND, Duty.ANNOUNCE)
WALKERS: Final = 20
STOPS: Final = 200
DOORS_WITHIN: Final = 3_000
"""Households of a grid whose doors are all offered; in a larger one nobody walks them in a day."""
AHEAD: Final = 14
"""Days ahead somebody may be sent out."""
KEEP: Final = timedelta(days=30)
"""How long a round stays after its day."""
Kind = Literal["care", "case", "building"]


@dataclass(frozen=True)
class Ground:
    """What a round through a grid can be made of. Nothing known of care: the reader may not see it."""

    grid: GridInfo
    walkers: list[colleagues.Walker]
    care: list[mapped.CarePoint] | None
    buildings: list[mapped.DoorPoint]
    doors_offered: bool


@dataclass(frozen=True)
class HandedStop:
    """A place of a round, in the sender's words."""

    kind: Kind
    id: str
    lon: float
    lat: float
    words: str
    minutes: float


@dataclass(frozen=True)
class Order:
    """One walker's round as it is handed over."""

    key: UUID
    walker: int
    stops: Sequence[HandedStop]
    metres: int
    minutes: int


@dataclass(frozen=True)
class Handed:
    """A round with the names of who walks and who sent."""

    row: HandedRound
    who: str
    by: str
    stops: Sequence[HandedStop]


def may_send(actor: Actor) -> None:
    """Who triages, commands or announces in a grid. Raises `NotSignedIn`, `Forbidden`."""
    permissions.duty(actor, *SENDS)
    if not actor.scope_path or actor.department_path:
        raise Forbidden()


def ground(actor: Actor, grid_id: int, *, by: date, now: datetime) -> Ground:
    """Walkers, people to visit until `by` and doors of a grid of the actor's. Raises `Forbidden`, `GridNotFound`."""
    may_send(actor)
    grid = grids.grid(grid_id)
    if not paths.within(grid.scope_path, actor.scope_path):
        raise Forbidden()
    try:
        care, _ = mapped.care_points(actor, None, now=now, scope_path=grid.scope_path, due_by=by, most=STOPS)
    except Forbidden:
        care = None
    team = colleagues.walkers(grid.scope_path, most=WALKERS, lang=actor.lang, now=now)
    small = grid.households <= DOORS_WITHIN
    return Ground(
        grid,
        [one for one in team if paths.within(one.scope_path, actor.scope_path)],
        care,
        mapped.door_points(grid.scope_path, most=STOPS) if small else [],
        small,
    )


def hand_over(actor: Actor, day: date, orders: Sequence[Order], *, now: datetime) -> list[Handed]:
    """Send walkers out on a day, each with his round; what he had for that day is replaced. A repeat changes nothing.

    Raises `Forbidden`, `WrongDay`, `WalkerNotFound` for somebody who does not work in the actor's grids, `KeyReused`.
    """
    may_send(actor)
    today = day_of(now)
    if not today <= day <= today + timedelta(days=AHEAD):
        raise WrongDay(AHEAD)
    known = colleagues.workers_of([one.walker for one in orders], within=actor.scope_path, now=now)
    if any(one.walker not in known for one in orders):
        raise WalkerNotFound()
    made = []
    for order in sorted(orders, key=lambda one: known[one.walker].user):
        walker = known[order.walker]
        with widened("duty"):
            one_at_a_time(f"duty {walker.user}")
            made.append(_hand(actor, day, order, walker, now))
    journal.record(
        actor, "rounds.hand", ("grid", actor.scope_path), now=now, scope_path=actor.scope_path,
        detail={"day": day.isoformat(), "rounds": [str(row.pk) for row in made]},
    )  # fmt: skip
    return _named(made)


def handed(actor: Actor, day: date) -> list[Handed]:
    """Rounds of a day below the actor's grid, by walker's grid. Three statements. Raises `Forbidden`."""
    may_send(actor)
    return _named(list(HandedRound.objects.filter(day=day).order_by("scope_path", "user_id")[:STOPS]))


def take_back(actor: Actor, round_id: UUID, *, now: datetime) -> None:
    """Nobody walks it any more. Raises `Forbidden`, `RoundNotFound`."""
    may_send(actor)
    row = HandedRound.objects.filter(pk=round_id).first()
    if row is None:
        raise RoundNotFound()
    journal.record(actor, "rounds.take_back", ("round", row.pk), now=now, scope_path=row.scope_path)
    row.delete()


def mine(actor: Actor, *, now: datetime) -> Handed | None:
    """What the caller is sent on today."""
    with widened("duty"):
        row = HandedRound.objects.filter(user_id=person(actor), day=day_of(now)).first()
    return _named([row])[0] if row else None


def forget(now: datetime) -> int:
    """Delete rounds a month after their day; how many. Runs over the whole locality."""
    return HandedRound.objects.filter(day__lt=day_of(now - KEEP)).delete()[0]


def _hand(actor: Actor, day: date, order: Order, walker: colleagues.Walker, now: datetime) -> HandedRound:
    stops = json.dumps([asdict(one) for one in order.stops], ensure_ascii=False)
    said = json.dumps([day.isoformat(), order.walker, stops, order.metres, order.minutes], ensure_ascii=False)
    body = hashlib.sha256(said.encode()).hexdigest()
    same = HandedRound.objects.filter(pk=order.key).first()
    if same is not None:
        if same.body != body:
            raise KeyReused()
        return same
    HandedRound.objects.filter(user_id=walker.user, day=day).delete()
    return HandedRound.objects.create(
        pk=order.key, user_id=walker.user, scope_path=walker.scope_path, day=day, stops=stops, count=len(order.stops),
        metres=order.metres, minutes=order.minutes, made_by=actor.user_id or 0, made_at=now, body=body,
    )  # fmt: skip


def _named(rows: Sequence[HandedRound]) -> list[Handed]:
    names = accounts.names_of([key for row in rows for key in (row.user_id, row.made_by)])
    return [
        Handed(
            row,
            names.get(row.user_id, ""),
            names.get(row.made_by, ""),
            [HandedStop(**one) for one in json.loads(row.stops)],
        )
        for row in rows
    ]
