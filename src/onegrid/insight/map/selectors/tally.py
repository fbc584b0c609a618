"""What a map is coloured by: one number for each grid of a level, each with the filter that opens what was counted.

Numbers come from the roll-ups where the grids' parents have one and nothing else narrows them; below, under a
department's hat and for one matter or channel they are counted over rows, of the same cases by the same rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import Q

from onegrid.cases.errors import BadFilter
from onegrid.cases.permissions import Actor
from onegrid.cases.selectors import figures
from onegrid.county.grids import selectors as grids
from onegrid.county.grids.rules import paths
from onegrid.county.grids.selectors import GridInfo
from onegrid.county.matters import selectors as matters
from onegrid.foundation.journal.services import tallies
from onegrid.foundation.journal.services.tallies import Cell
from onegrid.insight.map.rules.measures import MEASURES, Measure, breaks
from onegrid.insight.map.selectors.area import Area, area, of_level, period, window

MOST_GRIDS: Final = 5_000
"""More grids than this cannot be told apart on a screen."""
MOST_READS: Final = 40
"""Roll-ups are read for each parent; beyond so many, one count over rows is cheaper."""


@dataclass(frozen=True)
class Asked:
    """What to count, where and when; `matter`, `department`, `channel` as in the queue's filter."""

    measure: str
    grid: str | None = None
    level: str | None = None
    bbox: str | None = None
    day_from: date | None = None
    day_to: date | None = None
    matter: str | None = None
    department: str | None = None
    channel: str | None = None

    @property
    def beside(self) -> dict[str, str]:
        """The parts of the queue's filter that narrow the count."""
        given = {"matter": self.matter, "department": self.department, "channel": self.channel}
        return {name: value for name, value in given.items() if value}


def tally(actor: Actor, asked: Asked, *, now: datetime) -> dict[str, Any]:
    """A number for every grid of the level in the reader's area, zeros too, and where to cut the colours.

    Raises `CaseNotFound` for a grid outside it, `BadFilter` for a measure, level or period that makes no sense.
    """
    measure = MEASURES.get(asked.measure)
    if measure is None:
        raise BadFilter({"measure": "unknown"})
    where = area(actor, asked.grid)
    since, until = period(asked.day_from, asked.day_to, now)
    found = of_level(where, asked.level, window(asked.bbox))
    shown = found[:MOST_GRIDS]
    counted = _counts(where, shown, measure, asked, (since, until), now)
    items = [_item(one, counted[one.scope_path], measure, asked, (since, until)) for one in shown]
    told = [item["n"] for item in items if item["n"] is not None]
    first = shown[0] if shown else where.grid
    return {
        "measure": measure.key,
        "unit": measure.unit,
        "level": f"{first.scheme}.{first.level}",
        "day_from": None if measure.live else since,
        "day_to": None if measure.live else until,
        "items": items,
        "breaks": breaks(told),
        "left_out": len(found) > len(shown),
    }


def _item(grid: GridInfo, n: float | None, measure: Measure, asked: Asked, days: tuple[date, date]) -> dict[str, Any]:
    per = None
    if measure.unit == "count" and measure.filter and grid.households and n is not None:
        per = round(n * 1000 / grid.households, 2)
    query = None
    if measure.filter:
        parts: dict[str, object] = {**dict(measure.filter), **asked.beside, "grid": grid.id}
        if not measure.live:
            parts |= {"day_from": days[0], "day_to": days[1]}
        query = urlencode(parts)
    return {
        "grid": str(grid.id), "name": grid.name, "n": n, "per_1000": per, "households": grid.households, "query": query,
    }  # fmt: skip


def _counts(
    where: Area, shown: Sequence[GridInfo], measure: Measure, asked: Asked, days: tuple[date, date], now: datetime
) -> Mapping[str, float | None]:
    """Path of each grid → its number."""
    if measure.key == "households":
        return {one.scope_path: one.households for one in shown}
    narrowed = _narrowed(asked)
    if measure.live:
        return _live(where, shown, measure.key, narrowed, now)
    cells = _cells(where, shown, narrowed, days)
    return {one.scope_path: _value(cells.get(one.scope_path), measure) for one in shown}


def _value(cell: Cell | None, measure: Measure) -> float | None:
    part = getattr(cell, measure.part, 0)
    if measure.unit == "count":
        return int(part)
    whole = getattr(cell, measure.whole, 0)
    return round(part / whole, 4) if whole else None


def _narrowed(asked: Asked) -> Q:
    """Which cases count, as the queue's filter says it."""
    found = Q()
    if asked.matter == "none":
        found &= Q(matter__isnull=True)
    elif asked.matter:
        known = matters.catalogue().by_code.get(asked.matter)
        found &= Q(matter=known.id) if known else Q(pk=None)
    if asked.department:
        if not asked.department.isdigit():
            raise BadFilter({"department": "malformed"})
        found &= Q(department=int(asked.department)) if int(asked.department) else Q(department__isnull=True)
    if asked.channel:
        found &= Q(channel=asked.channel)
    return found


def _cells(where: Area, shown: Sequence[GridInfo], narrowed: Q, days: tuple[date, date]) -> dict[str, Cell]:
    above = {paths.parent(one.scope_path) or paths.ROOT for one in shown if one.scope_path != where.path}
    rolled = where.tallied and not narrowed and 0 < len(above) <= MOST_READS
    if rolled and all(tallies.kept(parent, "child") for parent in above):
        return {cell.key: cell for parent in sorted(above) for cell in tallies.read(parent, ["child"], [days])}
    found: dict[str, Cell] = {}
    for segments in _segments(shown):
        found |= figures.spread(where.path, segments, days, narrowed)
    return found


def _live(where: Area, shown: Sequence[GridInfo], key: str, narrowed: Q, now: datetime) -> dict[str, float | None]:
    counted: dict[str, int] = {}
    for segments in _segments(shown):
        if key == "open":
            counted |= figures.open_now(where.path, segments, narrowed)
        else:
            late = figures.late(where.path, now=now, segments=segments, narrowed=narrowed)
            counted |= {path: getattr(one, key) for path, one in late.items()}
    return {one.scope_path: counted.get(one.scope_path, 0) for one in shown}


def _segments(shown: Sequence[GridInfo]) -> list[int]:
    """How many segments the paths of these grids have: mostly the same for a whole level."""
    return sorted({one.scope_path.count(".") for one in shown})


def levels(lang: str) -> list[dict[str, Any]]:
    """Every level of the tree top down, with its name and how many grids it has."""
    named: dict[tuple[str, str], str] = {}
    for level in grids.division_levels():
        named["", level.key] = level.title_en if lang == "en" else level.title_zh
    for scheme in grids.schemes():
        for level in scheme.levels:
            if not level.division and not level.holds:
                named[scheme.key, level.key] = level.title_en if lang == "en" else level.title_zh
    counted: dict[tuple[str, str], int] = {}
    for one in grids.index().grids.values():
        counted[one.scheme, one.level] = counted.get((one.scheme, one.level), 0) + 1
    return [
        {"key": ".".join(key), "scheme": key[0], "level": key[1], "title": title, "grids": counted[key]}
        for key, title in named.items()
        if counted.get(key)
    ]
