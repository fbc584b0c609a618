"""Counts over the rows themselves: the slow truth that the tallies must equal, and the answer where tallies do not
reach (below community level, and under a department's hat). What is late is always counted here, by the clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from django.db.models import Count, F, Func, Q, QuerySet, TextField, Value

from onegrid.cases.models import Case
from onegrid.cases.selectors.queue import OVER, due_filter
from onegrid.cases.selectors.setting import setting
from onegrid.foundation.database.context import ROOT
from onegrid.foundation.database.managers import upper_bound
from onegrid.foundation.database.write import Statement
from onegrid.foundation.journal.services import tallies
from onegrid.foundation.journal.services.tallies import Cell, Window

DAYS: Final = ("reported_on", "closed_on", "rated_on", "returned_on", "reopened_on")
"""The days on which a case counts for something."""
_NEEDED: Final = (
    *("scope_path", "reported_at", "status", "channel", "matter_id", "department_id", "in_time", "on_the_spot"),
    *("rating", *DAYS),
)
_FOOTPRINT: Final = """
SELECT scope_path, reported_on, extract(hour FROM reported_at AT TIME ZONE %s)::smallint AS hour, status,
    status <> ALL(%s) AS open, channel, matter_id AS matter, department_id AS department, closed_on,
    closed_on IS NOT NULL AND coalesce(in_time, false) AS in_time, closed_on IS NOT NULL AND on_the_spot AS on_the_spot,
    CASE WHEN rating IS NOT NULL THEN rated_on END AS rated_on, coalesce(rating = 5, false) AS five,
    returned_on, reopened_on, 1 AS n
FROM """


def footprints(source: Statement = ("cases_case", ())) -> Statement:
    """The footprints of rows, each once: what `flow.counting.footprint` makes of a case, said in SQL.

    `source` is a table or a bracketed SELECT of its columns; without one, every case there is.
    """
    sql, values = source
    return f"{_FOOTPRINT}{sql} AS counted", [str(setting().zone), list(OVER), *values]


def read(scope_path: str | None, dimensions: Sequence[str], windows: Sequence[Window]) -> list[Cell]:
    """Counts like `tallies.read` gives, over the cases in the reader's sight below `scope_path` (None: all of them)."""
    dated = [name for name in dimensions if name != "now"]
    found: list[Cell] = []
    if dated:
        touched = Q()
        for day in DAYS:
            for since, until in windows:
                touched |= Q(**{f"{day}__range": (since, until)})
        rows, values = under(scope_path).filter(touched).values(*_NEEDED).query.sql_with_params()
        sql, all_values = footprints((f"({rows})", values))
        found += tallies.read_rows(sql, all_values, scope_path or ROOT, dated, windows)
    if "now" in dimensions:
        counted = under(scope_path).order_by().values_list("status").annotate(n=Count("*"))
        found += [Cell("now", 0, status, reported=n, open=0 if status in OVER else n) for status, n in counted]
    return found


def spread(scope_path: str | None, segments: int, window: Window, narrowed: Q) -> dict[str, Cell]:
    """Path of so many segments (`r.` has one) → the counts of the cases below it, of those in the reader's sight.

    For levels and conditions that no roll-up is kept for. `narrowed` says which cases count.
    """
    touched = Q()
    for day in DAYS:
        touched |= Q(**{f"{day}__range": window})
    rows, values = under(scope_path).filter(touched, narrowed).values(*_NEEDED).query.sql_with_params()
    sql, all_values = footprints((f"({rows})", values))
    found = tallies.read_rows(sql, all_values, scope_path or ROOT, ["child"], [window], level=segments)
    return {cell.key: cell for cell in found}


def open_now(scope_path: str | None, segments: int, narrowed: Q) -> dict[str, int]:
    """Path of so many segments → how many cases below it somebody works on now."""
    rows = under(scope_path).filter(narrowed, waits_on__gt="").exclude(status__in=OVER)
    cut = rows.order_by().annotate(child=_Cut(F("scope_path"), Value(segments))).values_list("child")
    return dict(cut.annotate(n=Count("*")))


class Late(NamedTuple):
    """Open cases past their deadline, and near it."""

    overdue: int = 0
    due_soon: int = 0


def late(
    scope_path: str | None, *, now: datetime, segments: int | None = None, narrowed: Q | None = None
) -> dict[str, Late]:
    """Path of each child → its late cases; cases of the node itself stand under its own path. Their sum is the node's.

    `segments`: of the paths that are told, when not of the children; `narrowed`: which cases count.

    Live, for the clock moves without a transition; read off the index of what is due: only running clocks have a place
    there, and only those whose warning time has come are looked at (the warning comes before the deadline).
    """
    level = segments or (scope_path or ROOT).count(".") + 1
    near = under(scope_path).filter(narrowed or Q(), due_at__isnull=False, warn_at__lte=now).exclude(status__in=OVER)
    rows = near.order_by().annotate(child=_Cut(F("scope_path"), Value(level))).values_list("child")
    counted = rows.annotate(
        over=Count("due_at", filter=due_filter("over", now)), soon=Count("due_at", filter=due_filter("soon", now))
    )
    return {path: Late(over, soon) for path, over, soon in counted}


class _Cut(Func):
    """A path cut after so many segments."""

    template = "array_to_string((string_to_array(rtrim(%(expressions)s], '.') || '.'"
    arg_joiner = ", '.'), '.'))[1:"
    output_field = TextField()


def under(scope_path: str | None) -> QuerySet[Case]:
    """The cases in the reader's sight below a path; None: all of them."""
    if scope_path is None:
        return Case.objects.all()
    return Case.objects.filter(scope_path__gte=scope_path, scope_path__lt=upper_bound(scope_path))
