"""Edits: merged field by field, never written over unseen, kept for confirmation where the hat may not write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from support.households import NOW, above, door, home, id_of, key, signed_in
from support.people import ActingAs, Api, counted_queries
from support.world import World

from onegrid.county.registers.models import Change, ChangeReceipt, Dwelling, Household, Resident, SearchTerms, Stay
from onegrid.county.registers.services import search
from onegrid.county.registers.services.changes import Changed, receipts, record_many
from onegrid.foundation.accounts.actor import SYSTEM
from onegrid.foundation.database.context import in_locality
from onegrid.foundation.journal.models import AuditRow

PHONE, NEW_PHONE = "19000000123", "19000000456"
NAME, NEW_NAME = "金丝雀一", "金丝雀二"


@dataclass
class Street:
    """Two doors in the worker's grid, one elsewhere; the worker, and the centre above him."""

    worker: Api
    centre: Api
    one: Household
    two: Household
    away: Household

    @property
    def person(self) -> Resident:
        """The first resident of the first door."""
        return self.one.residents.order_by("pk")[0]


@pytest.fixture
def street(world: World, locality: str) -> Street:
    with in_locality(locality):
        actor = world.staff("worker")
        leaf = next(one for one in world.leaves if one.scope_path.startswith(actor.scope_path))
        other = next(one for one in world.leaves if not one.scope_path.startswith(actor.scope_path))
        one = home(
            door(leaf),
            {"name": NAME, "sex": 1, "birth_year": 1990, "phone": PHONE, "relation": "head"},
            {"name": "金丝雀三", "sex": 2, "birth_year": 1991, "relation": "spouse"},
        )
        two = home(door(leaf, room="201"), {"name": "金丝雀四", "sex": 2, "birth_year": 1960})
        away = home(door(other, street="远街9号"), {"name": "金丝雀五", "birth_year": 1970})
        return Street(signed_in(locality, actor), signed_in(locality, above(world, actor)), one, two, away)


def edit(api: Api, row: Any, wanted: dict[str, Any], *, kind: str = "residents", **more: Any) -> Any:
    body = {"key": key(), "version": row.version, "wanted": wanted, **more}
    return api.post(f"/register/{kind}/{row.pk}/edit", body)


def test_an_edit_is_written_searched_and_on_record(street: Street, acting_as: ActingAs) -> None:
    with acting_as():
        person = street.person
        search.remember([person])
        terms = set(SearchTerms.objects.get(kind=1, key=person.pk).terms)
    answer = edit(street.worker, person, {"name": NEW_NAME, "phone": "190 0000 0456", "registered": "elsewhere"})
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert (told["state"], told["version"], told["fields"]) == ("applied", 2, ["name", "phone", "registered"])
    with acting_as():
        row = Resident.objects.get(pk=person.pk)
        assert (row.name, row.phone, row.registered, row.version) == (NEW_NAME, NEW_PHONE, "elsewhere", 2)
        change = Change.objects.get(pk=told["change"])
        assert (change.version, change.row, change.state, change.source) == (2, row.pk, "applied", "desk")
        assert NEW_PHONE in str(change.after) and PHONE in str(change.before)
        assert set(SearchTerms.objects.get(kind=1, key=person.pk).terms) != terms
        audit = AuditRow.objects.get(action="register.changed")
        assert not any(word in str(audit.detail) for word in (NAME, NEW_NAME, PHONE, NEW_PHONE))


def test_a_key_is_answered_once_and_refused_for_something_else(street: Street, acting_as: ActingAs) -> None:
    with acting_as():
        person = street.person
    path = f"/register/residents/{person.pk}/edit"
    body = {"key": key(), "version": 1, "wanted": {"phone": NEW_PHONE}}
    first, again = street.worker.post(path, body), street.worker.post(path, body)
    assert (first.status_code, again.json()) == (200, first.json())
    other = street.worker.post(path, {**body, "wanted": {"phone": PHONE}})
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    with acting_as():
        assert Change.objects.filter(row=person.pk, kind="residents").count() == 1


