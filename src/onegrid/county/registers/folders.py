"""What a grid worker keeps on the phone of the grids he looks after: one folder for each leaf grid, masked.

A folder carries a digest of everything in it. The phone asks for the list, and again only for folders whose digest it
does not have; a folder it has and the list does not is gone. So a copy is right after any change, whoever made it,
and a removed household cannot linger. Everything is read in the caller's own scope.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from onegrid.county.grids.errors import GridNotFound
from onegrid.county.grids.rules import paths
from onegrid.county.grids.selectors import GridInfo
from onegrid.county.grids.selectors import reading as grids
from onegrid.county.registers.models import Building, Dwelling, Household, Resident
from onegrid.county.registers.rules.fields import FIELDS, mask
from onegrid.county.registers.selectors import choices
from onegrid.county.registers.selectors.sight import Sight, sight
from onegrid.county.registers.services import finding
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.database.write import read
from onegrid.foundation.kernel.errors import Forbidden
from onegrid.foundation.kernel.texts import Lang

MOST_FOLDERS: Final = 80
CHOSEN: Final = ("resident.relation", "resident.registered", "resident.id_kind", "dwelling.use")
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
    """A resident as he may lie on a phone: masked, without what the hat may not see. Edits begin at `version`."""

    id: str
    version: int
    name: str
    sex: int
    born: int | None
    phone: str
    relation: str
    registered: str
    since: date | None


@dataclass(frozen=True)
class Home:
    """A household behind its door."""

    id: str
    version: int
    label: str
    people: int
    number: str
    dwelling: str
    dwelling_version: int
    use: str
    residents: tuple[Person, ...]


@dataclass(frozen=True)
class EmptyDoor:
    """A door nobody is known behind."""

    dwelling: str
    label: str
    use: str


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
    empty: tuple[EmptyDoor, ...]


@dataclass(frozen=True)
class Editing:
    """Kind, field to what may be done with it; list, choices (key, title)."""

    access: dict[str, dict[str, str]]
    choices: dict[str, list[tuple[str, str]]]


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
    """One folder with everything in it, masked. Raises `GridNotFound` outside the hat's grids.

    Six statements, however much there is.
    """
    _in_a_grid(actor)
    who = sight(actor)
    info = grids.infos([grid_id]).get(grid_id)
    if info is None or not info.scope_path.startswith(actor.scope_path):
        raise GridNotFound("grids.errors.not_found")
    exact = [info.scope_path, info.scope_path + "!"]
    found = read(_DIGESTS, [*exact, *exact])
    folder = Folder(info, int(found[0][1]), int(found[0][2]), str(found[0][3])) if found else Folder(info, 0, 0, "")
    homes = Household.objects.filter(grid_id=grid_id).select_related("dwelling").order_by("dwelling__label", "pk")
    people: dict[int, list[Person]] = {}
    here = Resident.objects.filter(household__grid_id=grid_id, left_on=None, died_on=None)
    for one in here.order_by("birth_year", "pk"):
        people.setdefault(one.household_id, []).append(_person(one, who))
    doors: dict[int, list[Home]] = {}
    for home in homes[:MOST_HOUSEHOLDS]:
        door = home.dwelling
        doors.setdefault(door.building_id, []).append(
            Home(
                str(home.pk), home.version, door.label, home.people, home.number, str(door.pk), door.version,
                door.use, tuple(people.get(home.pk, ())),
            )
        )  # fmt: skip
    empty: dict[int, list[EmptyDoor]] = {}
    nobody = Dwelling.objects.filter(grid_id=grid_id, households=None).order_by("label", "pk")
    for door in nobody[:MOST_HOUSEHOLDS]:
        empty.setdefault(door.building_id, []).append(EmptyDoor(str(door.pk), door.label, door.use))
    return Contents(folder, _houses(doors, empty))


def _person(one: Resident, who: Sight) -> Person:
    """A resident, each field as the hat may see it."""

    def told(key: str, value: str) -> str:
        return str(mask(FIELDS["residents"][key], value)) if who.sees("residents", key) else ""

    return Person(
        str(one.pk), one.version, told("name", one.name), one.sex if who.sees("residents", "sex") else 0,
        one.birth_year if who.sees("residents", "birth_year") else None, told("phone", one.phone or ""),
        told("relation", one.relation), told("registered", one.registered),
        one.since if who.sees("residents", "since") else None,
    )  # fmt: skip


def _houses(doors: dict[int, list[Home]], empty: dict[int, list[EmptyDoor]]) -> tuple[House, ...]:
    """The buildings of these doors, by address."""
    rows: Sequence[Building] = list(Building.objects.filter(pk__in={*doors, *empty}).order_by("name", "pk"))
    return tuple(
        House(
            str(row.pk), row.name, row.lon, row.lat, row.levels, row.units, tuple(doors.get(row.pk, ())),
            tuple(empty.get(row.pk, ())),
        )
        for row in rows
    )  # fmt: skip


def editing(actor: Actor, lang: Lang) -> Editing:
    """What a visit may change, and what can be chosen, for a phone that is out of reach when it is needed."""
    who = sight(actor)
    tables = {kind: dict(who.table(kind)) for kind in ("residents", "households", "dwellings")}
    named = {
        name: [(one.key, one.title.en if lang == "en" else one.title.zh) for one in choices.choices(name).values()]
        for name in CHOSEN
    }
    return Editing({kind: {key: str(level) for key, level in table.items()} for kind, table in tables.items()}, named)


def reveal(actor: Actor, resident_id: int, *, purpose: str, now: datetime) -> str:
    """A resident's whole name, for a purpose; the look is on record before it leaves. Raises `NotFound` elsewhere."""
    return finding.reveal(actor, "residents", resident_id, "name", purpose=purpose, now=now)


def _in_a_grid(actor: Actor) -> None:
    """Departments and hatless staff have no neighbours of their own."""
    if actor.kind != "staff" or not actor.scope_path or actor.department_path:
        raise Forbidden()


_COUNT: Final = """
SELECT count(*) FROM (SELECT 1 FROM registers_household WHERE scope_path >= %s AND scope_path < %s LIMIT %s) AS known
"""
_DIGESTS: Final = """
WITH doors AS (
    SELECT d.grid_id, count(h.id) AS n, coalesce(sum(h.people), 0) AS people, md5(string_agg(
        concat_ws('|', h.id, h.version, h.number, h.people, d.id, d.version, d.label, d.use,
            b.id, b.name, b.lon, b.lat, b.levels, b.units), ',' ORDER BY d.id, h.id
    )) AS digest
    FROM registers_dwelling d JOIN registers_building b ON b.id = d.building_id
        LEFT JOIN registers_household h ON h.dwelling_id = d.id
    WHERE d.scope_path >= %s AND d.scope_path < %s GROUP BY d.grid_id
), folk AS (
    SELECT h.grid_id, md5(string_agg(
        concat_ws('|', r.id, r.version, r.household_id, md5(r.name), r.sex, r.birth_year, md5(coalesce(r.phone, '')),
            r.relation, r.registered, coalesce(r.since::text, '')), ',' ORDER BY r.id
    )) AS digest
    FROM registers_resident r JOIN registers_household h ON h.id = r.household_id
    WHERE r.scope_path >= %s AND r.scope_path < %s AND r.left_on IS NULL AND r.died_on IS NULL GROUP BY h.grid_id
)
SELECT doors.grid_id, doors.n, doors.people, md5(concat(doors.digest, folk.digest))
FROM doors LEFT JOIN folk USING (grid_id)
"""
"""Sealed names are compared as they lie: a name sealed anew is another name, and nothing need be opened for it."""
