"""Which grid holds a point: one index of leaf outlines, in memory.

A candidate search by boxes, then an exact test against prepared outlines; borders belong to
both neighbours, and the one with the lowest key wins so that every machine gives one answer.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

NOWHERE = -1


class PointIndex:
    """Finds the outline that holds a point. Immutable once made, safe to share between threads."""

    def __init__(self, keys: NDArray[np.int64], outlines: NDArray[np.object_]) -> None:
        """Take keys and outlines (WGS84 degrees) of equal length, in any order."""
        order = np.argsort(keys)
        self._keys = keys[order]
        self._outlines = outlines[order]
        shapely.prepare(self._outlines)
        self._tree = shapely.STRtree(self._outlines)

    def __len__(self) -> int:
        return len(self._keys)

    def locate(self, lon: float, lat: float) -> int | None:
        """The key of the grid at one point, or None outside of all."""
        hits = self._tree.query(shapely.Point(lon, lat))
        held = [int(hit) for hit in hits if shapely.intersects_xy(self._outlines[hit], lon, lat)]
        return int(self._keys[min(held)]) if held else None

    def locate_many(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.int64]:
        """The key for each point, NOWHERE (-1) for points outside of all outlines."""
        result = np.full(len(lon), NOWHERE, dtype=np.int64)
        if not len(self._keys) or not len(lon):
            return result
        points, hits = self._tree.query(shapely.points(lon, lat))
        inside = shapely.intersects_xy(self._outlines[hits], lon[points], lat[points])
        points, hits = points[inside], hits[inside]
        # Keys are sorted, so writing from the highest position down leaves the lowest key standing.
        order = np.argsort(-hits, kind="stable")
        result[points[order]] = self._keys[hits[order]]
        return result

    def distances_m(self, lon: float, lat: float, metres: float) -> list[int]:
        """Keys of outlines within ``metres`` of a point, nearest first."""
        east = 111_320 * np.cos(np.radians(lat))
        near = self._tree.query(shapely.Point(lon, lat), predicate="dwithin", distance=metres / east)
        away = shapely.distance(self._outlines[near], shapely.Point(lon, lat))
        return [int(self._keys[hit]) for hit in near[np.argsort(away, kind="stable")]]


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
