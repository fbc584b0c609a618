"""Doors follow their place: when grids are split, merged or redrawn, buildings and who lives in them move over."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from onegrid.county.grids.events import REPLACED
from onegrid.county.grids.services.following import Follower
from onegrid.county.registers.models import Building, Employment, Organisation, Premises
from onegrid.county.registers.services import returnees, search
from onegrid.county.registers.services.changes.along import take_along
from onegrid.foundation.journal import services as journal
from onegrid.foundation.journal.services.outbox import Event

TOPIC: Final = "registers.regrid"
"""The next block of the same work; only this module hears of it."""
BLOCK: Final = 500
"""Buildings of one transaction, with everybody in them."""


def follow(event: Event, now: datetime) -> None:
    """Hears of `grids.replaced`: move the next block of buildings, and ask for the one after it. At root scope.

    A building goes where it stands, households and residents with it. What already lies in today's grid is left alone.
    """
    if event.topic == REPLACED and (event.payload.get("after") or event.payload.get("again")):
        return
    changed = [str(path) for path in event.payload["retired"]]
    follower = Follower(changed)
    if not event.payload.get("building"):
        returnees.follow(changed, follower)
    found = Building.objects.filter(scope_path__in=changed, pk__gt=event.payload.get("building", 0))
    block = list(found.order_by("pk").select_for_update(of=("self",))[:BLOCK])
    targets: dict[tuple[int, str, str], list[int]] = {}
    for building in block:
        place = follower.place(building.scope_path, building.lon, building.lat)
        if place is not None and place[1] != building.scope_path:
            targets.setdefault((*place, building.scope_path), []).append(building.pk)
    for (grid, path, before), keys in targets.items():
        Building.objects.filter(pk__in=keys).update(grid_id=grid, scope_path=path)
        take_along(keys, grid, path, before)
    if len(block) == BLOCK:
        journal.publish(TOPIC, {"retired": changed, "building": block[-1].pk}, now=now)
    else:
        _follow_alone(changed, follower)


def _follow_alone(changed: list[str], follower: Follower) -> None:
    """Premises that stand in no building, and organisations with who works there; some thousands in a county."""
    for row in Premises.objects.filter(scope_path__in=changed).only("scope_path", "lon", "lat"):
        place = follower.place(row.scope_path, row.lon, row.lat)
        if place is not None and place[1] != row.scope_path:
            Premises.objects.filter(pk=row.pk).update(grid_id=place[0], scope_path=place[1])
            search.move("premises", [row.pk], row.scope_path, place[1])
    for path in changed:
        place = follower.place(path)
        if place is None or place[1] == path:
            continue
        keys = list(Organisation.objects.filter(scope_path=path).values_list("pk", flat=True))
        Organisation.objects.filter(pk__in=keys).update(grid_id=place[0], scope_path=place[1])
        Employment.objects.filter(scope_path=path).update(scope_path=place[1])
        search.move("organisations", keys, path, place[1])
