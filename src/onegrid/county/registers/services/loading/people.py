"""Residents: who of a batch is known already, what changes about them, and everybody new, sealed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from onegrid.county.registers.models import Resident
from onegrid.county.registers.rules import terms
from onegrid.county.registers.rules.sheets.rows import ResidentRow
from onegrid.county.registers.services import search
from onegrid.county.registers.services.loading.doors import Doors, Home, Overlay, Refused
from onegrid.county.registers.services.loading.plans import Added, Changed, Insert, Keys, Plan, Task, Unsettled, Update
from onegrid.county.registers.services.loading.ties import Employments
from onegrid.foundation.database.fields import blinder, open_cell, seal_cell, seal_cells
from onegrid.foundation.database.write import read

TABLE: Final = "registers_resident"
OPEN: Final = ("relation", "sex", "birth_year", "id_kind", "registered", "since")
SEALED: Final = ("name", "birth_date", "id_number", "phone")
FIELDS: Final = (*SEALED, *OPEN)
WRITTEN: Final = (
    *("household_id", "scope_path", "name", "birth_date", "id_number", "id_index", "phone", "phone_index"),
    *("relation", "sex", "birth_year", "id_kind", "registered", "since", "left_on", "collected_at"),
)
EMPTY: Final = {"sex": 0, "birth_year": None, "since": None, "birth_date": None, "id_number": None, "phone": None}
"""What an emptied cell stores; texts store ''."""


@dataclass(slots=True)
class Known:
    """A resident of the register as the batch finds him; sealed values open when they are asked for."""

    id: int
    household: int
    dwelling: int
    path: str
    version: int
    values: dict[str, Any]
    id_index: bytes | None
    phone_index: bytes | None
    since: date | None
    left: date | None
    died: date | None
    opened: dict[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A sealed value's text, '' when there is none."""
        stored = self.values[name]
        if stored is None:
            return ""
        if name not in self.opened:
            self.opened[name] = open_cell(Resident, name, self.id, stored)
        return self.opened[name]


@dataclass
class NewOnes:
    """New residents of a batch, by household: what makes two rows one person when there is no number."""

    by_home: dict[int, list[tuple[str, str, bool]]] = field(default_factory=dict)


class People:
    """Plans batches of residents, one after the other; the one before may still be on its way into the database."""

    def __init__(self, task: Task, keys: Keys) -> None:
        self.task, self.keys = task, keys
        self.before, self.folk_before = Overlay(), NewOnes()
        self.id_of = blinder(Resident, "id_index")
        self.phone_of = blinder(Resident, "phone_index")
        self.hasher = search.hasher()
        self._planned = (Overlay(), NewOnes())
        self.moves_by_sheet = bool(task.columns & {"building", "building_code", "household"})

    def plan(self, rows: Sequence[ResidentRow], plan: Plan) -> None:
        """Work the rows out into the plan. Raises `Unsettled`."""
        batch = _Batch(self, rows, plan)
        batch.settle_all()
        self._planned = (batch.doors.own, batch.folk)

    def being_stored(self) -> None:
        """The last planned batch is on its way: no question shows yet what it opens."""
        self.before, self.folk_before = self._planned

    def stored(self) -> None:
        """Everything planned is in the database."""
        self.before, self.folk_before = Overlay(), NewOnes()