def test_what_others_changed_elsewhere_is_merged(street: Street, acting_as: ActingAs) -> None:
    with acting_as():
        person = street.person
    assert edit(street.centre, person, {"phone": NEW_PHONE}).status_code == 200
    late = edit(street.worker, person, {"registered": "local"}, seen={"registered": "", "phone": "190****0123"})
    assert (late.status_code, late.json()["version"]) == (200, 3)
    with acting_as():
        row = Resident.objects.get(pk=person.pk)
        assert (row.phone, row.registered) == (NEW_PHONE, "local")


@pytest.mark.parametrize("seen", [{}, {"phone": "190****0123"}, {"phone": PHONE}], ids=["nothing", "a mask", "all"])
def test_the_same_field_is_a_conflict_that_shows_both(street: Street, acting_as: ActingAs, seen: Any) -> None:
    with acting_as():
        person = street.person
    assert edit(street.centre, person, {"phone": NEW_PHONE}).status_code == 200
    late = edit(street.worker, person, {"phone": "19000000789", "registered": "local"}, seen=seen)
    assert (late.status_code, late.json()["code"]) == (409, "register_conflict")
    (one,) = late.json()["conflicts"]
    assert (one["field"], one["current"], one["title"], one["unit"] != "") == ("phone", "190****0456", "Phone", True)
    assert NEW_PHONE not in late.content.decode()
    with acting_as():
        row = Resident.objects.get(pk=person.pk)
        assert (row.phone, row.registered, row.version) == (NEW_PHONE, "", 2)
    # Settled: the same wish, now knowing what stands there.
    row.version = late.json()["versions"][f"residents.{person.pk}"]
    assert edit(street.worker, row, {"phone": "19000000789"}).status_code == 200


def test_a_mask_that_looks_the_same_does_not_hide_a_change(street: Street, acting_as: ActingAs) -> None:
    with acting_as():
        person = street.person
    assert edit(street.centre, person, {"phone": "19077770123"}).status_code == 200
    late = edit(street.worker, person, {"phone": NEW_PHONE}, seen={"phone": "190****0123"})
    assert late.status_code == 409


def test_both_wanting_the_same_is_no_conflict(street: Street, acting_as: ActingAs) -> None:
    with acting_as():
        person = street.person
    assert edit(street.centre, person, {"phone": NEW_PHONE}).status_code == 200
    late = edit(street.worker, person, {"phone": NEW_PHONE})
    assert (late.status_code, late.json()["state"], late.json()["version"]) == (200, "same", 2)


def test_values_are_checked_like_those_of_a_sheet(street: Street, acting_as: ActingAs) -> None:
    with acting_as():
        person = street.person
    wrong = id_of()[:-1] + ("1" if id_of()[-1] != "1" else "2")
    for wanted, field in (
        ({"phone": "12345"}, "phone"),
        ({"relation": "nobody"}, "relation"),
        ({"name": ""}, "name"),
        ({"since": "2199-01-01"}, "since"),
        ({"id_number": wrong}, "id_number"),
        ({"scope_path": "r."}, "scope_path"),
        ({"id_number": id_of(), "sex": 2}, "sex"),
    ):
        answer = edit(street.centre, person, wanted)
        assert answer.status_code == 422, (wanted, answer.content)
        assert [one["field"] for one in answer.json()["fields"]] == [field], answer.content
        assert wrong not in answer.content.decode()


