"""What a footprint counts for, as SQL: said once, for folding, reading, rebuilding and checking.

    footprints (n of each) → marks: one row per footprint and day → cells: sums per node, dimension, span, day and key

Nothing here comes from a request: names are constants, values stay parameters.
"""

from __future__ import annotations

from typing import Final

MEASURES: Final = (
    "reported",
    "open",
    "closed",
    "closed_in_time",
    "on_the_spot",
    "returned",
    "reopened",
    "rated",
    "rated_5",
)
"""Columns of a cell. `reported` and `open` count on the day of the report, the others on their own days."""

HOUR: Final = "extract(isodow FROM day)::int || '-' || lpad(hour::text, 2, '0')"
"""Key of an hour of the week: day of the week (Monday is 1), dash, hour."""
ONLY: Final = {"status": ("reported", "open"), "now": ("reported", "open"), "hour": ("reported",)}
"""Dimensions in which not every measure means something."""

# One row for each day on which a footprint counts for something. A footprint's units of one day could share a row;
# summing puts them together anyway.
MARKS: Final = """
SELECT f.scope_path, f.matter, f.department, f.channel, f.status, f.hour, m.*
FROM footprints f, LATERAL (VALUES
    (f.reported_on, f.n, f.n * f.open::int, 0, 0, 0, 0, 0, 0, 0),
    (f.closed_on, 0, 0, f.n, f.n * f.in_time::int, f.n * f.on_the_spot::int, 0, 0, 0, 0),
    (f.returned_on, 0, 0, 0, 0, 0, f.n, 0, 0, 0),
    (f.reopened_on, 0, 0, 0, 0, 0, 0, f.n, 0, 0),
    (f.rated_on, 0, 0, 0, 0, 0, 0, 0, f.n, f.n * f.five::int)
) AS m (day, reported, open, closed, closed_in_time, on_the_spot, returned, reopened, rated, rated_5)
WHERE m.day IS NOT NULL
"""

_SUMS: Final = ", ".join(f"sum({name})::int AS {name}" for name in MEASURES)
_NAMES: Final = ", ".join(MEASURES)
_ANY: Final = " OR ".join(f"sum({name}) <> 0" for name in MEASURES)
_DIMENSION: Final = (
    "CASE grouping(matter, department, channel, status, hour) WHEN 31 THEN 'total' WHEN 15 THEN 'matter'"
    " WHEN 23 THEN 'department' WHEN 27 THEN 'channel' WHEN 29 THEN 'status' ELSE 'hour' END"
)
_KEY: Final = (
    "CASE grouping(matter, department, channel, status, hour) WHEN 31 THEN ''"
    " WHEN 15 THEN coalesce(matter::text, '') WHEN 23 THEN coalesce(department::text, '') WHEN 27 THEN channel"
    f" WHEN 29 THEN status ELSE {HOUR} END"
)


def _meant(dimension: str) -> str:
    """The measures, with 0 for those that mean nothing in the row's dimension (an SQL expression)."""
    columns = []
    for name in MEASURES:
        without = [f"'{one}'" for one, kept in ONLY.items() if name not in kept]
        columns.append(f"CASE WHEN {dimension} IN ({', '.join(without)}) THEN 0 ELSE {name} END" if without else name)
    return ", ".join(f"{column} AS {name}" for column, name in zip(columns, MEASURES, strict=True))


def cells(footprints: str, *, deepest: int) -> str:
    """All cells of the `footprints` (a SELECT with the columns of a footprint and `n`), in order of their key.

    `deepest` is the depth of the lowest nodes that are rolled up. Those keep days only; the nodes above them keep weeks
    too, the hours of the week, and their children. Statuses are kept for all of time as well (span 0).
    """
    return f"""
WITH footprints AS ({footprints}), marks AS ({MARKS}), placed AS (
    SELECT (string_to_array(rtrim(scope_path, '.'), '.'))[1:{deepest + 1}] AS parts, marks.* FROM marks
), low AS (
    SELECT parts, {_DIMENSION} AS dimension, day, {_KEY} AS key, {_SUMS} FROM placed
    GROUP BY GROUPING SETS ((parts, day), (parts, day, matter), (parts, day, department), (parts, day, channel),
        (parts, day, status), (parts, day, hour))
    HAVING {_ANY}
), meant AS (
    SELECT parts, dimension, day, key, {_meant("dimension")} FROM low
), raised AS (
    SELECT array_to_string(parts[1:k], '.') || '.' AS node, k, dimension, day, key, {_NAMES}
    FROM meant, generate_series(1, cardinality(parts)) AS k
    WHERE dimension <> 'hour' OR k <= {deepest}
    UNION ALL
    SELECT array_to_string(parts[1:k], '.') || '.', k, 'child', day, array_to_string(parts[1:k + 1], '.') || '.',
        {_NAMES}
    FROM meant, generate_series(1, least(cardinality(parts), {deepest})) AS k
    WHERE dimension = 'total'
), days AS (
    SELECT node, k, dimension, day, key, {_SUMS} FROM raised GROUP BY node, k, dimension, day, key HAVING {_ANY}
), spans AS (
    SELECT node, dimension, 1 AS span, day, key, {_NAMES} FROM days
    UNION ALL
    SELECT node, dimension, 7, day - (extract(isodow FROM day)::int - 1), key, {_SUMS} FROM days WHERE k <= {deepest}
    GROUP BY 1, 2, 4, 5 HAVING {_ANY}
    UNION ALL
    SELECT node, dimension, 0, date '0001-01-01', key, {_SUMS} FROM days WHERE dimension = 'status'
    GROUP BY 1, 2, 5 HAVING {_ANY}
)
SELECT node AS scope_path, dimension, span, day, key, {_NAMES} FROM spans
ORDER BY 1, 2, 3, 4, 5
"""  # noqa: S608


