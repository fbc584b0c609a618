"""What others read about grids. Values, not models, so that nobody changes a grid by accident."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import Max, Min, QuerySet

from onegrid.county.grids.errors import CalendarMissing, GridNotFound
from onegrid.county.grids.models import Grid, Level, MapVersion, Scheme, WorkDay
from onegrid.county.grids.rules import paths
from onegrid.foundation.database.remember import remembered
from onegrid.foundation.database.stamps import Remembered


@dataclass(frozen=True)
class GridInfo:
    """One grid as others see it. ``scheme`` is empty for official divisions."""

    id: int
    code: str
    name: str
    scheme: str
    level: str
    level_zh: str
    level_en: str
    scope_path: str
    parent: int | None
    depth: int
    households: int
    lon: float
    lat: float
    bbox: tuple[float, float, float, float]
    active: bool


_COLUMNS = (
    *("pk", "code", "name", "scheme__key", "level__key", "level__title_zh", "level__title_en", "scope_path"),
    *("parent_id", "depth", "households", "lon", "lat", "west", "south", "east", "north", "active"),
)


def _infos(grids: QuerySet[Grid]) -> list[GridInfo]:
    """Plain columns, no models: a county has tens of thousands of grids and every web process reads them all."""
    return [_info(row) for row in grids.values_list(*_COLUMNS)]


def _info(row: Sequence[Any]) -> GridInfo:
    cells = [*row[:3], row[3] or "", *row[4:13], tuple(row[13:17]), row[17]]
    return GridInfo(*cells)


_ALL = Grid.objects.all()


def grid(grid_id: int) -> GridInfo:
    """One grid, retired ones too. Raises GridNotFound."""
    found = _infos(_ALL.filter(pk=grid_id))
    if not found:
        raise GridNotFound("grids.errors.not_found")
    return found[0]


@remembered
def find_grid(grid_id: int | str) -> GridInfo | None:
    """The active grid with this id, as number or text; None when there is none."""
    if isinstance(grid_id, str) and not grid_id.isdigit():
        return None
    found = _infos(_ALL.filter(pk=int(grid_id), active=True))
    return found[0] if found else None


def by_path(scope_path: str) -> GridInfo:
    """The grid with this scope path. Raises GridNotFound."""
    found = _infos(_ALL.filter(scope_path=scope_path))
    if not found:
        raise GridNotFound("grids.errors.not_found")
    return found[0]


def by_code(code: str, scheme: str = "") -> GridInfo:
    """The active grid with this code. Raises GridNotFound."""
    found = _infos(_ALL.filter(code=code, active=True, scheme__key=scheme or None))
    if not found:
        raise GridNotFound("grids.errors.not_found")
    return found[0]


def root() -> GridInfo:
    """The locality itself. Raises GridNotFound before the tree is planted."""
    return by_path(paths.ROOT)


def children(grid_id: int) -> list[GridInfo]:
    """The active grids directly below one, by scheme and code."""
    return _infos(_ALL.filter(parent_id=grid_id, active=True).order_by("scheme__ordinal", "code"))


def subtree(scope_path: str, *, level: str = "") -> list[GridInfo]:
    """Active grids in a subtree, itself included, top down; one level only when asked."""
    found = _ALL.filter(scope_path__gte=scope_path, scope_path__lt=paths.upper_bound(scope_path), active=True)
    return _infos((found.filter(level__key=level) if level else found).order_by("depth", "code"))


def infos(keys: Collection[int]) -> dict[int, GridInfo]:
    """Grids by id, ended ones too, by one query."""
    return {info.id: info for info in _infos(_ALL.filter(pk__in=keys))}


@dataclass(frozen=True)
class LevelInfo:
    """A level of a scheme or of the divisions."""

    id: int
    key: str
    title_zh: str
    title_en: str
    division: str
    holds: str


@dataclass(frozen=True)
class SchemeInfo:
    """A scheme with its levels, top to bottom."""

    id: int
    key: str
    title_zh: str
    title_en: str
    levels: tuple[LevelInfo, ...]


def schemes() -> list[SchemeInfo]:
    """All schemes of the locality in the pack's order."""
    return [
        SchemeInfo(
            scheme.pk,
            scheme.key,
            scheme.title_zh,
            scheme.title_en,
            tuple(map(_level, scheme.levels.order_by("ordinal"))),
        )
        for scheme in Scheme.objects.prefetch_related("levels")
    ]


def division_levels() -> list[LevelInfo]:
    """The official levels, top to bottom."""
    return [_level(level) for level in Level.objects.filter(scheme=None).order_by("ordinal")]


def _level(level: Level) -> LevelInfo:
    return LevelInfo(level.pk, level.key, level.title_zh, level.title_en, level.division, level.holds)


def map_version() -> int:
    """How often the map was changed; 0 before the tree is planted."""
    return _version.get()


def _read_version() -> int:
    return MapVersion.objects.values_list("version", flat=True).first() or 0


MAP: Final = "map"
"""The stamp of everything drawn: grids, outlines, addresses."""
_version = Remembered(MAP, read=_read_version)


def calendar_for(years: Iterable[int]) -> dict[date, bool]:
    """Whether each day of these years is a working day. Raises CalendarMissing for a year not entered whole."""
    wanted = sorted(set(years))
    days = dict(WorkDay.objects.filter(date__year__in=wanted).values_list("date", "working"))
    for year in wanted:
        length = (date(year + 1, 1, 1) - date(year, 1, 1)).days
        if sum(day.year == year for day in days) < length:
            raise CalendarMissing(year)
    return days


def calendar_span() -> tuple[int, int] | None:
    """The first and last year entered, or None."""
    ends = WorkDay.objects.aggregate(first=Min("date"), last=Max("date"))
    return (ends["first"].year, ends["last"].year) if ends["first"] else None