def test_a_refused_value_is_named_with_its_place_in_the_request(street: Street) -> None:
    """A form has a field of this name: without the part in front it could not tell whose phone was meant."""
    where = {"key": key(), "kind": "households", "dwelling": street.one.dwelling_id}
    wrong = {**where, "values": {"household": "长" * 401}, "residents": [{"name": "甲"}, {"phone": ["1"]}]}
    answer = street.worker.post("/register/add", wrong)
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["fields"]] == ["values.household", "residents.1.phone"]
    answer = street.worker.post("/register/add", {**where, "lon": "east", "values": {"名" * 41: "x"}})
    assert [one["field"] for one in answer.json()["fields"]] == ["values." + "名" * 41, "lon"]
    assert street.worker.get("/register/records/residents?limit=many").json()["fields"][0]["field"] == "limit"


def test_an_identity_number_brings_birth_and_sex(street: Street, acting_as: ActingAs) -> None:
    with acting_as():
        person = street.two.residents.get()
    number = id_of("19600505", "002")
    answer = edit(street.centre, person, {"id_number": number.lower()})
    assert answer.json()["fields"] == ["birth_date", "id_kind", "id_number"], answer.content
    with acting_as():
        row = Resident.objects.get(pk=person.pk)
        assert (row.id_number, row.birth_date, row.birth_year, row.id_kind) == (number, "1960-05-05", 1960, "id_card")


def test_a_field_the_hat_may_not_write_waits_until_another_confirms(street: Street, acting_as: ActingAs) -> None:
    number = id_of("19900707", "003")
    with acting_as():
        person = street.person
    asked = edit(street.worker, person, {"id_number": number, "phone": NEW_PHONE})
    assert asked.status_code == 200, asked.content
    told = asked.json()
    assert (told["state"], told["fields"]) == ("applied", ["phone"])
    assert told["waiting"] == ["birth_date", "id_kind", "id_number"]
    (listed,) = street.centre.get("/register/waiting").json()["items"]
    assert (listed["id"], listed["may"], listed["mine"]) == (told["waiting_change"], True, False)
    assert {one["field"]: one["wanted"] for one in listed["fields"]}["id_number"] == number[:4] + "*" * 10 + number[-4:]
    assert NAME not in str(listed) and listed["by"] != ""
    mine = street.worker.post(f"/register/waiting/{listed['id']}/confirm", {"version": 2})
    assert (mine.status_code, mine.json()["code"]) == (403, "own_change")
    done = street.centre.post(f"/register/waiting/{listed['id']}/confirm", {"version": listed["version"]})
    assert (done.status_code, done.json()["version"]) == (200, 3), done.content
    with acting_as():
        assert Resident.objects.get(pk=person.pk).id_number == number
    again = street.centre.post(f"/register/waiting/{listed['id']}/confirm", {"version": 3})
    assert (again.status_code, again.json()["code"]) == (409, "change_settled")
    assert street.centre.get("/register/waiting").json()["total"] == 0


def test_what_waits_may_be_refused_or_taken_back(street: Street, acting_as: ActingAs) -> None:
    with acting_as():
        person = street.person
    for who in (street.centre, street.worker):
        waits = edit(street.worker, person, {"id_number": id_of("19900708", "005")}).json()["waiting_change"]
        answer = who.post(f"/register/waiting/{waits}/refuse", {"reason": f"打 {PHONE} 问过，不是本人"})
        assert (answer.status_code, answer.json()["state"]) == (200, "refused"), answer.content
    with acting_as():
        assert Resident.objects.get(pk=person.pk).id_number is None
        assert all(PHONE not in one.reason for one in Change.objects.filter(state="refused"))


def test_history_names_fields_and_undo_puts_back_what_stands(street: Street, acting_as: ActingAs) -> None:
    with acting_as():
        person = street.person
    edit(street.worker, person, {"phone": NEW_PHONE})
    path = f"/register/history/residents/{person.pk}"
    (one,) = street.worker.get(path).json()["items"]
    assert (one["fields"], one["titles"], one["can_undo"]) == (["phone"], ["Phone"], True)
    undone = street.worker.post(f"/register/history/{one['id']}/undo", {"key": key()})
    assert undone.status_code == 200, undone.content
    with acting_as():
        row = Resident.objects.get(pk=person.pk)
        assert (row.phone, row.version) == (PHONE, 3)
    again = street.worker.post(f"/register/history/{one['id']}/undo", {"key": key()})
    assert (again.status_code, again.json()["code"]) == (409, "cannot_undo")
    states = [(one["action"], one["state"]) for one in street.worker.get(path).json()["items"]]
    assert states == [("restored", "applied"), ("changed", "undone")]


