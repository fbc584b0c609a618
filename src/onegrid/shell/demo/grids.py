"""Cuts divisions and schemes out of the pieces, level by level, and unites their outlines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from onegrid.shell.demo import partition
from onegrid.shell.demo.lattice import Floats, Ints
from onegrid.shell.demo.parcels import Pieces, Shapes, dissolve
from onegrid.shell.demo.plan import DivisionPlan, LandPlan, LevelPlan, SchemePlan
from onegrid.shell.demo.settlement import Buildings, NDArrayBool

_SMALLER_THAN_A_SLAB = 40
DIVISIONS = -1


@dataclass(frozen=True)
class Drawn:
    """One level of grids. ``parent`` are rows of the level at position ``above`` in the list of levels.

    ``scheme`` is the plan's scheme or DIVISIONS; ``level`` the position within the scheme's levels
    (or of the division levels). ``piece_owner`` gives each piece's row here, -1 where the scheme does not reach.
    """

    scheme: int
    level: int
    above: int
    parent: Ints
    households: Ints
    piece_owner: Ints
    outline: Shapes


@dataclass(frozen=True)
class Cut:
    """A level before its outlines are united."""

    scheme: int
    level: int
    above: int
    parent: Ints
    piece_owner: Ints


def cut_all(
    plan: LandPlan, leaves: list[DivisionPlan], village: Ints, pieces: Pieces, buildings: Buildings
) -> tuple[tuple[Drawn, ...], tuple[tuple[DivisionPlan, ...], ...]]:
    """Every level of the locality, divisions first, and the divisions behind the rows of the first levels.

    ``village`` is the leaf division of each piece.
    """
    lots = _lots(pieces, buildings)
    weight = piece_households(pieces, buildings)
    rows, cuts = _divisions(plan, leaves, village)
    left = np.ones(len(leaves), dtype=bool)
    for position, scheme in enumerate(plan.schemes):
        covered = _covered(plan, leaves, scheme, left)
        left &= ~covered
        reach = covered[village]
        base = next(at for at, level in enumerate(rows) if level[0].level == scheme.base())
        above = base
        for at, level in enumerate(scheme.levels):
            if level not in scheme.drawn():
                continue
            cuts.append(
                _cut_level(plan, cuts[above], above, position, at, level, pieces, lots, weight, reach, buildings)
            )
            above = len(cuts) - 1
    return _outlines(cuts, pieces, weight), rows


def piece_households(pieces: Pieces, buildings: Buildings) -> Ints:
    """Households per piece; a slab's are spread over its stairwells."""
    at, living = stairwells(pieces, buildings)
    return np.bincount(at, weights=living, minlength=len(pieces.block)).astype(np.int64)


def stairwells(pieces: Pieces, buildings: Buildings) -> tuple[Ints, Ints]:
    """The piece and the households of every stairwell, buildings in order, their stairwells west to east."""
    finder = _finder(pieces)
    width = np.minimum(buildings.width, buildings.units)
    which = np.repeat(np.arange(len(buildings)), width)
    unit = np.arange(len(which)) - np.repeat(np.cumsum(width) - width, width)
    living = (buildings.households[which] + unit) // width[which]
    return finder[buildings.row[which], buildings.col[which] + unit], living


def building_pieces(pieces: Pieces, buildings: Buildings) -> Ints:
    """The piece under each building's first parcel."""
    return _finder(pieces)[buildings.row, buildings.col]


def _finder(pieces: Pieces) -> Ints:
    """A table from parcel row and column to piece, -1 where there is no parcel."""
    parcel = np.flatnonzero(pieces.size == 1)
    table = np.full((int(pieces.row.max()) + 2, int(pieces.col.max()) + 2), -1, dtype=np.int64)
    table[pieces.row[parcel], pieces.col[parcel]] = parcel
    return table


