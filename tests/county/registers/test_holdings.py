"""Who owns or rents a dwelling and who works where: since when, until when, for whom it may be written, and by whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.households import above, door, home, key, signed_in
from support.people import ActingAs, Api, counted_queries
from support.world import World

from onegrid.county.registers.models import (
    Change,
    Dwelling,
    Employment,
    Household,
    Organisation,
    Resident,
    Tenure,
)
from onegrid.county.registers.rules.periods import Period, overlap
from onegrid.county.registers.services import retention
from onegrid.county.registers.services.changes import Told, holding
from onegrid.county.registers.services.changes.holding import Holder
from onegrid.foundation.database.context import in_locality
from onegrid.foundation.journal.models import AuditRow

OWNER, OWNER_PHONE = "金丝雀业主", "19000000777"


@dataclass
class Lane:
    """Two households in the worker's grid, one elsewhere, a firm in each place; who works here and who looks on."""

    worker: Api
    centre: Api
    onlooker: Api
    home: Household
    away: Household
    firm: Organisation
    far: Organisation

    @property
    def door(self) -> Dwelling:
        """The dwelling of the household in the worker's grid."""
        return self.home.dwelling

    @property
    def person(self) -> Resident:
        """The first resident of it."""
        return self.home.residents.order_by("pk")[0]


@pytest.fixture
def lane(world: World, locality: str) -> Lane:
    with in_locality(locality):
        actor = world.staff("worker")
        leaf = next(one for one in world.leaves if one.scope_path.startswith(actor.scope_path))
        other = next(one for one in world.leaves if not one.scope_path.startswith(actor.scope_path))
        firms = [
            Organisation.objects.create(name=name, grid_id=at.id, scope_path=at.scope_path)
            for name, at in (("近处工厂", leaf), ("远处工厂", other))
        ]
        here = home(door(leaf), {"name": "金丝雀一", "birth_year": 1990, "phone": "19000000123"}, {"name": "金丝雀二"})
        away = home(door(other, street="远街9号"), {"name": "金丝雀五", "birth_year": 1970})
        return Lane(
            signed_in(locality, actor), signed_in(locality, above(world, actor)),
            signed_in(locality, above(world, actor, "commander")), here, away, *firms,
        )  # fmt: skip


def hold(api: Api, dwelling: Any, **body: Any) -> Any:
    return api.post(f"/register/dwellings/{dwelling.pk}/tenures", {"key": key(), "role": "owner", **body})


def work(api: Api, person: Any, organisation: Any, **body: Any) -> Any:
    body = {"key": key(), "organisation": organisation.pk, **body}
    return api.post(f"/register/residents/{person.pk}/employments", body)


def end(api: Api, what: str, number: str, until: str) -> Any:
    return api.post(f"/register/{what}/{number}/end", {"key": key(), "until": until})