def test_undo_never_writes_over_a_later_change(street: Street, acting_as: ActingAs) -> None:
    with acting_as():
        person = street.person
    first = edit(street.worker, person, {"phone": NEW_PHONE}).json()
    person.version = 2
    edit(street.centre, person, {"phone": "19000000789"})
    answer = street.worker.post(f"/register/history/{first['change']}/undo", {"key": key()})
    assert (answer.status_code, answer.json()["code"]) == (409, "cannot_undo")


def test_elsewhere_there_is_nothing(street: Street, acting_as: ActingAs) -> None:
    with acting_as():
        person = street.away.residents.get()
    for answer in (
        edit(street.worker, person, {"phone": NEW_PHONE}),
        street.worker.get(f"/register/history/residents/{person.pk}"),
        street.worker.post("/register/moves", {
            "key": key(), "residents": [person.pk], "household": street.one.pk, "on": "2026-01-01"}),
        street.worker.post("/register/add", {
            "key": key(), "kind": "residents", "values": {"name": NAME}, "household": street.away.pk}),
    ):  # fmt: skip
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_moving_in_keeps_where_they_lived_and_counts(street: Street, acting_as: ActingAs) -> None:
    with acting_as():
        wife = street.one.residents.get(relation="spouse")
    body = {"key": key(), "residents": [wife.pk], "household": street.two.pk, "on": "2025-06-01"}
    answer = street.worker.post("/register/moves", body)
    assert answer.status_code == 200, answer.content
    with acting_as():
        wife.refresh_from_db()
        stay = Stay.objects.get(resident=wife)
        assert (wife.household_id, wife.since, wife.relation) == (street.two.pk, date(2025, 6, 1), "")
        assert (stay.household, stay.since, stay.until) == (street.one.pk, date(2020, 1, 1), date(2025, 6, 1))
        assert [Household.objects.get(pk=one.pk).people for one in (street.one, street.two)] == [1, 2]
        moved = Change.objects.get(action="moved")
    undone = street.worker.post(f"/register/history/{moved.pk}/undo", {"key": key()})
    assert undone.status_code == 200, undone.content
    with acting_as():
        wife.refresh_from_db()
        assert (wife.household_id, wife.since, wife.relation) == (street.one.pk, date(2020, 1, 1), "spouse")
        assert not Stay.objects.exists()
        assert [Household.objects.get(pk=one.pk).people for one in (street.one, street.two)] == [2, 1]


def test_all_of_a_household_join_another_and_it_is_gone_until_undone(street: Street, acting_as: ActingAs) -> None:
    with acting_as():
        lone = street.two.residents.get()
    body = {"key": key(), "residents": [lone.pk], "household": street.one.pk, "on": "2025-06-01"}
    assert street.worker.post("/register/moves", body).status_code == 200
    with acting_as():
        assert not Household.objects.filter(pk=street.two.pk).exists()
        moved = Change.objects.get(action="moved")
    assert street.worker.post(f"/register/history/{moved.pk}/undo", {"key": key()}).status_code == 200
    with acting_as():
        assert Household.objects.get(pk=street.two.pk).people == 1
        assert Resident.objects.get(pk=lone.pk).household_id == street.two.pk


