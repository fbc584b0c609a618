"""Who holds what, seen from anywhere."""

from __future__ import annotations

from datetime import UTC, date, datetime

from support.people import ActingAs
from support.world import World

from onegrid.county.workforce import selectors
from onegrid.county.workforce.models import Appointment

DAY = date(2026, 3, 2)


def test_centres_stand_where_somebody_triages(world: World, acting_as: ActingAs) -> None:
    leaf = world.leaf.scope_path
    with acting_as(leaf):
        assert selectors.centres_above(leaf) == ("r.", world.planted["990101001"].scope_path)


def test_hats_are_found_from_a_narrow_scope_and_rows_are_not(world: World, acting_as: ActingAs) -> None:
    dispatcher = world.staff("dispatcher", scope="r.")
    with acting_as(world.leaf.scope_path):
        assert [hat.position for hat in selectors.hats_of(dispatcher.user_id or 0, DAY)] == ["dispatcher"]
        assert not Appointment.objects.filter(user_id=dispatcher.user_id).exists()
        assert {hat.scope_path for hat in selectors.staff_below(world.leaf.scope_path, DAY)} <= {world.leaf.scope_path}


def test_the_locality_s_calendar_says_which_day_it_is(world: World, acting_as: ActingAs) -> None:
    person = next(item for item in world.people if item.position == "secretary")
    with acting_as():
        Appointment.objects.filter(user_id=person.actor.user_id).update(valid_from=date(2026, 3, 2))
        # 16:30 UTC on the first is half past midnight on the second in Shanghai.
        assert selectors.hats_at(person.actor.user_id or 0, datetime(2026, 3, 1, 16, 30, tzinfo=UTC))
        assert not selectors.hats_at(person.actor.user_id or 0, datetime(2026, 3, 1, 15, 30, tzinfo=UTC))


def test_the_nearest_holder_of_a_duty(world: World, acting_as: ActingAs) -> None:
    with acting_as(world.leaf.scope_path):
        (secretary,) = selectors.nearest_holders(world.leaf.scope_path, duty="whistle", day=DAY)
        (commander,) = selectors.nearest_holders(world.leaf.scope_path, duty="command", day=DAY)
        assert selectors.nearest_holders(world.leaf.scope_path, duty="nothing", day=DAY) == []
    assert (secretary.position, commander.position) == ("secretary", "commander")


def test_positions_in_the_pack_s_order(world: World, acting_as: ActingAs) -> None:
    with acting_as():
        assert [item.key for item in selectors.positions()][:3] == ["dispatcher", "township_dispatcher", "secretary"]


def test_the_leader_of_a_grid_is_the_first_by_position(world: World, acting_as: ActingAs) -> None:
    with acting_as():
        row = Appointment.objects.get(position__key="secretary")
        leaders = selectors.leaders_of([row.grid_id or 0], DAY)
    assert leaders[row.grid_id or 0].position == "secretary"
