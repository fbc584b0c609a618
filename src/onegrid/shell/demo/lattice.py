"""The ground of a synthetic locality: a bent lattice of blocks, shared out to its divisions.

Everything drawn later follows the lattice's edges, so neighbours share every point of their
border and children tile their parents exactly, by construction and not by repair. Coordinates are
metres around the middle until the very end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BLOCK_M = 180.0
_SETTLE = 24


@dataclass(frozen=True)
class Lattice:
    """Blocks inside the locality's border. Row 0 is the south; ``corners`` has one row and column more."""

    row: Ints
    col: Ints
    corners: Floats
    index: Ints

    def centres(self) -> Floats:
        """The middle of each block on the unbent lattice, in blocks: good for shares and distances."""
        return np.column_stack([self.col + 0.5, self.row + 0.5])

    def neighbours(self) -> Ints:
        """For each block its four neighbours south, east, north, west; -1 is outside."""
        padded = np.pad(self.index, 1, constant_values=-1)
        row, col = self.row + 1, self.col + 1
        return np.column_stack([padded[row - 1, col], padded[row, col + 1], padded[row + 1, col], padded[row, col - 1]])


def draw(rng: np.random.Generator, blocks: int) -> Lattice:
    """A lattice of about ``blocks`` blocks with a natural-looking outer border."""
    radius = np.sqrt(blocks / np.pi)
    side = int(np.ceil(radius * 3.2)) + 4
    middle = side / 2
    rows, cols = np.mgrid[0:side, 0:side]
    east, north = (cols + 0.5 - middle) / 1.12, (rows + 0.5 - middle) * 1.12
    angle = np.arctan2(north, east)
    reach = np.ones_like(angle)
    for wave in range(2, 7):
        reach += rng.uniform(0.02, 0.2 / wave) * np.cos(wave * angle + rng.uniform(0, 2 * np.pi))
    # The blocks with the smallest share of the reach are inside, so their number is as asked.
    share = np.hypot(east, north) / (radius * reach)
    limit = np.partition(share.ravel(), blocks - 1)[blocks - 1]
    parts, _ = ndimage.label(share <= limit)
    inside = parts == np.bincount(parts[parts > 0]).argmax()
    index = np.full((side, side), -1, dtype=np.int64)
    row, col = np.nonzero(inside)
    index[row, col] = np.arange(len(row))
    return Lattice(row, col, _bend(rng, side), index)


def _bend(rng: np.random.Generator, side: int) -> Floats:
    """Corner positions in metres: straight lattice, long waves, a little unevenness, turned by a few degrees."""
    rows, cols = np.mgrid[0 : side + 1, 0 : side + 1].astype(np.float64)
    east, north = cols - side / 2, rows - side / 2
    shift = np.zeros((2, side + 1, side + 1))
    for length, height in ((46.0, 2.2), (21.0, 0.8), (11.0, 0.25)):
        for axis in range(2):
            turn, phase = rng.uniform(0, 2 * np.pi, 2)
            shift[axis] += height * np.sin(2 * np.pi * (np.cos(turn) * east + np.sin(turn) * north) / length + phase)
    bent = np.stack([east, north], axis=-1) + np.moveaxis(shift, 0, -1)
    bent += rng.uniform(-0.06, 0.06, bent.shape)
    turn = rng.uniform(-0.25, 0.25)
    spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    turned: Floats = bent @ spin * BLOCK_M
    return turned


