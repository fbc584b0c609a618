"""A resident's own page: proved by phone and ID, what is held and why, who looked, and cases for what he asks."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from support.people import Api, counted_queries
from support.world import World

from onegrid.cases.models import Case, Clock
from onegrid.county.registers.models import Account, Building, Dwelling, Household, Request, Resident
from onegrid.county.registers.services import looks
from onegrid.county.workforce import selectors as workforce
from onegrid.foundation.accounts import selectors as accounts
from onegrid.foundation.accounts.secrets import csrf_of
from onegrid.foundation.accounts.services import phones, sessions
from onegrid.foundation.database.context import in_locality
from onegrid.foundation.journal.models import AuditRow

NAME, PHONE, NUMBER = "金丝雀丙", "19000001234", "350199199001012373"
OTHER_NAME, OTHER_NUMBER = "白头翁丁", "350199198802020128"
PRIVATE = (NAME, PHONE, NUMBER, OTHER_NAME, OTHER_NUMBER)


def entered(world: World, *, name: str = NAME, phone: str = PHONE, number: str = NUMBER, door: str = "301") -> Resident:
    """Somebody in the register. Under root scope."""
    leaf = world.leaf
    place = {"grid_id": leaf.id, "scope_path": leaf.scope_path}
    building, _ = Building.objects.get_or_create(name="后街7号", defaults={**place, "lon": leaf.lon, "lat": leaf.lat})
    dwelling = Dwelling.objects.create(building=building, label=f"2单元{door}", **place)
    home = Household.objects.create(dwelling=dwelling, **place)
    return Resident.objects.create(
        household=home, scope_path=leaf.scope_path, name=name, phone=phone, id_number=number, id_kind="id_card", sex=1,
        birth_year=1990, birth_date="1990-01-01", relation="head", registered="local", since=date(2020, 5, 1),
    )  # fmt: skip


@pytest.fixture
def person(world: World, locality: str) -> Resident:
    with in_locality(locality):
        return entered(world)


@pytest.fixture
def api(person: Resident, locality: str) -> Api:
    """Signed in with the phone."""
    return signed_in(locality, PHONE)


def signed_in(locality: str, phone: str) -> Api:
    api = Api(locality)
    now = datetime.now(UTC)
    with in_locality(locality):
        opened = sessions.open_session(resident=phones.resident_of(phone, now), now=now)
    api.client.cookies[f"onegrid_{locality}"] = opened.cookie
    api.client.cookies["csrftoken"] = csrf_of(bytes(opened.row.digest))
    assert api.get("/me").json()["kind"] == "resident"
    return api


def ask(api: Api, **body: Any) -> Any:
    return api.post("/resident/register/requests", {"key": str(uuid4()), **body})


def test_proof_and_page(api: Api, person: Resident, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    before = api.get("/resident/register").json()
    assert (before["linked"], before["items"]) == (False, [])
    assert api.get("/resident/register/looks").json()["code"] == "not_linked"
    told = api.post("/resident/register/link", {"id_tail": NUMBER[-4:]})
    assert told.status_code == 200
    found = told.json()
    assert (found["linked"], found["name"], found["door"]) == (True, "金***", "2单元301")
    items = {one["key"]: one for one in found["items"]}
    assert items["id_number"]["value"] == "3501**********2373"
    assert items["phone"]["value"] == "190****1234"
    assert items["birth_date"]["value"] == "1990-**-**"
    assert items["relation"]["value"] == "Head of the household"
    assert items["address"]["value"] == "后街7号 2单元301"
    assert items["name"]["why"] == "Services, help in emergencies, care"
    assert items["accounts"]["until"].startswith("Until they end it")
    text = told.content.decode() + str(dict(told.headers)) + caplog.text
    assert [word for word in PRIVATE if word in text] == []
    assert api.post("/resident/register/unlink").status_code == 204
    assert api.post("/resident/register/unlink").status_code == 204
    assert api.get("/resident/register").json()["linked"] is False


def test_one_answer_for_whatever_is_wrong(api: Api, person: Resident, world: World, locality: str) -> None:
    wrong = api.post("/resident/register/link", {"id_tail": "9999"})
    unknown = signed_in(locality, "19000009999").post("/resident/register/link", {"id_tail": NUMBER[-4:]})
    with in_locality(locality):
        twin = entered(world, name=OTHER_NAME, number=f"{OTHER_NUMBER[:-4]}{NUMBER[-4:]}", door="302")
    unsure = api.post("/resident/register/link", {"id_tail": NUMBER[-4:]})
    with in_locality(locality):
        twin.delete()
        person.left_on = date(2026, 1, 1)
        person.save()
    gone = api.post("/resident/register/link", {"id_tail": NUMBER[-4:]})
    answers = [wrong, unknown, unsure, gone]
    assert {one.status_code for one in answers} == {404}
    assert len({(one.json()["code"], one.json()["message"]) for one in answers}) == 1


def test_tries_are_counted_though_refused(api: Api, person: Resident) -> None:
    for _ in range(5):
        assert api.post("/resident/register/link", {"id_tail": "9999"}).status_code == 404
    assert api.post("/resident/register/link", {"id_tail": NUMBER[-4:]}).status_code == 429


def test_an_idle_link_is_none(api: Api, person: Resident, locality: str) -> None:
    api.post("/resident/register/link", {"id_tail": NUMBER[-4:]})
    with in_locality(locality):
        Account.objects.update(seen_at=datetime.now(UTC) - timedelta(days=91))
    assert api.get("/resident/register").json()["linked"] is False


def test_who_looked_at_once_and_nobody_else(api: Api, person: Resident, world: World, locality: str) -> None:
    api.post("/resident/register/link", {"id_tail": NUMBER[-4:]})
    worker, now = world.staff("worker"), datetime.now(UTC)
    with in_locality(locality):
        other = entered(world, name=OTHER_NAME, phone="19000005678", number=OTHER_NUMBER, door="303")
        hat = workforce.hats_at(worker.user_id or 0, now)[0]
        worker = replace(worker, hat_id=hat.id)
        names = accounts.names_of([hat.user])
        for number in range(24):
            looks.look(worker, [(person.pk, person.scope_path), (other.pk, other.scope_path)], how="search", now=now)
            if number == 23:
                looks.look(
                    worker,
                    [(person.pk, person.scope_path)],
                    how="reveal",
                    purpose="help",
                    now=now,
                    fields=["phone", "id_number"],
                )
    with counted_queries() as asked:
        page = api.get("/resident/register/looks").json()
    assert len(asked) <= 14
    assert len(page["items"]) == 20
    first = page["items"][0]
    assert first["how_word"] == "Saw a whole value: Phone, ID number"
    assert page["items"][1]["how_word"] == "Met you in a search, numbers masked"
    assert (first["how"], first["purpose"], first["questioned"]) == ("reveal", "Calling to help the person", "")
    assert (first["title"], first["unit"], first["name"]) == (hat.title_en, hat.place_en, names[hat.user])
    assert all((hat.title_en, hat.place_en, names[hat.user]))
    rest = api.get(f"/resident/register/looks?cursor={page['next']}").json()
    assert (len(rest["items"]), rest["next"]) == (5, None)


def test_each_request_is_a_case_with_a_legal_limit(api: Api, person: Resident, world: World, locality: str) -> None:
    api.post("/resident/register/link", {"id_tail": NUMBER[-4:]})
    with in_locality(locality):
        looks.look(world.staff("worker"), [(person.pk, person.scope_path)], how="read", now=datetime.now(UTC))
    look = api.get("/resident/register/looks").json()["items"][0]["id"]
    made = [
        ask(api, kind="correct", field="phone", words="我的号码换了"),
        ask(api, kind="erase", words="已经搬走了"),
        ask(api, kind="question", look=int(look), words="我没有办过事，为什么查我"),
    ]
    assert [one.status_code for one in made] == [201, 201, 201]
    told = [one.json() for one in made]
    with in_locality(locality):
        for one in told:
            case = Case.objects.get(number=one["number"])
            assert case.confidential
            assert one["answer_by"] in case.words
            clock = Clock.objects.get(case=case, kind="close")
            assert (clock.limit_value, clock.limit_unit, clock.state) == (30, "calendar_day", "running")
        question = Case.objects.get(number=told[2]["number"])
        assert question.scope_path == "r."  # past those who may have looked
        assert Case.objects.get(number=told[0]["number"]).scope_path == person.scope_path
        assert AuditRow.objects.filter(action__in=["own.correct", "own.erase", "own.question"]).count() == 3
    assert api.get("/resident/register/looks").json()["items"][0]["questioned"] == told[2]["number"]
    listed = api.get("/resident/register").json()["requests"]
    assert {one["number"] for one in listed} == {one["number"] for one in told}
    own = {one["number"] for one in api.get("/resident/cases").json()["items"]}
    assert {one["number"] for one in told} <= own


def test_a_repeat_is_one_case_and_refusals_leave_none(api: Api, person: Resident, world: World, locality: str) -> None:
    key = str(uuid4())
    body = {"key": key, "kind": "correct", "field": "phone", "words": "号码换了"}
    assert api.post("/resident/register/requests", body).json()["code"] == "not_linked"
    api.post("/resident/register/link", {"id_tail": NUMBER[-4:]})
    first, again = (api.post("/resident/register/requests", body) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    other = api.post("/resident/register/requests", {**body, "field": "name"})
    assert other.json()["code"] == "key_reused"
    with in_locality(locality):
        stranger = entered(world, name=OTHER_NAME, phone="19000005678", number=OTHER_NUMBER, door="303")
        looks.look(world.staff("worker"), [(stranger.pk, stranger.scope_path)], how="read", now=datetime.now(UTC))
        foreign = AuditRow.objects.get(action="resident.read").pk
    refused = [
        ask(api, kind="question", look=foreign, words="为什么"),
        ask(api, kind="question", words="为什么"),
        ask(api, kind="correct", field="belief", words="不对"),
        ask(api, kind="correct", field="name", words=""),
    ]
    assert [one.status_code for one in refused] == [404, 404, 422, 422]
    with in_locality(locality):
        assert Request.objects.count() == 1
        assert Case.objects.count() == 1


def test_whatever_is_told_can_be_put_right(api: Api, person: Resident) -> None:
    items = api.post("/resident/register/link", {"id_tail": NUMBER[-4:]}).json()["items"]
    assert {ask(api, kind="correct", field=item["key"], words="不对").status_code for item in items} == {201}


def test_nobody_else_has_such_a_page(world: World, locality: str, person: Resident) -> None:
    assert Api(locality).get("/resident/register").status_code == 401
    assert Api(locality).post("/resident/register/link", {"id_tail": NUMBER[-4:]}).status_code == 401
    with in_locality(locality):
        assert Account.objects.count() == 0
