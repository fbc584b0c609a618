"""Positions and appointments: places that fit, terms, endings, replacement."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from support.people import ActingAs
from support.world import BEGIN, World

from onegrid.county.grids import selectors as grids
from onegrid.county.organisations import selectors as organisations
from onegrid.county.workforce import selectors, services
from onegrid.county.workforce.errors import (
    AlreadyEnded,
    AlreadyHeld,
    AppointmentNotFound,
    UnknownPosition,
    UnknownReason,
    WrongPlace,
)
from onegrid.county.workforce.models import Appointment
from onegrid.county.workforce.rules.section import WorkforcePart
from onegrid.county.workforce.services import Draft
from onegrid.foundation.accounts.models import User

DAY = date(2026, 3, 2)


@pytest.fixture
def newcomer(world: World, acting_as: ActingAs) -> int:
    with acting_as():
        user = User(pk=5000, username="newcomer", password="", display_name="新人", created_at=BEGIN)
        user.save()
        return user.pk


def _village(world: World) -> int:
    return grids.by_path(world.planted["990101001001"].scope_path).id


def test_a_term_ends_by_the_positions_rule(world: World, acting_as: ActingAs, newcomer: int) -> None:
    with acting_as():
        made = services.appoint(Draft(user=newcomer, position="secretary", grid=_village(world), valid_from=DAY))
        row = Appointment.objects.get(pk=made.appointment)
    assert row.valid_to == date(2029, 3, 1)
    assert row.scope_path == world.planted["990101001001"].scope_path


def test_a_position_sits_only_at_its_levels(world: World, acting_as: ActingAs, newcomer: int) -> None:
    with acting_as():
        with pytest.raises(WrongPlace):
            services.appoint(Draft(user=newcomer, position="dispatcher", grid=_village(world), valid_from=DAY))
        with pytest.raises(WrongPlace):
            services.appoint(Draft(user=newcomer, position="officer", grid=_village(world), valid_from=DAY))
        with pytest.raises(WrongPlace):
            services.appoint(Draft(user=newcomer, position="secretary", valid_from=DAY))
        with pytest.raises(WrongPlace):
            services.appoint(Draft(user=newcomer, position="secretary", grid=999_999, valid_from=DAY))
        with pytest.raises(UnknownPosition):
            services.appoint(Draft(user=newcomer, position="mayor", grid=_village(world), valid_from=DAY))


def test_a_division_is_the_schemes_level_it_stands_for(world: World, acting_as: ActingAs, newcomer: int) -> None:
    part = world.pack.section("workforce", WorkforcePart)
    police = replace(part.positions[2], key="estate_police", at=("town.estate",))
    pack = replace(
        world.pack, values={**world.pack.values, "workforce": replace(part, positions=(*part.positions, police))}
    )
    with acting_as():
        services.apply(pack)
        services.appoint(Draft(user=newcomer, position="estate_police", grid=_village(world), valid_from=DAY))
        rural = grids.by_path(world.planted["990101001201"].scope_path).id
        with pytest.raises(WrongPlace):
            services.appoint(Draft(user=newcomer, position="estate_police", grid=rural, valid_from=DAY))


def test_an_officer_sits_in_a_department(world: World, acting_as: ActingAs, newcomer: int) -> None:
    with acting_as():
        department = organisations.by_code("UM")
        assert department is not None
        services.appoint(Draft(user=newcomer, position="officer", department=department.id, valid_from=DAY))
        (hat,) = selectors.hats_of(newcomer, DAY)
    assert (hat.department_path, hat.scope_path, hat.department_name) == (department.path, "", "城市管理局")


def test_the_same_twice_is_refused(world: World, acting_as: ActingAs, newcomer: int) -> None:
    with acting_as():
        draft = Draft(user=newcomer, position="secretary", grid=_village(world), valid_from=DAY)
        services.appoint(draft)
        with pytest.raises(AlreadyHeld):
            services.appoint(draft)


def test_an_appointment_ends_with_day_and_reason(world: World, acting_as: ActingAs, newcomer: int) -> None:
    with acting_as():
        made = services.appoint(Draft(user=newcomer, position="secretary", grid=_village(world), valid_from=DAY))
        with pytest.raises(UnknownReason):
            services.end(made.appointment, on=date(2026, 5, 1), reason="bored")
        services.end(made.appointment, on=date(2026, 5, 1), reason="resigned")
        assert selectors.hats_of(newcomer, date(2026, 4, 30))
        assert not selectors.hats_of(newcomer, date(2026, 5, 1))
        with pytest.raises(AlreadyEnded):
            services.end(made.appointment, on=date(2026, 6, 1), reason="resigned")
        with pytest.raises(AppointmentNotFound):
            services.end(999_999, on=date(2026, 6, 1), reason="resigned")


def test_a_successor_takes_over_on_the_same_day(world: World, acting_as: ActingAs, newcomer: int) -> None:
    sitting = next(person for person in world.people if person.position == "secretary")
    with acting_as():
        row = Appointment.objects.get(user_id=sitting.actor.user_id, position__key="secretary")
        ended, begun = services.replace(row.pk, user=newcomer, on=DAY, chosen_by="elected")
        holders = selectors.holders(grid_id=row.grid_id or 0, duty="whistle", day=DAY)
    assert (ended.reason, begun.valid_from) == ("replaced", DAY)
    assert [hat.user for hat in holders if hat.position == "secretary"] == [newcomer]


def test_a_position_that_left_the_pack_gives_no_hat(world: World, acting_as: ActingAs) -> None:
    part = world.pack.section("workforce", WorkforcePart)
    fewer = replace(part, positions=tuple(item for item in part.positions if item.key != "secretary"))
    sitting = next(person for person in world.people if person.position == "secretary")
    with acting_as():
        assert services.apply(replace(world.pack, values={**world.pack.values, "workforce": fewer})) == (8, 1)
        assert not selectors.hats_of(sitting.actor.user_id or 0, DAY)
        services.apply(world.pack)
        assert selectors.hats_of(sitting.actor.user_id or 0, DAY)


def test_a_narrow_scope_cannot_end_what_lies_elsewhere(world: World, acting_as: ActingAs) -> None:
    with acting_as():
        row = Appointment.objects.filter(position__key="dispatcher").first()
        assert row is not None
    with acting_as(world.planted["990101002"].scope_path), pytest.raises(AppointmentNotFound):
        services.end(row.pk, on=DAY, reason="moved")
