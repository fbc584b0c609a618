"""Running an import: read and check, work out, store; while one batch is stored the next is worked out.

Two things take the time: reading, checking and sealing here, and inserting at the server. They go on side by side, one
batch apart; a large file is read and checked in a process of its own, a batch further ahead (`sheets.apart`). What the
batch on its way opens is remembered beside the database (`Overlay`), and where that does not decide, the next batch
waits (`Unsettled`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

from django.db import IntegrityError, OperationalError, connection

from onegrid.county.registers.models import Import
from onegrid.county.registers.rules.kinds import Kind
from onegrid.county.registers.rules.sheets import apart
from onegrid.county.registers.rules.sheets.headers import Mapping, chosen
from onegrid.county.registers.rules.sheets.problems import Problem, SheetRefused
from onegrid.county.registers.rules.sheets.tables import open_table
from onegrid.county.registers.selectors import choices
from onegrid.county.registers.services.loading import runs, storing
from onegrid.county.registers.services.loading.people import People
from onegrid.county.registers.services.loading.places import Buildings, Dwellings, Households
from onegrid.county.registers.services.loading.plans import REASON, Keys, Plan, Task, Unsettled
from onegrid.county.registers.services.loading.storing import Stale, Stopped
from onegrid.county.registers.services.loading.units import AllPremises, Organisations
from onegrid.foundation.database.context import Standing, acting
from onegrid.foundation.database.write import read

BATCH: Final = 4000
"""Rows of the file that are stored together."""
LARGE: Final = 20_000
"""Rows of a file that is worth a process of its own to be read in."""
TRIES: Final = 6
Clock = Callable[[], datetime]
Source = Callable[[], Path | BinaryIO]
"""Opens the file again, from its beginning."""


class Loader(Protocol):
    """What works out batches of one kind."""

    def plan(self, rows: list[Any], plan: Plan) -> None: ...
    def being_stored(self) -> None: ...
    def stored(self) -> None: ...


LOADERS: Final[dict[Kind, Callable[[Task, Keys], Loader]]] = {
    "residents": People,
    "households": Households,
    "dwellings": Dwellings,
    "buildings": Buildings,
    "premises": AllPremises,
    "organisations": Organisations,
}


@dataclass
class Batch:
    """Some rows of the file, checked."""

    first: int
    last: int
    rows: list[Any]
    problems: list[Problem]
    bad: int


class Running:
    """One run of one file in one process. `beside`: store in a thread of its own, with a connection of its own."""

    def __init__(self, locality: str, run: Import, source: Source, clock: Clock, *, beside: bool = True) -> None:
        self.run, self.source, self.clock, self.beside = run, source, clock, beside
        self.standing = Standing(locality, run.scope_path)
        self.kind: Kind = run.kind  # type: ignore[assignment]
        self.seen: dict[int, int] = {}
        self.at_row = run.last_row
        self.pending: tuple[Future[Import], Batch] | None = None
        self.stored = 0
        self.pool = ThreadPoolExecutor(1, "import") if beside else None

    def go(self, report: Callable[[Import], None] = lambda _: None, stop: threading.Event | None = None) -> Import:
        """To the end of the file, or until told to stop; the run as it is then."""
        failure = ""
        try:
            for batch in self._batches():
                if stop is not None and stop.is_set():
                    break
                self._hand_over(batch)
                report(self.run)
            self._drain()
            report(self.run)
            if stop is not None and stop.is_set():
                return self.run
        except Stopped:
            with acting(self.standing):
                return Import.objects.get(pk=self.run.pk)
        except SheetRefused as why:
            with suppress(Stopped):
                self._drain()
            failure = why.reason
        finally:
            self._close()
        with acting(self.standing):
            self.run = runs.finish(self.run.pk, at=self.clock(), failure=failure)
        return self.run

    def step(self) -> bool:
        """One batch alone, stored before this returns; whether there was one. The end of the file finishes the run."""
        try:
            for batch in self._batches():
                self._hand_over(batch)
                self._drain()
                return True
        finally:
            self._close()
        with acting(self.standing):
            self.run = runs.finish(self.run.pk, at=self.clock())
        return False

    def ahead(self, rows: int) -> tuple[Plan, int]:
        """The plan of the first rows, not stored, and how many they are."""
        some = list(islice(self._open(), rows))
        batch = self._batch(some) if some else Batch(0, 0, [], [], 0)
        return self._plan(batch), len(some)

    def _open(self) -> Iterator[tuple[int, Any]]:
        """Checked rows of the file behind the last one settled; those before are read for what they name only."""
        source, last = self.source(), self.run.last_row
        header = open_table(source, self.run.name).header
        with acting(self.standing):
            mapping = chosen(header, self.kind, self.run.mapping)
            options = choices.part().choices
            self.loader = self._loader(mapping)
        task = apart.Task(source, self.run.name, mapping, options, self._today())
        large = self.beside and self.run.total >= LARGE and apart.possible(source)
        for line, found in (apart.checked if large else apart.here)(task):
            if line > last:
                yield line, found
            elif found is not None and not isinstance(found, list):
                self._twice(found)

    def _loader(self, mapping: Mapping) -> Loader:
        run = self.run
        at = run.started_at or run.created_at
        task = Task(run.pk, self.kind, run.scope_path, frozenset(mapping.places), at, self._today())
        return LOADERS[self.kind](task, Keys())

    def _today(self) -> Any:
        return (self.run.started_at or self.run.created_at).date()

    def _batches(self) -> Iterator[Batch]:
        rows = self._open()
        while some := list(islice(rows, BATCH)):
            yield self._batch(some)

    def _batch(self, some: list[tuple[int, Any]]) -> Batch:
        batch = Batch(some[0][0], some[-1][0], [], [], 0)
        for _, found in some:
            if isinstance(found, list):
                batch.problems += found
                batch.bad += 1
            elif found is not None:
                if (earlier := self._twice(found)) is not None:
                    batch.problems.append(Problem(found.line, "", "", REASON + "twice_in_file", {"line": earlier}))
                    batch.bad += 1
                else:
                    batch.rows.append(found)
        return batch

    def _twice(self, row: Any) -> int | None:
        """The line that named the same thing before."""
        key = hash(storing.name_of(self.kind, row))
        earlier = self.seen.setdefault(key, row.line)
        return None if earlier == row.line else earlier

    def _plan(self, batch: Batch) -> Plan:
        for _ in range(TRIES):
            plan = Plan(batch.first, batch.last, problems=list(batch.problems), bad=batch.bad)
            try:
                with acting(self.standing):
                    read(_BY_INDEXES)
                    self.loader.plan(batch.rows, plan)
            except Unsettled:
                self._drain()
                continue
            if self.run.mode == "whole_batch" and plan.bad:
                plan.give_up([row.line for row in batch.rows])
            plan.problems.sort(key=lambda problem: problem.line)
            plan.pack()
            return plan
        raise Stopped("unsettled")

    def _hand_over(self, batch: Batch) -> None:
        """Work a batch out while the one before is stored, then let it be stored."""
        plan = self._plan(batch)
        if self._drain():
            plan = self._plan(batch)
        if self.pool is None:
            self._store_now(batch, plan)
            return
        self.pending = self.pool.submit(self._store, plan, self.at_row), batch
        self.loader.being_stored()

    def _drain(self) -> bool:
        """Wait for the batch on its way; True when it had to be worked out anew, and what follows with it."""
        if self.pending is None:
            return False
        (future, batch), self.pending = self.pending, None
        again = False
        try:
            self._settled(future.result(), batch)
        except (Stale, IntegrityError):
            again = True
            self.loader.stored()
            self._store_now(batch, self._plan(batch))
        return again

    def _store_now(self, batch: Batch, plan: Plan) -> None:
        for attempt in range(TRIES):
            try:
                self._settled(self._store(plan, self.at_row), batch)
            except (Stale, IntegrityError):
                if attempt == TRIES - 1:
                    raise
                plan = self._plan(batch)
            else:
                return

    def _settled(self, run: Import, batch: Batch) -> None:
        self.run, self.at_row = run, batch.last
        self.loader.stored()

    def _store(self, plan: Plan, behind: int) -> Import:
        with acting(self.standing):
            self.stored += 1
            # After 1, 2, 4, 8 … batches: the tables have doubled.
            fresh = self.stored & (self.stored - 1) == 0
            return storing.store(self.run.pk, plan, behind=behind, at=self.clock(), fresh=fresh)

    def _close(self) -> None:
        if self.pool is not None:
            with suppress(OperationalError):
                self.pool.submit(lambda: connection.close()).result()  # noqa: PLW0108 - the thread's own connection
            self.pool.shutdown()


_BY_INDEXES: Final = (
    "SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),"
    " set_config('enable_mergejoin', 'off', true), set_config('plan_cache_mode', 'force_custom_plan', true)"
)
"""A batch names a few thousand rows of millions: each question is planned for what it names.

Lists are given as arrays, not as text that is cast: the server then knows them when it plans, and looks a member up
instead of comparing with each.
"""
