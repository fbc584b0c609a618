"""Draws the land of a plan: every division and grid with its outline, and every building.

The order is ground first: a bent lattice, shares of it for townships and villages, built-up
blocks, parcels; then each scheme cuts its levels out of the parcels, and outlines are united from
the bottom to the top.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from onegrid.county.grids.rules.metres import LocalPlane
from onegrid.shell.demo import grids, partition
from onegrid.shell.demo import lattice as ground
from onegrid.shell.demo.grids import Drawn
from onegrid.shell.demo.lattice import Floats, Ints, Lattice
from onegrid.shell.demo.parcels import Pieces, cut
from onegrid.shell.demo.plan import DivisionPlan, LandPlan
from onegrid.shell.demo.settlement import Buildings, Fabric, NDArrayBool, Settlement, blocks_needed, settle

_RURAL_BLOCKS = 26
_URBAN_BLOCKS = 7
_LARGE_GRID = 500


@dataclass(frozen=True)
class Land:
    """The drawn locality. Outlines are in degrees; ``levels`` are the divisions top to bottom, then the schemes'."""

    plan: LandPlan
    plane: LocalPlane
    lattice: Lattice
    corners: Floats
    village: Ints
    water: NDArrayBool
    settlement: Settlement
    pieces: Pieces
    division_rows: tuple[tuple[DivisionPlan, ...], ...]
    levels: tuple[Drawn, ...]

    @property
    def buildings(self) -> Buildings:
        """All buildings, one row each."""
        return self.settlement.buildings


def draw(plan: LandPlan, seed: int) -> Land:
    """Draw the plan; the same plan and seed give the same land to the last bit."""
    rng = np.random.default_rng([seed, 1])
    leaves = plan.leaves()
    households, urban = _people(rng, plan, leaves)
    fabric = _fabric(plan, households)
    wanted = blocks_needed(households, urban, fabric)
    blocks = wanted * 1.25 + np.where(urban > 0.6, _URBAN_BLOCKS, _RURAL_BLOCKS) * rng.uniform(0.7, 1.3, len(leaves))
    lattice = ground.draw(rng, int(blocks.sum()))
    village = _share_out(rng, lattice, plan, leaves, blocks)
    corners = ground.soften(lattice, village)
    water = _river(rng, lattice)
    settlement = settle(rng, lattice, village, water, households, urban, fabric)
    corners = _centred(lattice, corners, plan, leaves, settlement)
    pieces = _in_degrees(cut(lattice, corners, settlement.built), LocalPlane(plan.lon, plan.lat))
    levels, rows = grids.cut_all(plan, leaves, village[pieces.block], pieces, settlement.buildings)
    return Land(
        plan, LocalPlane(plan.lon, plan.lat), lattice, corners, village, water, settlement, pieces, rows, levels
    )


def is_urban(name: str) -> bool:
    """Whether a village-level division is an urban community, by the ending its published name has."""
    return "社区" in name or "居委会" in name or "居民委员会" in name


def _people(rng: np.random.Generator, plan: LandPlan, leaves: list[DivisionPlan]) -> tuple[Ints, Floats]:
    """Households and the share of them in slabs, per village; places in focus are thick with people."""
    weight = rng.lognormal(0.0, 0.5, len(leaves))
    urban = np.array([max(0.92, plan.urban) if is_urban(leaf.name) else 0.06 for leaf in leaves])
    weight *= np.where(urban > 0.5, 1.8, 1.0)
    focus = np.array([leaf.code in plan.focus for leaf in leaves])
    least = 6
    spare = max(0, plan.households - least * len(leaves))
    thick = 0.72 * max(0.0, 1 - plan.households / (len(leaves) * 250)) if focus.any() and not focus.all() else 0.0
    part = weight / weight.sum() * (1 - thick)
    if thick:
        part[focus] += weight[focus] / weight[focus].sum() * thick
    return _to_measure(rng, plan, partition.spread_counts(spare + len(leaves), part) + least - 1), urban


