"""Where people live: built-up blocks, parcels in them, houses and apartment slabs on the parcels.

A block of about 180 m is cut into 6 × 6 parcels; a house stands on one, a slab on three (one for each
stairwell). All of it is arrays: one row per building.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from onegrid.shell.demo.lattice import Floats, Ints, Lattice

NDArrayBool = NDArray[np.bool_]

PARCELS = 6
HOUSE, SLAB, PLACE = 0, 1, 2
_SLAB_ROWS = (0, 2, 4)
_HOUSES_A_BLOCK = 26
_SLABS_A_BLOCK = 6
_STAIRWELLS = 3
_FILLED = 0.78


@dataclass(frozen=True)
class Buildings:
    """One row per building. ``row`` and ``col`` are of its first parcel on the parcel lattice of the locality."""

    village: Ints
    block: Ints
    row: Ints
    col: Ints
    width: Ints
    kind: Ints
    floors: Ints
    units: Ints
    households: Ints

    def __len__(self) -> int:
        return len(self.village)


@dataclass(frozen=True)
class Settlement:
    """Which blocks are built up, and what stands there; ``heart`` is each village's central block."""

    built: NDArrayBool
    heart: Ints
    buildings: Buildings


@dataclass(frozen=True)
class Fabric:
    """How people are housed: how high slabs are; where published, how many buildings and stairwells a village has."""

    floors: Ints
    buildings: Ints | None = None
    stairwells: Ints | None = None

    @property
    def homes(self) -> int:
        """Households a slab is planned for."""
        return int(self.floors.mean() * 6 * _FILLED)


