"""Registers whose rows are one table's: what is known already, what changes, what is new.

Each kind says how its rows are found again and where new ones stand (`places.py`, `units.py`); the rest is the same.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from django.db.models import Model

from onegrid.county.grids import selectors as grids
from onegrid.county.registers.rules.kinds import Kind
from onegrid.county.registers.rules.terms import Hasher
from onegrid.county.registers.services import search
from onegrid.county.registers.services.loading.doors import Refused
from onegrid.county.registers.services.loading.plans import Added, Changed, Insert, Keys, Plan, Task, Update
from onegrid.foundation.database.fields import open_cell, seal_cell
from onegrid.foundation.database.write import read

PLACE: Final = ("grid_id", "scope_path")
CALLED: Final = {"scope_path": "grid", "building_id": "building", "organisation_id": "organisation"}
"""How the book of changes calls columns that are no cell of a sheet."""


@dataclass(frozen=True)
class Cell:
    """A column of the file, the column of the table it goes into, and what an empty cell stores."""

    column: str
    stored: str
    empty: Any = ""
    sealed: bool = False
    new: Any = None
    """What a new row gets when the file says nothing; `empty` when None."""


@dataclass(slots=True)
class Record:
    """A row of the register as the batch finds it."""

    id: int
    version: int
    grid: int
    path: str
    values: dict[str, Any]


@dataclass(frozen=True)
class Spot:
    """Where a new row stands, or a known one goes: its grid, and what else that decides."""

    grid: int
    path: str
    more: Mapping[str, Any] = field(default_factory=dict)


class Ground:
    """Grids by point and by code, as far as the importer's scope reaches. Made once for a run."""

    def __init__(self, scope: str) -> None:
        self._scope = scope
        self._index = grids.index()
        upper = {info.parent for info in self._index.grids.values()}
        self._named: dict[str, list[Spot]] = {}
        self._leaves: dict[str, Spot] = {}
        for info in self._index.grids.values():
            if info.id not in upper and info.scope_path.startswith(scope):
                spot = self._leaves[info.scope_path] = Spot(info.id, info.scope_path)
                for word in {info.code, info.name} - {""}:
                    self._named.setdefault(word, []).append(spot)

    def at(self, lon: float, lat: float) -> Spot:
        """The smallest grid at a point. Raises `Refused` elsewhere; nothing is said of what is there."""
        for _, index in self._index.leaves:
            key = index.locate(lon, lat)
            if key is not None:
                path = self._index.grids[key].scope_path
                if path.startswith(self._scope):
                    return Spot(key, path)
                break
        raise Refused("lon", "outside")

    def named(self, word: str) -> Spot:
        """The smallest grid with this code or name. Raises `Refused`."""
        found = self._named.get(word, [])
        if len(found) != 1:
            raise Refused("grid", "grid_twice" if found else "grid_unknown")
        return found[0]

    def worded(self, words: str) -> Spot | None:
        """The smallest grid an address surely means, with its point where it means one building; None else."""
        meant = grids.meant(words) if words else None
        if meant is None or not meant.scope_path.startswith(self._scope):
            return None
        if meant.lon is not None and meant.lat is not None:
            spot = self.at(meant.lon, meant.lat)
            return Spot(spot.grid, spot.path, {"lon": meant.lon, "lat": meant.lat})
        return self._leaves.get(meant.scope_path)