class _Batch:
    """One batch of residents."""

    def __init__(self, people: People, rows: Sequence[ResidentRow], plan: Plan) -> None:
        self.people, self.rows, self.result = people, rows, plan
        self.doors = Doors(plan, people.keys, people.before)
        self.folk = NewOnes()
        self.indexes = [people.id_of(row.id_number) if row.id_number else None for row in rows]
        self.by_index: dict[bytes, list[Known]] = {}
        self.by_id: dict[int, Known] = {}
        self.by_home: dict[int, list[Known]] = {}
        self.touched: set[int] = set()
        self.fresh: list[tuple[int, ResidentRow, Home, bytes | None]] = []
        self.updates = Update(TABLE, WRITTEN)
        self.stays = Insert(
            "registers_stay", ("resident_id", "dwelling_id", "household", "scope_path", "since", "until")
        )
        self.terms_again: list[tuple[int, list[int]]] = []
        self.confirmed: list[int] = []
        self.work = Employments(people.task, rows)
        self.joined: set[int] = set()

    def settle_all(self) -> None:
        """Ask, decide row by row, and hand over what is to be written."""
        self.doors.look_up(self.rows)
        self._look_up_people()
        for row, index in zip(self.rows, self.indexes, strict=True):
            try:
                self._settle(row, index)
            except Refused as why:
                self.result.refuse(row.line, why.column, why.reason, **why.params)
        self.doors.settle()
        self._hand_over()

    def _look_up_people(self) -> None:
        indexes = [index for index in self.indexes if index is not None]
        for known in _known(_BY_INDEX, indexes):
            self.by_index.setdefault(known.id_index or b"", []).append(known)
        for known in _known(_BY_ID, [row.id for row in self.rows if row.id is not None]):
            self.by_id[known.id] = known
        homes = set()
        for row, index in zip(self.rows, self.indexes, strict=True):
            if row.id is not None or (index is not None and index in self.by_index):
                continue
            try:
                home = self.doors.find_home(row)
            except Refused:
                continue
            if home is not None and home.version:
                homes.add(home.id)
        for known in _known(_BY_HOME, list(homes)):
            self.by_home.setdefault(known.household, []).append(known)
        if self.work.asked:
            held = (
                *self.by_id.values(),
                *(one for some in (*self.by_index.values(), *self.by_home.values()) for one in some),
            )
            self.work.look_up([one.id for one in held])

    def _settle(self, row: ResidentRow, index: bytes | None) -> None:
        known = self._match(row, index)
        if known is None:
            self._add(row, index)
            return
        if known.id in self.touched:
            raise Refused("name", "twice")
        if known.died is not None:
            raise Refused("name", "has_died")
        if row.version is not None and row.version != known.version:
            raise Refused("version", "changed_since")
        self.touched.add(known.id)
        self._compare(known, row, index)

    def _match(self, row: ResidentRow, index: bytes | None) -> Known | None:
        if row.id is not None:
            if row.id not in self.by_id:
                raise Refused("id", "row_unknown")
            return self.by_id[row.id]
        home = self.doors.find_home(row)
        some = self.by_index.get(index, []) if index is not None else []
        if some:
            return next((known for known in some if home and known.household == home.id), some[0])
        if home is None:
            return None
        for name, born, numbered in (*self.people.folk_before.by_home.get(home.id, ()),):
            if name == row.name and _born_alike(born, row) and not (numbered and index is not None):
                raise Unsettled
        for name, born, numbered in self.folk.by_home.get(home.id, ()):
            if name == row.name and _born_alike(born, row) and not (numbered and index is not None):
                raise Refused("name", "twice")
        for known in self.by_home.get(home.id, ()):
            if (known.id_index is None or index is None) and known.text("name") == row.name:
                year = known.values["birth_year"]
                if _born_alike(known.text("birth_date") or (str(year) if year else ""), row):
                    return known
        return None

    def _add(self, row: ResidentRow, index: bytes | None) -> None:
        place = self.work.at(row)
        home = self.doors.home(row)
        self._join(home)
        key = self.people.keys.take(TABLE)
        if place is not None:
            self.work.add(key, place, row.works_since)
        self.fresh.append((key, row, home, index))
        self.folk.by_home.setdefault(home.id, []).append((row.name, row.birth_date, index is not None))
        self.result.added += 1

    def _compare(self, known: Known, row: ResidentRow, index: bytes | None) -> None:
        """What the row changes: columns the file has; without our own number a blank cell says nothing."""
        after: dict[str, Any] = {}
        place = self.work.at(row)
        for name in FIELDS:
            column = "birth_date" if name == "birth_year" else name
            if column not in self.people.task.columns or column in row.kept:
                continue
            wanted = getattr(row, name)
            if wanted in ("", None):
                if row.id is None or name == "name" or (name == "birth_year" and row.birth_date):
                    continue
                wanted = EMPTY.get(name, "")
            if not self._is(known, name, wanted, index):
                after[name] = wanted
        home = self._home_of(known, row)
        if home is not None and home.id != known.household:
            after["household"] = home.id
        if known.left is not None:
            after["left_on"] = None
        if place is not None and (told := self.work.add(known.id, place, row.works_since)) is not None:
            after["employments"] = told
        if after:
            self._change(known, row, after, home)
            self.result.changed += 1
        else:
            self.confirmed.append(known.id)
            self.result.same += 1

    def _home_of(self, known: Known, row: ResidentRow) -> Home | None:
        """The household the row puts a known resident into, None for where he is."""
        if not self.people.moves_by_sheet or not (row.building or row.building_code or row.household):
            return None
        door = self.doors.find_door(row) if row.building or row.building_code else None
        if door is not None and not row.household and door.id == known.dwelling:
            return None
        return self.doors.home(row)

    def _is(self, known: Known, name: str, wanted: Any, index: bytes | None) -> bool:
        if name == "id_number":
            return known.id_index == index
        if name == "phone":
            return known.phone_index == (self.people.phone_of(wanted) if wanted else None)
        if name in SEALED:
            return known.text(name) == (wanted or "")
        stored = known.values[name]
        return bool((stored.isoformat() if isinstance(stored, date) else stored) == wanted)

    def _change(self, known: Known, row: ResidentRow, after: dict[str, Any], home: Home | None) -> None:
        before: dict[str, Any] = {}
        for name in after:
            if name == "household":
                before[name] = known.household
            elif name == "employments":
                before[name] = {}
            elif name == "left_on":
                before[name] = known.left.isoformat() if known.left else None
            elif name in SEALED:
                before[name] = known.text(name)
            else:
                stored = known.values[name]
                before[name] = stored.isoformat() if isinstance(stored, date) else stored
        path = known.path
        if home is not None and "household" in after:
            path = home.door.building.path
            self._move(known, row, home)
            if path != known.path:
                self.result.moved.setdefault(path, []).append(known.id)
        told = [name for name in after if name != "birth_year" or "birth_date" not in after]
        self.result.changes.append(
            Changed("residents", known.id, path, {one: before[one] for one in told}, {one: after[one] for one in told})
        )
        cells = {name: self._cell(known, name, after) for name in FIELDS}
        id_index, phone_index = known.id_index, known.phone_index
        if "id_number" in after:
            id_index = self.people.id_of(after["id_number"]) if after["id_number"] else None
        if "phone" in after:
            phone_index = self.people.phone_of(after["phone"]) if after["phone"] else None
        self.updates.rows.append(
            (
                *(known.id, known.version, after.get("household", known.household), path),
                *(cells["name"], cells["birth_date"], cells["id_number"], id_index, cells["phone"], phone_index),
                *(cells["relation"], cells["sex"], cells["birth_year"], cells["id_kind"], cells["registered"]),
                *(cells["since"], None, self.people.task.at),
            )
        )
        if path != known.path or {"name", "id_number", "phone"} & after.keys():
            name, number, phone = (str(after.get(key, known.text(key)) or "") for key in ("name", "id_number", "phone"))
            found_by = terms.terms_of_resident(self.people.hasher, name, number, phone, path)
            self.terms_again.append((known.id, found_by))

    def _cell(self, known: Known, name: str, after: Mapping[str, Any]) -> Any:
        if name not in after:
            return known.values[name]
        wanted = after[name]
        if name in SEALED:
            return seal_cell(Resident, name, known.id, wanted) if wanted else None
        return wanted

    def _move(self, known: Known, row: ResidentRow, home: Home) -> None:
        until = date.fromisoformat(row.since) if row.since else self.people.task.today
        since = min(known.since, until) if known.since else None
        self.stays.rows.append((known.id, known.dwelling, known.household, known.path, since, until))
        self._join(home)

    def _join(self, home: Home) -> None:
        if home in self.doors.own.homes.get(home.door.id, ()):
            home.people += 1
        else:
            self.joined.add(home.id)

    def _hand_over(self) -> None:
        plan, at = self.result, self.people.task.at
        if self.fresh:
            plan.inserts.append(Insert(TABLE, ("id", *NEW), list(self._new_rows())))
            keys = [key for key, *_ in self.fresh]
            plan.news.append(Added("residents", min(keys), max(keys), len(keys)))
            made, hasher = terms.terms_of_resident, self.people.hasher
            found_by = [
                (key, made(hasher, row.name, row.id_number, row.phone, home.door.building.path))
                for key, row, home, _ in self.fresh
            ]
            plan.terms.append(("residents", found_by))
        if self.stays.rows:
            plan.inserts.append(self.stays)
        if self.work.new.rows:
            plan.inserts.append(self.work.new)
        if self.updates.rows:
            plan.updates.append(self.updates)
        if self.terms_again:
            plan.terms_again.append(("residents", self.terms_again))
        if self.confirmed:
            plan.statements.append((_CONFIRM, [at, list(self.confirmed)]))
        if self.joined:
            plan.statements.append((_COUNT_AGAIN, [list(self.joined)]))

    def _new_rows(self) -> Iterable[tuple[Any, ...]]:
        fresh, at, phone_of = self.fresh, self.people.task.at, self.people.phone_of
        sealed = [
            iter(
                seal_cells(
                    Resident, name, [(key, getattr(row, name)) for key, row, _, _ in fresh if getattr(row, name)]
                )
            )
            for name in SEALED
        ]
        name_of, birth_of, number_of, phone_cells = sealed
        for key, row, home, index in fresh:
            yield (
                key, home.id, home.door.building.path, next(name_of),
                next(birth_of) if row.birth_date else None,
                next(number_of) if row.id_number else None, index,
                next(phone_cells) if row.phone else None, phone_of(row.phone) if row.phone else None,
                row.relation, row.sex or 0, row.birth_year, row.id_kind, row.registered, row.since or None, at,
            )  # fmt: skip


