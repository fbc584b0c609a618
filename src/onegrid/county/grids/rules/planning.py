"""What a draft means for the grids of today: which stay, which get another border, which are new, which are retired.

A grid stays itself while it keeps its parent; one that moves to another parent is retired and a new one takes its
place, because paths and codes say where a grid lies. New grids are numbered from the north-west, row by row, behind
every number their parent ever gave, and between them once those are used up; a retired code is not used again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from onegrid.county.grids.rules import codes
from onegrid.county.grids.rules.editing import Cell, Picture
from onegrid.county.grids.rules.numbering import reading_order

Kind = Literal["split", "merge", "redraw"]
ChangeKind = Literal["same", "renamed", "redrawn", "new"]
LEAST_SHARE: Final = 0.001
"""A smaller part of a grid's land is no succession: borders of files differ by a hand's breadth."""


@dataclass(frozen=True)
class Standing:
    """A grid of today inside the draft."""

    id: int
    parent: int
    level: int
    code: str
    name: str
    outline: BaseGeometry = field(repr=False)


@dataclass(frozen=True)
class Frame:
    """A grid the draft leaves as it is and draws inside."""

    id: int
    code: str


@dataclass(frozen=True)
class Made:
    """A cell that becomes a new grid."""

    cell: Cell
    code: str


@dataclass(frozen=True)
class Heir:
    """Who takes over which share of a grid's area. The predecessor may go on with the rest."""

    predecessor: int
    successor: str
    share: float
    kind: Kind


@dataclass(frozen=True)
class Plan:
    """Everything that is to be done, parents before children."""

    change: Mapping[str, ChangeKind]
    made: tuple[Made, ...]
    redrawn: tuple[Cell, ...]
    renamed: tuple[Cell, ...]
    retired: tuple[int, ...]
    heirs: tuple[Heir, ...]

    def kind(self) -> Kind:
        """One word for the whole: split or merge when it is nothing but that."""
        kinds = {heir.kind for heir in self.heirs}
        return next(iter(kinds)) if len(kinds) == 1 and not self.redrawn else "redraw"


def plan(
    picture: Picture,
    *,
    order: Sequence[int],
    digits: Mapping[int, int],
    before: Mapping[int, Standing],
    frames: Mapping[str, Frame],
    taken: Mapping[int, Sequence[str]],
) -> Plan:
    """Compare a picture with today. Raises CodeExhausted.

    `order`: levels, top to bottom. `digits`: what each adds to a code. `frames`: by the parent keys that are no cells.
    `taken`: every code ever given below a grid, by its id.
    """
    change: dict[str, ChangeKind] = {}
    made: list[Made] = []
    code_of = {key: frame.code for key, frame in frames.items()}
    home = {key: frame.id for key, frame in frames.items()}
    for level in order:
        cells = [cell for cell in picture.cells.values() if cell.level == level]
        fresh: dict[str, list[Cell]] = defaultdict(list)
        for cell in cells:
            change[cell.key] = _change(cell, before, home)
            if change[cell.key] == "new":
                fresh[cell.parent].append(cell)
            else:
                home[cell.key], code_of[cell.key] = int(cell.grid or 0), before[int(cell.grid or 0)].code
        for parent, group in sorted(fresh.items()):
            given = _numbered(group, code_of[parent], digits[level], taken.get(home.get(parent, -1), ()))
            code_of.update((one.cell.key, one.code) for one in given)
            made += given
    kept = {int(cell.grid or 0) for cell in picture.cells.values() if change[cell.key] != "new"}
    retired = tuple(sorted(before.keys() - kept))
    redrawn = tuple(cell for cell in picture.cells.values() if change[cell.key] == "redrawn")
    renamed = tuple(
        cell for cell in picture.cells.values()
        if change[cell.key] in ("renamed", "redrawn") and cell.name != before[int(cell.grid or 0)].name
    )  # fmt: skip
    heirs = _heirs(picture, order, before, change, retired, redrawn)
    return Plan(change, tuple(made), redrawn, renamed, retired, heirs)


def _change(cell: Cell, before: Mapping[int, Standing], home: Mapping[str, int]) -> ChangeKind:
    now = before.get(cell.grid) if cell.grid is not None else None
    if now is None or home.get(cell.parent) != now.parent or now.level != cell.level:
        return "new"
    if not (cell.outline.equals_exact(now.outline, 0) or shapely.equals(cell.outline, now.outline)):
        return "redrawn"
    return "same" if cell.name == now.name else "renamed"


def _numbered(group: Sequence[Cell], parent_code: str, width: int, taken: Sequence[str]) -> list[Made]:
    """New siblings in reading order with the next free codes."""
    pattern = codes.CodePattern((width,))
    spots = shapely.get_coordinates(shapely.point_on_surface(np.array([cell.outline for cell in group], dtype=object)))
    numbers = codes.free_ordinals(taken, parent_code, pattern, 0, len(group))
    return [
        Made(group[int(at)], codes.extend(parent_code, number, pattern, 0))
        for number, at in zip(numbers, reading_order(spots[:, 0], spots[:, 1]), strict=True)
    ]


def _heirs(
    picture: Picture,
    order: Sequence[int],
    before: Mapping[int, Standing],
    change: Mapping[str, ChangeKind],
    retired: Sequence[int],
    redrawn: Sequence[Cell],
) -> tuple[Heir, ...]:
    """Who takes over from every retired grid, and from every grid that goes on with less land."""
    found: list[tuple[int, str, float]] = []
    levels = {level: at for at, level in enumerate(order)}
    drawn = {cell.level for cell in picture.cells.values()}
    takers: dict[int, list[Cell]] = defaultdict(list)
    for cell in picture.cells.values():
        takers[cell.level].append(cell)
    own = {int(cell.grid or 0): cell.key for cell in redrawn}
    losing: dict[int, list[Standing]] = defaultdict(list)
    for key in (*retired, *own):
        losing[before[key].level].append(before[key])
    for level, grids in losing.items():
        at = levels.get(level, len(order))
        near = level if level in drawn else min(drawn, key=lambda one: (abs(levels[one] - at), levels[one]), default=-1)
        changed = [cell for cell in takers.get(near, []) if near != level or change[cell.key] in ("new", "redrawn")]
        found += [row for row in _shares(grids, changed) if own.get(row[0]) != row[1]]
    outs = Counter(grid for grid, _, _ in found) + Counter(list(own))
    ins = Counter(key for _, key, _ in found) + Counter(list(own.values()))
    return tuple(
        Heir(
            grid,
            key,
            share,
            "split" if ins[key] == 1 < outs[grid] else "merge" if outs[grid] == 1 < ins[key] else "redraw",
        )
        for grid, key, share in found
    )


def _shares(grids: Sequence[Standing], takers: Sequence[Cell]) -> list[tuple[int, str, float]]:
    """(grid, cell, share of the grid's area) wherever they overlap by more than a trifle, largest share first."""
    if not takers:
        return []
    shapes = np.array([cell.outline for cell in takers], dtype=object)
    olds = np.array([grid.outline for grid in grids], dtype=object)
    left, right = shapely.STRtree(shapes).query(olds, predicate="intersects")
    share = shapely.area(shapely.intersection(olds[left], shapes[right])) / shapely.area(olds[left])
    rows = [
        (grids[int(one)].id, takers[int(other)].key, float(part))
        for one, other, part in zip(left, right, share, strict=True)
        if part > LEAST_SHARE
    ]
    return sorted(rows, key=lambda row: (row[0], -row[2], row[1]))
