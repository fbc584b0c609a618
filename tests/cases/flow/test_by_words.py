"""A report that says where in words and has no point: filed where the words surely mean, else sent back for a point."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import shapely
from support.people import LAMP, ActingAs, Api, counted_queries
from support.world import World

from onegrid.cases.models import Case
from onegrid.county.grids.models import MapFeature
from onegrid.county.grids.selectors import places
from onegrid.county.grids.services.versions import raise_version


@pytest.fixture
def street(world: World, acting_as: ActingAs) -> World:
    """Five houses of a street beside the first leaf's label, and a namesake of one in another leaf."""
    lon, lat = world.point
    with acting_as():
        other = next(leaf for leaf in world.leaves if leaf.scope_path != world.leaf.scope_path)
        houses = [(f"测试路{n}号", lon + n * 1e-6, lat, world.leaf.scope_path) for n in range(1, 6)]
        for name, x, y, path in [*houses, ("同名巷7号", lon, lat, world.leaf.scope_path),
                                 ("同名巷7号", other.lon, other.lat, other.scope_path)]:  # fmt: skip
            MapFeature.objects.create(
                layer="building", kind="house", name=name, levels=3, scope_path=path, lon=x, lat=y,
                wkb=shapely.to_wkb(shapely.Point(x, y).buffer(1e-5)),
            )  # fmt: skip
        raise_version(datetime(2026, 11, 20, tzinfo=UTC))
    places.forget()
    return world


def said(**more: Any) -> dict[str, Any]:
    return {"key": str(uuid4()), "words": "路灯不亮了", "matter": LAMP, **more}


def test_an_address_is_enough(street: World, dispatcher: Api, acting_as: ActingAs) -> None:
    answer = dispatcher.post("/cases", said(address="侧试路三号 门口", channel="hotline"))
    assert answer.status_code == 201, answer.content
    with acting_as():
        case = Case.objects.get(pk=answer.json()["id"])
        assert case.scope_path == street.leaf.scope_path
        assert (case.lon, case.lat) == (pytest.approx(street.point[0] + 3e-6), street.point[1])
        assert case.address == "侧试路三号 门口", "the caller's own words stay"
        told = case.actions.get(action="report").data["placed_by_words"]
    assert 0.5 < told <= 1


def test_the_words_of_the_report_are_read_when_there_is_no_address(
    street: World, dispatcher: Api, acting_as: ActingAs
) -> None:
    answer = dispatcher.post("/cases", said(words="测试路5号门口的路灯坏了，晚上很黑", channel="hotline"))
    assert answer.status_code == 201, answer.content
    with acting_as():
        case = Case.objects.get(pk=answer.json()["id"])
        assert (case.address, case.scope_path) == ("测试路5号", street.leaf.scope_path)


def test_words_that_leave_the_place_open_are_sent_back(street: World, dispatcher: Api) -> None:
    for words in ("路灯坏了", "火星大道99号的路灯坏了"):
        answer = dispatcher.post("/cases", said(words=words, channel="hotline"))
        assert (answer.status_code, answer.json()["fields"][0]["field"]) == (422, "point"), words


def test_a_point_or_a_grid_says_more_than_words(street: World, dispatcher: Api, acting_as: ActingAs) -> None:
    with acting_as():
        other = next(leaf for leaf in street.leaves if leaf.scope_path != street.leaf.scope_path)
    for where in ({"lon": other.lon, "lat": other.lat}, {"grid": str(other.id)}):
        answer = dispatcher.post("/cases", said(address="测试路3号", channel="hotline", **where))
        with acting_as():
            case = Case.objects.get(pk=answer.json()["id"])
            assert case.scope_path == other.scope_path
            assert "placed_by_words" not in case.actions.get(action="report").data


def test_a_preview_without_a_point_offers_places(street: World, api: Api) -> None:
    seen = api.post("/cases/preview", {"words": "测试路4号路灯不亮"}).json()
    assert seen["place"] is None
    assert seen["places"][0]["label"] == "测试路4号"
    assert seen["places"][0]["confidence"] > 0.8
    twice = api.post("/cases/preview", {"words": "路灯不亮", "address": "同名巷7号"}).json()["places"]
    assert [one["label"] for one in twice] == ["同名巷7号"] * 2
    assert all(one["confidence"] < 0.6 for one in twice)
    assert len({one["place"] for one in twice}) == 2, "the villages tell them apart"
    lon, lat = street.point
    assert api.post("/cases/preview", {"words": "测试路4号路灯不亮", "lon": lon, "lat": lat}).json()["places"] == []


def test_resolving_asks_the_database_no_more_for_more_words(street: World, dispatcher: Api) -> None:
    dispatcher.post("/cases/preview", {"words": "测试路4号"})
    with counted_queries() as short:
        dispatcher.post("/cases/preview", {"words": "测试路4号"})
    with counted_queries() as long:
        dispatcher.post("/cases/preview", {"words": "测试路4号，同名巷7号，" * 20})
    assert len(long) == len(short)
