"""Cases follow their place when grids are split, merged or redrawn: rows, photos, search terms, and the tallies.

The grid at report stays on record. Many cases are moved in blocks, each in a transaction of its own with the event that
asks for the next block, so the work goes on after a kill and nothing is moved twice; a case that already lies in
today's grid is left alone, so the same event twice changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from onegrid.cases.flow.counting import contribution, deltas
from onegrid.cases.models import Assignment, Case, CaseAction, CaseReporter, Clock, Grant, Quarantine, Rating
from onegrid.cases.permissions import Actor
from onegrid.cases.selectors import searching
from onegrid.cases.selectors.setting import setting
from onegrid.county.grids.events import REPLACED
from onegrid.county.grids.rules import paths
from onegrid.county.grids.services.following import Follower
from onegrid.foundation.database.write import write
from onegrid.foundation.files import services as files
from onegrid.foundation.journal import services as journal
from onegrid.foundation.journal.services.outbox import Event
from onegrid.foundation.journal.services.tallies import Footprint

BLOCK: Final = 500
"""Cases of one transaction: a person at work on one of them waits no longer than that takes."""
AGAIN: Final = timedelta(minutes=5)
"""A report may have been located on the map of a moment ago; after this time nobody holds that map any more."""
SYSTEM: Final = Actor(kind="system")
CARRIED: Final[tuple[Any, ...]] = (CaseAction, Assignment, Clock, CaseReporter, Grant, Rating, Quarantine)
"""What a case carries along: everything with its path, by `case_id`."""


def follow(event: Event, now: datetime) -> None:
    """Hears of `grids.replaced`: move the next block of cases, and ask for the one after it. At root scope."""
    changed = [str(path) for path in event.payload["retired"]]
    follower = Follower(changed)
    after = event.payload.get("after")
    found = Case.objects.filter(scope_path__in=changed).order_by("pk").select_for_update(of=("self",))
    if after:
        found = found.filter(pk__gt=UUID(after))
    block = list(found[:BLOCK])
    moved = _move(block, follower) + (0 if after else _reassign(follower))
    if moved:
        journal.record(
            SYSTEM, "cases.regrid", ("grids", ",".join(changed)), now=now, scope_path=changed[0],
            detail={"moved": moved, "of": len(block)},
        )  # fmt: skip
    if len(block) == BLOCK:
        journal.publish(REPLACED, {**event.payload, "after": str(block[-1].pk)}, now=now)
    elif not event.payload.get("again"):
        journal.publish(REPLACED, {**event.payload, "after": None, "again": True}, now=now, after=AGAIN)


def _move(block: Sequence[Case], follower: Follower) -> int:
    """Bring the rows of each case to today's grid, and the counts with them; how many lay elsewhere before."""
    zone = setting().zone
    before: Counter[Footprint] = Counter()
    after: Counter[Footprint] = Counter()
    targets: dict[str, list[UUID]] = {}
    for case in block:
        place = follower.place(case.scope_path, case.lon, case.lat)
        if place is None or place[1] == case.scope_path:
            continue
        before += contribution(case, zone)
        grid, former = place[0], case.scope_path
        Assignment.objects.filter(case=case, grid_path=former).update(grid_id=grid, grid_path=place[1])
        desk = follower.place(case.desk_path)
        case.grid_id, case.scope_path = grid, place[1]
        case.desk_path = _desk(desk[1] if desk else case.desk_path, former, place[1])
        after += contribution(case, zone)
        targets.setdefault(case.scope_path, []).append(case.pk)
        files.move("case", str(case.pk), case.scope_path)
        case.save(update_fields=["grid", "scope_path", "desk_path"])
        write([searching.remember(case)])
    for path, keys in targets.items():
        for kind in CARRIED:
            kind.objects.filter(case_id__in=keys).update(scope_path=path)
    journal.count(deltas(before, after))
    return sum(map(len, targets.values()))


def _desk(desk: str, former: str, path: str) -> str:
    """The centre that holds the case now. One that held it as a grid above holds it no longer when it is no more above
    it: then the grid of the same depth above today's does."""
    if path.startswith(desk) or not former.startswith(desk):
        return desk
    above = [one for one in paths.ancestors(path) if paths.depth(one) <= paths.depth(desk)]
    return above[-1] if above else desk


def _reassign(follower: Follower) -> int:
    """Grids that bear work on a case that lies elsewhere: their successor bears it now; how many."""
    moved = 0
    elsewhere = Assignment.objects.filter(grid_path__in=follower.paths).exclude(scope_path__in=follower.paths)
    for path in sorted(set(elsewhere.values_list("grid_path", flat=True))):
        place = follower.place(path)
        if place is not None and place[1] != path:
            moved += elsewhere.filter(grid_path=path).update(grid_id=place[0], grid_path=place[1])
    return moved
