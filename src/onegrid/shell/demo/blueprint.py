"""Makes a land plan of a pack's territory: what the pack leaves open is filled with common sizes."""

from __future__ import annotations

from onegrid.county.grids.rules.section import GridsPart, LevelSpec, SchemeSpec
from onegrid.shell.demo.plan import Cells, DivisionPlan, LandPlan, LevelPlan, SchemePlan

RESIDENTS_A_HOUSEHOLD = 2.7
_RESIDENTS_A_VILLAGE = 2600
_LEAST_HOUSEHOLDS = 900
_LEAST_A_VILLAGE = 7
_FOCUS_SHARE = 0.02


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
    return LandPlan(
        lon=part.lon,
        lat=part.lat,
        divisions=divisions,
        schemes=tuple(_scheme(scheme, leaves) for scheme in part.schemes),
        households=max(round(full * scale), min(full, _LEAST_HOUSEHOLDS + _LEAST_A_VILLAGE * len(leaves))),
        scale=scale,
        urban=part.size.urban,
        focus=_focus(part, leaves),
    )


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
