"""Rows leave as a workbook only after a second person agreed, marked with who took them, on record for each person."""

from __future__ import annotations

import io
import logging
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from openpyxl import load_workbook
from support.people import Api, counted_queries
from support.world import World

from onegrid.county.registers.errors import ExportNotFound
from onegrid.county.registers.models import Building, Dwelling, Export, Household, Resident
from onegrid.county.registers.selectors import exports
from onegrid.county.registers.services import exporting
from onegrid.county.workforce import selectors as workforce
from onegrid.foundation.accounts.services import keys
from onegrid.foundation.database.context import Standing, acting, in_locality
from onegrid.foundation.journal.models import AuditRow

NOW = datetime.now(UTC)
NAME, PHONE, NUMBER = "金丝雀戊", "19000004321", "350199199001012373"
ELSEWHERE = "白头翁己"


def token(world: World, locality: str, kind: str, **where: Any) -> Api:
    api = Api(locality)
    with in_locality(locality):
        user = world.staff(kind, **where).user_id
        api.token = keys.make(user_id=user, kind="token", label="t", now=NOW)[1]
    return api


@pytest.fixture
def people(world: World, locality: str) -> list[Resident]:
    """Two households in the worker's grids, one elsewhere, and a name a spreadsheet would run."""
    with in_locality(locality):
        scope = world.staff("worker").scope_path
        inside = next(one for one in world.leaves if one.scope_path.startswith(scope))
        outside = next(one for one in world.leaves if not one.scope_path.startswith(scope))
        found = []
        for at, (leaf, name) in enumerate(((inside, NAME), (inside, "=1+1"), (outside, ELSEWHERE))):
            place = {"grid_id": leaf.id, "scope_path": leaf.scope_path}
            building = Building.objects.create(name=f"东街{at}号", lon=leaf.lon, lat=leaf.lat, **place)
            dwelling = Dwelling.objects.create(building=building, label="1单元101", unit="1", room="101", **place)
            home = Household.objects.create(dwelling=dwelling, **place)
            found.append(
                Resident.objects.create(
                    household=home,
                    scope_path=leaf.scope_path,
                    name=name,
                    phone=PHONE,
                    id_number=NUMBER,
                    id_kind="id_card",
                    sex=1,
                    birth_year=1990,
                    birth_date="1990-01-01",
                    relation="head",
                    since=date(2020, 1, 1),
                )
            )
        return found


@pytest.fixture
def worker(world: World, locality: str, people: list[Resident]) -> Api:
    return token(world, locality, "worker")


@pytest.fixture
def chief(world: World, locality: str) -> Api:
    """The county's dispatcher, who approves."""
    return token(world, locality, "dispatcher", scope="r.")


def ask(api: Api, **more: Any) -> Any:
    body = {"key": str(uuid4()), "kind": "residents", "purpose": "statistics", "words": "年度核对", **more}
    return api.post("/register/exports", body)


def cells(answer: Any) -> list[list[Any]]:
    assert answer.status_code == 200, answer.content
    return [[cell.value for cell in row] for row in load_workbook(io.BytesIO(answer.content)).worksheets[0].rows]


