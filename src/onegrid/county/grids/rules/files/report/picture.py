"""The map of the report as inline SVG: areas by how far they are from their size, roads, water, what was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from onegrid.county.grids.rules.drawing.ground import Finding
from onegrid.county.grids.rules.metres import LocalPlane

WIDE: Final = 1000.0
TALL: Final = 760.0
MARGIN: Final = 10.0
MOST_GRIDS: Final = 6000
MOST_BUILDINGS: Final = 15_000
MOST_LINES: Final = 40_000
STEPS: Final = (0.03, 0.1, 0.2)
"""Shares of deviation between which the colours lie, three below and three above the one in the middle."""
COLOURS: Final = ("#6F9BC8", "#A9C4E0", "#D3E1F0", "#F3F5F8", "#F1E2C6", "#E2BE82", "#C9913C")


@dataclass(frozen=True)
class GridLayer:
    """Grids of one level to draw: outlines in degrees, what each is called, its deviation, and which are out."""

    key: str
    shapes: NDArray[np.object_]
    labels: Sequence[str]
    deviation: NDArray[np.float64]
    outside: frozenset[int]


@dataclass(frozen=True)
class Backdrop:
    """What lies under the grids, in degrees."""

    buildings: NDArray[np.object_]
    roads: NDArray[np.object_]
    road_rank: NDArray[np.int8]
    water: NDArray[np.object_]


@dataclass(frozen=True)
class _View:
    plane: LocalPlane
    scale: float
    left: float
    top: float
    height: float

    def points(self, coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
        metres = self.plane.to_metres(coordinates)
        return (
            np.column_stack([(metres[:, 0] - self.left) * self.scale, (self.top - metres[:, 1]) * self.scale]) + MARGIN
        )

    def placed(self, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
        return np.asarray(shapely.transform(shapes, self.points), dtype=object)


def picture(
    layers: Sequence[GridLayer], back: Backdrop, findings: Sequence[Finding], words: str
) -> tuple[str, list[str]]:
    """The SVG and the keys of the levels in it; levels with too many grids for a page are left to the files."""
    shown = [layer for layer in layers if 0 < len(layer.shapes) <= MOST_GRIDS]
    everything = [layer.shapes for layer in (shown or layers)]
    view = _view(np.concatenate(everything) if everything else np.zeros(0, dtype=object))
    parts = [
        f'<svg viewBox="0 0 {WIDE:g} {view.height:g}" role="img" aria-label="{escape(words)}" '
        'xmlns="http://www.w3.org/2000/svg" preserveAspectRatio="xMidYMid meet">'
    ]
    parts.append(_areas(view, _within(back.water, 2), "water") + _lines(view, _within(back.water, 1), "river"))
    parts += [_grids(view, layer, place) for place, layer in enumerate(shown)]
    if len(back.buildings) <= MOST_BUILDINGS:
        parts.append(_areas(view, _within(back.buildings, 2), "house"))
    for rank in range(1, 5):
        lines = back.roads[back.road_rank == rank]
        if len(lines) <= MOST_LINES:
            parts.append(_lines(view, lines, f"road r{rank}"))
    parts += [_borders(view, layer, place) for place, layer in enumerate(shown)]
    parts.append(_marks(view, findings))
    parts.append("</svg>")
    return "\n".join(parts), [layer.key for layer in shown]


def _within(shapes: NDArray[np.object_], dimensions: int) -> NDArray[np.object_]:
    return np.asarray(shapes[shapely.get_dimensions(shapes) == dimensions], dtype=object)


def _view(shapes: NDArray[np.object_]) -> _View:
    bounds = shapely.total_bounds(shapes) if len(shapes) else np.array([0.0, 0.0, 1.0, 1.0])
    if not np.isfinite(bounds).all():
        bounds = np.array([0.0, 0.0, 1.0, 1.0])
    plane = LocalPlane(float(bounds[0] + bounds[2]) / 2, float(bounds[1] + bounds[3]) / 2)
    (left, bottom), (right, top) = plane.to_metres(bounds.reshape(2, 2))
    wide, tall = max(right - left, 1.0), max(top - bottom, 1.0)
    scale = min((WIDE - 2 * MARGIN) / wide, (TALL - 2 * MARGIN) / tall)
    spare = (WIDE - 2 * MARGIN) / scale - wide
    return _View(plane, scale, left - spare / 2, top, round(tall * scale + 2 * MARGIN, 1))


def _grids(view: _View, layer: GridLayer, place: int) -> str:
    """Filled areas, one path each, so that a pointer over it tells its name."""
    drawn = _simple(view.placed(layer.shapes))
    off = np.round(np.nan_to_num(layer.deviation), 9)
    colour = 3 + np.sign(off).astype(int) * np.searchsorted(np.array(STEPS), np.abs(off), side="left")
    paths = [
        f'<path class="d{shade}" d="{_path(shape)}"><title>{escape(label)}</title></path>'
        for shape, shade, label in zip(drawn, colour, layer.labels, strict=True)
    ]
    return f'<g class="level fill-{place}">{"".join(paths)}</g>'


def _borders(view: _View, layer: GridLayer, place: int) -> str:
    """Borders over roads and houses; grids out of tolerance have a heavy one."""
    drawn = _simple(view.placed(layer.shapes))
    thin = "".join(_path(shape) for place, shape in enumerate(drawn) if place not in layer.outside)
    thick = "".join(_path(drawn[place]) for place in sorted(layer.outside))
    many = " many" if len(drawn) > 400 else ""
    return (
        f'<g class="level line-{place}"><path class="border{many}" d="{thin}"/>'
        f'<path class="border out" d="{thick}"/></g>'
    )


def _simple(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """As many corners as a picture can show; shared borders stay shared."""
    try:
        return np.asarray(shapely.coverage_simplify(shapes, 0.3), dtype=object)
    except shapely.errors.GEOSException:
        return shapes


def _areas(view: _View, shapes: NDArray[np.object_], name: str) -> str:
    if not len(shapes):
        return ""
    drawn = shapely.simplify(view.placed(shapes), 0.15)
    return f'<path class="{name}" d="{"".join(_path(shape) for shape in drawn)}"/>'


def _lines(view: _View, shapes: NDArray[np.object_], name: str) -> str:
    parts = shapely.get_parts(shapes)
    if not len(parts):
        return ""
    drawn = shapely.simplify(view.placed(parts), 0.2)
    return f'<path class="{name}" d="{"".join(_ring(shapely.get_coordinates(line), False) for line in drawn)}"/>'


def _path(shape: object) -> str:
    rings = shapely.get_rings(np.array([shape], dtype=object))
    return "".join(_ring(shapely.get_coordinates(ring), True) for ring in rings)


def _ring(points: NDArray[np.float64], closed: bool) -> str:
    """Corners as steps in tenths of a pixel: half the length of the text that whole positions take."""
    tenths = np.round(points * 10).astype(np.int64)
    moves = np.diff(tenths, axis=0)
    moves = moves[np.any(moves != 0, axis=1)]
    if not len(moves):
        return ""
    words = [f"M{tenths[0, 0] / 10:g} {tenths[0, 1] / 10:g}l"]
    words.append(" ".join(f"{x / 10:g} {y / 10:g}" for x, y in (moves[:-1] if closed else moves)))
    return "".join(words) + ("z" if closed else "")


def _marks(view: _View, findings: Sequence[Finding]) -> str:
    """A number on the map for each finding that has a place, the same as in the list."""
    marks = []
    for number, one in enumerate(findings, start=1):
        if not np.isfinite(one.where).all():
            continue
        x, y = view.points(np.array([one.where]))[0]
        if 0 <= x <= WIDE and 0 <= y <= view.height:
            marks.append(f'<g transform="translate({x:.1f} {y:.1f})"><circle r="8"/><text>{number}</text></g>')
    return f'<g class="marks">{"".join(marks)}</g>'
