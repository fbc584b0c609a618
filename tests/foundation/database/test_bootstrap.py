"""Start-up: which role may serve, what migrations are missing, which localities there are."""

from __future__ import annotations

import os

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection
from psycopg.conninfo import make_conninfo

from onegrid.foundation.database import localities
from onegrid.foundation.database.bootstrap import (
    bootstrap,
    create_locality,
    migrate_locality,
    pending_migrations,
    role_faults,
)
from onegrid.foundation.kernel.errors import ProgrammingMistake

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_app_role_may_serve() -> None:
    assert role_faults() == []


@pytest.mark.parametrize(("user", "fault"), [("postgres", "is a superuser"), ("onegrid_owner", "owns tables")])
def test_stronger_roles_may_not(user: str, fault: str) -> None:
    connection.close()
    connection.settings_dict["USER"] = user
    try:
        assert any(found.endswith(fault) for found in role_faults())
    finally:
        connection.close()
        connection.settings_dict["USER"] = "onegrid_app"


def test_the_app_cannot_migrate_or_make_localities() -> None:
    with pytest.raises(ProgrammingMistake, match="ONEGRID_DB_ROLE=owner"):
        migrate_locality("testland")
    with pytest.raises(DatabaseError):
        create_locality("newland", "新县", "New County")


def test_nothing_is_pending_in_a_migrated_locality() -> None:
    assert pending_migrations("testland") == []


def test_models_and_migrations_agree() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize("name", ["public", "pg_x", "Minhou", "a-b", "", "information_schema", 'x"; DROP'])
def test_bad_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be the name"):
        create_locality(name, "", "")


def test_bootstrap_may_be_repeated() -> None:
    database = str(settings.DATABASES["default"]["NAME"])
    bootstrap(os.environ["ONEGRID_TEST_DSN"], database)
    assert role_faults() == []


def test_localities_are_found_by_name_and_host() -> None:
    localities.forget()
    assert [row.name for row in localities.all_localities()] == ["testland", "otherland"]
    assert localities.find("testland") is not None
    assert localities.find("nowhere") is None
    assert localities.by_host("anything:80") is None
    dsn = make_conninfo(os.environ["ONEGRID_TEST_DSN"], dbname=str(settings.DATABASES["default"]["NAME"]))
    with psycopg.connect(dsn) as admin:
        admin.execute("UPDATE public.onegrid_locality SET host = 'grid.example' WHERE name = 'otherland'")
    localities.refresh()
    found = localities.by_host("Grid.Example:443")
    assert found is not None
    assert found.name == "otherland"
