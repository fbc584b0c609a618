"""Which building, door and household a row speaks of; doors and households that are missing are opened.

Everything is asked for a whole batch at once, in the importer's own scope: a building elsewhere is not known here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from onegrid.county.registers.rules.sheets.rows import (
    DwellingRow,
    HouseholdRow,
    OrganisationRow,
    PremisesRow,
    ResidentRow,
)
from onegrid.county.registers.services.loading.plans import Added, Changed, Insert, Keys, Plan, Unsettled, Update
from onegrid.foundation.database.bulk import literal
from onegrid.foundation.database.write import read

DoorRow = ResidentRow | HouseholdRow | DwellingRow
PlacedRow = DoorRow | PremisesRow | OrganisationRow
ONLY_DOOR: Final = "1户"
"""The door of a house that has no others, as the register writes it."""


class Building(NamedTuple):
    """Where a row stands."""

    id: int
    grid: int
    path: str


class Door(NamedTuple):
    """A dwelling. `new` when this batch, or the one being stored, opens it."""

    id: int
    building: Building
    new: bool


@dataclass
class Home:
    """A household. `version` is 0 when this batch, or the one being stored, makes it."""

    id: int
    door: Door
    number: str
    people: int
    version: int


@dataclass
class Overlay:
    """What a batch opens that no question can see before it is stored."""

    doors: dict[tuple[int, str], Door] = field(default_factory=dict)
    by_building: dict[int, list[Door]] = field(default_factory=dict)
    homes: dict[int, list[Home]] = field(default_factory=dict)


class Refused(Exception):
    """A row without a place: `column` and `reason`, whose blanks `params` fill."""

    def __init__(self, column: str, reason: str, **params: str) -> None:
        super().__init__(reason)
        self.column, self.reason, self.params = column, reason, params


class Doors:
    """The doors and households of one batch. `before` is what the batch being stored opened."""

    def __init__(self, plan: Plan, keys: Keys, before: Overlay) -> None:
        self.plan, self.keys, self.before, self.own = plan, keys, before, Overlay()
        self.dwellings = Insert(
            "registers_dwelling", ("id", "building_id", "grid_id", "scope_path", "label", "unit", "floor", "room")
        )
        self.households = Insert(
            "registers_household", ("id", "dwelling_id", "grid_id", "scope_path", "number", "people")
        )
        self.numbered = Update("registers_household", ("number",))
        self._codes: dict[str, Building] = {}
        self._names: dict[str, Building | None] = {}
        self._doors: dict[tuple[int, str], Door] = {}
        self._only: dict[int, list[Door]] = {}
        self._homes: dict[int, list[Home]] = {}
        self._by_number: dict[str, list[Home]] = {}
        self._settled: dict[tuple[str, str, str, str], Home] = {}

    def look_up(self, rows: Sequence[DoorRow]) -> None:
        """Ask for everything these rows name: four questions at most five times over, however many rows."""
        self.look_up_buildings(rows)
        pairs, without = set(), set()
        for row in rows:
            building = self.known(row)
            if building is None:
                continue
            if row.label:
                pairs.add((building.id, row.label))
            else:
                without.add(building.id)
        places = {building.id: building for building in (*self._codes.values(), *self._names.values()) if building}
        if pairs:
            for key, at, label in read(_DOORS, [literal(at for at, _ in pairs), literal(label for _, label in pairs)]):
                self._doors[at, label] = Door(key, places[at], new=False)
        for key, at in read(_ONLY, [list(without)]) if without else ():
            self._only.setdefault(at, []).append(Door(key, places[at], new=False))
        self._look_up_homes(rows)

    def look_up_buildings(self, rows: Sequence[PlacedRow]) -> None:
        """Ask for the buildings these rows name."""
        codes = {row.building_code for row in rows if row.building_code}
        if codes:
            for key, code, grid, path in read(_BY_CODE, [list(codes)]):
                self._codes.setdefault(code, Building(key, grid, path))
        names = {row.building for row in rows if row.building and row.building_code not in self._codes}
        if names:
            for key, name, grid, path in read(_BY_NAME, [list(names)]):
                self._names[name] = None if name in self._names else Building(key, grid, path)
        for name in sorted(names - self._names.keys()):
            likely = self.keys.likeness.find(name)
            if likely is not None and likely.same:
                self._names[name] = Building(likely.id, likely.grid, likely.path)

    def _look_up_homes(self, rows: Sequence[DoorRow]) -> None:
        wanted = [door.id for door in self._doors.values()] + [door.id for some in self._only.values() for door in some]
        doors = {door.id: door for door in self._doors.values()}
        doors |= {door.id: door for some in self._only.values() for door in some}
        for key, at, number, people, version in read(_HOMES, [list(wanted)]) if wanted else ():
            self._homes.setdefault(at, []).append(Home(key, doors[at], number, people, version))
        numbers = {
            row.household
            for row in rows
            if not isinstance(row, DwellingRow) and row.household and not row.building and not row.building_code
        }
        for key, number, people, version, at, building, grid, path in (
            read(_BY_NUMBER, [list(numbers)]) if numbers else ()
        ):
            home = Home(key, Door(at, Building(building, grid, path), new=False), number, people, version)
            self._by_number.setdefault(number, []).append(home)

    def known(self, row: PlacedRow) -> Building | None:
        """The building a row names, None when there is none or there are several."""
        found = self._codes.get(row.building_code) if row.building_code else None
        return found or self._names.get(row.building)

    def building(self, row: PlacedRow) -> Building:
        """The row's building. Raises `Refused`."""
        found = self.known(row)
        if found is not None:
            return found
        if row.building in self._names:
            raise Refused("building", "building_twice")
        likely = self.keys.likeness.find(row.building) if row.building else None
        if likely is not None:
            raise Refused("building", "building_like", like=likely.label)
        raise Refused("building" if row.building else "building_code", "building_unknown")

    def find_door(self, row: DoorRow) -> Door | None:
        """The row's dwelling, None when it is to be opened. Raises `Refused`."""
        building = self.building(row)
        if row.label:
            known = (building.id, row.label)
            return self._doors.get(known) or self.own.doors.get(known) or self.before.doors.get(known)
        some = {door.id: door for door in self._only.get(building.id, ())}
        for overlay in (self.before, self.own):
            some |= {door.id: door for door in overlay.by_building.get(building.id, ())}
        if len(some) > 1:
            raise Refused("room", "place_missing")
        return next(iter(some.values()), None)

    def door(self, row: DoorRow) -> Door:
        """The row's dwelling, opened when there is none. Raises `Refused`."""
        return self.find_door(row) or self.open(row)

    def open(self, row: DoorRow) -> Door:
        """Open the row's door."""
        building = self.building(row)
        key, label = self.keys.take("registers_dwelling"), row.label or ONLY_DOOR
        door = Door(key, building, new=True)
        self.own.doors[building.id, label] = door
        self.own.by_building.setdefault(building.id, []).append(door)
        self.dwellings.rows.append(
            (key, building.id, building.grid, building.path, label, row.unit, row.floor, row.room or "1")
            if label == ONLY_DOOR and not row.label
            else (key, building.id, building.grid, building.path, label, row.unit, row.floor, row.room)
        )
        return door

    def homes_at(self, door: Door) -> list[Home]:
        """Households behind a door, first made first."""
        stored = self._homes.get(door.id, [])
        known = {home.id for home in stored}
        being_stored = [home for home in self.before.homes.get(door.id, ()) if home.id not in known]
        return [*stored, *being_stored, *self.own.homes.get(door.id, ())]

    def find_home(self, row: ResidentRow | HouseholdRow) -> Home | None:
        """The household the row speaks of, None when it is to be made. Raises `Refused`."""
        key = (row.building_code, row.building, row.label, row.household)
        found = self._settled.get(key)
        if found is None and (found := self._find_home(row)) is not None:
            self._settled[key] = found
        return found

    def _find_home(self, row: ResidentRow | HouseholdRow) -> Home | None:
        if not row.building and not row.building_code:
            known = self._by_number.get(row.household, [])
            if len(known) == 1:
                return known[0]
            raise Refused("household", "household_twice" if known else "household_unknown")
        door = self.find_door(row)
        some = self.homes_at(door) if door else []
        if not row.household:
            return some[0] if some else None
        by_number = next((home for home in some if home.number == row.household), None)
        return by_number or next((home for home in some if not home.number), None)

    def home(self, row: ResidentRow | HouseholdRow, people: int = 0) -> Home:
        """The household the row speaks of, made when there is none; one without a number gets the row's."""
        home = self.find_home(row) or self._make(row, people)
        if row.household and not home.number:
            self._number(home, row.household)
        return home

    def _make(self, row: ResidentRow | HouseholdRow, people: int) -> Home:
        home = Home(self.keys.take("registers_household"), self.door(row), row.household, people, version=0)
        self.own.homes.setdefault(home.door.id, []).append(home)
        return home

    def _number(self, home: Home, number: str) -> None:
        if home.version:
            self.numbered.rows.append((home.id, home.version, number))
            place = home.door.building
            self.plan.changes.append(
                Changed("households", home.id, place.path, {"household": ""}, {"household": number})
            )
        elif home not in self.own.homes.get(home.door.id, ()):
            raise Unsettled
        home.number = number

    def settle(self) -> None:
        """Hand what was opened and made to the plan: doors before households, both before who lives there."""
        for homes in self.own.homes.values():
            for home in homes:
                place = home.door.building
                self.households.rows.append(
                    (home.id, home.door.id, place.grid, place.path, home.number, max(1, home.people))
                )
        for kind, insert in (("dwellings", self.dwellings), ("households", self.households)):
            if insert.rows:
                self.plan.inserts.append(insert)
                keys = [row[0] for row in insert.rows]
                self.plan.news.append(Added(kind, min(keys), max(keys), len(keys)))  # type: ignore[arg-type]
        if self.numbered.rows:
            self.plan.updates.append(self.numbered)


_BY_CODE = (
    "SELECT id, code, grid_id, scope_path FROM registers_building"
    " WHERE code = ANY(%s::text[]) AND code <> '' ORDER BY id"
)
_BY_NAME = "SELECT id, name, grid_id, scope_path FROM registers_building WHERE name = ANY(%s::text[]) ORDER BY id"
_DOORS = (
    "SELECT d.id, d.building_id, d.label FROM unnest(%s::text::bigint[], %s::text::text[]) AS given (building, label)"
    " JOIN registers_dwelling d ON d.building_id = given.building AND d.label = given.label"
)
_ONLY = "SELECT id, building_id FROM registers_dwelling WHERE building_id = ANY(%s::bigint[]) ORDER BY id"
_HOMES = (
    "SELECT id, dwelling_id, number, people, version FROM registers_household"
    " WHERE dwelling_id = ANY(%s::bigint[]) ORDER BY id"
)
_BY_NUMBER = (
    "SELECT h.id, h.number, h.people, h.version, h.dwelling_id, d.building_id, h.grid_id, h.scope_path"
    " FROM registers_household h JOIN registers_dwelling d ON d.id = h.dwelling_id"
    " WHERE h.number = ANY(%s::text[]) AND h.number <> '' ORDER BY h.id"
)