ADD: Final = (
    f"INSERT INTO journal_tally (scope_path, dimension, span, day, key, {_NAMES}) {{cells}}"
    " ON CONFLICT (scope_path, dimension, span, day, key) DO UPDATE SET "
    + ", ".join(f"{name} = journal_tally.{name} + excluded.{name}" for name in MEASURES)
)


TREND: Final = {
    "day": "day::text",
    "week": "(day - (extract(isodow FROM day)::int - 1))::text",
    "month": "date_trunc('month', day)::date::text",
}
"""Totals by stretch of time: the key is the first day of the stretch."""

LOOSE_EVER: Final = "SELECT * FROM journal_tallydelta"
LOOSE: Final = "SELECT * FROM journal_tallydelta WHERE scope_path >= %(node)s AND scope_path < %(end)s"


_DATED: Final = {
    "reported": ("reported_on", "n"),
    "open": ("reported_on", "CASE WHEN open THEN n ELSE 0 END"),
    "closed": ("closed_on", "n"),
    "closed_in_time": ("closed_on", "CASE WHEN in_time THEN n ELSE 0 END"),
    "on_the_spot": ("closed_on", "CASE WHEN on_the_spot THEN n ELSE 0 END"),
    "returned": ("returned_on", "n"),
    "reopened": ("reopened_on", "n"),
    "rated": ("rated_on", "n"),
    "rated_5": ("rated_on", "CASE WHEN five THEN n ELSE 0 END"),
}
"""Measure → the day of a footprint on which it counts, and how much: what `MARKS` says, without a row for each day."""

_STORED: Final = f"""
    SELECT p.name, p.w, {{key}} AS key, {_NAMES}
    FROM unnest(%(names)s::text[], %(windows)s::int[], %(dimensions)s::text[], %(spans)s::int[],
        %(from)s::date[], %(until)s::date[]) AS p (name, w, dimension, span, since, until),
    LATERAL (SELECT * FROM journal_tally WHERE scope_path = %(node)s AND dimension = p.dimension AND span = p.span
        AND day BETWEEN p.since AND p.until OFFSET 0) AS t
"""  # noqa: S608

_KEYED: Final = f"""
    SELECT name, w, key, {_meant("name")} FROM (
        SELECT q.name, q.w, CASE q.name WHEN 'matter' THEN coalesce(matter::text, '')
            WHEN 'department' THEN coalesce(department::text, '') WHEN 'channel' THEN channel WHEN 'status' THEN status
            WHEN 'now' THEN status WHEN 'hour' THEN {HOUR.replace("day", "reported_on")} WHEN 'child' THEN
            array_to_string((string_to_array(rtrim(scope_path, '.'), '.'))[1:%(level)s], '.') || '.' ELSE '' END AS key,
            {
    ", ".join(
        f"sum(CASE WHEN {day} BETWEEN q.since AND q.until THEN {units} ELSE 0 END)::int AS {name}"
        for name, (day, units) in _DATED.items()
    )
}
        FROM footprints, wanted AS q WHERE q.name NOT IN ('day', 'week', 'month') GROUP BY 1, 2, 3
    ) AS keyed
"""  # noqa: S608


def reading(footprints: str, *, rolled: bool, trend: bool) -> str:
    """Sums of what was asked over the `footprints`, and over the roll-ups of one node when `rolled`.

    Parameters: `node`; `want_…`: name, window, from, until of every answer; when rolled: name, window, dimension, span,
    from, until of the stretches of roll-up that make it up. `level`: segments of a child's path. `trend`: whether any
    name is one of `TREND`; those need a row for each day on which a footprint counts.
    """
    stretch = " ".join(f"WHEN '{name}' THEN {key}" for name, key in TREND.items())
    parts = [_KEYED]
    if rolled:
        parts.append(_STORED.format(key=f"CASE p.name {stretch} ELSE t.key END" if trend else "t.key"))
    if trend:
        parts.append(f"""
    SELECT q.name, q.w, CASE q.name {stretch} END AS key, {_NAMES} FROM ({MARKS}) AS marks, wanted AS q
    WHERE day BETWEEN q.since AND q.until AND q.name IN ('day', 'week', 'month')
""")  # noqa: S608
    return f"""
WITH footprints AS MATERIALIZED ({footprints}), wanted AS (
    SELECT * FROM unnest(%(want_names)s::text[], %(want_windows)s::int[], %(want_from)s::date[], %(want_until)s::date[])
        AS q (name, w, since, until)
), found AS ({" UNION ALL ".join(parts)})
SELECT name, w, key, {_SUMS} FROM found GROUP BY name, w, key HAVING {_ANY} ORDER BY name, w, key
"""  # noqa: S608


def differing(footprints: str, *, deepest: int) -> str:
    """Cells in which what is stored and waiting differs from a count over the `footprints`: stored minus counted."""
    columns = f"scope_path, dimension, span, day, key, {_NAMES}"
    minus = ", ".join(f"-{name} AS {name}" for name in MEASURES)
    waiting, counted = cells(LOOSE_EVER, deepest=deepest), cells(footprints, deepest=deepest)
    return f"""
SELECT scope_path, dimension, span, day, key, {_SUMS} FROM (
    SELECT {columns} FROM journal_tally
    UNION ALL SELECT {columns} FROM ({waiting}) AS waiting
    UNION ALL SELECT scope_path, dimension, span, day, key, {minus} FROM ({counted}) AS counted
) AS both_ways GROUP BY scope_path, dimension, span, day, key HAVING {_ANY} ORDER BY 1, 2, 3, 4, 5 LIMIT %s
"""  # noqa: S608