def faults(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.content
    return [(one["field"], one["message"]) for one in answer.json()["fields"]]


def test_an_owner_by_hand_is_sealed_and_on_record_without_his_name(lane: Lane, acting_as: ActingAs) -> None:
    made = hold(lane.worker, lane.door, name=f" {OWNER} ", phone="190 0000 0777", since="2015-06-01")
    assert made.status_code == 200, made.content
    assert made.json()["version"] == lane.door.version + 1
    page = lane.worker.get(f"/register/households/{lane.home.pk}").json()
    (told,) = page["tenures"]
    assert told == {
        "id": made.json()["id"], "role": "owner", "resident": None, "name": "金****", "phone": "190****0777",
        "since": "2015-06-01", "until": None, "today": True,
    }  # fmt: skip
    assert lane.worker.get(f"/register/dwellings/{lane.door.pk}/tenures").json()["items"] == [told]
    with acting_as():
        row = Tenure.objects.get()
        assert (row.name, row.phone, row.scope_path) == (OWNER, OWNER_PHONE, lane.door.scope_path)
        change = Change.objects.get(kind="dwellings", row=lane.door.pk)
        assert (change.action, change.fields, change.version) == ("changed", ["tenures"], lane.door.version + 1)
        kept = [str(change.before), str(change.after), str(AuditRow.objects.get(action="register.changed").detail)]
        assert not any(word in text for word in (OWNER, OWNER_PHONE) for text in kept)
    history = lane.worker.get(f"/register/history/dwellings/{lane.door.pk}").json()["items"]
    assert [(one["titles"], one["can_undo"]) for one in history] == [(["Owners and tenants"], False)]


def test_a_tenant_of_the_register_begins_ends_and_may_begin_again(lane: Lane, acting_as: ActingAs) -> None:
    with acting_as():
        person = lane.person
    since = {"role": "tenant", "resident": person.pk, "since": "2020-01-01"}
    first = hold(lane.worker, lane.door, **since)
    assert first.status_code == 200, first.content
    number = first.json()["id"]
    assert faults(hold(lane.worker, lane.door, **since)) == [
        ("since", "This person is down as such for this time already")
    ]
    assert hold(lane.worker, lane.door, **{**since, "role": "owner"}).status_code == 200
    for until, words in (("2019-12-31", "This is before the day it began"), ("2199-01-01", "Later than today")):
        assert faults(end(lane.worker, "tenures", number, until)) == [("until", words)]
    assert end(lane.worker, "tenures", number, "2022-01-01").status_code == 200
    assert faults(end(lane.worker, "tenures", number, "2022-01-01"))[0][0] == "until"
    assert faults(hold(lane.worker, lane.door, **{**since, "since": "2021-12-31"}))[0][0] == "since"
    assert hold(lane.worker, lane.door, **{**since, "since": "2022-01-01"}).status_code == 200
    with acting_as():
        ended = Tenure.objects.get(pk=number)
        assert (ended.since, ended.until, ended.name) == (date(2020, 1, 1), date(2022, 1, 1), None)
        assert Tenure.objects.filter(resident=person).count() == 3


def test_days_that_cannot_be_are_said_in_both_languages(lane: Lane, acting_as: ActingAs) -> None:
    with acting_as():
        person = lane.person
        Resident.objects.filter(pk=lane.home.residents.order_by("-pk")[0].pk).update(died_on=date(2024, 1, 1))
        dead = lane.home.residents.order_by("-pk")[0]
    said = [
        (person, "1989-12-31", "This is before the year the person was born", "早于出生年份"),
        (person, "2199-01-01", "Later than today", "日期在今天之后"),
        (dead, "2024-01-02", "This person is down as having died. Give a day before that", None),
        (dead, None, "This person is down as having died. Give a day before that", None),
    ]
    for who, since, english, chinese in said:
        for answer in (
            hold(lane.worker, lane.door, resident=who.pk, since=since),
            work(lane.worker, who, lane.firm, since=since),
        ):
            assert faults(answer) == [("since", english)]
        if chinese:
            lane.worker.lang = "zh-CN"
            assert faults(work(lane.worker, who, lane.firm, since=since)) == [("since", chinese)]
            lane.worker.lang = "en"
    assert hold(lane.worker, lane.door, resident=dead.pk, since="2020-01-01").status_code == 200


def test_a_holder_is_one_of_the_register_or_named_never_both_never_nobody(lane: Lane, acting_as: ActingAs) -> None:
    with acting_as():
        person = lane.person
    assert [one[0] for one in faults(hold(lane.worker, lane.door))] == ["name"]
    assert [one[0] for one in faults(hold(lane.worker, lane.door, resident=person.pk, name=OWNER))] == ["name"]
    wrong = hold(lane.worker, lane.door, name=OWNER, phone="12345")
    assert [one[0] for one in faults(wrong)] == ["phone"]
    assert OWNER not in wrong.content.decode()
    assert hold(lane.worker, lane.door, name=OWNER).status_code == 200
    assert [one[0] for one in faults(hold(lane.worker, lane.door, name=OWNER))] == ["since"]
    assert hold(lane.worker, lane.door, name="金丝雀夫人").status_code == 200
    with acting_as():
        assert Tenure.objects.count() == 2


def test_work_begins_and_ends_and_is_seen_on_record(lane: Lane, acting_as: ActingAs) -> None:
    with acting_as():
        person = lane.person
    made = work(lane.worker, person, lane.firm, since="2018-03-01")
    assert made.status_code == 200, made.content
    assert faults(work(lane.worker, person, lane.firm, since="2019-01-01"))[0][0] == "since"
    assert end(lane.worker, "employments", made.json()["id"], "2020-03-01").status_code == 200
    assert lane.worker.get(f"/register/residents/{person.pk}/employments").json()["items"] == [
        {
            "id": made.json()["id"], "organisation": str(lane.firm.pk), "name": "近处工厂", "since": "2018-03-01",
            "until": "2020-03-01", "today": True,
        }
    ]  # fmt: skip
    listed = lane.worker.get(f"/register/records/residents?organisation={lane.firm.pk}").json()["items"]
    assert [one["id"] for one in listed] == [str(person.pk)]
    with acting_as():
        assert Employment.objects.get().scope_path == lane.firm.scope_path
        assert Change.objects.filter(kind="residents", row=person.pk, fields=["employments"]).count() == 2
        assert AuditRow.objects.filter(action="resident.read", subject_id=str(person.pk)).exists()


def test_nobody_reaches_beyond_his_own_grids(lane: Lane, acting_as: ActingAs) -> None:
    with acting_as():
        person, far = lane.person, lane.away.residents.get()
    assert hold(lane.worker, lane.away.dwelling, name=OWNER).status_code == 404
    assert hold(lane.worker, lane.door, resident=far.pk).status_code == 404
    assert work(lane.worker, far, lane.firm).status_code == 404
    assert work(lane.worker, person, lane.far).status_code == 404
    assert lane.worker.get(f"/register/dwellings/{lane.away.dwelling.pk}/tenures").status_code == 404
    assert lane.worker.get(f"/register/residents/{far.pk}/employments").status_code == 404
    # The county reaches both: the far owner is told of without a name to whoever does not reach him.
    owned, works = hold(lane.centre, lane.door, resident=far.pk), work(lane.centre, person, lane.far)
    assert (owned.status_code, works.status_code) == (200, 200)
    items = lane.worker.get(f"/register/dwellings/{lane.door.pk}/tenures").json()["items"]
    assert [(one["name"], one["phone"]) for one in items] == [("", "")]
    assert lane.worker.get(f"/register/residents/{person.pk}/employments").json()["items"] == []
    assert end(lane.worker, "employments", works.json()["id"], "2025-01-01").status_code == 404
    with acting_as():
        assert (Tenure.objects.count(), Employment.objects.count()) == (1, 1)


def test_who_may_only_look_writes_nothing(lane: Lane, acting_as: ActingAs) -> None:
    with acting_as():
        person = lane.person
    made = hold(lane.worker, lane.door, name=OWNER).json()["id"]
    assert lane.onlooker.get(f"/register/dwellings/{lane.door.pk}/tenures").status_code == 200
    for answer in (
        hold(lane.onlooker, lane.door, name=OWNER),
        hold(lane.onlooker, lane.door, resident=person.pk),
        work(lane.onlooker, person, lane.firm),
        end(lane.onlooker, "tenures", made, "2025-01-01"),
        lane.onlooker.post(f"/register/tenures/{made}/remove", {"key": key()}),
    ):
        assert answer.status_code == 403, answer.content


def test_a_slip_of_today_is_taken_out_an_older_one_is_ended(lane: Lane, acting_as: ActingAs, world: World) -> None:
    with acting_as():
        person = lane.person
        earlier = Told(datetime.now(UTC) - timedelta(days=2))
        older = holding.hold(world.staff("worker"), lane.door.pk, Holder("owner", name="金丝雀夫人"), None, earlier)[
            "id"
        ]
    slip = hold(lane.worker, lane.door, name=OWNER).json()["id"]
    job = work(lane.worker, person, lane.firm).json()["id"]
    items = lane.worker.get(f"/register/dwellings/{lane.door.pk}/tenures").json()["items"]
    assert {one["id"]: one["today"] for one in items} == {slip: True, older: False}
    late = lane.worker.post(f"/register/tenures/{older}/remove", {"key": key()})
    assert (late.status_code, late.json()["code"]) == (409, "holding_kept")
    body = {"key": key()}
    first = lane.worker.post(f"/register/tenures/{slip}/remove", body)
    assert (first.status_code, lane.worker.post(f"/register/tenures/{slip}/remove", body).json()) == (200, first.json())
    assert lane.worker.post(f"/register/tenures/{slip}/remove", {"key": key()}).status_code == 404
    assert lane.worker.post(f"/register/employments/{job}/remove", {"key": key()}).status_code == 200
    with acting_as():
        assert [str(one) for one in Tenure.objects.values_list("pk", flat=True)] == [older]
        assert not Employment.objects.exists()


def test_a_key_is_answered_once(lane: Lane, acting_as: ActingAs) -> None:
    body = {"key": key(), "role": "owner", "name": OWNER}
    path = f"/register/dwellings/{lane.door.pk}/tenures"
    first, again = lane.worker.post(path, body), lane.worker.post(path, body)
    assert (first.status_code, again.json()) == (200, first.json())
    assert lane.worker.post(path, {**body, "name": "金丝雀夫人"}).json()["code"] == "key_reused"
    with acting_as():
        assert Tenure.objects.count() == 1


def test_an_edit_open_elsewhere_is_no_conflict_with_a_new_job(lane: Lane, acting_as: ActingAs) -> None:
    with acting_as():
        person = lane.person
    assert work(lane.worker, person, lane.firm).status_code == 200
    body = {"key": key(), "version": person.version, "wanted": {"registered": "local"}}
    late = lane.centre.post(f"/register/residents/{person.pk}/edit", body)
    assert (late.status_code, late.json()["version"]) == (200, person.version + 2)


def test_what_lies_elsewhere_goes_with_an_erased_person(lane: Lane, acting_as: ActingAs, world: World) -> None:
    """Whoever administers his place does not reach the flat he owns elsewhere."""
    with acting_as():
        person = lane.person
    assert hold(lane.centre, lane.away.dwelling, resident=person.pk).status_code == 200
    assert work(lane.centre, person, lane.far).status_code == 200
    with acting_as(scope=person.scope_path):
        assert not Tenure.objects.exists()
        retention._erase([person.pk])
    with acting_as():
        assert not Resident.objects.filter(pk=person.pk).exists()
        assert (Tenure.objects.count(), Employment.objects.count()) == (0, 0)


def test_many_tenures_are_read_with_as_many_statements_as_few(lane: Lane) -> None:
    path = f"/register/dwellings/{lane.door.pk}/tenures"
    hold(lane.worker, lane.door, name=OWNER)
    with counted_queries() as few:
        lane.worker.get(path)
    for at in range(4):
        hold(lane.worker, lane.door, name=f"金丝雀{'甲乙丙丁'[at]}")
    with counted_queries() as many:
        assert len(lane.worker.get(path).json()["items"]) == 5
    assert len(many) == len(few)


days = st.none() | st.dates(date(2000, 1, 1), date(2000, 1, 20))


@given(days, days, days, days)
def test_periods_overlap_when_they_share_a_day(a: date | None, b: date | None, c: date | None, d: date | None) -> None:
    def held(since: date | None, until: date | None, day: date) -> bool:
        return (since is None or since <= day) and (until is None or day < until)

    month = [date(1999, 12, 31) + timedelta(days=at) for at in range(23)]
    shared = any(held(a, b, day) and held(c, d, day) for day in month)
    assert overlap(Period(a, b), Period(c, d)) == overlap(Period(c, d), Period(a, b)) == shared