def share(rng: np.random.Generator, points: Floats, targets: Floats) -> Ints:
    """Share points out to compact neighbourhoods whose sizes follow ``targets``.

    A power diagram settled by turns: move each site to the middle of its points, give more reach to
    those that have too little. Every neighbourhood gets at least one point when there are enough.
    """
    count = len(targets)
    if count == 1:
        return np.zeros(len(points), dtype=np.int64)
    wanted = targets / targets.sum() * len(points)
    sites = points[_spread(rng, points, count)].copy()
    reach = np.zeros(count)
    owner = np.zeros(len(points), dtype=np.int64)
    for turn in range(_SETTLE):
        away = ((points[:, None, :] - sites[None]) ** 2).sum(axis=2) - reach
        owner = away.argmin(axis=1)
        held = np.bincount(owner, minlength=count)
        reach += 0.35 * (wanted - held) * (1 - turn / _SETTLE) / np.sqrt(np.pi)
        for axis in range(2):
            total = np.bincount(owner, weights=points[:, axis], minlength=count)
            sites[:, axis] = np.where(held > 0, total / np.maximum(held, 1), sites[:, axis])
    return _nobody_empty(points, owner, sites)


def _spread(rng: np.random.Generator, points: Floats, count: int) -> Ints:
    """Positions of ``count`` points far from each other: each next is drawn by squared distance."""
    chosen = [int(rng.integers(len(points)))]
    away = ((points - points[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < count:
        total = away.sum()
        odds = away / total if total > 0 else None
        chosen.append(int(rng.choice(len(points), p=odds)))
        away = np.minimum(away, ((points - points[chosen[-1]]) ** 2).sum(axis=1))
    return np.array(chosen, dtype=np.int64)


def _nobody_empty(points: Floats, owner: Ints, sites: Floats) -> Ints:
    """Give every empty neighbourhood the nearest point of one that can spare it."""
    count = len(sites)
    held = np.bincount(owner, minlength=count)
    for empty in np.flatnonzero(held == 0):
        spare = held[owner] > 1
        away = np.where(spare, ((points - sites[empty]) ** 2).sum(axis=1), np.inf)
        taken = int(away.argmin())
        held[owner[taken]] -= 1
        held[empty] += 1
        owner[taken] = empty
    return owner


def join_up(lattice: Lattice, owner: Ints) -> Ints:
    """Hand islands over to a neighbour, so that each owner's blocks hang together by their sides."""
    owner = owner.copy()
    for _ in range(4):
        picture = np.full(lattice.index.shape, -1, dtype=np.int64)
        picture[lattice.row, lattice.col] = owner
        moved = False
        for who in np.unique(owner):
            parts, count = ndimage.label(picture == who)
            if count < 2:
                continue
            sizes = np.bincount(parts[parts > 0])
            for part in range(1, count + 1):
                if part == sizes.argmax():
                    continue
                island = parts == part
                edge = ndimage.binary_dilation(island) & ~island & (picture >= 0)
                if edge.any():
                    picture[island] = np.bincount(picture[edge]).argmax()
                    moved = True
        owner = picture[lattice.row, lattice.col]
        if not moved:
            break
    return owner


def soften(lattice: Lattice, owner: Ints) -> Floats:
    """Corners with the stairs along borders between owners smoothed; junctions of borders stay."""
    corners = lattice.corners.copy()
    side = lattice.index.shape[0]
    picture = np.full((side + 2, side + 2), -1, dtype=np.int64)
    picture[lattice.row + 1, lattice.col + 1] = owner
    # A corner (r, c) has the blocks (r-1, c-1) .. (r, c) around it; borders leave it in four directions.
    sw, se = picture[:-1, :-1], picture[:-1, 1:]
    nw, ne = picture[1:, :-1], picture[1:, 1:]
    leaves = np.stack([sw != se, se != ne, nw != ne, sw != nw])
    passing = leaves.sum(axis=0) == 2
    steps = ((-1, 0), (0, 1), (1, 0), (0, -1))
    for _ in range(2):
        pull = np.zeros_like(corners)
        for (down, right), leaving in zip(steps, leaves, strict=True):
            pull += np.where(leaving[..., None], np.roll(corners, (-down, -right), axis=(0, 1)), 0.0)
        corners = np.where(passing[..., None], corners * 0.7 + pull * 0.15, corners)
    return corners