def test_two_persons_a_watermark_and_a_row_for_each(
    worker: Api, chief: Api, people: list[Resident], locality: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    made = ask(worker, whole=True)
    assert (made.status_code, made.json()["state"], made.json()["rows"]) == (201, "asked", 2)
    place = f"/register/exports/{made.json()['id']}"
    assert worker.post(f"{place}/file").json()["code"] == "export_settled"
    assert worker.post(f"{place}/approve").status_code == 404  # no duty to decide
    waiting = chief.get("/register/exports").json()["items"]
    assert [(one["id"], one["may_decide"], one["mine"]) for one in waiting] == [(made.json()["id"], True, False)]
    approved = chief.post(f"{place}/approve")
    assert approved.json()["state"] == "approved"
    assert chief.post(f"{place}/approve").json() == approved.json()
    assert chief.post(f"{place}/refuse").json()["code"] == "export_settled"
    assert chief.post(f"{place}/file").status_code == 404  # who approves gets nothing
    answer = worker.post(f"{place}/file")
    assert answer.headers["Cache-Control"] == "no-store"
    head, *rows = cells(answer)
    assert len(rows) == 2
    told = [dict(zip(head, row, strict=True)) for row in rows]
    by_name = {row["Name"]: row for row in told}
    assert set(by_name) == {NAME, "'=1+1"}
    first = by_name[NAME]
    mark = first["Watermark"]
    assert made.json()["id"][-8:] in mark
    assert all(row["Watermark"] == mark for row in told)
    book = load_workbook(io.BytesIO(answer.content))
    assert mark in str(book.worksheets[0].oddFooter.center.text)
    notes = {row[0].value: row[1].value for row in book.worksheets[1].rows}
    assert notes["Watermark"] == mark
    assert notes["Approved by"]
    with in_locality(locality):
        looked = AuditRow.objects.filter(action="resident.export").order_by("id")
        assert [int(row.subject_id) for row in looked] == [people[0].pk, people[1].pk]
        assert {row.purpose for row in looked} == {"statistics"}
        steps = AuditRow.objects.filter(subject_kind="export").order_by("id").values_list("action", flat=True)
        assert list(steps) == ["export.asked", "export.approved", "export.downloaded"]
        assert Export.objects.get().downloads == 1
    said = caplog.text + str(dict(answer.headers)) + made.content.decode()
    assert [word for word in (NAME, PHONE, NUMBER, ELSEWHERE) if word in said] == []


def test_masked_unless_asked_for_and_never_more_than_the_hat_may_reveal(
    worker: Api, chief: Api, people: list[Resident], world: World, locality: str
) -> None:
    made = ask(worker).json()
    chief.post(f"/register/exports/{made['id']}/approve")
    _, *rows = cells(worker.post(f"/register/exports/{made['id']}/file"))
    values = {str(value) for row in rows for value in row}
    assert not values & {NAME, PHONE, NUMBER, ELSEWHERE, "1990-01-01"}
    assert {"金***", "190****4321", "3501**********2373"} <= values


def test_the_own_export_is_nobodys_own_to_approve(
    chief: Api, people: list[Resident], world: World, locality: str
) -> None:
    made = ask(chief).json()
    assert made["may_decide"] is False
    assert chief.post(f"/register/exports/{made['id']}/approve").json()["code"] == "own_export"
    with in_locality(locality):
        assert Export.objects.get().state == "asked"


def test_it_runs_out_is_taken_back_and_lies_in_its_grids(
    worker: Api, chief: Api, world: World, locality: str, people: list[Resident]
) -> None:
    first, second = ask(worker).json()["id"], ask(worker).json()["id"]
    for one in (first, second):
        chief.post(f"/register/exports/{one}/approve")
    assert worker.post(f"/register/exports/{second}/withdraw").json()["state"] == "withdrawn"
    assert worker.post(f"/register/exports/{second}/file").json()["code"] == "export_settled"
    with in_locality(locality):
        Export.objects.filter(pk=first).update(expires_at=NOW - timedelta(seconds=1))
    assert worker.post(f"/register/exports/{first}/file").json()["code"] == "export_settled"
    listed = {one["id"]: one["state"] for one in worker.get("/register/exports").json()["items"]}
    assert listed == {first: "expired", second: "withdrawn"}
    scope = world.staff("worker").scope_path
    beside = next(one.scope_path for one in world.leaves if not one.scope_path.startswith(scope))
    stranger = replace(world.staff("dispatcher", scope="r."), scope_path=beside)
    with acting(Standing(locality, beside)):
        assert exports.listed(stranger, now=NOW) == []
        with pytest.raises(ExportNotFound):
            exporting.decide(stranger, UUID(first), approve=True, now=NOW)


def test_what_cannot_be_asked_for(worker: Api, people: list[Resident], monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask(worker, purpose="curiosity").json()["code"] == "purpose_unknown"
    assert ask(worker, purpose="safety").json()["code"] == "purpose_unknown"  # for premises only
    assert ask(worker, filter={"building": 1, "use": "let"}).status_code == 422
    body = {"key": str(uuid4()), "kind": "residents", "purpose": "help"}
    first, again = worker.post("/register/exports", body), worker.post("/register/exports", body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert worker.post("/register/exports", {**body, "whole": True}).json()["code"] == "key_reused"
    monkeypatch.setattr(exporting, "MOST", 1)
    assert ask(worker).json()["code"] == "export_too_large"


def test_a_large_one_asks_no_more_often_for_each_row(world: World, locality: str, people: list[Resident]) -> None:
    actor = world.staff("worker")
    with in_locality(locality):
        hat = workforce.hats_at(actor.user_id or 0, NOW)[0]
        actor = replace(actor, hat_id=hat.id)
        home = people[0].household
        Resident.objects.bulk_create(
            [Resident(pk=9000 + at, household=home, scope_path=home.scope_path, name=f"某{at}") for at in range(600)]
        )
    with acting(Standing(locality, actor.scope_path)):
        wanted = exporting.Wanted(uuid4(), exporting.Asked("residents"), whole=True, purpose="help", words="")
        row, _ = exporting.ask(actor, wanted, now=NOW)
        row.state, row.expires_at = "approved", NOW + timedelta(days=1)
        row.save()
        with counted_queries() as seen:
            made = exporting.download(actor, row.pk, now=NOW)
    assert made.rows == 602
    assert len(seen) <= 30
