"""Premises and organisations: how a file's rows are found in the register, and where new ones stand."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, Final

from onegrid.county.registers.models import Organisation, Premises
from onegrid.county.registers.rules.sheets.rows import OrganisationRow, PremisesRow
from onegrid.county.registers.rules.terms import terms_of_organisation, terms_of_premises
from onegrid.county.registers.services.loading.doors import Doors, Overlay, Refused
from onegrid.county.registers.services.loading.flat import Cell, Flat, Ground, Record, Spot
from onegrid.county.registers.services.loading.plans import Keys, Plan, Task
from onegrid.foundation.database.write import read


class _Standing(Flat):
    """What stands in a building of the register, at a point, or at least in a grid."""

    def __init__(self, task: Task, keys: Keys) -> None:
        super().__init__(task, keys)
        self.ground = Ground(task.scope)

    def look_up(self, rows: Sequence[Any], plan: Plan) -> None:
        """The buildings the rows name, and rows of the same number or name."""
        self.doors = Doors(plan, self.keys, Overlay())
        self.doors.look_up_buildings([row for row in rows if row.building or row.building_code])
        self.by_number: dict[str, Record] = {}
        self.by_name: dict[str, list[Record]] = {}
        number = "code" if self.kind == "premises" else "credit_code"
        numbers = [getattr(row, number) for row in rows if getattr(row, number)]
        for record in reversed(self.records(f"{number} = ANY(%s) AND {number} <> ''", [numbers]) if numbers else []):
            self.by_number[record.values[number]] = record
        names = [row.name for row in rows if row.name and not getattr(row, number)]
        scope = [self.task.scope, self.task.scope.rstrip(".") + "/"]
        found = self.records("scope_path >= %s AND scope_path < %s AND name = ANY(%s)", [*scope, names])
        for record in found if names else ():
            self.by_name.setdefault(record.values["name"], []).append(record)

    @abstractmethod
    def same(self, row: Any, record: Record) -> bool:
        """Whether a row and a record of one name, and without numbers, are one."""

    def match(self, row: Any) -> Record | None:
        """By number when the row has one, else by name and place."""
        number = row.code if isinstance(row, PremisesRow) else row.credit_code
        if number:
            return self.by_number.get(number)
        some = [record for record in self.by_name.get(row.name, []) if self.same(row, record)]
        if len(some) > 1:
            raise Refused("name", "several_known")
        return some[0] if some else None

    def place(self, row: Any, known: Record | None) -> Spot | None:
        """In its building, else at its point, else in the grid it names, else where its address lies.

        A known one that says nothing new stays where it is.
        """
        more: dict[str, Any] = self.links(row)
        if row.building or row.building_code:
            building = self.doors.known(row)
            if building is not None:
                more |= {"building_id": building.id} if "building_id" in self.extra else {}
                return Spot(building.grid, building.path, more)
            if row.lon is None and not row.grid and self.ground.worded(row.address) is None:
                self.doors.building(row)
        if known is not None and (row.lon, row.lat) == (known.values.get("lon"), known.values.get("lat")):
            return Spot(known.grid, known.path, more)
        if row.lon is not None and row.lat is not None:
            spot = self.ground.at(row.lon, row.lat)
        elif row.grid and known is None:
            spot = self.ground.named(row.grid)
        elif known is not None:
            spot = Spot(known.grid, known.path)
        elif (told := self.ground.worded(row.address)) is not None:
            spot = told
        else:
            raise Refused("grid", "standing_missing")
        return Spot(spot.grid, spot.path, more)

    def links(self, row: Any) -> dict[str, Any]:
        """Other rows of the register this one names."""
        return {}


class Organisations(_Standing):
    """By credit code, else by name and address."""

    kind = "organisations"
    model = Organisation
    cells = (
        Cell("credit_code", "credit_code"),
        Cell("name", "name"),
        Cell("kind", "kind"),
        Cell("address", "address"),
        Cell("contact", "contact", empty=None, sealed=True),
        Cell("phone", "phone", empty=None, sealed=True),
    )
    terms = staticmethod(terms_of_organisation)
    terms_of = ("name", "credit_code", "address")

    def same(self, row: OrganisationRow, record: Record) -> bool:
        """One name at one address."""
        return not row.address or not record.values["address"] or row.address == record.values["address"]


class AllPremises(_Standing):
    """By number, else by name and building or address."""

    kind = "premises"
    model = Premises
    cells = (
        Cell("code", "code"),
        Cell("name", "name"),
        Cell("kind", "kind"),
        Cell("address", "address"),
        Cell("lon", "lon", empty=None),
        Cell("lat", "lat", empty=None),
        Cell("contact", "contact", empty=None, sealed=True),
        Cell("phone", "phone", empty=None, sealed=True),
    )
    extra = ("building_id", "organisation_id")
    terms = staticmethod(terms_of_premises)
    terms_of = ("name", "code", "address")

    def look_up(self, rows: Sequence[PremisesRow], plan: Plan) -> None:
        """Organisations they name, too."""
        super().look_up(rows, plan)
        wanted = sorted({row.organisation for row in rows if row.organisation})
        self.organisations: dict[str, list[int]] = {}
        for key, code, name in read(_ORGANISATIONS, [wanted, wanted]) if wanted else ():
            for word in {code, name}:
                self.organisations.setdefault(word, []).append(key)

    def same(self, row: PremisesRow, record: Record) -> bool:
        """One name in one building, or at one address."""
        building = self.doors.known(row) if row.building or row.building_code else None
        if building is not None and record.values["building_id"] is not None:
            return bool(record.values["building_id"] == building.id)
        return not row.address or not record.values["address"] or row.address == record.values["address"]

    def links(self, row: PremisesRow) -> dict[str, Any]:
        """The organisation, by credit code or name."""
        if not row.organisation:
            return {}
        found = self.organisations.get(row.organisation, [])
        if len(found) != 1:
            raise Refused("organisation", "several_known" if found else "organisation_unknown")
        return {"organisation_id": found[0]}


_ORGANISATIONS: Final = (
    "SELECT id, credit_code, name FROM registers_organisation WHERE credit_code = ANY(%s) OR name = ANY(%s) ORDER BY id"
)
