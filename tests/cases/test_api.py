"""The case operations over HTTP: who is let in, exactly once, conflicts, one shape of errors."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from support.people import LAMP, ActingAs, Api, As, counted_queries
from support.world import World

from onegrid.cases import tasks
from onegrid.cases.models import Case, Quarantine


@pytest.fixture
def um(world: World, staff: As, acting_as: ActingAs) -> Api:
    with acting_as():
        officer = world.officer("UM")
    return staff(officer)


def said(world: World, **more: Any) -> dict[str, Any]:
    lon, lat = world.point
    return {"key": str(uuid4()), "words": "路口路灯不亮了", "lon": lon, "lat": lat, "matter": LAMP, **more}


def report(api: Api, world: World, **more: Any) -> dict[str, Any]:
    answer = api.post("/cases", said(world, **more))
    assert answer.status_code == 201, answer.content
    found: dict[str, Any] = answer.json()
    return found


def act(api: Api, case: dict[str, Any], action: str, **fields: Any) -> Any:
    body = {"key": str(uuid4()), "version": case["version"], **fields}
    return api.post(f"/cases/{case['id']}/actions/{action}", body)


def dispatch(dispatcher: Api, world: World, acting_as: ActingAs, code: str = "UM", **more: Any) -> dict[str, Any]:
    case = report(dispatcher, world, channel="desk", **more)
    case = act(dispatcher, case, "accept").json()
    with acting_as():
        department = str(world.officer(code).department_id)
    sent = act(dispatcher, case, "dispatch", department=department)
    assert sent.status_code == 200, sent.content
    found: dict[str, Any] = sent.json()
    return found


def test_anybody_may_report_and_follow_by_code(api: Api, world: World) -> None:
    case = report(api, world)
    assert case["status"] == "reported"
    assert case["number"].startswith("TL")
    track = api.get(f"/track/{case['track_code'].lower()}")
    assert track.status_code == 200
    assert track.json()["number"] == case["number"]
    assert "add_words" in track.json()["can"]
    assert api.get(f"/cases/{case['id']}").status_code == 404
    assert api.get(f"/cases/{case['id']}?track_code={case['track_code']}").status_code == 200


def test_the_holder_of_the_code_acts_as_reporter(api: Api, world: World) -> None:
    case = report(api, world)
    body = {"key": str(uuid4()), "track_code": case["track_code"], "words": "在小学门口"}
    added = api.post(f"/cases/{case['id']}/actions/add_words", body)
    assert added.status_code == 200, added.content
    assert api.post(f"/cases/{case['id']}/actions/accept", body | {"key": str(uuid4())}).status_code == 403


def test_a_repeat_answers_200_with_the_same_body(api: Api, world: World) -> None:
    body = said(world)
    first, second = api.post("/cases", body), api.post("/cases", body)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    other = api.post("/cases", body | {"words": "别的事"})
    assert other.status_code == 409
    assert other.json()["code"] == "key_used_for_another"


def test_a_repeat_answers_even_when_the_case_left_the_sight(
    um: Api, dispatcher: Api, world: World, acting_as: ActingAs
) -> None:
    case = dispatch(dispatcher, world, acting_as)
    body = {"key": str(uuid4()), "assignment": case["assignments"][0]["id"], "reason": "not_my_duty"}
    path = f"/cases/{case['id']}/actions/return_back"
    first = um.post(path, body)
    assert first.status_code == 200, first.content
    assert um.get(f"/cases/{case['id']}").status_code == 404
    again = um.post(path, body)
    assert again.status_code == 200
    assert again.json() == first.json()


def test_a_stale_version_is_refused_with_the_current_case(dispatcher: Api, world: World) -> None:
    case = report(dispatcher, world, channel="desk")
    assert act(dispatcher, case, "accept").status_code == 200
    late = act(dispatcher, case, "reject", reason="not_ours", words="不归我们管")
    assert late.status_code == 409
    assert late.json()["code"] == "stale_version"
    assert late.json()["current"]["status"] == "accepted"


def test_errors_are_in_the_readers_language_with_fields(dispatcher: Api, world: World) -> None:
    case = report(dispatcher, world, channel="desk")
    answer = act(dispatcher, case, "reject", headers=None)
    assert answer.status_code == 422
    assert {one["field"] for one in answer.json()["fields"]} >= {"reason", "words"}
    dispatcher.lang = "zh-CN"
    answer = act(dispatcher, case, "reject")
    assert "必填" in {one["message"] for one in answer.json()["fields"]}


def test_a_point_outside_is_named(api: Api, world: World) -> None:
    answer = api.post("/cases", said(world, lon=10.0, lat=10.0))
    assert answer.status_code == 422
    assert answer.json()["fields"][0]["field"] == "point"


def test_preview_places_guesses_and_finds_what_is_near(api: Api, world: World) -> None:
    tasks.retrain(api.locality)
    case = report(api, world)
    lon, lat = world.point
    seen = api.post("/cases/preview", {"words": "路灯不亮了", "lon": lon, "lat": lat})
    assert seen.status_code == 200, seen.content
    body = seen.json()
    assert body["place"]["chain"][0]["scope_path"] == "r."
    assert body["guesses"][0]["matter"]["code"] == LAMP
    assert body["proposal"]["department"]["name"]
    assert body["near"][0]["id"] == case["id"]


def test_who_reports_the_same_joins(api: Api, world: World, acting_as: ActingAs) -> None:
    case = report(api, world)
    joined = report(api, world, join=case["id"], words="我也看到了")
    assert joined["id"] == case["id"]
    with acting_as():
        assert Case.objects.get(pk=case["id"]).reporters.count() == 2


def test_what_a_phone_sent_too_late_is_kept(dispatcher: Api, world: World, acting_as: ActingAs) -> None:
    case = report(dispatcher, world, channel="desk")
    late = act(dispatcher, case, "close", device_at="2026-01-01T00:00:00Z", words="已办好")
    assert late.status_code == 409
    held = dispatcher.get("/cases/quarantine").json()["items"]
    assert [one["action"] for one in held] == ["close"]
    assert held[0]["body"]["data"]["words"] == "已办好"
    assert dispatcher.post(f"/cases/quarantine/{held[0]['id']}/settle").status_code == 204
    with acting_as():
        assert Quarantine.objects.get().settled_at is not None


def test_a_department_sees_only_what_it_was_given(
    um: Api, dispatcher: Api, world: World, acting_as: ActingAs, staff: As
) -> None:
    case = dispatch(dispatcher, world, acting_as)
    with acting_as():
        other = staff(world.officer("JU"))
    assert [row["id"] for row in um.get("/cases?tab=todo").json()["items"]] == [case["id"]]
    assert um.get("/cases/counts").json()["tabs"]["todo"] == 1
    assert other.get("/cases").json()["items"] == []
    assert other.get(f"/cases/{case['id']}").status_code == 404
    missing = other.post(f"/cases/{case['id']}/actions/take", {"key": str(uuid4())})
    assert missing.status_code == 404


def test_a_confidential_reporter_stays_hidden_from_the_department(
    um: Api, dispatcher: Api, world: World, acting_as: ActingAs
) -> None:
    contact = {"name": "陈小明", "phone": "13800001111"}
    case = dispatch(dispatcher, world, acting_as, confidential=True, contact=contact)
    seen = um.get(f"/cases/{case['id']}").json()
    assert seen["reporters"][0]["phone"] == ""
    assert "陈" not in str(seen)
    mine = dispatcher.get(f"/cases/{case['id']}").json()["reporters"][0]
    assert mine["name"] == "陈**"
    assert mine["phone"] == "138****1111"
    path = f"/cases/{case['id']}/reporters/{mine['id']}/reveal"
    assert um.post(path, {"purpose": "回访"}).status_code == 403
    assert dispatcher.post(path, {"purpose": "回访"}).json()["phone"] == "13800001111"


def test_queue_filters_sorts_and_pages(dispatcher: Api, world: World) -> None:
    made = [report(dispatcher, world, channel="desk", words=f"路灯不亮{number}") for number in range(5)]
    page = dispatcher.get("/cases?limit=2").json()
    rest = dispatcher.get(f"/cases?limit=3&cursor={page['next']}").json()
    assert [row["id"] for row in page["items"] + rest["items"]] == [case["id"] for case in reversed(made)]
    assert rest["next"] is None
    due = dispatcher.get("/cases?sort=due&tab=todo&limit=5").json()["items"]
    assert len(due) == 5
    assert dispatcher.get("/cases?q=不亮3").json()["items"][0]["id"] == made[3]["id"]
    assert dispatcher.get(f"/cases?q={made[2]['number']}").json()["items"][0]["id"] == made[2]["id"]
    assert dispatcher.get("/cases?status=closed").json()["items"] == []
    assert len(dispatcher.get(f"/cases?matter={LAMP}&channel=desk").json()["items"]) == 5
    for wrong in ("status=nonsense", "cursor=xx", "bbox=1,2", "grid=abc", "measure=none"):
        assert dispatcher.get(f"/cases?{wrong}").status_code == 400, wrong
    lon, lat = world.point
    points = dispatcher.get(f"/cases/map?bbox={lon - 0.1},{lat - 0.1},{lon + 0.1},{lat + 0.1}").json()
    assert len(points["points"]) == 5


def test_query_counts_do_not_grow(dispatcher: Api, world: World) -> None:
    def count(path: str) -> int:
        with counted_queries() as seen:
            assert dispatcher.get(path).status_code == 200
        return len(seen)

    first = report(dispatcher, world, channel="desk")
    paths = (
        "/cases",
        "/cases?tab=todo&sort=due",
        "/cases/counts",
        f"/cases/{first['id']}",
        "/dashboard",
        "/dashboard/wall",
    )
    warm = [count(path) for path in paths]
    before = [count(path) for path in paths]
    for _ in range(8):
        report(dispatcher, world, channel="desk")
    assert [count(path) for path in paths] == before
    assert max(before) <= 40, (before, warm)


def test_nobody_without_a_sign_in_reads_queues(api: Api, world: World) -> None:
    assert api.get("/cases").json() == {"items": [], "next": None, "looked_to": None}
    assert api.get("/resident/cases").status_code == 401
    assert api.get("/dashboard").status_code == 401
