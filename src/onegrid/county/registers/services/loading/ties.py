"""Who owns and rents the dwellings of a sheet, and where its residents work: ties that are added, told and never ended.

A sheet says who holds today. Somebody it does not name may hold as well, so nothing ends by an import: that is said by
hand, with its day. The same holder again is the same tie; a phone or a first day the register lacks, or has otherwise,
is taken over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from onegrid.county.registers.models import Resident, Tenure
from onegrid.county.registers.rules.kinds import EMPLOYMENT, TENURES
from onegrid.county.registers.rules.sheets.rows import DwellingRow, ResidentRow
from onegrid.county.registers.services.loading.doors import Refused
from onegrid.county.registers.services.loading.plans import Insert, Keys, Plan, Task
from onegrid.foundation.database.fields import open_cell, seal_cell
from onegrid.foundation.database.write import read

ROLES: Final = ("owner", "tenant")
Told = dict[str, Any]
"""What the book of changes says of a tie: numbers and days, no name."""


@dataclass
class _Held:
    """A tenure that holds. A holder of the register has no phone here: it stands with himself."""

    id: int
    name: str
    phone: str
    since: date | None
    by_hand: bool


class Tenures:
    """Owners and tenants of one batch of dwellings."""

    def __init__(self, task: Task, keys: Keys) -> None:
        self.keys = keys
        self.asked = bool(task.columns & {column.key for column in TENURES})
        self.held: dict[tuple[int, str], list[_Held]] = {}
        self.new = Insert("registers_tenure", ("id", "dwelling_id", "scope_path", "role", "name", "phone", "since"))
        self.statements: list[tuple[str, list[Any]]] = []

    def look_up(self, dwellings: Sequence[int]) -> None:
        """Who holds them; two statements, none when the file names nobody."""
        if not self.asked or not dwellings:
            return
        rows = read(_HELD, [list(dwellings)])
        people = {row[6] for row in rows if row[6] is not None}
        names = dict(read(_NAMES, [list(people)])) if people else {}
        for key, dwelling, role, name, phone, since, resident in rows:
            if resident is None:
                held = _Held(key, _open("name", key, name), _open("phone", key, phone), since, by_hand=True)
            else:
                sealed = names.get(resident)
                told = open_cell(Resident, "name", resident, sealed) if sealed is not None else ""
                held = _Held(key, told, "", since, by_hand=False)
            self.held.setdefault((dwelling, role), []).append(held)

    def of(self, row: DwellingRow, dwelling: int, path: str, kept: Sequence[str] = ()) -> list[Told]:
        """What the row says of holders that the register does not, told for the book of changes."""
        told = []
        for role in ROLES if self.asked else ():
            name = getattr(row, role)
            if not name or role in kept:
                continue
            phone = "" if f"{role}_phone" in kept else getattr(row, f"{role}_phone")
            found = self._said(dwelling, path, role, name, phone, getattr(row, f"{role}_since"))
            if found is not None:
                told.append(found)
        return told

    def _said(self, dwelling: int, path: str, role: str, name: str, phone: str, since: str) -> Told | None:
        known = next((one for one in self.held.get((dwelling, role), ()) if one.name == name), None)
        if known is None:
            key = self.keys.take("registers_tenure")
            cells = [seal_cell(Tenure, field, key, said) if said else None for field, said in _pair(name, phone)]
            self.new.rows.append((key, dwelling, path, role, *cells, since or None))
            return {"id": key, "role": role, "resident": None, "since": since or None, "until": None}
        day = date.fromisoformat(since) if since and known.since is None else known.since
        number = phone if phone and known.by_hand else known.phone
        if (day, number) == (known.since, known.phone):
            return None
        sealed = seal_cell(Tenure, "phone", known.id, number) if number and known.by_hand else None
        self.statements.append((_SET, [day, sealed, known.id]))
        return {"id": known.id, "role": role, "since": day.isoformat() if day else None, "until": None}

    def hand_over(self, plan: Plan) -> None:
        """After the dwellings themselves."""
        if self.new.rows:
            plan.inserts.append(self.new)
        plan.statements += self.statements


class Employments:
    """Places of work of one batch of residents."""

    def __init__(self, task: Task, rows: Sequence[ResidentRow]) -> None:
        self.asked = bool(task.columns & {column.key for column in EMPLOYMENT})
        self.new = Insert("registers_employment", ("resident_id", "organisation_id", "scope_path", "since"))
        self.organisations: dict[str, list[tuple[int, str]]] = {}
        self.works: Mapping[int, set[int]] = {}
        wanted = sorted({row.works_at for row in rows if row.works_at}) if self.asked else []
        for key, code, name, path in read(_ORGANISATIONS, [wanted, wanted]) if wanted else ():
            for word in {code, name}:
                self.organisations.setdefault(word, []).append((key, path))

    def look_up(self, residents: Sequence[int]) -> None:
        """Where they work; one statement, none when the file does not say."""
        works: dict[int, set[int]] = {}
        for resident, organisation in read(_WORKS, [list(residents)]) if self.asked and residents else ():
            works.setdefault(resident, set()).add(organisation)
        self.works = works

    def at(self, row: ResidentRow) -> tuple[int, str] | None:
        """The organisation the row names, with its path; None for none. Raises `Refused`."""
        if not row.works_at:
            return None
        found = self.organisations.get(row.works_at, [])
        if len(found) != 1:
            raise Refused("works_at", "several_known" if found else "organisation_unknown")
        return found[0]

    def add(self, resident: int, place: tuple[int, str], since: str) -> Told | None:
        """A resident works there, unless the register says so already; told for the book of changes."""
        if place[0] in self.works.get(resident, ()):
            return None
        self.new.rows.append((resident, *place, since or None))
        return {"organisation": place[0], "since": since or None, "until": None}


def _pair(name: str, phone: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("name", name), ("phone", phone)


def _open(field: str, key: int, sealed: Any) -> str:
    return open_cell(Tenure, field, key, sealed) if sealed is not None else ""


_HELD: Final = (
    "SELECT id, dwelling_id, role, name, phone, since, resident_id FROM registers_tenure"
    " WHERE dwelling_id = ANY(%s::bigint[]) AND until IS NULL ORDER BY id"
)
_NAMES: Final = "SELECT id, name FROM registers_resident WHERE id = ANY(%s::bigint[])"
_SET: Final = "UPDATE registers_tenure SET since = %s, phone = %s WHERE id = %s"
_WORKS: Final = (
    "SELECT resident_id, organisation_id FROM registers_employment"
    " WHERE resident_id = ANY(%s::bigint[]) AND until IS NULL"
)
_ORGANISATIONS: Final = (
    "SELECT id, credit_code, name, scope_path FROM registers_organisation"
    " WHERE credit_code = ANY(%s) OR name = ANY(%s) ORDER BY id"
)
