"""A throw-away locality to measure on: the fictional county of the tests, in a database of its own on the given server.

    with ground("bench_sweep") as place:
        with place.acting(): ...

The empty tables are kept as a template beside it, until a migration changes. One case is lived by the engine's own
steps; PostgreSQL copies it as often as asked. The database is dropped at the end.
"""
# ruff: noqa: PLC0415 - the settings must name the new database before anything of the product is loaded

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

ROOT = Path(__file__).resolve().parents[1]
LOCALITY = "benchland"
TEMPLATE = "bench_empty"
OWNER = """
import django
django.setup()
from onegrid.foundation.database.bootstrap import create_locality
create_locality({name!r}, "试点县", "Benchland", ordinal=0)
"""


@dataclass(frozen=True)
class Ground:
    """The planted locality. `superuser` connects to its database with its tables in sight."""

    locality: str
    superuser: str
    environment: Mapping[str, str]
    """For child processes, as the app role."""
    world: Any
    """`tests.support.world.World`."""

    def acting(self) -> Any:
        """One transaction over the whole locality."""
        from onegrid.foundation.database.context import in_locality

        return in_locality(self.locality, "demo")

    def one_case(self, now: datetime) -> UUID:
        """A case reported by a resident, accepted, dispatched and taken in hand: its handling limit runs."""
        from onegrid.cases.flow import engine, intake
        from onegrid.cases.flow.intake import Report
        from onegrid.cases.models import Assignment
        from onegrid.foundation.database.context import Standing, acting

        world = self.world
        with self.acting():
            officer, dispatcher = world.officer("UM"), world.staff("dispatcher", scope="r.")
        resident = world.resident()
        lon, lat = world.point
        report = Report(key=uuid4(), words="路灯不亮", lon=lon, lat=lat, matter="TL-C0203", channel="snap")
        with acting(Standing(self.locality, "", "resident", person=str(resident.resident_id))):
            intake.report(actor=resident, report=report, now=now)

        def step(actor: Any, where: Standing, action: str, **said: Any) -> None:
            with acting(where):
                engine.act(
                    actor=actor, case_id=report.key, action=action, key=str(uuid4()), now=now, data=said,
                    assignment=said.pop("assignment", None),
                )  # fmt: skip

        county = Standing(self.locality, "r.")
        step(dispatcher, county, "accept")
        step(dispatcher, county, "dispatch", department=str(officer.department_id))
        with self.acting():
            one = str(Assignment.objects.get(case=report.key).pk)
        department = Standing(self.locality, "", "department", department=officer.department_path)
        step(officer, department, "take", assignment=one)
        return report.key

    def copies(self, case: UUID, count: int) -> None:
        """`count` copies of a case with their actions, assignments, clocks, grants and reporters, under new keys."""
        with psycopg.connect(self.superuser, autocommit=True) as server:
            server.execute("SET session_replication_role = replica; SET synchronous_commit = off")
            key = sql.SQL("md5({} || n)::uuid")
            new = key.format(sql.Literal(str(case)))
            ids = [row[0] for row in server.execute("SELECT id FROM cases_assignment WHERE case_id = %s", [case])]
            data = sql.SQL("t.data::text")
            for one in ids:
                fresh = key.format(sql.Literal(str(one)))
                data = sql.SQL("replace({}, {}, {}::text)").format(data, sql.Literal(str(one)), fresh)
            of_assignment = sql.SQL("md5({} || n)::uuid")
            tables: list[tuple[str, str, dict[str, sql.Composable]]] = [
                ("cases_case", "id", {"id": new, "number": sql.SQL("t.number || '-' || n"),
                                      "track_code": sql.SQL("t.track_code || n")}),
                ("cases_assignment", "case_id", {"id": of_assignment.format(sql.SQL("t.id::text")), "case_id": new}),
                ("cases_caseaction", "case_id", {"id": sql.SQL("nextval('cases_caseaction_id_seq')"), "case_id": new,
                                                 "assignment": of_assignment.format(sql.SQL("t.assignment::text")),
                                                 "data": sql.SQL("({})::jsonb").format(data)}),
                ("cases_clock", "case_id", {"id": sql.SQL("nextval('cases_clock_id_seq')"), "case_id": new,
                                            "assignment_id": of_assignment.format(sql.SQL("t.assignment_id::text"))}),
                ("cases_grant", "case_id", {"id": sql.SQL("nextval('cases_grant_id_seq')"), "case_id": new}),
                ("cases_casereporter", "case_id", {"id": sql.SQL("nextval('cases_casereporter_id_seq')"),
                                                   "case_id": new}),
            ]  # fmt: skip
            for table, column, changed in tables:
                _copy(server, table, column, changed, case, count)
            server.execute("ANALYZE")


