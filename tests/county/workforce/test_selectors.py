"""Who holds what, seen from anywhere."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import ProgrammingError, connection
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


def test_the_database_itself_keeps_appointments_to_their_subtree(world: World, acting_as: ActingAs) -> None:
    inside = world.planted["990101001001"].scope_path
    with acting_as(inside), connection.cursor() as cursor:
        cursor.execute("select distinct scope_path from workforce_appointment")
        seen = {row[0] for row in cursor.fetchall()}
        assert seen
        assert all(path.startswith(inside) for path in seen)
        cursor.execute("update workforce_appointment set ended_reason = 'moved' where scope_path = 'r.'")
        assert cursor.rowcount == 0
    for role in ("department", "resident"):
        with acting_as("", role=role, department="d.1.", person="x"), connection.cursor() as cursor:  # type: ignore[arg-type]
            cursor.execute("select count(*) from workforce_appointment")
            assert cursor.fetchone() == (0,)


def test_an_appointment_cannot_be_written_outside_the_scope(world: World, acting_as: ActingAs) -> None:
    with acting_as():
        row = Appointment.objects.get(position__key="secretary")
    with acting_as(row.scope_path), pytest.raises(ProgrammingError, match="row-level security"):
        Appointment.objects.create(
            user_id=row.user_id, position_id=row.position_id, grid_id=row.grid_id, scope_path="r.", valid_from=DAY
        )
