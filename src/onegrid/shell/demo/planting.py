"""Stores a drawn land: schemes, grids and the base map, by COPY; finds a stored one again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import shapely

from onegrid.county.grids.models import Grid, Level, MapFeature
from onegrid.county.grids.rules.codes import CodePattern
from onegrid.county.grids.rules.section import GridsPart
from onegrid.county.grids.services import schemes, tree
from onegrid.county.grids.services.tree import GridDraft, Planted
from onegrid.county.grids.services.versions import raise_version
from onegrid.foundation.database.bulk import copy_rows, next_keys
from onegrid.shell.demo import features, names
from onegrid.shell.demo.grids import DIVISIONS, Drawn
from onegrid.shell.demo.land import Land
from onegrid.shell.demo.lattice import Ints
from onegrid.shell.demo.settlement import SLAB


@dataclass(frozen=True)
class World:
    """A planted land: ``grids[level][row]`` beside the land's own levels, and where every building belongs."""

    land: Land
    grids: tuple[tuple[Planted, ...], ...]
    houses: features.Houses
    leaf: tuple[Planted, ...]
    names: dict[int, str]


class WasDrawnOtherwise(RuntimeError):
    """The locality holds a county of another seed or scale that was not finished; begin afresh."""


def plant(land: Land, part: GridsPart, seed: int, now: datetime) -> World:
    """Store the grids of a land, or find them stored; ``now`` is when their first outlines begin to hold.

    Raises WasDrawnOtherwise.
    """
    schemes.apply(part)
    drafts: list[GridDraft] = []
    starts: list[int] = []
    levels = {
        (level.scheme.key if level.scheme else "", level.key): level for level in Level.objects.select_related("scheme")
    }
    rng = np.random.default_rng([seed, 4])
    for at, drawn in enumerate(land.levels):
        starts.append(len(drafts))
        _draft_level(drafts, starts, land, at, drawn, levels, rng)
    planted = _stored() or tree.plant(drafts, pattern=CodePattern(part.code_digits or (3, 2)), now=now)
    if len(planted) != len(drafts):
        raise WasDrawnOtherwise(f"{len(planted)} grids are there, {len(drafts)} would be drawn")
    ends = [*starts[1:], len(drafts)]
    grids = tuple(tuple(planted[first:last]) for first, last in zip(starts, ends, strict=True))
    houses = features.houses(land, seed)
    called = {made.id: draft.name for made, draft in zip(planted, drafts, strict=True)}
    _name_slabs(land, grids, houses, called)
    leaf = _leaves(land, grids, houses.piece)
    return World(land, grids, houses, leaf, called)


def _stored() -> list[Planted]:
    """The grids of an earlier run in the order they were planted; the same seed and scale draw the same ones."""
    rows = Grid.objects.order_by("pk").values_list("pk", "code", "scope_path", "lon", "lat")
    return [Planted(*row) for row in rows]


def _draft_level(
    drafts: list[GridDraft],
    starts: list[int],
    land: Land,
    at: int,
    drawn: Drawn,
    levels: dict[tuple[str, str], Level],
    rng: np.random.Generator,
) -> None:
    """Append one level's grids, named after the grid above and their number or an invented name."""
    above = starts[drawn.above] if drawn.above >= 0 else -1
    if drawn.scheme == DIVISIONS:
        level = levels["", land.division_rows[drawn.level][0].level]
        for row, division in enumerate(land.division_rows[drawn.level]):
            parent = None if above < 0 else above + int(drawn.parent[row])
            drafts.append(
                GridDraft(
                    division.name, level.pk, None, parent, drawn.outline[row], int(drawn.households[row]), division.code
                )
            )
        return
    scheme = land.plan.schemes[drawn.scheme]
    spec = scheme.levels[drawn.level]
    level = levels[scheme.key, spec.key]
    steps = scheme.drawn().index(spec)
    estates = names.estates(rng, len(drawn.parent)) if _has_estates(spec.title) else []
    number: dict[int, int] = {}
    for row, parent_row in enumerate(drawn.parent.tolist()):
        number[parent_row] = number.get(parent_row, 0) + 1
        parent_name = drafts[above + parent_row].name
        name = f"{parent_name}{estates[row]}" if estates else f"{parent_name}{number[parent_row]}{_counted(spec.title)}"
        drafts.append(
            GridDraft(
                name,
                level.pk,
                level.scheme_id,
                above + parent_row,
                drawn.outline[row],
                int(drawn.households[row]),
                None,
                steps,
            )
        )


