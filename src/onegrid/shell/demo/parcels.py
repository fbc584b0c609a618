"""The pieces every outline is put together from: parcels of built-up blocks and whole other blocks.

Points on an edge are computed by one formula from the edge's two ends, whichever side asks, so
pieces share them to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from onegrid.shell.demo.lattice import Floats, Ints, Lattice
from onegrid.shell.demo.settlement import PARCELS, NDArrayBool

Shapes = NDArray[np.object_]
# Corner steps (row, col) of a block, counter-clockwise from the south-west, and the side that follows each.
_RING = ((0, 0), (0, 1), (1, 1), (1, 0))


@dataclass(frozen=True)
class Pieces:
    """One row per piece: its block, its first parcel row and column, its size in parcels, its outline in metres."""

    block: Ints
    row: Ints
    col: Ints
    size: Ints
    shape: Shapes

    def middle(self) -> Floats:
        """Column and row of each piece's middle on the parcel lattice."""
        half = self.size / 2
        return np.column_stack([self.col + half, self.row + half])


def block_corners(lattice: Lattice, corners: Floats, blocks: Ints) -> Floats:
    """The four corners of blocks, counter-clockwise from the south-west: (n, 4, 2)."""
    return np.stack([corners[lattice.row[blocks] + down, lattice.col[blocks] + right] for down, right in _RING], axis=1)


def inside(corners: Floats, u: Floats, v: Floats) -> Floats:
    """Points at shares ``u`` eastward and ``v`` northward of blocks: corners (n, 4, 2), u and v (n, k) → (n, k, 2)."""
    sw, se, ne, nw = (corners[:, None, side] for side in range(4))
    u, v = u[..., None], v[..., None]
    point: Floats = (1 - u) * (1 - v) * sw + u * (1 - v) * se + (1 - u) * v * nw + u * v * ne
    return point


def cut(lattice: Lattice, corners: Floats, built: NDArrayBool) -> Pieces:
    """All pieces: 36 parcels for each built-up block, one piece for every other block."""
    blocks = np.flatnonzero(built)
    steps = np.arange(PARCELS + 1) / PARCELS
    v, u = (grid.ravel() for grid in np.meshgrid(steps, steps, indexing="ij"))
    points = inside(block_corners(lattice, corners, blocks), np.tile(u, (len(blocks), 1)), np.tile(v, (len(blocks), 1)))
    points = points.reshape(len(blocks), PARCELS + 1, PARCELS + 1, 2)
    rings = np.stack(
        [points[:, :-1, :-1], points[:, :-1, 1:], points[:, 1:, 1:], points[:, 1:, :-1], points[:, :-1, :-1]], axis=3
    )
    parcels = shapely.polygons(rings.reshape(-1, 5, 2))
    row, col = (grid.ravel() for grid in np.meshgrid(np.arange(PARCELS), np.arange(PARCELS), indexing="ij"))
    fine_row = (lattice.row[blocks][:, None] * PARCELS + row).ravel()
    fine_col = (lattice.col[blocks][:, None] * PARCELS + col).ravel()

    others = np.flatnonzero(~built)
    whole = _whole_blocks(lattice, corners, built, others)
    return Pieces(
        block=np.concatenate([np.repeat(blocks, PARCELS * PARCELS), others]),
        row=np.concatenate([fine_row, lattice.row[others] * PARCELS]),
        col=np.concatenate([fine_col, lattice.col[others] * PARCELS]),
        size=np.concatenate([np.ones(len(parcels), dtype=np.int64), np.full(len(others), PARCELS)]),
        shape=np.concatenate([parcels, whole]),
    )


def _whole_blocks(lattice: Lattice, corners: Floats, built: NDArrayBool, others: Ints) -> Shapes:
    """Outlines of blocks that are not built up, with the neighbour's parcel corners on shared sides."""
    rings = block_corners(lattice, corners, others)
    beside = lattice.neighbours()[others]
    fine = np.where(beside >= 0, built[beside], False)
    shapes = np.empty(len(others), dtype=object)
    plain = ~fine.any(axis=1)
    closed = np.concatenate([rings, rings[:, :1]], axis=1)
    shapes[plain] = shapely.polygons(closed[plain])
    steps = np.arange(PARCELS) / PARCELS
    # Shares along each side in ring order: south eastward, east northward, north westward, west southward.
    sides = (
        (steps, np.zeros(PARCELS)),
        (np.ones(PARCELS), steps),
        ((np.arange(PARCELS, 0, -1)) / PARCELS, np.ones(PARCELS)),
        (np.zeros(PARCELS), (np.arange(PARCELS, 0, -1)) / PARCELS),
    )
    for position in np.flatnonzero(~plain):
        points = []
        for side, (u, v) in enumerate(sides):
            count = PARCELS if fine[position, side] else 1
            points.append(inside(rings[position : position + 1], u[None, :count], v[None, :count])[0])
        shapes[position] = shapely.Polygon(np.concatenate(points))
    return shapes


def dissolve(shapes: Shapes, owner: Ints, count: int) -> Shapes:
    """The union of each owner's shapes (owner -1 is nobody's), exact because neighbours share their points."""
    order = np.argsort(owner, kind="stable")
    bounds = np.searchsorted(owner[order], np.arange(count + 1))
    united = np.empty(count, dtype=object)
    for who in range(count):
        united[who] = shapely.coverage_union_all(shapes[order[bounds[who] : bounds[who + 1]]])
    return united
