"""Computes the published figures of a locality from its rows, beside what was published.

Case figures are read from the tallies wherever one of their dimensions suffices, everything else is counted. The
reader must have the whole locality before him: a figure of the county means nothing in a village.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Avg, F, Q

from onegrid.cases.models import Case
from onegrid.cases.selectors.setting import setting
from onegrid.county.grids import selectors as grids
from onegrid.county.matters import selectors as matters
from onegrid.county.matters.rules.limits import Unit
from onegrid.county.organisations import selectors as organisations
from onegrid.county.registers import selectors as registers
from onegrid.county.workforce import selectors as workforce
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.database.context import ROOT
from onegrid.foundation.journal.services import tallies
from onegrid.foundation.journal.services.tallies import Cell
from onegrid.foundation.kernel.errors import Forbidden, NotSignedIn
from onegrid.insight.assessment.rules.measures import YEARS, How, Narrowed, same

FIVE_SEEN: Final = ["people", "site", "process", "effect", "analysis"]
_FIVE_SEEN_SQL: Final = """
SELECT count(*) FROM cases_case c WHERE c.closed_on IS NOT NULL AND EXISTS (
    SELECT 1 FROM cases_caseaction a WHERE a.case_id = c.id AND a.action = 'handle' AND a.data -> 'evidence' ?& %s)
"""
_OPENS: Final = {
    "reported": "reported", "closed": "closed", "closed_in_time": "closed_in_time",
    "closed_in_time_rate": "closed_in_time", "on_the_spot_rate": "on_the_spot", "closed_per_day": "closed",
    "rated": "rated", "rated_five": "rated_5", "days_to_close": "closed",
}  # fmt: skip
"""Measure → the queue's own measure that lists the same cases."""


@dataclass(frozen=True)
class Figure:
    """A published number and the same number here; ``computed`` is None where nothing carries it yet."""

    key: str
    unit: str
    value: float
    source: str
    later: str
    full_scale: bool
    how: Mapping[str, Any] | None
    computed: float | None
    equal: bool | None
    query: str | None


def published(actor: Actor, *, now: datetime) -> list[Figure]:
    """Every figure of the pack in force, in its order.

    Raises NotSignedIn, and Forbidden for whoever does not have the whole locality in his reach.
    """
    if actor.kind == "anonymous":
        raise NotSignedIn()
    if actor.kind != "staff" or actor.department_path or actor.scope_path != ROOT:
        raise Forbidden()
    return figures(setting().day(now))


def figures(day: date) -> list[Figure]:
    """The figures as they stand on a day, over the whole locality; the caller's scope is the root."""
    told = matters.current_pack().content.get("assessment", {}).get("figures", [])
    computing = Computing(day)
    return [_figure(row, computing) for row in told]


def _figure(row: Mapping[str, Any], computing: Computing) -> Figure:
    how = _how(row.get("how"))
    computed = computing.value(how) if how is not None else None
    return Figure(
        key=row["key"], unit=row["unit"], value=row["value"], source=row["source"], later=row.get("later", ""),
        full_scale=row.get("full_scale", True), how=row.get("how"), computed=computed,
        equal=same(row["value"], computed, row["unit"]) if how is not None else None,
        query=_query(how) if how is not None else None,
    )  # fmt: skip


def _how(told: Mapping[str, Any] | None) -> How | None:
    if not told:
        return None
    cases = told["cases"]
    narrowed = Narrowed(tuple(cases["kinds"]), cases["channel"], cases["bearer"], cases["on_the_spot"])
    return How(told["measure"], told["of"], narrowed)


def _query(how: How) -> str | None:
    """The queue's filter that lists the counted cases; None where it has none."""
    measure, cases = _OPENS.get(how.measure), how.cases
    if measure is None or cases.kinds or cases.bearer or cases.on_the_spot is not None:
        return None
    return urlencode({"tab": "all", "measure": measure, **({"channel": cases.channel} if cases.channel else {})})