def test_some_split_off_into_a_new_household_and_across_grids_both_sides_are_told(
    street: Street, world: World, acting_as: ActingAs
) -> None:
    with acting_as():
        wife = street.one.residents.get(relation="spouse")
        far = Dwelling.objects.get(pk=street.away.dwelling_id)
        root = signed_in(street.worker.locality, above(world, world.staff("worker"), "administrator"))
    body = {"key": key(), "residents": [wife.pk], "dwelling": far.pk, "on": "2025-06-01"}
    answer = root.post("/register/moves", body)
    assert answer.status_code == 200, answer.content
    with acting_as():
        wife.refresh_from_db()
        assert wife.household_id == int(answer.json()["id"]) and wife.scope_path == far.scope_path
        assert wife.relation == "spouse"
        told = Change.objects.filter(kind="residents", row=wife.pk).values_list("action", "scope_path")
        assert set(told) == {("moved", far.scope_path), ("gone", street.one.scope_path)}
    assert street.worker.get(f"/register/history/residents/{wife.pk}").status_code == 404


def test_whoever_left_or_died_is_counted_no_more(street: Street, acting_as: ActingAs) -> None:
    with acting_as():
        wife = street.one.residents.get(relation="spouse")
        lone = street.two.residents.get()
    for who, why in ((wife, "left"), (lone, "died")):
        body = {"key": key(), "residents": [who.pk], "why": why, "on": "2026-02-01"}
        answer = street.worker.post("/register/departures", body)
        assert answer.status_code == 200, answer.content
    with acting_as():
        assert Resident.objects.get(pk=wife.pk).left_on == date(2026, 2, 1)
        assert Resident.objects.get(pk=lone.pk).died_on == date(2026, 2, 1)
        assert [Household.objects.get(pk=one.pk).people for one in (street.one, street.two)] == [1, 0]
    with acting_as():
        early = {"key": key(), "residents": [street.person.pk], "why": "left", "on": "2019-01-01"}
    refused = street.worker.post("/register/departures", early)
    assert (refused.status_code, refused.json()["fields"][0]["field"]) == (422, "on")


def test_a_household_is_added_with_its_people_and_its_door(street: Street, acting_as: ActingAs) -> None:
    number = id_of("19850101", "007")
    with acting_as():
        building = Dwelling.objects.get(pk=street.one.dwelling_id).building_id
    body = {
        "key": key(), "kind": "households", "building": building, "label": "2单元302", "values": {"household": "H-7"},
        "residents": [{"name": NEW_NAME, "phone": NEW_PHONE, "relation": "户主"}, {"name": "金丝雀六"}],
    }  # fmt: skip
    answer = street.worker.post("/register/add", body)
    assert answer.status_code == 200, answer.content
    assert [one["kind"] for one in answer.json()["made"]] == ["dwellings", "households", "residents", "residents"]
    with acting_as():
        made = Household.objects.get(pk=answer.json()["id"])
        assert (made.people, made.number, made.dwelling.label, made.dwelling.floor) == (2, "H-7", "2单元302", 3)
        assert [one.relation for one in made.residents.order_by("pk")] == ["head", ""]
    # The worker may add a person; the identity number waits for the centre.
    values = {"name": "金丝雀七", "id_number": number}
    added = street.worker.post("/register/add", {
        "key": key(), "kind": "residents", "household": made.pk, "values": values})  # fmt: skip
    assert added.status_code == 200 and "id_number" in added.json()["waiting"], added.content
    with acting_as():
        assert Household.objects.get(pk=made.pk).people == 3
        assert Resident.objects.get(pk=added.json()["id"]).id_number is None


def test_a_door_that_exists_is_not_added_twice(street: Street, acting_as: ActingAs) -> None:
    with acting_as():
        building = Dwelling.objects.get(pk=street.one.dwelling_id).building_id
    body = {"kind": "dwellings", "building": building, "values": {"unit": "1", "room": "0101"}}
    answer = street.worker.post("/register/add", {"key": key(), **body})
    assert (answer.status_code, answer.json()["fields"][0]["field"]) == (422, "values.room"), answer.content


