"""Counts over the rows themselves: the slow truth that the tallies must equal, and the answer where tallies do not
reach (below community level, and under a department's hat)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import CharField, Count, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce

from onegrid.cases.models import Case
from onegrid.cases.selectors.queue import MEASURES, OVER, due_filter

STATUS = "status:"
COLUMNS = {"matter": "matter_id", "department": "department_id", "channel": "channel"}


def totals(
    scope_path: str | None,
    *,
    by: Sequence[str] = ("measure",),
    since: date | None = None,
    until: date | None = None,
    measures: Sequence[str],
    level: int | None = None,
) -> list[tuple[object, ...]]:
    """Rows (*by, n) like the tallies give, counted over the cases in the reader's sight.

    With `level`, rows begin with the path cut after that many segments, for a breakdown by child grid.
    """
    found: list[tuple[object, ...]] = []
    for measure in measures:
        cases, day = _counted(scope_path, measure)
        if since is not None:
            cases = cases.filter(**{f"{day}__gte": since})
        if until is not None:
            cases = cases.filter(**{f"{day}__lte": until})
        found += _grouped(cases, measure, day, by, level)
    return sorted((row for row in found if row[-1]), key=str)


def late(scope_path: str | None, *, now: datetime) -> dict[str, int]:
    """How many open cases are past their deadline or near it, live: the clock moves without a transition."""
    cases = _under(scope_path).exclude(status__in=OVER)
    return cases.aggregate(
        overdue=Count("pk", filter=due_filter("over", now)), due_soon=Count("pk", filter=due_filter("soon", now))
    )


def _counted(scope_path: str | None, measure: str) -> tuple[QuerySet[Case], str]:
    if measure.startswith(STATUS):
        return _under(scope_path).filter(status=measure.removeprefix(STATUS)), "reported_on"
    condition, day = MEASURES[measure]
    return _under(scope_path).filter(condition), day


def _under(scope_path: str | None) -> QuerySet[Case]:
    return Case.objects.filter(Q(scope_path__startswith=scope_path) if scope_path else Q())


def _grouped(
    cases: QuerySet[Case], measure: str, day: str, by: Sequence[str], level: int | None
) -> list[tuple[object, ...]]:
    if level is not None:
        paths: dict[tuple[object, ...], int] = {}
        for row in _rows(cases, day, (*by, "scope_path")):
            *keys, path, n = row
            cut = ".".join(str(path).split(".")[:level]) + "."
            key = (cut, *(measure if name == "measure" else value for name, value in zip(by, keys, strict=True)))
            paths[key] = paths.get(key, 0) + int(str(n))
        return [(*key, n) for key, n in paths.items()]
    return [
        (*(measure if name == "measure" else value for name, value in zip(by, row, strict=False)), row[-1])
        for row in _rows(cases, day, by)
    ]


def _rows(cases: QuerySet[Case], day: str, by: Sequence[str]) -> list[tuple[Any, ...]]:
    """Group in the database; `measure` is a constant and only holds its place."""
    labels: dict[str, Any] = {}
    for name in by:
        if name == "measure":
            labels["at_measure"] = Value("", output_field=CharField())
        elif name == "day":
            labels["at_day"] = F(day)
        elif name == "scope_path":
            labels["at_scope_path"] = F("scope_path")
        elif name == "channel":
            labels["at_channel"] = F("channel")
        else:
            labels[f"at_{name}"] = Coalesce(Cast(COLUMNS[name], CharField()), Value(""))
    names = [f"at_{name}" for name in by]
    grouped = cases.order_by().annotate(**labels).values_list(*names).annotate(n=Count("pk"))
    return list(grouped)
