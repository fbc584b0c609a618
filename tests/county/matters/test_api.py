"""The catalogue over HTTP."""

from __future__ import annotations

from support.people import Api
from support.world import World


def test_all_matters_with_their_fields(world: World, api: Api) -> None:
    answer = api.get("/matters").json()
    assert answer["total"] == len(answer["items"]) == 11
    assert {"key": "disputes", "title": "Disputes", "matters": 2} in answer["fields"]


def test_words_and_limits_as_the_catalogue_writes_them(world: World, api: Api) -> None:
    items = api.get("/matters?q=sjg").json()["items"]
    assert items[0]["code"] == "TL-C0101"
    assert [condition["limit"] for condition in items[0]["conditions"]] == ["2紧急工作时", "1工作日"]


def test_in_chinese(world: World, locality: str) -> None:
    items = Api(locality, lang="zh-CN").get("/matters?field=petitions").json()["items"]
    assert [(item["name"], item["field_title"]) for item in items] == [("初次来访", "信访")]
