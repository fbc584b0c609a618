"""The catalogue's own account of access: every protected table, every policy, and what happens when one is missing.

The mutation test fills every protected table with one row inside and one row outside, asks as app, department and
resident what can be seen, added, changed and deleted, then drops or opens each policy in turn: an answer must change.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from support.cluster import copy_database
from support.policies import OPEN_TO_ADD, OPEN_TO_READ, Probe, fill, probe, protected_tables

SCHEMA = "testland"
THE_MAP = {"grids_grid", "grids_mapfeature"}
"""Grids, streets and houses: nothing personal, everybody reads them, who may change them is a matter of duties."""


@dataclass(frozen=True)
class Policy:
    """One policy as the catalogue has it."""

    table: str
    name: str
    command: str
    roles: tuple[str, ...]
    using: str | None
    check: str | None

    def opened(self) -> str | None:
        """The same policy letting everything pass; None when it does already."""
        if {self.using, self.check} <= {None, "true"}:
            return None
        using = " USING (true)" if self.using is not None else ""
        check = " WITH CHECK (true)" if self.check is not None else ""
        roles = ", ".join(self.roles)
        return f'CREATE POLICY {self.name} ON "{SCHEMA}".{self.table} FOR {self.command} TO {roles}{using}{check}'


@pytest.fixture(scope="module")
def spare(django_db_setup: None) -> Iterator[str]:
    """A database of its own to break; the connection string of its superuser."""
    name = f"policies_{os.getpid()}"
    copy_database(os.environ["ONEGRID_TEST_DSN"], name)
    yield make_conninfo(os.environ["ONEGRID_TEST_DSN"], dbname=name)
    with psycopg.connect(os.environ["ONEGRID_TEST_DSN"], autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="module")
def admin(spare: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(spare, autocommit=True) as connection:
        connection.execute(f'SET search_path = "{SCHEMA}"')
        yield connection


def policies(admin: psycopg.Connection[Any]) -> list[Policy]:
    rows = admin.execute(
        "SELECT tablename, policyname, cmd, roles::text[], qual, with_check FROM pg_policies WHERE schemaname = %s"
        " ORDER BY tablename, policyname",
        [SCHEMA],
    ).fetchall()
    return [Policy(table, name, cmd, tuple(roles), using, check) for table, name, cmd, roles, using, check in rows]


def test_every_table_with_a_scope_is_protected_for_all_four_commands(admin: psycopg.Connection[Any]) -> None:
    rows = admin.execute(
        "SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity FROM pg_class c JOIN pg_attribute a ON"
        " a.attrelid = c.oid AND a.attname = 'scope_path' WHERE c.relkind IN ('r', 'p')"
        " AND c.relnamespace = %s::regnamespace",
        [SCHEMA],
    ).fetchall()
    assert {name for name, _, _ in rows} >= THE_MAP
    rows = [row for row in rows if row[0] not in THE_MAP]
    assert len(rows) >= 10
    assert [row for row in rows if not (row[1] and row[2])] == []
    for table, _, _ in rows:
        commands = {p.command for p in policies(admin) if p.table == table and "onegrid_app" in p.roles}
        assert commands == {"SELECT", "INSERT", "UPDATE", "DELETE"}, table


def test_no_policy_is_for_everybody_and_none_wraps_the_setting(admin: psycopg.Connection[Any]) -> None:
    for policy in policies(admin):
        assert "public" not in policy.roles, policy
        for expression in (policy.using or "", policy.check or ""):
            assert "SELECT current_setting" not in expression, policy
            assert expression.count("current_setting") == expression.count("NULLIF(current_setting"), policy


def test_every_table_has_a_key_and_none_has_a_trigger(admin: psycopg.Connection[Any]) -> None:
    without = admin.execute(
        "SELECT relname FROM pg_class c WHERE relkind = 'r' AND relnamespace = %s::regnamespace"
        " AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'p')",
        [SCHEMA],
    ).fetchall()
    triggers = admin.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal").fetchall()
    definers = admin.execute(
        "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = %s::regnamespace", [SCHEMA]
    ).fetchall()
    assert (without, triggers, definers) == ([], [], [])


def test_sign_in_tables_are_out_of_reach_of_departments_and_residents(admin: psycopg.Connection[Any]) -> None:
    open_ones = admin.execute(
        "SELECT c.relname, r.rolname FROM pg_class c, pg_roles r WHERE c.relnamespace = %s::regnamespace"
        " AND c.relkind = 'r' AND (c.relname LIKE 'accounts%%' OR c.relname LIKE 'messages%%')"
        " AND r.rolname IN ('onegrid_department', 'onegrid_resident', 'onegrid_backup')"
        " AND has_table_privilege(r.oid, c.oid, 'SELECT') AND r.rolname <> 'onegrid_backup'",
        [SCHEMA],
    ).fetchall()
    assert open_ones == []


def test_roles_are_as_weak_as_they_should_be(admin: psycopg.Connection[Any]) -> None:
    rows = admin.execute(
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcanlogin FROM pg_roles WHERE rolname LIKE 'onegrid%'"
        " ORDER BY 1"
    ).fetchall()
    assert rows == [
        ("onegrid_app", False, False, False, True),
        ("onegrid_backup", False, True, False, True),
        ("onegrid_department", False, False, False, False),
        ("onegrid_owner", False, False, False, True),
        ("onegrid_resident", False, False, False, False),
    ]
    inherits = admin.execute(
        "SELECT inherit_option FROM pg_auth_members WHERE member = 'onegrid_app'::regrole"
    ).fetchall()
    assert inherits == [(False,), (False,)]


def test_each_policy_is_missed_when_it_is_dropped_or_opened(spare: str, admin: psycopg.Connection[Any]) -> None:
    tables = protected_tables(admin, SCHEMA)
    fill(admin, SCHEMA, tables)
    with psycopg.connect(make_conninfo(spare, user="onegrid_app")) as app:
        before = {table: probe(app, SCHEMA, table, columns) for table, columns in tables.items()}
        for table, answers in before.items():
            _assert_sound(table, answers)
        survivors = []
        for policy in policies(admin):
            create = admin.execute(
                "SELECT format('CREATE POLICY %%I ON %%I.%%I FOR %%s TO %%s', policyname, schemaname, tablename, cmd,"
                " array_to_string(roles, ', ')) || coalesce(' USING (' || qual || ')', '')"
                " || coalesce(' WITH CHECK (' || with_check || ')', '')"
                " FROM pg_policies WHERE schemaname = %s AND policyname = %s",
                [SCHEMA, policy.name],
            ).fetchone()
            assert create
            drop = f'DROP POLICY {policy.name} ON "{SCHEMA}".{policy.table}'
            for mutant in ("dropped", "opened"):
                replacement = policy.opened() if mutant == "opened" else ""
                if replacement is None or not _reachable(admin, policy):
                    continue
                admin.execute(drop)
                if replacement:
                    admin.execute(replacement)
                if probe(app, SCHEMA, policy.table, tables[policy.table]) == before[policy.table]:
                    survivors.append(f"{policy.name} {mutant}")
                if replacement:
                    admin.execute(drop)
                admin.execute(create[0])
    assert survivors == []


def _assert_sound(table: str, answers: Probe) -> None:
    """What the unbroken rules must answer."""
    seen, added = answers["app sees"], answers["app adds outside"]
    assert seen == ("both" if table in OPEN_TO_READ else "inside"), (table, answers)
    assert (added == "done") == (table in OPEN_TO_ADD), (table, answers)
    assert answers["app adds inside"] == "done", (table, answers)
    assert answers["app moves out"] != "1", (table, answers)
    for command in ("changes", "deletes"):
        assert answers[f"app {command} all"] in {"1", "forbidden"}, (table, answers)
    assert answers["nobody sees"] == ("both" if table in OPEN_TO_READ else "none"), (table, answers)


def _reachable(admin: psycopg.Connection[Any], policy: Policy) -> bool:
    """Whether any of the policy's roles holds the privilege at all; without it the policy is a second lock."""
    for role in policy.roles:
        kind = "has_any_column_privilege" if policy.command in {"SELECT", "INSERT", "UPDATE"} else "has_table_privilege"
        row = admin.execute(
            f"SELECT {kind}(%s, %s, %s)", [role, f'"{SCHEMA}".{policy.table}', policy.command]
        ).fetchone()
        if row and row[0] and role != "onegrid_owner":
            return True
    return False
