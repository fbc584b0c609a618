"""Coordinate systems a client may ask for. Everything is stored in WGS84, longitude first (CRS84).

EPSG's geographic systems put latitude first. CGCS2000 (EPSG:4490) is WGS84 to within a metre and is told unchanged, as
China's own maps do; Web Mercator is computed (EPSG guidance note 7-2, section 3.2.1.2).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from onegrid.foundation.features.collections import Box

CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
WGS84: Final = "http://www.opengis.net/def/crs/EPSG/0/4326"
CGCS2000: Final = "http://www.opengis.net/def/crs/EPSG/0/4490"
MERCATOR: Final = "http://www.opengis.net/def/crs/EPSG/0/3857"
OFFERED: Final = (CRS84, WGS84, CGCS2000, MERCATOR)
RADIUS: Final = 6_378_137.0
LATITUDE_MOST: Final = 85.05112878


def _to_mercator(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    phi = np.radians(np.clip(degrees[:, 1], -LATITUDE_MOST, LATITUDE_MOST))
    return np.column_stack([np.radians(degrees[:, 0]) * RADIUS, np.arcsinh(np.tan(phi)) * RADIUS])


def _from_mercator(metres: NDArray[np.float64]) -> NDArray[np.float64]:
    lat = np.degrees(np.arctan(np.sinh(metres[:, 1] / RADIUS)))
    return np.column_stack([np.degrees(metres[:, 0] / RADIUS), lat])


def told(shape: Any, crs: str) -> Any:
    """A shape in degrees (longitude first) as the client's system writes it."""
    if shape is None or crs == CRS84:
        return shape
    return shapely.transform(shape, _to_mercator if crs == MERCATOR else lambda pairs: pairs[:, ::-1])


def box_from(numbers: Box, crs: str) -> Box:
    """A box in the client's system as west, south, east, north in degrees."""
    if crs in (WGS84, CGCS2000):
        south, west, north, east = numbers
        return west, south, east, north
    if crs == MERCATOR:
        (west, south), (east, north) = _from_mercator(np.array(numbers, dtype=np.float64).reshape(2, 2)).tolist()
        return west, south, east, north
    return numbers
