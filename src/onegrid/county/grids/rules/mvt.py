"""Mapbox Vector Tiles 2.1, written by hand: enough for points, lines and polygons with plain values.

Geometry arrives in degrees and leaves as commands on a 4096-unit square. Cutting, simplifying and
rounding run over whole arrays; only the bytes of each feature are written one by one.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

EXTENT = 4096
BUFFER = 128
_MERCATOR_LIMIT = 85.05112878
_MOVE, _LINE, _CLOSE = 1, 2, 7
_POINT, _LINESTRING, _POLYGON = 1, 2, 3

Value = str | int | float | bool


@dataclass(frozen=True)
class Layer:
    """One named layer: geometries in degrees, each with an id and its properties."""

    name: str
    ids: Sequence[int]
    shapes: NDArray[np.object_]
    properties: Sequence[Mapping[str, Value]]


def tile_bounds(z: int, x: int, y: int, *, buffer: float = 0.0) -> tuple[float, float, float, float]:
    """West, south, east, north of a tile in degrees, grown by ``buffer`` tile widths."""
    side = 2.0**z
    west = (x - buffer) / side * 360 - 180
    east = (x + 1 + buffer) / side * 360 - 180
    north = _latitude((y - buffer) / side)
    south = _latitude((y + 1 + buffer) / side)
    return west, south, east, north


def _latitude(fraction: float) -> float:
    return float(np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * fraction)))))


def encode(z: int, x: int, y: int, layers: Sequence[Layer]) -> bytes:
    """The tile's bytes; layers without a feature inside the tile are left out, so a tile may be empty."""
    return b"".join(filter(None, (_encode_layer(z, x, y, layer) for layer in layers)))


def _encode_layer(z: int, x: int, y: int, layer: Layer) -> bytes:
    if not len(layer.shapes):
        return b""
    shapes = _to_tile(layer.shapes, z, x, y)
    keys: dict[str, int] = {}
    values: dict[tuple[type, Value], int] = {}
    features = []
    for ident, shape, properties in zip(layer.ids, shapes, layer.properties, strict=True):
        if shape is None or shape.is_empty:
            continue
        kind, commands = _commands(shape)
        if not commands:
            continue
        tags = []
        for name, value in properties.items():
            tags.append(keys.setdefault(name, len(keys)))
            tags.append(values.setdefault((type(value), value), len(values)))
        body = b"\x08" + _varint(ident) + _packed(2, tags) + b"\x18" + _varint(kind) + _packed(4, commands)
        features.append(_block(2, body))
    if not features:
        return b""
    head = _block(1, layer.name.encode())
    tail = b"".join(_block(3, key.encode()) for key in keys)
    tail += b"".join(_block(4, _value(value)) for _, value in values)
    return _block(3, head + b"".join(features) + tail + b"\x28" + _varint(EXTENT) + b"\x78\x02")


def _to_tile(shapes: NDArray[np.object_], z: int, x: int, y: int) -> NDArray[np.object_]:
    """Shapes on the tile's own square, y down, cut to it and rounded to whole units."""

    def project(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
        phi = np.radians(np.clip(degrees[:, 1], -_MERCATOR_LIMIT, _MERCATOR_LIMIT))
        across = (degrees[:, 0] + 180) / 360 * 2.0**z - x
        down = (1 - np.arcsinh(np.tan(phi)) / np.pi) / 2 * 2.0**z - y
        return np.column_stack([across, down]) * EXTENT

    flat = shapely.transform(shapes, project)
    kinds = shapely.get_type_id(flat)
    drawn = np.where((kinds == 0) | (kinds == 4), flat, shapely.simplify(flat, 1.0))
    cut = shapely.clip_by_rect(drawn, -BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
    return np.asarray(cut, dtype=object)


def _commands(shape: Any) -> tuple[int, list[int]]:
    """The geometry type and its command integers; an empty list when nothing is left after rounding."""
    kind = shapely.get_type_id(shape)
    if kind in (0, 4):
        return _POINT, _point_commands(np.round(shapely.get_coordinates(shape)).astype(np.int64))
    parts = [part for part in shapely.get_parts(shape) if not part.is_empty]
    cursor = np.zeros(2, dtype=np.int64)
    commands: list[int] = []
    if kind in (1, 5):
        for part in parts:
            cursor = _path(commands, shapely.get_coordinates(part), cursor, ring=None)
        return _LINESTRING, commands
    for part in parts:
        if shapely.get_type_id(part) != 3:
            continue
        before = len(commands)
        cursor = _path(commands, shapely.get_coordinates(part.exterior), cursor, ring=True)
        if len(commands) == before:
            continue
        for hole in part.interiors:
            cursor = _path(commands, shapely.get_coordinates(hole), cursor, ring=False)
    return _POLYGON, commands


def _point_commands(points: NDArray[np.int64]) -> list[int]:
    steps = np.diff(points, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    return [len(points) << 3 | _MOVE, *_zigzag(steps)]


def _path(
    commands: list[int], points: NDArray[np.float64], cursor: NDArray[np.int64], *, ring: bool | None
) -> NDArray[np.int64]:
    """Append one line or ring (``ring`` True: outer, False: hole) and return where the pen stands."""
    whole = np.round(points).astype(np.int64)
    keep = np.ones(len(whole), dtype=bool)
    keep[1:] = np.any(whole[1:] != whole[:-1], axis=1)
    whole = whole[keep]
    if ring is not None:
        whole = whole[:-1] if len(whole) > 1 and (whole[0] == whole[-1]).all() else whole
        if len(whole) < 3:
            return cursor
        doubled = _doubled_area(whole)
        if doubled == 0:
            return cursor
        # The specification turns outer rings clockwise on screen: positive area with y down.
        if (doubled > 0) is not ring:
            whole = whole[::-1]
    elif len(whole) < 2:
        return cursor
    steps = np.diff(whole, axis=0, prepend=cursor[None, :])
    commands.append(1 << 3 | _MOVE)
    commands.extend(_zigzag(steps[:1]))
    commands.append((len(whole) - 1) << 3 | _LINE)
    commands.extend(_zigzag(steps[1:]))
    if ring is not None:
        commands.append(1 << 3 | _CLOSE)
    end: NDArray[np.int64] = whole[-1]
    return end


def _doubled_area(ring: NDArray[np.int64]) -> int:
    following = np.roll(ring, -1, axis=0)
    return int(np.sum(ring[:, 0] * following[:, 1] - following[:, 0] * ring[:, 1]))


def _zigzag(steps: NDArray[np.int64]) -> list[int]:
    flat = steps.ravel()
    coded: list[int] = ((flat << 1) ^ (flat >> 63)).tolist()
    return coded


def _value(value: Value) -> bytes:
    if isinstance(value, bool):
        return b"\x38" + _varint(int(value))
    if isinstance(value, int):
        return b"\x28" + _varint(value) if value >= 0 else b"\x30" + _varint((value << 1) ^ (value >> 63))
    if isinstance(value, float):
        return b"\x19" + struct.pack("<d", value)
    return _block(1, value.encode())


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _packed(field: int, values: Sequence[int]) -> bytes:
    return _block(field, b"".join(map(_varint, values))) if values else b""


def _block(field: int, body: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(body)) + body
