"""A backup is one folder: a dump of the database, the photos, and a list of what is in it with checksums.

manifest.json   when, by which version, each file's size and SHA-256, row counts per table
database.dump   pg_dump's custom format, read by the backup role in one snapshot
files/          photos
keys/           the key ring: without it personal fields cannot be opened. Keep the whole folder secret.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from onegrid import __version__
from onegrid.foundation.database.roles import BACKUP
from onegrid.shell.cli.say import Trouble
from onegrid.shell.engine.binaries import Binaries

MANIFEST = "manifest.json"
DUMP = "database.dump"
FOLDERS = ("files", "keys")


def connection_string(url: str, user: str) -> str:
    """The libpq string for a role of the server that DATABASE_URL names."""
    parts = urlsplit(url)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    host = query.pop("host", None) or parts.hostname or ""
    password = os.environ.get("ONEGRID_BACKUP_PASSWORD") or parts.password or None
    given: dict[str, Any] = {"host": host, "port": parts.port, "password": password, **query}
    return make_conninfo(dbname=parts.path.lstrip("/"), user=user, **{k: v for k, v in given.items() if v})


def write(target: Path, data: Path, url: str, programs: Binaries, report: Callable[[str], None]) -> dict[str, Any]:
    """Write a backup into a new folder; it appears under its name only when it is whole."""
    if target.exists():
        raise Trouble(f"{target} exists already; name a folder that does not")
    building = target.with_name(f".{target.name}.unfinished")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True, mode=0o700)
    dsn = connection_string(url, BACKUP)
    report("dumping the database")
    with psycopg.connect(dsn) as connection:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        snapshot = _one(connection, "SELECT pg_export_snapshot()")
        counts = row_counts(connection)
        _run([programs.path("pg_dump"), "-Fc", f"--snapshot={snapshot}", "-f", str(building / DUMP), "-d", dsn])
    for name in FOLDERS:
        if (data / name).is_dir():
            report(f"copying {name}")
            shutil.copytree(data / name, building / name)
    manifest = {
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "version": __version__,
        "postgres": programs.major,
        "rows": counts,
        "files": {str(path.relative_to(building)): _checksum(path) for path in _files(building)},
    }
    (building / MANIFEST).write_text(json.dumps(manifest, indent=1))
    building.rename(target)
    return manifest


def verify(source: Path) -> dict[str, Any]:
    """Read the manifest and compare every file with it. Raises :class:`Trouble` naming what differs."""
    try:
        manifest: dict[str, Any] = json.loads((source / MANIFEST).read_text())
    except (OSError, ValueError) as error:
        raise Trouble(f"{source} is not a backup: {error}") from error
    for name, checksum in manifest["files"].items():
        path = source / name
        if not path.is_file():
            raise Trouble(f"the backup is damaged: {name} is missing")
        if _checksum(path) != checksum:
            raise Trouble(f"the backup is damaged: {name} has changed since it was written")
    return manifest


def read(source: Path, data: Path, superuser: str, database: str, programs: Binaries) -> None:
    """Put a verified backup into an empty data folder and a fresh database, then compare every table's row count."""
    manifest = verify(source)
    dsn = make_conninfo(superuser, dbname=database)
    with psycopg.connect(dsn) as connection:
        if _one(connection, "SELECT count(*) FROM public.onegrid_locality"):
            raise Trouble("the database already carries localities; restore into a new data folder")
        connection.execute("DROP TABLE public.onegrid_locality")
    command = [programs.path("pg_restore"), "--exit-on-error", "--single-transaction", "-d", dsn, str(source / DUMP)]
    _run([*command[:-1], "--use-set-session-authorization", command[-1]])
    for name in FOLDERS:
        if (source / name).is_dir():
            shutil.copytree(source / name, data / name, dirs_exist_ok=True)
    with psycopg.connect(dsn) as connection:
        counts = row_counts(connection)
    wrong = sorted(name for name in {*counts, *manifest["rows"]} if counts.get(name) != manifest["rows"].get(name))
    if wrong:
        raise Trouble(f"restored, but these tables differ from the backup: {', '.join(wrong)}")


def row_counts(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """Rows of every table in every schema of ours."""
    tables = connection.execute(
        "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        " ORDER BY 1, 2"
    ).fetchall()
    return {
        f"{schema}.{name}": int(
            _one(connection, sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, name)))
        )
        for schema, name in tables
    }


def _one(connection: psycopg.Connection[Any], statement: Any) -> Any:
    row = connection.execute(statement).fetchone()
    return row[0] if row else None


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Trouble(f"{Path(command[0]).name} failed: {done.stderr.strip()[-2000:]}")


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _checksum(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
