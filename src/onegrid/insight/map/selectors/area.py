"""Which part of the map a reader asks about, and whether it is his to see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from onegrid.cases.errors import BadFilter, CaseNotFound
from onegrid.cases.permissions import Actor
from onegrid.cases.selectors.queue import box
from onegrid.cases.selectors.setting import setting
from onegrid.county.grids import selectors as grids
from onegrid.county.grids.selectors import GridInfo
from onegrid.foundation.accounts import permissions
from onegrid.foundation.database.context import ROOT

DEFAULT_DAYS: Final = 30
LONGEST_DAYS: Final = 1100
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Area:
    """A grid with all below it; `tallied`: roll-ups may answer, for the reader sees all of it."""

    grid: GridInfo
    tallied: bool

    @property
    def path(self) -> str:
        """Where to count."""
        return self.grid.scope_path


def area(actor: Actor, grid: str | None) -> Area:
    """The grid asked for, else the reader's own; `CaseNotFound` for one outside his area. Staff only.

    A department sees its cases wherever they lie, so any grid may be asked about and rows are counted.
    """
    permissions.staff(actor)
    found = grids.find_grid(grid) if grid else grids.by_path(actor.scope_path or ROOT)
    if found is None:
        raise CaseNotFound()
    if actor.department_path:
        return Area(found, tallied=False)
    if not actor.scope_path or not found.scope_path.startswith(actor.scope_path):
        raise CaseNotFound()
    return Area(found, tallied=True)


def period(day_from: date | None, day_to: date | None, now: datetime) -> tuple[date, date]:
    """First and last day, the last thirty unless told. Raises `BadFilter`."""
    until = day_to or setting().day(now)
    since = day_from or until - timedelta(days=DEFAULT_DAYS - 1)
    if since > until or (until - since).days > LONGEST_DAYS or since.year < 1000:
        raise BadFilter({"from": "malformed"})
    return since, until


def window(bbox: str | None) -> Box | None:
    """West, south, east, north; None for the whole area. Raises `BadFilter`."""
    return box(bbox) if bbox else None


def of_level(area: Area, level: str | None, bbox: Box | None) -> list[GridInfo]:
    """The grids of a level (`<scheme>.<level>`) in an area and window; without a level those right below.

    Raises `BadFilter` for a level no scheme has.
    """
    known = grids.index().grids.values()
    inside = [one for one in known if one.scope_path.startswith(area.path)]
    if level:
        scheme, _, key = level.rpartition(".")
        found = [one for one in inside if (one.scheme, one.level) == (scheme, key)]
        if not found and not any((one.scheme, one.level) == (scheme, key) for one in known):
            raise BadFilter({"level": "unknown"})
    else:
        found = _right_below(area, inside)
    if bbox is not None:
        west, south, east, north = bbox
        found = [
            one
            for one in found
            if one.bbox[0] <= east and one.bbox[2] >= west and one.bbox[1] <= north and one.bbox[3] >= south
        ]
    return sorted(found, key=lambda one: (one.code, one.id))


def _right_below(area: Area, inside: Sequence[GridInfo]) -> list[GridInfo]:
    """Children of one level: divisions before grids, the first scheme before others; a leaf stands for itself."""
    children = [one for one in inside if one.parent == area.grid.id]
    if not children:
        return [area.grid]
    order = ["", *(scheme.key for scheme in grids.schemes())]
    first = min(children, key=lambda one: (order.index(one.scheme), one.depth))
    return [one for one in children if (one.scheme, one.level) == (first.scheme, first.level)]
