"""Which grid holds a point: one index of leaf outlines, in memory.

The area is cut into small squares. A square that no outline's border touches lies whole in the same outlines, so its
points are answered from a table; the rest go the exact way: a candidate search by boxes, then a test against prepared
outlines. Borders belong to both neighbours, and the one with the lowest key wins: every machine gives one answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

NOWHERE = -1
SQUARES_PER_OUTLINE: Final = 40
FEWEST_SQUARES, MOST_SQUARES = 1_024, 4_000_000
LONGEST: Final = 8_192
"""Squares along the longer side, at most: an area may be long and thin."""
MARGIN: Final = 1e-6
"""Part of a square by which borders count as wider: far more than rounding can move a point or a border."""
_UNSURE: Final = -2
Exact = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.int64]]


class PointIndex:
    """Finds the outline that holds a point. Immutable once made, safe to share between threads."""

    def __init__(self, keys: NDArray[np.int64], outlines: NDArray[np.object_]) -> None:
        """Take keys and outlines (WGS84 degrees) of equal length, in any order."""
        order = np.argsort(keys)
        self._keys = keys[order]
        self._outlines = outlines[order]
        shapely.prepare(self._outlines)
        self._tree = shapely.STRtree(self._outlines)
        self._squares = _Squares(self._outlines, self._exact_many)

    def __len__(self) -> int:
        return len(self._keys)

    def locate(self, lon: float, lat: float) -> int | None:
        """The key of the grid at one point, or None outside of all."""
        at = self._squares.at(lon, lat)
        if at == _UNSURE:
            hits = self._tree.query(shapely.Point(lon, lat))
            held = [int(hit) for hit in hits if shapely.intersects_xy(self._outlines[hit], lon, lat)]
            at = min(held) if held else NOWHERE
        return None if at == NOWHERE else int(self._keys[at])

    def locate_many(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.int64]:
        """The key for each point, NOWHERE (-1) for points outside of all outlines."""
        if not len(self._keys) or not len(lon):
            return np.full(len(lon), NOWHERE, dtype=np.int64)
        at = self._squares.at_many(lon, lat)
        unsure = np.flatnonzero(at == _UNSURE)
        at[unsure] = self._exact_many(lon[unsure], lat[unsure])
        return np.where(at == NOWHERE, NOWHERE, self._keys[at])

    def _exact_many(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.int64]:
        """Position of the outline for each point by the exact test, NOWHERE outside of all."""
        result = np.full(len(lon), NOWHERE, dtype=np.int64)
        points, hits = self._tree.query(shapely.points(lon, lat))
        inside = shapely.intersects_xy(self._outlines[hits], lon[points], lat[points])
        points, hits = points[inside], hits[inside]
        # Keys are sorted, so writing from the highest position down leaves the lowest key standing.
        order = np.argsort(-hits, kind="stable")
        result[points[order]] = hits[order]
        return result

    def distances_m(self, lon: float, lat: float, metres: float) -> list[int]:
        """Keys of outlines within ``metres`` of a point, nearest first."""
        east = 111_320 * np.cos(np.radians(lat))
        near = self._tree.query(shapely.Point(lon, lat), predicate="dwithin", distance=metres / east)
        away = shapely.distance(self._outlines[near], shapely.Point(lon, lat))
        return [int(self._keys[hit]) for hit in near[np.argsort(away, kind="stable")]]


class _Squares:
    """The table of squares: which outline holds all of it, NOWHERE, or unsure."""

    def __init__(self, outlines: NDArray[np.object_], exact: Exact) -> None:
        west, south, east, north = shapely.total_bounds(outlines) if len(outlines) else (0.0, 0.0, 0.0, 0.0)
        width, height = float(east - west), float(north - south)
        wanted = min(max(SQUARES_PER_OUTLINE * len(outlines), FEWEST_SQUARES), MOST_SQUARES)
        self._west, self._south = float(west), float(south)
        self._side = max(float(np.sqrt(width * height / wanted)), max(width, height) / LONGEST, 1e-9)
        self._wide = int(width / self._side) + 1 if len(outlines) else 0
        self._high = int(height / self._side) + 1 if len(outlines) else 0
        self._table = np.full((self._high, self._wide), _UNSURE, dtype=np.int32)
        if len(outlines):
            self._fill(outlines, exact)

    def _fill(self, outlines: NDArray[np.object_], exact: Exact) -> None:
        """Squares apart from every border that touch each other hold the same outlines: one is asked for all."""
        # A tenth of a second to import, and only who makes an index needs it.
        from scipy import ndimage  # noqa: PLC0415

        apart = ~self._touched(outlines)
        label, count = ndimage.label(apart)
        if not count:
            return
        first = np.zeros(count + 1, dtype=np.int64)
        flat = label.ravel()
        first[flat[::-1]] = np.arange(flat.size - 1, -1, -1)
        row, column = np.divmod(first[1:], self._wide)
        answer = exact(self._west + (column + 0.5) * self._side, self._south + (row + 0.5) * self._side)
        self._table = np.concatenate(([_UNSURE], answer)).astype(np.int32)[label]

    def _touched(self, outlines: NDArray[np.object_]) -> NDArray[np.bool_]:
        """Squares that a border touches or nearly touches."""
        touched = np.zeros((self._high, self._wide), dtype=bool)
        spots, owner = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(outlines)), return_index=True)
        same = owner[1:] == owner[:-1]
        begin = (spots[:-1][same] - (self._west, self._south)) / self._side
        step = (spots[1:][same] - (self._west, self._south)) / self._side - begin
        pieces = np.ceil(np.abs(step).max(axis=1)).astype(np.int64).clip(1)
        which = np.repeat(np.arange(len(begin)), pieces)
        nth = np.arange(len(which)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
        here = begin[which] + step[which] * (nth / pieces[which])[:, None]
        there = begin[which] + step[which] * ((nth + 1) / pieces[which])[:, None]
        # A piece is no longer than a square in either direction, so its box touches at most three by three.
        low = np.floor(np.minimum(here, there) - MARGIN).astype(np.int64)
        high = np.floor(np.maximum(here, there) + MARGIN).astype(np.int64)
        for right in range(3):
            for up in range(3):
                column, row = np.minimum(low[:, 0] + right, high[:, 0]), np.minimum(low[:, 1] + up, high[:, 1])
                inside = (column >= 0) & (column < self._wide) & (row >= 0) & (row < self._high)
                touched[row[inside], column[inside]] = True
        return touched

    def at(self, lon: float, lat: float) -> int:
        """The position of the outline that holds a point, NOWHERE, or unsure."""
        column, row = (lon - self._west) / self._side, (lat - self._south) / self._side
        if 0 <= column < self._wide and 0 <= row < self._high:
            return int(self._table[int(row), int(column)])
        # The last ulp of the outer border is for the exact test.
        return _UNSURE if -1 < column < self._wide + 1 and -1 < row < self._high + 1 else NOWHERE

    def at_many(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.int64]:
        """The same for many points."""
        column, row = (lon - self._west) / self._side, (lat - self._south) / self._side
        with np.errstate(invalid="ignore"):
            near = (column > -1) & (column < self._wide + 1) & (row > -1) & (row < self._high + 1)
            inside = near & (column >= 0) & (column < self._wide) & (row >= 0) & (row < self._high)
        found = np.where(near, _UNSURE, NOWHERE).astype(np.int64)
        found[inside] = self._table[row[inside].astype(np.int64), column[inside].astype(np.int64)]
        return found


class NearestIndex:
    """Finds the nearest of many points (buildings, doors) within a limit, in metres."""

    def __init__(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> None:
        self._lon = lon
        self._lat = lat
        # One factor for the whole locality keeps distances comparable; a county spans too little
        # latitude for it to change which building is nearest.
        self._squash = float(np.cos(np.radians(lat.mean()))) if len(lat) else 1.0
        self._tree = shapely.STRtree(shapely.points(lon * self._squash, lat))

    def nearest(self, lon: float, lat: float, within_m: float) -> tuple[int, float] | None:
        """Position in the given arrays and metres away, or None when nothing is that near."""
        if not len(self._lon):
            return None
        spot = shapely.Point(lon * self._squash, lat)
        position = self._tree.nearest(spot)
        east = (self._lon[position] - lon) * self._squash
        away = float(np.hypot(east, self._lat[position] - lat) * 111_195)
        return (int(position), away) if away <= within_m else None

    def around(self, lon: float, lat: float, count: int) -> NDArray[np.intp]:
        """Positions of the ``count`` nearest points, nearest first."""
        away = np.hypot((self._lon - lon) * self._squash, self._lat - lat)
        return np.argsort(away, kind="stable")[:count]