NEW: Final = tuple(name for name in WRITTEN if name != "left_on")


def _born_alike(born: str, row: ResidentRow) -> bool:
    """Whether two dates of birth, each perhaps only a year or unknown, may be one person's."""
    own = row.birth_date or (str(row.birth_year) if row.birth_year else "")
    return not born or not own or born.startswith(own) or own.startswith(born)


def _known(condition: str, wanted: Sequence[Any]) -> list[Known]:
    rows = read(_SELECT + condition, [list(wanted)]) if wanted else []
    # A question of its own: joined, the server may begin with every household of the scope.
    doors = dict(read(_DOORS_OF, [list({row[1] for row in rows})])) if rows else {}
    found = []
    for key, household, path, version, id_index, phone_index, left, died, *cells in rows:
        values = dict(zip(FIELDS, cells, strict=True))
        found.append(
            Known(
                key, household, doors[household], path, version, values, id_index, phone_index, values["since"], left,
                died,
            )
        )  # fmt: skip
    return found


_SELECT: Final = (
    "SELECT id, household_id, scope_path, version, id_index, phone_index, left_on, died_on, name, birth_date,"
    " id_number, phone, relation, sex, birth_year, id_kind, registered, since FROM registers_resident WHERE "
)
_BY_INDEX: Final = "id_index = ANY(%s::bytea[]) ORDER BY left_on NULLS FIRST, id"
_BY_ID: Final = "id = ANY(%s::bigint[])"
_BY_HOME: Final = "household_id = ANY(%s::bigint[]) ORDER BY id"
_DOORS_OF: Final = "SELECT id, dwelling_id FROM registers_household WHERE id = ANY(%s::bigint[])"
_CONFIRM: Final = "UPDATE registers_resident SET collected_at = %s WHERE id = ANY(%s::bigint[])"
_COUNT_AGAIN: Final = (
    "UPDATE registers_household h SET people = n.people, version = version + 1 FROM ("
    " SELECT household_id, count(*) AS people FROM registers_resident"
    " WHERE household_id = ANY(%s::bigint[]) AND left_on IS NULL AND died_on IS NULL GROUP BY household_id"
    ") n WHERE h.id = n.household_id AND h.people < n.people"
)
