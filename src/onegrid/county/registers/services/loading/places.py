"""Buildings, dwellings and households: how a file's rows are found in the register, and where new ones stand."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, Final

from onegrid.county.registers.models import Building, Dwelling, Household
from onegrid.county.registers.rules.sheets.rows import BuildingRow, DwellingRow, HouseholdRow
from onegrid.county.registers.rules.terms import terms_of_building
from onegrid.county.registers.services.loading.doors import Doors, Home, Overlay, Refused
from onegrid.county.registers.services.loading.flat import Cell, Flat, Ground, Record, Spot
from onegrid.county.registers.services.loading.plans import Insert, Keys, Plan, Task, Unsettled
from onegrid.county.registers.services.loading.ties import Tenures
from onegrid.foundation.database.write import read


class Buildings(Flat):
    """By number where both have one, else by address; they stand where their point lies."""

    kind = "buildings"
    model = Building
    cells = (
        Cell("code", "code"),
        Cell("name", "name"),
        Cell("kind", "kind"),
        Cell("levels", "levels", empty=1),
        Cell("units", "units", empty=1),
        Cell("lon", "lon", empty=None),
        Cell("lat", "lat", empty=None),
    )
    terms = staticmethod(terms_of_building)
    terms_of = ("name", "code")

    def __init__(self, task: Task, keys: Keys) -> None:
        super().__init__(task, keys)
        self.ground = Ground(task.scope)
        self.by_code: dict[str, Record] = {}
        self.by_name: dict[str, list[Record]] = {}

    def look_up(self, rows: Sequence[BuildingRow], plan: Plan) -> None:
        """By number, then by address."""
        codes = [row.code for row in rows if row.code]
        names = [row.name for row in rows if row.name]
        found = self.records("code = ANY(%s::text[]) AND code <> ''", [list(codes)]) if codes else []
        self.by_code = {record.values["code"]: record for record in reversed(found)}
        self.by_name = {}
        for record in self.records("name = ANY(%s::text[])", [list(names)]) if names else ():
            self.by_name.setdefault(record.values["name"], []).append(record)

    def match(self, row: BuildingRow) -> Record | None:
        """A number decides; an address only among buildings whose number is not another."""
        if row.code in self.by_code:
            return self.by_code[row.code]
        some = self.by_name.get(row.name, [])
        if row.code:
            some = [record for record in some if not record.values["code"]]
        if len(some) > 1:
            raise Refused("name", "building_twice")
        return some[0] if some else None

    def place(self, row: BuildingRow, known: Record | None) -> Spot | None:
        """By its point, a new one without a point where the map has its address; the same point changes nothing."""
        if row.lon is None or row.lat is None:
            if known is not None:
                return None
            spot = self.ground.worded(row.name)
            if spot is None or not spot.more:
                raise Refused("lon", "point_missing")
            return spot
        if known is not None and (known.values["lon"], known.values["lat"]) == (row.lon, row.lat):
            return None
        return self.ground.at(row.lon, row.lat)

    def moved(self, known: Record, spot: Spot, plan: Plan) -> None:
        """Everybody and everything in it goes along, as when grids are redrawn."""
        for sql in _ALONG:
            grid = [spot.grid] if "grid_id" in sql else []
            plan.statements.append((sql, [*grid, spot.path, known.id]))
        people = [key for (key,) in read(_PEOPLE_OF, [known.id])]
        plan.moved.setdefault(spot.path, []).extend(people)
        for kind, keys in (("residents", people), ("premises", [key for (key,) in read(_PREMISES_OF, [known.id])])):
            plan.regridded.append((kind, keys, known.path, spot.path))  # type: ignore[arg-type]


class _Doored(Flat):
    """What is found through a building and a door."""

    def __init__(self, task: Task, keys: Keys) -> None:
        super().__init__(task, keys)
        self.before = Overlay()

    def being_stored(self) -> None:
        """Doors the batch on its way opens show in no question yet."""
        self.before = self.doors.own

    def stored(self) -> None:
        """Everything planned is in the database."""
        self.before = Overlay()

    def look_up(self, rows: Sequence[Any], plan: Plan) -> None:
        """The doors the rows name."""
        self.doors = Doors(plan, self.keys, self.before)
        self.doors.look_up([row for row in rows if row.id is None])
        self.about = self.records("id = ANY(%s::bigint[])", [list(self.known_keys(rows))])
        self.by_id |= {record.id: record for record in self.about}

    @abstractmethod
    def known_keys(self, rows: Sequence[Any]) -> list[int]:
        """Numbers of the rows that are found through doors."""


class Dwellings(_Doored):
    """By building and door."""

    kind = "dwellings"
    model = Dwelling
    cells = (
        Cell("label", "label"),
        Cell("unit", "unit"),
        Cell("floor", "floor", empty=None),
        Cell("room", "room"),
        Cell("use", "use"),
    )
    extra = ("building_id",)

    def plan(self, rows: Sequence[DwellingRow], plan: Plan) -> None:
        """With who owns and who rents them."""
        self.tenures = Tenures(self.task, self.keys)
        super().plan(rows, plan)
        self.tenures.hand_over(plan)

    def look_up(self, rows: Sequence[DwellingRow], plan: Plan) -> None:
        """Who holds them already, too."""
        super().look_up(rows, plan)
        self.tenures.look_up(list(self.by_id))

    def _add(self, row: DwellingRow, spot: Spot, new: Insert, terms: list[tuple[int, list[int]]], plan: Plan) -> None:
        super()._add(row, spot, new, terms, plan)
        self.tenures.of(row, new.rows[-1][0], spot.path)

    def _differences(self, row: DwellingRow, known: Record) -> tuple[dict[str, Any], dict[str, Any]]:
        before, after = super()._differences(row, known)
        told = self.tenures.of(row, known.id, known.path, row.kept)
        return before, {**after, "tenures": told} if told else after

    def known_keys(self, rows: Sequence[DwellingRow]) -> list[int]:
        """Dwellings behind these doors."""
        found = []
        for row in rows:
            try:
                door = None if row.id is not None else self.doors.find_door(row)
            except Refused:
                continue
            if door is not None:
                found.append(door.id)
        return found

    def match(self, row: DwellingRow) -> Record | None:
        """The dwelling behind the row's door."""
        if not row.label:
            raise Refused("room", "place_missing")
        door = self.doors.find_door(row)
        if door is not None and door.id not in self.by_id:
            raise Unsettled
        return self.by_id[door.id] if door else None

    def place(self, row: DwellingRow, known: Record | None) -> Spot | None:
        """In its building."""
        if known is not None:
            return None
        building = self.doors.building(row)
        return Spot(building.grid, building.path, {"building_id": building.id})


