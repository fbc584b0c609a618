"""Between degrees and metres, near one place.

A locality is small (tens of kilometres), so an equirectangular picture around its centre is
right to about one part in a thousand and keeps shared borders shared: the same degrees always
give the same metres. Metres per degree follow the WGS84 series.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray


def metres_per_degree(lat: float) -> tuple[float, float]:
    """Metres in one degree of longitude and of latitude at ``lat`` (WGS84)."""
    phi = np.radians(lat)
    east = 111412.84 * np.cos(phi) - 93.5 * np.cos(3 * phi) + 0.118 * np.cos(5 * phi)
    north = 111132.92 - 559.82 * np.cos(2 * phi) + 1.175 * np.cos(4 * phi)
    return float(east), float(north)


@dataclass(frozen=True)
class LocalPlane:
    """A flat picture of the neighbourhood of one point, in metres east and north of it."""

    lon: float
    lat: float

    def to_metres(self, degrees: NDArray[np.float64]) -> NDArray[np.float64]:
        """An (n, 2) array of lon, lat as metres east and north of the centre."""
        scale = np.array(metres_per_degree(self.lat))
        metres: NDArray[np.float64] = (degrees - np.array([self.lon, self.lat])) * scale
        return metres

    def to_degrees(self, metres: NDArray[np.float64]) -> NDArray[np.float64]:
        """An (n, 2) array of metres east and north as lon, lat."""
        scale = np.array(metres_per_degree(self.lat))
        degrees: NDArray[np.float64] = metres / scale + np.array([self.lon, self.lat])
        return degrees


def area_m2(outlines: NDArray[np.object_]) -> NDArray[np.float64]:
    """Areas in square metres of outlines given in degrees, each at its own latitude."""
    bounds = shapely.bounds(outlines)
    lat = (bounds[:, 1] + bounds[:, 3]) / 2
    phi = np.radians(lat)
    east = 111412.84 * np.cos(phi) - 93.5 * np.cos(3 * phi)
    north = 111132.92 - 559.82 * np.cos(2 * phi)
    return np.asarray(shapely.area(outlines) * east * north, dtype=np.float64)


def distance_m(lon: float, lat: float, lons: NDArray[np.float64], lats: NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres from one point to many, over short distances."""
    east, north = metres_per_degree(lat)
    return np.hypot((lons - lon) * east, (lats - lat) * north)
