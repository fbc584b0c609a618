"""Looking at the registers: lists, search, single rows and values, each look at a person put on record with it.

Everything here checks the hat worn against the field table and writes the look in the same transaction that reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from onegrid.county.grids import selectors as grids
from onegrid.county.grids.errors import GridNotFound
from onegrid.county.registers.errors import FieldClosed, TooShort
from onegrid.county.registers.rules.fields import FIELDS, at_least
from onegrid.county.registers.rules.kinds import KINDS, Kind
from onegrid.county.registers.rules.terms import NAMED
from onegrid.county.registers.selectors import cells, pages, records, searching, shown
from onegrid.county.registers.selectors import statistics as counting
from onegrid.county.registers.selectors.records import Asked, Page
from onegrid.county.registers.selectors.searching import Hits
from onegrid.county.registers.selectors.sight import Sight, sight
from onegrid.county.registers.services import holdings
from onegrid.county.registers.services.looks import look
from onegrid.county.registers.services.search import hasher
from onegrid.county.workforce.selectors import day_of
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.kernel.errors import Forbidden, NotFound

SUBJECT: Final[dict[Kind, str]] = {
    "residents": "resident",
    "households": "household",
    "dwellings": "dwelling",
    "buildings": "building",
    "premises": "premises",
    "organisations": "organisation",
}
"""What the log calls a row of each kind."""


def of_kind(actor: Actor, kind: Kind) -> Sight:
    """How the actor sees a kind. Raises `Forbidden` when he sees nothing of it."""
    found = sight(actor)
    if not found.table(kind):
        raise Forbidden()
    return found


def listed(actor: Actor, asked: Asked, *, cursor: str | None, limit: int, now: datetime) -> Page:
    """A page of a list. Residents on it are put on record as read. Raises as `records.page` does."""
    of_kind(actor, asked.kind)
    found = records.page(asked, cursor=cursor, limit=limit)
    if asked.kind == "residents":
        look(actor, [(row.pk, row.scope_path) for row in found.rows], how="read", now=now)
    return found


def one(actor: Actor, kind: Kind, key: int, *, now: datetime) -> Any:
    """One row, put on record as read when it is a person. Raises `NotFound` for what is not there or not in reach."""
    of_kind(actor, kind)
    row = records.by_keys(kind, [key]).get(key)
    if row is None:
        raise NotFound()
    if kind == "residents":
        look(actor, [(row.pk, row.scope_path)], how="read", now=now)
    return row


def searched(actor: Actor, words: str, *, grid: str, kinds: Sequence[Kind], now: datetime) -> list[Hits]:
    """What the words find, by kind, in the actor's reach or a grid of it; people that were found are on record.

    Raises `TooShort` and `GridNotFound`.
    """
    seen = sight(actor)
    if not searching.searchable(words):
        raise TooShort()
    place = actor.scope_path
    if grid:
        info = grids.find_grid(grid)
        if info is None or not info.scope_path.startswith(actor.scope_path):
            raise GridNotFound("grids.errors.not_found")
        place = info.scope_path
    wanted = [kind for kind in KINDS if kind in (kinds or KINDS) and seen.sees(kind, _FOUND_BY.get(kind, "name"))]
    numbers = [name for name in NAMED if seen.sees("residents", name)]
    found = searching.find(hasher(), wanted, words, place=place, numbers=numbers)
    for hits in found:
        if hits.kind == "residents":
            look(actor, [(row.pk, row.scope_path) for row in hits.rows], how="search", now=now)
    return [hits for hits in found if hits.rows]


_FOUND_BY: Final[dict[Kind, str]] = {"households": "household", "dwellings": "address"}
"""What rows are found by, unless by name: nobody finds by what he may not see even masked."""


def reveal(actor: Actor, kind: Kind, key: int, field: str, *, purpose: str, now: datetime) -> str:
    """One personal value of one row, whole, for a purpose; the look is on record before it leaves.

    Raises `FieldClosed` when the hat may not, `NotFound` for what is not there or not in reach, and as `looks.look`.
    """
    seen = of_kind(actor, kind)
    known = FIELDS[kind].get(field)
    if known is None or not known.personal or not at_least(seen.access(kind, field), "reveal"):
        raise FieldClosed()
    row = records.by_keys(kind, [key]).get(key)
    if row is None:
        raise NotFound()
    look(actor, [(row.pk, row.scope_path)], how="reveal", now=now, purpose=purpose, kind=SUBJECT[kind], fields=[field])
    return str(cells.value(kind, field, row) or "")


def family(actor: Actor, key: int, *, now: datetime) -> dict[str, Any]:
    """A household's page; everybody whose masked name is on it is put on record as read. Raises `NotFound`."""
    seen = of_kind(actor, "households")
    found = pages.family(key)
    if found is None:
        raise NotFound()
    door = found.household.dwelling
    records.count_beside("households", [found.household])
    records.count_beside("dwellings", [door])
    people = {
        one.pk: one.scope_path for one in (*found.residents, *found.gone, *(stay.resident for stay in found.past))
    }
    people |= {one.resident.pk: one.resident.scope_path for one in found.tenures if one.resident is not None}
    look(actor, list(people.items()), how="read", now=now)
    return {
        "household": shown.records(seen, "households", [found.household])[0],
        "dwelling": shown.records(seen, "dwellings", [door])[0],
        "building": {
            "id": str(door.building_id),
            "name": door.building.name,
            "lon": door.building.lon,
            "lat": door.building.lat,
        },
        "residents": shown.records(seen, "residents", found.residents),
        "gone": shown.records(seen, "residents", found.gone),
        "stays": [_stay(seen, one, key) for one in found.past],
        "tenures": holdings.told(seen, door.pk, found.tenures, now=now),
    }


def _stay(seen: Sight, one: Any, household: int) -> dict[str, Any]:
    return {
        "resident": str(one.resident_id),
        "name": shown.masked(seen, "name", one.resident.name),
        "door": f"{one.dwelling.building.name}{one.dwelling.label}",
        "since": one.since.isoformat() if one.since else None,
        "until": one.until.isoformat(),
        "here": one.household == household,
    }


def chart(actor: Actor, key: int, *, now: datetime) -> dict[str, Any]:
    """A building's page. Raises `NotFound`."""
    seen = of_kind(actor, "buildings")
    found = pages.chart(key, day=day_of(now))
    if found is None:
        raise NotFound()
    building = found.building
    building.__dict__["counted"] = len(found.doors)
    doors = [
        {**asdict(one), "dwelling": str(one.dwelling), "households": [str(home) for home in one.households]}
        for one in found.doors
    ]
    return {
        "building": shown.records(seen, "buildings", [building])[0],
        "levels": building.levels,
        "units": building.units,
        "lon": building.lon,
        "lat": building.lat,
        "doors": doors,
        "cut": found.cut,
    }


def counted(actor: Actor, grid: str, *, by: counting.By, now: datetime) -> counting.Statistics:
    """A grid in numbers, the hat's own when none is named. Raises `GridNotFound` outside the actor's reach."""
    sight(actor)
    info = grids.find_grid(grid) if grid else grids.by_path(actor.scope_path)
    if info is None or not info.scope_path.startswith(actor.scope_path):
        raise GridNotFound("grids.errors.not_found")
    return counting.statistics(str(info.id), by=by, day=day_of(now))
