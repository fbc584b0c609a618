"""What a grid worker keeps on the phone of the grids he looks after: one folder for each leaf grid, masked.

A folder carries a digest of everything in it. The phone asks for the list, and again only for folders whose digest it
does not have; a folder it has and the list does not is gone. So a copy is right after any change, whoever made it,
and a removed household cannot linger. Everything is read in the caller's own scope.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from onegrid.county.grids.errors import GridNotFound
from onegrid.county.grids.rules import paths
from onegrid.county.grids.selectors import GridInfo
from onegrid.county.grids.selectors import reading as grids
from onegrid.county.registers.models import Building, Household, Resident
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.database.write import read
from onegrid.foundation.journal import services as journal
from onegrid.foundation.kernel.errors import Forbidden, NotFound
from onegrid.foundation.kernel.masking import mask_name

MOST_FOLDERS: Final = 80
MOST_HOUSEHOLDS: Final = 6000
"""More than this is no beat of one person, and no longer fits a cheap phone."""


@dataclass(frozen=True)
class Folder:
    """One leaf grid of the register: how much is in it, and a word that changes with any of it."""

    grid: GridInfo
    households: int
    people: int
    digest: str


@dataclass(frozen=True)
class Folders:
    """The folders of a hat; none when its area is too wide to be carried about."""

    items: tuple[Folder, ...]
    too_wide: bool = False


@dataclass(frozen=True)
class Person:
    """A resident as he may lie on a phone: first character of the name, sex, year of birth."""

    id: str
    name: str
    sex: int
    born: int | None


@dataclass(frozen=True)
class Home:
    """A household behind its door."""

    id: str
    label: str
    people: int
    residents: tuple[Person, ...]


@dataclass(frozen=True)
class House:
    """A building and the doors in it."""

    id: str
    name: str
    lon: float
    lat: float
    floors: int
    stairwells: int
    homes: tuple[Home, ...]


@dataclass(frozen=True)
class Contents:
    """A folder opened."""

    folder: Folder
    houses: tuple[House, ...]


def folders(actor: Actor) -> Folders:
    """The leaf grids of the hat worn with who lives there, by path. Raises `Forbidden` without a hat in a grid.

    Four statements, however much there is.
    """
    _in_a_grid(actor)
    bounds = [actor.scope_path, paths.upper_bound(actor.scope_path)]
    if int(read(_COUNT, [*bounds, MOST_HOUSEHOLDS + 1])[0][0]) > MOST_HOUSEHOLDS:
        return Folders((), too_wide=True)
    found = read(_DIGESTS, [*bounds, *bounds])
    if len(found) > MOST_FOLDERS:
        return Folders((), too_wide=True)
    infos = grids.infos([int(row[0]) for row in found])
    made = [Folder(infos[int(key)], int(homes), int(people), str(digest)) for key, homes, people, digest in found]
    return Folders(tuple(sorted(made, key=lambda folder: folder.grid.scope_path)))


def contents(actor: Actor, grid_id: int) -> Contents:
    """One folder with everything in it, names masked. Raises `GridNotFound` outside the hat's grids.

    Five statements, however much there is.
    """
    _in_a_grid(actor)
    info = grids.infos([grid_id]).get(grid_id)
    if info is None or not info.scope_path.startswith(actor.scope_path):
        raise GridNotFound("grids.errors.not_found")
    exact = [info.scope_path, info.scope_path + "!"]
    found = read(_DIGESTS, [*exact, *exact])
    folder = Folder(info, int(found[0][1]), int(found[0][2]), str(found[0][3])) if found else Folder(info, 0, 0, "")
    homes = list(
        Household.objects.filter(grid_id=grid_id)
        .select_related("dwelling")
        .order_by("dwelling__label", "pk")[:MOST_HOUSEHOLDS]
    )
    people: dict[int, list[Person]] = {}
    for one in Resident.objects.filter(household__grid_id=grid_id).order_by("birth_year", "pk"):
        people.setdefault(one.household_id, []).append(
            Person(str(one.pk), mask_name(one.name), one.sex, one.birth_year)
        )
    doors: dict[int, list[Home]] = {}
    for home in homes:
        living = tuple(people.get(home.pk, ()))
        door = home.dwelling
        doors.setdefault(door.building_id, []).append(Home(str(home.pk), door.label, home.people, living))
    return Contents(folder, _houses(doors))


def _houses(doors: dict[int, list[Home]]) -> tuple[House, ...]:
    """The buildings of these doors, by address."""
    rows: Sequence[Building] = list(Building.objects.filter(pk__in=doors).order_by("name", "pk"))
    return tuple(
        House(str(row.pk), row.name, row.lon, row.lat, row.levels, row.units, tuple(doors[row.pk])) for row in rows
    )


def reveal(actor: Actor, resident_id: int, *, purpose: str, now: datetime) -> str:
    """A resident's whole name, for a purpose; the look is on record before it leaves. Raises `NotFound` elsewhere."""
    _in_a_grid(actor)
    found = Resident.objects.filter(pk=resident_id).first()
    if found is None:
        raise NotFound()
    journal.record(
        actor, "resident.reveal", ("resident", found.pk), now=now, scope_path=found.scope_path, purpose=purpose
    )
    return str(found.name)


def _in_a_grid(actor: Actor) -> None:
    """Departments and hatless staff have no neighbours of their own."""
    if actor.kind != "staff" or not actor.scope_path or actor.department_path:
        raise Forbidden()


_COUNT: Final = """
SELECT count(*) FROM (SELECT 1 FROM registers_household WHERE scope_path >= %s AND scope_path < %s LIMIT %s) AS known
"""
_DIGESTS: Final = """
WITH doors AS (
    SELECT h.grid_id, count(*) AS n, sum(h.people) AS people, md5(string_agg(
        concat_ws('|', h.id, d.label, h.people, b.id, b.name, b.lon, b.lat, b.levels, b.units), ',' ORDER BY h.id
    )) AS digest
    FROM registers_household h JOIN registers_dwelling d ON d.id = h.dwelling_id
        JOIN registers_building b ON b.id = d.building_id
    WHERE h.scope_path >= %s AND h.scope_path < %s GROUP BY h.grid_id
), folk AS (
    SELECT h.grid_id, md5(string_agg(
        concat_ws('|', r.id, r.household_id, md5(r.name), r.sex, r.birth_year), ',' ORDER BY r.id
    )) AS digest
    FROM registers_resident r JOIN registers_household h ON h.id = r.household_id
    WHERE r.scope_path >= %s AND r.scope_path < %s GROUP BY h.grid_id
)
SELECT doors.grid_id, doors.n, doors.people, md5(concat(doors.digest, folk.digest))
FROM doors LEFT JOIN folk USING (grid_id)
"""
"""Sealed names are compared as they lie: a name sealed anew is another name, and nothing need be opened for it."""
