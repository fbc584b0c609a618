"""What one batch of rows is going to write, worked out before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from onegrid.county.registers.rules.kinds import Kind
from onegrid.county.registers.rules.sheets.problems import Problem
from onegrid.county.registers.rules.terms import NUMBERS
from onegrid.county.registers.services.loading.likely import Likeness
from onegrid.foundation.database.bulk import Packed, next_keys, pack

REASON: Final = "register_loading.reasons."
DRAWN: Final = 2000


class Unsettled(Exception):
    """What a row is cannot be told before the batch in front of it is stored: ask again after that."""


@dataclass(frozen=True)
class Task:
    """What a loader knows of the run it works for."""

    run: int
    kind: Kind
    scope: str
    columns: frozenset[str]
    """Columns the file has, of ours."""
    at: datetime
    """When the run was begun: the time everything of it is dated, however often it is resumed."""
    today: date


class Keys:
    """Row numbers drawn from the tables' sequences some at a time, and buildings by other words: one for a run."""

    def __init__(self) -> None:
        self._drawn: dict[str, list[int]] = {}
        self.likeness = Likeness()

    def take(self, table: str) -> int:
        """The next one for this table."""
        some = self._drawn.get(table)
        if not some:
            some = self._drawn[table] = next_keys(table, "id", DRAWN)[::-1]
        return some.pop()


@dataclass
class Insert:
    """New rows of one table."""

    table: str
    columns: Sequence[str]
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    packed: list[Packed] = field(default_factory=list)
    """The rows as they are sent, once `Plan.pack` was called."""


@dataclass
class Update:
    """Rows that change: id, the version last seen, then a value for each column."""

    table: str
    columns: Sequence[str]
    rows: list[tuple[Any, ...]] = field(default_factory=list)


class Changed(NamedTuple):
    """A row that changed, for the book of changes: the fields that did, before and after."""

    kind: Kind
    id: int
    scope_path: str
    before: dict[str, Any]
    after: dict[str, Any]


class Added(NamedTuple):
    """New rows of one register in a batch."""

    kind: Kind
    first: int
    last: int
    rows: int


@dataclass
class Plan:
    """One batch: what is written in which order, and what became of its rows."""

    first: int
    last: int
    inserts: list[Insert] = field(default_factory=list)
    updates: list[Update] = field(default_factory=list)
    statements: list[tuple[str, list[Any]]] = field(default_factory=list)
    terms: list[tuple[Kind, list[tuple[int, list[int]]]]] = field(default_factory=list)
    """What finds new rows, by kind: key and terms."""
    found_by: bytes = b""
    """The same as it is sent, once `pack` was called."""
    terms_again: list[tuple[Kind, list[tuple[int, list[int]]]]] = field(default_factory=list)
    """The same for rows that change."""
    changes: list[Changed] = field(default_factory=list)
    news: list[Added] = field(default_factory=list)
    regridded: list[tuple[Kind, list[int], str, str]] = field(default_factory=list)
    """Rows that go to another grid with their building: kind, keys, path before and after."""
    moved: dict[str, list[int]] = field(default_factory=dict)
    """Residents who move to another grid, by its path: care goes along."""
    problems: list[Problem] = field(default_factory=list)
    added: int = 0
    changed: int = 0
    same: int = 0
    bad: int = 0

    def refuse(self, line: int, column: str, reason: str, **params: str | int) -> None:
        """A row that cannot go in for what the register says. The value is never told: the row's own cell shows it."""
        self.problems.append(Problem(line, column, "", REASON + reason, params))
        self.bad += 1

    def pack(self) -> None:
        """Write out what is new as it will be sent, before a transaction waits for it."""
        for insert in self.inserts:
            insert.packed = pack(insert.rows)
        lines = [
            f"{NUMBERS[kind]}\t{key}\t{{{','.join(map(str, some))}}}\n"
            for kind, rows in self.terms
            for key, some in rows
        ]
        self.found_by = "".join(lines).encode()

    def give_up(self, lines: Sequence[int]) -> None:
        """One bad row refuses the batch: its good rows stay out with it."""
        refused = {problem.line for problem in self.problems}
        self.inserts, self.updates, self.statements, self.changes, self.news = [], [], [], [], []
        self.terms, self.terms_again, self.regridded, self.moved = [], [], [], {}
        self.added = self.changed = self.same = 0
        for line in lines:
            if line not in refused:
                self.refuse(line, "", "batch_refused")
        self.problems.sort(key=lambda problem: problem.line)
