"""Every pack we ship, loaded into a locality."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.world import plant

from onegrid.county.grids import selectors as grids
from onegrid.county.matters import selectors as matters
from onegrid.county.organisations import selectors as organisations
from onegrid.county.workforce import selectors as workforce
from onegrid.foundation.database.context import in_locality
from onegrid.shell.sections import load_pack
from onegrid.shell.wiring import apply_pack

LOCALITIES = Path(__file__).parents[2] / "localities"
NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize("name", ["minhou", "haizhou", "tuanjie", "suichuan", "fenghuang"])
def test_a_pack_comes_into_force_and_repeats_quietly(locality: str, name: str) -> None:
    matters.forget()
    with in_locality(locality):
        world = plant(LOCALITIES, name)
        before = matters.current_pack()
        apply_pack(load_pack(LOCALITIES, name), now=NOW)
        assert matters.current_pack() == before
        assert len(matters.catalogue().matters) == world.pack.summary["matters"]
        assert sum(item.handles for item in organisations.departments()) == world.pack.summary["handling_departments"]
        assert [scheme.key for scheme in grids.schemes()] == list(world.pack.summary["schemes"])  # type: ignore[call-overload]
        assert len(workforce.positions()) == world.pack.summary["positions"]
        # The village and the locality's own centre at least stand above every grid.
        assert len(workforce.centres_above(world.leaf.scope_path)) >= 2


@pytest.mark.parametrize("name", ["minhou", "haizhou", "tuanjie", "suichuan", "fenghuang"])
def test_every_unit_of_a_township_or_village_finds_its_place(locality: str, name: str) -> None:
    matters.forget()
    with in_locality(locality):
        world = plant(LOCALITIES, name)
        root = grids.root().scope_path
        seats = {item.code: item.seat for item in organisations.departments() if item.level != "county"}
        part = world.pack.section("grids", type(world.pack.values["grids"]))
        township_is_root = not any(level.key == "county" for level in part.division_levels)  # type: ignore[attr-defined]
    assert township_is_root or root not in seats.values()
