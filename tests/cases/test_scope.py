"""Who sees and writes which rows, asked of the database itself: the filters of the code are left out on purpose."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import ProgrammingError, connection, transaction
from journeys.runner import standing_of
from support.people import ActingAs
from support.world import World

from onegrid.cases.flow import engine, intake
from onegrid.cases.flow.intake import Report
from onegrid.cases.permissions import Actor
from onegrid.foundation.database.context import acting

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
TABLES = ("case", "caseaction", "assignment", "clock", "casereporter", "grant", "rating", "quarantine")
OF_DEPARTMENT = {"case", "caseaction", "assignment", "clock", "grant"}
OF_RESIDENT = {"case", "caseaction", "assignment", "clock", "casereporter"}


@pytest.fixture
def two_cases(world: World, acting_as: ActingAs) -> tuple[UUID, UUID]:
    """One in each of two villages, by two residents; the first with the department UM."""
    with acting_as():
        dispatcher, officer = world.staff("dispatcher", scope="r."), world.officer("UM")
        made = []
        for number, leaf in enumerate(world.leaves[:2]):
            report = Report(key=uuid4(), words="路灯不亮", lon=leaf.lon, lat=leaf.lat, matter="TL-C0203")
            intake.report(actor=world.resident(f"r{number}"), report=report, now=NOW)
            made.append(report.key)
        for action, said in (("accept", {}), ("dispatch", {"department": str(officer.department_id)})):
            engine.act(actor=dispatcher, case_id=made[0], action=action, key=str(uuid4()), now=NOW, data=said)
        return made[0], made[1]


def seen(table: str) -> set[UUID]:
    """Case ids of the rows the database shows, by plain SQL."""
    column = "id" if table == "case" else "case_id"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT {column} FROM cases_{table}")
        return {row[0] for row in cursor.fetchall()}


def refused(sql: str, *values: Any) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.rowcount == 0
    except ProgrammingError as why:
        return "permission denied" in str(why) or "row-level security" in str(why)


def look(actor: Actor) -> dict[str, set[UUID]]:
    with acting(standing_of(actor)):
        found = {}
        for table in TABLES:
            try:
                with transaction.atomic():
                    found[table] = seen(table)
            except ProgrammingError:
                found[table] = set()
        return found


def test_a_village_sees_its_own_case_in_every_table_and_no_other(
    world: World, acting_as: ActingAs, two_cases: tuple[UUID, UUID]
) -> None:
    mine, other = two_cases
    with acting_as():
        rows = look(world.staff("secretary"))
    assert all(other not in found for found in rows.values()), rows
    assert all(mine in rows[table] for table in ("case", "caseaction", "assignment", "clock", "casereporter", "grant"))


def test_a_department_sees_what_it_was_given_without_the_reporter(
    world: World, acting_as: ActingAs, two_cases: tuple[UUID, UUID]
) -> None:
    mine, _ = two_cases
    with acting_as():
        rows, strange = look(world.officer("UM")), look(world.officer("JU"))
    assert {table for table, found in rows.items() if found} == OF_DEPARTMENT
    assert all(found <= {mine} for found in rows.values())
    assert not any(strange.values())


def test_a_resident_sees_his_own(world: World, acting_as: ActingAs, two_cases: tuple[UUID, UUID]) -> None:
    mine, _ = two_cases
    with acting_as():
        rows = look(world.resident("r0"))
    assert {table for table, found in rows.items() if found} == OF_RESIDENT
    assert all(found <= {mine} for found in rows.values())


def test_nobody_without_a_scope_sees_anything(world: World, acting_as: ActingAs, two_cases: tuple[UUID, UUID]) -> None:
    with acting_as(""):
        assert not any(seen(table) for table in TABLES)


def test_departments_and_residents_write_nothing_themselves(
    world: World, acting_as: ActingAs, two_cases: tuple[UUID, UUID]
) -> None:
    mine, _ = two_cases
    with acting_as():
        people = [world.officer("UM"), world.resident("r0")]
    for actor in people:
        with acting_as(), acting(standing_of(actor)):
            for table in TABLES:
                column = "id" if table == "case" else "case_id"
                assert refused(f"UPDATE cases_{table} SET scope_path = 'r.' WHERE {column} = %s", mine), (actor, table)
                assert refused(f"DELETE FROM cases_{table} WHERE {column} = %s", mine), (actor, table)
            assert refused("SELECT * FROM cases_receipt"), actor


def test_what_was_done_stays_done(world: World, acting_as: ActingAs, two_cases: tuple[UUID, UUID]) -> None:
    with acting_as():
        assert refused("DELETE FROM cases_caseaction")
        assert refused("UPDATE cases_caseaction SET data = '{}'")
        assert refused("UPDATE cases_caseaction SET at = now()")


def test_a_row_cannot_be_pushed_out_of_the_own_subtree(
    world: World, acting_as: ActingAs, two_cases: tuple[UUID, UUID]
) -> None:
    mine, _ = two_cases
    with acting_as():
        secretary = world.staff("secretary")
        with acting(standing_of(secretary)):
            assert refused("UPDATE cases_case SET scope_path = 'r.zz.' WHERE id = %s", mine)
