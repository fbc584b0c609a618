"""Whom a resident calls: the centre's own number, that of a centre above, or the hotline; never none."""

from __future__ import annotations

from support.people import Api
from support.world import World


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