class Computing:
    """Computes measures for one day; what several figures need is read once."""

    def __init__(self, day: date) -> None:
        self.day = day
        self._cells: dict[str, dict[str, Cell]] | None = None
        self._counts: dict[Narrowed, dict[str, int]] = {}

    def value(self, how: How) -> float | None:
        """The number, None where there is nothing to divide by. Raises LookupError for an unknown level."""
        plain = _PLAIN.get(how.measure)
        if plain is not None:
            return plain(how.of, self.day)
        if how.measure == "limit_minutes":
            return _limit_minutes(how.of)
        found = self.cases(how.cases if how.measure not in _IN_GRID else _borne_by_grid(how.cases))
        if how.measure == "closed_in_grid_rate":
            return _share(found["closed"], self.cases(how.cases)["closed"])
        if how.measure == "closed_per_day":
            return found["closed"] / (365 * YEARS)
        above, below = _OF_CASES[how.measure]
        return _share(found[above], found[below]) if below else found[above]

    def cases(self, narrowed: Narrowed) -> dict[str, int]:
        """The counts over two years of the cases a figure is about: from the tallies when they are kept that way."""
        if narrowed not in self._counts:
            self._counts[narrowed] = self._tallied(narrowed) or self._counted(narrowed)
        return self._counts[narrowed]

    def _tallied(self, narrowed: Narrowed) -> dict[str, int] | None:
        asked = [bool(narrowed.kinds), bool(narrowed.channel), bool(narrowed.bearer)]
        if sum(asked) > 1 or narrowed.on_the_spot is not None:
            return None
        if narrowed.kinds:
            wanted = {str(one.id) for one in matters.catalogue().matters if one.kind in narrowed.kinds}
            return _sum(cell for key, cell in self._dimension("matter").items() if key in wanted)
        if narrowed.channel:
            return _sum(cell for key, cell in self._dimension("channel").items() if key == narrowed.channel)
        if narrowed.bearer:
            grid = narrowed.bearer == "grid"
            return _sum(cell for key, cell in self._dimension("department").items() if (not key) is grid)
        return _sum(self._dimension("total").values())

    def _dimension(self, name: str) -> dict[str, Cell]:
        if self._cells is None:
            self._cells = {}
            window = (self.day - timedelta(days=365 * YEARS - 1), self.day)
            for cell in tallies.read(ROOT, ("total", "matter", "channel", "department"), [window]):
                self._cells.setdefault(cell.dimension, {})[cell.key] = cell
        return self._cells.get(name, {})

    def _counted(self, narrowed: Narrowed) -> dict[str, int]:
        """Over the rows, where two things narrow the cases at once."""
        rows = Case.objects.all()
        if narrowed.kinds:
            wanted = [one.id for one in matters.catalogue().matters if one.kind in narrowed.kinds]
            rows = rows.filter(matter__in=wanted)
        if narrowed.channel:
            rows = rows.filter(channel=narrowed.channel)
        if narrowed.bearer:
            rows = rows.filter(department__isnull=narrowed.bearer == "grid")
        if narrowed.on_the_spot is not None:
            rows = rows.filter(on_the_spot=narrowed.on_the_spot)
        since = self.day - timedelta(days=365 * YEARS - 1)
        closed = Q(closed_on__range=(since, self.day))
        return {
            "reported": rows.filter(reported_on__range=(since, self.day)).count(),
            "closed": rows.filter(closed).count(),
            "closed_in_time": rows.filter(closed, in_time=True).count(),
            "on_the_spot": rows.filter(closed, on_the_spot=True).count(),
            "rated": rows.filter(rated_on__range=(since, self.day)).count(),
            "rated_5": rows.filter(rated_on__range=(since, self.day), rating=5).count(),
        }


_IN_GRID: Final = frozenset({"closed_in_grid", "closed_in_grid_rate"})
_OF_CASES: Final[Mapping[str, tuple[str, str]]] = {
    "reported": ("reported", ""),
    "closed": ("closed", ""),
    "closed_in_grid": ("closed", ""),
    "closed_in_time": ("closed_in_time", ""),
    "closed_in_time_rate": ("closed_in_time", "closed"),
    "closed_share": ("closed", "reported"),
    "on_the_spot_rate": ("on_the_spot", "closed"),
    "rated": ("rated", ""),
    "rated_five": ("rated_5", ""),
}
"""Measure → what is counted, and by what it is divided."""


def _borne_by_grid(cases: Narrowed) -> Narrowed:
    return Narrowed(cases.kinds, cases.channel, "grid", cases.on_the_spot)


def _sum(cells: Any) -> dict[str, int]:
    names = ("reported", "closed", "closed_in_time", "on_the_spot", "rated", "rated_5")
    found = dict.fromkeys(names, 0)
    for cell in cells:
        for name in names:
            found[name] += getattr(cell, name)
    return found


def _share(above: int, below: int) -> float | None:
    return above / below if below else None


def _usual_size(level: str, _: date) -> float:
    below = grids.usual_children(level)
    return registers.usual_household_count(grids.level(level).id) if below is None else below


def _days_to_close(_: str, day: date) -> float | None:
    """Days from report to close on the average, a begun day counted whole."""
    since = day - timedelta(days=365 * YEARS - 1)
    mean = Case.objects.filter(closed_on__range=(since, day)).aggregate(mean=Avg(F("closed_at") - F("reported_at")))
    return math.ceil(mean["mean"] / timedelta(days=1)) if mean["mean"] is not None else None


def _five_seen(_: str, __: date) -> float:
    """Closed cases whose handler showed people, site, process, effect and analysis."""
    with connection.cursor() as cursor:
        cursor.execute(_FIVE_SEEN_SQL, [FIVE_SEEN])
        return int(cursor.fetchone()[0])


def _departments(side: str, _: date) -> float:
    return sum(one.handles if side == "handling" else one.collects for one in organisations.departments())


_PLAIN: Final[Mapping[str, Callable[[str, date], float | None]]] = {
    "residents": lambda _, __: registers.count_residents(),
    "households": lambda _, __: registers.count_households(),
    "buildings": lambda _, __: registers.count_lived_in(),
    "premises": lambda _, __: registers.count_premises(),
    "people_and_homes": lambda _, __: registers.count_residents() + registers.count_dwellings(),
    "register_records": lambda _, __: registers.count_records(),
    "grids": lambda level, _: grids.count_of_level(level),
    "all_grids": lambda _, __: grids.count_in_schemes(),
    "usual_size": _usual_size,
    "matters": lambda _, __: len(matters.catalogue().matters),
    "matters_handed_down": lambda _, __: sum(bool(one.handed_to) for one in matters.catalogue().matters),
    "departments": _departments,
    "appointments": workforce.count_in_force,
    "days_to_close": _days_to_close,
    "five_seen": _five_seen,
}


def _limit_minutes(of: str) -> float | None:
    """Minutes of a limit of the catalogue, written as code#condition:accept or :arrive; None when it has no such."""
    code, _, rest = of.partition("#")
    ordinal, _, kind = rest.partition(":")
    matter = next((one for one in matters.catalogue().matters if one.code == code), None)
    conditions = matter.conditions if matter else ()
    number = int(ordinal)
    if number > len(conditions):
        return None
    condition = conditions[number - 1]
    limit = condition.accept_by if kind == "accept" else condition.arrive_by
    minutes = {Unit.MINUTE: 1, Unit.URGENT_HOUR: 60}
    return limit.value * minutes[limit.unit] if limit is not None and limit.unit in minutes else None
