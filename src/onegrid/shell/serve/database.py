"""Which database a command works on: somebody's server, the running engine, or an engine started for the moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from onegrid.shell.cli.say import Trouble
from onegrid.shell.config import environment
from onegrid.shell.engine import Engine, EngineBusy
from onegrid.shell.engine.account import dies_with_parent, engine_account
from onegrid.shell.engine.binaries import Binaries, find_binaries
from onegrid.shell.engine.cluster import SUPERUSER
from onegrid.shell.engine.folder import socket_folder


@dataclass(frozen=True)
class Reachable:
    """A database one can connect to. ``engine`` is set when we started it ourselves."""

    url: str
    superuser: str | None
    engine: Engine | None

    def environment(self, role: str, data: Path) -> dict[str, str]:
        """Variables for a child process that works on it in this role."""
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "onegrid.shell.config.settings",
            "ONEGRID_DATA": str(data),
            "DATABASE_URL": self.url,
            "ONEGRID_DB_ROLE": role,
            "PYTHONUNBUFFERED": "1",
        }


def embedded_url(data: Path) -> str:
    """The address of the engine of this data folder."""
    return f"postgresql:///{environment.DATABASE_NAME}?host={quote(str(socket_folder(data)), safe='')}"


def superuser_dsn(data: Path) -> str:
    """How to reach the engine of this data folder as its superuser."""
    return f"host='{socket_folder(data)}' user='{SUPERUSER}' dbname='postgres'"


@contextmanager
def reachable(data: Path, report: Callable[[str], None]) -> Iterator[Reachable]:
    """Yield a database to work on; an engine that was started for it is stopped afterwards."""
    given = os.environ.get("DATABASE_URL")
    if given:
        yield Reachable(given, None, None)
        return
    engine = Engine(data, report=report)
    try:
        engine.start()
    except EngineBusy:
        # Somebody serves from this folder right now; its engine is as good as one of our own.
        yield Reachable(embedded_url(data), superuser_dsn(data), None)
        return
    try:
        yield Reachable(embedded_url(data), engine.superuser_dsn(), engine)
    finally:
        engine.stop()


def run_step(database: Reachable, data: Path, role: str, words: list[str], *, capture: bool = False) -> str:
    """Run one ``onegrid`` command in a process of its own in this role; its stdout when ``capture``.

    Raises :class:`Trouble` when it fails.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "onegrid.shell.cli.main", *words],
        env=database.environment(role, data),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if capture else sys.stderr,
        text=True,
        preexec_fn=dies_with_parent(signal.SIGTERM),  # noqa: PLW1509
    )
    try:
        said, _ = process.communicate()
    except BaseException:
        process.terminate()
        process.wait(30)
        raise
    if process.returncode != 0:
        raise Trouble(f"`onegrid {' '.join(words[:3])}` failed (exit code {process.returncode}); see its words above")
    return said or ""


def programs() -> Binaries:
    """The PostgreSQL programs (pg_dump, pg_restore) of this machine."""
    return find_binaries(engine_account())
