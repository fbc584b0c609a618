"""The demonstration's grid worker and some colleagues of his: who looks after people and walks."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from onegrid.county.grids.rules import paths
from onegrid.county.workforce import selectors as workforce
from onegrid.county.workforce.models import Appointment
from onegrid.foundation.accounts.actor import Actor, wearing
from onegrid.foundation.accounts.models import User

ROLE: Final = "worker"
MOST: Final = 4


def crew(now: datetime, most: int = MOST) -> list[Actor]:
    """The demonstration's worker first, then workers of other grids, the nearest first; empty without him.

    At most `most`, no two of whom have a grid in common. Under root scope.
    """
    user = User.objects.filter(username=ROLE).first()
    if user is None or not workforce.hats_at(user.pk, now):
        return []
    found = [_actor(user, now)]
    above = [path for path in paths.ancestors(found[0].scope_path) if path != found[0].scope_path]
    for around in reversed(above):
        near = Appointment.objects.filter(
            scope_path__gte=around, scope_path__lt=paths.upper_bound(around), position__kind="worker",
            position__faces__contains=["worker"], position__duties__contains=["handle"], ended_on=None,
        ).select_related("user")  # fmt: skip
        for seat in near.order_by("scope_path", "pk")[: 8 * most]:
            if len(found) == most:
                return found
            if not any(_overlap(seat.scope_path, one.scope_path) for one in found):
                found.append(_actor(seat.user, now))
    return found


def _actor(user: User, now: datetime) -> Actor:
    hats = workforce.hats_at(user.pk, now)
    return wearing(hats, str(hats[0].id), user_id=user.pk, name=user.display_name, lang="zh-CN")


def _overlap(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)
