"""What was kept long enough is gone: from every table, every column, sealed or open, and nothing else is."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, models
from support.people import Api
from support.world import TEST_PACKS, World, plant

from onegrid.county.registers import tasks
from onegrid.county.registers.models import (
    Account,
    Building,
    Care,
    CareHelper,
    CareVisit,
    Change,
    Duplicate,
    Dwelling,
    Employment,
    Export,
    Household,
    Import,
    ImportBatch,
    LookCount,
    Organisation,
    Request,
    Resident,
    Returnee,
    SearchTerms,
    Stay,
    Tenure,
)
from onegrid.county.registers.rules.section import KEPT
from onegrid.county.registers.selectors import choices, own
from onegrid.county.registers.services import looks, retention, search
from onegrid.foundation.accounts.services import keys
from onegrid.foundation.database import rotation
from onegrid.foundation.database.context import in_locality
from onegrid.foundation.database.fields import blind, open_cell
from onegrid.foundation.journal.models import AuditRow

NOW = datetime.now(UTC)
TODAY = NOW.date()
CANARY, CANARY_PHONE, CANARY_ID = "金丝雀庚", "19000007777", "350199199001012373"
CANARIES = (CANARY, CANARY_PHONE, CANARY_ID, "金丝雀")
KEEPER = "白头翁辛"
LONG_AGO = NOW - timedelta(days=1500)


def person(world: World, name: str, door: str, **more: Any) -> Resident:
    """A resident with everything that can hang on one. Under root scope."""
    leaf = world.leaf
    place = {"grid_id": leaf.id, "scope_path": leaf.scope_path}
    building, _ = Building.objects.get_or_create(name="西街1号", defaults={**place, "lon": leaf.lon, "lat": leaf.lat})
    dwelling = Dwelling.objects.create(building=building, label=door, **place)
    home = Household.objects.create(dwelling=dwelling, **place)
    path = {"scope_path": leaf.scope_path}
    row = Resident.objects.create(household=home, name=name, sex=2, since=date(2015, 1, 1), **path, **more)
    search.remember([row])
    Stay.objects.create(resident=row, dwelling=dwelling, household=home.pk, until=TODAY, **path)
    Tenure.objects.create(dwelling=dwelling, role="owner", resident=row, name=name, **path)
    firm = Organisation.objects.create(grid_id=leaf.id, name="某厂", **path)
    Employment.objects.create(resident=row, organisation=firm, **path)
    care = Care.objects.create(
        key=uuid4(), body="", resident=row, needs=["aged"], plan=f"{name}的女儿每天来", every_days=30,
        next_due=TODAY, begun_on=TODAY, **path,
    )  # fmt: skip
    CareHelper.objects.create(care=care, role="family", name=name, phone=more.get("phone"), **path)
    CareVisit.objects.create(
        id=uuid4(), care=care, user=1, at=NOW, received_at=NOW, outcome="met", note=f"{name}身体好", body="", **path
    )
    Change.objects.create(
        kind="residents", row=row.pk, action="changed", fields=["name"], before=f'{{"name": "{name}"}}',
        after=f'{{"phone": "{more.get("phone")}"}}', source="desk", version=2, at=NOW, **path,
    )  # fmt: skip
    Account.objects.create(account=uuid4(), resident=row, linked_at=NOW, seen_at=NOW)
    looks.look(world.staff("worker"), [(row.pk, leaf.scope_path)], how="reveal", purpose="help", now=NOW)
    return row


def found(words: tuple[str, ...]) -> list[str]:
    """Every place in the locality where one of the words lies, read past all policies; sealed values opened."""
    places: list[str] = []
    sealed = {one.table: one for one in rotation.tables()}
    with psycopg.connect(os.environ["ONEGRID_TEST_DSN"], dbname=settings.DATABASES["default"]["NAME"]) as admin:
        tables = admin.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'testland'").fetchall()
        for (table,) in tables:
            rows = admin.execute(f"SELECT to_jsonb(t)::text FROM testland.{table} t").fetchall()
            places += [f"{table}: {word}" for (row,) in rows for word in words if word in row]
            if table not in sealed:
                continue
            model = sealed[table].model
            for column in sealed[table].columns:
                cells = admin.execute(
                    f"SELECT {model._meta.pk.column}, {column} FROM testland.{table} WHERE {column} IS NOT NULL"
                ).fetchall()
                opened = [open_cell(model, column, key, value) for key, value in cells]
                places += [f"{table}.{column}: {word}" for text in opened for word in words if word in text]
            places += blind_hits(admin, model)
    return places


def blind_hits(admin: psycopg.Connection[Any], model: type[models.Model]) -> list[str]:
    """Blind indexes under which the canary would still be found."""
    hits = []
    for field, value in (("phone_index", CANARY_PHONE), ("id_index", CANARY_ID)):
        if model is Resident:
            asked = f"SELECT count(*) FROM testland.{model._meta.db_table} WHERE {field} = %s"
            (count,) = admin.execute(asked, [blind(model, field, value)]).fetchone() or (0,)
            hits += [f"{field}: {value}"] * count
    return hits


@pytest.fixture
def world(transactional_db: None) -> World:
    with in_locality("testland"):
        return plant(TEST_PACKS, "testland")


def test_a_table_scan_finds_no_canary_and_the_neighbour_is_whole(world: World) -> None:
    with in_locality("testland"):
        canary = person(world, CANARY, "101", phone=CANARY_PHONE, id_number=CANARY_ID, birth_date="1990-01-01")
        keeper = person(world, KEEPER, "102", phone="19000008888")
        Duplicate.objects.create(
            one=canary, other=keeper, why=["by_hand"], likeness=0.9, at=NOW, scope_path=world.leaf.scope_path
        )
        before = counts()
        Resident.objects.filter(pk=canary.pk).update(left_on=LONG_AGO.date())
    connection.close()
    assert len(found(CANARIES)) >= 10  # it is everywhere
    assert tasks.purge("testland", NOW) >= 1
    assert found(CANARIES) == []
    with in_locality("testland"):
        after = counts()
        assert after == {name: (before[name] if name == "Building" else before[name] // 2) for name in before} | {
            "Duplicate": 0,
            "Dwelling": 2,
            "Household": 2,
            "Organisation": 2,
            "Change": 3,
        }
        assert Resident.objects.get().name == KEEPER
        assert Change.objects.filter(row=canary.pk, action="gone").count() == 1  # other systems are told
        assert Change.objects.get(row=keeper.pk).before
        assert AuditRow.objects.filter(subject_kind="resident", subject_id=str(canary.pk)).exists()  # the look stays
    assert tasks.purge("testland", NOW) == 0


COUNTED = (
    Building, Dwelling, Household, Organisation, Resident, Stay, Tenure, Employment, Care, CareHelper, CareVisit,
    Change, Account, Duplicate, SearchTerms,
)  # fmt: skip


def counts() -> dict[str, int]:
    """Rows by model."""
    return {model.__name__: model._default_manager.count() for model in COUNTED}


def test_each_rule_at_its_day(world: World) -> None:
    """A day before it nothing goes, a day after it everything does."""
    with in_locality("testland"):
        days = {key: one.days for key, one in choices.keeping().items()}
        one = person(world, KEEPER, "103")
        path = {"scope_path": world.leaf.scope_path}
        Stay.objects.update(until=TODAY)
        Tenure.objects.update(until=TODAY)
        Employment.objects.update(until=TODAY)
        Care.objects.update(ended_at=NOW, ended_why="moved")
        run = Import.objects.create(
            kind="residents", name="a.csv", digest="", state="done", created_at=NOW, finished_at=NOW, **path
        )
        ImportBatch.objects.create(run=run, first_row=2, last_row=3, problems=[[2, "phone", "190****", "bad", {}]],
            at=NOW, **path)  # fmt: skip
        Returnee.objects.create(
            id=uuid4(), body="", resident=uuid4(), grid_id=world.leaf.id, name=KEEPER, phone="19000008888",
            came_from="外省", address="老家", arrives_on=TODAY, over_on=TODAY, created_at=NOW, people=1,
            lon=world.leaf.lon, lat=world.leaf.lat, **path,
        )  # fmt: skip
        Request.objects.create(
            id=uuid4(), account=uuid4(), resident=one.pk, kind="erase", case=uuid4(), number="X", track_code="Y",
            asked_at=NOW, due_on=TODAY,
        )  # fmt: skip
        Export.objects.create(
            id=uuid4(), kind="residents", filter="{}", purpose="help", rows=1, asked_by=1, asked_hat=1, asked_at=NOW,
            **path,
        )  # fmt: skip
        LookCount.objects.update(day=TODAY)
    parts: Mapping[str, tuple[Any, timedelta]] = {
        "stays": (Stay, timedelta()),
        "tenures": (Tenure, timedelta()),
        "employments": (Employment, timedelta()),
        "imports": (ImportBatch, timedelta()),
        "cares": (CareVisit, timedelta()),
        "returnees": (Returnee, timedelta()),
        "accounts": (Account, timedelta()),
        "exports": (Export, retention.ROWS_KEPT),
    }
    for key, (model, more) in parts.items():
        for day, left in ((-1, 1), (2, 0)):
            with in_locality("testland"):
                retention.purge(key, now=NOW + timedelta(days=days[key] + day) + more)
                assert model._default_manager.count() == left, (key, day)
    with in_locality("testland"):
        assert retention.purge("changes", now=NOW + timedelta(days=days["changes"] - 1)) == 0
        assert retention.purge("changes", now=NOW + timedelta(days=days["changes"] + 1)) == 1
        changed = Change.objects.get()
        assert (changed.before, changed.after, changed.fields) == (None, None, ["name"])
        assert Resident.objects.count() == 1
        assert retention.purge("residents", now=NOW + timedelta(days=9999)) == 0  # he lives here


def test_every_part_has_a_purge_and_every_personal_table_a_part() -> None:
    """A new table of the registers is either purged with somebody, by a rule, or says here why it is not."""
    assert set(retention.PURGES) == set(KEPT)
    scanned = {model.__name__ for model in COUNTED} | {
        "Import", "ImportBatch", "Export", "LookCount", "Request", "Returnee",
    }  # fmt: skip
    not_about_persons = {"Premises", "Consumer", "ConsumerFetch", "ChangeReceipt"}
    """Premises name a contact at work; receipts go after a month by their own job; consumers are
    systems, and what they fetched is counted."""
    names = {model.__name__ for model in apps.get_app_config("registers").get_models()}
    assert names - scanned - not_about_persons == set()


def test_on_request_at_once(world: World) -> None:
    with in_locality("testland"):
        canary = person(world, CANARY, "104", phone=CANARY_PHONE, id_number=CANARY_ID)
        tokens = {
            kind: keys.make(user_id=world.staff(kind).user_id, kind="token", label="t", now=NOW)[1]
            for kind in ("worker", "administrator")
        }
    connection.close()
    place = f"/register/residents/{canary.pk}/erase"
    api = Api("testland")
    assert api.post(place, {"reason": "本人申请"}).status_code == 401
    api.token = tokens["worker"]
    assert api.post(place, {"reason": "本人申请"}).status_code == 403
    api.token = tokens["administrator"]
    assert api.post(place, {"reason": " "}).status_code == 422
    assert api.post(place, {"reason": "事件 TL-1"}).status_code == 204
    assert api.post(place, {"reason": "事件 TL-1"}).status_code == 404
    assert found(CANARIES) == []
    with in_locality("testland"):
        assert Change.objects.filter(row=canary.pk, action="gone").exists()  # other systems are told
        assert AuditRow.objects.get(action="resident.erase").subject_id == str(canary.pk)


def test_what_was_merged_goes_too(world: World) -> None:
    """Entered twice and made one: the other entry's changes go with the person, and its looks are his."""
    with in_locality("testland"):
        keep = person(world, CANARY, "105")
        other = person(world, CANARY, "106", phone=CANARY_PHONE)
        path = {"scope_path": world.leaf.scope_path}
        Change.objects.create(
            kind="residents", row=keep.pk, action="merged", fields=[], after="{}", source="merge", version=3, at=NOW,
            before=json.dumps({"_gone": {"id": other.pk, "name": CANARY}, "_moved": {}}), **path,
        )  # fmt: skip
        account = Account.objects.get(resident=keep).account
        Resident.objects.filter(pk=other.pk).delete()
        seen, _ = own.looks_at(keep.pk, account, lang="zh-CN")
        assert len(seen) == 2
        assert all(own.is_look_at(keep.pk, one.id) for one in seen)
        search.forget("residents", [other.pk])
        Tenure.objects.all().delete()
        Resident.objects.filter(pk=keep.pk).update(died_on=LONG_AGO.date())
    connection.close()
    assert found(CANARIES)
    tasks.purge("testland", NOW)
    assert found(CANARIES) == []