def _lots(pieces: Pieces, buildings: Buildings) -> Ints:
    """What must not be cut: the pieces of one building share a number, every other piece has its own."""
    finder = _finder(pieces)
    lot = np.arange(len(pieces.block))
    for step in range(1, int(buildings.width.max(initial=1))):
        wide = buildings.width > step
        first = finder[buildings.row[wide], buildings.col[wide]]
        lot[finder[buildings.row[wide], buildings.col[wide] + step]] = first
    return lot


def _divisions(
    plan: LandPlan, leaves: list[DivisionPlan], village: Ints
) -> tuple[tuple[tuple[DivisionPlan, ...], ...], list[Cut]]:
    """The official levels, top to bottom, in the order of the published list."""
    by_code = {division.code: division for division in plan.divisions}
    names = list(dict.fromkeys(division.level for division in plan.divisions))
    rows = tuple(tuple(d for d in plan.divisions if d.level == name) for name in names)
    cuts: list[Cut] = []
    for at, level in enumerate(rows):
        number = {division.code: row for row, division in enumerate(level)}
        owner = np.full(len(leaves), -1, dtype=np.int64)
        for row, leaf in enumerate(leaves):
            code = leaf.code
            while code and code not in number:
                code = by_code[code].parent if code in by_code else ""
            owner[row] = number.get(code, -1)
        up = {division.code: row for row, division in enumerate(rows[at - 1])} if at else {}
        parent = np.array([up.get(division.parent, 0) for division in level], dtype=np.int64)
        cuts.append(Cut(DIVISIONS, at, at - 1, parent, owner[village]))
    return rows, cuts


def _covered(plan: LandPlan, leaves: list[DivisionPlan], scheme: SchemePlan, left: NDArrayBool) -> NDArrayBool:
    """Which leaf divisions a scheme covers; a covered township covers its villages."""
    if scheme.covers is None:
        return left.copy()
    if not scheme.covers:
        return np.ones(len(leaves), dtype=bool)
    by_code = {division.code: division for division in plan.divisions}
    covered = np.zeros(len(leaves), dtype=bool)
    for row, leaf in enumerate(leaves):
        code = leaf.code
        while code in by_code:
            if code in scheme.covers:
                covered[row] = True
                break
            code = by_code[code].parent
    return covered


def _cut_level(
    plan: LandPlan, up: Cut, above: int, scheme: int, at: int, level: LevelPlan,
    pieces: Pieces, lots: Ints, weight: Ints, reach: NDArrayBool, buildings: Buildings,
) -> Cut:  # fmt: skip
    """Cut one level out of the level above it."""
    owner = np.where(reach, up.piece_owner, -1)
    parents = np.unique(owner[owner >= 0])
    held = np.bincount(owner[owner >= 0], weights=weight[owner >= 0], minlength=len(up.parent))[parents]
    whole = level.cells == "lots" and (level.households or _SMALLER_THAN_A_SLAB) >= _SMALLER_THAN_A_SLAB
    homes = np.unique(lots[weight > 0], return_index=True)[1] if whole else np.arange(int((weight > 0).sum()))
    homes = np.flatnonzero(weight > 0)[homes]
    room = np.bincount(owner[homes][owner[homes] >= 0], minlength=len(up.parent))[parents]
    wanted = _wanted(plan, level, held, np.maximum(room, 1))
    order = np.argsort(owner, kind="stable")
    bounds = np.searchsorted(owner[order], np.append(parents, parents.max() + 1))
    places = pieces.middle()
    seeds = _seeds(pieces, buildings, level)
    result = np.full(len(owner), -1, dtype=np.int64)
    parent: list[int] = []
    for position, row in enumerate(parents):
        own = order[bounds[position] : np.searchsorted(owner[order], row, side="right")]
        if len(seeds):
            local = _around_seeds(places, own, seeds[np.isin(seeds[:, 0].astype(np.int64), own)])
        else:
            local = _equal_work(places, own, lots[own] if whole else own, weight, int(wanted[position]))
        result[own] = len(parent) + local
        parent += [int(row)] * (int(local.max()) + 1)
    return Cut(scheme, at, above, np.array(parent, dtype=np.int64), result)


