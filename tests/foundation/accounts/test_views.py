"""Saved views and chosen columns: each person's own, on every machine he signs in at."""

from __future__ import annotations

from typing import Any

import pytest
from support.people import ActingAs, Api
from support.staff import PASSWORD

from onegrid.foundation.accounts.models import SavedView, User
from onegrid.foundation.accounts.services import people, views


@pytest.fixture
def wang(api: Api, user: User) -> Api:
    """Somebody signed in."""
    assert api.post("/session", {"username": "wang", "password": PASSWORD}).status_code == 200
    return api


@pytest.fixture
def li(locality: str, user: User, acting_as: ActingAs) -> Api:
    """Somebody else."""
    with acting_as(""):
        people.create_user(username="li", display_name="李四", password=PASSWORD, must_change=False)
    other = Api(locality)
    assert other.post("/session", {"username": "li", "password": PASSWORD}).status_code == 200
    return other


def save(api: Api, name: str, **query: str) -> Any:
    """Save a view of the list of cases."""
    return api.post("/me/views", {"page": "cases", "name": name, "query": query})


def mine(api: Api, page: str = "cases") -> Any:
    """The views of a page."""
    return api.get(f"/me/views?page={page}").json()


def test_a_view_comes_back_as_it_was_saved(wang: Api) -> None:
    assert mine(wang) == {"views": [], "columns": None}
    made = save(wang, " 超时城管 ", tab="todo", due="over", cols="number,due").json()
    assert made["name"] == "超时城管"
    assert mine(wang)["views"] == [made]
    assert made["query"] == {"tab": "todo", "due": "over", "cols": "number,due"}
    assert mine(wang, "other") == {"views": [], "columns": None}


def test_the_same_name_again_replaces_it(wang: Api) -> None:
    first, _ = save(wang, "我的", tab="todo").json(), save(wang, "别的", tab="all").json()
    again = save(wang, "我的", tab="closed").json()
    assert again["id"] == first["id"]
    assert [(one["name"], one["query"]["tab"]) for one in mine(wang)["views"]] == [("我的", "closed"), ("别的", "all")]


def test_nobody_reads_or_deletes_anothers(wang: Api, li: Api) -> None:
    made = save(wang, "我的", tab="todo").json()
    assert mine(li)["views"] == []
    assert li.delete(f"/me/views/{made['id']}").status_code == 404
    assert wang.delete(f"/me/views/{made['id']}").status_code == 204
    assert wang.delete(f"/me/views/{made['id']}").status_code == 404
    assert mine(wang)["views"] == []


def test_columns_are_remembered_in_their_order_and_forgotten(wang: Api, li: Api) -> None:
    def choose(*columns: str) -> int:
        return int(wang.post("/me/views/columns", {"page": "cases", "columns": columns}).status_code)

    assert choose("due", "number") == 204
    assert mine(wang)["columns"] == ["due", "number"]
    assert choose("matter") == 204
    assert mine(wang)["columns"] == ["matter"]
    assert mine(li)["columns"] is None
    assert choose() == 204
    assert mine(wang)["columns"] is None


def test_there_is_a_bound_and_it_is_said(
    wang: Api, user: User, acting_as: ActingAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MOST", 2)
    wang.lang = "zh-CN"
    assert [save(wang, name, tab="all").status_code for name in ("一", "二")] == [200, 200]
    full = save(wang, "三", tab="all")
    assert (full.status_code, full.json()["code"]) == (422, "views_full")
    assert full.json()["message"] == "最多保存 2 个视图，请先删除一个"
    assert full.json()["fields"][0]["field"] == "name"
    assert save(wang, "二", tab="done").status_code == 200, "replacing one takes no room"
    with acting_as(""):
        assert SavedView.objects.filter(user=user).count() == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"page": "Cases", "name": "x", "query": {}},
        {"page": "cases", "name": "", "query": {}},
        {"page": "cases", "name": "长" * 41, "query": {}},
        {"page": "cases", "name": "x", "query": {"Tab": "x"}},
        {"page": "cases", "name": "x", "query": {"tab": "x" * 201}},
        {"page": "cases", "name": "x", "query": {}, "user": 1},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(wang: Api, wrong: dict[str, Any]) -> None:
    assert wang.post("/me/views", wrong).status_code == 422


def test_nobody_without_a_sign_in_has_views(api: Api) -> None:
    assert api.get("/me/views?page=cases").status_code == 401
