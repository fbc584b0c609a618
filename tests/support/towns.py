"""Small towns for tests of drawing: given in metres on a plane at 119° E, 26° N, handed over in degrees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from onegrid.county.grids.rules.drawing.atoms import Atoms, Edges
from onegrid.county.grids.rules.drawing.cells import lay_out
from onegrid.county.grids.rules.drawing.ground import Finding, Ground, in_degrees, in_metres
from onegrid.county.grids.rules.metres import LocalPlane

PLANE = LocalPlane(119.0, 26.0)


def shapes(found: Sequence[Any]) -> NDArray[np.object_]:
    """Shapes in metres (or their text) as an object array in degrees."""
    made = np.empty(len(found), dtype=object)
    made[:] = [shapely.from_wkt(one) if isinstance(one, str) else one for one in found]
    there = np.array([one is not None for one in made], dtype=bool)
    made[there] = in_degrees(made[there], PLANE)
    return made


def town(
    buildings: Sequence[Any] = (),
    households: Sequence[float] | None = None,
    *,
    weight: Sequence[float] | None = None,
    units: Sequence[int] | None = None,
    floors: Sequence[int] | None = None,
    roads: Sequence[Any] = (),
    ranks: Sequence[int] | None = None,
    water: Sequence[Any] = (),
    areas: Sequence[Any] = (),
    names: Sequence[str] | None = None,
    codes: Sequence[str] | None = None,
) -> Ground:
    """A ground from shapes in metres; one household, stairwell and storey each, streets, unless said otherwise."""
    count = len(buildings)
    homes = np.ones(count) if households is None else np.array(households, dtype=np.float64)
    return Ground(
        buildings=shapes(buildings),
        households=homes,
        weight=homes.copy() if weight is None else np.array(weight, dtype=np.float64),
        units=np.ones(count, dtype=np.int64) if units is None else np.array(units, dtype=np.int64),
        floors=np.ones(count, dtype=np.int64) if floors is None else np.array(floors, dtype=np.int64),
        source=np.array([f"row {row + 1}" for row in range(count)], dtype=object),
        roads=shapes(roads),
        road_rank=np.array([1] * len(roads) if ranks is None else ranks, dtype=np.int8),
        water=shapes(water),
        areas=shapes(areas),
        area_names=[f"area {row}" for row in range(len(areas))] if names is None else list(names),
        area_codes=["" for _ in areas] if codes is None else list(codes),
    )


def house(x: float, y: float, side: float = 8.0) -> shapely.Polygon:
    """A square house around a point."""
    return shapely.box(x - side / 2, y - side / 2, x + side / 2, y + side / 2)


def lattice(size: int, step: float = 100.0) -> list[shapely.LineString]:
    """Streets of a square town of size × size blocks, from 0, 0 to the north-east."""
    reach = size * step
    across = [shapely.LineString([(0, at * step), (reach, at * step)]) for at in range(1, size)]
    return across + [shapely.LineString([(at * step, 0), (at * step, reach)]) for at in range(1, size)]


def random_town(seed: int, *, blocks: int = 3, homes: int = 60, mess: float = 0.0) -> Ground:
    """A town of houses, slabs and towers in jittered streets; ``mess`` is the share of rows that are faulty."""
    dice = np.random.default_rng(seed)
    reach = blocks * 100.0
    areas = [shapely.box(0, 0, reach / 2, reach), shapely.box(reach / 2, 0, reach, reach)]
    buildings: list[Any] = []
    households, units, floors = [], [], []
    for _ in range(homes):
        x, y = dice.uniform(5, reach - 5, 2)
        kind = dice.integers(4)
        wide, deep = (8, 8) if kind == 0 else (dice.uniform(10, 60), dice.uniform(8, 16))
        shape = shapely.affinity.rotate(shapely.box(x - wide / 2, y - deep / 2, x + wide / 2, y + deep / 2), kind * 25)
        number = 1 if kind == 0 else int(dice.integers(1, 4))
        storeys = 1 if kind == 0 else int(dice.integers(1, 12))
        buildings.append(spoilt(shape, dice) if dice.random() < mess else shape)
        units.append(number)
        floors.append(storeys)
        households.append(float(dice.integers(0, 3)) if kind == 0 else float(number * storeys * dice.integers(1, 4)))
    roads: list[Any] = [shapely.LineString(_shaken(line, dice)) for line in lattice(blocks)]
    water: list[Any] = []
    if mess:
        roads += _messy_roads(reach, dice)
        areas = _messy_areas(reach, dice)
        water = _messy_water(reach, dice)
    return town(
        buildings, households, units=units, floors=floors, roads=roads, areas=areas, water=water,
        ranks=list(dice.integers(0, 5, len(roads))), names=["", "甲村", "乙村", "丙村"][: len(areas)],
    )  # fmt: skip


def _messy_roads(reach: float, dice: np.random.Generator) -> list[Any]:
    """Streets as bad data has them: beside the border, in two carriageways, twice, in a ring, short, nowhere."""
    x, y = dice.uniform(20, reach - 20, 2)
    border = shapely.LineString([(reach / 2 + 1, -5), (reach / 2 - 1, reach / 2), (reach / 2 + 1, reach + 5)])
    one = shapely.LineString(_shaken(shapely.LineString([(-9, y), (reach + 9, y)]), dice))
    every = [
        border, one, one, one.parallel_offset(7), shapely.Point(x, y).buffer(12).exterior, shapely.Point(x, y),
        shapely.LineString([(x, y), (x + 0.01, y)]), None, shapely.LineString(), shapely.box(x, y, x + 9, y + 9),
        shapely.LineString([(x, 3), (x, y - 4)]), shapely.LineString([(x, y), (x, y)]),
        shapely.MultiLineString([[(x, 0), (x + 5, reach)], [(x + 5, 0), (x, reach)]]),
    ]  # fmt: skip
    return [every[at] for at in np.flatnonzero(dice.random(len(every)) < 0.5)]


def _messy_areas(reach: float, dice: np.random.Generator) -> list[Any]:
    """Areas as bad data has them: overlapping, a crack apart, crossing themselves, with islands and holes, or none."""
    half, slip = reach / 2, dice.uniform(-3, 3)
    left, right = shapely.box(0, 0, half, reach), shapely.box(half + slip, 0, reach, reach)
    island = shapely.box(reach + 30, 0, reach + 60, 30)
    every = [
        [left, right],
        [left, shapely.MultiPolygon([right, island])],
        [left.difference(shapely.box(30, 30, half - 9, 90)), right],
        [shapely.Polygon([(0, 0), (reach, reach), (reach, 0), (0, reach)])],
        [left, right, shapely.box(half - 5, reach - 5, reach, reach + 80), None],
        [],
    ]
    return every[dice.integers(len(every))]


def _messy_water(reach: float, dice: np.random.Generator) -> list[Any]:
    """A river drawn as a line, a lake, a bow tie of a pond, nothing."""
    x, y = dice.uniform(20, reach - 20, 2)
    river = shapely.LineString(_shaken(shapely.LineString([(-9, y), (reach + 9, x)]), dice))
    pond = shapely.Polygon([(x, y), (x + 40, y + 40), (x + 40, y), (x, y + 40)])
    every = [river, river.buffer(9), pond, None, shapely.Point(x, y), shapely.Point(x, y).buffer(15)]
    return [every[at] for at in np.flatnonzero(dice.random(len(every)) < 0.4)]


def _shaken(line: shapely.LineString, dice: np.random.Generator) -> NDArray[np.float64]:
    """The line in pieces of 25 m, its inner corners moved a little."""
    points = shapely.get_coordinates(shapely.segmentize(line, 25.0))
    points[1:-1] += dice.normal(0, 4, points[1:-1].shape)
    return points


def spoilt(shape: shapely.Polygon, dice: np.random.Generator) -> Any:
    """A footprint as bad data has it: missing, crossing itself, a line, a point, in two parts, far away, high up."""
    x, y = shape.centroid.x, shape.centroid.y
    ring = shapely.get_coordinates(shape)
    return [
        None,
        shapely.Polygon(),
        shapely.Polygon(ring[[0, 2, 1, 3, 0]]),
        shapely.LineString(ring[:3]),
        shapely.LineString(ring),
        shapely.Point(x, y),
        shapely.MultiPolygon([shape, shapely.affinity.translate(shape, 90, 0)]),
        shapely.MultiPolygon([shape, shapely.affinity.translate(shape, 3, 0)]),
        shapely.affinity.translate(shape, 1e6, 0),
        shapely.Polygon([(x, y), (x, y), (x, y), (x, y)]),
        shapely.Point(float("nan"), y),
        shapely.GeometryCollection([shape, shapely.Point(x, y)]),
        shapely.force_3d(shape, 7.0),
        shapely.Point(0, 0),
        shapely.MultiPoint([(x, y), (x + 1, y)]),
    ][dice.integers(15)]


def laid_out(ground: Ground) -> tuple[Ground, list[Finding], Atoms, Edges]:
    """A ground cleaned and laid out."""
    clean, found = ground.cleaned()
    return clean, found, *lay_out(clean)


def assert_lies_right(ground: Ground) -> tuple[Ground, list[Finding], Atoms, Edges]:
    """Everything that must hold whatever comes in."""
    clean, found, atoms, edges = laid_out(ground)
    figures = ground.households[np.isfinite(ground.households) & (ground.households > 0)]
    assert np.isclose(figures.sum(), atoms.households.sum() + sum(one.households for one in found))
    areas = in_metres(clean.areas, clean.plane())
    assert shapely.coverage_is_valid(atoms.cell)
    assert shapely.is_valid(atoms.cell).all()
    assert (shapely.get_type_id(atoms.cell) == shapely.GeometryType.POLYGON).all()
    covered = np.bincount(atoms.area, weights=shapely.area(atoms.cell), minlength=len(areas))
    assert np.allclose(covered, shapely.area(areas), rtol=1e-9)
    assert (edges.left < edges.right).all()
    assert (atoms.area[edges.left] == atoms.area[edges.right]).all()
    assert (edges.length_m > 0).all()
    links = coo_array((np.ones(len(edges)), (edges.left, edges.right)), shape=(len(atoms), len(atoms)))
    assert connected_components(links, directed=False)[0] == len(areas)
    return clean, found, atoms, edges
