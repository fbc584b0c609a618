"""Steps on duty. Each carries a key and the time it happened, is applied by that time, and may be repeated.

One person's steps follow each other under a lock of his own; a phone sends them in order, days later perhaps.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar
from uuid import UUID

from django.db.models import Q

from onegrid.county.grids.errors import Nowhere
from onegrid.county.grids.selectors import locate
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.database.context import widened
from onegrid.foundation.database.write import one_at_a_time
from onegrid.foundation.kernel.errors import KeyReused, TooLarge
from onegrid.programmes.patrols.errors import (
    AlreadyOnDuty,
    NoGridHat,
    NotOnDuty,
    PatrolNotFound,
    PatrolOver,
    SpellNotFound,
    ToldTooLate,
)
from onegrid.programmes.patrols.models import Patrol, Spell, TrackPart
from onegrid.programmes.patrols.rules import spells, tracks
from onegrid.programmes.patrols.rules.spells import Stretch, Told
from onegrid.programmes.patrols.rules.tracks import Fix
from onegrid.programmes.patrols.selectors import fixes_of, part, person

Row = TypeVar("Row", Spell, Patrol)
SURE_M: Final = 300.0
"""A position less exact than this does not say whether somebody is in his grid."""
MOST_PARTS: Final = 400
"""Pieces of one track: a day of one piece every two minutes."""


@dataclass(frozen=True)
class Where:
    """Where a step was taken, when the phone knew."""

    lon: float | None = None
    lat: float | None = None
    accuracy: float | None = None


@dataclass(frozen=True)
class Step:
    """What every step carries."""

    key: UUID
    device_at: datetime | None
    now: datetime

    @property
    def told(self) -> Told:
        """When it happened. Raises `ToldTooLate`."""
        found = spells.told(self.device_at, self.now)
        if found is None:
            raise ToldTooLate(spells.LATE_DAYS)
        return found


def sign_in(actor: Actor, step: Step, where: Where) -> tuple[Spell, bool]:
    """Begin a spell of duty in the grid of the hat worn; whether it is new.

    Raises `NoGridHat`, `AlreadyOnDuty`, `ToldTooLate`, `KeyReused`.
    """
    body = _hash("in", step.device_at, where)
    with widened("duty"):
        _alone(actor)
        known = Spell.objects.select_related("grid").filter(pk=step.key).first()
        if known is not None:
            return _same(known, actor, known.body, body), False
        grid = next((hat.grid_id for hat in actor.hats if hat.id == actor.hat_id), None)
        if grid is None or not actor.scope_path:
            raise NoGridHat()
        told = step.told
        own = Spell.objects.filter(user_id=person(actor))
        if not spells.free(told.at, [Stretch(one.began_at, one.ended_at) for one in own.order_by("-began_at")[:20]]):
            raise AlreadyOnDuty()
        made = Spell.objects.create(
            pk=step.key, user_id=person(actor), appointment=actor.hat_id or 0, grid_id=grid,
            scope_path=actor.scope_path, began_at=told.at, doubtful=told.doubtful, told_at=step.device_at,
            received_at=step.now,
            in_place=_in_place(where, actor.scope_path), body=body,
        )  # fmt: skip
        return made, True


def sign_out(actor: Actor, spell_id: UUID, step: Step, where: Where) -> Spell:
    """End a spell and what runs in it. One the clock had ended is put right when it had ended earlier.

    Raises `SpellNotFound`, `NotOnDuty`, `ToldTooLate`, `KeyReused`.
    """
    body = _hash("out", step.device_at, where)
    with widened("duty"):
        _alone(actor)
        spell = Spell.objects.select_related("grid").filter(pk=spell_id, user_id=person(actor)).first()
        if spell is None:
            raise SpellNotFound()
        if spell.end_key == step.key:
            return _same(spell, actor, spell.end_body, body)
        if spell.ended_by == "person":
            raise NotOnDuty()
        end = max(step.told.at, spell.began_at)
        _end_spell(spell, min(end, spell.ended_at) if spell.ended_at else end, "person", step.now)
        spell.end_key, spell.end_body, spell.out_place = step.key, body, _in_place(where, spell.scope_path)
        spell.save(update_fields=["end_key", "end_body", "out_place"])
        return spell


def begin(actor: Actor, spell_id: UUID, step: Step) -> tuple[Patrol, bool]:
    """Begin a patrol within a spell; one that runs, or ran until the clock ended it, ends there. Whether it is new.

    Raises `SpellNotFound`, `NotOnDuty`, `ToldTooLate`, `KeyReused`.
    """
    with widened("duty"):
        _alone(actor)
        known = Patrol.objects.filter(pk=step.key).first()
        if known is not None:
            return _same(known, actor, str(known.spell_id), str(spell_id)), False
        spell = Spell.objects.filter(pk=spell_id, user_id=person(actor)).first()
        if spell is None:
            raise SpellNotFound()
        at = step.told.at
        if not Stretch(spell.began_at, spell.ended_at).holds(at):
            raise NotOnDuty()
        outlasting = Q(ended_at=None) | Q(ended_by="clock", began_at__lte=at, ended_at__gt=at)
        for running in Patrol.objects.filter(outlasting, spell=spell):
            _end_patrol(running, max(at, running.began_at), "next", step.now)
        over: dict[str, Any] = {"ended_at": spell.ended_at, "ended_by": _with(spell)} if spell.ended_at else {}
        made = Patrol.objects.create(
            pk=step.key, spell=spell, user_id=person(actor), scope_path=spell.scope_path, began_at=at,
            received_at=step.now, **over,
        )  # fmt: skip
        return made, True


def add_track(actor: Actor, patrol_id: UUID, step: Step, points: Sequence[Fix]) -> tuple[Patrol, bool]:
    """Add a piece of track and count anew; whether it is new. Positions outside the patrol are counted, not stored.

    Raises `PatrolNotFound`, `KeyReused`, `TooLarge`.
    """
    body = _hash("track", patrol_id, [(fix.at, fix.lon, fix.lat, fix.accuracy) for fix in points])
    with widened("duty"):
        _alone(actor)
        patrol = _patrol(actor, patrol_id)
        known = TrackPart.objects.select_related("patrol").filter(pk=step.key).first()
        if known is not None:
            if known.patrol_id != patrol.pk:
                raise KeyReused()
            return _same(patrol, actor, known.body, body), False
        if TrackPart.objects.filter(patrol=patrol).count() >= MOST_PARTS:
            raise TooLarge()
        end = min(patrol.ended_at, step.now) if patrol.ended_at else step.now
        good = tracks.between(points, patrol.began_at, end) if patrol.kept else []
        patrol.refused += len(points) - len(good)
        offsets = [
            [round((fix.at - patrol.began_at).total_seconds(), 1), round(fix.lon, 6), round(fix.lat, 6),
             round(fix.accuracy, 1)]
            for fix in good
        ]  # fmt: skip
        TrackPart.objects.create(
            pk=step.key, patrol=patrol, scope_path=patrol.scope_path, points=json.dumps(offsets), body=body,
            received_at=step.now,
        )  # fmt: skip
        _count(patrol, step.now)
        return patrol, True


def end(actor: Actor, patrol_id: UUID, step: Step) -> Patrol:
    """End a patrol. Repeating a key changes nothing; one that ended with the duty may turn out to have ended before.

    Raises `PatrolNotFound`, `PatrolOver`, `ToldTooLate`.
    """
    with widened("duty"):
        _alone(actor)
        patrol = _patrol(actor, patrol_id)
        if patrol.end_key == step.key:
            return patrol
        if patrol.ended_by == "person":
            raise PatrolOver()
        at = max(step.told.at, patrol.began_at)
        patrol.end_key = step.key
        _end_patrol(patrol, min(at, patrol.ended_at) if patrol.ended_at else at, "person", step.now)
        return patrol


def close_forgotten(now: datetime) -> int:
    """End every spell that has lasted longer than anybody works; how many. Runs over the whole locality."""
    hours = part().longest_hours
    old = Spell.objects.filter(ended_at=None, began_at__lte=now - timedelta(hours=hours))
    closed = 0
    for key, user_id in list(old.order_by("began_at").values_list("pk", "user_id")):
        # His own word may be coming in at this moment: it goes first.
        _lock(user_id)
        spell = Spell.objects.get(pk=key)
        at = spells.forgotten(spell.began_at, hours, now)
        if spell.ended_at is None and at is not None:
            _end_spell(spell, at, "clock", now)
            closed += 1
    return closed


def forget_tracks(now: datetime, *, most: int = 500) -> int:
    """Delete the points of patrols older than the pack keeps them; how many patrols. Runs over the whole locality."""
    old = Patrol.objects.filter(kept=True, began_at__lt=now - timedelta(days=part().keep_days))
    keys = list(old.order_by("began_at").values_list("pk", flat=True)[:most])
    TrackPart.objects.filter(patrol_id__in=keys).delete()
    Patrol.objects.filter(pk__in=keys).update(kept=False)
    return len(keys)


def _end_spell(spell: Spell, at: datetime, by: str, now: datetime) -> None:
    """End a spell, and every patrol in it that would outlast it."""
    spell.ended_at, spell.ended_by = at, by
    spell.save(update_fields=["ended_at", "ended_by"])
    for patrol in spell.patrols.all():
        if patrol.ended_at is None or patrol.ended_at > at:
            _end_patrol(patrol, max(at, patrol.began_at), _with(spell), now)


def _with(spell: Spell) -> str:
    """Who ends a patrol that ends because its spell did."""
    return "clock" if spell.ended_by == "clock" else "sign_out"


def _end_patrol(patrol: Patrol, at: datetime, by: str, now: datetime) -> None:
    patrol.ended_at, patrol.ended_by = at, by
    _count(patrol, now)


def _count(patrol: Patrol, now: datetime) -> None:
    """Measure the track anew and store what it came to. A running patrol is counted to its last position."""
    if patrol.kept:
        fixes = fixes_of(patrol)
        until = patrol.ended_at or (fixes[-1].at if fixes else patrol.began_at)
        found = tracks.measure(fixes, patrol.began_at, min(until, now), part().gap_seconds)
        patrol.fixes, patrol.metres, patrol.jumps = found.fixes, found.metres, found.jumps
        patrol.covered_s, patrol.gap_s, patrol.gaps = found.covered_s, found.gap_s, len(found.gaps)
    patrol.save()


def _patrol(actor: Actor, patrol_id: UUID) -> Patrol:
    patrol = Patrol.objects.filter(pk=patrol_id, user_id=person(actor)).first()
    if patrol is None:
        raise PatrolNotFound()
    return patrol


def _alone(actor: Actor) -> None:
    """One person's steps one after the other."""
    _lock(actor.user_id)


def _lock(user_id: int | None) -> None:
    one_at_a_time(f"duty {user_id}")


def _same(row: Row, actor: Actor, known: str, told: str) -> Row:
    """The row of an earlier answer, if it is the same person's and said the same."""
    if row.user_id != actor.user_id or known != told:
        raise KeyReused()
    return row


def _in_place(where: Where, scope_path: str) -> str:
    """Whether a position lies in a grid: inside, outside or unknown."""
    if where.lon is None or where.lat is None or (where.accuracy or 0) > SURE_M:
        return "unknown"
    try:
        chains = locate(where.lon, where.lat).chains
    except Nowhere:
        return "outside"
    return "inside" if any(grid.scope_path == scope_path for chain in chains for grid in chain.grids) else "outside"


def _hash(*said: object) -> str:
    """What was said, as one word that compares equal for the same."""
    return hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()
