"""What of the patrols others may see: tracks of one day, and who walked lately. Positions are the workers' own data.

Whoever answers for a grid sees the walks of those who work below it, for a day at a time, while the points are kept;
his own walks everybody reads elsewhere. Each look at others' tracks stands in the journal, so that a worker can be told
who looked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from onegrid.county.workforce import colleagues
from onegrid.county.workforce import selectors as workforce
from onegrid.county.workforce.rules.duties import Duty
from onegrid.foundation.accounts import permissions
from onegrid.foundation.accounts import selectors as accounts
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.database.managers import upper_bound
from onegrid.foundation.journal import services as journal
from onegrid.foundation.kernel.errors import Forbidden
from onegrid.programmes.patrols.models import Patrol
from onegrid.programmes.patrols.rules import tracks
from onegrid.programmes.patrols.rules.tracks import Fix
from onegrid.programmes.patrols.selectors import fixes_of_many, part

WALKS: Final = 60
"""Tracks on one map at most."""
DRAWN: Final = 600
"""Points of each that are drawn at most."""
OVERSEES: Final = (Duty.TRIAGE, Duty.SUPERVISE, Duty.COMMAND)
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Walk:
    """A patrol with its lines; who walked is a name among colleagues."""

    id: UUID
    user: int
    who: str
    position: str
    began_at: datetime
    ended_at: datetime | None
    metres: int
    gap_s: int
    lines: Sequence[Sequence[Fix]]


def may_oversee(actor: Actor) -> None:
    """Who answers for a grid: its centre, who supervises or commands. Raises `NotSignedIn`, `Forbidden`."""
    permissions.duty(actor, *OVERSEES)
    if not actor.scope_path or actor.department_path:
        raise Forbidden()


def walks(actor: Actor, day: date, box: Box | None, *, now: datetime) -> tuple[list[Walk], bool]:
    """Patrols of one local day below the hat's grid whose points are kept, newest first; and whether some are left out.

    Puts the look on record. Raises `Forbidden`.
    """
    may_oversee(actor)
    begin = datetime.combine(day, time(), tzinfo=workforce.zone())
    rows = Patrol.objects.filter(began_at__gte=begin, began_at__lt=begin + timedelta(days=1), kept=True)
    found = list(rows.order_by("-began_at", "-pk")[: WALKS + 1])
    names = accounts.names_of([row.user_id for row in found])
    titles = colleagues.titles_of([row.user_id for row in found], lang=actor.lang, now=now)
    fixes, gap = fixes_of_many(found[:WALKS]), part().gap_seconds
    shown = []
    for row in found[:WALKS]:
        lines = tracks.thinned(fixes[row.pk], gap, DRAWN)
        if lines and (box is None or any(_in(fix, box) for line in lines for fix in line)):
            user = row.user_id
            who = names.get(user, "")
            shown.append(
                Walk(row.pk, user, who, titles.get(user, ""), row.began_at, row.ended_at, row.metres, row.gap_s, lines)
            )
    if shown:
        seen = {"day": day.isoformat(), "patrols": [str(one.id) for one in shown]}
        journal.record(
            actor, "tracks.look", ("grid", actor.scope_path), now=now, scope_path=actor.scope_path, detail=seen
        )
    return shown, len(found) > WALKS


def lately(actor: Actor, scope_path: str, *, most: int) -> list[tuple[datetime, str]]:
    """When somebody last walked in a grid, and who; without where. Raises `Forbidden`."""
    may_oversee(actor)
    rows = Patrol.objects.filter(
        scope_path__gte=scope_path, scope_path__lt=upper_bound(scope_path), ended_at__isnull=False
    )
    found = list(rows.order_by("-began_at")[:most].values_list("began_at", "user_id"))
    names = accounts.names_of([user for _, user in found])
    return [(at, names.get(user, "")) for at, user in found]


def _in(fix: Fix, box: Box) -> bool:
    west, south, east, north = box
    return west <= fix.lon <= east and south <= fix.lat <= north
