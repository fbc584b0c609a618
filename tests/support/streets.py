"""Streets of the registers for tests: people behind doors, in the index of search, and readers who look at them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from support.people import Api
from support.world import World

from onegrid.county.registers.models import Building, Dwelling, Household, Organisation, Premises, Resident
from onegrid.county.registers.services import search
from onegrid.foundation.accounts.services import keys
from onegrid.foundation.database.context import in_locality

NOW: Final = datetime(2026, 3, 2, tzinfo=UTC)
FOLK: Final = (
    ("单小明", "35019919900307021X", "19000001234", 1, 1990),
    ("单小明月", "350199198503070223", "19000005678", 2, 1985),
    ("林阿婆", "350199194003070245", "19000004321", 2, 1940),
)
NUMBERS: Final = [number for _, *numbers, _, _ in FOLK for number in numbers]


def street(leaf: Any, name: str, folk: Any = FOLK, *, homes: int = 1) -> Building:
    """A building whose every home has these people, in the index of search."""
    place = {"grid_id": leaf.id, "scope_path": leaf.scope_path}
    building = Building.objects.create(name=name, code=f"B-{name}", kind="slab", lon=leaf.lon, lat=leaf.lat, **place)
    made: list[Any] = [building]
    for door in range(homes):
        dwelling = Dwelling.objects.create(
            building=building,
            label=f"1单元{door + 1}01",
            unit="1",
            floor=door + 1,
            room=f"{door + 1}01",
            use="let",
            **place,
        )
        home = Household.objects.create(dwelling=dwelling, people=len(folk), number=f"H{building.pk}-{door}", **place)
        for called, number, phone, sex, born in folk:
            made.append(
                Resident.objects.create(
                    household=home, scope_path=leaf.scope_path, name=called, sex=sex, birth_year=born,
                    birth_date=f"{born}-03-07", id_kind="id_card", id_number=number, phone=phone, registered="local",
                )
            )  # fmt: skip
    search.remember(made)
    return building


def readers(world: World, locality: str) -> dict[str, Api]:
    """A worker, the county's dispatcher and a department's officer; people in the worker's grid and beside it."""
    with in_locality(locality):
        worker = world.staff("worker")
        leaf = next(one for one in world.leaves if one.scope_path.startswith(worker.scope_path))
        other = next(one for one in world.leaves if not one.scope_path.startswith(worker.scope_path))
        street(leaf, "前街1号", homes=2)
        street(other, "后街9号", folk=[("单小明", "350199199003070237", "19000009999", 1, 1990)])
        place = {"grid_id": leaf.id, "scope_path": leaf.scope_path}
        shop = Premises.objects.create(name="如意面馆", code="P1", kind="restaurant", address="前街2号", **place)
        firm = Organisation.objects.create(
            name="如意餐饮有限公司", credit_code="91350199MA00000X0X", kind="enterprise", contact="金丝雀", **place
        )
        search.remember([shop, firm])
        found = {}
        for name, actor in (
            ("worker", worker),
            ("county", world.staff("dispatcher")),
            ("officer", world.officer("UM")),
        ):
            found[name] = Api(locality)
            found[name].token = keys.make(user_id=actor.user_id, kind="token", label="t", now=NOW)[1]
        return found
