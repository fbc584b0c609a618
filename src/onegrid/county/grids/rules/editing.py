"""Editing a picture of grids by hand: split, merge, move a border, rename. Pure: a picture goes in, a change comes out.

Siblings tile their parent before and after. A grid with grids below it keeps them whole: its border runs along theirs,
so that levels stay nested exactly; who wants a finer border draws it on the lowest level.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from onegrid.county.grids.errors import BorderUnusable, CellNotFound, LineDoesNotSplit, NotAdjacent, NotSiblings
from onegrid.county.grids.rules import snapping
from onegrid.county.grids.rules.metres import area_m2

ROUNDING_M2: Final = 0.01
"""Land that only rounding made."""
NO_SHAPES: Final[NDArray[np.object_]] = np.empty(0, dtype=object)


@dataclass(frozen=True)
class Cell:
    """A grid as a picture has it. `key` and `parent` are names within the picture; `grid` is the one it continues."""

    key: str
    parent: str
    level: int
    name: str
    outline: BaseGeometry = field(repr=False)
    grid: int | None = None


@dataclass(frozen=True)
class Change:
    """What an edit does: cells that are new or different now, and keys that are gone."""

    put: tuple[Cell, ...] = ()
    gone: tuple[str, ...] = ()


@dataclass(frozen=True)
class Guides:
    """What lies around a hand-drawn line: streets it may follow and buildings it must not cut; degrees, metres."""

    lines: NDArray[np.object_] = field(default_factory=lambda: NO_SHAPES)
    buildings: NDArray[np.object_] = field(default_factory=lambda: NO_SHAPES)
    within_m: float = 8.0


class Picture:
    """All cells at one moment."""

    def __init__(self, cells: Iterable[Cell]) -> None:
        self.cells = {cell.key: cell for cell in cells}
        self._below: dict[str, list[str]] = defaultdict(list)
        for cell in self.cells.values():
            self._below[cell.parent].append(cell.key)

    def cell(self, key: str) -> Cell:
        """One cell. Raises CellNotFound."""
        found = self.cells.get(key)
        if found is None:
            raise CellNotFound()
        return found

    def below(self, key: str) -> list[Cell]:
        """The cells directly inside one."""
        return [self.cells[one] for one in self._below.get(key, ())]

    def beside(self, cell: Cell) -> list[Cell]:
        """Its siblings, without itself."""
        return [one for one in self.below(cell.parent) if one.key != cell.key and one.level == cell.level]

    def after(self, change: Change) -> Picture:
        """The picture with a change made."""
        cells = {key: cell for key, cell in self.cells.items() if key not in change.gone}
        cells.update((cell.key, cell) for cell in change.put)
        return Picture(cells.values())


def split(
    picture: Picture, key: str, line: BaseGeometry, *, names: Sequence[str], fresh: Callable[[], str], guides: Guides
) -> Change:
    """Cut a cell along a line; the pieces are new cells, the larger first. Raises CellNotFound, LineDoesNotSplit."""
    cell = picture.cell(key)
    points = shapely.get_coordinates(line)
    if len(points) < 2:
        raise LineDoesNotSplit("drafts.errors.line_does_not_split")
    around = [cell, *picture.beside(cell)]
    points = snapping.snapped(points, _corners([cell]), _borders(around, guides), guides.within_m)
    points = snapping.carried_on(points, cell.outline, guides.within_m * snapping.REACH)
    pieces = snapping.pieces_along(cell.outline, shapely.linestrings(points))
    if len(pieces) < 2:
        raise LineDoesNotSplit("drafts.errors.line_does_not_split")
    inside = picture.below(key)
    if inside:
        return _split_above(cell, inside, pieces, names, fresh)
    pieces = snapping.with_whole_buildings(pieces, guides.buildings)
    made = [Cell(fresh(), cell.parent, cell.level, _named(names, at, cell), piece) for at, piece in enumerate(pieces)]
    return Change(tuple(made), (key,))


def _split_above(
    cell: Cell, inside: Sequence[Cell], pieces: Sequence[BaseGeometry], names: Sequence[str], fresh: Callable[[], str]
) -> Change:
    """Cut a cell that holds others: each goes whole to the side that has most of it."""
    shapes = np.array([one.outline for one in inside], dtype=object)
    shares = np.array([shapely.area(shapely.intersection(shapes, piece)) for piece in pieces])
    side = shares.argmax(axis=0)
    made: list[Cell] = []
    for at in sorted(set(side.tolist())):
        union = shapely.union_all(shapes[side == at])
        if union.geom_type != "Polygon" and cell.outline.geom_type == "Polygon":
            raise LineDoesNotSplit("drafts.errors.side_in_pieces")
        key = fresh()
        made.append(Cell(key, cell.parent, cell.level, _named(names, len(made), cell), union))
        made += [replace(one, parent=key) for one, where in zip(inside, side.tolist(), strict=True) if where == at]
    if sum(one.level == cell.level for one in made) < 2:
        raise LineDoesNotSplit("drafts.errors.line_does_not_split")
    return Change(tuple(made), (cell.key,))


def _named(names: Sequence[str], at: int, cell: Cell) -> str:
    """The name asked for, else that of the grid that was cut, numbered."""
    wanted = names[at].strip() if at < len(names) else ""
    return wanted or f"{cell.name}-{at + 1}"


def merge(picture: Picture, keys: Sequence[str], *, name: str, fresh: Callable[[], str]) -> Change:
    """One cell in the place of several siblings that touch; what lies in them lies in it. Raises CellNotFound,
    NotSiblings, NotAdjacent."""
    cells = [picture.cell(key) for key in dict.fromkeys(keys)]
    if len(cells) < 2 or len({(cell.parent, cell.level) for cell in cells}) != 1:
        raise NotSiblings("grids.errors.not_siblings")
    inside = [picture.below(cell.key) for cell in cells]
    if any(inside) and not all(inside):
        raise NotSiblings("drafts.errors.some_without_children")
    shapes = np.array([cell.outline for cell in cells], dtype=object)
    whole = shapely.union_all(shapes)
    if len(shapely.get_parts(whole)) > max(len(shapely.get_parts(shape)) for shape in shapes):
        raise NotAdjacent("drafts.errors.not_adjacent")
    largest = cells[int(np.argmax(area_m2(shapes)))]
    made = Cell(fresh(), largest.parent, largest.level, name.strip() or largest.name, whole)
    moved = [replace(one, parent=made.key) for group in inside for one in group]
    return Change((made, *moved), tuple(cell.key for cell in cells))


def rename(picture: Picture, key: str, name: str) -> Change:
    """Another name for a cell. Raises CellNotFound."""
    return Change((replace(picture.cell(key), name=name.strip()),))


def give(
    picture: Picture, key: str, land: BaseGeometry, *, guides: Guides, exactly: bool, frame: BaseGeometry | None = None
) -> Change:
    """Move a cell's border: `land` goes to it, as far as it lies in its parent; with `exactly` it has nothing else.

    What it loses goes to the sibling that borders it most. `frame` is the outline of a parent that is no cell; with it
    land that is nobody's can be taken. Raises CellNotFound, BorderUnusable.
    """
    cell = picture.cell(key)
    beside = picture.beside(cell)
    above = picture.cells.get(cell.parent)
    land = _fitted(cell, beside, land, guides, above.outline if above is not None else frame)
    inside = {one.key: picture.below(one.key) for one in (cell, *beside)}
    if inside[key]:
        return hand_over(cell, beside, inside, land, exactly=exactly)
    parts = _given(cell, beside, land, exactly=exactly)
    changed = [one for one, part in parts.items() if not part.equals(_of(cell, beside, one).outline)]
    if not changed:
        raise BorderUnusable("drafts.errors.border_same")
    if len(guides.buildings):
        whole = snapping.with_whole_buildings([parts[one] for one in changed], guides.buildings)
        parts.update(zip(changed, whole, strict=True))
    return Change(tuple(checked(_of(cell, beside, one), parts[one]) for one in changed))


def _fitted(
    cell: Cell, beside: Sequence[Cell], land: BaseGeometry, guides: Guides, frame: BaseGeometry | None
) -> BaseGeometry:
    """A hand-drawn polygon snapped to what is around it, valid, inside the parent. Raises BorderUnusable."""
    around = [cell, *beside]
    if land.geom_type not in ("Polygon", "MultiPolygon") or land.is_empty:
        raise BorderUnusable("drafts.errors.border_no_polygon")
    points = snapping.snapped(
        shapely.get_coordinates(land), _corners(around), _borders(around, guides), guides.within_m
    )
    fitted = shapely.make_valid(shapely.set_coordinates(shapely.from_wkb(land.wkb), points))
    whole = frame or shapely.union_all(np.array([one.outline for one in around], dtype=object))
    fitted = _polygons(shapely.intersection(fitted, whole))
    if fitted.is_empty:
        raise BorderUnusable("drafts.errors.border_outside")
    return fitted


def _given(cell: Cell, beside: Sequence[Cell], land: BaseGeometry, *, exactly: bool) -> dict[str, BaseGeometry]:
    """The outlines of the cell and its siblings once the land is the cell's."""
    parts = {one.key: one.outline for one in beside}
    for key, outline in list(parts.items()):
        if shapely.intersects(outline, land):
            rest = _polygons(shapely.difference(outline, land))
            if rest.is_empty:
                raise BorderUnusable("drafts.errors.border_swallows", name=_of(cell, beside, key).name)
            parts[key] = rest
    own = land if exactly else shapely.union(cell.outline, land)
    lost = shapely.get_parts(_polygons(shapely.difference(cell.outline, own)))
    crumbs: list[tuple[str | None, BaseGeometry]] = [(None, piece) for piece in lost]
    for one in beside:
        pieces = sorted(shapely.get_parts(parts[one.key]), key=lambda piece: -piece.area)
        if len(pieces) > len(shapely.get_parts(one.outline)):
            parts[one.key] = pieces[0]
            crumbs += [(one.key, piece) for piece in pieces[1:]]
    for former, piece in crumbs:
        takers = [key for key in parts if key != former]
        shapes = [parts[key] for key in takers] + ([own] if former is not None else [])
        if not shapes:
            raise BorderUnusable("drafts.errors.border_alone")
        at = snapping.most_bordering(piece, shapes)
        if at < len(takers):
            parts[takers[at]] = shapely.union(parts[takers[at]], piece)
        else:
            own = shapely.union(own, piece)
    return {cell.key: own, **parts}


