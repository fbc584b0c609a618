"""Counting without hot rows: a step appends the case's footprint, a folder adds footprints into roll-ups.

A footprint is everything the counts need to know of one case, in one narrow row. A new case appends its own once; a
step takes the old one away and appends the new one. So the tallies are the sum of the footprints of all rows, however
a case got where it is. What a footprint counts for (which measure, on which day, under which key) is said once, in
`tally_sql.py`, for folding, reading, rebuilding and checking.

A read is the roll-up plus the footprints not folded yet, in one statement, so it is exact at any moment. Roll-ups
exist down to `DEPTH` (villages); below, count the rows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Any, Final, NamedTuple

from django.db import connection

from onegrid.foundation.database.managers import upper_bound
from onegrid.foundation.database.write import Statement, write
from onegrid.foundation.journal.services import tally_sql

FOLD_LOCK: Final = 7_202
DEPTH: Final = 2
"""Township and village below the county: deeper nodes are counted live."""
BITE: Final = 10_000
"""Footprints that one fold takes at most, so that no fold holds its rows for long."""
BLOCK: Final = 1000


@dataclass(frozen=True, slots=True)
class Footprint:
    """What the tallies need to know of one case. Days are local; `open` says that somebody still works on it."""

    scope_path: str
    reported_on: date
    hour: int
    status: str
    open: bool
    channel: str
    matter: int | None
    department: int | None
    closed_on: date | None = None
    in_time: bool = False
    on_the_spot: bool = False
    rated_on: date | None = None
    five: bool = False
    returned_on: date | None = None
    reopened_on: date | None = None


COLUMNS: Final = tuple(Footprint.__slots__)
_ROW: Final = f"({', '.join(['%s'] * (len(COLUMNS) + 1))})"
_INSERT: Final = f"INSERT INTO journal_tallydelta ({', '.join(COLUMNS)}, n) VALUES "  # noqa: S608


def steps(footprints: Mapping[Footprint, int]) -> Statement | None:
    """The one statement that appends footprints, each n times (negative: taken away); None when nothing changes.

    A new case: `steps({footprint: 1})`. A step of a case: `steps({before: -1, after: 1})`.
    """
    rows = [(*astuple(footprint), n) for footprint, n in footprints.items() if n]
    if not rows:
        return None
    return _INSERT + ", ".join([_ROW] * len(rows)), [value for row in rows for value in row]


def count(footprints: Mapping[Footprint, int]) -> None:
    """Append footprints in the running transaction."""
    waiting = list(footprints.items())
    for start in range(0, len(waiting), BLOCK):
        statement = steps(dict(waiting[start : start + BLOCK]))
        if statement is not None:
            write([statement])


def fold(depth: int = DEPTH, *, bite: int = BITE) -> int:
    """Add committed footprints into the roll-ups, the oldest `bite` of them; how many were taken. One folder at a time.

    At root scope. One statement: a reader sees a footprint either loose or folded, never twice and never not at all.
    The upsert is ordered, so two folders could not deadlock even without the lock.
    """
    with connection.cursor() as cursor:
        if not _locked(cursor):
            return 0
        cursor.execute(_fold(depth), [bite])
        return int(cursor.fetchone()[0])


def rebuild(footprints: Statement, parts: Sequence[str] = (), depth: int = DEPTH) -> int:
    """Count all over again from the rows; how many cases were counted. At root scope, in one transaction.

    `footprints` selects the footprint of every case, each with `n` = 1. `parts` are paths at which the work is cut
    into pieces that fit into memory (the townships'); every row is counted whatever they are.

    Writers and readers go on: rows and loose footprints of a piece are taken in one snapshot, so what commits meanwhile
    stays loose, also a case that moves from one piece to another. Waits for a running fold; folds pause until it is
    done.
    """
    sql, values = footprints
    edges = [None, *sorted(set(parts)), None]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(current_schema()))", [FOLD_LOCK])
        cursor.execute("SET LOCAL work_mem = '256MB'")
        cursor.execute("DELETE FROM journal_tally")
        counted = 0
        for since, until in pairwise(edges):
            bounds = [(" scope_path >= %s", since), (" scope_path < %s", until)]
            within = " AND".join(condition for condition, edge in bounds if edge is not None) or " true"
            given = [edge for _, edge in bounds if edge is not None]
            added = tally_sql.ADD.format(
                cells=tally_sql.cells(f"SELECT * FROM ({sql}) AS every WHERE{within}", deepest=depth)  # noqa: S608
            )
            cursor.execute(
                f"WITH loose AS (DELETE FROM journal_tallydelta WHERE{within}), added AS ({added})"  # noqa: S608
                f" SELECT count(*) FROM ({sql}) AS every WHERE{within}",
                [*given, *values, *given, *values, *given],
            )
            counted += cursor.fetchone()[0]
        return counted


def check(footprints: Statement, depth: int = DEPTH, *, limit: int = 20) -> list[tuple[Any, ...]]:
    """The first cells that differ from a count over the rows: their key, and by how much each measure is too high.

    In one snapshot, at root scope; empty when all is right.
    """
    sql, values = footprints
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '256MB'")
        cursor.execute(tally_sql.differing(sql, deepest=depth), [*values, limit])
        return [tuple(row) for row in cursor.fetchall()]


def tidy(today: date) -> int:
    """Forget cells in which nothing is counted any more (a reclassified or moved case leaves one); how many.

    Only of days gone by: today's will be counted in again. Nothing else is ever dropped: the number of cells is bounded
    by nodes × days × keys whatever the number of cases, and every number of the past must still open.
    """
    empty = " AND ".join(f"{name} = 0" for name in tally_sql.MEASURES)
    with connection.cursor() as cursor:
        if not _locked(cursor):
            return 0
        cursor.execute(f"DELETE FROM journal_tally WHERE {empty} AND day < %s", [today])  # noqa: S608
        return int(cursor.rowcount)


def _locked(cursor: Any) -> bool:
    """Whether this transaction is the one that changes roll-ups now."""
    cursor.execute("SELECT pg_try_advisory_xact_lock(%s, hashtext(current_schema()))", [FOLD_LOCK])
    return bool(cursor.fetchone()[0])


@cache
def _fold(depth: int) -> str:
    taken = f"""DELETE FROM journal_tallydelta WHERE id IN (SELECT id FROM journal_tallydelta ORDER BY id LIMIT %s)
        RETURNING {", ".join(COLUMNS)}, n"""  # noqa: S608
    added = tally_sql.ADD.format(cells=tally_sql.cells("SELECT * FROM taken", deepest=depth))
    return f"""WITH taken AS ({taken}), added AS ({added} RETURNING 1)
        SELECT (SELECT count(*) FROM taken) + 0 * (SELECT count(*) FROM added)"""  # noqa: S608


class BelowTallies(LookupError):
    """The node is deeper than the roll-ups of this dimension go; count the rows instead."""


class Cell(NamedTuple):
    """The counts under one key of one dimension in one of the windows asked for."""

    dimension: str
    window: int
    key: str
    reported: int = 0
    open: int = 0
    closed: int = 0
    closed_in_time: int = 0
    on_the_spot: int = 0
    returned: int = 0
    reopened: int = 0
    rated: int = 0
    rated_5: int = 0


Window = tuple[date, date]
"""First and last day, both included."""
ALWAYS: Final[Window] = (date.min, date.max)
DIMENSIONS: Final = (
    *("total", "matter", "department", "channel", "child", "status", "hour"),
    *("now", "day", "week", "month"),
)
"""What can be asked for. `hour`: day of the week and hour of reports, `1-00` to `7-23`; `now`: today's statuses of all
cases ever, whatever the windows; `day`, `week`, `month`: totals by stretch of time, the key being its first day."""
_STORED: Final = {"now": "status", "day": "total", "week": "total", "month": "total"}


def kept(node: str, dimension: str, depth: int = DEPTH) -> bool:
    """Whether a roll-up answers: to `depth`, and one level less for children and hours."""
    return _depth(node) <= depth - (dimension in ("child", "hour"))


def read(node: str, dimensions: Sequence[str], windows: Sequence[Window], *, depth: int = DEPTH) -> list[Cell]:
    """The counts of the subtree of `node` by each of `DIMENSIONS` asked for, in each window (by its position).

    Exact at the moment of asking, all in one statement. Children are keyed by path; cases of the node itself stand
    under its own. Raises `BelowTallies` where no roll-up is kept.
    """
    if any(not kept(node, dimension, depth) for dimension in dimensions):
        raise BelowTallies(node)
    pieces = [
        (name, number, _STORED.get(name, name), *piece)
        for name, number, window in _wanted(dimensions, windows)
        for piece in _pieces(name, window, weeks=_depth(node) < depth)
    ]
    columns = ("names", "windows", "dimensions", "spans", "from", "until")
    asked: dict[str, Any] = {column: [piece[at] for piece in pieces] for at, column in enumerate(columns)}
    asked |= {"end": upper_bound(node)}
    return _answer(_reading(tally_sql.LOOSE, True, dimensions), node, dimensions, windows, asked)


def read_rows(
    footprints: str,
    values: Sequence[Any],
    node: str,
    dimensions: Sequence[str],
    windows: Sequence[Window],
    *,
    level: int | None = None,
) -> list[Cell]:
    """The same counts over footprints that a statement finds, for where no roll-up reaches.

    `footprints` selects the columns of a footprint (`COLUMNS`) and `n`, with `values` for its marks (`%s`). `level`:
    how many segments the path of a `child` has, when those right below `node` are not meant.
    """
    named = {f"v{at}": value for at, value in enumerate(values)}
    marks = iter(named)
    source = re.sub(r"%s", lambda _: f"%({next(marks)})s", footprints)
    return _answer(_reading(source, False, dimensions), node, dimensions, windows, named, level)


def _reading(footprints: str, rolled: bool, dimensions: Sequence[str]) -> str:
    return tally_sql.reading(footprints, rolled=rolled, trend=any(name in tally_sql.TREND for name in dimensions))


def _answer(
    sql: str,
    node: str,
    dimensions: Sequence[str],
    windows: Sequence[Window],
    asked: dict[str, Any],
    level: int | None = None,
) -> list[Cell]:
    wanted = _wanted(dimensions, windows)
    asked |= {
        "node": node, "level": level or _depth(node) + 2,
        "want_names": [name for name, _, _ in wanted], "want_windows": [number for _, number, _ in wanted],
        "want_from": [window[0] for _, _, window in wanted], "want_until": [window[1] for _, _, window in wanted],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        return [Cell(*row) for row in cursor.fetchall()]


def _wanted(dimensions: Sequence[str], windows: Sequence[Window]) -> list[tuple[str, int, Window]]:
    """Every answer asked for: name, number of the window, window."""
    unknown = set(dimensions) - set(DIMENSIONS)
    if unknown:
        raise ValueError(f"no tallies by {sorted(unknown)}")
    found = []
    for name in dimensions:
        spans = [ALWAYS] if name == "now" else windows
        found += [(name, number, window) for number, window in enumerate(spans)]
    return found


def _pieces(name: str, window: Window, *, weeks: bool) -> list[tuple[int, date, date]]:
    """The stretches of roll-up (span, first, last key day) that make up a window: days, whole weeks, days."""
    if name == "now":
        return [(0, date.min, date.min)]
    since, until = window
    if not weeks or name in tally_sql.TREND:
        return [(1, since, until)]
    first = since.toordinal() + (1 - since.isoweekday()) % 7
    last = until.toordinal() - until.isoweekday() % 7
    if last - first < 6:
        return [(1, since, until)]
    made = [(7, date.fromordinal(first), date.fromordinal(last))]
    if first > since.toordinal():
        made.append((1, since, date.fromordinal(first - 1)))
    if last < until.toordinal():
        made.append((1, date.fromordinal(last + 1), until))
    return made


def _depth(node: str) -> int:
    """How far below the root a path lies: `r.` is 0."""
    return node.count(".") - 1
