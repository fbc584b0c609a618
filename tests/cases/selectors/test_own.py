"""A resident's own list and a case's progress in plain words, in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

from journeys.runner import standing_of
from support.people import ActingAs, counted_queries
from support.steps import NOW, file
from support.world import World

from onegrid.cases.flow import engine
from onegrid.cases.models import Case
from onegrid.cases.permissions import Actor
from onegrid.cases.selectors import detail, own
from onegrid.foundation.database.context import acting


def listed(actor: Actor, **said: Any) -> dict[str, Any]:
    with acting(standing_of(actor)):
        return own.own_cases(actor, **({"cursor": None, "limit": 20, "now": NOW} | said))


def test_own_reports_newest_first_page_by_page_and_nobody_elses(world: World, acting_as: ActingAs) -> None:
    with acting_as():
        me, other = world.resident("me"), world.resident("other")
        mine = [str(file(world, me)) for _ in range(3)]
        file(world, other)
        first = listed(me, limit=2)
        rest = listed(me, cursor=first["next"])
        assert [one["id"] for one in first["items"] + rest["items"]] == mine[::-1]
        with counted_queries() as few:
            listed(me, limit=1)
        with counted_queries() as many:
            listed(me)
        assert len(many) == len(few)


def test_progress_is_told_in_plain_words(world: World, acting_as: ActingAs) -> None:
    with acting_as():
        me, dispatcher, officer = world.resident("me"), world.staff("dispatcher", scope="r."), world.officer("UM")
        case = file(world, me)
        for actor, action, said in (
            (dispatcher, "accept", {}),
            (dispatcher, "dispatch", {"department": str(officer.department_id)}),
            (officer, "take", {}),
        ):
            assignment = None
            if action == "take":
                assignment = detail.detail(officer, case, now=NOW)["assignments"][0]["id"]
            engine.act(
                actor=actor, case_id=case, action=action, key=str(uuid4()), now=NOW, data=said, assignment=assignment
            )
        zh = listed(me)["items"][0]
        en = listed(replace(me, lang="en"))["items"][0]
    assert zh["steps"][-1]["text"] == "城市管理局已接单，3月5日 09:00前处理"
    assert en["promise"]["text"].startswith("Taken by City Management Bureau")
    assert zh["can"] == ["add_words", "urge"]
    assert "经办" not in str(zh), "no names of staff"


def test_the_grid_promises_too_and_nobody_has_taken_what_was_only_sent(world: World, acting_as: ActingAs) -> None:
    with acting_as():
        me, dispatcher, officer = world.resident("me"), world.staff("dispatcher", scope="r."), world.officer("UM")
        sent, kept = file(world, me), file(world, me)
        grid = str(Case.objects.get(pk=kept).grid_id)
        for case, bearer in ((sent, {"department": str(officer.department_id)}), (kept, {"grid": grid})):
            for action, said in (("accept", {}), ("dispatch", bearer)):
                engine.act(actor=dispatcher, case_id=case, action=action, key=str(uuid4()), now=NOW, data=said)
        told = {one["id"]: one["promise"] for one in listed(me)["items"]}
        Case.objects.filter(pk=kept).update(due_kind="stage")
        staged = {one["id"]: one["promise"] for one in listed(me)["items"]}[str(kept)]
    assert told[str(sent)]["text"] == "已交城市管理局办理，3月5日 09:00前办结"
    assert told[str(kept)]["department"] == "网格员"
    assert told[str(kept)]["text"].startswith("已交网格员办理，") and told[str(kept)]["at"]
    assert staged["text"].endswith("前先行处置")


def test_a_reminder_is_offered_once_a_period_and_the_page_says_from_when_again(
    world: World, acting_as: ActingAs
) -> None:
    with acting_as():
        me = world.resident("me")
        case = file(world, me)
        (fresh,) = listed(me)["items"]
        assert "urge" in fresh["can"] and fresh["urge_from"] is None
        engine.act(actor=me, case_id=case, action="urge", key=str(uuid4()), now=NOW, data={})
        (urged,) = listed(me)["items"]
        assert "urge" not in urged["can"]
        assert urged["urge_from"] == (NOW + timedelta(hours=24)).isoformat().replace("+00:00", "Z")
        (later,) = listed(me, now=NOW + timedelta(hours=24))["items"]
        assert "urge" in later["can"] and later["urge_from"] is None