def test_what_an_import_changed_is_known_to_the_next_edit_and_can_be_undone(
    street: Street, acting_as: ActingAs
) -> None:
    with acting_as():
        person = street.person
        row = Resident.objects.get(pk=person.pk)
        row.phone, row.birth_year, row.version = NEW_PHONE, 1989, 2
        row.save()
        said = Changed(
            row.pk, row.scope_path, {"phone": PHONE, "birth_year": 1990}, {"phone": NEW_PHONE, "birth_year": 1989}
        )
        record_many(SYSTEM, "residents", [said], at=NOW, reference="7")
    late = edit(street.worker, person, {"phone": "19000000789", "registered": "local"})
    assert [one["field"] for one in late.json()["conflicts"]] == ["phone"]
    born = edit(street.worker, person, {"birth_date": "1991-01-01"})
    assert [one["field"] for one in born.json()["conflicts"]] == ["birth_date"]
    assert edit(street.worker, person, {"registered": "local"}).status_code == 200
    listed = street.worker.get(f"/register/history/residents/{person.pk}").json()["items"]
    (one,) = [one for one in listed if one["source"] == "import"]
    assert one["titles"] == ["Born", "Phone"] and one["can_undo"]
    assert street.worker.post(f"/register/history/{one['id']}/undo", {"key": key()}).status_code == 200
    with acting_as():
        row = Resident.objects.get(pk=person.pk)
        assert (row.phone, row.birth_year, row.registered) == (PHONE, 1990, "local")


def test_an_edit_based_on_a_version_nobody_wrote_down_asks_rather_than_writes(
    street: Street, acting_as: ActingAs
) -> None:
    with acting_as():
        person = street.person
        Resident.objects.filter(pk=person.pk).update(version=5, registered="local")
    blind = edit(street.worker, person, {"relation": "other"})
    assert (blind.status_code, blind.json()["code"]) == (409, "register_conflict")
    sure = edit(street.worker, person, {"relation": "other"}, seen={"relation": "head"})
    assert (sure.status_code, sure.json()["version"]) == (200, 6)


def test_a_page_of_what_waits_costs_the_same_however_much(street: Street, acting_as: ActingAs) -> None:
    with acting_as():
        people = list(Resident.objects.filter(household__in=[street.one.pk, street.two.pk]).order_by("pk"))
    numbers = [id_of("19900708", "011"), id_of("19910708", "022"), id_of("19600708", "024")]
    for row, number in zip(people[:1], numbers, strict=False):
        assert edit(street.worker, row, {"id_number": number}).json()["state"] == "waiting"
    with counted_queries() as few:
        assert street.centre.get("/register/waiting").json()["total"] == 1
    for row, number in zip(people[1:], numbers[1:], strict=True):
        assert edit(street.worker, row, {"id_number": number}).json()["state"] == "waiting"
    with counted_queries() as many:
        page = street.centre.get("/register/waiting").json()
    assert (page["total"], len(many)) == (3, len(few))
    first = street.centre.get("/register/waiting?limit=2").json()
    rest = street.centre.get(f"/register/waiting?after={first['next']}").json()
    assert [one["id"] for one in (*first["items"], *rest["items"])] == [one["id"] for one in page["items"]]
    assert street.centre.get("/register/waiting?after=x").status_code == 400
    assert not any(number in str(page) for number in numbers)


def test_answers_nobody_will_ask_for_again_are_forgotten(street: Street, acting_as: ActingAs) -> None:
    with acting_as():
        person = street.person
    assert edit(street.worker, person, {"phone": NEW_PHONE}).status_code == 200
    with acting_as():
        (book,) = ChangeReceipt.objects.all()
        assert NEW_PHONE not in str(book.answer) and NEW_PHONE not in book.body
        assert receipts.forget(book.at + timedelta(days=29)) == 0
        assert receipts.forget(book.at + timedelta(days=31)) == 1
