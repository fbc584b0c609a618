"""Counting without hot rows: steps append deltas, a folder adds them into the roll-ups of every ancestor.

A read is the roll-up of the node plus the deltas not yet folded, in one statement, so it is exact at any moment.
Roll-ups exist down to `depth` (communities); below, the live index answers and `totals` refuses.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db import connection

from onegrid.foundation.database.managers import upper_bound
from onegrid.foundation.database.write import write

FOLD_LOCK: Final = 7_202
DEPTH: Final = 2
"""Township and village below the county: deeper nodes are read live."""
KEYS: Final = ("day", "measure", "matter", "department", "channel")


class BelowTallies(LookupError):
    """The node is deeper than the roll-ups go; count live instead."""


@dataclass(frozen=True, slots=True)
class Delta:
    """±n of one measure on one day in one grid. `matter` and `department` are ids as text, '' when unknown."""

    scope_path: str
    day: date
    measure: str
    n: int
    matter: str = ""
    department: str = ""
    channel: str = ""


def count(deltas: Iterable[Delta]) -> None:
    """Append steps in the running transaction."""
    rows = [d for d in deltas if d.n]
    if not rows:
        return
    marks = ", ".join(["(%s, %s, %s, %s, %s, %s, %s)"] * len(rows))
    values = [v for d in rows for v in (d.scope_path, d.day, d.measure, d.matter, d.department, d.channel, d.n)]
    columns = "scope_path, day, measure, matter, department, channel, n"
    sql = f"INSERT INTO journal_tallydelta ({columns}) VALUES {marks}"  # noqa: S608
    write([(sql, values)])


def fold(depth: int = DEPTH) -> int:
    """Add all committed deltas into the roll-ups; how many were taken. At root scope; one folder at a time.

    One statement: a reader sees a delta either loose or folded, never twice and never not at all. The upsert is
    ordered, so two folders could not deadlock even without the lock.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, hashtext(current_schema()))", [FOLD_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(FOLD, [depth + 1])
        return int(cursor.fetchone()[0])


FOLD: Final = """
WITH taken AS (
    DELETE FROM journal_tallydelta RETURNING string_to_array(rtrim(scope_path, '.'), '.') AS parts,
        day, measure, matter, department, channel, n
), grouped AS (
    SELECT array_to_string(parts[1:k], '.') || '.' AS node, day, measure, matter, department, channel, sum(n) AS n
    FROM taken, generate_series(1, least(cardinality(parts), %s)) AS k
    GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(n) <> 0
    ORDER BY 1, 2, 3, 4, 5, 6
), added AS (
    INSERT INTO journal_tally (scope_path, day, measure, matter, department, channel, n)
    SELECT node, day, measure, matter, department, channel, n FROM grouped
    ON CONFLICT (scope_path, day, measure, matter, department, channel) DO UPDATE SET n = journal_tally.n + excluded.n
    RETURNING 1
)
SELECT (SELECT count(*) FROM taken) + 0 * (SELECT count(*) FROM added)
"""


def totals(
    node: str,
    *,
    by: Sequence[str] = ("measure",),
    since: date | None = None,
    until: date | None = None,
    measures: Sequence[str] = (),
    depth: int = DEPTH,
    children: bool = False,
) -> list[tuple[object, ...]]:
    """Sums over the subtree of `node` from `since` to `until` (both included), grouped by `by` (of `KEYS`).

    Rows are (*by, n). With `children`, one level down: rows begin with the child's path (cases of the node itself fall
    under `node`). Raises `BelowTallies` when the roll-ups do not reach that deep.
    """
    level = _depth(node) + (1 if children else 0)
    if level > depth:
        raise BelowTallies(node)
    unknown = set(by) - set(KEYS)
    if unknown:
        raise ValueError(f"cannot group by {sorted(unknown)}")
    columns = [*(["node"] if children else []), *by]
    where, values = _window(since, until, measures)
    if children:
        rolled = "array_to_string((string_to_array(rtrim(scope_path, '.'), '.'))[1:%s], '.') || '.'"
        source = f"""
            SELECT scope_path AS node, {", ".join(KEYS)}, n FROM journal_tally
            WHERE scope_path >= %s AND scope_path < %s
              AND length(scope_path) - length(replace(scope_path, '.', '')) = %s {where}
            UNION ALL
            SELECT %s, {", ".join(KEYS)}, n FROM journal_tally WHERE scope_path = %s {where}
            UNION ALL
            SELECT %s, {", ".join(KEYS)}, -n FROM journal_tally
            WHERE scope_path >= %s AND scope_path < %s
              AND length(scope_path) - length(replace(scope_path, '.', '')) = %s {where}
            UNION ALL
            SELECT {rolled}, {", ".join(KEYS)}, n FROM journal_tallydelta
            WHERE scope_path >= %s AND scope_path < %s {where}"""  # noqa: S608
        span = [node, upper_bound(node), level + 1]
        arguments = [*span, *values, node, node, *values, node, *span, *values]
        arguments += [level + 1, node, upper_bound(node), *values]
    else:
        source = f"""
            SELECT {", ".join(KEYS)}, n FROM journal_tally WHERE scope_path = %s {where}
            UNION ALL
            SELECT {", ".join(KEYS)}, n FROM journal_tallydelta
            WHERE scope_path >= %s AND scope_path < %s {where}"""  # noqa: S608
        arguments = [node, *values, node, upper_bound(node), *values]
    listed = ", ".join([*columns, "sum(n)::bigint"])
    grouping = f"GROUP BY {', '.join(columns)} HAVING sum(n) <> 0 ORDER BY {', '.join(columns)}" if columns else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {listed} FROM ({source}) AS steps {grouping}", arguments)  # noqa: S608
        return [tuple(row) for row in cursor.fetchall()]


def _depth(node: str) -> int:
    """How far below the root a path lies: `r.` is 0."""
    return node.count(".") - 1


def _window(since: date | None, until: date | None, measures: Sequence[str]) -> tuple[str, list[Any]]:
    parts, values = [], list[Any]()
    if since is not None:
        parts.append("AND day >= %s")
        values.append(since)
    if until is not None:
        parts.append("AND day <= %s")
        values.append(until)
    if measures:
        parts.append("AND measure = ANY(%s)")
        values.append(list(measures))
    return " ".join(parts), values
