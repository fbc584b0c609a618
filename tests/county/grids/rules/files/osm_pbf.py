"""The smallest OSM PBF there is, written by hand: closed ways with tags, for tests of reading one."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

Way = tuple[dict[str, str], Sequence[tuple[float, float]]]


def _varint(value: int) -> bytes:
    out = b""
    while True:
        value, low = value >> 7, value & 0x7F
        out += bytes([low | (0x80 if value else 0)])
        if not value:
            return out


def _zigzag(value: int) -> int:
    return (value << 1) ^ (value >> 63)


def _field(number: int, payload: bytes | int) -> bytes:
    if isinstance(payload, int):
        return _varint(number << 3) + _varint(payload)
    return _varint(number << 3 | 2) + _varint(len(payload)) + payload


def _packed(values: Sequence[int], *, delta: bool = False, signed: bool = False) -> bytes:
    before, out = 0, b""
    for value in values:
        step = value - before if delta else value
        before = value
        out += _varint(_zigzag(step) if signed else step)
    return out


def _blob(kind: bytes, content: bytes) -> bytes:
    blob = _field(2, len(content)) + _field(3, zlib.compress(content))
    header = _field(1, kind) + _field(3, len(blob))
    return struct.pack(">I", len(header)) + header + blob


def write_pbf(path: Path, ways: Sequence[Way]) -> None:
    """Nodes of all ways, then the ways; a way whose last point is its first is closed."""
    texts = [b""]

    def text(word: str) -> int:
        if word.encode() not in texts:
            texts.append(word.encode())
        return texts.index(word.encode())

    nodes: dict[tuple[float, float], int] = {}
    lines = b""
    for number, (tags, points) in enumerate(ways, start=1):
        refs = [nodes.setdefault(point, len(nodes) + 1) for point in points]
        keys, values = [text(key) for key in tags], [text(value) for value in tags.values()]
        way = _field(1, number) + _field(2, _packed(keys)) + _field(3, _packed(values))
        lines += _field(3, way + _field(8, _packed(refs, delta=True, signed=True)))
    dense = _field(1, _packed(list(nodes.values()), delta=True, signed=True))
    dense += _field(8, _packed([round(lat * 1e7) for _, lat in nodes], delta=True, signed=True))
    dense += _field(9, _packed([round(lon * 1e7) for lon, _ in nodes], delta=True, signed=True))
    table = b"".join(_field(1, word) for word in texts)
    block = _field(1, table) + _field(2, _field(2, dense)) + _field(2, lines)
    header = _field(4, b"OsmSchema-V0.6") + _field(4, b"DenseNodes")
    path.write_bytes(_blob(b"OSMHeader", header) + _blob(b"OSMData", block))
