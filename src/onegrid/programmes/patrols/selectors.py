"""What somebody reads of his own duty. Own rows are found by the person, whichever hat he wears now."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from onegrid.county.matters.selectors import current_pack
from onegrid.county.workforce import selectors as workforce
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.database.context import widened
from onegrid.foundation.kernel.errors import BadRequest
from onegrid.programmes.patrols.errors import PatrolNotFound
from onegrid.programmes.patrols.models import Patrol, Spell, TrackPart
from onegrid.programmes.patrols.rules import tracks
from onegrid.programmes.patrols.rules.section import PatrolsPart
from onegrid.programmes.patrols.rules.tracks import Fix, Gap

DRAWN: Final = 2000
"""Points of a track that are drawn at most."""


def part() -> PatrolsPart:
    """What the pack in force says about patrols."""
    return PatrolsPart(**current_pack().content.get("patrols", {}))


def person(actor: Actor) -> int:
    """Whose duty it is. Staff alone get here; nobody has the number 0."""
    return actor.user_id or 0


@dataclass(frozen=True)
class Day:
    """A person's day so far; seconds and metres."""

    on_duty_s: int = 0
    patrols: int = 0
    metres: int = 0
    covered_s: int = 0
    gap_s: int = 0


@dataclass(frozen=True)
class Duty:
    """Whether somebody is on duty, and his day."""

    spell: Spell | None
    patrol: Patrol | None
    today: Day


def duty(actor: Actor, *, now: datetime) -> Duty:
    """The actor's open spell and patrol, and what today came to by the locality's calendar day."""
    midnight = now.astimezone(workforce.zone()).replace(hour=0, minute=0, second=0, microsecond=0)
    with widened("duty"):
        spells = list(_spells(actor).filter(began_at__gt=midnight - timedelta(days=2)))
        walks = list(Patrol.objects.filter(user_id=person(actor), began_at__gte=midnight))
        running = Patrol.objects.filter(user_id=person(actor), ended_at=None).first()
    served = sum(_within(spell, midnight, now) for spell in spells)
    day = Day(
        served, len(walks), sum(one.metres for one in walks), sum(one.covered_s for one in walks),
        sum(one.gap_s for one in walks),
    )  # fmt: skip
    return Duty(next((spell for spell in spells if spell.ended_at is None), None), running, day)


def _spells(actor: Actor) -> Any:
    return Spell.objects.select_related("grid").filter(user_id=person(actor))


def _within(spell: Spell, midnight: datetime, now: datetime) -> int:
    """Seconds of a spell since midnight."""
    return max(0, int(((spell.ended_at or now) - max(spell.began_at, midnight)).total_seconds()))


@dataclass(frozen=True)
class Track:
    """A patrol with its lines and gaps."""

    patrol: Patrol
    lines: Sequence[Sequence[Fix]]
    gaps: Sequence[Gap]


def patrols(actor: Actor, *, cursor: str | None, limit: int) -> tuple[list[Patrol], str | None]:
    """A page of the actor's patrols, newest first, and the cursor of the next. Raises `BadRequest` for a bad cursor."""
    with widened("duty"):
        found = Patrol.objects.filter(user_id=person(actor)).order_by("-began_at", "-pk")
        if cursor:
            found = found.filter(began_at__lt=_moment(cursor))
        rows = list(found[: limit + 1])
    more = len(rows) > limit
    return rows[:limit], rows[limit - 1].began_at.isoformat() if more else None


def _moment(cursor: str) -> datetime:
    """The time a cursor names; a query's plus sign may have become a space. Raises `BadRequest`."""
    try:
        found = datetime.fromisoformat(cursor.replace(" ", "+"))
    except ValueError as why:
        raise BadRequest() from why
    if found.tzinfo is None:
        raise BadRequest()
    return found


def track(actor: Actor, patrol_id: UUID, *, now: datetime) -> Track:
    """One of the actor's own patrols with its track. Raises `PatrolNotFound`."""
    with widened("duty"):
        patrol = Patrol.objects.filter(pk=patrol_id, user_id=person(actor)).first()
        if patrol is None:
            raise PatrolNotFound()
        fixes = fixes_of(patrol)
    seconds = part().gap_seconds
    end = patrol.ended_at or (fixes[-1].at if fixes else patrol.began_at)
    gaps = tracks.measure(fixes, patrol.began_at, min(end, now), seconds).gaps if patrol.kept else ()
    return Track(patrol, tracks.thinned(fixes, seconds, DRAWN), gaps)


def fixes_of(patrol: Patrol) -> list[Fix]:
    """Every stored position of a patrol that lies within it, oldest first."""
    return fixes_of_many([patrol])[patrol.pk]


def fixes_of_many(patrols: Sequence[Patrol]) -> dict[UUID, list[Fix]]:
    """The positions of several patrols, by patrol; one statement."""
    stored: dict[UUID, list[str]] = {patrol.pk: [] for patrol in patrols}
    for one in TrackPart.objects.filter(patrol__in=list(stored)):
        stored[one.patrol_id].append(one.points)
    return {
        patrol.pk: tracks.between(
            [
                Fix(patrol.began_at + timedelta(seconds=offset), lon, lat, accuracy)
                for points in stored[patrol.pk]
                for offset, lon, lat, accuracy in json.loads(points)
            ],
            patrol.began_at,
            patrol.ended_at,
        )
        for patrol in patrols
    }
