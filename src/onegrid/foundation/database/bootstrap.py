"""Preparing a server and a locality: roles, database, privileges, schema, migrations.

`bootstrap` needs a superuser's connection and runs once per database. Everything
else runs as the owner (`ONEGRID_DB_ROLE=owner`). Both may be repeated.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple

import psycopg
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql
from psycopg.conninfo import make_conninfo

from onegrid.foundation.database import localities
from onegrid.foundation.database.fields import cipher, key_file
from onegrid.foundation.database.localities import COLUMNS, Locality
from onegrid.foundation.database.roles import APP, BACKUP, DEPARTMENT, OWNER, RESIDENT, SERVING
from onegrid.foundation.database.standing import NAME, ROOT, Standing, _current
from onegrid.foundation.kernel.errors import ProgrammingMistake
from onegrid.foundation.kernel.sealed import ensure_ring

ATTRIBUTES = {
    OWNER: "LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS",
    APP: "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE",
    DEPARTMENT: "NOLOGIN NOSUPERUSER NOBYPASSRLS",
    RESIDENT: "NOLOGIN NOSUPERUSER NOBYPASSRLS",
    BACKUP: "LOGIN NOSUPERUSER BYPASSRLS",
}

LOCALITY_TABLE = """
CREATE TABLE IF NOT EXISTS public.onegrid_locality (
    name text PRIMARY KEY, title_zh text NOT NULL, title_en text NOT NULL, host text NOT NULL DEFAULT '',
    pack_path text NOT NULL DEFAULT '', pack_version text NOT NULL DEFAULT '', ordinal integer NOT NULL DEFAULT 0)
"""


def bootstrap(dsn: str, database: str = "onegrid") -> None:
    """Create roles, the database, privileges and the table of localities. `dsn` is a superuser's, to any database."""
    with psycopg.connect(dsn, autocommit=True) as server:
        _create_roles(server)
        found = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone()
        if found is None:
            server.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(database), sql.Identifier(OWNER))
            )
    with psycopg.connect(make_conninfo(dsn, dbname=database)) as inside:
        for statement in _privileges(database):
            inside.execute(statement)


def _create_roles(server: psycopg.Connection) -> None:
    for role, attributes in ATTRIBUTES.items():
        found = server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
        verb = "CREATE" if found is None else "ALTER"
        server.execute(sql.SQL(f"{verb} ROLE {{}} {attributes}").format(sql.Identifier(role)))
    for role in (DEPARTMENT, RESIDENT):
        # SET without INHERIT: the app may become the role, but the role's policies do not apply to the app itself.
        server.execute(
            sql.SQL("GRANT {} TO {} WITH INHERIT FALSE, SET TRUE").format(sql.Identifier(role), sql.Identifier(APP))
        )
    for role in (OWNER, APP):
        server.execute(sql.SQL("ALTER ROLE {} SET search_path = public").format(sql.Identifier(role)))
        # Every question is small and many are asked at once: starting helpers costs more than they bring.
        server.execute(sql.SQL("ALTER ROLE {} SET max_parallel_workers_per_gather = 0").format(sql.Identifier(role)))


