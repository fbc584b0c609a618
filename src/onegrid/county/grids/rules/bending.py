"""The border between two grids, moved corner by corner. Pure: a picture goes in, a change comes out.

Both grids together keep their land: they are cut anew along the new border, so nobody else is touched and nothing
gapes. Corners that were not moved stay exactly; moved and new ones jump onto what is around them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from onegrid.county.grids.errors import BorderUnusable, NotAdjacent, NotSiblings
from onegrid.county.grids.rules import editing, snapping
from onegrid.county.grids.rules.editing import Cell, Change, Guides, Picture

JOIN: Final = 1e-8
"""Degrees, about a millimetre: pages round what they send; nearer than that two corners are one."""
Corners = NDArray[np.float64]


def shared(one: BaseGeometry, other: BaseGeometry) -> list[Corners]:
    """The border two outlines share as lines of corners (n, 2), the longest first; none where they touch in points."""
    first, second = shapely.boundary(one), shapely.boundary(other)
    first = shapely.snap(first, second, JOIN)
    common = shapely.intersection(first, shapely.snap(second, first, JOIN))
    pieces = [part for part in shapely.get_parts(common) if part.geom_type == "LineString" and part.length > 0]
    if not pieces:
        return []
    merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(pieces)))
    found = sorted(merged, key=lambda line: (-line.length, line.bounds))
    return [shapely.get_coordinates(line) for line in found]


def border_of(picture: Picture, key: str, other: str) -> list[Corners]:
    """The border two siblings share. Raises CellNotFound, NotSiblings, NotAdjacent, BorderUnusable for a grid that
    lies all around the other."""
    cell, beside = picture.cell(key), picture.cell(other)
    if cell.key == beside.key or (cell.parent, cell.level) != (beside.parent, beside.level):
        raise NotSiblings("grids.errors.not_siblings")
    lines = shared(cell.outline, beside.outline)
    if not lines:
        raise NotAdjacent("drafts.errors.not_adjacent")
    if any(np.array_equal(line[0], line[-1]) for line in lines):
        raise BorderUnusable("drafts.errors.border_ring")
    return lines


def bend(picture: Picture, key: str, other: str, drawn: BaseGeometry, *, guides: Guides) -> Change:
    """Give two siblings another border. `drawn`: the whole of it, a line for each line of `border_of`.

    Grids with grids below them keep those whole. Raises as `border_of`, and BorderUnusable when the border does not
    part the two, is as it was, or leaves one without land or in pieces.
    """
    before = border_of(picture, key, other)
    cell, beside = picture.cell(key), picture.cell(other)
    lines = [shapely.get_coordinates(line) for line in shapely.get_parts(drawn)]
    if len(lines) != len(before) or any(len(line) < 2 for line in lines):
        raise BorderUnusable("drafts.errors.border_no_line")
    both = shapely.union(cell.outline, beside.outline)
    around = [one for one in picture.beside(cell) if one.key != other]
    lines = [_fitted(line, before, both, around, guides) for line in lines]
    own, rest = _parted(cell, beside, both, lines)
    if own.equals(cell.outline):
        raise BorderUnusable("drafts.errors.border_as_was")
    inside = {one.key: picture.below(one.key) for one in (cell, beside)}
    if any(inside.values()):
        if not all(inside.values()):
            raise NotSiblings("drafts.errors.some_without_children")
        return editing.hand_over(cell, [beside], inside, own, exactly=True)
    if len(guides.buildings):
        own, rest = snapping.with_whole_buildings([own, rest], guides.buildings)
    if own.equals(cell.outline):
        raise BorderUnusable("drafts.errors.border_as_was")
    return Change((editing.checked(cell, own), editing.checked(beside, rest)))


def _fitted(
    line: Corners, before: Sequence[Corners], both: BaseGeometry, around: Sequence[Cell], guides: Guides
) -> Corners:
    """A line whose kept corners are exactly those of before, whose others are snapped, and which ends at the rim."""
    old = np.concatenate(before)
    away = np.abs(line[:, None, :] - old[None, :, :]).max(axis=2)
    nearest = away.argmin(axis=1)
    kept = away[np.arange(len(line)), nearest] <= JOIN
    found = line.copy()
    found[kept] = old[nearest[kept]]
    rim = shapely.boundary(both)
    shapes = np.array([one.outline for one in around], dtype=object)
    corners = np.unique(np.concatenate([shapely.get_coordinates(rim), shapely.get_coordinates(shapes)]), axis=0)
    edges = np.concatenate([np.array([rim], dtype=object), shapely.boundary(shapes), guides.lines])
    found[~kept] = snapping.snapped(line[~kept], corners, edges, guides.within_m)
    reach = snapping.carried_on(found, both, guides.within_m * snapping.REACH)
    for end in (0, -1):
        if shapely.distance(shapely.points(found[end]), rim) > JOIN:
            found[end] = reach[end]
    return found


def _parted(
    cell: Cell, beside: Cell, both: BaseGeometry, lines: Sequence[Corners]
) -> tuple[BaseGeometry, BaseGeometry]:
    """The land of both on either side of a border: each grid gets the side that has most of it."""
    pieces = snapping.pieces_along(both, shapely.multilinestrings([shapely.linestrings(line) for line in lines]))
    if len(pieces) < 2:
        raise BorderUnusable("drafts.errors.border_open")
    shapes = np.array(pieces, dtype=object)
    mine = shapely.area(shapely.intersection(shapes, cell.outline)) / cell.outline.area
    theirs = shapely.area(shapely.intersection(shapes, beside.outline)) / beside.outline.area
    own = mine > theirs
    if own.all() or not own.any():
        loser = beside if own.all() else cell
        raise BorderUnusable("drafts.errors.border_swallows", name=loser.name)
    return shapely.union_all(shapes[own]), shapely.union_all(shapes[~own])
