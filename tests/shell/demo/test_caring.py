"""The demonstration's worker has somebody to look after, once; and somebody comes home."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from support.world import TEST_PACKS, plant

from onegrid.county.registers.models import Building, Care, CareVisit, Dwelling, Household, Resident, Returnee
from onegrid.county.registers.selectors.care import cares
from onegrid.foundation.accounts.models import Resident as Account
from onegrid.foundation.accounts.models import User
from onegrid.foundation.database.context import in_locality
from onegrid.foundation.kernel.ids import uuid7
from onegrid.programmes.patrols.models import Patrol
from onegrid.shell.demo import caring, crew, walking

NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)


@pytest.mark.parametrize("born", [1940, 2000])
def test_old_people_are_looked_after_once(locality: str, born: int) -> None:
    with in_locality(locality):
        world = plant(TEST_PACKS, "testland")
        worker = world.staff("worker")
        User.objects.filter(pk=worker.user_id).update(username=crew.ROLE)
        leaf = next(one for one in world.leaves if one.scope_path.startswith(worker.scope_path))
        place = {"grid_id": leaf.id, "scope_path": leaf.scope_path}
        house = Building.objects.create(name="前街1号", lon=leaf.lon, lat=leaf.lat, **place)
        home = Household.objects.create(dwelling=Dwelling.objects.create(building=house, label="1户", **place), **place)
        for number in range(6):
            Resident.objects.create(household=home, scope_path=leaf.scope_path, name=f"老人{number}", birth_year=born)
        for number in range(2):
            Account.objects.create(id=uuid7(NOW), phone=f"1900000010{number}", name="归人", created_at=NOW)
        made = caring.care_for(7, NOW)
        assert made == (len(caring.PLANS) if born == 1940 else 0)
        assert Returnee.objects.filter(state="waiting").count() == (len(caring.COMING) if made else 0)
        if not made:
            return
        due = [one.next_due for one in cares(worker)[0]]
        assert due == [date(2026, 2, 28), date(2026, 3, 2), date(2026, 3, 5), date(2026, 3, 14)]
        assert CareVisit.objects.count() == 9
        assert caring.care_for(7, NOW) == 0
        assert Care.objects.count() == made


def test_the_workers_have_walked_past_doors_before_the_county_opens(locality: str) -> None:
    """On the days before everybody, today his colleagues: the worker begins his own day himself. Once."""
    with in_locality(locality):
        world = plant(TEST_PACKS, "testland")
        worker = world.staff("worker")
        User.objects.filter(pk=worker.user_id).update(username=crew.ROLE)
        for leaf in world.leaves:
            for number in range(4):
                at = {"lon": leaf.lon + number * 4e-3, "lat": leaf.lat, "grid_id": leaf.id}
                Building.objects.create(name=f"前街{number}号", scope_path=leaf.scope_path, **at)
        team = crew.crew(NOW)
        assert team[0].user_id == worker.user_id
        made = walking.walk_for(7, NOW)
        walks = list(Patrol.objects.order_by("began_at"))
        assert made == len(walks) == 2 + 3 * (len(team) - 1)
        today = [one.user_id for one in walks if one.began_at.date() == NOW.date()]
        assert sorted(today) == sorted(one.user_id or 0 for one in team[1:])
        assert [(one.gaps, one.metres > 60, (one.ended_at or NOW) < NOW) for one in walks] == [(1, True, True)] * made
        assert walking.walk_for(7, NOW) == 0
