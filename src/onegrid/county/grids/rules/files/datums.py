"""WGS84, GCJ-02 and BD-09, and the way between them.

Public maps of mainland China are shifted: by GCJ-02 (Amap, Tencent), or by BD-09 on top of it (Baidu). The shift is a
published series of sines (the constants below are those of every open implementation since 2013, first in the kernel
module of a navigation device; eviltransform and coordtransform carry the same). It has no closed inverse, so the
inverse is found by repetition: the shift changes by less than a hundredth over its own length, so every round wins two
digits and eight rounds are exact to a fraction of a millimetre. Nothing is shifted outside of China's box.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

Datum = Literal["wgs84", "gcj02", "bd09"]
DATUMS: Final[tuple[Datum, ...]] = ("wgs84", "gcj02", "bd09")
Points = NDArray[np.float64]

_AXIS: Final = 6378245.0
_FLATNESS: Final = 0.00669342162296594323
"""Krasovsky's ellipsoid: half axis in metres and square of the eccentricity."""
_BOX: Final = (72.004, 0.8293, 137.8347, 55.8271)
_BAIDU: Final = np.pi * 3000.0 / 180.0
_ROUNDS: Final = 12
_ENOUGH: Final = 1e-12
"""Degrees: a tenth of a thousandth of a millimetre."""


def to_wgs84(shapes: NDArray[np.object_], datum: Datum) -> NDArray[np.object_]:
    """Shapes given in ``datum`` as shapes in WGS84; ``None`` stays ``None``."""
    if datum == "wgs84" or not len(shapes):
        return shapes
    turn = gcj02_to_wgs84 if datum == "gcj02" else bd09_to_wgs84
    return np.asarray(shapely.transform(shapes, turn), dtype=object)


def wgs84_to_gcj02(points: Points) -> Points:
    """(n, 2) lon, lat in WGS84 as the public map shows them."""
    return points + _shift(points)


def gcj02_to_wgs84(points: Points) -> Points:
    """The inverse of ``wgs84_to_gcj02``, to well under a millimetre."""
    return _undo(points, wgs84_to_gcj02)


def gcj02_to_bd09(points: Points) -> Points:
    """(n, 2) lon, lat in GCJ-02 as Baidu shows them."""
    lon, lat = points[:, 0], points[:, 1]
    far = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BAIDU)
    turn = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BAIDU)
    return np.column_stack([far * np.cos(turn) + 0.0065, far * np.sin(turn) + 0.006])


def bd09_to_gcj02(points: Points) -> Points:
    """The inverse of ``gcj02_to_bd09``, to well under a millimetre."""
    return _undo(points, gcj02_to_bd09)


def wgs84_to_bd09(points: Points) -> Points:
    """(n, 2) lon, lat in WGS84 as Baidu shows them."""
    return gcj02_to_bd09(wgs84_to_gcj02(points))


def bd09_to_wgs84(points: Points) -> Points:
    """The inverse of ``wgs84_to_bd09``, to well under a millimetre."""
    return gcj02_to_wgs84(bd09_to_gcj02(points))


def _undo(points: Points, forward: Callable[[Points], Points]) -> Points:
    guess = points.copy()
    for _ in range(_ROUNDS):
        miss = points - forward(guess)
        guess = guess + miss
        if not len(miss) or float(np.nanmax(np.abs(miss), initial=0.0)) < _ENOUGH:
            break
    return guess


def _shift(points: Points) -> Points:
    lon, lat = points[:, 0], points[:, 1]
    west, south, east, north = _BOX
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    x, y = lon - 105.0, lat - 35.0
    root, common = np.sqrt(np.abs(x)), 20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north_m += (common + 20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north_m += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east_m += (common + 20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east_m += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    phi = np.radians(lat)
    magic = 1.0 - _FLATNESS * np.sin(phi) ** 2
    per_lat = np.pi / 180.0 * _AXIS * (1.0 - _FLATNESS) / (magic * np.sqrt(magic))
    per_lon = np.pi / 180.0 * _AXIS / np.sqrt(magic) * np.cos(phi)
    shift: Points = np.column_stack([east_m / per_lon, north_m / per_lat]) * inside[:, None]
    return shift
