"""Rows that leave as a workbook, are edited there and come back change in what was edited, and in nothing else."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from support.people import Api
from support.world import World

from onegrid.county.registers.models import Building, Dwelling, Household, Import, Premises, Resident, Stay
from onegrid.county.registers.services import loading
from onegrid.county.registers.services.loading import running
from onegrid.foundation.accounts.actor import SYSTEM
from onegrid.foundation.accounts.services import keys
from onegrid.foundation.database.context import Standing, acting, in_locality

NOW = datetime.now(UTC)
PEOPLE = 6
FIELDS = (
    "name",
    "sex",
    "birth_date",
    "id_number",
    "phone",
    "relation",
    "registered",
    "since",
    "household_id",
    "left_on",
)
SHOP = ("name", "kind", "code", "contact", "phone", "address", "lon", "building_id", "organisation_id")
BORN = date(1980, 1, 1)
Edits = dict[tuple[int, str], str]
"""Row from 0 and title to what is typed there."""

resident_edits = st.dictionaries(
    st.tuples(
        st.integers(0, PEOPLE - 1),
        st.sampled_from(["Name", "Phone", "Relation to head", "Registered", "Lives here since"]),
    ),
    st.integers(0, 9),
    max_size=8,
)


def numbered(order: int) -> str:
    """An invented identity number of the day everybody here was born, for a man."""
    body = f"35019919800101{order * 2 + 1:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(a) * b for a, b in zip(body, weights, strict=True)) % 11]


@pytest.fixture
def people(world: World, locality: str) -> list[int]:
    """Six residents in three homes of the worker's grid."""
    with in_locality(locality):
        leaf = next(one for one in world.leaves if one.scope_path.startswith(world.staff("worker").scope_path))
        place = {"grid_id": leaf.id, "scope_path": leaf.scope_path}
        building = Building.objects.create(name="前街1号", code="B1", lon=leaf.lon, lat=leaf.lat, units=3, **place)
        found = []
        for home_number in range(3):
            label = f"{home_number + 1}单元101"
            dwelling = Dwelling.objects.create(
                building=building, label=label, unit=str(home_number + 1), floor=1, room="101", **place
            )
            home = Household.objects.create(dwelling=dwelling, number=f"H{home_number}", people=2, **place)
            for relation in ("head", "spouse"):
                found.append(
                    Resident.objects.create(
                        household=home, scope_path=leaf.scope_path, name=f"试{'甲乙丙丁戊己'[len(found)]}", sex=1,
                        birth_year=BORN.year, birth_date=BORN.isoformat(), id_kind="id_card",
                        id_number=numbered(len(found)), phone=f"1900000{len(found):04d}", relation=relation,
                        registered="local", since=date(2020, 1, 1),
                    ).pk
                )  # fmt: skip
        return found


def token(world: World, locality: str, kind: str, **where: Any) -> Api:
    api = Api(locality)
    with in_locality(locality):
        api.token = keys.make(user_id=world.staff(kind, **where).user_id, kind="token", label="t", now=NOW)[1]
    return api


def exported(worker: Api, chief: Api, kind: str, *, whole: bool) -> bytes:
    """The workbook, asked for and agreed to."""
    body = {"key": str(uuid4()), "kind": kind, "purpose": "statistics", "words": "核对", "whole": whole}
    made = worker.post("/register/exports", body)
    assert made.status_code == 201, made.content
    assert chief.post(f"/register/exports/{made.json()['id']}/approve").status_code == 200
    answer = worker.post(f"/register/exports/{made.json()['id']}/file")
    assert answer.status_code == 200, answer.content
    return bytes(answer.content)


def edited(book: bytes, edits: Edits, path: Path) -> dict[int, dict[str, str]]:
    """Type the edits into the workbook; gives row of the register → title → what was typed."""
    loaded = load_workbook(io.BytesIO(book))
    page = loaded.worksheets[0]
    titles = [cell.value for cell in page[1]]
    typed: dict[int, dict[str, str]] = {}
    for (row, title), value in edits.items():
        cells = page[row + 2]
        cells[titles.index(title)].value = value
        typed.setdefault(int(cells[0].value), {})[title] = value
    loaded.save(path)
    return typed


def imported(locality: str, path: Path, kind: Any) -> Import:
    standing = Standing(locality, "r.")
    with acting(standing):
        table = loading.files.opened(path)
        mapping = loading.files.whole_mapping(table, kind, {})
        digest = loading.files.digest_of(path)
        run = loading.begin(
            SYSTEM, loading.Draft(kind, path.name, digest, mapping, table.total, table.encoding), at=NOW
        )
        run = loading.take_up(run.pk, at=NOW)
    return running.Running(locality, run, lambda: path, lambda: NOW, beside=False).go()