class Flat(ABC):
    """Plans batches of one kind. Sub-classes say how rows are found and placed."""

    kind: ClassVar[Kind]
    model: ClassVar[type[Model]]
    cells: ClassVar[tuple[Cell, ...]]
    extra: ClassVar[tuple[str, ...]] = ()
    """Columns a place decides beside grid and path."""
    terms: ClassVar[Callable[..., list[int]] | None] = None
    terms_of: ClassVar[tuple[str, ...]] = ()
    """Columns of the table that are found by, in the order `terms` takes them."""

    def __init__(self, task: Task, keys: Keys) -> None:
        self.task, self.keys = task, keys
        self.hasher: Hasher = search.hasher()
        self.table = self.model._meta.db_table
        self.columns = (*[cell.stored for cell in self.cells], *self.extra)
        self.called = {cell.stored: cell.column for cell in self.cells} | CALLED
        self.by_id: dict[int, Record] = {}

    def being_stored(self) -> None:  # noqa: B027 - most kinds have nothing to do
        """Nothing of the batch before is needed: a file names each row once."""

    def stored(self) -> None:  # noqa: B027 - most kinds have nothing to do
        """Everything planned is in the database."""

    @abstractmethod
    def look_up(self, rows: Sequence[Any], plan: Plan) -> None:
        """Ask for what the rows of a batch name."""

    @abstractmethod
    def match(self, row: Any) -> Record | None:
        """The known row this one speaks of. Raises `Refused`."""

    @abstractmethod
    def place(self, row: Any, known: Record | None) -> Spot | None:
        """Where the row stands; None for where it is already. Raises `Refused`."""

    def moved(self, known: Record, spot: Spot, plan: Plan) -> None:  # noqa: B027 - most kinds have nothing to do
        """A known row changes its grid: what goes with it."""

    def finish(self, plan: Plan) -> None:  # noqa: B027 - most kinds have nothing to do
        """Hand over what looking up opened."""

    def plan(self, rows: Sequence[Any], plan: Plan) -> None:
        """Work the rows of a batch out into the plan."""
        ids = [row.id for row in rows if row.id is not None]
        self.by_id = (
            {record.id: record for record in self.records("id = ANY(%s::bigint[])", [list(ids)])} if ids else {}
        )
        self.look_up(rows, plan)
        new = Insert(self.table, ("id", *PLACE, *self.columns))
        changed = Update(self.table, (*PLACE, *self.columns))
        terms: list[tuple[int, list[int]]] = []
        again: list[tuple[int, list[int]]] = []
        touched: set[int] = set()
        for row in rows:
            try:
                known = self._match(row)
                if known is not None and known.id in touched:
                    raise Refused("name", "twice")
                spot = self.place(row, known)
            except Refused as why:
                plan.refuse(row.line, why.column, why.reason, **why.params)
                continue
            if known is None and spot is not None:
                self._add(row, spot, new, terms, plan)
            elif known is not None:
                touched.add(known.id)
                self._compare(row, known, spot, changed, again, plan)
        self.finish(plan)
        if new.rows:
            keys = [row[0] for row in new.rows]
            plan.news.append(Added(self.kind, min(keys), max(keys), len(keys)))
            plan.inserts.append(new)
        if changed.rows:
            plan.updates.append(changed)
        if terms:
            plan.terms.append((self.kind, terms))
        if again:
            plan.terms_again.append((self.kind, again))

    def records(self, condition: str, values: Sequence[Any]) -> list[Record]:
        """Rows of the table in the importer's scope, first made first."""
        names = ", ".join(self.columns)
        sql = f"SELECT id, version, grid_id, scope_path, {names} FROM {self.table} WHERE {condition} ORDER BY id"  # noqa: S608
        return [
            Record(key, version, grid, path, dict(zip(self.columns, cells, strict=True)))
            for key, version, grid, path, *cells in read(sql, list(values))
        ]

    def _match(self, row: Any) -> Record | None:
        if row.id is None:
            return self.match(row)
        known = self.by_id.get(row.id)
        if known is None:
            raise Refused("id", "row_unknown")
        if row.version is not None and row.version != known.version:
            raise Refused("version", "changed_since")
        return known

    def _add(self, row: Any, spot: Spot, new: Insert, terms: list[tuple[int, list[int]]], plan: Plan) -> None:
        key = self.keys.take(self.table)
        stored: dict[str, Any] = dict.fromkeys(self.extra)
        plain: dict[str, Any] = {}
        for cell in self.cells:
            value = getattr(row, cell.column)
            if value in ("", None):
                value = cell.empty if cell.new is None else cell.new
            plain[cell.stored] = value
            stored[cell.stored] = seal_cell(self.model, cell.stored, key, value) if cell.sealed and value else value
        stored |= spot.more
        new.rows.append((key, spot.grid, spot.path, *[stored[name] for name in self.columns]))
        self._find_by(key, {**stored, **plain}, spot.path, terms)
        plan.added += 1

    def _compare(
        self,
        row: Any,
        known: Record,
        spot: Spot | None,
        changed: Update,
        terms: list[tuple[int, list[int]]],
        plan: Plan,
    ) -> None:
        before, after = self._differences(row, known)
        more = {name: value for name, value in (spot.more if spot else {}).items() if known.values[name] != value}
        before |= {name: known.values[name] for name in more}
        after |= more
        if spot is not None and spot.path != known.path:
            before["scope_path"], after["scope_path"] = known.path, spot.path
            self.moved(known, spot, plan)
        if not after:
            plan.same += 1
            return
        grid, path = (spot.grid, spot.path) if spot else (known.grid, known.path)
        stored = dict(known.values)
        sealed = {cell.stored for cell in self.cells if cell.sealed}
        for name, value in after.items():
            if name in stored:
                stored[name] = seal_cell(self.model, name, known.id, value) if name in sealed and value else value
        changed.rows.append((known.id, known.version, grid, path, *[stored[name] for name in self.columns]))
        called = self.called
        plan.changes.append(
            Changed(
                self.kind, known.id, path, {called.get(name, name): value for name, value in before.items()},
                {called.get(name, name): value for name, value in after.items()},
            )
        )  # fmt: skip
        if after.keys() & {*self.terms_of, "scope_path"}:
            self._find_by(known.id, stored, path, terms)
        plan.changed += 1

    def _differences(self, row: Any, known: Record) -> tuple[dict[str, Any], dict[str, Any]]:
        before: dict[str, Any] = {}
        after: dict[str, Any] = {}
        for cell in self.cells:
            if cell.column not in self.task.columns or cell.column in row.kept:
                continue
            value = getattr(row, cell.column)
            if value in ("", None):
                if row.id is None or cell.stored in ("name", "lon", "lat"):
                    continue
                value = cell.empty if cell.new is None else cell.new
            was = known.values[cell.stored]
            if cell.sealed and was is not None:
                was = open_cell(self.model, cell.stored, known.id, was)
            if was != value:
                before[cell.stored], after[cell.stored] = was, value
        return before, after

    def _find_by(self, key: int, values: Mapping[str, Any], path: str, terms: list[tuple[int, list[int]]]) -> None:
        make = type(self).terms
        if make is not None:
            terms.append((key, make(self.hasher, *[values[name] or "" for name in self.terms_of], path)))
