"""Loading departments: seats, paths, repeats, departments that leave."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from support.people import ActingAs
from support.world import World

from onegrid.county.organisations import selectors, services
from onegrid.county.organisations.models import Department
from onegrid.county.organisations.rules.section import OrganisationsPart
from onegrid.foundation.packs import LoadedPack


def test_every_department_of_the_pack_is_there(world: World, acting_as: ActingAs) -> None:
    with acting_as():
        found = {item.code: item for item in selectors.departments()}
    assert set(found) == {"UM", "UMC", "PS", "JU", "PE", "EN", "T001", "GC"}
    assert found["UM"].aliases == ("城管局", "综合执法局")
    assert found["UM"].field == "urban_management"


def test_a_unit_below_lies_below_in_the_path(world: World, acting_as: ActingAs) -> None:
    with acting_as():
        found = {item.code: item for item in selectors.departments()}
    assert found["UM"].path.startswith("d.")
    assert found["UMC"].path.startswith(found["UM"].path)
    assert found["UMC"].parent == found["UM"].id


def test_a_township_unit_is_seated_in_its_township(world: World, acting_as: ActingAs) -> None:
    with acting_as():
        found = {item.code: item for item in selectors.departments()}
    assert found["T001"].seat == world.planted["990101001"].scope_path
    assert found["UM"].seat == "r."


def test_repeating_changes_nothing(world: World, acting_as: ActingAs) -> None:
    with acting_as():
        applied = services.apply(world.pack)
    assert (applied.added, applied.changed, applied.ended) == ((), (), ())


def test_what_leaves_the_pack_ends_and_what_changes_follows(world: World, acting_as: ActingAs) -> None:
    part = world.pack.section("organisations", OrganisationsPart)
    kept = tuple(
        replace(item, name_zh="综合执法局") if item.code == "UM" else item
        for item in part.departments
        if item.code != "EN"
    )
    with acting_as():
        applied = services.apply(_with(world.pack, organisations=replace(part, departments=kept)))
        assert (applied.changed, applied.ended) == (("UM",), ("EN",))
        assert Department.objects.get(code="EN").active is False
        assert selectors.department(Department.objects.get(code="UM").pk).name_zh == "综合执法局"  # type: ignore[union-attr]
        back = services.apply(world.pack)
    assert set(back.changed) == {"UM", "EN"}


def _with(pack: LoadedPack, **values: Any) -> LoadedPack:
    return replace(pack, values={**pack.values, **values})
