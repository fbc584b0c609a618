"""Loading a catalogue: conditions, repeats, matters that leave, versions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from support.people import ActingAs
from support.world import World

from onegrid.county.matters import selectors, services
from onegrid.county.matters.models import Matter, MatterCondition, Pack
from onegrid.county.matters.rules.limits import Limit, Unit
from onegrid.county.matters.rules.section import MattersPart
from onegrid.foundation.packs import LoadedPack

LATER = datetime(2026, 6, 1, tzinfo=UTC)


def test_conditions_carry_their_own_limits(world: World, acting_as: ActingAs) -> None:
    with acting_as():
        matter = selectors.matter("TL-C0101")
    assert matter is not None
    assert [condition.limit for condition in matter.conditions] == [
        Limit(2, Unit.URGENT_HOUR),
        Limit(1, Unit.WORKING_DAY),
    ]
    assert matter.conditions[0].accept_by == Limit(15, Unit.MINUTE)


def test_stages_keep_their_order(world: World, acting_as: ActingAs) -> None:
    with acting_as():
        matter = selectors.matter("TL-E0101")
    assert matter is not None
    assert [f"{stage.name}:{stage.limit}" for stage in matter.conditions[0].stages] == [
        "制止:4工作时",
        "处罚:7工作日",
        "拆除:20工作日",
    ]


def test_repeating_changes_nothing(world: World, acting_as: ActingAs) -> None:
    with acting_as():
        loaded = services.apply(world.pack, now=LATER)
        assert Pack.objects.count() == 1
    assert (loaded.added, loaded.changed, loaded.ended) == (0, 0, 0)


def test_what_leaves_the_catalogue_stays_for_its_cases(world: World, acting_as: ActingAs) -> None:
    part = world.pack.section("matters", MattersPart)
    matters = tuple(
        replace(item, conditions=item.conditions[:1]) if item.code == "TL-C0101" else item
        for item in part.matters
        if item.code != "TL-V01"
    )
    newer = _with(world.pack, "2" * 64, matters=replace(part, matters=matters))
    with acting_as():
        loaded = services.apply(newer, now=LATER)
        assert loaded.ended == 1
        assert selectors.matter("TL-V01") is None
        assert Matter.objects.get(code="TL-V01").active is False
        assert selectors.names(["TL-V01"]) == {"TL-V01": "代办证件"}
        assert [row.active for row in MatterCondition.objects.filter(matter__code="TL-C0101")] == [True, False]
        assert selectors.current_pack().version == newer.version
        services.apply(world.pack, now=LATER)
        assert selectors.current_pack().version == world.pack.version
        assert selectors.matter("TL-V01") is not None


def test_a_withdrawn_matter_is_not_in_force(world: World, acting_as: ActingAs) -> None:
    part = world.pack.section("matters", MattersPart)
    matters = tuple(
        replace(item, withdrawn_reason="试点结束") if item.code == "TL-E0401" else item for item in part.matters
    )
    with acting_as():
        services.apply(_with(world.pack, "3" * 64, matters=replace(part, matters=matters)), now=LATER)
        assert selectors.matter("TL-E0401") is None


def _with(pack: LoadedPack, digest: str, **values: Any) -> LoadedPack:
    return replace(pack, digest=digest, values={**pack.values, **values})