def _privileges(database: str) -> Iterator[sql.Composed | sql.SQL]:
    """Default privileges are per database and cover every schema the owner will make."""
    name, owner = sql.Identifier(database), sql.Identifier(OWNER)
    everyone = sql.SQL(", ").join(sql.Identifier(role) for role in ATTRIBUTES)
    serving = sql.SQL(", ").join(sql.Identifier(role) for role in SERVING)
    app, backup = sql.Identifier(APP), sql.Identifier(BACKUP)
    yield sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name)
    yield sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(name, everyone)
    yield sql.SQL("GRANT CREATE ON DATABASE {} TO {}").format(name, owner)
    yield sql.SQL("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    yield sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(everyone)
    yield sql.SQL("GRANT CREATE ON SCHEMA public TO {}").format(owner)
    change = sql.SQL("ALTER DEFAULT PRIVILEGES FOR ROLE {} GRANT ").format(owner)
    yield change + sql.SQL("USAGE ON SCHEMAS TO {}, {}").format(serving, backup)
    yield change + sql.SQL("SELECT, INSERT, UPDATE ON TABLES TO {}").format(serving)
    yield change + sql.SQL("DELETE ON TABLES TO {}").format(app)
    yield change + sql.SQL("SELECT ON TABLES TO {}").format(backup)
    yield change + sql.SQL("USAGE ON SEQUENCES TO {}").format(serving)
    yield change + sql.SQL("SELECT ON SEQUENCES TO {}").format(backup)
    yield change + sql.SQL("EXECUTE ON FUNCTIONS TO {}").format(serving)
    yield sql.SQL(LOCALITY_TABLE)
    yield sql.SQL("ALTER TABLE public.onegrid_locality OWNER TO {}").format(owner)
    yield sql.SQL("GRANT SELECT ON public.onegrid_locality TO {}, {}").format(serving, backup)


def create_locality(
    name: str,
    title_zh: str,
    title_en: str,
    *,
    host: str = "",
    pack_path: str = "",
    pack_version: str = "",
    ordinal: int = 0,
) -> Locality:
    """Create the schema of a locality, run all migrations in it, list it. As the owner; may be repeated."""
    if not NAME.fullmatch(name) or name in {"public", "information_schema"} or name.startswith("pg_"):
        raise ValueError(f"{name!r} cannot be the name of a locality")
    row = Locality(name, title_zh, title_en, host, pack_path, pack_version, ordinal)
    if not localities.refresh():
        ensure_ring(key_file(), cipher())
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE SCHEMA IF NOT EXISTS "{name}"')
    migrate_locality(name)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO public.onegrid_locality ({COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s)"  # noqa: S608
            " ON CONFLICT (name) DO UPDATE SET title_zh = excluded.title_zh, title_en = excluded.title_en,"
            " host = excluded.host, pack_path = excluded.pack_path, pack_version = excluded.pack_version,"
            " ordinal = excluded.ordinal",
            astuple(row),
        )
    localities.refresh()
    return row


def migrate_locality(name: str) -> None:
    """Run all migrations in one schema, as the owner."""
    with _inside(name):
        _refuse_serving_role()
        call_command("migrate", interactive=False, verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {', '.join(SERVING)}")


def migrate_all() -> list[str]:
    """Run all migrations in every locality; their names."""
    names = [locality.name for locality in localities.refresh().values()]
    for name in names:
        migrate_locality(name)
    return names


def pending_migrations(name: str) -> list[str]:
    """Migrations on disk that the locality has not had; empty when it may be served."""
    with _inside(name):
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def role_faults() -> list[str]:
    """Why the connected role must not serve: superuser, past row security, or owner of tables. Empty when fine."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.rolname, r.rolsuper, r.rolbypassrls, r.rolcreaterole,"
            " EXISTS (SELECT 1 FROM pg_class c WHERE c.relowner = r.oid AND c.relkind IN ('r', 'p'))"
            " FROM pg_roles r WHERE r.rolname = session_user"
        )
        name, *flags = cursor.fetchone()
    words = ("is a superuser", "bypasses row-level security", "may create roles", "owns tables")
    return [f"{name} {word}" for word, wrong in zip(words, flags, strict=True) if wrong]


def _refuse_serving_role() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_database_privilege(current_database(), 'CREATE')")
        if not cursor.fetchone()[0]:
            raise ProgrammingMistake("migrations run as the owner: set ONEGRID_DB_ROLE=owner")


@contextmanager
def _inside(name: str) -> Iterator[None]:
    """The owner's session inside one schema. Session-wide, because `migrate` also works between transactions."""
    statement = "SELECT set_config('search_path', %s, false), set_config('onegrid.scope', %s, false)"
    token = _current.set(Standing(name, ROOT, reason="migrate"))
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement, [f'"{name}"', ROOT])
        yield
    finally:
        _current.reset(token)
        with connection.cursor() as cursor:
            cursor.execute(statement, ["public", ""])
