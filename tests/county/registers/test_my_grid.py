"""Who looks after a place today, and whom a resident calls: the centre's own number, that of a centre above, or the
hotline; never none."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from support.people import ActingAs, Api
from support.world import World

from onegrid.county.workforce import services as appointments
from onegrid.county.workforce.models import Appointment
from onegrid.shell.config import middleware


def centre(api: Api, lon: float, lat: float) -> dict[str, str]:
    answer = api.get(f"/my-grid?lon={lon}&lat={lat}")
    assert answer.status_code == 200, answer.content
    return dict(answer.json()["centre"])


def test_a_township_with_a_number_is_called_by_it(api: Api, world: World) -> None:
    assert centre(api, *world.point) == {"name": "溪口镇 grid centre", "phone": "000-8800 1234", "line": ""}


def test_without_one_it_is_the_hotline_and_says_so(api: Api, world: World) -> None:
    away = next(leaf for leaf in world.leaves if leaf.scope_path.startswith(world.planted["990101002"].scope_path))
    found = centre(api, away.lon, away.lat)
    assert (found["phone"], found["line"]) == ("12345", "Government service hotline")
    assert found["name"].startswith("试验县")


def test_whoever_left_today_is_gone_from_midnight_on(
    api: Api, world: World, acting_as: ActingAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    class OneAtNight(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime(2026, 3, 2, 17, 0, tzinfo=UTC).astimezone(tz)

    def leader() -> str:
        return str(api.get("/my-grid?lon={}&lat={}".format(*world.point)).json()["leader"]["name"])

    monkeypatch.setattr(middleware, "datetime", OneAtNight)
    before = leader()
    with acting_as():
        user = next(one.actor.user_id for one in world.people if one.actor.name == before)
        held = Appointment.objects.get(user_id=user)
        appointments.end(held.pk, on=date(2026, 3, 3), reason="moved")
    assert leader() != before
