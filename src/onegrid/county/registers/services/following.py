"""Doors follow their place: when grids are split, merged or redrawn, buildings and who lives in them move over."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from onegrid.county.grids.events import REPLACED
from onegrid.county.grids.services.following import Follower
from onegrid.county.registers.models import Building, Dwelling, Household, Premises, Resident, Stay, Tenure
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
    found = Building.objects.filter(scope_path__in=changed, pk__gt=event.payload.get("building", 0))
    block = list(found.order_by("pk").select_for_update(of=("self",))[:BLOCK])
    targets: dict[tuple[int, str], list[int]] = {}
    for building in block:
        place = follower.place(building.scope_path, building.lon, building.lat)
        if place is not None and place[1] != building.scope_path:
            targets.setdefault(place, []).append(building.pk)
    for (grid, path), keys in targets.items():
        Building.objects.filter(pk__in=keys).update(grid_id=grid, scope_path=path)
        doors = list(Dwelling.objects.filter(building_id__in=keys).values_list("pk", flat=True))
        Resident.objects.filter(household__dwelling__in=doors).update(scope_path=path)
        for followers in (Stay, Tenure):
            followers.objects.filter(dwelling__in=doors).update(scope_path=path)
        Household.objects.filter(dwelling__in=doors).update(grid_id=grid, scope_path=path)
        for places in (Dwelling, Premises):
            places.objects.filter(building_id__in=keys).update(grid_id=grid, scope_path=path)
    if len(block) == BLOCK:
        journal.publish(TOPIC, {"retired": changed, "building": block[-1].pk}, now=now)