def _to_measure(rng: np.random.Generator, plan: LandPlan, households: Ints) -> Ints:
    """Villages of about whole top grids, where the scheme says how many households one holds; the small ones pay."""
    sizes = [scheme.drawn()[0].households or 0 for scheme in plan.schemes if scheme.drawn()]
    grid = min(sizes, default=0)
    large = households >= 0.75 * grid
    if grid < _LARGE_GRID or not large.any() or large.all():
        return households
    found = households.copy()
    whole = np.maximum(1, np.round(found[large] / grid)) * grid
    found[large] = np.round(whole * rng.uniform(0.97, 1.03, len(whole))).astype(np.int64)
    rest = int(households.sum() - found[large].sum())
    if rest < 6 * int((~large).sum()):
        return households
    found[~large] = partition.spread_counts(rest, households[~large].astype(np.float64))
    return found


def _fabric(plan: LandPlan, households: Ints) -> Fabric:
    """How high slabs are, and how many buildings and stairwells each village has where that is published."""
    floors = np.array(plan.floors)
    if not plan.buildings:
        return Fabric(floors)
    buildings = partition.spread_counts(plan.buildings, households.astype(np.float64))
    more = plan.stairwells - plan.buildings + len(buildings)
    return Fabric(floors, buildings, buildings + partition.spread_counts(more, buildings.astype(np.float64)) - 1)


def _share_out(
    rng: np.random.Generator, lattice: Lattice, plan: LandPlan, leaves: list[DivisionPlan], blocks: Floats
) -> Ints:
    """The village of every block: first townships, then villages within each, islands joined up."""
    parents = sorted({leaf.parent for leaf in leaves})
    mother = np.array([parents.index(leaf.parent) for leaf in leaves])
    centres = lattice.centres()
    wanted: Floats = np.bincount(mother, weights=blocks, minlength=len(parents)).astype(np.float64)
    township = ground.share(rng, centres, wanted)
    township = ground.join_up(lattice, township)
    village = np.zeros(len(township), dtype=np.int64)
    for which in range(len(parents)):
        own, kin = np.flatnonzero(township == which), np.flatnonzero(mother == which)
        village[own] = kin[ground.share(rng, centres[own], blocks[kin])]
    return ground.join_up(lattice, village)


def _river(rng: np.random.Generator, lattice: Lattice) -> NDArrayBool:
    """Blocks a river runs through, from west to east, wandering by a block at a time; none in a small place."""
    wet = np.zeros(len(lattice.row), dtype=bool)
    if len(wet) < 60:
        return wet
    row = int(np.median(lattice.row)) + int(rng.integers(-2, 3))
    for col in range(lattice.index.shape[1]):
        step = int(rng.choice([-1, 0, 0, 0, 1]))
        for at in {row, row + step}:
            block = lattice.index[at, col] if 0 <= at < lattice.index.shape[0] else -1
            if block >= 0:
                wet[block] = True
        row += step
    return wet


def _centred(
    lattice: Lattice, corners: Floats, plan: LandPlan, leaves: list[DivisionPlan], settlement: Settlement
) -> Floats:
    """Move everything so that the heart of the first village in focus stands at the plan's centre."""
    first = next((which for which, leaf in enumerate(leaves) if leaf.code in plan.focus), 0)
    block = settlement.heart[first]
    at = corners[lattice.row[block] : lattice.row[block] + 2, lattice.col[block] : lattice.col[block] + 2].mean(
        axis=(0, 1)
    )
    moved: Floats = corners - at
    return moved


def _in_degrees(pieces: Pieces, plane: LocalPlane) -> Pieces:
    """Pieces in degrees, rounded to seven places (a centimetre): equal points stay equal."""
    shape = shapely.transform(pieces.shape, lambda metres: np.round(plane.to_degrees(metres), 7))
    return Pieces(pieces.block, pieces.row, pieces.col, pieces.size, shape)
