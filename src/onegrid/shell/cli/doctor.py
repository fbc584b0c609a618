"""``onegrid doctor``: what is wrong with this machine, and how to mend it."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import socket
import urllib.parse
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import chinese_calendar
import psycopg

from onegrid.shell.cli.say import table
from onegrid.shell.config import environment
from onegrid.shell.engine import EngineError
from onegrid.shell.engine.account import engine_account
from onegrid.shell.engine.binaries import find_binaries
from onegrid.shell.engine.folder import socket_folder

GIGABYTE = 1_000_000_000
LEAST_DISK = 2 * GIGABYTE
LEAST_MEMORY = 2 * GIGABYTE


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. ``fix`` is empty when all is well."""

    what: str
    ok: bool
    found: str
    fix: str = ""


def run(arguments: argparse.Namespace) -> int:
    """Look at everything; exit code 1 when something needs mending."""
    data = environment.read().data
    findings = [check(arguments, data) for check in CHECKS]
    if arguments.json:
        print(json.dumps({"ok": all(one.ok for one in findings), "findings": [asdict(one) for one in findings]}))
    else:
        rows = [["ok" if one.ok else "MEND", one.what, one.found] for one in findings]
        print(table(["", "what", "found"], rows))
        for one in findings:
            if one.fix:
                print(f"\n{one.what}: {one.fix}")
    return 0 if all(one.ok for one in findings) else 1


def machine(_arguments: argparse.Namespace, _data: Path) -> Finding:
    """Python and the kind of machine."""
    found = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    known = platform.system() in {"Linux", "Darwin"}
    return Finding("machine", known, found, "" if known else "OneGrid runs on Linux and macOS")


def memory(_arguments: argparse.Namespace, _data: Path) -> Finding:
    """Enough memory."""
    try:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return Finding("memory", True, "unknown")
    fix = "" if size >= LEAST_MEMORY else "2 GB is the least for a small county"
    return Finding("memory", not fix, f"{size / GIGABYTE:.1f} GB", fix)


def disk(_arguments: argparse.Namespace, data: Path) -> Finding:
    """Room for the database and photos."""
    place = next(folder for folder in (data, *data.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    fix = "" if free >= LEAST_DISK else f"free some space on the disk of {place}, or name another folder with --data"
    return Finding("free disk", not fix, f"{free / GIGABYTE:.1f} GB at {place}", fix)


def database(_arguments: argparse.Namespace, data: Path) -> Finding:
    """A server that answers, or programs to start one."""
    url = os.environ.get("DATABASE_URL", "")
    if url:
        return _given_server(url)
    try:
        programs = find_binaries(engine_account())
    except EngineError as error:
        return Finding("database", False, "no PostgreSQL", str(error))
    found = f"PostgreSQL {programs.major} ({programs.origin})"
    try:
        dsn = f"host='{socket_folder(data)}' user=postgres dbname=postgres"
        with psycopg.connect(dsn, connect_timeout=3) as connection:
            row = connection.execute("select count(*) from pg_stat_activity where datname is not null").fetchone()
    except psycopg.Error:
        version = data / "engine" / "pg" / "PG_VERSION"
        state = "not running" if (data / "engine").exists() else "not made yet"
        if version.exists() and version.read_text().strip() != str(programs.major):
            return Finding(
                "database", False, found, "the data was written by another major version: backup and restore"
            )
        return Finding("database", True, f"{found}, {state}")
    return Finding("database", True, f"{found}, running, {row[0] if row else 0} connections")


def _given_server(url: str) -> Finding:
    parts = urllib.parse.urlsplit(url)
    shown = f"{parts.hostname or 'socket'}{parts.path}"
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            version = connection.info.server_version // 10000
    except psycopg.Error as error:
        fix = f"check DATABASE_URL and the server's log ({str(error).strip().splitlines()[-1]})"
        return Finding("database", False, shown, fix)
    fix = "" if version >= 16 else "OneGrid needs PostgreSQL 16 or newer"
    return Finding("database", not fix, f"PostgreSQL {version} at {shown}", fix)


def ports(arguments: argparse.Namespace, _data: Path) -> Finding:
    """The web's port and the feed's."""
    taken = []
    for port in (arguments.port, arguments.port + 1):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                taken.append(str(port))
    both = f"{arguments.port}, {arguments.port + 1}"
    if taken:
        return Finding(
            "ports", False, f"in use: {', '.join(taken)}", "stop what uses them, or choose others with --port"
        )
    return Finding("ports", True, f"{both} free")


def calendar(_arguments: argparse.Namespace, _data: Path) -> Finding:
    """The official work calendar of this year and, towards its end, of the next."""
    now = datetime.now(UTC)
    last = max(chinese_calendar.constants.holidays).year
    wanted = now.year + (1 if (now.month, now.day) >= (12, 1) else 0)
    fix = (
        "" if last >= wanted else f"the calendar of {wanted} is missing: update OneGrid, or enter the year in the table"
    )
    return Finding("work calendar", not fix, f"known up to {last}", fix)


def pages(_arguments: argparse.Namespace, _data: Path) -> Finding:
    """The built pages of the three faces."""
    folder = Path(__file__).resolve().parents[1] / "pages"
    missing = [face for face in ("desk", "worker", "resident") if not (folder / face / "index.html").is_file()]
    fix = "run ./run demo or ./run serve once from the checkout; it builds them" if missing else ""
    return Finding("pages", not missing, f"missing: {', '.join(missing)}" if missing else "built", fix)


CHECKS: tuple[Callable[[argparse.Namespace, Path], Finding], ...] = (
    machine,
    memory,
    disk,
    database,
    ports,
    calendar,
    pages,
)