def blocks_needed(households: Ints, urban: Floats, fabric: Fabric) -> Ints:
    """Built-up blocks a village wants for its households, slabs and houses mixed by its urban share."""
    if fabric.buildings is not None:
        return np.asarray(fabric.buildings // _SLABS_A_BLOCK + 1, dtype=np.int64)
    houses = np.ceil(households * (1 - urban) / 1.3 / _HOUSES_A_BLOCK)
    slabs = np.ceil(households * urban / fabric.homes / _SLABS_A_BLOCK)
    return np.asarray(np.maximum(1, houses + slabs), dtype=np.int64)


def settle(
    rng: np.random.Generator, lattice: Lattice, village: Ints, water: NDArrayBool, households: Ints, urban: Floats,
    fabric: Fabric,
) -> Settlement:  # fmt: skip
    """Build every village from its heart outwards until its households are housed."""
    built = np.zeros(len(village), dtype=bool)
    heart = np.zeros(len(households), dtype=np.int64)
    rows: list[Ints] = []
    centres = lattice.centres()
    order = np.argsort(village, kind="stable")
    ends = np.cumsum(np.bincount(village, minlength=len(households)))
    wanted = blocks_needed(households, urban, fabric)
    for which, end in enumerate(ends):
        own = order[(ends[which - 1] if which else 0) : end]
        dry = own[~water[own]]
        ground = dry if len(dry) else own
        away = np.hypot(*(centres[ground] - centres[ground].mean(axis=0)).T)
        near = ground[np.argsort(away, kind="stable")][: wanted[which]]
        heart[which] = near[0]
        built[near] = True
        if fabric.buildings is not None and fabric.stairwells is not None:
            counts = int(fabric.buildings[which]), int(fabric.stairwells[which])
            rows.append(_counted_village(rng, lattice, which, near, int(households[which]), *counts))
        else:
            rows.append(_village(rng, lattice, which, near, int(households[which]), float(urban[which]), fabric))
    table = np.concatenate(rows)
    return Settlement(built, heart, Buildings(*(np.ascontiguousarray(column) for column in table.T)))


def _village(
    rng: np.random.Generator, lattice: Lattice, which: int, blocks: Ints, households: int, urban: float,
    fabric: Fabric,
) -> Ints:  # fmt: skip
    """The buildings of one village: slabs first around the heart, then houses, a few places of work between."""
    in_slabs = round(households * urban)
    slab_blocks = min(
        len(blocks),
        int(np.ceil(in_slabs / fabric.homes / _SLABS_A_BLOCK)) if in_slabs >= (3 if urban > 0.85 else 12) else 0,
    )
    if slab_blocks == len(blocks) and in_slabs < households and len(blocks) > 1:
        slab_blocks -= 1
    in_slabs = in_slabs if slab_blocks else 0
    if slab_blocks == len(blocks):
        in_slabs = households
    made: list[tuple[int, ...]] = []
    left = in_slabs
    slots = [(block, row, col) for block in blocks[:slab_blocks] for row in _SLAB_ROWS for col in (0, 3)]
    for position, (block, row, col) in enumerate(slots):
        if left <= 0:
            break
        floors = int(rng.choice(fabric.floors))
        # A village may have fewer blocks than it wants: then the last slabs grow instead.
        need = -(-left // (len(slots) - position))
        floors = max(floors, -(-need // 6)) if need > floors * 6 else floors
        living = min(left, max(1, round(floors * 6 * rng.uniform(0.85, 1.0))), floors * 6)
        living = max(living, min(need, floors * 6))
        units = 3 if living >= 6 else 1
        made.append(_building(lattice, which, int(block), row, col, 3, SLAB, floors, units, living))
        left -= living
    made += _houses(rng, lattice, which, blocks[slab_blocks:], households - in_slabs + max(left, 0))
    if not made:
        made.append(_building(lattice, which, int(blocks[0]), 0, 0, 1, PLACE, 2, 1, 0))
    return np.array(made, dtype=np.int64)


def _counted_village(
    rng: np.random.Generator, lattice: Lattice, which: int, blocks: Ints, households: int, count: int, stairwells: int
) -> Ints:
    """A village of exactly so many slabs with so many stairwells, every one inhabited, and a few places of work."""
    count = min(count, households)
    units = _stairwells(count, min(stairwells, households))
    share = units * rng.uniform(0.85, 1.15, count)
    living = units + np.floor(share / share.sum() * (households - units.sum())).astype(np.int64)
    living[: households - int(living.sum())] += 1
    # Long slabs take a row of parcels, two others share one; every other row first, the rows between when it is tight.
    order = np.argsort(-units, kind="stable")
    long = int((units > _STAIRWELLS).sum())
    lines = [(int(block), row) for rows in ((0, 2, 4), (1, 3, 5)) for block in blocks for row in rows]
    made: list[tuple[int, ...]] = []
    for position, at in enumerate(order.tolist()):
        line = position if position < long else long + (position - long) // 2
        block, row = lines[line]
        width = 2 * _STAIRWELLS if position < long else _STAIRWELLS
        col = _STAIRWELLS * ((position - long) % 2) if position >= long else 0
        floors = -(-int(living[at]) // (2 * int(units[at])))
        made.append(_building(lattice, which, block, row, col, width, SLAB, floors, int(units[at]), int(living[at])))
    for block, row in lines[long + (count - long + 1) // 2 :][: 1 + count // 12]:
        made.append(_building(lattice, which, block, row, 1, 1, PLACE, 2, 1, 0))
    return np.array(made, dtype=np.int64)


def _stairwells(count: int, total: int) -> Ints:
    """Stairwells of each of ``count`` buildings, ``total`` in all: three where it fits, six in a long one."""
    units = np.full(count, _STAIRWELLS, dtype=np.int64)
    over = total - int(units.sum())
    long = min(count, -(-over // _STAIRWELLS)) if over > 0 else 0
    units[:long] = 2 * _STAIRWELLS
    less = int(units.sum()) - total
    while less > 0:
        spare = units[::-1] > 1
        step = min(less, int(spare.sum()))
        if not step:
            break
        units[::-1][np.flatnonzero(spare)[:step]] -= 1
        less -= step
    return units


def _houses(
    rng: np.random.Generator, lattice: Lattice, which: int, blocks: Ints, households: int
) -> list[tuple[int, ...]]:
    """Houses of one to three floors until nobody is left; the last block's houses take what remains."""
    if not len(blocks):
        return []
    made: list[tuple[int, ...]] = []
    slots: list[tuple[int, int, int]] = []
    # As many parcels in each block as are wanted, scattered, and a few more for shops and schools.
    wanted = int(np.ceil(households / 1.25 / len(blocks))) + 3
    for block in blocks:
        free = rng.permutation(PARCELS * PARCELS)[: min(wanted, _HOUSES_A_BLOCK + 4)]
        slots += [(int(block), int(slot) // PARCELS, int(slot) % PARCELS) for slot in np.sort(free)]
    per_house = np.maximum(1, rng.poisson(0.3, len(slots)) + 1)
    places = set(rng.permutation(len(slots))[: max(1, len(slots) // 14)].tolist())
    left = households
    for position, (block, row, col) in enumerate(slots):
        remaining = len(slots) - position
        if position in places and left < remaining:
            made.append(_building(lattice, which, block, row, col, 1, PLACE, int(rng.integers(1, 4)), 1, 0))
            continue
        if left <= 0:
            continue
        living = min(left, max(int(per_house[position]), -(-left // remaining)))
        made.append(_building(lattice, which, block, row, col, 1, HOUSE, int(rng.integers(2, 5)), 1, living))
        left -= living
    return made


def _building(
    lattice: Lattice,
    village: int,
    block: int,
    row: int,
    col: int,
    width: int,
    kind: int,
    floors: int,
    units: int,
    living: int,
) -> tuple[int, ...]:
    first_row = int(lattice.row[block]) * PARCELS + row
    first_col = int(lattice.col[block]) * PARCELS + col
    return (village, block, first_row, first_col, width, kind, floors, units, living)