def _copy(
    server: psycopg.Connection[Any], table: str, column: str, changed: dict[str, sql.Composable], case: UUID, count: int
) -> None:
    names = [
        row[0]
        for row in server.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
            " AND attgenerated = '' ORDER BY attnum",
            [table],
        )
    ]
    query = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} AS t, generate_series(1, {}) AS n WHERE t.{} = {}").format(
        sql.Identifier(table),
        sql.SQL(", ").join(sql.Identifier(name) for name in names),
        sql.SQL(", ").join(changed.get(name, sql.SQL("t.{}").format(sql.Identifier(name))) for name in names),
        sql.Identifier(table),
        sql.Literal(count),
        sql.Identifier(column),
        sql.Literal(case),
    )
    server.execute(query)


@contextmanager
def ground(database: str) -> Iterator[Ground]:
    """The locality in a database of that name; run by `onegrid bench`, which says where the server is."""
    given = os.environ.get("ONEGRID_SUPERUSER_DSN")
    if not given:
        raise SystemExit("this needs the superuser of the data folder's own engine: run `onegrid bench …`")
    from onegrid.foundation.database.bootstrap import bootstrap

    _empty(given)
    _drop(given, database)
    os.environ |= {"DATABASE_URL": _url(given, database), "DJANGO_SETTINGS_MODULE": "onegrid.shell.config.settings"}
    try:
        with psycopg.connect(given, autocommit=True) as server:
            names = sql.Identifier(database), sql.Identifier(TEMPLATE)
            server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER onegrid_owner").format(*names))
        bootstrap(given, database)
        os.environ["ONEGRID_DB_ROLE"] = "app"
        yield _planted(make_conninfo(given, dbname=database, options=f"-c search_path={LOCALITY}"))
    finally:
        _drop(given, database)


def _url(given: str, database: str) -> str:
    return f"postgresql:///{database}?host={quote(str(conninfo_to_dict(given)['host']), safe='')}"


def _empty(given: str) -> None:
    """Make the template unless it is there and of this code."""
    from onegrid.foundation.database.bootstrap import bootstrap
    from onegrid.shell.serve.prepared import code_digest

    with psycopg.connect(given, autocommit=True) as server:
        kept = server.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [TEMPLATE]
        ).fetchone()
        if kept == (code_digest(),):
            return
        _drop(given, TEMPLATE)
        bootstrap(given, TEMPLATE)
        owner = os.environ | {
            "DATABASE_URL": _url(given, TEMPLATE),
            "DJANGO_SETTINGS_MODULE": "onegrid.shell.config.settings",
            "ONEGRID_DB_ROLE": "owner",
        }
        subprocess.run([sys.executable, "-c", OWNER.format(name=LOCALITY)], env=owner, check=True)
        server.execute(
            sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(TEMPLATE), sql.Literal(code_digest()))
        )


def _planted(superuser: str) -> Ground:
    import django

    django.setup()
    sys.path.insert(0, str(ROOT / "tests"))
    from support.world import TEST_PACKS, plant

    from onegrid.foundation.database.context import in_locality

    with in_locality(LOCALITY, "demo"):
        world = plant(TEST_PACKS, "testland", years=(2025, 2028))
    return Ground(LOCALITY, superuser, dict(os.environ), world)


def _drop(given: str, database: str) -> None:
    with psycopg.connect(given, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))
