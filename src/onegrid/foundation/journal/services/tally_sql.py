"""What a footprint counts for, as SQL: said once, for folding, reading, rebuilding and checking.

    footprints (n of each) → marks: one row per footprint and day → cells: sums per node, dimension, span, day and key

Nothing here comes from a request: names are constants, values stay parameters.
"""

# ruff: noqa: S608

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

_DATED: Final = {
    "reported_on": {"reported": "n", "open": "CASE WHEN open THEN n ELSE 0 END"},
    "closed_on": {
        "closed": "n",
        "closed_in_time": "CASE WHEN in_time THEN n ELSE 0 END",
        "on_the_spot": "CASE WHEN on_the_spot THEN n ELSE 0 END",
    },
    "returned_on": {"returned": "n"},
    "reopened_on": {"reopened": "n"},
    "rated_on": {"rated": "n", "rated_5": "CASE WHEN five THEN n ELSE 0 END"},
}
"""Day of a footprint → what it counts for on that day, and how much."""


def _marks(columns: str) -> str:
    """One row, with these columns of the `footprints`, for each day on which a footprint counts for something."""
    return " UNION ALL ".join(
        f"SELECT {columns}, {day} AS day, {', '.join(f'{units.get(name, 0)} AS {name}' for name in MEASURES)}"
        f" FROM footprints WHERE {day} IS NOT NULL"
        for day, units in _DATED.items()
    )


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


_ABOVE: Final = "left(node, length(node) - position('.' in reverse(left(node, -1))))"
"""The path of the node above: up to the dot before the last."""


def cells(footprints: str, *, deepest: int) -> str:
    """All cells of the `footprints` (a SELECT with the columns of a footprint and `n`), in order of their key.

    `deepest` is the depth of the lowest nodes that are rolled up. Those keep days only; the nodes above them keep weeks
    too, the hours of the week, and their children. Statuses are kept for all of time as well (span 0). Each level is
    summed up from the one below it.
    """
    cell = f"node, dimension, day, key, {_NAMES}"
    levels, stored = [], [f"SELECT {cell} FROM level{deepest} WHERE dimension <> 'hour'"]
    for depth in range(deepest, -1, -1):
        own = f"SELECT {cell} FROM low WHERE depth = {depth}"
        if depth == deepest:
            levels.append(f"level{depth} AS ({own})")
            continue
        above = f"SELECT {_ABOVE} AS node, dimension, day, key, {_NAMES} FROM level{depth + 1}"
        levels.append(f"""level{depth} AS (
    SELECT node, dimension, day, key, {_SUMS} FROM ({own} UNION ALL {above}) AS parts GROUP BY 1, 2, 3, 4 HAVING {_ANY}
)""")
        levels.append(f"""upper{depth} AS (
    SELECT {cell} FROM level{depth}
    UNION ALL SELECT {_ABOVE}, 'child', day, node, {_NAMES} FROM level{depth + 1} WHERE dimension = 'total'
    UNION ALL SELECT node, 'child', day, node, {_NAMES} FROM low WHERE depth = {depth} AND dimension = 'total'
)""")
        stored.append(f"SELECT {cell} FROM upper{depth}")
    upper = " UNION ALL ".join(f"SELECT {cell} FROM upper{depth}" for depth in range(deepest)) or "SELECT * FROM none"
    every = " UNION ALL ".join(f"SELECT {cell} FROM level{depth}" for depth in range(deepest + 1))
    return f"""
WITH given AS ({footprints}), footprints AS MATERIALIZED (
    SELECT array_to_string((string_to_array(rtrim(scope_path, '.'), '.'))[1:{deepest + 1}], '.') || '.' AS node, given.*
    FROM given
), marks AS ({_marks("node, matter, department, channel, status, hour")}), summed AS (
    SELECT node, {_DIMENSION} AS dimension, day, {_KEY} AS key, {_SUMS} FROM marks
    GROUP BY GROUPING SETS ((node, day), (node, day, matter), (node, day, department), (node, day, channel),
        (node, day, status), (node, day, hour))
    HAVING {_ANY}
), low AS MATERIALIZED (
    SELECT node, length(node) - length(replace(node, '.', '')) - 1 AS depth, dimension, day, key, {_meant("dimension")}
    FROM summed WHERE dimension NOT IN ('status', 'hour') OR reported <> 0 OR open <> 0
), none AS (SELECT {cell} FROM low WHERE false), {", ".join(levels)}, spans AS (
    SELECT node, dimension, 1 AS span, day, key, {_NAMES} FROM ({" UNION ALL ".join(stored)}) AS days
    UNION ALL
    SELECT node, dimension, 7, day - (extract(isodow FROM day)::int - 1), key, {_SUMS} FROM ({upper}) AS days
    GROUP BY 1, 2, 4, 5 HAVING {_ANY}
    UNION ALL
    SELECT node, dimension, 0, date '0001-01-01', key, {_SUMS} FROM ({every}) AS days WHERE dimension = 'status'
    GROUP BY 1, 2, 5 HAVING {_ANY}
)
SELECT node AS scope_path, dimension, span, day, key, {_NAMES} FROM spans ORDER BY 1, 2, 3, 4, 5
"""


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


_STORED: Final = f"""
    SELECT p.name, p.w, {{key}} AS key, {_NAMES}
    FROM unnest(%(names)s::text[], %(windows)s::int[], %(dimensions)s::text[], %(spans)s::int[],
        %(from)s::date[], %(until)s::date[]) AS p (name, w, dimension, span, since, until),
    LATERAL (SELECT * FROM journal_tally WHERE scope_path = %(node)s AND dimension = p.dimension AND span = p.span
        AND day BETWEEN p.since AND p.until OFFSET 0) AS t
"""

_WITHIN: Final = ", ".join(
    f"sum(CASE WHEN {day} BETWEEN q.since AND q.until THEN {units} ELSE 0 END)::int AS {name}"
    for day, counted in _DATED.items()
    for name, units in counted.items()
)

_KEYED: Final = f"""
    SELECT name, w, key, {_meant("name")} FROM (
        SELECT q.name, q.w, CASE q.name WHEN 'matter' THEN coalesce(matter::text, '')
            WHEN 'department' THEN coalesce(department::text, '') WHEN 'channel' THEN channel WHEN 'status' THEN status
            WHEN 'now' THEN status WHEN 'hour' THEN {HOUR.replace("day", "reported_on")} WHEN 'child' THEN
            array_to_string((string_to_array(rtrim(scope_path, '.'), '.'))[1:%(level)s], '.') || '.' ELSE '' END AS key,
            {_WITHIN}
        FROM footprints, wanted AS q WHERE q.name NOT IN ('day', 'week', 'month') GROUP BY 1, 2, 3
    ) AS keyed
"""


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
    SELECT q.name, q.w, CASE q.name {stretch} END AS key, {_NAMES} FROM ({_marks("scope_path")}) AS marks, wanted AS q
    WHERE day BETWEEN q.since AND q.until AND q.name IN ('day', 'week', 'month')
""")
    return f"""
WITH footprints AS MATERIALIZED ({footprints}), wanted AS (
    SELECT * FROM unnest(%(want_names)s::text[], %(want_windows)s::int[], %(want_from)s::date[], %(want_until)s::date[])
        AS q (name, w, since, until)
), found AS ({" UNION ALL ".join(parts)})
SELECT name, w, key, {_SUMS} FROM found GROUP BY name, w, key HAVING {_ANY} ORDER BY name, w, key
"""


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
"""
