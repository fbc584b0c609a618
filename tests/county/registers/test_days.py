"""What happened this morning happened today where the locality is, though by our clock it is still yesterday."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from support.households import door, home
from support.people import ActingAs
from support.world import World

from onegrid.county.registers.errors import FieldsWrong
from onegrid.county.registers.models import Household, Resident
from onegrid.county.registers.services.changes import Told, moving

EARLY = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
"""Half past seven on the second of March in China."""
TODAY, TOMORROW = date(2026, 3, 2), date(2026, 3, 3)


def a_family(world: World) -> Household:
    """Two people behind a door of the worker's grid."""
    actor = world.staff("worker")
    leaf = next(one for one in world.leaves if one.scope_path.startswith(actor.scope_path))
    return home(door(leaf), {"name": "金丝雀一", "relation": "head"}, {"name": "金丝雀二"})


@pytest.mark.parametrize("how", ["move", "depart"])
def test_today_is_the_localitys(world: World, acting_as: ActingAs, how: str) -> None:
    actor = world.staff("worker")
    with acting_as():
        family = a_family(world)
        one = family.residents.order_by("pk")[1]

        def tell(day: date) -> None:
            if how == "move":
                moving.move(actor, [one.pk], Told(EARLY), on=day, dwelling=family.dwelling_id)
            else:
                moving.depart(actor, [one.pk], Told(EARLY), why="left", on=day)

        with pytest.raises(FieldsWrong):
            tell(TOMORROW)
        tell(TODAY)
        now = Resident.objects.get(pk=one.pk)
        assert (now.since if how == "move" else now.left_on) == TODAY
