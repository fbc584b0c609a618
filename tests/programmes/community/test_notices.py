"""Notices from the desk to everybody below a grid: who writes, whom they reach, who has read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import ProgrammingError, connection, transaction
from support.people import ActingAs, Api, counted_queries
from support.world import World

from onegrid.county.workforce import selectors as workforce
from onegrid.foundation.journal.models import AuditRow
from onegrid.programmes.community import selectors
from onegrid.programmes.community.models import Notice, Receipt
from tests.programmes.community.conftest import Notice as MakeDraft
from tests.programmes.community.conftest import People

FAR = timedelta(days=2)


def titles(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [item["title"] for item in answer.json()["items"]]


def put_up(api: Api, body: dict[str, Any]) -> dict[str, Any]:
    answer = api.post("/notices", body)
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def test_a_repeat_is_the_same_notice_and_another_content_is_refused(people: People, draft: MakeDraft) -> None:
    secretary, body = people("secretary"), draft()
    first = put_up(secretary, body)
    again = secretary.post("/notices", body)
    assert (again.status_code, again.json()) == (200, first)
    other = secretary.post("/notices", {**body, "body": "改到九点。"})
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    foreign = people("dispatcher").post("/notices", body)
    assert (foreign.status_code, foreign.json()["code"]) == (409, "key_reused")
    assert titles(secretary.get("/notices")) == ["明早停水"]


def test_only_who_leads_a_grid_writes_and_only_at_home(people: People, draft: MakeDraft, world: World) -> None:
    for api in (people("worker"), people.officer("UM")):
        assert api.post("/notices", draft()).status_code == 403
        assert api.get("/notices").status_code == 403
    elsewhere = str(world.planted["990101002201"].id)
    secretary = people("secretary")
    for grid in (elsewhere, str(world.planted["990101"].id), "0", "no grid"):
        answer = secretary.post("/notices", draft(grid=grid))
        assert answer.status_code == 422, grid
        assert [one["field"] for one in answer.json()["fields"]] == ["grid"]
    assert people("dispatcher", scope="r.").post("/notices", draft(grid=elsewhere)).status_code == 201


def test_it_reaches_everybody_below_and_nobody_else(
    people: People, draft: MakeDraft, world: World, locality: str
) -> None:
    put_up(people("secretary"), draft(title="给本村"))
    county = draft(title="给全县", grid=str(world.planted["990101"].id))
    put_up(people("dispatcher", scope="r."), county)
    both, one = ["给全县", "给本村"], ["给全县"]
    assert titles(people("secretary").get("/notices/mine")) == both
    assert titles(people("worker").get("/notices/mine")) == both
    assert titles(people("leader").get("/notices/mine")) == both
    township = people.token(world.staff("dispatcher", scope=world.planted["990101001"].scope_path).user_id)
    assert titles(township.get("/notices/mine")) == one
    assert titles(people.officer("UM").get("/notices/mine")) == one
    leaf, other = world.leaves[0], world.leaves[-1]
    anybody = Api(locality)
    assert titles(anybody.get(f"/notices/here?lon={leaf.lon}&lat={leaf.lat}")) == both
    assert titles(anybody.get(f"/notices/here?lon={other.lon}&lat={other.lat}")) == one
    assert titles(anybody.get("/notices/here")) == one
    assert anybody.get("/notices/here?lon=1&lat=1").status_code == 404


def test_for_residents_for_staff_for_some_positions(
    people: People, draft: MakeDraft, world: World, locality: str
) -> None:
    secretary, leaf = people("secretary"), world.leaf
    put_up(secretary, draft(title="居民", for_staff=False))
    put_up(secretary, draft(title="工作人员", for_residents=False))
    put_up(secretary, draft(title="网格员", for_residents=False, positions=["grid_worker"]))
    at = f"/notices/here?lon={leaf.lon}&lat={leaf.lat}"
    assert titles(Api(locality).get(at)) == ["居民"]
    assert titles(people("worker").get("/notices/mine")) == ["网格员", "工作人员"]
    assert titles(people("leader").get("/notices/mine")) == ["工作人员"]
    refused = secretary.post("/notices", draft(positions=["mayor"]))
    assert (refused.status_code, refused.json()["fields"][0]["field"]) == (422, "positions")


def test_important_ones_stand_first_for_residents(
    people: People, draft: MakeDraft, world: World, locality: str
) -> None:
    secretary, leaf = people("secretary"), world.leaf
    put_up(secretary, draft(title="台风", important=True))
    put_up(secretary, draft(title="晚会"))
    assert titles(Api(locality).get(f"/notices/here?lon={leaf.lon}&lat={leaf.lat}")) == ["台风", "晚会"]


def test_it_is_shown_from_then_to_then(people: People, draft: MakeDraft, world: World, acting_as: ActingAs) -> None:
    now = datetime.now(UTC)
    times = {"valid_from": (now + FAR).isoformat(), "valid_to": (now + 2 * FAR).isoformat()}
    made = put_up(people("secretary"), draft(**times))
    assert made["state"] == "planned"
    point = world.point
    with acting_as():
        for moment, shown in ((now, 0), (now + FAR, 1), (now + 2 * FAR - timedelta(seconds=1), 1), (now + 2 * FAR, 0)):
            assert len(selectors.here(point, lang="zh-CN", now=moment)) == shown, moment
            worker = world.staff("worker")
            assert len(selectors.mine(worker, cursor=None, limit=9, now=moment)["items"]) == shown, moment


def test_a_withdrawn_one_is_gone_and_says_why_at_the_desk(
    people: People, draft: MakeDraft, acting_as: ActingAs
) -> None:
    secretary = people("secretary")
    made = put_up(secretary, draft())
    path = f"/notices/{made['id']}/withdraw"
    assert people("worker").post(path, {"reason": "乱来"}).status_code == 403
    taken = secretary.post(path, {"reason": "日期写错了"})
    assert taken.json()["state"] == "withdrawn"
    assert secretary.post(path, {"reason": "再来"}).json() == taken.json()
    assert titles(people("worker").get("/notices/mine")) == []
    (listed,) = secretary.get("/notices").json()["items"]
    assert (listed["state"], listed["withdrawn_reason"]) == ("withdrawn", "日期写错了")
    assert people("worker").post(f"/notices/{made['id']}/read").status_code == 404
    with acting_as():
        kept = AuditRow.objects.filter(subject_kind="notice", subject_id=made["id"]).order_by("id")
        assert list(kept.values_list("action", flat=True)) == ["notice.publish", "notice.withdraw"]


def test_who_has_read_it_and_who_has_not(
    people: People, draft: MakeDraft, world: World, village: Any, acting_as: ActingAs
) -> None:
    secretary, worker = people("secretary"), people("worker")
    made = put_up(secretary, draft())
    assert worker.get("/notices/mine").json()["unread"] == 1
    for _ in range(2):
        assert worker.post(f"/notices/{made['id']}/read").status_code == 204
    seen = worker.get("/notices/mine").json()
    assert seen["unread"] == 0 and seen["items"][0]["read_at"]

    below = {person.actor.user_id for person in world.people if person.actor.scope_path.startswith(village.scope_path)}
    (listed,) = secretary.get("/notices").json()["items"]
    assert (listed["read"], listed["reached"]) == (1, len(below))
    done = secretary.get(f"/notices/{made['id']}/readers?read=true").json()["items"]
    assert [(one["name"], bool(one["at"])) for one in done] == [(world.staff("worker").name, True)]
    names, cursor = [], ""
    for _ in range(len(below)):
        page = secretary.get(f"/notices/{made['id']}/readers?read=false&limit=1{cursor}").json()
        names += [one["name"] for one in page["items"]]
        assert all(one["at"] is None for one in page["items"])
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert len(names) == len(set(names)) == len(below) - 1
    assert world.staff("worker").name not in names
    with acting_as():
        assert Receipt.objects.count() == 1


def test_nobody_reads_what_is_not_for_him(people: People, draft: MakeDraft, world: World) -> None:
    made = put_up(people("secretary"), draft())
    township = people.token(world.staff("dispatcher", scope=world.planted["990101001"].scope_path).user_id)
    assert township.post(f"/notices/{made['id']}/read").status_code == 404
    assert people.officer("UM").post(f"/notices/{made['id']}/read").status_code == 404


def test_pages_go_on_where_they_stopped(people: People, draft: MakeDraft) -> None:
    secretary, worker = people("secretary"), people("worker")
    for number in range(5):
        put_up(secretary, draft(title=f"第{number}条"))
    for api, path in ((secretary, "/notices"), (worker, "/notices/mine")):
        found, cursor = [], ""
        for _ in range(3):
            page = api.get(f"{path}?limit=2{cursor}")
            found += titles(page)
            cursor = f"&cursor={page.json()['next']}".replace("+", "%2B")
        assert found == [f"第{number}条" for number in (4, 3, 2, 1, 0)]
        assert api.get(f"{path}?cursor=nonsense").status_code == 400


def test_a_list_asks_as_often_for_many_as_for_one(people: People, draft: MakeDraft) -> None:
    secretary, worker = people("secretary"), people("worker")
    put_up(secretary, draft(positions=["grid_worker"]))
    counts = []
    for _ in range(2):
        asked = []
        for api, path in ((secretary, "/notices"), (worker, "/notices/mine")):
            api.get(path)
            with counted_queries() as seen:
                api.get(path)
            asked.append(len(seen))
        counts.append(asked)
        for position in ("secretary", "team_leader", "grid_worker"):
            put_up(secretary, draft(positions=[position]))
    assert counts[0] == counts[1]


def test_what_was_read_can_never_be_changed(people: People, draft: MakeDraft, acting_as: ActingAs) -> None:
    made = put_up(people("secretary"), draft())
    with acting_as():
        for sql in (
            "UPDATE community_notice SET body = 'anders'",
            "DELETE FROM community_notice",
            "UPDATE community_receipt SET at = now()",
            "DELETE FROM community_receipt",
        ):
            with (
                pytest.raises(ProgrammingError, match="permission denied"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(sql)
        assert Notice.objects.get(pk=UUID(made["id"])).body.startswith("六点")


def test_counts_are_of_people_not_of_appointments(world: World, village: Any, acting_as: ActingAs) -> None:
    with acting_as():
        now = datetime.now(UTC)
        everybody = workforce.count_reached([("r.", ()), (village.scope_path, ()), ("r.", ("grid_worker",))], now)
        chain = [person.actor for person in world.people]
        assert everybody == [
            len({one.user_id for one in chain}),
            len({one.user_id for one in chain if one.scope_path.startswith(village.scope_path)}),
            len({person.actor.user_id for person in world.people if person.position == "grid_worker"}),
        ]
        assert workforce.count_reached([], now) == []