class Households(_Doored):
    """By door and number; a door that is missing is opened."""

    kind = "households"
    model = Household
    cells = (Cell("household", "number"), Cell("people", "people", empty=1))
    extra = ("dwelling_id",)

    def known_keys(self, rows: Sequence[HouseholdRow]) -> list[int]:
        """Households behind these doors."""
        found = []
        for row in rows:
            try:
                home = None if row.id is not None else self._home(row)
            except Refused:
                continue
            if home is not None:
                found.append(home.id)
        return found

    def _home(self, row: HouseholdRow) -> Home | None:
        return self.doors.find_home(row)

    def match(self, row: HouseholdRow) -> Record | None:
        """The household behind the row's door."""
        home = self._home(row)
        if home is None:
            return None
        if home.id not in self.by_id:
            raise Unsettled
        home.number = home.number or row.household
        return self.by_id[home.id]

    def place(self, row: HouseholdRow, known: Record | None) -> Spot | None:
        """Behind its door."""
        if known is not None:
            return None
        door = self.doors.door(row)
        return Spot(door.building.grid, door.building.path, {"dwelling_id": door.id})

    def finish(self, plan: Plan) -> None:
        """Doors that were opened go in first."""
        self.doors.settle()


_ALONG: Final = (
    "UPDATE registers_dwelling SET grid_id = %s, scope_path = %s WHERE building_id = %s",
    "UPDATE registers_premises SET grid_id = %s, scope_path = %s WHERE building_id = %s",
    "UPDATE registers_household SET grid_id = %s, scope_path = %s WHERE dwelling_id IN"
    " (SELECT id FROM registers_dwelling WHERE building_id = %s)",
    *(
        f"UPDATE {table} SET scope_path = %s WHERE dwelling_id IN"  # noqa: S608
        " (SELECT id FROM registers_dwelling WHERE building_id = %s)"
        for table in ("registers_stay", "registers_tenure")
    ),
    "UPDATE registers_resident SET scope_path = %s WHERE household_id IN (SELECT h.id FROM registers_household h"
    " JOIN registers_dwelling d ON d.id = h.dwelling_id WHERE d.building_id = %s)",
)
_PEOPLE_OF: Final = (
    "SELECT r.id FROM registers_resident r JOIN registers_household h ON h.id = r.household_id"
    " JOIN registers_dwelling d ON d.id = h.dwelling_id WHERE d.building_id = %s"
)
_PREMISES_OF: Final = "SELECT id FROM registers_premises WHERE building_id = %s"
