"""Departments over HTTP."""

from __future__ import annotations

from support.people import Api
from support.world import World


def test_departments_in_the_readers_language(world: World, api: Api) -> None:
    items = api.get("/departments?q=%E5%9F%8E%E7%AE%A1").json()["items"]
    assert next(item["name"] for item in items) == "City Management Bureau"
    assert isinstance(items[0]["id"], str)


def test_only_those_that_handle(world: World, api: Api) -> None:
    codes = {item["code"] for item in api.get("/departments?handles=true").json()["items"]}
    assert "GC" not in codes
    assert "UM" in codes
