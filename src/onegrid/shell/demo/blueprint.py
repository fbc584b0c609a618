"""Makes a land plan of a pack's territory: what the pack leaves open is filled with common sizes."""

from __future__ import annotations

from dataclasses import dataclass

from onegrid.county.grids.rules.section import GridsPart, LevelSpec, SchemeSpec
from onegrid.shell.demo.plan import Cells, DivisionPlan, LandPlan, LevelPlan, SchemePlan

RESIDENTS_A_HOUSEHOLD = 2.7
_RESIDENTS_A_VILLAGE = 2600
_LEAST_HOUSEHOLDS = 900
_LEAST_A_VILLAGE = 7
_FOCUS_SHARE = 0.02
_FEW_HOUSEHOLDS = 12
_PREMISES_A_HOUSEHOLD = 0.06
_ORGANISED = 0.6
"""Premises that belong to a registered organisation."""
_EMPTY = 0.08
"""Empty dwellings to each that is lived in."""
_LOW = (4, 5, 5, 5)
"""Where a grid is ten households, a stairwell is at most one grid: nobody could draw a border through it."""


def land_plan(part: GridsPart, scale: float) -> LandPlan:
    """The plan of a pack's territory at a scale (1 is life size); every level exists at any scale."""
    divisions = tuple(
        DivisionPlan(
            division.code, division.plain, division.level, division.parent if division.code != part.root else ""
        )
        for division in part.divisions
    )
    parents = {division.parent for division in divisions}
    leaves = [division for division in divisions if division.code not in parents]
    full = households(part)
    buildings, stairwells = _counted(part, scale, len(leaves))
    return LandPlan(
        lon=part.lon,
        lat=part.lat,
        divisions=divisions,
        schemes=tuple(_scheme(scheme, leaves) for scheme in part.schemes),
        households=max(round(full * scale), min(full, _LEAST_HOUSEHOLDS + _LEAST_A_VILLAGE * len(leaves))),
        scale=scale,
        urban=part.size.urban,
        focus=_focus(part, leaves),
        floors=_LOW if _smallest(part) <= _FEW_HOUSEHOLDS else LandPlan.floors,
        buildings=buildings,
        stairwells=stairwells,
    )


def residents(part: GridsPart, drawn: int) -> int:
    """Residents of ``drawn`` households: as published for the whole locality, else a common number to a home."""
    full = part.size.residents or round(households(part) * RESIDENTS_A_HOUSEHOLD)
    return round(full * drawn / households(part))


@dataclass(frozen=True)
class RegisterPlan:
    """How many rows each register gets, buildings and households apart, which are drawn."""

    residents: int
    dwellings: int
    premises: int
    organisations: int


def register_plan(part: GridsPart, buildings: int, homes: int) -> RegisterPlan:
    """The registers of a land drawn with so many buildings and homes: as published, else in common shares.

    Where the sum of all registers is published, empty dwellings make up for what the others leave.
    """
    size, share = part.size, homes / households(part)
    people = residents(part, homes)
    premises = round(size.premises * share) or round(homes * _PREMISES_A_HOUSEHOLD)
    organisations = min(round(size.organisations * share) or round(premises * _ORGANISED), premises)
    dwellings = round(size.dwellings * share) or round(homes * (1 + _EMPTY))
    if size.records:
        dwellings = round(size.records * share) - buildings - homes - people - premises - organisations
    return RegisterPlan(people, max(dwellings, homes), premises, organisations)


def _counted(part: GridsPart, scale: float, villages: int) -> tuple[int, int]:
    """How many buildings and stairwells are to be built: published, and grids of their own everywhere; else 0, 0."""
    for scheme in part.schemes:
        count = {level.cells: level.count for level in scheme.levels}
        if count.get("building") and len(scheme.covers) >= villages:
            buildings = max(round(count["building"] * scale), villages)
            return buildings, max(round(count.get("unit", 0) * buildings / count["building"]), buildings)
    return 0, 0


def _smallest(part: GridsPart) -> int:
    """Households of the smallest drawn grids, of all schemes; a large number where that is not said."""
    return min((level.households for scheme in part.schemes for level in scheme.levels if level.households), default=99)


def households(part: GridsPart) -> int:
    """Households of the whole locality: as published, else from residents, else from its villages."""
    if part.size.households:
        return part.size.households
    if part.size.residents:
        return round(part.size.residents / RESIDENTS_A_HOUSEHOLD)
    parents = {division.parent for division in part.divisions}
    villages = sum(division.code not in parents for division in part.divisions)
    return round(villages * _RESIDENTS_A_VILLAGE / RESIDENTS_A_HOUSEHOLD)


def _scheme(scheme: SchemeSpec, leaves: list[DivisionPlan]) -> SchemePlan:
    covers = frozenset(scheme.covers)
    whole = covers >= {leaf.code for leaf in leaves}
    return SchemePlan(scheme.key, tuple(map(_level, scheme.levels)), frozenset() if whole else covers)


def _level(level: LevelSpec) -> LevelPlan:
    cells: Cells = "household" if level.holds == "household" else _CELLS.get(level.cells, "lots")
    return LevelPlan(
        level.key,
        level.title.zh,
        level.division,
        level.count or None,
        level.households or None,
        level.children or None,
        cells,
    )


_CELLS: dict[str, Cells] = {"building": "building", "unit": "unit"}


def _focus(part: GridsPart, leaves: list[DivisionPlan]) -> frozenset[str]:
    """Where the demonstration happens: some neighbouring villages of one township in every scheme's reach.

    A small locality is thick with people there, so that its grids have enough work to look at.
    """
    chosen: list[str] = []
    few = max(3, round(len(leaves) * _FOCUS_SHARE))
    for scheme in part.schemes:
        covered = [leaf for leaf in leaves if leaf.code in scheme.covers and leaf.code not in chosen]
        if not covered:
            continue
        size: dict[str, int] = {}
        for leaf in covered:
            size[leaf.parent] = size.get(leaf.parent, 0) + 1
        mother = next(leaf.parent for leaf in covered if size[leaf.parent] >= min(few, max(size.values())))
        chosen += [leaf.code for leaf in covered if leaf.parent == mother][:few]
    return frozenset(chosen)
