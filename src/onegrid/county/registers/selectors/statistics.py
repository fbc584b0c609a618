"""How many there are, by what: of a grid, by one property, and of each grid below it. Small numbers untold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import takewhile
from typing import Final, Literal

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
RANGES: Final = frozenset({"age", "size"})
"""Cells that follow each other: told in their own order, what is not known last."""


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
    """Of a grid in the reader's reach. Raises `GridNotFound`. Two statements and what the grids take."""
    info = grids.find_grid(grid_key)
    if info is None:
        raise GridNotFound("grids.errors.not_found")
    below = [one for one in grids.children(info.id) if one.active]
    return Statistics(*_totals(info, below), _BY[by][0], cells(info, by=by, day=day))


def cells(info: GridInfo, *, by: By, day: date) -> dict[str, int | None]:
    """How many rows of a grid have each value of a property; "" are those of whom it is not known.

    The most first, but for ranges.
    """
    kind, cell = _BY[by]
    table, here = _TABLES[kind]
    sql = (
        f"SELECT {cell} AS cell, count(*) FROM {table} WHERE scope_path >= %s AND scope_path < %s AND {here}"  # noqa: S608
        " GROUP BY cell ORDER BY count(*) DESC, cell"
    )
    years = [day.year] * cell.count("%s")
    found = {str(key): int(n) for key, n in read(sql, [*years, info.scope_path, upper_bound(info.scope_path)])}
    if by in RANGES:
        found = dict(sorted(found.items(), key=lambda one: int("".join(takewhile(str.isdigit, one[0])) or 999)))
    return suppressed(found) if kind in ABOUT_PEOPLE else dict(found)


def _totals(info: GridInfo, below: Sequence[GridInfo]) -> tuple[Totals, list[Totals]]:
    """All kinds of a grid and of those below it: each table is read once, and its rows counted by the grid below."""
    named = {one.scope_path: one for one in below}
    whole = dict.fromkeys(_TABLES, 0)
    each = {path: dict.fromkeys(_TABLES, 0) for path in named}
    place = info.scope_path.count(".") + 1
    sql = " UNION ALL ".join(
        f"SELECT '{kind}', split_part(scope_path, '.', %s::int) AS part, count(*) FROM {table}"  # noqa: S608
        f" WHERE scope_path >= %s AND scope_path < %s AND {here} GROUP BY part"
        for kind, (table, here) in _TABLES.items()
    )
    within = [place, info.scope_path, upper_bound(info.scope_path)]
    for kind, part, n in read(sql, within * len(_TABLES)):
        whole[kind] += int(n)
        path = f"{info.scope_path}{part}."
        if path in each:
            each[path][kind] += int(n)
    return Totals(info, whole), [Totals(one, each[path]) for path, one in named.items()]
