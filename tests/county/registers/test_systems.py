"""Other systems: told what was agreed and nothing else, of every change once, on record for whom it concerns."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from support.households import NOW, above, door, home, key, signed_in
from support.people import ActingAs, Api, counted_queries
from support.world import World

from onegrid.county.registers.models import Change, ConsumerFetch, Household, Resident
from onegrid.county.registers.services import fetched
from onegrid.county.registers.services.changes import record_added
from onegrid.foundation.accounts.actor import SYSTEM
from onegrid.foundation.database.context import in_locality
from onegrid.foundation.journal.models import AuditRow

NAME, PHONE, NEW_PHONE = "金丝雀一", "19000000123", "19000000456"


@dataclass
class System:
    """A connected system, the administrator who agreed, and people inside and outside of what was agreed."""

    api: Api
    admin: Api
    centre: Api
    key: str
    id: str
    inside: Household
    outside: Household
    grid: str
    headers: dict[str, str] = field(default_factory=dict)

    def ask(self, path: str) -> Any:
        answer = self.api.get(path, headers=self.headers)
        assert answer.status_code == 200, answer.content
        return answer.json()


@pytest.fixture
def system(world: World, locality: str) -> System:
    """Told of names' phones and sexes in the worker's grid; not of their names."""
    with in_locality(locality):
        worker = world.staff("worker")
        leaf = next(one for one in world.leaves if one.scope_path.startswith(worker.scope_path))
        other = next(one for one in world.leaves if not one.scope_path.startswith(worker.scope_path))
        inside = home(door(leaf), *({"name": f"{NAME}{n}", "phone": PHONE, "sex": 1} for n in range(3)))
        outside = home(door(other, street="远街9号"), {"name": f"{NAME}外", "phone": PHONE})
        admin = signed_in(locality, above(world, worker, "administrator"))
        centre = signed_in(locality, above(world, worker))
    body = {
        "name": "县卫健系统", "unit": "县卫健局", "purpose": "care", "grid": str(leaf.id),
        "fields": {"residents": ["phone", "sex"], "households": ["people"]},
    }  # fmt: skip
    made = admin.post("/register/agreements", body)
    assert made.status_code == 200, made.content
    told = made.json()
    return System(
        Api(locality), admin, centre, told["key"], told["id"], inside, outside, str(leaf.id), {"X-API-Key": told["key"]}
    )


def edit(api: Api, row: Any, wanted: dict[str, Any]) -> None:
    answer = api.post(f"/register/residents/{row.pk}/edit", {"key": key(), "version": row.version, "wanted": wanted})
    assert answer.status_code == 200, answer.content


def test_a_first_copy_then_what_changed(system: System, acting_as: ActingAs) -> None:
    first = system.ask("/register/copy/residents?limit=2")
    second = system.ask(f"/register/copy/residents?limit=2&after={first['next']}")
    rows = [*first["items"], *second["items"]]
    assert second["next"] is None and [one["values"] for one in rows] == [{"phone": PHONE, "sex": 1}] * 3
    with acting_as():
        people = list(system.inside.residents.order_by("pk"))
        assert AuditRow.objects.filter(action="resident.export", purpose="care").count() == 3
        assert NAME not in str(list(AuditRow.objects.values_list("detail", flat=True)))
    assert system.ask(f"/register/changes?after={first['cursor']}") == {
        "items": [], "next": first["cursor"], "more": False}  # fmt: skip
    edit(system.centre, people[0], {"phone": NEW_PHONE})
    edit(system.centre, people[1], {"relation": "head"})  # not agreed: nothing to be told
    told = system.ask(f"/register/changes?after={first['cursor']}")
    (one,) = told["items"]
    assert (one["action"], one["kind"], one["id"], one["fields"]) == (
        "changed",
        "residents",
        str(people[0].pk),
        ["phone"],
    )
    assert one["values"] == {"phone": NEW_PHONE, "sex": 1}
    assert system.ask(f"/register/changes?after={told['next']}")["items"] == []


def test_whoever_agreed_sees_what_was_fetched(system: System, acting_as: ActingAs) -> None:
    system.ask("/register/copy/residents?limit=2")
    system.ask("/register/copy/residents")
    (one,) = system.admin.get("/register/agreements").json()["items"]
    assert [(day["kind"], day["rows"]) for day in one["fetched"]] == [("residents", 5)]
    assert one["place"] and one["id"] == system.id
    with acting_as():
        now = ConsumerFetch.objects.get().last_at
        assert fetched.forget(now, 10) == 0
        assert fetched.forget(now + fetched.KEPT + timedelta(days=2), 10) == 1


def test_who_leaves_the_agreed_grid_is_told_as_gone(system: System, acting_as: ActingAs) -> None:
    with acting_as():
        one = system.inside.residents.order_by("pk")[0]
    cursor = system.ask("/register/copy/residents")["cursor"]
    body = {"key": key(), "residents": [one.pk], "household": system.outside.pk, "on": "2025-06-01"}
    assert system.admin.post("/register/moves", body).status_code == 200
    told = system.ask(f"/register/changes?after={cursor}")["items"]
    assert [(row["kind"], row["action"], row["values"]) for row in told] == [
        ("residents", "gone", None), ("households", "changed", {"people": 2})]  # fmt: skip


def test_a_change_that_was_committed_late_is_not_passed_over(system: System, acting_as: ActingAs) -> None:
    with acting_as():
        one = system.inside.residents.order_by("pk")[0]
        place = {"scope_path": one.scope_path, "kind": "residents", "row": one.pk, "action": "changed", "at": NOW}
        Change.objects.create(pk=900, fields=["phone"], source="desk", version=2, **place)
    cursor = system.ask("/register/changes")["next"]
    with acting_as():
        Change.objects.create(pk=800, fields=["phone"], source="desk", version=3, **place)
    assert [one["seq"] for one in system.ask(f"/register/changes?after={cursor}")["items"]] == [int(cursor) + 1]


def test_rows_of_an_import_come_in_pages(system: System, acting_as: ActingAs) -> None:
    with acting_as():
        keys = sorted(Resident.objects.values_list("pk", flat=True))
        record_added(SYSTEM, "residents", keys[0], keys[-1], len(keys), "r.", at=NOW)
    cursor, seen = "", []
    for _ in range(10):
        told = system.ask(f"/register/changes?limit=2&after={cursor}")
        seen += [one["id"] for one in told["items"]]
        cursor = told["next"]
        if not told["more"]:
            break
    with acting_as():
        assert seen == [str(one.pk) for one in system.inside.residents.order_by("pk")]


def test_no_key_a_wrong_key_and_a_revoked_one_are_nobodys(system: System) -> None:
    for headers in ({}, {"X-API-Key": "og_" + "0" * 48}):
        answer = system.api.get("/register/changes", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert system.api.get("/register/copy/premises", headers=system.headers).status_code == 404
    assert system.api.get("/register/changes?after=x", headers=system.headers).status_code == 400
    listed = system.admin.get("/register/agreements")
    assert [one["name"] for one in listed.json()["items"]] == ["县卫健系统"] and system.key not in str(listed.json())
    assert system.centre.post(f"/register/agreements/{system.id}/revoke").status_code == 403
    assert system.admin.post(f"/register/agreements/{system.id}/revoke").status_code == 200
    assert system.api.get("/register/changes", headers=system.headers).status_code == 401


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"fields": {"residents": ["scope_path"]}}, "fields.residents"),
        ({"fields": {"residents": ["grid"]}}, "fields.residents"),
        ({"fields": {"residents": []}}, "fields"),
        ({"grid": "999999"}, "grid"),
    ],
)
def test_what_cannot_be_agreed(system: System, change: dict[str, Any], wrong: str) -> None:
    fields = {"buildings": ["name"]}
    body = {"name": "另一系统", "unit": "某局", "purpose": "care", "grid": system.grid, "fields": fields}
    answer = system.admin.post("/register/agreements", {**body, **change})
    assert (answer.status_code, [one["field"] for one in answer.json()["fields"]]) == (422, [wrong])
    assert system.centre.post("/register/agreements", body).status_code == 403


def test_a_page_of_the_feed_costs_the_same_however_long(system: System, acting_as: ActingAs) -> None:
    with acting_as():
        people = list(system.inside.residents.order_by("pk"))
    edit(system.centre, people[0], {"phone": NEW_PHONE})
    with counted_queries() as few:
        assert len(system.ask("/register/changes")["items"]) == 1
    edit(system.centre, people[1], {"phone": NEW_PHONE})
    edit(system.centre, people[2], {"phone": NEW_PHONE})
    with counted_queries() as many:
        assert len(system.ask("/register/changes")["items"]) == 3
    assert len(many) == len(few)