def hand_over(
    cell: Cell, beside: Sequence[Cell], inside: dict[str, list[Cell]], land: BaseGeometry, *, exactly: bool
) -> Change:
    """Move the border of a cell that holds others: those that lie mostly in the land are its own, whole."""
    owner: dict[str, str] = {}
    held: dict[str, Cell] = {}
    for above, cells in inside.items():
        for one in cells:
            held[one.key] = one
            mostly = shapely.intersection(one.outline, land).area * 2 > one.outline.area
            if mostly:
                owner[one.key] = cell.key
            elif above != cell.key or not exactly:
                owner[one.key] = above
    for key in held.keys() - owner.keys():
        near = [one for one in beside if one.key in set(owner.values())]
        if not near:
            raise BorderUnusable("drafts.errors.border_alone")
        at = snapping.most_bordering(held[key].outline, [one.outline for one in near])
        owner[key] = near[at].key
    moved = [replace(held[key], parent=above) for key, above in owner.items() if held[key].parent != above]
    if not moved:
        raise BorderUnusable("drafts.errors.border_same")
    touched = {one.parent for one in moved} | {held[one.key].parent for one in moved}
    put: list[Cell] = []
    for one in (cell, *beside):
        if one.key not in touched:
            continue
        own = [held[key].outline for key, above in owner.items() if above == one.key]
        if not own:
            raise BorderUnusable("drafts.errors.border_swallows", name=one.name)
        put.append(checked(one, shapely.union_all(np.array(own, dtype=object))))
    return Change((*put, *moved))


