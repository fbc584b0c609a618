"""How many there are, by what: of a grid, by one property, and of each grid below it. Small numbers untold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from onegrid.county.grids import selectors as grids
from onegrid.county.grids.errors import GridNotFound
from onegrid.county.grids.selectors import GridInfo
from onegrid.county.registers.rules.suppressing import suppressed
from onegrid.foundation.database.managers import upper_bound
from onegrid.foundation.database.write import read

By = Literal[
    "sex", "age", "registered", "relation", "id_kind", "size", "use", "building_kind", "premises_kind",
    "organisation_kind",
]  # fmt: skip
HERE: Final = "left_on IS NULL AND died_on IS NULL"
AGES: Final = ((0, 6), (7, 17), (18, 34), (35, 59), (60, 79), (80, 200))
"""From the year of birth alone, in whole years reached this year."""

_TABLES: Final[Mapping[str, tuple[str, str]]] = {
    "residents": ("registers_resident", HERE),
    "households": ("registers_household", "true"),
    "dwellings": ("registers_dwelling", "true"),
    "buildings": ("registers_building", "true"),
    "premises": ("registers_premises", "true"),
    "organisations": ("registers_organisation", "true"),
}
_AGE: Final = "CASE " + " ".join(
    f"WHEN %s - birth_year BETWEEN {low} AND {high} THEN '{low}-{high}'" for low, high in AGES
) + " ELSE '' END"  # fmt: skip
_SIZE: Final = "CASE WHEN people >= 6 THEN '6+' ELSE people::text END"
_BY: Final[Mapping[By, tuple[str, str]]] = {
    "sex": ("residents", "sex::text"),
    "age": ("residents", _AGE),
    "registered": ("residents", "registered"),
    "relation": ("residents", "relation"),
    "id_kind": ("residents", "id_kind"),
    "size": ("households", _SIZE),
    "use": ("dwellings", '"use"'),
    "building_kind": ("buildings", "kind"),
    "premises_kind": ("premises", "kind"),
    "organisation_kind": ("organisations", "kind"),
}
"""Of which kind the cells are, and what a row's cell is."""
ABOUT_PEOPLE: Final = frozenset({"residents", "households"})


@dataclass(frozen=True)
class Totals:
    """How many of each kind a grid has."""

    grid: GridInfo
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Statistics:
    """A grid's totals, those of the grids below it, and the cells of one property; None is a number not told."""

    whole: Totals
    below: Sequence[Totals]
    kind: str
    cells: Mapping[str, int | None]


def statistics(grid_key: str, *, by: By, day: date) -> Statistics:
    """Of a grid in the reader's reach. Raises `GridNotFound`. Three statements and what the grids take."""
    info = grids.find_grid(grid_key)
    if info is None:
        raise GridNotFound("grids.errors.not_found")
    below = [one for one in grids.children(info.id) if one.active]
    return Statistics(_totals([info])[0], _totals(below), _BY[by][0], cells(info, by=by, day=day))


def cells(info: GridInfo, *, by: By, day: date) -> dict[str, int | None]:
    """How many rows of a grid have each value of a property, the most first; "" are those of whom it is not known."""
    kind, cell = _BY[by]
    table, here = _TABLES[kind]
    sql = (
        f"SELECT {cell} AS cell, count(*) FROM {table} WHERE scope_path >= %s AND scope_path < %s AND {here}"  # noqa: S608
        " GROUP BY cell ORDER BY count(*) DESC, cell"
    )
    years = [day.year] * cell.count("%s")
    found = {str(key): int(n) for key, n in read(sql, [*years, info.scope_path, upper_bound(info.scope_path)])}
    return suppressed(found) if kind in ABOUT_PEOPLE else dict(found)


def _totals(infos: Sequence[GridInfo]) -> list[Totals]:
    """All kinds of all these grids, in one statement."""
    if not infos:
        return []
    counts = ", ".join(
        f"(SELECT count(*) FROM {table} WHERE scope_path >= asked.low AND scope_path < asked.high AND {here})"  # noqa: S608
        for table, here in _TABLES.values()
    )
    sql = (
        f"SELECT asked.n, {counts} FROM unnest(%s::int[], %s::text[], %s::text[]) asked (n, low, high) ORDER BY asked.n"  # noqa: S608
    )
    paths = [info.scope_path for info in infos]
    rows: list[Any] = read(sql, [list(range(len(paths))), paths, [upper_bound(path) for path in paths]])
    return [
        Totals(info, dict(zip(_TABLES, map(int, row[1:]), strict=True))) for info, row in zip(infos, rows, strict=True)
    ]
