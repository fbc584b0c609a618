"""What all tests share: a database of their own, a locality, somebody to act as."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import TransactionTestCase

sys.path.insert(0, str(Path(__file__).parent))

from support.cluster import LOCALITIES, Cluster, copy_database
from support.people import ActingAs, Api
from support.planted import begin_anew

from onegrid.foundation.database import fields, localities

DSN, SOCKET, DATA = "ONEGRID_TEST_DSN", "ONEGRID_TEST_SOCKET", "ONEGRID_TEST_DATA"
_clusters: list[Cluster] = []


def pytest_configure(config: pytest.Config) -> None:
    """With several workers the first process keeps the server for all of them; else it starts when a test needs it."""
    if not hasattr(config, "workerinput") and config.getoption("numprocesses", None):
        _start()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what this process started."""
    while _clusters:
        connections.close_all()
        _clusters.pop().stop()
        for name in (DSN, SOCKET, DATA):
            os.environ.pop(name, None)


def _start() -> None:
    cluster = Cluster()
    _clusters.append(cluster)
    os.environ |= {DSN: cluster.dsn, SOCKET: cluster.socket, DATA: str(cluster.data)}


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """Nothing: our database is made below."""


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_db_blocker: Any) -> Iterator[None]:
    """Copy the template for this worker and point Django at it, as the app role."""
    if DSN not in os.environ:
        _start()
    name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
    copy_database(os.environ[DSN], name)
    settings.ONEGRID_DATA = Path(os.environ[DATA])
    # The cheapest argon2 there is: tests sign in thousands of times.
    settings.PASSWORD_HASHERS = ["support.staff.CheapArgon2"]
    settings.ONEGRID_FILES = settings.ONEGRID_DATA / "files"
    settings.DATABASES["default"].update(HOST=os.environ[SOCKET], NAME=name, USER="onegrid_app", PORT="", PASSWORD="")
    with django_db_blocker.unblock():
        connections["default"].settings_dict.update(settings.DATABASES["default"])
        connections["default"].close()
        fields.ring.cache_clear()
        localities.forget()
        yield
        connections.close_all()


def _copy_again(case: TransactionTestCase) -> None:
    """Instead of TRUNCATE, which only the owner may: a fresh copy of the template."""
    connections.close_all()
    copy_database(os.environ[DSN], settings.DATABASES["default"]["NAME"])
    localities.forget()
    begin_anew()


TransactionTestCase._fixture_teardown = _copy_again  # type: ignore[method-assign]


@pytest.fixture
def locality(db: None) -> str:
    """An empty locality: all tables, no rows."""
    return LOCALITIES[0]


@pytest.fixture
def other_locality(db: None) -> str:
    """Another one on the same server."""
    return LOCALITIES[1]


@pytest.fixture
def acting_as(locality: str) -> ActingAs:
    """A standing for a block: `with acting_as("r.1."): ...`."""
    return ActingAs(locality)


@pytest.fixture
def api(locality: str) -> Api:
    """The locality's API, not signed in."""
    return Api(locality)