def checked(cell: Cell, outline: BaseGeometry) -> Cell:
    """The cell with its new outline. Raises BorderUnusable when it would fall into more pieces than it had."""
    outline = _polygons(outline)
    if outline.is_empty:
        raise BorderUnusable("drafts.errors.border_swallows", name=cell.name)
    if len(shapely.get_parts(outline)) > len(shapely.get_parts(cell.outline)):
        raise BorderUnusable("drafts.errors.border_tears", name=cell.name)
    return replace(cell, outline=outline)


def _polygons(shape: BaseGeometry) -> BaseGeometry:
    """The areas of a shape: lines, points and slips of rounding that an operation left over are dropped."""
    parts = shapely.get_parts(shape)
    areas = [part for part in parts if part.geom_type == "Polygon" and part.area > 0]
    nested = [one for part in parts if part.geom_type == "MultiPolygon" for one in shapely.get_parts(part)]
    found = np.array([*areas, *nested], dtype=object)
    if not len(found):
        return shapely.Polygon()
    sizes = area_m2(found)
    kept = found[sizes > ROUNDING_M2]
    if not len(kept):
        return shapely.Polygon()
    return kept[0] if len(kept) == 1 else shapely.multipolygons(kept)


def _of(cell: Cell, beside: Sequence[Cell], key: str) -> Cell:
    return cell if key == cell.key else next(one for one in beside if one.key == key)


def _corners(cells: Sequence[Cell]) -> NDArray[np.float64]:
    return np.unique(shapely.get_coordinates(np.array([cell.outline for cell in cells], dtype=object)), axis=0)


def _borders(cells: Sequence[Cell], guides: Guides) -> NDArray[np.object_]:
    edges = shapely.boundary(np.array([cell.outline for cell in cells], dtype=object))
    return np.concatenate([edges, guides.lines])
