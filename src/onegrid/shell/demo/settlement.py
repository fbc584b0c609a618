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
_FLOORS = np.array([5, 6, 6, 11, 17])
_SLAB_ROWS = (0, 2, 4)
_HOUSES_A_BLOCK = 26
_SLABS_A_BLOCK = 6


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


def blocks_needed(households: Ints, urban: Floats) -> Ints:
    """Built-up blocks a village wants for its households, slabs and houses mixed by its urban share."""
    houses = np.ceil(households * (1 - urban) / 1.3 / _HOUSES_A_BLOCK)
    slabs = np.ceil(households * urban / 42 / _SLABS_A_BLOCK)
    return np.asarray(np.maximum(1, houses + slabs), dtype=np.int64)


def settle(
    rng: np.random.Generator, lattice: Lattice, village: Ints, water: NDArrayBool, households: Ints, urban: Floats
) -> Settlement:
    """Build every village from its heart outwards until its households are housed."""
    built = np.zeros(len(village), dtype=bool)
    heart = np.zeros(len(households), dtype=np.int64)
    rows: list[Ints] = []
    centres = lattice.centres()
    order = np.argsort(village, kind="stable")
    ends = np.cumsum(np.bincount(village, minlength=len(households)))
    wanted = blocks_needed(households, urban)
    for which, end in enumerate(ends):
        own = order[(ends[which - 1] if which else 0) : end]
        dry = own[~water[own]]
        ground = dry if len(dry) else own
        away = np.hypot(*(centres[ground] - centres[ground].mean(axis=0)).T)
        near = ground[np.argsort(away, kind="stable")][: wanted[which]]
        heart[which] = near[0]
        built[near] = True
        rows.append(_village(rng, lattice, which, near, int(households[which]), float(urban[which])))
    table = np.concatenate(rows)
    return Settlement(built, heart, Buildings(*(np.ascontiguousarray(column) for column in table.T)))


def _village(
    rng: np.random.Generator, lattice: Lattice, which: int, blocks: Ints, households: int, urban: float
) -> Ints:
    """The buildings of one village: slabs first around the heart, then houses, a few places of work between."""
    in_slabs = round(households * urban)
    slab_blocks = min(
        len(blocks), int(np.ceil(in_slabs / 42 / _SLABS_A_BLOCK)) if in_slabs >= (3 if urban > 0.85 else 12) else 0
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
        floors = int(rng.choice(_FLOORS))
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