def _has_estates(title: str) -> bool:
    """Whether a level's grids have names of their own instead of numbers."""
    return "小区" in title or "院落" in title


def _name_slabs(
    land: Land, grids: tuple[tuple[Planted, ...], ...], houses: features.Houses, called: dict[int, str]
) -> None:
    """Where estates are grids, the slabs in one carry its name: an address and its grid say the same."""
    villages = land.levels[len(land.division_rows) - 1].piece_owner
    leaves = land.division_rows[-1]
    for at, level in enumerate(land.levels):
        if level.scheme == DIVISIONS or not _has_estates(land.plan.schemes[level.scheme].levels[level.level].title):
            continue
        count: dict[int, int] = {}
        for building in np.flatnonzero(land.buildings.kind == SLAB).tolist():
            piece = houses.piece[building]
            row, village = int(level.piece_owner[piece]), int(villages[piece])
            if row < 0 or village < 0:
                continue
            count[row] = count.get(row, 0) + 1
            parent = grids[level.above][int(level.parent[row])]
            estate = called[grids[at][row].id].removeprefix(called[parent.id])
            houses.address[building] = f"{leaves[village].name}{estate}{count[row]}栋"


def _counted(title: str) -> str:
    """The word after a number: 3区, 12号网格."""
    return title if len(title) <= 2 else f"号{title}"


def _leaves(land: Land, grids: tuple[tuple[Planted, ...], ...], piece: Ints) -> tuple[Planted, ...]:
    """The smallest grid of each building: the deepest level that reaches its piece, earlier schemes first."""
    chosen: list[Planted | None] = [None] * len(piece)
    # Divisions (-1) come first, then schemes from last to first, each top down: what is written last stands.
    order = sorted(
        range(len(land.levels)), key=lambda at: (land.levels[at].scheme != DIVISIONS, -land.levels[at].scheme, at)
    )
    for at in order:
        for building, row in enumerate(land.levels[at].piece_owner[piece].tolist()):
            if row >= 0:
                chosen[building] = grids[at][row]
    return tuple(found for found in chosen if found is not None)


def furnish(world: World, seed: int, now: datetime) -> None:
    """Store the base map, buildings with their addresses among it."""
    land, houses = world.land, world.houses
    villages = world.grids[len(land.division_rows) - 1]
    base = features.base_map(land, seed)
    points = shapely.get_coordinates(shapely.point_on_surface([item.shape for item in base]))
    first = next_keys("grids_mapfeature", "id", len(base) + len(houses.address))
    wkb = shapely.to_wkb(np.array([item.shape for item in base], dtype=object))
    kinds = {SLAB: "apartments"}
    buildings = land.buildings
    outlines = shapely.to_wkb(houses.shape)

    def rows() -> Iterator[tuple[object, ...]]:
        for at, item in enumerate(base):
            path = villages[item.village].scope_path if item.village >= 0 else "r."
            yield (
                first[at],
                item.layer,
                item.kind,
                item.name,
                item.levels,
                path,
                float(points[at, 0]),
                float(points[at, 1]),
                wkb[at],
            )
        for at, address in enumerate(houses.address):
            yield (
                first[len(base) + at],
                "building",
                kinds.get(int(buildings.kind[at]), "house"),
                address,
                int(buildings.floors[at]),
                world.leaf[at].scope_path,
                float(houses.lon[at]),
                float(houses.lat[at]),
                outlines[at],
            )

    copy_rows("grids_mapfeature", ("id", "layer", "kind", "name", "levels", "scope_path", "lon", "lat", "wkb"), rows())
    raise_version(now)


def outlines() -> list[int]:
    """The keys of the buildings on the base map, in the order of the land's buildings."""
    return list(MapFeature.objects.filter(layer="building").order_by("pk").values_list("pk", flat=True))