def rows(model: Any, fields: tuple[str, ...]) -> dict[int, dict[str, Any]]:
    """Everything the register holds, by row."""
    return {one.pk: {name: getattr(one, name) for name in (*fields, "version")} for one in model.objects.all()}


KINDS_OF_RELATION = {"Head of the household": "head", "Spouse": "spouse", "Son": "son", "Tenant": "tenant"}
PLACES = {"Registered here": "local", "Registered elsewhere": "elsewhere"}


def wanted(title: str, number: int) -> tuple[str, str, Any]:
    """What is typed for a drawn number, the field it lands in, and what the register should say then."""
    match title:
        case "Name":
            typed = f"试新{'甲乙丙丁戊己庚辛壬癸'[number]}"
            return typed, "name", typed
        case "Phone":
            typed = f"1900099{number:04d}" if number else ""
            return typed, "phone", typed or None
        case "Lives here since":
            typed = f"2021/{number + 1}/5"
            return typed, "since", date(2021, number + 1, 5)
        case "Registered":
            typed = list(PLACES)[number % 2]
            return typed, "registered", PLACES[typed]
    typed = list(KINDS_OF_RELATION)[number % 4]
    return typed, "relation", KINDS_OF_RELATION[typed]


@given(drawn=resident_edits, whole=st.booleans())
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_only_what_was_edited_changes(
    people: list[int], world: World, locality: str, tmp_path: Path, drawn: dict[tuple[int, str], int], whole: bool
) -> None:
    worker, chief = token(world, locality, "worker"), token(world, locality, "dispatcher", scope="r.")
    with in_locality(locality):
        before, stays = rows(Resident, FIELDS), Stay.objects.count()
    path = tmp_path / f"{uuid4()}.xlsx"
    book = exported(worker, chief, "residents", whole=whole)
    edits = {(row, title): wanted(title, number)[0] for (row, title), number in drawn.items()}
    typed = edited(book, edits, path)
    run = imported(locality, path, "residents")
    for key, cells in typed.items():
        by_text = {wanted(title, number)[0]: wanted(title, number) for (_, title), number in drawn.items()}
        after = {by_text[value][1]: by_text[value][2] for value in cells.values()}
        changed = {name: value for name, value in after.items() if before[key][name] != value}
        before[key] |= changed
        before[key]["version"] += bool(changed)
    with in_locality(locality):
        assert rows(Resident, FIELDS) == before
        assert Stay.objects.count() == stays
    assert (run.state, run.bad, run.added, run.changed + run.same) == ("done", 0, 0, PEOPLE)


def test_a_row_somebody_changed_meanwhile_is_told_and_stays(
    people: list[int], world: World, locality: str, tmp_path: Path
) -> None:
    worker, chief = token(world, locality, "worker"), token(world, locality, "dispatcher", scope="r.")
    book = exported(worker, chief, "residents", whole=True)
    with in_locality(locality):
        Resident.objects.filter(pk=people[0]).update(relation="tenant", version=2)
    edited(book, {(row, "Relation to head"): "Son" for row in (0, 1)}, tmp_path / "a.xlsx")
    run = imported(locality, tmp_path / "a.xlsx", "residents")
    assert (run.changed, run.same, run.bad) == (1, 4, 1)
    with in_locality(locality):
        told = dict(Resident.objects.filter(pk__in=people[:2]).values_list("pk", "relation"))
    assert told == {people[0]: "tenant", people[1]: "son"}


def test_formulas_come_back_as_the_words_they_were(
    people: list[int], world: World, locality: str, tmp_path: Path
) -> None:
    """A shop that calls itself =1+1 leaves harmless and comes back unchanged."""
    with in_locality(locality):
        leaf = world.leaf
        place = {"grid_id": leaf.id, "scope_path": leaf.scope_path}
        for number, name in enumerate(("=1+1", "+886 面馆", "-如意-", "@家", "如意面馆")):
            Premises.objects.create(
                name=name, code=f"P{number}", kind="shop", contact="试甲", phone="19000000001", **place
            )
        before = rows(Premises, SHOP)
    admin = token(world, locality, "dispatcher", scope="r.")
    worker = token(world, locality, "worker")
    book = exported(worker, admin, "premises", whole=False)
    path = tmp_path / "shops.xlsx"
    edited(book, {(4, "Name of premises"): "如意饭店"}, path)
    run = imported(locality, path, "premises")
    assert (run.bad, run.changed, run.same) == (0, 1, 4)
    last = max(before)
    before[last] |= {"name": "如意饭店", "version": 2}
    with in_locality(locality):
        assert rows(Premises, SHOP) == before
