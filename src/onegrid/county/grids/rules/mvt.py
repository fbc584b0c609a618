"""Mapbox Vector Tiles 2.1, written by hand: enough for points, lines and polygons with plain values.

Geometry arrives in degrees and leaves as commands on a 4096-unit square. Cutting, rounding, turning rings and writing
numbers run over whole arrays at once; only the envelope of each feature is written one by one.

    shapes ── cut to the square ── projected ── (simplified) ──> paths ── rounded ──> commands ──> bytes
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

EXTENT = 4096
BUFFER = 128
SIMPLE = 16
"""A shape with so few corners is not worth simplifying: rounding does it."""
_MERCATOR_LIMIT = 85.05112878
_MOVE, _LINE, _CLOSE = 1, 2, 7
_POINT, _LINESTRING, _POLYGON = 1, 2, 3

Value = str | int | float | bool
Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]


@dataclass(frozen=True)
class Layer:
    """One named layer: geometries in degrees, each with an id and its properties.

    `exact`: borders are rounded and nothing else, so that what shares a border in degrees shares it in the tile.
    """

    name: str
    ids: Sequence[int]
    shapes: Shapes
    properties: Sequence[Mapping[str, Value]]
    exact: bool = False


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
    drawn = _drawn(_to_tile(layer, z, x, y))
    if not len(drawn.owners):
        return b""
    tags, keys, values = _tags([layer.properties[at] for at in drawn.owners])
    features = []
    for at, tag, kind, geometry in zip(drawn.owners, tags, drawn.kinds, drawn.geometries, strict=True):
        body = b"\x08" + _varint(layer.ids[at])
        if tag:
            body += b"\x12" + _varint(len(tag)) + tag
        body += b"\x18" + _varint(kind) + b"\x22" + _varint(len(geometry)) + geometry
        features.append(b"\x12" + _varint(len(body)) + body)
    head = _block(1, layer.name.encode())
    tail = b"".join(_block(3, key.encode()) for key in keys)
    tail += b"".join(_block(4, _value(value)) for _, value in values)
    return _block(3, head + b"".join(features) + tail + b"\x28" + _varint(EXTENT) + b"\x78\x02")


def _to_tile(layer: Layer, z: int, x: int, y: int) -> Shapes:
    """Shapes on the tile's own square, y down, cut to it. A box in degrees is a box here, so they are cut first."""

    def project(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
        phi = np.radians(np.clip(degrees[:, 1], -_MERCATOR_LIMIT, _MERCATOR_LIMIT))
        across = (degrees[:, 0] + 180) / 360 * 2.0**z - x
        down = (1 - np.arcsinh(np.tan(phi)) / np.pi) / 2 * 2.0**z - y
        return np.column_stack([across, down]) * EXTENT

    west, south, east, north = tile_bounds(z, x, y, buffer=BUFFER / EXTENT)
    cut = np.array(layer.shapes, dtype=object)
    bounds = shapely.bounds(cut)
    inside = (bounds[:, 0] >= west) & (bounds[:, 1] >= south) & (bounds[:, 2] <= east) & (bounds[:, 3] <= north)
    cut[~inside] = shapely.clip_by_rect(cut[~inside], west, south, east, north)
    flat = np.asarray(shapely.transform(cut, project), dtype=object)
    if not layer.exact:
        long = shapely.get_num_coordinates(flat) > SIMPLE
        flat[long] = shapely.simplify(flat[long], 1.0)
    return flat


class _Drawn(NamedTuple):
    """The features that are left: which shape each was, its kind and its commands as bytes."""

    owners: list[int]
    kinds: list[int]
    geometries: list[bytes]


class _Paths(NamedTuple):
    """Pen strokes in the order of their shapes: a group of points, a line or a ring each."""

    owner: Ints
    kind: Ints
    outer: NDArray[np.bool_]
    body: Ints
    """Number of the polygon a ring belongs to: a hole goes when its polygon does."""
    counts: Ints
    points: Ints
    """All corners, two whole numbers each, one path after the other."""


def _drawn(shapes: Shapes) -> _Drawn:
    paths = _kept(_paths(shapes))
    if not len(paths.owner):
        return _Drawn([], [], [])
    numbers, width = _commands(paths)
    first = np.flatnonzero(np.diff(paths.owner, prepend=-1))
    begin = np.concatenate([[0], np.cumsum(width)[first[1:] - 1]]).astype(np.int64)
    pieces = _varints(numbers, begin)
    return _Drawn(paths.owner[first].tolist(), paths.kind[first].tolist(), pieces)


def _paths(shapes: Shapes) -> _Paths:
    """Take shapes apart. A shape is drawn in its own dimension only: what cutting left of a lower one goes."""
    dimension = shapely.get_dimensions(shapes)
    parts, owner = shapely.get_parts(shapes, return_index=True)
    fits = (shapely.get_dimensions(parts) == dimension[owner]) & ~shapely.is_empty(parts)
    parts, owner = parts[fits], owner[fits]
    kinds = dimension[owner]
    dots = np.unique(owner[kinds == 0])
    polygons = np.flatnonzero(kinds == 2)
    rings, of = shapely.get_rings(parts[polygons], return_index=True)
    lines = parts[kinds == 1]
    geometry = np.concatenate([shapes[dots], lines, rings])
    owners = np.concatenate([dots, owner[kinds == 1], owner[polygons][of]]).astype(np.int64)
    stroke = np.repeat([_POINT, _LINESTRING, _POLYGON], [len(dots), len(lines), len(rings)])
    outer = np.concatenate([np.ones(len(dots) + len(lines), dtype=bool), np.diff(of, prepend=-1) != 0])
    body = np.concatenate([np.full(len(dots) + len(lines), -1), of]).astype(np.int64)
    order = np.argsort(owners, kind="stable")
    corners, path = shapely.get_coordinates(geometry[order], return_index=True)
    count = np.bincount(path, minlength=len(order)).astype(np.int64)
    whole = np.round(corners).astype(np.int64)
    return _Paths(owners[order], stroke[order], outer[order], body[order], count, whole)


def _kept(paths: _Paths) -> _Paths:
    """Without corners that fell together, without what has no length or no area left, and rings turned as they must."""
    path = np.repeat(np.arange(len(paths.counts)), paths.counts)
    start = np.cumsum(paths.counts) - paths.counts
    dotted = paths.kind == _POINT
    same = np.zeros(len(path), dtype=bool)
    same[1:] = (path[1:] == path[:-1]) & np.all(paths.points[1:] == paths.points[:-1], axis=1)
    # The last corner of a ring is its first again.
    closing = np.zeros(len(path), dtype=bool)
    last = (start + paths.counts - 1)[(paths.kind == _POLYGON) & (paths.counts > 0)]
    closing[last] = True
    stays = (~same | dotted[path]) & ~closing
    # Dropping the closing corner may leave one before it that equals the first.
    points, path = paths.points[stays], path[stays]
    count = np.bincount(path, minlength=len(paths.counts)).astype(np.int64)
    points, path, count = _open(points, path, count, paths.kind == _POLYGON)
    doubled = _doubled_areas(points, count, path)
    least = np.select([dotted, paths.kind == _LINESTRING], [1, 2], 3)
    alive = (count >= least) & ((paths.kind != _POLYGON) | (doubled != 0))
    gone = np.unique(paths.body[paths.outer & ~alive & (paths.body >= 0)])
    alive &= ~np.isin(paths.body, gone) | (paths.body < 0)
    # The specification turns outer rings clockwise on screen: positive area with y down.
    turned = (paths.kind == _POLYGON) & ((doubled > 0) != paths.outer)
    start = np.cumsum(count) - count
    place = np.arange(len(path)) - start[path]
    at = np.where(turned[path], start[path] + count[path] - 1 - place, start[path] + place)
    points = points[at][alive[path]]
    return _Paths(paths.owner[alive], paths.kind[alive], paths.outer[alive], paths.body[alive], count[alive], points)


def _open(points: Ints, path: Ints, count: Ints, ring: NDArray[np.bool_]) -> tuple[Ints, Ints, Ints]:
    """Rings whose last corner still is the first one lose it."""
    start = np.cumsum(count) - count
    some = np.flatnonzero(ring & (count > 1))
    last = start[some] + count[some] - 1
    double = last[np.all(points[last] == points[start[some]], axis=1)]
    stays = np.ones(len(path), dtype=bool)
    stays[double] = False
    return points[stays], path[stays], np.bincount(path[stays], minlength=len(count)).astype(np.int64)


def _doubled_areas(points: Ints, count: Ints, path: Ints) -> Ints:
    """Twice the area of each path taken as a ring; positive when it runs clockwise on screen."""
    if not len(points):
        return np.zeros(len(count), dtype=np.int64)
    start = np.cumsum(count) - count
    following = np.arange(1, len(points) + 1)
    full = count > 0
    following[(start + count - 1)[full]] = start[full]
    after = points[following]
    crossed = points[:, 0] * after[:, 1] - after[:, 0] * points[:, 1]
    found = np.zeros(len(count), dtype=np.int64)
    np.add.at(found, path, crossed)
    return found


def _commands(paths: _Paths) -> tuple[NDArray[np.uint64], Ints]:
    """The command integers of all paths one after the other, and how many each path has."""
    path = np.repeat(np.arange(len(paths.counts)), paths.counts)
    start = np.cumsum(paths.counts) - paths.counts
    place = np.arange(len(path)) - start[path]
    before = np.zeros_like(paths.points)
    before[1:] = paths.points[:-1]
    fresh = np.diff(paths.owner, prepend=-1) != 0
    before[start[fresh]] = 0
    steps = paths.points - before
    dotted, ring = paths.kind == _POINT, paths.kind == _POLYGON
    width = np.where(dotted, 1 + 2 * paths.counts, 2 * paths.counts + 2 + ring)
    begin = np.cumsum(width) - width
    out = np.zeros(int(width.sum()), dtype=np.int64)
    out[begin] = np.where(dotted, paths.counts << 3 | _MOVE, 1 << 3 | _MOVE)
    drawn = ~dotted
    out[begin[drawn] + 3] = (paths.counts[drawn] - 1) << 3 | _LINE
    out[(begin + width - 1)[ring]] = 1 << 3 | _CLOSE
    at = begin[path] + 1 + 2 * place + ((place > 0) & drawn[path])
    zigzag = (steps << 1) ^ (steps >> 63)
    out[at], out[at + 1] = zigzag[:, 0], zigzag[:, 1]
    return out.astype(np.uint64), width.astype(np.int64)


def _varints(numbers: NDArray[np.uint64], begin: Ints) -> list[bytes]:
    """Numbers as base-128 varints, cut into pieces that begin at these numbers."""
    size = np.ones(len(numbers), dtype=np.int64)
    for bits in range(7, 64, 7):
        longer = numbers >= np.uint64(1 << bits)
        if not longer.any():
            break
        size += longer
    offset = np.cumsum(size) - size
    out = np.zeros(int(size.sum()), dtype=np.uint8)
    for step in range(int(size.max(initial=0))):
        has = size > step
        low = (numbers[has] >> np.uint64(7 * step)) & np.uint64(0x7F)
        more = np.where(size[has] > step + 1, 0x80, 0).astype(np.uint64)
        out[offset[has] + step] = (low | more).astype(np.uint8)
    whole = out.tobytes()
    edges = [*offset[begin].tolist(), len(whole)]
    return [whole[low:high] for low, high in pairwise(edges)]


def _tags(
    properties: Sequence[Mapping[str, Value]],
) -> tuple[list[bytes], dict[str, int], dict[tuple[type, Value], int]]:
    """Each feature's pairs of numbers as bytes, and what the numbers stand for."""
    keys: dict[str, int] = {}
    values: dict[tuple[type, Value], int] = {}
    flat: list[int] = []
    sizes: list[int] = []
    for about in properties:
        for name, value in about.items():
            flat.append(keys.setdefault(name, len(keys)))
            flat.append(values.setdefault((type(value), value), len(values)))
        sizes.append(2 * len(about))
    lengths = np.array(sizes, dtype=np.int64)
    filled = lengths > 0
    begin = (np.cumsum(lengths) - lengths)[filled]
    pieces = iter(_varints(np.array(flat, dtype=np.uint64), begin) if flat else [])
    return [next(pieces) if full else b"" for full in filled.tolist()], keys, values


def _value(value: Any) -> bytes:
    if isinstance(value, bool):
        return b"\x38" + _varint(int(value))
    if isinstance(value, int):
        return b"\x28" + _varint(value) if value >= 0 else b"\x30" + _varint((value << 1) ^ (value >> 63))
    if isinstance(value, float):
        return b"\x19" + struct.pack("<d", value)
    return _block(1, value.encode())


def _varint(value: int) -> bytes:
    if value < 0x80:
        return bytes((value,))
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _block(field: int, body: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(body)) + body