def _wanted(plan: LandPlan, level: LevelPlan, held: Floats, room: Ints) -> Ints:
    """How many grids each parent is cut into; a published count is met as long as there is room for it."""
    if level.count is not None:
        return partition.within(partition.spread_counts(round(level.count * plan.scale), held), room, held)
    if level.households is not None:
        return np.asarray(np.maximum(1, np.round(held / level.households)), dtype=np.int64)
    fewest = np.maximum(1, held // 4)
    return np.asarray(np.minimum(level.children or 1, fewest), dtype=np.int64)


def _seeds(pieces: Pieces, buildings: Buildings, level: LevelPlan) -> Floats:
    """Piece, column and row of each building (or stairwell) that makes a grid; empty for other levels."""
    if level.cells == "building":
        inhabited = buildings.households > 0
        at = building_pieces(pieces, buildings)[inhabited]
        col = buildings.col[inhabited] + buildings.width[inhabited] / 2
        return np.column_stack([at, col, buildings.row[inhabited] + 0.5])
    if level.cells == "unit":
        at, living = stairwells(pieces, buildings)
        at = at[living > 0]
        return np.column_stack([at, pieces.col[at] + 0.5, pieces.row[at] + 0.5])
    return np.empty((0, 3))


def _around_seeds(places: Floats, own: Ints, seeds: Floats) -> Ints:
    """Each piece goes with the nearest seed of its parent; a parent without one stays whole."""
    if len(seeds) < 2:
        return np.zeros(len(own), dtype=np.int64)
    local = partition.nearest(places[own], seeds[:, 1:])
    numbered: Ints = np.unique(local, return_inverse=True)[1]
    return numbered


def _equal_work(places: Floats, own: Ints, lot: Ints, weight: Ints, parts: int) -> Ints:
    """Cut the pieces of one parent into parts of equal households, keeping lots whole."""
    if parts < 2:
        return np.zeros(len(own), dtype=np.int64)
    numbers, local = np.unique(lot, return_inverse=True)
    size = np.bincount(local)
    middle = np.column_stack([np.bincount(local, weights=places[own, axis]) / size for axis in range(2)])
    carried: Floats = np.bincount(local, weights=weight[own]).astype(np.float64)
    # Only as many parts as there are inhabited lots: nobody is put in charge of nothing.
    parts = max(1, min(parts, int((carried > 0).sum()), len(numbers)))
    return partition.halve(middle, carried, parts)[local]


def _outlines(cuts: list[Cut], pieces: Pieces, weight: Ints) -> tuple[Drawn, ...]:
    """Unite outlines from the bottom up: a level is made of the level below where that fills it."""
    shapes: list[Shapes | None] = [None] * len(cuts)
    below = {cut.above: at for at, cut in enumerate(cuts) if _fills(cut, cuts)}
    for at in reversed(range(len(cuts))):
        cut = cuts[at]
        child = below.get(at)
        lower = shapes[child] if child is not None else None
        if child is not None and lower is not None:
            shapes[at] = dissolve(lower, cuts[child].parent, len(cut.parent))
        else:
            shapes[at] = dissolve(pieces.shape, cut.piece_owner, len(cut.parent))
    drawn = []
    for cut, shape in zip(cuts, shapes, strict=True):
        assert shape is not None  # noqa: S101 - filled for every level just above
        held = cut.piece_owner >= 0
        households = np.bincount(cut.piece_owner[held], weights=weight[held], minlength=len(cut.parent))
        drawn.append(
            Drawn(cut.scheme, cut.level, cut.above, cut.parent, households.astype(np.int64), cut.piece_owner, shape)
        )
    return tuple(drawn)


def _fills(cut: Cut, cuts: list[Cut]) -> bool:
    """Whether a level covers all that the level above it covers."""
    return cut.above >= 0 and bool((cut.piece_owner[cuts[cut.above].piece_owner >= 0] >= 0).all())
