"""Files that write addresses in their own way: the same building in other words, and one that only resembles."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import shapely
from support.people import counted_queries
from support.world import World

from onegrid.county.grids import selectors as grids
from onegrid.county.grids.models import MapFeature
from onegrid.county.grids.selectors import places
from onegrid.county.grids.services.versions import raise_version
from onegrid.county.registers.models import Building, ImportBatch, Premises, Resident
from onegrid.foundation.database.context import Standing, acting
from tests.county.registers.test_loading import FAMILY, counts, load, place, sheet

__all__ = ["place"]


def written(address: str, nth: int = 0) -> tuple[Any, ...]:
    """A person of the family, his building's address written so."""
    return (address, *FAMILY[nth][1:])


def test_other_words_for_an_address_find_its_building(place: Standing, world: World, tmp_path: Path) -> None:
    with acting(place):
        village = grids.chain(world.leaf.scope_path)[2].name
    rows = [written("前街一号", 0), written("前街１号", 1), written(f"{village} 前街二号", 2)]
    run = load(place, sheet(tmp_path, rows))
    assert counts(run) == (3, 0, 0, 0)
    with acting(place):
        found = Resident.objects.values_list("household__dwelling__building__name", flat=True)
        assert sorted(found) == ["前街1号", "前街1号", "前街2号"]


def test_what_only_resembles_is_refused_and_told(place: Standing, tmp_path: Path) -> None:
    run = load(place, sheet(tmp_path, [written("钱街1号", 0), written("前街9号", 1), written("大马路77号", 2)]))
    assert counts(run) == (0, 0, 0, 3)
    with acting(place):
        told = [(one[0], one[3].rpartition(".")[2], one[4]) for one in ImportBatch.objects.get().problems]
    assert told == [
        (2, "building_like", {"like": "前街1号"}),
        (3, "building_unknown", {}),
        (4, "building_unknown", {}),
    ]


def drawn(world: World, name: str, standing: Standing) -> tuple[float, float]:
    """A building on the base map at the last leaf's label."""
    leaf = world.leaves[-1]
    with acting(standing):
        MapFeature.objects.create(
            layer="building", kind="house", name=name, levels=3, scope_path=leaf.scope_path, lon=leaf.lon, lat=leaf.lat,
            wkb=shapely.to_wkb(shapely.Point(leaf.lon, leaf.lat).buffer(1e-5)),
        )  # fmt: skip
        raise_version(datetime(2026, 11, 20, tzinfo=UTC))
    places.forget()
    return leaf.lon, leaf.lat


def test_a_new_building_without_a_point_stands_where_the_map_has_its_address(
    place: Standing, world: World, tmp_path: Path
) -> None:
    point = drawn(world, "西环路18号", place)
    rows = [("西环路十八号", "6"), ("没有的路18号", "6")]
    run = load(place, sheet(tmp_path, rows, ("楼栋地址", "层数")), "buildings")
    assert counts(run) == (1, 0, 0, 1)
    with acting(place):
        found = Building.objects.get(name="西环路十八号")
        assert ((found.lon, found.lat), found.scope_path) == (point, world.leaves[-1].scope_path)


def test_premises_stand_where_their_address_lies(place: Standing, world: World, tmp_path: Path) -> None:
    drawn(world, "西环路18号", place)
    run = load(
        place, sheet(tmp_path, [("小卖部", "西环路18号一楼"), ("茶馆", "不知道哪里")], ("名称", "地址")), "premises"
    )
    with acting(place):
        told = ImportBatch.objects.get().problems
    assert counts(run) == (1, 0, 0, 1), told
    with acting(place):
        assert Premises.objects.get().scope_path == world.leaves[-1].scope_path


def test_buildings_of_the_register_are_addresses_for_everybody(place: Standing, world: World) -> None:
    places.forget()
    nobody = Standing(place.locality, "")
    with acting(nobody):
        assert [hit.label for hit in grids.find_addresses("前街二号", None, 1)] == ["前街2号"]
        assert grids.find_addresses("新开路6号", None, 1) == []
    with acting(place):
        leaf = world.leaves[-1]
        Building.objects.create(
            grid_id=leaf.id, scope_path=leaf.scope_path, name="新开路6号", lon=leaf.lon, lat=leaf.lat, units=1
        )
    with acting(nobody), counted_queries() as seen:
        found = grids.find_addresses("新开路6号", None, 1)
        assert [(hit.label, hit.scope_path) for hit in found] == [("新开路6号", leaf.scope_path)]
    with acting(nobody), counted_queries() as again:
        grids.find_addresses("前街1号", None, 1)
    assert len(again) < len(seen)
