"""One action on many cases: row by row, exactly once each, in transactions of their own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError, connection
from support.people import LAMP, ActingAs, Api, As, counted_queries, filed
from support.world import TEST_PACKS, World, plant

from onegrid.cases.flow import batch, engine
from onegrid.cases.models import Case, CaseAction
from onegrid.cases.rules.states import EDGES, IN_BATCH, Relation
from onegrid.foundation.accounts.services import keys
from onegrid.foundation.database.context import in_locality

NOW = datetime.now(UTC)


@pytest.fixture
def lang() -> str:
    """What the answers are read in."""
    return "zh-CN"


def rows(*cases: dict[str, Any], **fields: Any) -> list[dict[str, Any]]:
    """Rows as a page sends them: each with a key, and the version seen."""
    return [{"case": one["id"], "key": str(uuid4()), "version": one["version"], "fields": fields} for one in cases]


def done(api: Api, action: str, sent: list[dict[str, Any]], **fields: Any) -> list[dict[str, Any]]:
    """The results of a batch."""
    answer = api.post("/cases/batch", {"action": action, "rows": sent, "fields": fields})
    assert answer.status_code == 200, answer.content
    return list(answer.json()["results"])


def test_each_row_has_its_own_result(dispatcher: Api, world: World) -> None:
    first, moved, last = (filed(dispatcher, world) for _ in range(3))
    assert done(dispatcher, "accept", rows(moved))[0]["done"]
    results = done(dispatcher, "accept", [*rows(first, moved, last), *rows({"id": str(uuid4()), "version": 1})])
    assert [one["done"] for one in results] == [True, False, True, False]
    assert [one["code"] for one in results] == ["", "stale_version", "", "not_found"]
    assert results[0]["status"] == "accepted"
    assert results[0]["status_word"] == "已受理"
    assert results[1]["message"] == "他人已先处理此事件，请重新查看"
    assert dispatcher.get(f"/cases/{last['id']}").json()["status"] == "accepted"


def test_the_same_rows_again_do_nothing_and_answer_as_before(
    dispatcher: Api, world: World, acting_as: ActingAs
) -> None:
    cases = [filed(dispatcher, world) for _ in range(3)]
    sent = rows(*cases)
    first = done(dispatcher, "accept", sent)
    again = done(dispatcher, "accept", sent)
    assert again == first
    with acting_as():
        assert CaseAction.objects.filter(case__in=[one["id"] for one in cases], action="accept").count() == 3
    other = done(dispatcher, "urge", sent)
    assert {one["code"] for one in other} == {"key_used_for_another"}


def test_what_is_a_rows_own_comes_before_what_all_share(dispatcher: Api, world: World, acting_as: ActingAs) -> None:
    with acting_as():
        own, shared = (str(world.officer(code).department_id) for code in ("UM", "JU"))
    one, two = (filed(dispatcher, world) for _ in range(2))
    accepted = done(dispatcher, "accept", rows(one, two))
    one["version"], two["version"] = (row["version"] for row in accepted)
    results = done(dispatcher, "dispatch", [*rows(one, department=own), *rows(two)], department=shared)
    assert [row["done"] for row in results] == [True, True], results
    found = [dispatcher.get(f"/cases/{case['id']}").json()["department"]["id"] for case in (one, two)]
    assert found == [own, shared]


def test_a_dispatch_can_be_taken_back_while_nobody_has_begun(
    dispatcher: Api, world: World, staff: As, acting_as: ActingAs
) -> None:
    with acting_as():
        officer = world.officer("UM")
    case = filed(dispatcher, world)
    (accepted,) = done(dispatcher, "accept", rows(case))
    assert accepted["back"] == []
    case["version"] = accepted["version"]
    (sent,) = done(dispatcher, "dispatch", rows(case), department=str(officer.department_id))
    (back,) = sent["back"]
    assert back["action"] == "withdraw"
    row = {"case": case["id"], "key": str(uuid4()), "version": sent["version"], "assignment": back["assignment"]}
    (withdrawn,) = done(dispatcher, "withdraw", [row], words="派错了，撤回")
    assert (withdrawn["done"], withdrawn["status"]) == (True, "accepted"), withdrawn
    assert staff(officer).get(f"/cases/{case['id']}").status_code == 404


def test_fields_that_are_wrong_are_named_for_their_row(dispatcher: Api, world: World) -> None:
    case = filed(dispatcher, world)
    (accepted,) = done(dispatcher, "accept", rows(case))
    case["version"] = accepted["version"]
    (result,) = done(dispatcher, "dispatch", rows(case))
    assert (result["done"], result["code"]) == (False, "invalid")
    assert result["fields"] == [{"field": "department", "message": "必填"}]


def test_what_asks_for_looking_is_not_done_to_many(dispatcher: Api, world: World) -> None:
    case = filed(dispatcher, world)
    for action in ("verify_pass", "handle", "reject", "merge", "nonsense"):
        answer = dispatcher.post("/cases/batch", {"action": action, "rows": rows(case)})
        assert answer.status_code == 422
        assert answer.json()["code"] == "not_in_batch"
        asked = dispatcher.post("/cases/batch/preview", {"action": action, "cases": [case["id"]]})
        assert asked.json()["code"] == "not_in_batch"
    assert all(any(who.relation is not Relation.SYSTEM for who in EDGES[action].by) for action in IN_BATCH)


def test_a_batch_has_a_bound(dispatcher: Api) -> None:
    row = {"case": str(uuid4()), "key": str(uuid4())}
    assert dispatcher.post("/cases/batch", {"action": "urge", "rows": [row] * 201}).status_code == 422
    assert dispatcher.post("/cases/batch", {"action": "urge", "rows": []}).status_code == 422


def test_the_preview_says_where_each_would_go_and_which_cannot(dispatcher: Api, world: World) -> None:
    ready, fresh = filed(dispatcher, world), filed(dispatcher, world, matter=None, words="说不清楚的事")
    (accepted,) = done(dispatcher, "accept", rows(ready))
    asked = {"action": "dispatch", "cases": [fresh["id"], ready["id"], str(uuid4())]}
    found = dispatcher.post("/cases/batch/preview", asked).json()
    assert found["missing"] == 1
    assert [row["case"] for row in found["rows"]] == [fresh["id"], ready["id"]]
    not_yet, possible = found["rows"]
    assert (not_yet["possible"], not_yet["message"]) == (False, "事件状态已变化，目前不能执行此步骤")
    assert possible["possible"]
    assert possible["version"] == accepted["version"]
    detail = dispatcher.get(f"/cases/{ready['id']}").json()
    assert possible["department"] == detail["proposal"]["department"]
    assert possible["limit_text"] == detail["proposal"]["limit_text"]
    assert {field["name"] for field in found["fields"]} == {"department", "grid", "joint", "limit", "words"}


def test_a_case_somebody_has_already_is_not_dispatched_again(
    dispatcher: Api, world: World, acting_as: ActingAs
) -> None:
    with acting_as():
        department = str(world.officer("UM").department_id)
    case = filed(dispatcher, world)
    (accepted,) = done(dispatcher, "accept", rows(case))
    case["version"] = accepted["version"]
    assert done(dispatcher, "dispatch", rows(case), department=department)[0]["done"]
    (row,) = dispatcher.post("/cases/batch/preview", {"action": "dispatch", "cases": [case["id"]]}).json()["rows"]
    assert (row["possible"], row["message"]) == (False, "仍有单位在处置，请先撤回任务")


def test_a_department_is_told_why_of_its_own_assignment(
    dispatcher: Api, world: World, staff: As, acting_as: ActingAs
) -> None:
    with acting_as():
        officer = world.officer("UM")
    one, two = (filed(dispatcher, world) for _ in range(2))
    for case, result in zip((one, two), done(dispatcher, "accept", rows(one, two)), strict=True):
        case["version"] = result["version"]
    sent = done(dispatcher, "dispatch", rows(one, two), department=str(officer.department_id))
    assert all(row["done"] for row in sent)
    api = staff(officer)
    asked = {"action": "take", "cases": [one["id"], two["id"]]}
    both = api.post("/cases/batch/preview", asked).json()["rows"]
    assert [row["possible"] for row in both] == [True, True]
    taken = [{"case": row["case"], "key": str(uuid4()), "assignment": row["assignment"]} for row in both]
    assert done(api, "take", taken[:1])[0]["status"] == "handling"
    begun, waiting = api.post("/cases/batch/preview", asked).json()["rows"]
    assert (begun["possible"], waiting["possible"]) == (False, True)
    assert begun["message"] != "此步骤不由您办理"


def test_an_unclear_matter_is_proposed_when_accepting(dispatcher: Api, world: World) -> None:
    clear, unclear = filed(dispatcher, world), filed(dispatcher, world, matter=None, words="说不清楚的事情")
    found = dispatcher.post("/cases/batch/preview", {"action": "accept", "cases": [clear["id"], unclear["id"]]}).json()
    assert found["rows"][0]["matter"]["code"] == LAMP
    guesses = dispatcher.get(f"/cases/{unclear['id']}").json()["guesses"]
    assert found["rows"][1]["matter"] == (guesses[0]["matter"] if guesses else None)
    (matter,) = [field for field in found["fields"] if field["name"] == "matter"]
    assert matter["required"], "one of them has none yet"


def test_a_preview_asks_no_more_for_twenty_than_for_two(dispatcher: Api, world: World) -> None:
    cases = [filed(dispatcher, world)["id"] for _ in range(20)]

    def asked(some: list[str]) -> int:
        with counted_queries() as seen:
            answer = dispatcher.post("/cases/batch/preview", {"action": "accept", "cases": some})
        assert len(answer.json()["rows"]) == len(some)
        return len(seen)

    asked(cases[:2])
    assert asked(cases) == asked(cases[:2])


def test_who_may_not_see_a_case_learns_nothing_of_it(
    dispatcher: Api, world: World, staff: As, acting_as: ActingAs
) -> None:
    with acting_as():
        other = world.officer("JU")
    case = filed(dispatcher, world)
    api = staff(other)
    (result,) = done(api, "urge", rows(case))
    assert (result["done"], result["code"]) == (False, "not_found")
    assert api.post("/cases/batch/preview", {"action": "urge", "cases": [case["id"]]}).json()["rows"] == []
    nobody = Api(api.locality)
    assert nobody.post("/cases/batch", {"action": "urge", "rows": rows(case)}).status_code == 401


@pytest.mark.django_db(transaction=True)
def test_what_was_done_stays_when_a_later_row_breaks(locality: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every row commits by itself: neither a lost connection nor a fault of ours takes earlier ones back."""
    with in_locality(locality):
        world = plant(TEST_PACKS, "testland")
        token = keys.make(user_id=world.staff("dispatcher", scope="r.").user_id, kind="token", label="t", now=NOW)[1]
    api = Api(locality)
    api.token = token
    cases = [filed(api, world) for _ in range(4)]
    really, held = engine.act, []

    def act(**said: Any) -> dict[str, Any]:
        held.append(connection.in_atomic_block and len(connection.savepoint_ids))
        answer = really(**said)
        if str(said["case_id"]) == cases[1]["id"]:
            raise OperationalError("the server closed the connection unexpectedly")
        if str(said["case_id"]) == cases[3]["id"]:
            raise RuntimeError("a fault of ours")
        return answer

    monkeypatch.setattr(batch.engine, "act", act)
    results = done(api, "accept", rows(*cases[:3]))
    assert [one["done"] for one in results] == [True, False, True]
    assert results[1]["code"] == "unavailable"
    broken = api.post("/cases/batch", {"action": "accept", "rows": rows(cases[3])})
    assert broken.status_code == 500
    assert broken.json()["code"] == "server_error"
    assert held == [0, 0, 0, 0], "no row runs inside another transaction"
    with in_locality(locality):
        found = {str(case.pk): case.status for case in Case.objects.all()}
    assert [found[one["id"]] for one in cases] == ["accepted", "reported", "accepted", "reported"]
