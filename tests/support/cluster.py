"""A PostgreSQL for the tests: a template cluster kept per hash of the migrations, copied for each run.

The owner builds the template once; tests then connect as the app role, to a database copied from it, so what the app
may not do fails in tests as it would in service. A database is copied again after a test that committed.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from onegrid.foundation.database.bootstrap import bootstrap
from onegrid.shell.engine import Engine

TEMPLATE = "onegrid_template"
LOCALITIES = ("testland", "otherland")
REPOSITORY = Path(__file__).resolve().parents[2]
SOURCE = REPOSITORY / "src" / "onegrid"
BUILD = """
import django
django.setup()
from onegrid.foundation.database.bootstrap import create_locality
for place, name in enumerate({names!r}):
    create_locality(name, "试点县", name.title(), ordinal=place)
"""


def template_hash() -> str:
    """Changes when a migration or anything about roles and policies does."""
    patterns = ("**/migrations/*.py", "foundation/database/**/*.py", "*/*/apps.py", "*/apps.py")
    files = [file for pattern in patterns for file in SOURCE.glob(pattern)]
    digest = hashlib.sha256(repr(LOCALITIES).encode())
    for file in sorted(files):
        digest.update(str(file.relative_to(SOURCE)).encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def template_folder() -> Path:
    """The data folder of the built template cluster; builds it under a lock when it is not there."""
    shelf = Path(tempfile.gettempdir()) / f"onegrid-test-{os.geteuid()}"
    shelf.mkdir(mode=0o711, exist_ok=True)
    ready = shelf / template_hash()
    with locked(shelf / "lock"):
        if not ready.exists():
            building = Path(tempfile.mkdtemp(prefix="building-", dir=shelf))
            building.chmod(0o711)
            try:
                build(building)
                building.rename(ready)
            except BaseException:
                shutil.rmtree(building, ignore_errors=True)
                raise
            for old in sorted(shelf.glob("????????????????"), key=lambda path: path.stat().st_mtime)[:-4]:
                shutil.rmtree(old, ignore_errors=True)
    return ready


def build(data: Path) -> None:
    """Make a cluster with the template database, all localities migrated."""
    with Engine(data) as engine:
        bootstrap(engine.superuser_dsn(), TEMPLATE)
        env = os.environ | {
            "ONEGRID_DATA": str(data),
            "ONEGRID_DB_ROLE": "owner",
            "DATABASE_URL": f"postgresql:///{TEMPLATE}?host={engine.socket_dir}",
            "DJANGO_SETTINGS_MODULE": "onegrid.shell.config.settings",
        }
        code = BUILD.format(names=LOCALITIES)
        done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"the template database could not be built:\n{done.stderr[-4000:]}")


class Cluster:
    """A running copy of the template cluster."""

    def __init__(self) -> None:
        self.data = Path(tempfile.mkdtemp(prefix="onegrid-run-"))
        self.data.chmod(0o711)
        shutil.rmtree(self.data)
        subprocess.run(["cp", "-a", str(template_folder()), str(self.data)], check=True)
        self.engine = Engine(self.data, settings={"fsync": "off", "full_page_writes": "off"})
        self.engine.start()
        self.dsn = self.engine.superuser_dsn()
        self.socket = str(self.engine.socket_dir)

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        self.engine.stop()
        shutil.rmtree(self.data, ignore_errors=True)


def copy_database(dsn: str, name: str) -> None:
    """A fresh database `name` from the template; what was there before is dropped."""
    with psycopg.connect(dsn, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy OWNER onegrid_owner").format(
                sql.Identifier(name), sql.Identifier(TEMPLATE)
            )
        )
        roles = sql.SQL("onegrid_owner, onegrid_app, onegrid_backup")
        server.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(name), roles))


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process at a time."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
